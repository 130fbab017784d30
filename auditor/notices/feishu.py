"""飞书 group robot, with 签名校验: `timestamp` (seconds, as text) and `sign` in the body.

sign = base64 of HMAC-SHA256 whose *key* is `timestamp` + newline + secret, over an empty text. The moment may be off
by an hour. The answer is JSON with `code` 0. A body may be 20 KB.
Source: Feishu open platform, 自定义机器人使用指南, https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from auditor.notices.http import post_to_robot
from auditor.notices.message import Channel, Message, cut_to_bytes
from auditor.settings import Settings

MAX_BYTES = 18_000


def send(message: Message, settings: Settings) -> None:
    """Post the message as text. Raises `NotDelivered`."""
    secret = settings.text("feishu_secret")
    body = body_of(message)
    if secret:
        moment = str(round(time.time()))
        body = {"timestamp": moment, "sign": signature(secret, moment), **body}
    post_to_robot(settings.text("feishu_url"), body, "code")


def body_of(message: Message) -> dict[str, object]:
    """Return the message in the form of the robot."""
    return {"msg_type": "text", "content": {"text": cut_to_bytes(message.text, MAX_BYTES)}}


def signature(secret: str, moment: str) -> str:
    """Return the sign."""
    mac = hmac.new(f"{moment}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(mac.digest()).decode("ascii")


FEISHU = Channel("feishu", lambda settings: bool(settings.text("feishu_url")), send, tells_repetitions=False)

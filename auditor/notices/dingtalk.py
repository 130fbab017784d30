"""钉钉 group robot, with 加签: `timestamp` (milliseconds) and `sign` as query parameters beside `access_token`.

sign = URL-encoded base64 of HMAC-SHA256, key the secret, text `timestamp` + newline + secret. The moment may be off by
an hour. The answer is JSON with `errcode` 0. At most 20 messages a minute a robot.
Source: DingTalk open platform, 自定义机器人安全设置, https://open.dingtalk.com/document/robots/customize-robot-security-settings
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import quote_plus

from auditor.notices.http import post_to_robot
from auditor.notices.message import Channel, Message, cut_to_bytes
from auditor.settings import Settings

MAX_BYTES = 18_000
"""Of the text: the robot takes bodies up to 20,000 bytes."""


def send(message: Message, settings: Settings) -> None:
    """Post the message as text. Raises `NotDelivered`."""
    url, secret = settings.text("dingtalk_url"), settings.text("dingtalk_secret")
    if secret:
        moment = str(round(time.time() * 1000))
        url = f"{url}&timestamp={moment}&sign={quote_plus(signature(secret, moment))}"
    post_to_robot(url, body_of(message), "errcode")


def body_of(message: Message) -> dict[str, object]:
    """Return the message in the form of the robot."""
    return {"msgtype": "text", "text": {"content": cut_to_bytes(message.text, MAX_BYTES)}}


def signature(secret: str, moment: str) -> str:
    """Return the sign before it is URL-encoded."""
    mac = hmac.new(secret.encode("utf-8"), f"{moment}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode("ascii")


DINGTALK = Channel("dingtalk", lambda settings: bool(settings.text("dingtalk_url")), send, tells_repetitions=False)

"""企业微信 group robot. It has no signature: the `key` in the address is the secret, so the address is kept like one.

A text holds at most 2,048 bytes of UTF-8; the answer is JSON with `errcode` 0; at most 20 messages a minute a robot.
Source: WeCom developer centre, 群机器人配置说明, https://developer.work.weixin.qq.com/document/path/91770
"""

from __future__ import annotations

from auditor.notices.http import post_to_robot
from auditor.notices.message import Channel, Message, cut_to_bytes
from auditor.settings import Settings

MAX_BYTES = 2_048


def send(message: Message, settings: Settings) -> None:
    """Post the message as text. Raises `NotDelivered`."""
    post_to_robot(settings.text("wecom_url"), body_of(message), "errcode")


def body_of(message: Message) -> dict[str, object]:
    """Return the message in the form of the robot."""
    return {"msgtype": "text", "text": {"content": cut_to_bytes(message.text, MAX_BYTES)}}


WECOM = Channel("wecom", lambda settings: bool(settings.text("wecom_url")), send, tells_repetitions=False)

"""The checker of the tier above: a signed file of figures goes there by HTTPS. It carries no message to anybody.

The receiver knows a file by its digest, so the same file may come again; its answer names the digest that it keeps.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from auditor.errors import WrongUsage, both
from auditor.notices.http import post
from auditor.notices.message import Channel, Message, NotDelivered
from auditor.proof.digest import sha256_hex
from auditor.settings import Settings

NAME = "tier_above"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_address(url: str, told_by: str) -> None:
    """Raise `WrongUsage` unless an address is one of HTTPS, or of this host. `told_by`: the option or setting."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK)):
        raise WrongUsage(f"{told_by} {url}: {both('应为 https 地址', 'expected an https address')}")


def post_to(url: str, what: str, body: bytes) -> bytes:
    """Post to the interface of a checker above and return its answer. Raises `NotDelivered`, with its reason."""
    address = f"{url.rstrip('/')}/api/v1/{what}"
    return post(address, body, {"Content-Type": "application/json"}, reason_in="error")


def send(message: Message, settings: Settings) -> None:
    """Post the file of a message. Raises `NotDelivered`."""
    url = settings.text("submission_url")
    try:
        check_address(url, "submission_url")
    except WrongUsage as error:
        raise NotDelivered(str(error)) from error
    (_, data), *_ = message.files
    told = post_to(url, "hand-ins", data)
    try:
        kept = json.loads(told)["document"]
    except (ValueError, KeyError, TypeError):
        kept = None
    if kept != sha256_hex(data):
        raise NotDelivered(both("上级没有答复所收文件的校验值", "the tier above did not name the digest of the file"))


def _is_named(settings: Settings) -> bool:
    return bool(settings.text("submission_url"))


TIER_ABOVE = Channel(NAME, _is_named, send, tells_repetitions=True)

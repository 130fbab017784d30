"""Webhook: one JSON document by POST, signed with HMAC-SHA256 so that the receiver knows the sender and the moment.

Headers: `X-Zhengban-Message` the id (also as `Idempotency-Key`), `X-Zhengban-Time` seconds since 1970,
`X-Zhengban-Signature` `sha256=` and the HMAC, in hexadecimal, of time, a point and the body, by the shared secret. A
receiver refuses a time that is off by minutes, and takes an id once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from typing import Any

from auditor.errors import both
from auditor.notices.message import Channel, Message, NotDelivered
from auditor.settings import Settings

TIMEOUT_SECONDS = 20
MAX_ANSWER_BYTES = 65_536
NOT_AGAIN = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
"""Answers that the same message would get again."""


def send(message: Message, settings: Settings) -> None:
    """Post the message. Raises `NotDelivered`."""
    body = json.dumps(
        {
            "message": message.id,
            "made_at": message.made_at,
            "subject": message.subject,
            "lines": list(message.lines),
            "files": [{"name": name, "content": b64encode(data).decode("ascii")} for name, data in message.files],
        },
        ensure_ascii=False,
    ).encode("utf-8")
    moment = str(int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": message.id,
        "X-Zhengban-Message": message.id,
        "X-Zhengban-Time": moment,
        "X-Zhengban-Signature": signature(settings.text("webhook_secret"), moment, body),
    }
    post(settings.text("webhook_url"), body, headers)


def signature(secret: str, moment: str, body: bytes) -> str:
    """Return what stands in `X-Zhengban-Signature`."""
    mac = hmac.new(secret.encode("utf-8"), moment.encode("ascii") + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


def post(url: str, body: bytes, headers: dict[str, str], *, reason_in: str | None = None) -> bytes:
    """Post a body and return the answer's. No redirect is followed. Raises `NotDelivered` for any answer but 2xx.

    The address may hold a secret, so a fault names the host alone. `reason_in`: under which name of a JSON answer the
    receiver says why it does not take it.
    """
    import requests

    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
        )
        with answer:
            told = answer.raw.read(MAX_ANSWER_BYTES, decode_content=True)
    except (requests.RequestException, OSError, ValueError) as error:
        raise NotDelivered(f"{_host(url)}: {_why(error)}") from error
    if not 200 <= answer.status_code < 300:
        why = _reason(told, reason_in) if reason_in is not None else ""
        raise NotDelivered(f"{_host(url)}: HTTP {answer.status_code}{why}", for_good=answer.status_code in NOT_AGAIN)
    return bytes(told)


def post_to_robot(url: str, body: dict[str, Any], code: str) -> None:
    """Post to a chat robot, whose answer says under `code` whether it took the message: 0 = yes. Raises
    `NotDelivered`."""
    data = json.dumps(body, ensure_ascii=False).encode("utf-8")
    told = post(url, data, {"Content-Type": "application/json; charset=utf-8"})
    try:
        answer = json.loads(told)
        found = answer[code]
    except (ValueError, KeyError, TypeError) as error:
        raise NotDelivered(f"{_host(url)}: 答复无法识别 / an answer that says nothing") from error
    if found != 0:
        why = str(answer.get("errmsg") or answer.get("msg") or "")[:200]
        raise NotDelivered(f"{_host(url)}: {code} {found} {why}")


def _reason(answer: bytes, name: str) -> str:
    try:
        told = json.loads(answer)[name]
    except (ValueError, KeyError, TypeError):
        return ""
    return f" {str(told)[:300]}"


def _why(error: Exception) -> str:
    from requests import ConnectionError as NoConnection
    from requests.exceptions import SSLError, Timeout

    kinds: tuple[tuple[type[Exception], str], ...] = (
        (SSLError, both("证书不可信或加密协商失败", "the certificate is not trusted, or no cipher in common")),
        (Timeout, both("超时", "timed out")),
        (NoConnection, both("连接不上", "no connection")),
    )
    told = next((text for kind, text in kinds if isinstance(error, kind)), "")
    return f"{told} ({type(error).__name__})".strip()


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or "?"


def _is_named(settings: Settings) -> bool:
    return bool(settings.text("webhook_url") and settings.text("webhook_secret"))


WEBHOOK = Channel("webhook", _is_named, send, tells_repetitions=True)

"""Signed files between checkers: a text, who signed it, and the signature over exactly that text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from auditor.errors import AuditorError, NotAuthentic, both
from auditor.proof.signing import SigningKey, verified
from auditor.proof.values import value_bytes, value_from
from auditor.store.handed_in import UnitKey

ALGORITHM = "ed25519"
MAX_BYTES = 64 * 1024 * 1024
KeyOf = Callable[[str], UnitKey | None]
"""Public key as base64 → whose it is."""


@dataclass(frozen=True)
class Signed:
    """One signed file. `body` is JSON as text, so that there is one way alone to write what is signed."""

    alg: str
    format: str
    body: str
    public_key: str
    signature: str


def sign(format: str, body: object, key: SigningKey) -> bytes:
    """Return the signed file of a value."""
    text = value_bytes(body).decode("utf-8")
    signature = key.sign(_message(format, text))
    return value_bytes(
        Signed(ALGORITHM, format, text, base64.b64encode(key.public).decode(), base64.b64encode(signature).decode())
    )


def opened(data: bytes, format: str, key_of: KeyOf) -> tuple[bytes, UnitKey]:
    """Return the body of a signed file, and whose key signed it.

    Raises `AuditorError` for what is no such file, `NotAuthentic` for an unknown or revoked key, or a signature that
    does not fit.
    """
    if len(data) > MAX_BYTES:
        raise AuditorError(both(f"应不超过 {MAX_BYTES >> 20} MB", f"expected at most {MAX_BYTES} bytes"))
    try:
        told = value_from(data, Signed)
        public, signature = (base64.b64decode(t, validate=True) for t in (told.public_key, told.signature))
    except (ValueError, binascii.Error) as error:
        raise AuditorError(f"{both('不是签名文件', 'no signed file')}: {error}") from error
    if told.alg != ALGORITHM or told.format != format:
        raise AuditorError(f"{both('应为', 'expected')} {format} ({ALGORITHM}), {told.format} ({told.alg})")
    key = key_of(told.public_key)
    if key is None:
        raise NotAuthentic(both("签名的公钥未登记", "signed by a key that is not registered"))
    if key.revoked_at is not None:
        zh, en = (
            f"单位 {key.unit} 的公钥已于 {key.revoked_at} 吊销",
            f"the key of {key.unit} was revoked at {key.revoked_at}",
        )
        raise NotAuthentic(both(zh, en))
    if not verified(public, signature, _message(told.format, told.body)):
        raise NotAuthentic(both("签名与内容不符，文件已被改动", "the signature does not fit: the file was changed"))
    return told.body.encode("utf-8"), key


def _message(format: str, text: str) -> bytes:
    return f"{format}\n{text}".encode()

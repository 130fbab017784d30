"""Second factor: time-based one-time passwords of RFC 6238 over HMAC-SHA1, as every authenticator programme reads them.

Six digits, steps of 30 seconds. A code of the step before or after is taken too, for clocks that differ; each step is
taken once (the caller keeps the last one).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote

SECRET_BYTES = 20
STEP_SECONDS = 30
DIGITS = 6


def new_secret() -> bytes:
    """Return a new secret of 160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """Return the secret as a person types it into a programme: base32 in groups of four."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def secret_address(secret: bytes, login: str, issuer: str) -> str:
    """Return the `otpauth:` address of the secret."""
    text = base64.b32encode(secret).decode("ascii").rstrip("=")
    label = f"{quote(issuer, safe='')}:{quote(login, safe='')}"
    return f"otpauth://totp/{label}?secret={text}&issuer={quote(issuer, safe='')}&digits={DIGITS}&period={STEP_SECONDS}"


def code_at(secret: bytes, step: int, *, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """Return the code of a step (RFC 4226 §5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), getattr(hashlib, algorithm)).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: bytes, code: str, now_seconds: float) -> int | None:
    """Return the step that the code is of, `None` when it is of none near now. Blanks in the code do not count."""
    given = "".join(code.split())
    if len(given) != DIGITS or not (given.isascii() and given.isdecimal()):
        return None
    here = int(now_seconds) // STEP_SECONDS
    found = None
    for step in (here - 1, here, here + 1):
        if step >= 0 and hmac.compare_digest(code_at(secret, step), given):
            found = step
    return found

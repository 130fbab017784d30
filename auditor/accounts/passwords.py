"""Passwords: kept as argon2id alone, judged before they are taken.

Parameters are those of RFC 9106 for memory-constrained systems (64 MiB, 3 passes), so that a guess costs an attacker
what it costs us. A password is compared in the form NFKC (RFC 8265 does so for the same reason): whichever input method
wrote it, it is the same password.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from auditor.errors import both

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST = 256
_MOST_AT_ONCE = threading.BoundedSemaphore(4)
"""Hashes worked out at the same time: 64 MiB each."""
_COMMON = ("password", "passw0rd", "administrator", "welcome1", "qwerty", "1qaz2wsx", "zhengban", "changeme", "letmein")


def password_faults(password: str, *, login: str, least: int) -> Sequence[str]:
    """Return why the password is not taken, in both languages; empty when it is good."""
    plain = unicodedata.normalize("NFKC", password)
    folded = plain.casefold()
    faults = []
    if not least <= len(plain) <= LONGEST:
        zh, en = f"口令应为 {least} 至 {LONGEST} 个字符", f"expected {least} to {LONGEST} signs"
        faults.append(both(zh, en))
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
        faults.append(both("口令不应含控制字符", "expected no control characters"))
    if _kinds(plain) < 3 and len(plain) < 20:
        zh = "口令应含大写字母、小写字母、数字、其他字符中的三类，或不少于 20 个字符"
        faults.append(both(zh, "expected three of upper case, lower case, digits and others, or 20 signs"))
    if login and login in folded:
        faults.append(both("口令不应含登录名", "expected the login not to be in it"))
    if len(set(folded)) < 5 or any(word in folded for word in _COMMON):
        faults.append(both("口令过于常见或简单", "too common or too simple"))
    return faults


def _kinds(password: str) -> int:
    """Return how many of the four kinds of signs there are; a sign without case is one of the others."""
    kinds = {
        "upper" if sign.isupper() else "lower" if sign.islower() else "digit" if sign.isdecimal() else "other"
        for sign in password
    }
    return len(kinds)


def hash_password(password: str) -> str:
    """Return the argon2id hash, with its parameters and salt in it."""
    with _MOST_AT_ONCE:
        return _hasher().hash(unicodedata.normalize("NFKC", password))


def fits(password: str, hashed: str | None) -> bool:
    """Return whether the password is the one of the hash; no hash costs the same time and never fits."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST * 4:
        return False
    with _MOST_AT_ONCE:
        try:
            good = _hasher().verify(hashed or _nobody(), unicodedata.normalize("NFKC", password))
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
    return good and hashed is not None


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, type=Type.ID)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has: for logins that are not there."""
    import secrets

    return _hasher().hash(secrets.token_hex(16))

"""Passwords: argon2id hashes of them, never the passwords themselves; of accounts and of other tools' agents alike.

Parameters are those of RFC 9106 for memory-constrained systems (64 MiB, 3 passes), so that a guess costs an attacker
what it costs us. A password is compared in the form NFKC (RFC 8265 does so for the same reason): whichever input method
wrote it, it is the same password.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST_PASSWORD = 256
_MOST_AT_ONCE = threading.BoundedSemaphore(4)
"""Hashes worked out at the same time: 64 MiB each."""


def normal_password(password: str) -> str:
    """Return the form of a password that is hashed and judged."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the argon2id hash, with its parameters and salt in it."""
    with _MOST_AT_ONCE:
        return _hasher().hash(normal_password(password))


def fits(password: str, hashed: str | None) -> bool:
    """Return whether the password is the one of the hash; no hash costs the same time and never fits."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST_PASSWORD * 4:
        return False
    with _MOST_AT_ONCE:
        try:
            good = _hasher().verify(hashed or _nobody(), normal_password(password))
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

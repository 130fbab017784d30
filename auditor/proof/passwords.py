"""Passwords: argon2id hashes of them, never the passwords themselves."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
LONGEST_PASSWORD = 1_000


def hash_password(password: str) -> str:
    """Return the hash that is kept, with its own salt and cost."""
    return _HASHER.hash(password)


def check_password(hashed: str, password: str) -> bool:
    """Tell whether a password is the one that was hashed; a hash that cannot be read fits none."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False

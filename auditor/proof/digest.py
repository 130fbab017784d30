"""Digests: the same value always gives the same bytes, and the same bytes the same name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

ALGORITHM = "sha256"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of_parts(parts: Iterable[bytes]) -> str:
    """Return SHA-256 in hexadecimal of a content that comes in parts."""
    sealed = hashlib.sha256()
    for part in parts:
        sealed.update(part)
    return sealed.hexdigest()


def canonical_json(value: object) -> bytes:
    """Return UTF-8 JSON with sorted keys and no blanks.

    Lone surrogates become U+FFFD. Raises `ValueError` for NaN and infinities, `TypeError` for what is not
    a dict, list, tuple, text, number, bool or `None`.
    """
    text = _encode(value)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def digest_of(value: object) -> str:
    """Return the digest of a value as canonical JSON."""
    return sha256_hex(canonical_json(value))

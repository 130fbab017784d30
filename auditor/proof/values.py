"""Frozen dataclasses ↔ canonical JSON: the same value always gives the same bytes, and comes back equal."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def value_bytes(value: object) -> bytes:
    """Return a value as canonical JSON: keys sorted, UTF-8, exact fractions as `n/d`, days as ISO text."""
    return msgspec.json.encode(value, enc_hook=_told, order="sorted")


def value_from(data: bytes, kind: type[T]) -> T:
    """Return the value of that type. Raises `msgspec.ValidationError` that names the faulty path."""
    return msgspec.json.decode(data, type=kind, dec_hook=_read, strict=False)


def plain_from(data: bytes) -> Any:
    """Return JSON as dicts, lists, texts and numbers. Raises `msgspec.DecodeError`."""
    return msgspec.json.decode(data)


def _told(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else str(value)
    raise TypeError(f"cannot write {type(value).__name__}")


def _read(kind: type, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise TypeError(f"cannot read {kind}")

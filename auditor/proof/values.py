"""Frozen dataclasses ↔ canonical JSON: the same value always gives the same bytes, and comes back equal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def value_bytes(value: object) -> bytes:
    """Return a value as canonical JSON: keys sorted, UTF-8, exact fractions as `n/d`, days as ISO text."""
    return msgspec.json.encode(value, enc_hook=_told, order="sorted")


def value_parts(value: Any, size: int = 5_000) -> Iterator[bytes]:
    """Yield a value as `value_bytes` writes it, in parts: its dataclasses, sequences and mappings piece by piece."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = sorted(field.name for field in dataclasses.fields(value))
        for number, name in enumerate(names):
            yield (b"{" if not number else b",") + value_bytes(name) + b":"
            yield from value_parts(getattr(value, name), size)
        yield b"}"
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) > size:
        yield from _in_parts(value, size, b"[", b"]")
    elif isinstance(value, dict) and len(value) > size:
        yield from _in_parts(sorted(value), size, b"{", b"}", of=value)
    else:
        yield value_bytes(value)


def sequence_parts(items: Iterable[Any], size: int = 5_000) -> Iterator[bytes]:
    """Yield what `value_bytes` writes of a list of items that are made one after the other."""
    parts = _in_parts(items, size, b"[", b"]")
    first = next(parts)
    yield b"[]" if first == b"]" else first
    yield from parts


def _in_parts(
    items: Iterable[Any], size: int, begin: bytes, end: bytes, of: Mapping[Any, Any] | None = None
) -> Iterator[bytes]:
    left, number = iter(items), 0
    while part := list(islice(left, size)):
        told = value_bytes(part if of is None else {name: of[name] for name in part})
        yield (b"," if number else begin) + told[1:-1]
        number += 1
    yield end


def value_from(data: bytes, kind: type[T]) -> T:
    """Return the value of that type. Raises `msgspec.ValidationError` that names the faulty path."""
    return msgspec.json.decode(data, type=kind, dec_hook=_read, strict=False)


def plain_from(data: bytes) -> Any:
    """Return JSON as dicts, lists, texts and numbers. Raises `msgspec.DecodeError`."""
    return msgspec.json.decode(data)


def _told(value: Any) -> str | tuple[Any, ...]:
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else str(value)
    if isinstance(value, Sequence):
        return tuple(value)
    raise TypeError(f"cannot write {type(value).__name__}")


def _read(kind: type, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise TypeError(f"cannot read {kind}")

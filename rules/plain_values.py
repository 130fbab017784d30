"""Dataclasses ↔ plain values."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """Dataclasses as lists of their fields in order, trailing defaults left out."""
    if is_dataclass(value) and not isinstance(value, type):
        found = [(getattr(value, field.name), field.default) for field in fields(value)]
        while found and found[-1][0] == found[-1][1]:
            found.pop()
        return [plain(item) for item, _ in found]
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def reader_of(wanted: Any) -> Callable[[Any], Any]:
    """Return the function that turns plain values into `wanted`."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _class_reader(wanted)
    if get_origin(wanted) in (Union, types.UnionType):
        inner = reader_of(next(choice for choice in get_args(wanted) if choice is not type(None)))
        return as_it_is if inner is as_it_is else lambda value: None if value is None else inner(value)
    if get_origin(wanted) is tuple:
        return _tuple_reader(get_args(wanted))
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return {member.value: member for member in wanted}.__getitem__
    return date.fromisoformat if wanted is date else as_it_is


def _class_reader(wanted: type) -> Callable[[Any], Any]:
    hints = get_type_hints(wanted)
    readers = [reader_of(hints[field.name]) for field in fields(wanted)]

    def read(items: list[Any]) -> Any:
        return wanted(*[reader(item) for reader, item in zip(readers, items, strict=False)])

    return read


def _tuple_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if inner[-1] is Ellipsis:
        item_reader = reader_of(inner[0])
        return lambda items: tuple(map(item_reader, items))
    readers = [reader_of(item) for item in inner]
    return lambda items: tuple(reader(item) for reader, item in zip(readers, items, strict=True))


def as_it_is(value: Any) -> Any:
    """Return the value: it is plain already."""
    return value

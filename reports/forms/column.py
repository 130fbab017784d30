"""A column of a form as data: heading, kind, width, merge. The order of a form's tuple is the order of its print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | None
"""What a cell may hold; `None` is an empty cell."""

TICK = "✓"
NOT_APPLICABLE = "--"
"""Stands in the merged columns 6–12 of OEM and free rows, and for 软件版本 of free ones."""


class Kind(StrEnum):
    """How the values of a column are written and aligned."""

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    MONEY = "money"
    DAY = "day"
    TICK = "tick"


@dataclass(frozen=True)
class Column:
    """One column. `width` in digits of the body font; a Chinese character takes two."""

    key: str
    zh: str
    en: str
    width: float
    kind: Kind = Kind.TEXT
    merge: int | None = None
    """Merged over the lines of its block: 0 the outermost block, 1 the block inside; `None`: one cell a line."""
    group_zh: str | None = None
    """Heading above this and its neighbours of the same group (two header rows)."""
    group_en: str | None = None
    internal: bool = False
    """Printed in the internal edition only; never part of the official form."""

    def heading(self, language: str) -> str:
        """The heading in the language of the print."""
        return self.zh if language == "zh_CN" else self.en

    def group(self, language: str) -> str | None:
        """The heading above the heading."""
        return self.group_zh if language == "zh_CN" else self.group_en


def printed(columns: tuple[Column, ...], edition: str) -> tuple[Column, ...]:
    """The columns of an edition, `official` or `internal`. Raises `ValueError` for another."""
    if edition not in {"official", "internal"}:
        raise ValueError(f"edition: expected official or internal, got {edition!r}")
    return columns if edition == "internal" else tuple(column for column in columns if not column.internal)


def position(columns: tuple[Column, ...], key: str) -> int:
    """Where a column stands, from 0. Raises `KeyError`."""
    for number, column in enumerate(columns):
        if column.key == key:
            return number
    raise KeyError(key)


def number_or_text(quantity: str | None) -> Value:
    """许可数量 as a number when it is one; 场地, 不限 as text."""
    return int(quantity) if quantity is not None and quantity.isascii() and quantity.isdigit() else quantity

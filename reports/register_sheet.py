"""The neutral layout of a working table: a register as people keep it, with lists to choose from and a page of help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.forms.column import Kind, Value


@dataclass(frozen=True)
class RegisterColumn:
    """One column. `width` in digits of the body font; a Chinese character takes two."""

    heading: str
    width: float
    kind: Kind = Kind.TEXT
    needed: bool = False
    choices: tuple[str, ...] = ()
    """The words that the column takes; the workbook offers them."""
    hint: str = ""
    """What to write; shown when the cell is chosen, and on the page of help."""
    example: str = ""


@dataclass(frozen=True)
class RegisterSheet:
    """One register as a table, ready to be edited and imported again."""

    title: str
    columns: tuple[RegisterColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    as_of: date
    language: str
    notes: tuple[str, ...] = ()
    """Lines above the table on the page of help."""
    spare_rows: int = 0
    """Empty rows that are made ready for typing."""

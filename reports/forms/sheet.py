"""The neutral layout of a printed form: what stands where, without a word on any file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import overload

from reports.forms.column import Column, Value


@dataclass(frozen=True)
class Box:
    """A cell of the block between the head line and the table, over the columns `first` … `last`."""

    row: int
    first: int
    last: int
    value: Value
    is_label: bool = False


@dataclass(frozen=True)
class Span:
    """Cells of the table's body that are one. Rows and columns count from 0; the first cell bears the value."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class FootLine:
    """One line under the table, over its whole width."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar of a chart of shares: its label with the figures, and the numbers it is drawn from."""

    label: str
    numerator: int
    denominator: int


class FlatRows(Sequence[tuple[Value, ...]]):
    """The rows of a long list without merges, made anew each time somebody goes through them and never held."""

    def __init__(self, count: int, made: Callable[[], Iterator[tuple[Value, ...]]]) -> None:
        self._count = count
        self._made = made

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        return self._made()

    @overload
    def __getitem__(self, at: int) -> tuple[Value, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[tuple[Value, ...], ...]: ...

    def __getitem__(self, at: int | slice) -> tuple[Value, ...] | tuple[tuple[Value, ...], ...]:
        """Rows by their place, found by going through those before them."""
        if isinstance(at, slice):
            return tuple(self._made())[at]
        return next(islice(self._made(), range(self._count)[at], None))


@dataclass(frozen=True)
class Sheet:
    """One sheet of paper work. It lies across unless `portrait`; the header rows repeat on each page."""

    name: str
    annex: str | None
    title: str
    head_line: str | None
    boxes: tuple[Box, ...]
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    spans: tuple[Span, ...]
    foot: tuple[FootLine, ...]
    text: tuple[str, ...] = ()
    """Paragraphs between the head line and the table."""
    has_table: bool = True
    """Without a table the columns are but the widths that boxes and lines stand on."""
    portrait: bool = False
    continues: bool = False
    """Follows the sheet before on the same page, as a section of one paper."""
    anchor: str | None = None
    """Name under which a link finds the sheet."""
    links: tuple[tuple[int, int, str], ...] = ()
    """Row and column of the body whose number has its rows under an anchor."""
    bars: tuple[Bar, ...] = ()
    is_series: bool = False
    """The bars are one measure over time: drawn as a line."""
    marks: tuple[tuple[int, str], ...] = ()
    """Rows of the body, from 0, that links lead to, with the anchors."""
    tail: tuple[Box, ...] = ()
    """Cells below the table, as those above it; rows count from 0."""
    together: bool = False
    """A small section of a form that is one page: it stands on one sheet with those around it."""
    on_screen: bool = False
    """For reading on screen and in tables; not printed on paper."""

    @property
    def paper(self) -> str:
        """A4 as long as the print stays readable, else A3."""
        return "A4" if sum(column.width for column in self.columns) <= 185 else "A3"


@dataclass(frozen=True)
class Book:
    """All sheets of one form."""

    title: str
    subject: str
    """Name of the unit."""
    page: str
    """Page number line, `&P` of `&N`."""
    foot_mark: str
    """Left of the page number: what ties a sheet of paper to its run."""
    as_of: date
    language: str
    sheets: tuple[Sheet, ...]


def spans_of_block(columns: Sequence[Column], level: int, first_row: int, lines: int) -> tuple[Span, ...]:
    """The vertical merges of one block for the columns of a merge level; none when it has one line."""
    if lines < 2:
        return ()
    last_row = first_row + lines - 1
    return tuple(
        Span(first_row, number, last_row, number) for number, column in enumerate(columns) if column.merge == level
    )

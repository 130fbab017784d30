"""The read-model of a paper in sections: the reports of a unit, and the forms whose layout is this program's own.

A section has facts (for its sentences), rows, fields and shares to draw; its headings and sentences are those of
`reports/forms/papers.py` and the texts. Counts, days and money keep their types; a word of a vocabulary is a `Code`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.model import Coverage, Facts, Head, Name, Proof


@dataclass(frozen=True)
class Code:
    """A word of a vocabulary of the texts, by its code."""

    table: str
    code: str


@dataclass(frozen=True)
class Share:
    """A numerator and its denominator, shown as per cent; nothing of nothing is no share."""

    numerator: int | Decimal
    denominator: int | Decimal


@dataclass(frozen=True)
class Link:
    """A number whose rows stand in another section of the paper, from the row marked `row` on."""

    value: int | str
    section: str
    row: str = ""


@dataclass(frozen=True)
class Told:
    """A finding in words: its sentence, or its `title`."""

    code: str
    facts: Facts
    part: str = "text"


Cell = str | int | Decimal | date | Name | Code | Share | Link | Told | None


@dataclass(frozen=True)
class Drawn:
    """One bar of a chart: how much of the whole. The bars of a chart have one meaning and one unit."""

    label: str | Name | Code
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Section:
    """One part of a paper. `fields`: key of a field of the layout → what is known of it."""

    key: str
    facts: Facts = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    fields: tuple[tuple[str, Cell], ...] = ()
    bars: tuple[Drawn, ...] = ()
    is_series: bool = False
    """The bars are one measure over time."""
    marks: tuple[tuple[int, str], ...] = ()
    """Rows, from 0, that links lead to, by their marks."""


@dataclass(frozen=True)
class Paper:
    """One paper of one legal entity, or of a group where `kind` says so."""

    kind: str
    head: Head
    sections: tuple[Section, ...]
    coverage: Coverage
    proof: Proof

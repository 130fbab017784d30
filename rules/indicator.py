"""Indicator: what an indicator file says of one sign of irregular activation. A sign is never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    """What a sign says on its own; whatever it is, the verdict stays 疑似 until a person confirms."""

    CONCLUSIVE = "conclusive"
    STRONG = "strong"
    HINT = "hint"


@dataclass(frozen=True)
class Wording:
    """One text in the two languages of every report."""

    zh: str
    en: str


@dataclass(frozen=True)
class SignPattern:
    """One thing to look for; exactly one of `title` and `program` is given."""

    title: str | None = None
    """RE2 pattern on the cleaned name of an installed title."""
    program: str | None = None
    """RE2 pattern on the file name of a running program."""
    matches: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One sign with its strength and its innocent readings; both reach the reader."""

    id: str
    title: Wording
    affects: tuple[str, ...]
    """Products whose copies on the machine are concerned: ids, or `publisher/*`; empty when the sign names none."""
    strength: Strength
    leftover: Strength
    """The strength when only a title is there and no program of it runs."""
    signs: tuple[SignPattern, ...]
    innocent_when: tuple[Wording, ...]
    source: str
    """The public source of the fact."""

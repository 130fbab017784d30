"""Indicator: what an indicator file says of one sign of irregular activation. A sign is never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rules.condition import Condition
from rules.fact import FactKind


class Strength(StrEnum):
    """What a sign says on its own; whatever it is, the verdict stays 疑似 until a person confirms."""

    CONCLUSIVE = "conclusive"
    STRONG = "strong"
    HINT = "hint"

    @property
    def weaker(self) -> Strength:
        """One step less; a hint stays a hint."""
        return {Strength.CONCLUSIVE: Strength.STRONG}.get(self, Strength.HINT)


class OrganisationFact(StrEnum):
    """Lists of the organisation that a sign is measured by; each is a setting of the checker."""

    APPROVED_KMS_HOSTS = "approved_kms_hosts"
    APPROVED_KEY_TAILS = "approved_key_tails"


@dataclass(frozen=True)
class Wording:
    """One text in the two languages of every report."""

    zh: str
    en: str


@dataclass(frozen=True)
class SignPattern:
    """One thing to look for: exactly one of `title`, `program` and `fact` is given."""

    title: str | None = None
    """RE2 pattern on the cleaned name of an installed title."""
    program: str | None = None
    """RE2 pattern on the file name of a running program."""
    matches: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    fact: FactKind | None = None
    """Kind of the fact that has to pass all of `where`."""
    where: tuple[Condition, ...] = ()
    strength: Strength | None = None
    """What this sign says, where it says less than its indicator."""
    runs: bool = False
    """The fact shows that the thing is at work, and not only left behind: a service, a task, an activation."""
    containing: str = ""
    """Of a file: the text that the agent looks for in it."""


@dataclass(frozen=True)
class Indicator:
    """One sign with its strength and its innocent readings; both reach the reader."""

    id: str
    title: Wording
    affects: tuple[str, ...]
    """Products whose copies on the machine are concerned: ids, or `publisher/*`; empty when the sign names none."""
    strength: Strength
    leftover: Strength
    """The strength when nothing of it runs: only a title or a file is there."""
    signs: tuple[SignPattern, ...]
    innocent_when: tuple[Wording, ...]
    source: str
    """The public source of the fact."""
    unless: tuple[OrganisationFact, ...] = ()
    """Lists of the organisation that the sign is measured by: while one is empty, the sign says one step less."""
    together: bool = False
    """The signs say something only when the machine shows every one of them."""
    rows: tuple[str, ...] = ()
    """Numbers of the rows of our list of known signs that it carries: `W15`."""

"""Picture: what the store believes to stand on one machine, and what one document shows of it.

A machine may carry several operating systems; each has scopes of its own, and a scan of one says nothing of
the others. `LAST_SCAN` in place of a day means the day of the document that the picture was made from, so
that a machine on which nothing changes keeps the same picture, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from agent.inventory.coverage import Outcome
from auditor.core.model import JournalKind, TitleId

LAST_SCAN = date.max
_MISSED = attrgetter("missed")


class Sighting(NamedTuple):
    """One title in one scope. `missed` counts the scans since it was last seen that might have shown it.

    A tuple, as is `Item`: a machine has hundreds, and each document makes all of them anew.
    """

    title: TitleId
    scope: str
    installed_on: date | None
    first_seen_on: date
    last_seen_on: date
    record: str
    missed: int = 0
    stale: bool = False


@dataclass(frozen=True)
class ScopePicture:
    """One scope of one system.

    `scanned_on`: day of its last account, whatever the outcome. `read_on`: last day on which it was read,
    wholly or in part. `opened`: its opening balance is in the journal. `held_since`: day of the scan whose
    large loss waits for a second one. `why`: what its last account says went wrong, `None` when nothing did.
    """

    source: str
    scope: str
    outcome: Outcome
    scanned_on: date
    read_on: date | None = None
    opened: bool = False
    held_since: date | None = None
    why: str | None = None


@dataclass(frozen=True)
class SystemPicture:
    """One operating system of a machine: its scopes in the order of their names, its sightings by scope, title."""

    key: str
    installation_id: str | None
    scanned_on: date
    scopes: tuple[ScopePicture, ...] = ()
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class Picture:
    """All systems of a machine, in the order of their keys; `current` is the one that was scanned last."""

    current: str
    systems: tuple[SystemPicture, ...]

    @property
    def held(self) -> bool:
        """Whether a loss waits for a second scan."""
        return any(scope.held_since for system in self.systems for scope in system.scopes)

    @property
    def settled(self) -> bool:
        """Whether the same content on a later day would leave this picture as it is."""
        waits = any(any(map(_MISSED, system.sightings)) for system in self.systems)
        return len(self.systems) == 1 and not self.held and not waits


@dataclass(frozen=True)
class ScopeSight:
    """How the scan of one scope went."""

    source: str
    scope: str
    outcome: Outcome
    why: str | None = None


class Item(NamedTuple):
    """One installed thing of the document; `record` is its place there."""

    title: TitleId
    scope: str
    installed_on: date | None
    record: str


@dataclass(frozen=True)
class Sight:
    """What one document shows of one system. `may_remove` is false for what somebody better believed outranks."""

    day: date
    system: str
    installation_id: str | None
    scopes: tuple[ScopeSight, ...]
    items: tuple[Item, ...]
    may_remove: bool = True
    supersedes: frozenset[str] = frozenset()
    """Sources of other tools that this document speaks in the place of: what only they saw grows old."""


@dataclass(frozen=True)
class Change:
    """One line for the journal, before it has a number."""

    kind: JournalKind
    title: TitleId
    previous_title: TitleId | None
    scope: str
    happened_after: date | None
    happened_on: date
    day_is_exact: bool


@dataclass(frozen=True)
class Opening:
    """期初登记 of one scope: every title in it with the source's own day of installation."""

    system: str
    scope: str
    titles: tuple[tuple[TitleId, date | None], ...]


def pinned(picture: Picture, day: date, document: str | None = None) -> Picture:
    """Return the picture with `day` in place of `LAST_SCAN`.

    With `document`, the digest behind the picture, a record says which document it is in: `<digest>#software[12]`.
    """
    return Picture(picture.current, tuple(_pinned_system(system, day, document) for system in picture.systems))


def _pinned_system(system: SystemPicture, day: date, document: str | None) -> SystemPicture:
    def pin(given: date) -> date:
        return day if given == LAST_SCAN else given

    def pin_sighting(sighting: Sighting) -> Sighting:
        if sighting.last_seen_on != LAST_SCAN:
            return sighting
        record = f"{document}#{sighting.record}" if document else sighting.record
        return sighting._replace(last_seen_on=day, record=record)

    return replace(
        system,
        scanned_on=pin(system.scanned_on),
        scopes=tuple(
            replace(scope, scanned_on=pin(scope.scanned_on), read_on=pin(scope.read_on) if scope.read_on else None)
            for scope in system.scopes
        ),
        sightings=tuple(pin_sighting(sighting) for sighting in system.sightings),
    )

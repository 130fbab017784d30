"""Pictures as blobs: one machine's systems, scopes and installations as compact JSON, and what the host says.

A day is its ISO text, 0 the day of the document behind the picture; so the same machine scanned again gives
the same bytes, and the same blob.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from agent.inventory.coverage import Outcome
from auditor.core.installations import Columns, Installations, Shapes
from auditor.core.model import ScopeState, TitleId
from auditor.core.picture import LAST_SCAN, Picture, ScopePicture, Sighting, SystemPicture
from auditor.proof.digest import canonical_json
from auditor.proof.values import plain_from

_FORM = 1
_TITLE, _INSTALLED, _FIRST, _LAST, _RECORD = map(
    attrgetter, ("title", "installed_on", "first_seen_on", "last_seen_on", "record")
)
_BRIEF = 4
"""Entries of the row of a sighting that was never missed."""


@dataclass(frozen=True)
class HostFacts:
    """What a machine says of its host, as far as registers and reports ask."""

    name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    board_serial: str | None = None
    asset_tag: str | None = None
    chassis: str | None = None
    virtual: bool | None = None
    macs: tuple[str, ...] = ()
    os_family: str = "other"
    os_name: str | None = None
    os_version: str | None = None
    os_edition: str | None = None
    cores: tuple[int, ...] = ()
    """Cores of each processor, where the machine says it of all of them."""
    threads: int | None = None
    """Logical processors: what a guest was given."""


def encode_picture(picture: Picture, host: HostFacts) -> bytes:
    """Return picture and host as canonical JSON."""
    facts = {name: value for name, value in vars(host).items() if value not in (None, ())}
    systems = [_system_out(system) for system in picture.systems]
    return canonical_json({"form": _FORM, "host": facts, "current": picture.current, "systems": systems})


def decode_picture(content: bytes) -> tuple[Picture, HostFacts]:
    """Return what `encode_picture` wrote."""
    plain = json.loads(content)
    facts = plain["host"] | {name: tuple(plain["host"].get(name, ())) for name in ("macs", "cores")}
    systems = tuple(_system_in(system) for system in plain["systems"])
    return Picture(plain["current"], systems), HostFacts(**facts)


def _system_out(system: SystemPicture) -> dict[str, Any]:
    grouped = groupby(system.sightings, key=attrgetter("scope"))
    return {
        "key": system.key,
        "installation": system.installation_id,
        "scanned": _day_out(system.scanned_on),
        "scopes": [
            [
                scope.source,
                scope.scope,
                scope.outcome.value,
                _day_out(scope.scanned_on),
                _day_out(scope.read_on),
                int(scope.opened),
                _day_out(scope.held_since),
                scope.why,
            ]
            for scope in system.scopes
        ],
        "seen": {scope: _sightings_out(list(sightings)) for scope, sightings in grouped},
    }


def _system_in(plain: dict[str, Any]) -> SystemPicture:
    return SystemPicture(
        key=plain["key"],
        installation_id=plain["installation"],
        scanned_on=_day_in(plain["scanned"]) or LAST_SCAN,
        scopes=tuple(
            ScopePicture(
                source=source,
                scope=scope,
                outcome=Outcome(outcome),
                scanned_on=_day_in(scanned) or LAST_SCAN,
                read_on=_day_in(read),
                opened=bool(opened),
                held_since=_day_in(held),
                why=why,
            )
            for source, scope, outcome, scanned, read, opened, held, why in plain["scopes"]
        ),
        sightings=tuple(_sighting_in(scope, row) for scope in sorted(plain["seen"]) for row in plain["seen"][scope]),
    )


def _sightings_out(sightings: list[Sighting]) -> list[Any]:
    """Return the rows of one scope; where nothing was missed, as nearly always, column by column."""
    if list(map(_LAST, sightings)).count(LAST_SCAN) < len(sightings):
        return [_sighting_out(sighting) for sighting in sightings]
    days = {day: _day_out(day) for day in set(map(_FIRST, sightings))}
    own = {day: day and _iso_of(day) for day in set(map(_INSTALLED, sightings))}
    installed = map(own.__getitem__, map(_INSTALLED, sightings))
    first = map(days.__getitem__, map(_FIRST, sightings))
    return list(zip(map(_TITLE, sightings), map(_RECORD, sightings), installed, first, strict=True))


def _sighting_out(sighting: Sighting) -> list[Any]:
    """Title, record, installed, first seen; then, only where it was missed since, last seen, missed, stale."""
    title, _, installed, first, last, record, missed, stale = sighting
    row = [title, record, installed and _iso_of(installed), _day_out(first)]
    if last is not LAST_SCAN and last != LAST_SCAN:
        row += [_day_out(last), missed, int(stale)]
    return row


def _sighting_in(scope: str, row: list[Any]) -> Sighting:
    title, record, installed, first, *rest = row
    last, missed, stale = rest or (0, 0, 0)
    return Sighting(
        title=TitleId(title),
        scope=scope,
        installed_on=_day_in(installed),
        first_seen_on=_day_in(first) or LAST_SCAN,
        last_seen_on=_day_in(last) or LAST_SCAN,
        record=record,
        missed=missed,
        stale=bool(stale),
    )


def _day_out(day: date | None) -> str | int | None:
    if day is None:
        return None
    return 0 if day is LAST_SCAN or day == LAST_SCAN else _iso_of(day)


@lru_cache(maxsize=4_096)
def _iso_of(day: date) -> str:
    return day.isoformat()


def _day_in(plain: str | int | None, last_scan: date = LAST_SCAN) -> date | None:
    if plain is None:
        return None
    return last_scan if plain == 0 else date.fromisoformat(str(plain))


class SightReader:
    """Reads what the states of many machines say of their scopes and installations; equal parts are kept once."""

    def __init__(self) -> None:
        self._shapes = Shapes()
        self._scopes: dict[tuple[object, ...], tuple[ScopeState, ...]] = {}

    def read(
        self, content: bytes, day: date, compressed: bytes
    ) -> tuple[HostFacts, tuple[ScopeState, ...], Installations]:
        """Return host, scopes and installations; `day` is that of the document behind the state.

        `compressed` is the same content as zlib: what is not asked of every machine is read from it again.
        """
        told = _OUTLINE.decode(content)
        host = told.host
        for name in ("macs", "cores"):
            if name in host:
                host[name] = tuple(host[name])
        return (
            HostFacts(**host),
            self._scopes_of(told.systems, day),
            self._installations(told, content, day, compressed),
        )

    def _scopes_of(self, systems: list[_System], day: date) -> tuple[ScopeState, ...]:
        rows = [row for system in systems for row in system.scopes]
        key = (day, *map(tuple, rows))
        found = self._scopes.get(key)
        if found is None:
            found = self._scopes[key] = tuple(
                ScopeState(source, scope, outcome, _day_in(scanned, day) or day, why, _day_in(held))
                for source, scope, outcome, scanned, _, _, held, why in rows
            )
        return found

    def _installations(self, told: _Outline, content: bytes, day: date, compressed: bytes) -> Installations:
        titles: list[TitleId] = []
        scopes: list[str] = []
        for system in told.systems:
            for scope, rows in sorted(system.seen.items()):
                titles += [TitleId(row.title) for row in rows]
                scopes += [scope] * len(rows)
        stale: list[int] = []
        if _MISSED_ROW.search(content) is not None:
            rows_told, _ = _rows_in(content)
            stale = [n for n, row in enumerate(rows_told) if len(row) > _BRIEF and row[6]]
        return Installations(self._shapes.of(titles, scopes, stale), partial(_columns, compressed, day.isoformat()))


class _Row(msgspec.Struct, array_like=True, gc=False):
    """One sighting, as far as its shape asks."""

    title: int
    record: msgspec.Raw


class _System(msgspec.Struct, gc=False):
    """One system, as far as every audit asks."""

    scopes: list[list[Any]]
    seen: dict[str, list[_Row]]


class _Outline(msgspec.Struct, gc=False):
    """A state without what is read of single machines alone."""

    host: dict[str, Any]
    systems: list[_System]


_OUTLINE = msgspec.json.Decoder(_Outline)
_MISSED_ROW = re.compile(rb",\d+,[01]\]")
"""The end of a row that says when it was last seen; such a row has it always."""


def _rows_in(content: bytes) -> tuple[list[list[Any]], list[str]]:
    """Return the rows of all systems and the scope of each, in the order of the installations."""
    rows: list[list[Any]] = []
    scopes: list[str] = []
    for system in plain_from(content)["systems"]:
        for scope, seen in sorted(system["seen"].items()):
            rows += seen
            scopes += [scope] * len(seen)
    return rows, scopes


@lru_cache(maxsize=4_096)
def _columns(compressed: bytes, day: str) -> Columns:
    """Return records and days of the installations of a state; those of machines asked for lately are kept."""
    rows, _ = _rows_in(zlib.decompress(compressed))
    return Columns(
        tuple([row[1] for row in rows]),
        tuple([row[2] or "" for row in rows]),
        tuple([row[3] or day for row in rows]),
        tuple([(row[4] or day) if len(row) > _BRIEF else day for row in rows]),
    )

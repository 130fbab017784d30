"""Deep sources: when they are read again, and what they said the last time.

A deep source (licences of packages, portable programs …) costs more than all others together. It is read at most once
in `hours`, and not before `days` are over while the list of installed software is the same. In between its records
of the last reading stand in the document again, each scope with the time it was read (`ScopeRun.read_at`): so a scope
that was not read is no empty scope, and an unchanged machine's document stays the same. The readings lie in the
agent's own folder and hold what the documents held.
"""

from __future__ import annotations

import json
import os
from binascii import crc32
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Iterable, Mapping

from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import SECTIONS, Record, as_plain
from agent.inventory.licence_servers import LicenceUse
from agent.inventory.software import Software
from agent.state import write_durably
from agent.version import AGENT_VERSION

FILE = "deep.json"
MAX_FILE_BYTES = 64 * 1024 * 1024
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_CLASSES = {section: record for record, section in SECTIONS.items()}
_PARTS = {"uses": LicenceUse, "faults": Fault}


@dataclass(frozen=True)
class Reading:
    """What one deep source said: its accounts and its records, section by section."""

    runs: tuple[ScopeRun, ...]
    records: tuple[Record, ...]


class Readings:
    """The last reading of each deep source of this machine. A file that cannot be read counts as none."""

    def __init__(self, folder: str, *, now: datetime, hours: float, days: float, at_once: bool = False) -> None:
        self.path = os.path.join(folder, FILE)
        self.now = now
        self.hours = hours
        self.days = days
        self.at_once = at_once
        self.kept: dict[str, Any] | None = None

    def recall(self, source: str, basis: str) -> Reading | None:
        """Return the last reading when it still stands, `None` when the source must be read."""
        entry = self._entries().get(source)
        if self.at_once or not isinstance(entry, dict):
            return None
        try:
            reading = _reading(entry)
            read_at = datetime.strptime(entry["read_at"], MOMENT).replace(tzinfo=timezone.utc)
        except (KeyError, TypeError, ValueError):
            return None
        if not self._stands(reading, self.now - read_at, same=entry.get("basis") == basis):
            return None
        return Reading(tuple(replace(run, read_at=entry["read_at"]) for run in reading.runs), reading.records)

    def keep(self, source: str, basis: str, runs: Iterable[ScopeRun], records: Iterable[Record]) -> None:
        """Note what a source said now; `save` writes it."""
        self._entries()[source] = {
            "read_at": self.now.strftime(MOMENT),
            "basis": basis,
            "runs": as_plain(tuple(runs)),
            "records": [[SECTIONS[type(record)], as_plain(record)] for record in records],
        }

    def save(self) -> None:
        """Write the readings. Raises `OSError`."""
        if self.kept is not None:
            kept = {"version": AGENT_VERSION, "sources": self.kept}
            write_durably(self.path, json.dumps(kept, sort_keys=True).encode("ascii"))

    def _stands(self, reading: Reading, age: timedelta, *, same: bool) -> bool:
        """Tell whether a reading of that age still stands; one of the future does not: a clock was wrong."""
        if age < timedelta():
            return False
        if age < timedelta(hours=self.hours):
            return True
        whole = all(run.outcome is not Outcome.FAILED and run.cut is None for run in reading.runs)
        return same and whole and age < timedelta(days=self.days)

    def _entries(self) -> dict[str, Any]:
        """Return the entries of the file, read once; those of another release of the agent are none."""
        if self.kept is None:
            try:
                with open(self.path, "rb") as file:
                    size = min(os.fstat(file.fileno()).st_size, MAX_FILE_BYTES)  # room is made for all that is asked
                    kept = json.loads(file.read(size).decode("ascii"))
                self.kept = dict(kept["sources"]) if kept["version"] == AGENT_VERSION else {}
            except (OSError, ValueError, KeyError, TypeError):
                self.kept = {}
        return self.kept


def basis_of(records: Iterable[Record]) -> str:
    """Return what stays the same while the same software is installed in the same versions and places."""
    software = [each for each in records if isinstance(each, Software)]
    words = sorted("%s\t%s\t%s\t%s" % (each.scope, each.name, each.version, each.location) for each in software)
    return "%08x-%d" % (crc32("\n".join(words).encode("utf-8", "surrogatepass")), len(words))


def _reading(entry: Mapping[str, Any]) -> Reading:
    """Return a kept reading as values of the contract. Raises `KeyError`, `TypeError`, `ValueError`."""
    runs = tuple(
        replace(run, outcome=Outcome(run.outcome)) for run in (_value(ScopeRun, each) for each in entry["runs"])
    )
    return Reading(runs, tuple(_value(_CLASSES[section], each) for section, each in entry["records"]))


def _value(kind: Any, plain: Mapping[str, Any]) -> Any:
    """Return the dataclass of plain values: lists become tuples, and the two lists of parts their parts."""
    return kind(**{name: _tuple(name, value) if isinstance(value, list) else value for name, value in plain.items()})


def _tuple(name: str, values: list[Any]) -> tuple[Any, ...]:
    part = _PARTS.get(name)
    return tuple(_value(part, each) if part is not None else each for each in values)

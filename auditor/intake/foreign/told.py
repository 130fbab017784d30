"""Told: what another tool's document says, as plain values under lower-case names, whatever it was written in.

Other tools write numbers as texts, one-element lists as single objects, and blanks around everything. A value of a type
that cannot be meant counts as not said: it costs the field, not the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from agent.formats.product_key import last_five
from agent.formats.written_day import day_of
from agent.inventory.document import Inventory
from auditor.intake.registers.mapping import HeaderMapping

Section = Mapping[str, Any]
_NOTHING = frozenset({"", "n/a", "unknown", "undefined", "none", "null", "(null)", "not available"})
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s.*)?", re.DOTALL)
_LAST_SIGNS = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True)
class Came:
    """How a document came: when, under which name, and in which zone its local times are meant."""

    at: datetime
    """UTC, aware: the moment it was received, or the file's own day; what a document without a time is dated by."""
    now: datetime
    """UTC, aware: the moment of the import."""
    zone: ZoneInfo
    live: bool = False
    """Whether the machine itself sent it just now: then its arrival says better when it scanned than a local time whose
    zone it does not tell."""
    name: str = ""
    """Name of the file, for messages; empty for what came over HTTP."""
    machine: str | None = None
    """Name of the machine, for files that do not say whose they are."""
    mapping: HeaderMapping | None = None
    """What the columns of a table are called, where they have other headings than those we know."""
    max_depth: int = 32

    @property
    def stem(self) -> str:
        """The file's name without folder and ending: the last resort for the name of a machine."""
        return PurePath(self.name).name.partition(".")[0] or "unnamed"


@dataclass(frozen=True)
class Read:
    """What one file holds: the documents of one machine or of many, and what of it could not be read."""

    inventories: tuple[Inventory, ...]
    problems: tuple[str, ...] = field(default=())
    """One line for each record that was passed over: where, and what was expected."""


def lowered(value: Any) -> Any:
    """Return a parsed value with every name in lower case, blanks in it as underscores."""
    if isinstance(value, dict):
        return {str(name).strip().lower().replace(" ", "_"): lowered(each) for name, each in value.items()}
    return [lowered(each) for each in value] if isinstance(value, list) else value


def text(section: Section, *names: str) -> str | None:
    """Return the first of the named values that says something, trimmed, on one line."""
    for name in names:
        value = section.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        told = " ".join(str(value).split())
        if told.casefold() not in _NOTHING:
            return told
    return None


def number(section: Section, *names: str) -> int | None:
    """Return the first of the named values that is a whole number of at least nought."""
    for name in names:
        told = text(section, name)
        if told is not None and re.fullmatch(r"\d{1,15}(\.\d+)?", told):
            return int(float(told))
    return None


def truth(section: Section, *names: str) -> bool | None:
    """Return the first of the named values that means yes or no."""
    for name in names:
        value = section.get(name)
        if isinstance(value, bool):
            return value
        told = (text(section, name) or "").casefold()
        if told in ("1", "true", "yes", "on", "enabled"):
            return True
        if told in ("0", "false", "no", "off", "disabled"):
            return False
    return None


def rows(content: Section, *names: str) -> Iterator[Section]:
    """Yield the records of the first named section that is there; one record alone may stand without a list."""
    value = next((content[name] for name in names if name in content), None)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def one(content: Section, name: str) -> Section:
    """Return the first record of a section, an empty one when there is none."""
    return next(rows(content, name), {})


def day(told: str | None, *, day_first: bool = False) -> str | None:
    """Return a day as `YYYY-MM-DD`, `None` when it cannot be read as one day alone.

    `day_first`: this tool always writes `31/12/2025`, so that 03/04/2025 is the third of April.
    """
    if told is None:
        return None
    found = _DAY_FIRST.fullmatch(told) if day_first else None
    return day_of(f"{found[3]}-{found[2]}-{found[1]}" if found is not None else told)


def key_tail(told: str | None) -> str | None:
    """Return the last five characters of a product key, in capitals; of a text that is no key, of its letters."""
    if told is None:
        return None
    tail = last_five(told) or _LAST_SIGNS.sub("", told)[-5:].upper()
    return tail if len(tail) == 5 and len(set(tail)) > 1 else None


def utc(moment: datetime) -> str:
    """Return a moment as documents write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

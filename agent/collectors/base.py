"""Collector: one source. It is a door-opener, a pure parser and an entry in the roster.

`collect` is a generator over what it finds. It opens a scope with `Scope(...)` before the records of that
scope; a record before any scope belongs to the collector's own scope, which is named like the collector.
A bad record is a `Problem`; a source that is not there raises `Absent`; one that is there and cannot be
read raises `Unreadable` (from the Machine) or yields `ScopeFailed` so that the next scope is still read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, Union

from agent.inventory.document import Record
from agent.inventory.host import Host
from agent.machine.base import Entry, Machine, Unreadable


class Absent(Exception):
    """This machine has no such source."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass(frozen=True)
class Scope:
    """From here on, records belong to this scope; a scope without records was read and is empty."""

    name: str


@dataclass(frozen=True)
class ScopeFailed:
    """The scope is there and could not be read."""

    scope: str
    why: str


@dataclass(frozen=True)
class ScopeAbsent:
    """The scope does not exist on this machine (no 32-bit view, no such folder)."""

    scope: str


@dataclass(frozen=True)
class Problem:
    """One record that could not be read. The scope becomes partial; its neighbours are still read."""

    where: str
    what: str


Found = Union[Record, Host, Problem, Scope, ScopeFailed, ScopeAbsent]
NOT_READ = (ScopeAbsent, ScopeFailed)
"""What becomes of a scope of which nothing was read."""


def members_or_outcome(machine: Machine, folder: str, scope: str) -> tuple[Entry, ...] | ScopeAbsent | ScopeFailed:
    """Return what lies in a folder, or what becomes of a scope that rests on it alone."""
    try:
        members = machine.list_folder(folder)
    except Unreadable as error:
        return ScopeFailed(scope, str(error))
    return ScopeAbsent(scope) if members is None else members


@dataclass(frozen=True)
class Collector:
    """One source of facts.

    `platforms` are Machine families; `deep` collectors run at most daily. `parse_file` serves
    `zhengban-agent read NAME FILE`: bytes of one recorded source file and its name → what it holds;
    `None` when the source is not a file. `parse_place` takes its place where a file is only understood with its
    neighbours: a machine and the file's path on it → what it holds.
    """

    name: str
    platforms: frozenset[str]
    collect: Callable[[Machine], Iterator[Found]]
    parse_file: Callable[[bytes, str], Iterator[Found]] | None = None
    deep: bool = False
    usage: bool = False
    """It tells when programs were last used: not run until the setting `usage_notice` names the notice to staff."""
    parse_place: Callable[[Machine, str], Iterator[Found]] | None = None

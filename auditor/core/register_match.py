"""Register match: which registered machine is which seen one.

Clue after clue, the surest first: serial number, MAC address, asset tag or host name equal to 计算机编号,
host name. A clue joins two machines only when it is unique on both sides and their serial numbers do not
contradict each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from auditor.core.identity import clean_host_name, clean_mac, clean_serial
from auditor.core.model import RegisteredMachine


@dataclass(frozen=True)
class SeenMachine:
    """What a seen machine says that a register may hold as well."""

    id: int
    serial: str | None = None
    macs: tuple[str, ...] = ()
    host_name: str | None = None
    asset_tag: str | None = None


@dataclass(frozen=True)
class Match:
    """One registered machine, the seen one that it is, and the clue that says so."""

    code: str
    machine: int
    clue: str


_Values = Iterable[str | None]
_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


def match_register(registered: Sequence[RegisteredMachine], seen: Sequence[SeenMachine]) -> tuple[Match, ...]:
    """Return every match, ordered by code. No registered and no seen machine stands in two."""
    matches: list[Match] = []
    left, free = {r.code: r for r in registered}, {s.id: s for s in seen}
    for clue, theirs, ours in _CLUES:
        at_register, at_seen = _unique(left, theirs), _unique(free, ours)
        for value in sorted(at_register.keys() & at_seen.keys()):
            code, machine = at_register[value], at_seen[value]
            if code in left and machine in free and not _contradict(left[code], free[machine]):
                matches.append(Match(code, machine, clue))
                del left[code], free[machine]
    return tuple(sorted(matches, key=lambda match: match.code))


def _unique(rows: dict[_Key, _Row], values_of: Callable[[_Row], _Values]) -> dict[str, _Key]:
    bearers: dict[str, set[_Key]] = defaultdict(set)
    for key, row in rows.items():
        for value in values_of(row):
            if value:
                bearers[value].add(key)
    return {value: next(iter(keys)) for value, keys in bearers.items() if len(keys) == 1}


def _contradict(registered: RegisteredMachine, seen: SeenMachine) -> bool:
    mine, theirs = clean_serial(registered.serial), clean_serial(seen.serial)
    return mine is not None and theirs is not None and mine != theirs


def _code(text: str | None) -> str | None:
    return text.strip().casefold() if text else None


_CLUES: tuple[tuple[str, Callable[[RegisteredMachine], _Values], Callable[[SeenMachine], _Values]], ...] = (
    ("serial", lambda r: (clean_serial(r.serial),), lambda s: (clean_serial(s.serial),)),
    ("mac", lambda r: (clean_mac(r.mac or ""),), lambda s: [clean_mac(mac) for mac in s.macs]),
    ("asset_tag", lambda r: (_code(r.code),), lambda s: (_code(s.asset_tag),)),
    ("code", lambda r: (_code(r.code),), lambda s: (clean_host_name(s.host_name),)),
    ("host_name", lambda r: (clean_host_name(r.host_name),), lambda s: (clean_host_name(s.host_name),)),
)

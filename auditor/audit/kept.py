"""What a run leaves behind: its result in groups, and the 软件编号 of every copy for the run after it.

Copies that stand alike are one line with the machines that bear them, machines that bear the same unknown software one
list. Single findings stand in a table of their own: here is their digest. Runs of the first form hold every copy and
every finding; they are still read and compared as they are.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from auditor.core.bearing import Part, Standings
from auditor.core.codes import Codes, Packed, Plain, packed, steps, unpacked
from auditor.core.copies import Bearing
from auditor.core.model import Assignment, AuditResult, Finding, Position, Unrecognised
from auditor.proof.values import sequence_parts, value_bytes, value_from, value_parts
from auditor.store.database import Connection
from auditor.store.runs import finding_text, list_runs, run_result

FORM = 2
_FIGURES = ("required", "covered", "to_order", "shortage", "surplus", "idle_reserve", "by_unlimited")
_WORDS = attrgetter("unit", "product", "metric", "raw")
_UPPER = attrgetter(*(f"{name}.numerator" for name in _FIGURES))
_LOWER = attrgetter(*(f"{name}.denominator" for name in _FIGURES))
_REST = attrgetter(
    "exempt", "dead_oem", "is_lower_bound", "to_buy", "to_verify", "in_trial", "orphan_upgrades", "exceptions"
)

_KIND = attrgetter("tail", "kind", "category", "licence_class", "version", "titles", "stale")
_LIKE = attrgetter(
    "copy.unit", "copy.department", "code", "entitlement", "right", "reason", "failing", "evidence", "verdict",
    "signs", "over", "basis_missing", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """The content of the blob `result` of a run of the first form."""

    result: AuditResult
    codes: dict[str, str]
    """Copy key → 软件编号; a copy that is gone keeps the last one that it had."""


@dataclass(frozen=True)
class _Codes:
    """The part of either form that the next run needs."""

    codes: dict[str, str] = field(default_factory=dict)
    codes_by_kind: Plain = field(default_factory=dict)


def first_form(result: AuditResult, previous: Mapping[str, str]) -> Iterator[bytes]:
    """Yield a result as the first form keeps it: copy by copy."""
    return value_parts(Kept(result, codes_of(result.assignments, previous)))


def grouped_form(result: AuditResult, previous: Mapping[str, str]) -> Iterator[bytes]:
    """Yield a result as it is kept, in parts."""
    told = Standings(result.assignments)
    yield b'{"form":%d,"access":' % FORM
    yield from value_parts(result.access)
    yield b',"codes_by_kind":'
    yield value_bytes(grouped_codes(result.assignments, previous).plain)
    for name in ("feet", "left_out", "whole_machines"):
        yield b',"%s":' % name.encode()
        yield from value_parts(getattr(result, name))
    yield b',"findings":' + value_bytes((len(result.findings), _digest_of(result.findings)))
    yield b',"single":'
    yield from value_parts(told.single)
    parts = _in_order(told.parts)
    kinds = {id(part.kind): part.kind for part in parts}
    yield b',"kinds":' + value_bytes([_KIND(kind) for kind in kinds.values()])
    yield b',"parts":'
    numbers = {name: number for number, name in enumerate(kinds)}
    yield from sequence_parts((numbers[id(part.kind)], *_LIKE(part.like), told.numbers(part)) for part in parts)
    for name, positions in (("positions", result.positions), ("unit_positions", result.unit_positions)):
        yield b',"%s":' % name.encode()
        yield from sequence_parts(_position(position) for position in positions)
    yield b',"unrecognised":'
    yield from _unrecognised(result.unrecognised)
    yield b"}"


def _digest_of(findings: Iterable[Finding]) -> str:
    """Return the digest of findings as the table holds them, in their order."""
    sealed = hashlib.sha256()
    for finding in findings:
        sealed.update(finding_text(finding).encode() + b"\n")
    return sealed.hexdigest()


def _in_order(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.kind.tail, part.members[0]))


def _position(one: Position) -> tuple[object, ...]:
    """Return a position as a row: words, figures, and the rest where something is told there."""
    lower = _LOWER(one)
    figures = _UPPER(one) if max(lower) == 1 else tuple(getattr(one, name) for name in _FIGURES)
    owned = one.owned if one.owned is None or one.owned.denominator > 1 else one.owned.numerator
    rest = _REST(one)
    return (_WORDS(one), figures, owned, rest) if any(rest) else (_WORDS(one), figures, owned)


def _unrecognised(lines: Sequence[Unrecognised]) -> Iterator[bytes]:
    """Yield the unknown groups; machines that bear the same are told once, by number."""
    lists: list[Packed] = []
    known: dict[int, int] = {}
    rows = []
    for line in lines:
        numbers = []
        for part in line.machines.parts if isinstance(line.machines, Bearing) else (line.machines,):
            if id(part) not in known:
                known[id(part)] = len(lists)
                lists.append(packed(part))
            numbers.append(known[id(part)])
        rows.append((line.group, line.name, line.publisher, line.source, line.versions, steps(sorted(numbers))))
    yield b'{"bearers":'
    yield from value_parts(lists)
    yield b',"groups":'
    yield from value_parts(rows)
    yield b"}"


def codes_of(assignments: Iterable[Assignment], previous: Mapping[str, str]) -> dict[str, str]:
    """Return the codes after a run: today's, and the last of what is gone."""
    now = {assignment.copy.key: assignment.code for assignment in assignments}
    gone = {key: code for key, code in previous.items() if key not in now}
    return dict(sorted((gone | {key: code for key, code in now.items() if code is not None}).items()))


def grouped_codes(assignments: Sequence[Assignment], previous: Mapping[str, str]) -> Codes:
    """Return the codes after a run as `codes_of` does, by the ends of keys."""
    told = Standings(assignments)
    now: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    here: defaultdict[str, set[str]] = defaultdict(set)
    had_any = bool(previous)
    for one in told.single:
        machine, _, tail = one.copy.key.partition("|")
        here[tail].add(machine)
        if one.code is not None:
            now[tail][one.code].append(machine)
    for part in told.parts:
        tail, machines = part.kind.tail, told.machines(part)
        if had_any:
            here[tail].update(machines)
        if part.like.code is not None:
            now[tail][part.like.code] += machines
    for tail, code, bearing in _told_before(previous):
        now[tail][code] += [machine for machine in bearing if machine not in here[tail]]
    plain = {
        tail: {code: packed(machines) for code, machines in sorted(codes.items()) if machines}
        for tail, codes in sorted(now.items())
    }
    return Codes({tail: codes for tail, codes in plain.items() if codes})


def _told_before(previous: Mapping[str, str]) -> Iterator[tuple[str, str, Iterable[str]]]:
    if isinstance(previous, Codes):
        for tail, codes in previous.plain.items():
            for code, machines in codes.items():
                yield tail, code, unpacked(machines)
        return
    for key, code in previous.items():
        machine, _, tail = key.partition("|")
        yield tail, code, (machine,)


def codes_before(connection: Connection, on: date) -> Mapping[str, str]:
    """Return the codes of the newest run as of the day or before; none when there is no such run."""
    earlier = [row for row in list_runs(connection) if row.as_of <= on]
    if not earlier:
        return {}
    newest = max(earlier, key=lambda row: (row.as_of, row.sequence))
    told = value_from(run_result(connection, newest), _Codes)
    return Codes(told.codes_by_kind) if told.codes_by_kind else told.codes


def as_kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a run with the codes before it as they are frozen: those by kind are a part of their own."""
    previous = values["previous"]
    return values | {"previous": {}, "codes": previous.plain} if isinstance(previous, Codes) else values

"""What came out against what the file expects: every difference by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from auditor.core.model import Position
from auditor.core.position import added
from auditor.scenario.results import (
    FIGURES,
    Outcome,
    copy_values,
    finding_counts,
    machine_count,
    number,
    rate_values,
    stale_machines,
    whole_values,
)

Difference = dict[str, object]


def differences_of(outcome: Outcome) -> list[Difference]:
    """Return every difference between the file's `expect` and the outcome; none when it expects nothing."""
    expect = outcome.file.get("expect", {})
    return [
        *_positions(expect.get("positions", ()), outcome),
        *_rollup(expect.get("rollup", ()), outcome),
        *_copies(expect.get("copies", ()), outcome),
        *_findings(expect.get("findings", {}), outcome),
        *(_left_out(expect["left_out"], outcome) if "left_out" in expect else ()),
        *_lines("rates", expect.get("rates", ()), rate_values(outcome), ("what", "unit")),
        *_lines("whole_machines", expect.get("whole_machines", ()), whole_values(outcome), ("unit",)),
        *_rest(expect, outcome),
    ]


def _difference(path: str, expected: object, got: object) -> Difference:
    return {"path": path, "expected": number(expected) if expected is not None else None, "got": got}


def _positions(rows: Sequence[Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    for n, row in enumerate(rows):
        mine = [
            position
            for position in outcome.result.unit_positions
            if position.product == row["product"]
            and row.get("unit") in (None, position.unit)
            and row.get("metric") in (None, position.metric)
        ]
        yield from _figures(f"expect.positions[{n}]", row, mine, None)


def _rollup(rows: Sequence[Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    for n, row in enumerate(rows):
        mine = [
            line.position
            for line in outcome.rollup
            if line.position.product == row["product"]
            and row.get("unit", line.position.unit) == line.position.unit
            and row.get("metric") in (None, line.position.metric)
        ]
        net = mine[0].surplus - mine[0].shortage if mine else Fraction(0)
        yield from _figures(f"expect.rollup[{n}]", row, mine, net)


def _figures(path: str, row: Mapping[str, Any], mine: Sequence[Position], net: Fraction | None) -> Iterator[Difference]:
    kinds = {position.metric for position in mine} - {"per_user", "per_device"}
    if len(kinds) + (len(mine) > 0 and any(p.metric in ("per_user", "per_device") for p in mine)) > 1:
        yield _difference(path, "one way of counting", sorted({position.metric for position in mine}))
        return
    found = added(mine, mine[0].unit) if mine else None
    for name in FIGURES:
        if name in row:
            got = number(getattr(found, name)) if found is not None else 0
            wanted = row[name] if name != "owned" or row[name] == "unlimited" else Fraction(row[name])
            if got != number(wanted):
                yield _difference(f"{path}.{name}", wanted, got)
    if "net" in row:
        got = net if net is not None else (found.surplus - found.shortage if found is not None else Fraction(0))
        if got != row["net"]:
            yield _difference(f"{path}.net", row["net"], number(got))


def _copies(rows: Sequence[Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    told = [copy_values(assignment, outcome) for assignment in outcome.result.assignments]
    for n, row in enumerate(rows):
        where = {name: row[name] for name in ("machine", "product", "line") if name in row}
        what = {name: value for name, value in row.items() if name not in (*where, "count")}
        what = {name: None if (name, value) == ("code", "none") else value for name, value in what.items()}
        there = [copy for copy in told if all(copy[name] == value for name, value in where.items())]
        fits = [copy for copy in there if all(copy[name] == value for name, value in what.items())]
        path = f"expect.copies[{n}]"
        if "count" in row:
            if len(fits) != row["count"]:
                yield _difference(f"{path}.count", row["count"], len(fits))
        elif not there:
            yield _difference(path, "a copy", "none")
        elif len(fits) != len(there):
            wrong = next(copy for copy in there if copy not in fits)
            yield {"path": path, "expected": dict(what), "got": {name: wrong[name] for name in ("machine", *what)}}


def _findings(rows: Mapping[str, int], outcome: Outcome) -> Iterator[Difference]:
    counts = finding_counts(outcome.result)
    for code, count in rows.items():
        if counts.get(code, 0) != count:
            yield _difference(f"expect.findings.{code}", count, counts.get(code, 0))


def _left_out(rows: Sequence[Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    """Every fault must be expected; of its rows, those that are named must be among them."""
    wanted = sorted((row["fault"], tuple(row.get("rows", ()))) for row in rows)
    got = sorted((fault.fault.value, fault.rows) for fault in outcome.result.left_out)
    left = list(got)
    for name, told in sorted(wanted, key=lambda row: -len(row[1])):
        fitting = next((one for one in left if one[0] == name and {*told} <= {*one[1]}), None)
        if fitting is None:
            break
        left.remove(fitting)
    else:
        if not left:
            return
    yield _difference("expect.left_out", str(wanted), str(got))


def _lines(
    name: str, rows: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, object]], keys: Sequence[str]
) -> Iterator[Difference]:
    for n, row in enumerate(rows):
        mine = [line for line in told if all(row.get(key) in (None, line[key]) for key in keys)]
        path = f"expect.{name}[{n}]"
        if len(mine) != 1:
            yield _difference(path, "one line", len(mine))
            continue
        for member, wanted in row.items():
            if mine[0][member] != wanted:
                yield _difference(f"{path}.{member}", wanted, mine[0][member])


def _rest(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    if "machines" in expect and machine_count(outcome) != expect["machines"]:
        yield _difference("expect.machines", expect["machines"], machine_count(outcome))
    if "stale" in expect and stale_machines(outcome) != expect["stale"]:
        yield _difference("expect.stale", str(expect["stale"]), str(stale_machines(outcome)))
    if "unchanged_at_least" in expect:
        previous = outcome.built.facts.previous
        kept = sum(previous.get(a.copy.key) == a.code for a in outcome.result.assignments if a.copy.key in previous)
        if kept < expect["unchanged_at_least"]:
            yield _difference("expect.unchanged_at_least", expect["unchanged_at_least"], kept)

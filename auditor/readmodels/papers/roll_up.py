"""软件正版化工作集团汇总: each legal entity below one, with its own rates; those without data are named apart.

Counts of a unit are its copies; units are counted as units, and the two never add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auditor.core.model import UnitCode
from auditor.readmodels.audit_report import rates
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.basis import BY_VERDICT, ORDER, linked, verdict_group
from auditor.readmodels.papers.lines import CLASSES, class_of, day
from reports.paper import Cell, Code, Drawn, Paper, Section, Share


def roll_up(view: RunView, unit: UnitCode) -> Paper:
    """Return the roll-up of a legal entity and all below it."""
    members = members_of(view, unit)
    told = [member for member in members if view.coverage(member).scanned > 0]
    missing = [member for member in members if member not in set(told)]
    machines = [machine for member in members for machine in view.machines_by_unit.get(member, [])]
    rows, bars = [], []
    for number, member in enumerate(told, start=1):
        row, bar = _row(view, number, member)
        rows.append(row)
        bars.append(bar)
    facts = (
        ("unit", view.tree.name(unit) or unit),
        ("units", len(members)),
        ("told", len(told)),
        ("missing", len(missing)),
        ("as_of", day(view.facts.on)),
    )
    return Paper(
        "roll_up",
        view.head(unit, "roll_up"),
        (
            Section("cover", facts),
            Section("units", rows=tuple(rows), bars=tuple(bars)),
            Section(
                "missing",
                rows=tuple(
                    (number, view.tree.name(member) or member, Code("paper_note", _why(view, member)))
                    for number, member in enumerate(missing, start=1)
                ),
            ),
            _groups(view, told),
        ),
        view.coverage_of(machines),
        view.proof,
    )


def members_of(view: RunView, unit: UnitCode) -> list[UnitCode]:
    """Return the legal entity and every one below it, in the order of their codes."""
    known = sorted({*view.tree.legal_entities(), *view.machines_by_unit})
    return [member for member in known if member == unit or view.tree.distance(member, unit) is not None]


def _why(view: RunView, member: UnitCode) -> str:
    return "no_scan" if view.coverage(member).in_scope else "no_machine"


def _row(view: RunView, number: int, member: UnitCode) -> tuple[tuple[Cell, ...], Drawn]:
    coverage = view.coverage(member)
    found = {rate.what: rate for rate in rates(view.by_unit.get(member, []))}
    three, classes = found["three_classes"], [rate for what, rate in found.items() if what not in _SUMS]
    name = view.tree.name(member) or member
    row = (
        number,
        name,
        coverage.in_scope,
        coverage.scanned,
        Share(coverage.scanned, coverage.in_scope),
        Share(three.numerator, three.denominator),
        *(
            linked(number, member)
            for number in (
                three.numerator,
                three.denominator,
                sum(rate.short for rate in classes),
                sum(rate.to_verify for rate in classes),
                sum(rate.suspected for rate in classes),
            )
        ),
    )
    return row, Drawn(name, three.numerator, three.denominator)


def _groups(view: RunView, members: Sequence[UnitCode]) -> Section:
    """Return what the numbers of each unit are made of, by class and verdict; its own reports have the copies."""
    rows, marks = list[tuple[Cell, ...]](), []
    for member in members:
        counts = Counter((class_of(each.copy.category), verdict_group(each)) for each in view.by_unit.get(member, []))
        marks += [(len(rows), member)] if counts else []
        for what, group in sorted(counts, key=lambda key: (CLASSES.index(key[0]), ORDER.index(key[1]))):
            unit = view.tree.name(member) or member
            rows.append((unit, Code("rate", what), BY_VERDICT.word(group), counts[what, group]))
    return Section("groups", rows=tuple(rows), marks=tuple(marks))


_SUMS = frozenset({"three_classes", "whole_machine"})

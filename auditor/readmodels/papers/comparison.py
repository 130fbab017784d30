"""两次核查对比 and 正版化趋势: what changed between runs of one store, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auditor.core.model import Assignment, UnitCode
from auditor.core.reconcile import NOT_COUNTED
from auditor.readmodels.audit_report import rates
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import day, machine_name, paper
from reports.model import Rate
from reports.paper import Cell, Code, Drawn, Link, Paper, Section, Share

REASONS = (
    "machine_new",
    "machine_gone",
    "machine_unseen",
    "installed",
    "removed",
    "evidence",
    "ledger",
    "catalogue",
    "assignment",
)
"""In the order in which they are tried; each copy counts under the first that holds."""


def comparison(view: RunView, before: RunView, unit: UnitCode) -> Paper:
    """Return what changed for one legal entity from the run `before` to the run of the view."""
    old = {each.copy.key: each for each in before.by_unit.get(unit, [])}
    new = {each.copy.key: each for each in view.by_unit.get(unit, [])}
    changed = [
        (key, why) for key in sorted(old.keys() | new.keys()) if (why := _why(view, before, old.get(key), new.get(key)))
    ]
    counts = Counter(why for _, why in changed)
    rows = tuple(
        _copy_row(view, before, number, old.get(key), new.get(key), why)
        for number, (key, why) in enumerate(changed, start=1)
    )
    facts = (
        ("before_run", before.proof.run[:16]),
        ("before", day(before.facts.on)),
        ("after_run", view.proof.run[:16]),
        ("after", day(view.facts.on)),
    )
    return paper(
        view,
        unit,
        "comparison",
        Section("cover", facts),
        Section("rates", rows=_rates(rates(list(old.values())), rates(list(new.values())))),
        Section(
            "reasons",
            rows=tuple((Code("change", why), Link(counts[why], "copies")) for why in REASONS if counts[why]),
        ),
        Section("copies", (("count", len(rows)),), rows),
    )


def trends(views: Sequence[RunView], unit: UnitCode) -> Paper:
    """Return rates and coverage of several runs, oldest first; the last one is the run that the paper is of."""
    rows, bars = [], []
    for view in views:
        found = {rate.what: rate for rate in rates(view.by_unit.get(unit, []))}
        three, coverage = found["three_classes"], view.coverage(unit)
        own = [rate for what, rate in found.items() if what not in ("three_classes", "whole_machine")]
        rows.append(
            (
                view.facts.on,
                view.proof.run[:16],
                Share(three.numerator, three.denominator),
                f"{three.numerator} / {three.denominator}",
                Share(coverage.scanned, coverage.in_scope),
                f"{coverage.scanned} / {coverage.in_scope}",
                sum(rate.short for rate in own),
                sum(rate.suspected for rate in own),
            )
        )
        bars.append(Drawn(day(view.facts.on), three.numerator, three.denominator))
    return paper(
        views[-1],
        unit,
        "trends",
        Section("cover", (("count", len(rows)),)),
        Section("runs", rows=tuple(rows), bars=tuple(bars), is_series=True),
    )


def _rates(before: list[Rate], after: list[Rate]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            Code("rate", old.what),
            Share(old.numerator, old.denominator),
            f"{old.numerator} / {old.denominator}",
            Share(new.numerator, new.denominator),
            f"{new.numerator} / {new.denominator}",
        )
        for old, new in zip(before, after, strict=True)
    )


def _why(view: RunView, before: RunView, old: Assignment | None, new: Assignment | None) -> str | None:
    """Return why a copy came, went or is judged differently; `None` when nothing changed."""
    if old is None and new is not None:
        known = before.machines.get(new.copy.machine)
        is_new = known is None or known.id is None or known.state in NOT_COUNTED
        return "machine_new" if is_new else "installed"
    if new is None and old is not None:
        known = view.machines.get(old.copy.machine)
        if known is None or known.state in NOT_COUNTED:
            return "machine_gone"
        return "machine_unseen" if view.is_stale(known) or known.id is None else "removed"
    if old is None or new is None or old.verdict is new.verdict:
        return None
    if old.evidence is not new.evidence:
        return "evidence"
    if _ledger(view, new.copy.product) != _ledger(before, new.copy.product):
        return "ledger"
    if view.facts.products.get(new.copy.product) != before.facts.products.get(new.copy.product):
        return "catalogue"
    return "assignment"


def _ledger(view: RunView, product: str) -> list[object]:
    """The rows of a product that are in force on the day: a term that ran out is a change of the ledger too."""
    on = view.facts.on
    return [
        (row, row.ends_on is None or row.ends_on >= on, row.starts_on is None or row.starts_on <= on)
        for row in sorted(view.facts.entitlements, key=lambda row: row.id)
        if row.product == product
    ]


def _copy_row(
    view: RunView, before: RunView, number: int, old: Assignment | None, new: Assignment | None, why: str
) -> tuple[Cell, ...]:
    seen, where = (new, view) if new is not None else (old, before)
    assert seen is not None
    return (
        number,
        machine_name(where, seen.copy),
        where.copy_name(seen.copy),
        Code("verdict", old.verdict.value) if old is not None else Code("paper_note", "not_there"),
        Code("verdict", new.verdict.value) if new is not None else Code("paper_note", "not_there"),
        Code("change", why),
    )

"""软件正版化工作年度报告: 资金保障, 软件采购, 软件资产管理; and 自查报告, which tells the present state alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from auditor.core.entitlement import Entitlement
from auditor.core.model import UnitCode
from auditor.readmodels.audit_report import rates
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.basis import basis, linked_positions, linked_rates
from auditor.readmodels.papers.lines import (
    CLASSES,
    DOMESTIC,
    bought_between,
    class_of_product,
    country_of,
    day,
    finding_rows,
    own_positions,
    own_rows,
    paper,
    position_rows,
    quantity,
    rates_section,
    spent,
)
from reports.model import Facts
from reports.paper import Cell, Code, Paper, Section
from reports.wording import share


def annual(view: RunView, unit: UnitCode) -> Paper:
    """Return the report of the year up to the as-of day; what only people know is left to be written."""
    on, rows = view.facts.on, own_rows(view, unit)
    bought = bought_between(rows, date(on.year, 1, 1), on)
    lines = own_positions(view, unit)
    groups, copies = basis(view, unit)
    positions = linked_positions(tuple(position_rows(view, lines)), [line.product for line in lines], copies)
    matters = finding_rows(view, unit)
    year = str(on.year)
    return paper(
        view,
        unit,
        "annual",
        Section("cover", (("unit", view.tree.name(unit) or unit), ("year", year), ("as_of", day(on)))),
        Section("organisation"),
        Section(
            "funds",
            (
                ("year", year),
                ("as_of", day(on)),
                ("amount", f"{spent(bought):,.2f}"),
                ("codes", len({row.code for row in bought})),
                ("unpriced", len({row.code for row in bought if row.amount is None})),
            ),
            tuple(_funds(view, what, bought) for what in CLASSES),
        ),
        Section("purchases", (("year", year), ("count", len(bought))), tuple(_bought(bought))),
        _rates(view, unit, coverage_facts(view, unit)),
        Section(
            "assets",
            (
                ("codes", len({row.code for row in rows})),
                ("no_paper", sum(row.lacks_paper for row in rows)),
                ("over", sum(row.ends_on is not None and row.ends_on < on for row in rows)),
            ),
            positions,
        ),
        Section("problems", matter_facts(matters), matters),
        Section("next"),
        groups,
        copies,
    )


def self_check(view: RunView, unit: UnitCode) -> Paper:
    """Return the report of a self-check as of the day."""
    coverage, lines, matters = view.coverage(unit), own_positions(view, unit), finding_rows(view, unit)
    named: Facts = (("unit", view.tree.name(unit) or unit), ("as_of", day(view.facts.on)))
    groups, copies = basis(view, unit)
    blind = ("registered_not_seen", "seen_not_registered", "stale", "classified", "private")
    return paper(
        view,
        unit,
        "self_check",
        Section("cover", (*named, *coverage_facts(view, unit))),
        _rates(view, unit),
        Section(
            "positions",
            (
                ("short", sum(line.shortage > 0 for line in lines)),
                ("idle", sum(line.surplus > 0 for line in lines)),
            ),
            linked_positions(tuple(position_rows(view, lines)), [line.product for line in lines], copies),
        ),
        Section("problems", matter_facts(matters), matters),
        Section("blind", tuple((name, int(getattr(coverage, name))) for name in blind)),
        groups,
        copies,
    )


def _rates(view: RunView, unit: UnitCode, facts: Facts = ()) -> Section:
    """Return the section of 正版率 whose numbers lead to their groups."""
    section = rates_section(view, unit, facts)
    return replace(section, rows=linked_rates(section.rows, rates(view.by_unit.get(unit, []))))


def coverage_facts(view: RunView, unit: UnitCode) -> Facts:
    """Return coverage with numerator and denominator."""
    found = view.coverage(unit)
    return (
        ("in_scope", found.in_scope),
        ("scanned", found.scanned),
        ("coverage", share(found.scanned, found.in_scope)),
    )


def matter_facts(matters: tuple[tuple[Cell, ...], ...]) -> Facts:
    """Return how many matters are open, and how many are urgent."""
    high = sum(row[1] == Code("severity", "high") for row in matters)
    return (("count", len(matters)), ("high", high))


def _funds(view: RunView, what: str, bought: list[Entitlement]) -> tuple[Cell, ...]:
    rows = [row for row in bought if class_of_product(view, row.product) == what]
    domestic = [row for row in rows if country_of(view, row.product) == DOMESTIC]
    return (Code("rate", what), len({row.code for row in rows}), spent(rows), spent(domestic))


def _bought(bought: list[Entitlement]) -> list[tuple[Cell, ...]]:
    return [
        (
            number,
            row.code,
            row.name,
            Code("software_type", row.software_type.value),
            row.purchased_on,
            quantity(row),
            row.amount,
            row.paper,
        )
        for number, row in enumerate(bought, start=1)
    ]

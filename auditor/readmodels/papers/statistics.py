"""软件正版化工作信息统计表: the unit, its software by class, its work. Parts 2 and 3 are laid out by this program."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from auditor.core.model import MachineClass, UnitCode, Verdict
from auditor.core.reconcile import NOT_COUNTED
from auditor.core.verdict import is_counted
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.basis import basis, linked
from auditor.readmodels.papers.lines import (
    CLASSES,
    DOMESTIC,
    bought_between,
    class_of,
    class_of_product,
    country_of,
    day,
    in_scope,
    own_copies,
    own_positions,
    own_rows,
    paper,
    spent,
)
from auditor.readmodels.summary import summary_form
from reports.paper import Cell, Code, Paper, Section


def statistics(view: RunView, unit: UnitCode) -> Paper:
    """Return the statistics of one legal entity as of the day."""
    software = tuple(_of_class(view, unit, what) for what in CLASSES)
    groups, copies = basis(view, unit)
    return paper(
        view,
        unit,
        "statistics",
        Section("scale", (("as_of", day(view.facts.on)),), (_scale(view, unit),)),
        Section("software", rows=software),
        Section("work"),
        groups,
        copies,
    )


def _scale(view: RunView, unit: UnitCode) -> tuple[Cell, ...]:
    form = summary_form(view, unit)
    machines = [m for m in view.machines_by_unit.get(unit, []) if m.state not in NOT_COUNTED]
    classes = [machine.machine_class for machine in machines]
    counts = (classes.count(each) for each in (MachineClass.SERVER, MachineClass.DESKTOP, MachineClass.PORTABLE))
    return (1, form.headcount, form.computer_users, *counts, len(machines))


def _of_class(view: RunView, unit: UnitCode, what: str) -> tuple[Cell, ...]:
    copies = [each for each in own_copies(view, unit) if class_of(each.copy.category) == what]
    lines = [line for line in own_positions(view, unit) if class_of(line.category) == what]
    rows = [row for row in own_rows(view, unit) if class_of_product(view, row.product) == what]
    bought = bought_between(rows, date(view.facts.on.year, 1, 1), view.facts.on)
    domestic = [row for row in bought if country_of(view, row.product) == DOMESTIC]
    held: Cell = str(sum((line.owned for line in lines if line.owned is not None), Fraction(0)))
    if any(line.owned is None for line in lines):
        held = Code("quantity", "unlimited")
    return (
        Code("rate", what),
        in_scope(view, unit) if what != "other" else None,
        held,
        linked(len(copies), what),
        linked(sum(each.verdict is Verdict.GENUINE and is_counted(each.right) for each in copies), f"{what}-genuine"),
        str(sum((line.shortage for line in lines), Fraction(0))),
        sum(country_of(view, each.copy.product) == DOMESTIC for each in copies),
        sum(row.rights for row in bought if not row.unlimited),
        sum(row.rights for row in domestic if not row.unlimited),
        spent(bought),
        spent(domestic),
    )

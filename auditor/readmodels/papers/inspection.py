"""软件正版化检查记录: what is on record beside room for what is found on the spot."""

from __future__ import annotations

from auditor.core.model import UnitCode
from auditor.readmodels.audit_report import rates
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import day, own_rows, paper
from reports.paper import Cell, Code, Paper, Section


def inspection(view: RunView, unit: UnitCode) -> Paper:
    """Return the record of an inspection, to be filled in."""
    mine = view.by_unit.get(unit, [])
    coverage, found = view.coverage(unit), {rate.what: rate for rate in rates(mine)}
    classes = [found[what] for what in ("operating_system", "office", "antivirus", "other")]
    ledger = own_rows(view, unit)
    items: list[tuple[str, Cell]] = [
        ("coverage", f"{coverage.scanned} / {coverage.in_scope}"),
        *((rate.what, f"{rate.numerator} / {rate.denominator}") for rate in classes),
        ("short", sum(rate.short for rate in classes)),
        ("suspected", sum(rate.suspected for rate in classes)),
        ("to_verify", sum(rate.to_verify for rate in classes)),
        ("unregistered", sum(each.code is None for each in mine)),
        ("no_paper", sum(row.lacks_paper for row in ledger)),
        ("over", sum(row.ends_on is not None and row.ends_on < view.facts.on for row in ledger)),
        ("rules", None),
        ("training", None),
    ]
    rows = tuple(
        (number, Code("check_item", key), value, None, None) for number, (key, value) in enumerate(items, start=1)
    )
    fields = (("unit", view.tree.name(unit) or unit),)
    on = (("as_of", day(view.facts.on)),)
    return paper(view, unit, "inspection", Section("facts", on, fields=fields), Section("items", rows=rows))

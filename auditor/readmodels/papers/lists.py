"""Reports that are lists: industrial software, expiry, unrecognised, blind spots, personal-free, office suites, idle,
有授权无凭证. Machines are named by their code, never by a person."""

from __future__ import annotations

from collections import Counter, defaultdict

from auditor.core.model import Copy, UnitCode, Verdict
from auditor.core.reconcile import NOT_COUNTED
from auditor.readmodels.audit_report import audit_report
from auditor.readmodels.context import RunView, missing_scopes
from auditor.readmodels.findings import joined
from auditor.readmodels.papers.basis import basis_rows, copy_marks, linked_positions
from auditor.readmodels.papers.lines import (
    DOMESTIC,
    country_of,
    day,
    is_personal,
    ledger_rows,
    machine_name,
    own_copies,
    own_positions,
    own_rows,
    paper,
    position_rows,
)
from reports.paper import Code, Link, Paper, Section
from rules.product import Category, Kind

YEAR_DAYS = 365


def industrial(view: RunView, unit: UnitCode) -> Paper:
    """Return industrial software: position of each product, then each copy."""
    lines = [line for line in own_positions(view, unit) if line.category is Category.INDUSTRIAL]
    copies = [each for each in own_copies(view, unit) if each.copy.category is Category.INDUSTRIAL]
    copies.sort(key=lambda each: each.copy.product)
    listed = Section("copies", rows=basis_rows(view, copies), marks=copy_marks(copies))
    positions = linked_positions(tuple(position_rows(view, lines)), [line.product for line in lines], listed)
    rows = [
        (*row, Code("yes_no", "yes" if country_of(view, line.product) == DOMESTIC else "no"))
        for line, row in zip(lines, positions, strict=True)
    ]
    facts = (("products", len(lines)), ("copies", len(copies)), ("as_of", day(view.facts.on)))
    return paper(
        view,
        unit,
        "industrial",
        Section("cover", facts),
        Section("positions", rows=tuple(rows)),
        listed,
    )


def expiry(view: RunView, unit: UnitCode) -> Paper:
    """Return the rows of the ledger that ended, and those that end within a year, by their last day."""
    on = view.facts.on
    dated = sorted(
        ((row.ends_on, row) for row in own_rows(view, unit) if row.ends_on is not None),
        key=lambda pair: (pair[0], pair[1].code, pair[1].id),
    )
    over = [row for ends, row in dated if ends < on]
    soon = [row for ends, row in dated if 0 <= (ends - on).days <= YEAR_DAYS]
    near = sum(0 <= (ends - on).days <= view.facts.expiring_within_days for ends, _ in dated)
    facts = (
        ("as_of", day(on)),
        ("over", len(over)),
        ("soon", len(soon)),
        ("days", view.facts.expiring_within_days),
        ("near", near),
    )
    return paper(
        view,
        unit,
        "expiry",
        Section("cover", facts),
        Section("over", rows=ledger_rows(view, over)),
        Section("soon", rows=ledger_rows(view, soon)),
    )


def unrecognised(view: RunView, unit: UnitCode) -> Paper:
    """Return what the catalogue does not know, by number of computers."""
    lines = audit_report(view, unit).unknown
    rows = tuple(
        (number, line.name, line.publisher, line.machines, line.versions, line.source)
        for number, line in enumerate(lines, start=1)
    )
    facts = (("count", len(rows)), ("as_of", day(view.facts.on)))
    return paper(view, unit, "unrecognised", Section("cover", facts), Section("titles", rows=rows))


def blind_spots(view: RunView, unit: UnitCode) -> Paper:
    """Return the computers and the sources that were not seen, or not in full."""
    missing = view.coverage(unit).unscanned
    sources: Counter[tuple[str, str]] = Counter()
    for machine in view.machines_by_unit.get(unit, []):
        if machine.state not in NOT_COUNTED:
            sources.update(set(missing_scopes(machine)))
    rows = tuple(
        (
            number,
            each.computer_code or each.host_name,
            each.department,
            Code("reason", each.reason),
            each.last_scan_on,
            "、".join(each.scopes),
        )
        for number, each in enumerate(missing, start=1)
    )
    told = sorted(sources.items(), key=lambda pair: (-pair[1], pair[0]))
    return paper(
        view,
        unit,
        "blind_spots",
        Section("cover", (("as_of", day(view.facts.on)),)),
        Section("machines", (("count", len(rows)),), rows),
        Section(
            "sources",
            rows=tuple(
                (number, scope, Code("reason", outcome), Link(count, "machines"))
                for number, ((scope, outcome), count) in enumerate(told, start=1)
            ),
        ),
    )


def personal_free(view: RunView, unit: UnitCode) -> Paper:
    """Return copies that are free for personal use only and stand on no list with a basis."""
    copies = [
        each
        for each in own_copies(view, unit)
        if is_personal(each.copy) and each.verdict not in (Verdict.GENUINE, Verdict.GENUINE_NOT_COUNTED)
    ]
    machines = len({each.copy.machine for each in copies})
    facts = (("count", len(copies)), ("machines", machines), ("as_of", day(view.facts.on)))
    return paper(view, unit, "personal_free", Section("cover", facts), Section("copies", rows=basis_rows(view, copies)))


def office_suites(view: RunView, unit: UnitCode) -> Paper:
    """Return computers with more than one office suite."""
    suites: defaultdict[str, dict[str, Copy]] = defaultdict(dict)
    for each in own_copies(view, unit):
        if each.copy.category is Category.OFFICE and each.copy.kind is Kind.SUITE:
            suites[each.copy.machine].setdefault(each.copy.key, each.copy)
    several = sorted(
        (list(found.values()) for found in suites.values() if len({copy.product for copy in found.values()}) > 1),
        key=lambda found: machine_name(view, found[0]),
    )
    rows = tuple(
        (
            number,
            machine_name(view, found[0]),
            view.tree.name(found[0].department),
            len({copy.product for copy in found}),
            joined([view.copy_name(copy) for copy in found]),
        )
        for number, found in enumerate(several, start=1)
    )
    facts = (("count", len(rows)), ("as_of", day(view.facts.on)))
    return paper(view, unit, "office_suites", Section("cover", facts), Section("machines", rows=rows))


def idle(view: RunView, unit: UnitCode) -> Paper:
    """Return products with idle rights, most first."""
    lines = sorted(
        (line for line in own_positions(view, unit) if line.surplus > 0),
        key=lambda line: (-line.surplus, line.product),
    )
    facts = (("count", len(lines)), ("as_of", day(view.facts.on)))
    rows = tuple(position_rows(view, lines))
    return paper(view, unit, "idle", Section("cover", facts), Section("positions", rows=rows))


def no_paper(view: RunView, unit: UnitCode) -> Paper:
    """Return the rows of the ledger that hold a right and name no proof of it."""
    found = [row for row in own_rows(view, unit) if row.lacks_paper]
    facts = (("count", len(found)), ("as_of", day(view.facts.on)))
    return paper(view, unit, "no_paper", Section("cover", facts), Section("rows", rows=ledger_rows(view, found)))

"""The forms of one run say the same: for each legal entity and 软件编号, over organisations by chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from builders import HEAD_OFFICE, World, product
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import journal_of, people_of, random_world

from auditor.core.entitlement import SoftwareType
from auditor.core.model import JournalKind, JournalLine, Machine, MachineId, MachineState, UnitCode
from auditor.core.organisation import NO_UNIT
from auditor.core.reconcile import NOT_COUNTED, reconcile
from auditor.readmodels.audit_report import audit_report, rates
from auditor.readmodels.context import RunView
from auditor.readmodels.detail import detail_form
from auditor.readmodels.free_list import free_form
from auditor.readmodels.journal import journal_form
from auditor.readmodels.summary import summary_form
from reports.model import DetailForm, Proof, SummaryForm
from rules.product import Product

seeds = st.integers(0, 1_000_000)
PROOF = Proof(run="5f2c" * 16, as_of=date(2026, 6, 30), catalogue="a91b" * 16, release="0.1.0")
AT = "2026-01-05T08:00:00Z"
MANY = settings(max_examples=150, deadline=None)


def view_of(seed: int) -> RunView:
    world = random_world(seed)
    facts = world.facts(people=people_of(world))
    return RunView(facts, reconcile(facts), journal_of(world, seed), replace(PROOF, as_of=world.on))


def units_of(view: RunView) -> list[UnitCode]:
    return sorted({*view.tree.legal_entities(), *view.machines_by_unit} or {NO_UNIT})


def installed(form: SummaryForm) -> Counter[str]:
    """安装数量 by 软件编号; a code stands in one row."""
    codes = [purchase.code for purchase in form.purchases]
    assert len(codes) == len(set(codes))
    return Counter(
        {
            purchase.code: sum(term.installed for version in purchase.versions for term in version.terms)
            for purchase in form.purchases
        }
    )


def listed(form: DetailForm) -> Counter[str | None]:
    return Counter(line.code for machine in form.machines for line in machine.lines)


@MANY
@given(seeds)
def test_the_summary_counts_what_the_detail_lists(seed: int) -> None:
    view = view_of(seed)
    for unit in units_of(view):
        summary, lines = installed(summary_form(view, unit)), listed(detail_form(view, unit))
        assert {code for code in lines if code is not None} <= set(summary)
        assert {code: count for code, count in summary.items() if count} == {
            code: count for code, count in lines.items() if code is not None
        }


@MANY
@given(seeds)
def test_every_copy_stands_in_the_detail_of_one_unit(seed: int) -> None:
    view = view_of(seed)
    lines = [line for unit in units_of(view) for m in detail_form(view, unit).machines for line in m.lines]
    assert len(lines) == len(view.result.assignments)
    machines = [m for unit in units_of(view) for m in detail_form(view, unit).machines]
    seen = [m for m in view.facts.machines if m.id is not None and m.state not in NOT_COUNTED]
    assert len(machines) == len(seen)


@MANY
@given(seeds)
def test_the_journal_ends_on_the_number_installed(seed: int) -> None:
    view = view_of(seed)
    for unit in units_of(view):
        summary = summary_form(view, unit)
        count = installed(summary)
        sheets = journal_form(view, unit).sheets
        wanted = {p.code for p in summary.purchases if p.software_type != SoftwareType.FREE.value}
        assert {sheet.code for sheet in sheets} == wanted
        for sheet in sheets:
            assert (sheet.entries[-1].total if sheet.entries else 0) == count[sheet.code]


@MANY
@given(seeds)
def test_no_copy_without_a_code_is_dropped(seed: int) -> None:
    view = view_of(seed)
    for unit in units_of(view):
        nameless = listed(detail_form(view, unit))[None]
        mine = [a for a in view.by_unit.get(unit, []) if a.code is None]
        assert nameless == len(mine)
        told = sum(count for _, count in summary_form(view, unit).unregistered)
        assert told == nameless
        free = [a for a in mine if a.right.value == "not_needed" and a.copy.kind.value != "operating_system"]
        candidates = sum(count for _, count in free_form(view, unit).candidates)
        assert candidates >= len({(a.copy.product, a.copy.machine) for a in free})


@MANY
@given(seeds)
def test_rates_account_for_every_copy(seed: int) -> None:
    view = view_of(seed)
    for unit in units_of(view):
        mine = view.by_unit.get(unit, [])
        by_name = {rate.what: rate for rate in rates(mine)}
        for rate in by_name.values():
            told = rate.numerator + rate.suspected + rate.to_verify + rate.short + rate.undetermined
            assert told == rate.denominator
        three = [by_name[name] for name in ("operating_system", "office", "antivirus")]
        assert by_name["three_classes"].denominator == sum(rate.denominator for rate in three)
        counted = by_name["three_classes"].denominator + by_name["other"].denominator
        assert counted + by_name["three_classes"].excluded + by_name["other"].excluded == len(mine)


@MANY
@given(seeds)
def test_the_report_and_the_summary_speak_of_the_same_machines(seed: int) -> None:
    view = view_of(seed)
    for unit in units_of(view):
        report, summary = audit_report(view, unit), summary_form(view, unit)
        count = summary.servers + summary.desktops + summary.portables + summary.others
        assert report.coverage == summary.coverage
        assert report.coverage.in_scope == len(report.machines) == count
        assert report.coverage.fully_scanned <= report.coverage.scanned <= report.coverage.in_scope
        assert sum(line.copies for line in report.machines) == len(view.by_unit.get(unit, []))


def test_a_scrapped_computer_leaves_its_codes_by_an_accounting_line() -> None:
    tool = product()
    world = World()
    title = world.title(tool)
    world.machine(title)
    gone = world.machine(title, state=MachineState.SCRAPPED, registered_since=date(2026, 3, 1))
    world.right(tool, 2, "S1")
    world.previous = {copy_key(gone, tool): "S1"}
    lines = tuple(
        JournalLine(number, id, JournalKind.OPENING, title, None, "s", None, date(2026, 1, 5), True, AT, f"d{number}")
        for number, id in enumerate((MachineId(1), MachineId(2)), start=1)
    )
    facts = world.facts()
    view = RunView(facts, reconcile(facts), lines, PROOF)
    (sheet,) = journal_form(view, HEAD_OFFICE).sheets
    assert [(entry.act, entry.computer_code, entry.happened_on, entry.total) for entry in sheet.entries] == [
        ("opening", "PC001", date(2026, 1, 5), 1),
        ("opening", "PC002", date(2026, 1, 5), 2),
        ("adjusted_out", "PC002", date(2026, 3, 1), 1),
    ]


def copy_key(machine: Machine, tool: Product) -> str:
    return "|".join((machine.key, tool.id, "", "", "0"))

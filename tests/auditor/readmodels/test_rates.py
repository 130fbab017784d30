"""正版率 as METRICS T40 works it out, and the forms of stores with little in them."""

from __future__ import annotations

from builders import HEAD_OFFICE, World, product

from auditor.core.model import Machine, MachineState, UnitCode
from auditor.core.organisation import NO_UNIT
from auditor.core.reconcile import reconcile
from auditor.readmodels.audit_report import audit_report, rates
from auditor.readmodels.context import RunView
from auditor.readmodels.detail import detail_form
from auditor.readmodels.journal import journal_form
from auditor.readmodels.summary import summary_form
from reports.model import Proof
from rules.product import Category, Kind

SYSTEM = product("a/system", category=Category.OPERATING_SYSTEM, kind=Kind.OPERATING_SYSTEM)
OFFICE = product("b/office", category=Category.OFFICE, kind=Kind.SUITE)
ANTIVIRUS = product("c/antivirus", category=Category.ANTIVIRUS)


def view_of(world: World) -> RunView:
    facts = world.facts()
    proof = Proof(run="5f2c" * 16, as_of=world.on, catalogue="a91b" * 16, release="0.1.0")
    return RunView(facts, reconcile(facts), (), proof)


def t40() -> World:
    world = World()
    titles = [world.title(one) for one in (SYSTEM, OFFICE, ANTIVIRUS)]
    for _ in range(120):
        world.machine(*titles)
    for one, quantity in ((SYSTEM, 118), (OFFICE, 100), (ANTIVIRUS, 119)):
        world.right(one, quantity)
    return world


def test_t40_rates_are_copies_covered_of_copies_installed() -> None:
    told = {rate.what: (rate.numerator, rate.denominator) for rate in rates(t40().reconcile().assignments)}
    assert told["operating_system"] == (118, 120)
    assert told["office"] == (100, 120)
    assert told["antivirus"] == (119, 120)
    assert told["three_classes"] == (337, 360)
    whole, machines = told["whole_machine"]
    assert machines == 120 and 97 <= whole <= 100
    percent = {name: f"{100 * n / d:.2f}" for name, (n, d) in told.items() if d}
    assert (percent["operating_system"], percent["office"], percent["antivirus"]) == ("98.33", "83.33", "99.17")


def test_t40_a_machine_without_antivirus_is_a_finding_and_raises_no_rate() -> None:
    world = t40()
    before = {rate.what: rate for rate in rates(world.reconcile().assignments)}
    world.machine(next(title for title in world.titles if world.recognitions[title].product == SYSTEM.id))
    result = world.reconcile()
    after = {rate.what: rate for rate in rates(result.assignments)}
    assert after["antivirus"] == before["antivirus"]
    assert (after["operating_system"].numerator, after["operating_system"].denominator) == (118, 121)
    assert [f.machine for f in result.findings if f.code == "machine.no_antivirus"] == ["m00000121"]


def test_an_empty_store_has_empty_forms() -> None:
    view = view_of(World(units=[]))
    assert view.result == view_of(World(units=[])).result
    assert summary_form(view, NO_UNIT).purchases == ()
    assert detail_form(view, NO_UNIT).machines == ()
    assert journal_form(view, NO_UNIT).sheets == ()
    assert audit_report(view, NO_UNIT).coverage.in_scope == 0
    assert {rate.denominator for rate in audit_report(view, NO_UNIT).rates} == {0}


def test_without_units_machines_stand_on_the_form_of_nobody() -> None:
    world = World(units=[])
    world.machine(world.title(OFFICE), unit=None)
    world.machine(world.title(OFFICE), unit=UnitCode("gone"))
    view = view_of(world)
    assert list(view.machines_by_unit) == [NO_UNIT]
    assert len(detail_form(view, NO_UNIT).machines) == 2


def test_a_machine_of_a_unit_that_is_gone_stands_with_the_first_legal_entity() -> None:
    world = World()
    world.machine(world.title(OFFICE), unit=UnitCode("gone"), person="gone too")
    block = detail_form(view_of(world), HEAD_OFFICE).machines[0]
    assert (block.department, block.person, len(block.lines)) == (None, None, 1)


def test_machines_out_of_scope_are_told_and_not_counted() -> None:
    world = World()
    title = world.title(OFFICE)
    machines: list[Machine] = [world.machine(title, state=state) for state in MachineState]
    view = view_of(world)
    coverage = view.coverage(HEAD_OFFICE)
    assert (coverage.classified, coverage.private, coverage.in_scope) == (1, 1, len(machines) - 4)
    assert len(view.result.assignments) == coverage.in_scope
    assert view.result.positions[0].raw == coverage.in_scope

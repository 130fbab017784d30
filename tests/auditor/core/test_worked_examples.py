"""Worked examples of METRICS §5 that this release counts: device, user, OEM, versions, terms, codes."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from builders import HEAD_OFFICE, World, product

from auditor.core.entitlement import AllowedVersion, SoftwareType
from auditor.core.model import (
    Failing,
    MachineClass,
    MachineState,
    Person,
    PersonId,
    Position,
    Reason,
    Right,
    Unit,
    UnitCode,
    UnitKind,
    Verdict,
)
from rules.product import Category, Edition, Kind, LicenceClass

CHAIN = product("maker/chain", lines=("8", "9", "10"))


def figures(position: Position) -> tuple[int, int, int, int]:
    """Return required, covered, shortage, surplus as whole numbers."""
    return int(position.required), int(position.covered), int(position.shortage), int(position.surplus)


@pytest.mark.parametrize(("multi_version", "required"), [(True, 5), (False, 6)])
def test_t01_t02_versions_of_one_product_on_one_device(multi_version: bool, required: int) -> None:
    tool = product("maker/tool", lines=("1", "2"))
    world = World()
    one, two = world.title(tool, line="1"), world.title(tool, line="2")
    for number in range(5):
        world.machine(*((one, two) if number == 2 else (two,)))
    world.right(tool, 10, multi_version=multi_version, allowed=(AllowedVersion("1、2", versions="*", basis="合同"),))
    position = world.position(tool)
    assert (position.raw, int(position.required), int(position.shortage)) == (6, required, 0)


@pytest.mark.parametrize(("metric", "required"), [("per_user", 1), ("per_device", 3)])
def test_t03_one_user_on_three_devices(metric: str, required: int) -> None:
    tool = product()
    world = World()
    title = world.title(tool)
    for _ in range(3):
        world.machine(title, person="u1")
    world.right(tool, 5, metric=metric)
    assert figures(world.position(tool)) == (required, required, 0, 5 - required)


def test_a_device_without_a_user_is_one_anonymous_user_each() -> None:
    tool = product(metric="per_user")
    world = World()
    title = world.title(tool)
    world.machine(title)
    world.machine(title)
    world.right(tool, 1, metric="per_user")
    assert figures(world.position(tool)) == (2, 1, 1, 0)


def windows() -> tuple[object, ...]:
    home = Edition("home", "家庭版", "Home", for_organisations=False)
    return (
        product(
            "maker/windows",
            lines=("10", "11"),
            editions=(home, Edition("pro", "专业版", "Pro")),
            category=Category.OPERATING_SYSTEM,
            kind=Kind.OPERATING_SYSTEM,
        ),
    )


def test_t14_oem_rights_belong_to_the_serials_in_the_ledger() -> None:
    (system,) = windows()
    world = World()
    title = world.title(system, line="10", edition="pro")  # type: ignore[arg-type]
    for number in range(10):
        world.machine(title, serial=f"SN{number}")
    world.machine(serial="SN90", state=MachineState.SCRAPPED)
    world.machine(serial="SN91", state=MachineState.SCRAPPED)
    serials = (*(f"SN{n}" for n in range(8)), "SN90", "SN91")
    world.right(system, 10, software_type=SoftwareType.OEM, metric="oem", bound_serials=serials)  # type: ignore[arg-type]
    position = world.position(system)  # type: ignore[arg-type]
    assert figures(position) == (10, 8, 2, 0)
    assert (position.dead_oem, int(position.owned or 0)) == (2, 8)
    reasons = [a.reason for a in world.reconcile().assignments if a.right is Right.COVERED]
    assert reasons == [Reason.BOUND] * 8


def test_t15_oem_home_and_pro_installed_is_an_edition_mismatch() -> None:
    (system,) = windows()
    world = World()
    world.machine(world.title(system, line="10", edition="pro"), serial="SN1")  # type: ignore[arg-type]
    world.right(
        system,  # type: ignore[arg-type]
        1,
        edition="home",
        software_type=SoftwareType.OEM,
        metric="oem",
        bound_serials=("sn1",),
    )
    result = world.reconcile()
    assert figures(result.positions[0])[:3] == (1, 0, 1)
    assert "copy.edition_mismatch" in {finding.code for finding in result.findings}


@pytest.mark.parametrize(("on", "covered", "owned"), [(date(2025, 12, 31), 15, 20), (date(2026, 1, 1), 0, 0)])
def test_t17_a_term_holds_on_its_last_day_and_not_after(on: date, covered: int, owned: int) -> None:
    tool = product()
    world = World(on=on)
    title = world.title(tool)
    for _ in range(15):
        world.machine(title)
    world.right(tool, 20, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    position = world.position(tool)
    assert (int(position.covered), int(position.owned or 0), int(position.shortage)) == (covered, owned, 15 - covered)


@pytest.mark.parametrize(
    ("on", "right", "finding"),
    [(date(2025, 3, 30), Right.TO_VERIFY, "copy.trial"), (date(2025, 3, 31), Right.SHORT, "copy.trial_over")],
)
def test_t18_the_day_of_installation_is_the_first_day_of_a_trial(on: date, right: Right, finding: str) -> None:
    tool = product(licence_class=LicenceClass.TRIAL, trial_days=30)
    world = World(on=on)
    world.machine(world.title(tool), installed_on=date(2025, 3, 1))
    result = world.reconcile()
    assert result.assignments[0].right is right
    assert finding in {found.code for found in result.findings}


def test_t19_free_for_persons_is_a_finding_and_no_demand() -> None:
    tool = product(licence_class=LicenceClass.PERSONAL_FREE, metric=None)
    world = World()
    title = world.title(tool)
    for _ in range(4):
        world.machine(title)
    result = world.reconcile()
    assert result.positions == ()
    assert [dict(f.facts)["machines"] for f in result.findings if f.code == "copy.personal_free"] == [4]
    assert {a.verdict for a in result.assignments} == {Verdict.TO_VERIFY}


def chain_world(installed: dict[str, int]) -> World:
    world = World()
    for line, count in installed.items():
        title = world.title(CHAIN, line=line)
        for _ in range(count):
            world.machine(title)
    return world


def lines(*names: str) -> tuple[AllowedVersion, ...]:
    return tuple(AllowedVersion(name, line=name, basis="降级权") for name in names)


def test_t20a_downgrade_uses_the_least_total_distance() -> None:
    world = chain_world({"10": 60, "9": 25, "8": 20})
    world.right(CHAIN, 100, line="10", allowed=lines("9", "8"))
    result = world.reconcile()
    assert figures(result.positions[0]) == (105, 100, 5, 0)
    assert {a.copy.line for a in result.assignments if a.right is Right.SHORT} == {"8"}


def test_t20b_more_rights_leave_a_surplus() -> None:
    world = chain_world({"10": 60, "9": 25, "8": 20})
    world.right(CHAIN, 100, line="10", allowed=lines("9", "8"))
    world.right(CHAIN, 10, line="9")
    result = world.reconcile()
    assert figures(result.positions[0]) == (105, 105, 0, 5)
    used = [a.entitlement for a in result.assignments]
    assert (used.count(1), used.count(2)) == (95, 10)


def test_t20c_no_greedy_order_strands_the_narrow_right() -> None:
    world = chain_world({"9": 10, "8": 10})
    world.right(CHAIN, 10, line="10", allowed=lines("9", "8"))
    world.right(CHAIN, 10, line="9")
    assert figures(world.reconcile().positions[0]) == (20, 20, 0, 0)


def test_t41_codes_stay_with_their_copies() -> None:
    tool = product()
    world = World()
    title = world.title(tool)
    for _ in range(100):
        world.machine(title)
    world.right(tool, 60, "A")
    world.right(tool, 60, "B")
    first = {a.copy.key: a.code for a in world.reconcile().assignments}
    reversed_codes = {key: ("A" if code == "B" else "B") for key, code in first.items()}
    kept = {key: code for key, code in reversed_codes.items()}
    world.previous = {k: str(v) for k, v in kept.items()}
    world.machine(title)
    second = {a.copy.key: a.code for a in world.reconcile().assignments}
    moved = [key for key in kept if second[key] != kept[key]]
    assert len(second) == 101 and moved == []


def test_t42_copies_without_any_code_are_unregistered() -> None:
    tool = product()
    world = World()
    title = world.title(tool)
    for _ in range(3):
        world.machine(title)
    result = world.reconcile()
    assert figures(result.positions[0]) == (3, 0, 3, 0)
    assert {(a.code, a.failing) for a in result.assignments} == {(None, Failing.NO_RIGHT)}
    assert [dict(f.facts)["machines"] for f in result.findings if f.code == "copy.unregistered"] == [3]


@pytest.mark.parametrize("above", ["A", "B"])
def test_t43_a_shared_right_reaches_the_units_below_its_owner(above: str) -> None:
    tool = product()
    a, b, x = UnitCode("A"), UnitCode("B"), UnitCode("X")
    legal = UnitKind.LEGAL_ENTITY
    world = World(units=[Unit(a, "甲", None, legal), Unit(b, "乙", None, legal), Unit(x, "子", UnitCode(above), legal)])
    world.machine(world.title(tool), unit=x)
    world.right(tool, 1, unit=b, shared=True)
    assert int(world.position(tool, x).covered) == (1 if above == "B" else 0)


def test_t45_an_allowed_version_without_a_basis_is_to_be_verified() -> None:
    world = chain_world({"8": 1})
    world.right(CHAIN, 1, line="9", allowed=(AllowedVersion("8", line="8"),))
    result = world.reconcile()
    only = result.assignments[0]
    assert (only.right, only.basis_missing, only.verdict) == (Right.TO_VERIFY, True, Verdict.TO_VERIFY)
    assert int(result.positions[0].covered) == 1


@pytest.mark.parametrize(("b_left", "covered"), [(False, 2), (True, 1)])
def test_t46_a_subscription_per_user_follows_its_users(b_left: bool, covered: int) -> None:
    tool = product(metric="per_user")
    world = World()
    title = world.title(tool)
    for _ in range(5):
        world.machine(title, person="A")
    for _ in range(2):
        world.machine(title, person=None if b_left else "B", unit=HEAD_OFFICE)
    world.right(tool, 2, metric="per_user")
    position = world.position(tool)
    assert int(position.covered) == (2 if b_left else covered)
    assert int(position.required) == (3 if b_left else 2)


@pytest.mark.parametrize(("on", "covered", "free"), [(date(2026, 6, 30), 2, 0), (date(2026, 7, 1), 1, 1)])
def test_t46_the_right_of_a_leaver_is_free_and_the_devices_are_nobodys(on: date, covered: int, free: int) -> None:
    """As METRICS states it: the devices of B are without a person from 07-01 and hold no right of A's."""
    tool = product(metric="per_user")
    world = World(on=on)
    title = world.title(tool)
    for _ in range(5):
        world.machine(title, person="A")
    for _ in range(2):
        world.machine(title, person="B" if on <= date(2026, 6, 30) else None)
    world.right(tool, 2, metric="per_user", bound_people=(PersonId("A"), PersonId("B")))
    staff = ["A", "B"] if on <= date(2026, 6, 30) else ["A"]
    [position] = world.reconcile(people=[Person(PersonId(id), id, HEAD_OFFICE) for id in staff]).positions
    assert (int(position.covered), int(position.surplus)) == (covered, free)
    assert sum(a.copy.person is None and a.right is Right.SHORT for a in world.reconcile().assignments) == 2 * free


def test_t37_a_silent_machine_is_counted_and_flagged() -> None:
    tool = product()
    world = World()
    world.machine(world.title(tool), last_scan_on=date(2026, 5, 21))
    world.machine(world.title(tool), last_scan_on=date(2026, 5, 31))
    result = world.reconcile()
    assert result.positions[0].raw == 2
    assert [f.machine for f in result.findings if f.code == "machine.stale"] == ["m00000001"]


def test_t38_surplus_and_shortage_of_two_units_stand_apart() -> None:
    """Gross: one unit is short of 3 although the other has 5 over; the net is what the two lines add up to."""
    tool = product()
    one, two = UnitCode("D1"), UnitCode("D2")
    units = [Unit(HEAD_OFFICE, "总部", None, UnitKind.LEGAL_ENTITY)]
    units += [Unit(code, code, HEAD_OFFICE, UnitKind.LEGAL_ENTITY) for code in (one, two)]
    world = World(units=units)
    title = world.title(tool)
    for unit, count in ((one, 2), (two, 7)):
        for _ in range(count):
            world.machine(title, unit=unit)
    world.right(tool, 7, unit=one)
    world.right(tool, 4, unit=two)
    assert figures(world.position(tool, one)) == (2, 2, 0, 5)
    assert figures(world.position(tool, two)) == (7, 4, 3, 0)
    assert sum(int(p.surplus - p.shortage) for p in world.reconcile().positions) == 2


def test_t47_a_host_and_its_two_guests_are_three_systems() -> None:
    system = product("maker/server", category=Category.OPERATING_SYSTEM, kind=Kind.OPERATING_SYSTEM)
    world = World()
    title = world.title(system)
    world.machine(title, machine_class=MachineClass.SERVER, serial="HOST1")
    world.machine(title, machine_class=MachineClass.VIRTUAL)
    world.machine(title, machine_class=MachineClass.VIRTUAL)
    world.right(system, 1, software_type=SoftwareType.OEM, metric="oem", bound_serials=("HOST1",))
    assert figures(world.position(system)) == (3, 1, 2, 0)


def test_t49_one_board_with_two_systems_is_one_computer_and_two_copies() -> None:
    windows_system = product("maker/windows", category=Category.OPERATING_SYSTEM, kind=Kind.OPERATING_SYSTEM)
    uos = product("other/uos", category=Category.OPERATING_SYSTEM, kind=Kind.OPERATING_SYSTEM)
    world = World()
    machine = world.machine(world.title(windows_system), world.title(uos, source="operating_system"), serial="SN1")
    world.right(windows_system, 1, software_type=SoftwareType.OEM, metric="oem", bound_serials=("SN1",))
    result = world.reconcile()
    assert {(a.copy.machine, a.copy.product, a.right) for a in result.assignments} == {
        (machine.key, windows_system.id, Right.COVERED),
        (machine.key, uos.id, Right.SHORT),
    }
    assert len(result.feet) == 1


def test_t43_a_unit_that_moves_takes_its_reach_along() -> None:
    """Demand and shared rights follow the tree of the day: under A before 06-01, under B from then on."""
    tool = product()
    legal = UnitKind.LEGAL_ENTITY
    covered = {}
    for day, above in ((date(2026, 5, 31), "A"), (date(2026, 6, 1), "B")):
        units = [Unit(UnitCode(code), code, None, legal) for code in "AB"]
        world = World(on=day, units=[*units, Unit(UnitCode("X"), "子", UnitCode(above), UnitKind.DEPARTMENT)])
        world.machine(world.title(tool), unit=UnitCode("X"))
        world.right(tool, 1, unit=UnitCode("X"))
        covered[day] = {p.unit: figures(p) for p in world.reconcile().positions}
    assert covered == {date(2026, 5, 31): {"A": (1, 1, 0, 0)}, date(2026, 6, 1): {"B": (1, 1, 0, 0)}}


def test_a_trial_within_its_days_is_neither_short_nor_before_others() -> None:
    tool = product(trial_days=400)
    world = World()
    world.machine(world.title(tool, licence_class=LicenceClass.TRIAL))
    world.machine(world.title(tool))
    world.right(tool, 1)
    result = world.reconcile()
    assert [(a.copy.licence_class.value, a.right.value) for a in result.assignments] == [
        ("trial", "to_verify"),
        ("commercial", "covered"),
    ]
    assert (result.positions[0].raw, result.positions[0].exempt, figures(result.positions[0])) == (2, 1, (1, 1, 0, 0))
    assert "licence.shortfall" not in {finding.code for finding in result.findings}


def test_t48_each_office_suite_needs_cover() -> None:
    one = product("maker/office", category=Category.OFFICE, kind=Kind.SUITE)
    other = product("other/wps", category=Category.OFFICE, kind=Kind.SUITE)
    world = World()
    world.machine(world.title(one), world.title(other))
    result = world.reconcile()
    assert [int(position.required) for position in result.positions] == [1, 1]
    assert "machine.several_office_suites" in {finding.code for finding in result.findings}


def test_a_home_edition_is_a_finding_even_with_its_oem_right() -> None:
    (system,) = windows()
    world = World()
    world.machine(world.title(system, line="10", edition="home"), serial="SN1")  # type: ignore[arg-type]
    world.right(
        system,  # type: ignore[arg-type]
        1,
        edition="home",
        software_type=SoftwareType.OEM,
        metric="oem",
        bound_serials=("SN1",),
    )
    result = world.reconcile()
    assert result.assignments[0].verdict is Verdict.TO_VERIFY
    assert "copy.not_for_organisations" in {finding.code for finding in result.findings}


def test_the_answer_depends_neither_on_order_nor_on_the_solver_seed() -> None:
    world = chain_world({"10": 4, "9": 3, "8": 3})
    world.right(CHAIN, 3, line="10", allowed=lines("9", "8"))
    world.right(CHAIN, 3, line="9", allowed=lines("8"))
    world.right(CHAIN, 2, line="8", ends_on=date(2027, 1, 1))
    first = world.reconcile()
    for rights in permutations(world.rights):
        assert world.reconcile(entitlements=rights, machines=world.machines[::-1], seed=7) == first


def test_one_copy_of_one_product_however_many_titles_show_it() -> None:
    suite = product("maker/office", kind=Kind.SUITE, parts=("maker/word",), lines=("2016",))
    word = product("maker/word", lines=("2016",))
    world = World()
    world.machine(
        world.title(suite, line="2016", edition="pro", version="16.0.1"),
        world.title(suite, line="2016", version="16.0.1", source="applications"),
        world.title(word, line="2016"),
        world.title(suite, kind=Kind.COMPONENT, line="2016"),
    )
    result = world.reconcile()
    assert [(a.copy.product, a.copy.edition) for a in result.assignments] == [("maker/office", "pro")]
    assert result.feet[0].components == 1


def test_a_free_row_of_the_ledger_gives_its_code_and_no_right() -> None:
    tool = product(licence_class=LicenceClass.OPEN_SOURCE, metric=None)
    world = World()
    world.machine(world.title(tool))
    world.right(tool, 0, "F001", software_type=SoftwareType.FREE)
    only = world.reconcile().assignments[0]
    assert (only.code, only.right, only.entitlement) == ("F001", Right.NOT_NEEDED, None)


@pytest.mark.parametrize(
    ("edition", "line", "right", "failing"),
    [
        ("pro", "10", Right.COVERED, None),
        (None, "10", Right.TO_VERIFY, Failing.EDITION_UNKNOWN),
        ("pro", None, Right.TO_VERIFY, Failing.VERSION_UNKNOWN),
    ],
)
def test_what_the_machine_does_not_say_is_verified(
    edition: str | None, line: str | None, right: Right, failing: Failing | None
) -> None:
    (system,) = windows()
    world = World()
    world.machine(world.title(system, line=line, edition=edition))  # type: ignore[arg-type]
    world.right(system, 1, line="10", edition="pro")  # type: ignore[arg-type]
    result = world.reconcile()
    only = result.assignments[0]
    assert (only.right, only.failing, int(result.positions[0].covered)) == (right, failing, 1)
    assert ("copy.to_verify" in {finding.code for finding in result.findings}) == (failing is not None)

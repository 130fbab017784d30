"""Every explanation can be acted on: take away the condition that it names, and the copy is covered (METRICS §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import HEAD_OFFICE, World, product
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import random_world

from auditor.core.entitlement import AllowedVersion, Entitlement, FreeSoftware, SoftwareType
from auditor.core.model import (
    Assignment,
    Copy,
    Failing,
    PersonId,
    ProductId,
    Right,
    SoftwareCode,
    Unit,
    UnitCode,
    UnitKind,
)
from rules.product import Edition, LicenceClass

EDITIONS = (Edition("home", "家庭版", "Home", for_organisations=False), Edition("pro", "专业版", "Pro"))
TOOL = product("maker/tool", lines=("8", "9"), editions=EDITIONS)
OTHER = UnitCode("OTHER")

ONE_FAILS: dict[Failing, tuple[dict[str, object], dict[str, object]]] = {
    Failing.EXPIRED: ({"ends_on": date(2026, 6, 29)}, {"ends_on": date(2026, 6, 30)}),
    Failing.NOT_YET_VALID: ({"starts_on": date(2026, 7, 1)}, {"starts_on": date(2026, 6, 30)}),
    Failing.EDITION: ({"edition": "home"}, {"edition": "pro"}),
    Failing.VERSION: ({"line": "8"}, {"allowed": (AllowedVersion("9", line="9", basis="合同"),)}),
    Failing.UNIT: ({"unit": OTHER}, {"unit": HEAD_OFFICE}),
    Failing.EXHAUSTED: ({"quantity": 0}, {"quantity": 1}),
    Failing.BOUND_ELSEWHERE: ({"bound_serials": ("SN9",), "metric": "oem"}, {"bound_serials": ("sn1 ",)}),
    Failing.NOT_BOUND: ({"metric": "oem", "software_type": SoftwareType.OEM}, {"bound_serials": ("SN1",)}),
}


@pytest.mark.parametrize("failing", ONE_FAILS)
def test_without_the_named_condition_the_copy_is_covered(failing: Failing) -> None:
    wrong, mended = ONE_FAILS[failing]
    units = [Unit(code, code, None, UnitKind.LEGAL_ENTITY) for code in (HEAD_OFFICE, OTHER)]
    world = World(units=units)
    world.machine(world.title(TOOL, line="9", edition="pro"), serial="SN1")
    right = world.right(TOOL, **{"quantity": 1, **wrong})  # type: ignore[arg-type]
    only = world.reconcile().assignments[0]
    assert (only.right, only.failing, only.entitlement) == (Right.SHORT, failing, right.id)
    world.rights[0] = replace(right, **mended)  # type: ignore[arg-type]
    assert world.reconcile().assignments[0].right is Right.COVERED


def test_a_right_bound_to_another_person() -> None:
    world = World()
    world.machine(world.title(TOOL, line="9"), person="one")
    right = world.right(TOOL, 1, bound_people=(PersonId("two"),))
    assert world.reconcile().assignments[0].failing is Failing.BOUND_ELSEWHERE
    world.rights[0] = replace(right, bound_people=(PersonId("one"),))
    assert world.reconcile().assignments[0].right is Right.COVERED


def test_no_right_a_new_row_covers() -> None:
    world = World()
    world.machine(world.title(TOOL, line="9", edition="pro"))
    assert world.reconcile().assignments[0].failing is Failing.NO_RIGHT
    world.right(TOOL, 1)
    assert world.reconcile().assignments[0].right is Right.COVERED


def test_where_two_conditions_fail_neither_is_the_reason_and_the_code_is_still_the_nearest() -> None:
    world = World()
    world.machine(world.title(TOOL, line="9", edition="pro"))
    world.right(TOOL, 1, "S9", edition="home", ends_on=date(2026, 1, 1))
    only = world.reconcile().assignments[0]
    assert (only.failing, only.code, only.over) == (Failing.NO_RIGHT, "S9", True)
    assert "copy.edition_mismatch" not in {finding.code for finding in world.reconcile().findings}


def test_a_right_that_others_use_up_is_no_edition_mismatch() -> None:
    world = World()
    world.machine(world.title(TOOL, line="9", edition="home"))
    world.machine(world.title(TOOL, line="9", edition="pro"))
    world.right(TOOL, 1, edition="home")
    assert [a.failing for a in world.reconcile().assignments if a.right is Right.SHORT] == [Failing.NO_RIGHT]


def test_a_copy_carries_the_code_of_its_own_unit_when_anothers_right_is_nearer() -> None:
    units = [Unit(code, code, None, UnitKind.LEGAL_ENTITY) for code in (HEAD_OFFICE, OTHER)]
    world = World(units=units)
    world.machine(world.title(TOOL, line="9", edition="pro"))
    world.right(TOOL, 1, "MINE", edition="home", ends_on=date(2026, 1, 1))
    world.right(TOOL, 1, "THEIRS", unit=OTHER)
    only = world.reconcile().assignments[0]
    assert (only.failing, only.entitlement, only.code, only.over) == (Failing.UNIT, 2, "MINE", True)


def test_personal_use_only_the_allow_list_with_a_basis_clears_it() -> None:
    tool = product(licence_class=LicenceClass.PERSONAL_FREE, metric=None)
    world = World()
    world.machine(world.title(tool))
    assert world.reconcile().assignments[0].failing is Failing.PERSONAL_ONLY
    line = FreeSoftware(HEAD_OFFICE, SoftwareCode("F1"), "tool", ProductId(tool.id))
    world.free_list = [line]
    assert world.reconcile().assignments[0].failing is Failing.PERSONAL_ONLY
    world.free_list = [line, replace(line, code=SoftwareCode("F2"), basis="条款 3")]
    only = world.reconcile().assignments[0]
    assert (only.right, only.failing, only.code) == (Right.NOT_NEEDED, None, "F2")


@pytest.mark.parametrize(("known", "right"), [("free", Right.NOT_NEEDED), ("commercial", Right.COVERED)])
def test_an_unknown_class_is_cleared_by_knowing_it(known: str, right: Right) -> None:
    for licence_class, expected in ((LicenceClass.UNKNOWN, Failing.CLASS_UNKNOWN), (LicenceClass(known), None)):
        tool = product(licence_class=licence_class)
        world = World()
        world.machine(world.title(tool))
        world.right(tool, 1)
        only = world.reconcile().assignments[0]
        assert only.failing is expected
    assert only.right is right


def test_a_trial_is_cleared_by_a_right() -> None:
    trial = product(licence_class=LicenceClass.TRIAL, trial_days=400)
    world = World()
    world.machine(world.title(trial))
    only = world.reconcile().assignments[0]
    assert (only.right, only.failing) == (Right.TO_VERIFY, Failing.TRIAL)
    world.right(trial, 1)
    assert world.reconcile().assignments[0].right is Right.COVERED


def test_a_home_edition_is_cleared_by_another_edition() -> None:
    def standing(edition: str) -> tuple[Right, Failing | None]:
        world = World()
        world.machine(world.title(TOOL, line="9", edition=edition))
        world.right(TOOL, 1)
        only = world.reconcile().assignments[0]
        return only.right, only.failing

    assert standing("home") == (Right.TO_VERIFY, Failing.NOT_FOR_ORGANISATIONS)
    assert standing("pro") == (Right.COVERED, None)


def mended(world: World, short: Assignment) -> World:
    """Return the world without the condition that the assignment names."""
    changed = replace(world, rights=list(world.rights), previous=world.previous)
    for number, right in enumerate(world.rights):
        if right.id == short.entitlement:
            changed.rights[number] = _mended(right, short.failing, short.copy)
    return changed


def _mended(right: Entitlement, failing: Failing | None, copy: Copy) -> Entitlement:
    match failing:
        case Failing.EXHAUSTED:
            return replace(right, quantity=right.quantity + 1)
        case Failing.EXPIRED:
            return replace(right, ends_on=None)
        case Failing.NOT_YET_VALID:
            return replace(right, starts_on=None)
        case Failing.EDITION:
            return replace(right, edition=copy.edition)
        case Failing.VERSION:
            return replace(right, line=None, version=None, allowed=())
        case _:
            return replace(right, unit=copy.unit)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1_000_000))
def test_in_any_organisation_an_only_short_copy_is_covered_without_its_condition(seed: int) -> None:
    """Where one copy of a product is short, nobody competes for what the change sets free."""
    world = random_world(seed)
    result = world.reconcile()
    for product_id in {a.copy.product for a in result.assignments}:
        short = [a for a in result.assignments if a.copy.product == product_id and a.right is Right.SHORT]
        bound = {Failing.NO_RIGHT, Failing.NOT_BOUND, Failing.BOUND_ELSEWHERE}
        if len(short) == 1 and short[0].failing not in bound and short[0].reason is None:
            right = next(r for r in world.rights if r.id == short[0].entitlement)
            if right.bound_serials or right.bound_people or right.metric == "per_user":
                continue
            after = {a.copy.key: a.right for a in mended(world, short[0]).reconcile().assignments}
            assert after[short[0].copy.key] in (Right.COVERED, Right.TO_VERIFY), short[0]


@pytest.mark.parametrize(
    ("edition", "line", "failing"),
    [("pro", "9", None), ("home", "8", Failing.NOT_FOR_ORGANISATIONS), ("home", "9", Failing.EDITION)],
)
def test_an_allowed_version_of_another_edition_allows_that_version_alone(
    edition: str, line: str, failing: Failing | None
) -> None:
    world = World()
    world.machine(world.title(TOOL, line=line, edition=edition))
    world.right(
        TOOL, 1, line="9", edition="pro", allowed=(AllowedVersion("8", line="8", edition="home", basis="合同"),)
    )
    assert world.reconcile().assignments[0].failing is failing

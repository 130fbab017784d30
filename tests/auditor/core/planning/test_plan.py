"""Plans: the cheapest way to no shortage, and whether it holds when it is carried out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from builders import HEAD_OFFICE, World, product
from planning import plan_of, price, shortage

from auditor.core.model import MachineState, Unit, UnitCode, UnitKind
from auditor.core.planning.plan import EVERY_WAY, Plan, Way
from rules.product import Kind, LicenceClass

TOOL = product("maker/tool")
NORTH, SOUTH = UnitCode("N"), UnitCode("S")


def two_companies() -> World:
    """A head office and two companies below it, legal entities all."""
    units = [
        Unit(HEAD_OFFICE, "总部", None, UnitKind.LEGAL_ENTITY),
        Unit(NORTH, "北方公司", HEAD_OFFICE, UnitKind.LEGAL_ENTITY),
        Unit(SOUTH, "南方公司", HEAD_OFFICE, UnitKind.LEGAL_ENTITY),
    ]
    return World(units=units)


def machines(
    world: World, number: int, unit: UnitCode = HEAD_OFFICE, state: MachineState = MachineState.IN_USE
) -> None:
    """Add machines that bear the tool."""
    title = world.title(TOOL)
    for _ in range(number):
        world.machine(title, unit=unit, state=state)


def told(plan: Plan) -> list[tuple[str, str, int]]:
    """Return way, unit and quantity of every step."""
    return [(step.way.value, step.unit, step.quantity) for step in plan.steps]


def test_what_is_missing_is_bought() -> None:
    world = World()
    machines(world, 5)
    world.right(TOOL, 2)
    plan, after = plan_of(world, [price(TOOL.id, "120.50")])
    assert told(plan) == [("buy", "HQ", 3)]
    assert (plan.cost, plan.purchases[0].packs, plan.purchases[0].shares) == (Decimal("361.50"), 3, (("HQ", 3),))
    assert shortage(after) == 0


def test_nothing_is_missing_and_nothing_is_planned() -> None:
    world = World()
    machines(world, 2)
    world.right(TOOL, 2)
    plan, _ = plan_of(world, [price(TOOL.id, "1")])
    assert not (plan.needs or plan.steps or plan.purchases or plan.unmet or plan.cost)


def test_what_nobody_offers_is_left_and_named() -> None:
    world = World()
    machines(world, 3)
    plan, after = plan_of(world)
    assert [(need.product, left) for need, left in plan.unmet] == [(TOOL.id, 3)]
    assert shortage(after) == 3


def test_more_is_ordered_than_is_needed_when_that_is_cheaper() -> None:
    """9 at 100 are 900; from 10 on one costs 80: ten are 800."""
    world = World()
    machines(world, 9)
    plan, after = plan_of(world, [price(TOOL.id, "100"), price(TOOL.id, "80", least=10)])
    assert (plan.cost, plan.purchases[0].packs, plan.purchases[0].price) == (Decimal(800), 10, Decimal(80))
    assert shortage(after) == 0


def test_a_dearer_tier_for_more_packs_is_never_used() -> None:
    world = World()
    machines(world, 9)
    plan, _ = plan_of(world, [price(TOOL.id, "10"), price(TOOL.id, "12", least=5)])
    assert plan.cost == 90


def test_packs_hold_several_rights() -> None:
    world = World()
    machines(world, 7)
    plan, after = plan_of(world, [price(TOOL.id, "450", rights_per_pack=5)])
    assert (plan.purchases[0].packs, plan.purchases[0].rights, plan.cost) == (2, 10, Decimal(900))
    assert shortage(after) == 0


def test_the_cheaper_offer_and_the_mixture_of_two() -> None:
    """Seven rights: a pack of five and two single ones are 450 + 2 × 100, two packs 900, seven single ones 700."""
    world = World()
    machines(world, 7)
    plan, after = plan_of(world, [price(TOOL.id, "450", rights_per_pack=5), price(TOOL.id, "100")])
    assert plan.cost == 650
    assert shortage(after) == 0


def test_rights_by_user_serve_all_devices_of_a_person() -> None:
    world = World()
    title = world.title(TOOL)
    for person in ("a", "a", "a", "b", None):
        world.machine(title, person=person)
    offers = [price(TOOL.id, "100"), price(TOOL.id, "150", metric="per_user")]
    plan, after = plan_of(world, offers)
    assert plan.cost == 350  # one right by user for the three of a, one by device for each of the others
    assert sum(step.rights for step in plan.steps) == 3
    assert shortage(after) == 0


def test_idle_rights_move_between_companies_in_a_joint_plan_alone() -> None:
    world = two_companies()
    machines(world, 4, NORTH)
    machines(world, 1, SOUTH)
    world.right(TOOL, 1, "N1", unit=NORTH)
    world.right(TOOL, 3, "S1", unit=SOUTH)
    alone, _ = plan_of(world, [price(TOOL.id, "100")])
    assert (told(alone), alone.cost) == ([("buy", "N", 3)], Decimal(300))
    joint, after = plan_of(world, [price(TOOL.id, "100")], joint=True)
    assert told(joint) == [("transfer", "N", 2), ("buy", "N", 1)]
    assert [(step.from_unit, step.code) for step in joint.steps[:1]] == [("S", "S1")]
    assert joint.cost == 100
    assert shortage(after) == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"transferable": False},
        {"metric": "oem", "bound_serials": ("SN1", "SN2")},
        {"places": ("L1",), "metric": "site"},
        {"true_up": True},
    ],
    ids=["locked", "oem", "site", "true-up"],
)
def test_rights_that_must_stay_do_not_move(facts: dict[str, object]) -> None:
    world = two_companies()
    machines(world, 2, NORTH)
    world.right(TOOL, 2, "S1", unit=SOUTH, **facts)
    plan, _ = plan_of(world, [price(TOOL.id, "100")], joint=True)
    assert {step.way for step in plan.steps} == {Way.BUY}


def test_units_that_buy_together_reach_the_tier() -> None:
    world = two_companies()
    machines(world, 6, NORTH)
    machines(world, 6, SOUTH)
    prices = [price(TOOL.id, "100"), price(TOOL.id, "70", least=12)]
    alone, _ = plan_of(world, prices)
    joint, after = plan_of(world, prices, joint=True)
    assert (alone.cost, joint.cost) == (Decimal(1200), Decimal(840))
    (purchase,) = joint.purchases
    assert (purchase.buyer, purchase.packs, purchase.shares) == ("HQ", 12, (("N", 6), ("S", 6)))
    assert shortage(after) == 0


def test_what_stands_on_idle_machines_is_removed_before_anything_is_bought() -> None:
    world = World()
    machines(world, 2, state=MachineState.IDLE)
    machines(world, 1)
    plan, after = plan_of(world, [price(TOOL.id, "100")])
    assert sorted(told(plan)) == [("buy", "HQ", 1), ("uninstall", "HQ", 2)]
    assert shortage(after) == 0
    bought, _ = plan_of(world, [price(TOOL.id, "100")], ways=EVERY_WAY - {Way.UNINSTALL})
    assert bought.cost == 300


def test_an_alternative_that_needs_no_right_costs_nothing() -> None:
    world = World()
    machines(world, 3)
    free = product("free/tool", licence_class=LicenceClass.OPEN_SOURCE, metric=None)
    world.title(free)
    plan, after = plan_of(world, [price(TOOL.id, "100")], {TOOL.id: [free.id]})
    assert [(step.way, step.instead, step.quantity) for step in plan.steps] == [(Way.REPLACE, free.id, 3)]
    assert plan.cost == 0
    assert shortage(after) == 0


def test_of_two_ways_that_cost_the_same_the_one_that_disturbs_nobody() -> None:
    world = World()
    machines(world, 2)
    other = product("home/tool")
    world.title(other)
    plan, _ = plan_of(world, [price(TOOL.id, "50"), price(other.id, "50")], {TOOL.id: [other.id]})
    assert told(plan) == [("buy", "HQ", 2)]
    cheaper, after = plan_of(world, [price(TOOL.id, "50"), price(other.id, "40")], {TOOL.id: [other.id]})
    assert [(step.way, step.instead) for step in cheaper.steps] == [(Way.REPLACE, other.id)]
    assert cheaper.cost == 80
    assert shortage(after) == 0


def test_an_alternative_that_is_free_for_persons_alone_is_no_way_out() -> None:
    world = World()
    machines(world, 2)
    personal = product("free/home", licence_class=LicenceClass.PERSONAL_FREE, metric=None)
    world.title(personal)
    plan, _ = plan_of(world, [], {TOOL.id: [personal.id]})
    assert [left for _, left in plan.unmet] == [2]


def test_an_operating_system_is_not_replaced() -> None:
    world = World()
    system = product("maker/system", kind=Kind.OPERATING_SYSTEM)
    world.machine(world.title(system))
    free = product("free/system", licence_class=LicenceClass.OPEN_SOURCE, metric=None, kind=Kind.OPERATING_SYSTEM)
    world.title(free)
    plan, _ = plan_of(world, [], {system.id: [free.id]})
    assert not plan.steps


def test_a_named_right_that_nobody_uses_goes_to_a_colleague() -> None:
    world = World()
    title = world.title(TOOL)
    world.machine(title, person="b")
    world.right(TOOL, 1, "U1", metric="named_user", bound_people=("a",))
    plan, after = plan_of(world, [price(TOOL.id, "100")])
    assert [(step.way, step.code, step.slot) for step in plan.steps] == [(Way.REASSIGN, "U1", "person a")]
    assert plan.cost == 0
    assert shortage(after) == 0


def test_an_offer_of_another_edition_or_line_does_not_serve() -> None:
    tool = product("maker/cad", lines=("2024", "2026"))
    world = World()
    world.machine(world.title(tool, line="2026"))
    plan, _ = plan_of(world, [price(tool.id, "10", line="2024"), price(tool.id, "30", line="2026")])
    assert plan.cost == 30


def test_prices_of_another_day_and_negative_ones_count_nothing() -> None:
    world = World()
    machines(world, 1)
    lines = [
        price(TOOL.id, "-5"),
        price(TOOL.id, "1", ends_on=date(2026, 6, 29)),
        price(TOOL.id, "2", starts_on=date(2026, 7, 1)),
        price(TOOL.id, "9", starts_on=date(2026, 6, 30), ends_on=date(2026, 6, 30)),
    ]
    plan, _ = plan_of(world, lines)
    assert plan.cost == 9

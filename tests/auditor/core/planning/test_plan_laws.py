"""Laws of plans over random organisations: they hold when carried out, joint ones never cost more, one answer."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from decimal import Decimal

import pytest
from builders import HEAD_OFFICE, World, product
from planning import plan_of, price, shortage
from random_worlds import random_world

from auditor.core.ledger_acts import PriceLine
from auditor.core.planning.plan import EVERY_WAY, Way

WORLDS = range(150)


def prices_of(world: World, seed: int) -> list[PriceLine]:
    """Return offers with tiers, packs, lines and users for some products."""
    chance = random.Random(seed)
    lines = []
    for one in world.products.values():
        for _ in range(chance.randrange(3)):
            metric = chance.choice(("per_device", "per_user"))
            line = chance.choice((None, *(each.id for each in one.lines)))
            pack = chance.choice((1, 1, 5))
            base = chance.randrange(50, 200)
            for least in sorted({1, chance.choice((1, 2, 3, 5))}):
                yuan = str(base * pack - 9 * least)
                lines.append(price(one.id, yuan, least=least, metric=metric, line=line, rights_per_pack=pack))
    return lines


def alternatives_of(world: World, seed: int) -> dict[str, list[str]]:
    """Return some products in the place of others."""
    chance = random.Random(seed + 1)
    ids = sorted(world.products)
    return {one: chance.sample(ids, k=1) for one in ids if chance.random() < 0.3}


@pytest.mark.parametrize("seed", WORLDS)
def test_a_plan_that_is_carried_out_leaves_only_what_it_says(seed: int) -> None:
    world = random_world(seed)
    for joint in (False, True):
        plan, after = plan_of(world, prices_of(world, seed), alternatives_of(world, seed), joint=joint)
        left = sum(quantity for _, quantity in plan.unmet)
        assert shortage(after) <= left
        assert sum(need.quantity for need in plan.needs) <= left + sum(step.quantity for step in plan.steps)


@pytest.mark.parametrize("seed", WORLDS)
def test_a_joint_plan_never_leaves_more_nor_costs_more(seed: int) -> None:
    world = random_world(seed)
    alone, _ = plan_of(world, prices_of(world, seed), alternatives_of(world, seed))
    joint, _ = plan_of(world, prices_of(world, seed), alternatives_of(world, seed), joint=True)
    lacking = [sum(quantity for _, quantity in plan.unmet) for plan in (alone, joint)]
    assert lacking[1] <= lacking[0]
    if lacking[0] == lacking[1]:
        assert joint.cost <= alone.cost


@pytest.mark.parametrize("seed", range(40))
def test_neither_the_order_of_things_nor_the_solvers_seed_changes_a_plan(seed: int) -> None:
    world = random_world(seed)
    prices, others = prices_of(world, seed), alternatives_of(world, seed)
    plan, _ = plan_of(world, prices, others, joint=True)
    chance = random.Random(seed)
    for things in (world.machines, world.rights, world.units, prices):
        chance.shuffle(things)
    again, _ = plan_of(world, prices, others, joint=True, seed=seed + 100)
    assert (again.steps, again.purchases, again.unmet) == (plan.steps, plan.purchases, plan.unmet)


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_is_cheaper_than_the_one_that_was_found(seed: int) -> None:
    """Every way to order packs of up to three offers in their tiers, tried one after the other."""
    chance = random.Random(seed)
    world, tool = World(), product("maker/tool")
    title = world.title(tool)
    number = chance.randrange(1, 8)
    for n in range(number):
        world.machine(title, unit=HEAD_OFFICE, person=chance.choice("abc") if n % 2 else None)
    offers: list[list[PriceLine]] = []
    for n in range(chance.randrange(1, 4)):
        pack, base = chance.choice((1, 2, 5)), chance.randrange(20, 90)
        tiers = sorted({chance.choice((1, 1, 2)), chance.choice((1, 3, 4))})
        offers.append([
            price(tool.id, str(base * pack - 7 * place), least=least, rights_per_pack=pack, supplier=f"s{n}")
            for place, least in enumerate(tiers)
        ])  # fmt: skip
    plan, after = plan_of(world, list(itertools.chain(*offers)), ways=EVERY_WAY - {Way.REPLACE})
    assert not plan.unmet
    assert shortage(after) == 0
    assert plan.cost == _cheapest(number, offers)


def _cheapest(wanted: int, offers: Sequence[Sequence[PriceLine]]) -> Decimal:
    best: Decimal | None = None
    most = wanted + 5
    for packs in itertools.product(range(most + 1), repeat=len(offers)):
        rights = sum(count * tiers[0].rights_per_pack for count, tiers in zip(packs, offers, strict=True))
        costs = [_cost(count, tiers) for count, tiers in zip(packs, offers, strict=True)]
        if rights >= wanted and None not in costs:
            total = sum((cost for cost in costs if cost is not None), Decimal(0))
            best = total if best is None else min(best, total)
    assert best is not None
    return best


def _cost(packs: int, tiers: Sequence[PriceLine]) -> Decimal | None:
    if packs == 0:
        return Decimal(0)
    prices = [tier.price for tier in tiers if packs >= tier.from_quantity]
    return packs * min(prices) if prices else None

"""Plans of small worlds, and the world after a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from builders import World

from auditor.core.counting import Counting, count
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import Position, ProductId
from auditor.core.organisation import UnitTree
from auditor.core.planning.making import make_plan
from auditor.core.planning.plan import EVERY_WAY, Plan, Way
from auditor.core.position import positions_of
from auditor.core.reconcile import counting_of
from auditor.core.whatif import applied


def price(of: str, yuan: str, *, least: int = 1, metric: str = "per_device", **facts: object) -> PriceLine:
    """Return one line of a price list."""
    return PriceLine(ProductId(of), metric, Decimal(yuan), least, **facts)  # type: ignore[arg-type]


def positions(world: Counting) -> tuple[Position, ...]:
    """Return the positions of units."""
    tree = UnitTree(world.units)
    return positions_of(count(world, tree), world.machines, world.products, tree, world.people, on=world.on)


def plan_of(
    world: World,
    prices: Sequence[PriceLine] = (),
    alternatives: Mapping[str, Sequence[str]] | None = None,
    *,
    joint: bool = False,
    ways: frozenset[Way] = EVERY_WAY,
    seed: int = 0,
    **facts: object,
) -> tuple[Plan, Counting]:
    """Return the plan, and the world in which it is carried out."""
    given = counting_of(world.facts(**facts))
    tree = UnitTree(given.units)
    plan = make_plan(
        count(given, tree),
        positions(given),
        given.machines,
        given.products,
        tree,
        prices,
        alternatives or {},
        on=given.on,
        joint=joint,
        ways=ways,
        seed=seed,
    )
    return plan, applied(given, plan)


def shortage(world: Counting) -> int:
    """Return how many rights a world lacks altogether."""
    return sum(position.to_buy for position in positions(world))

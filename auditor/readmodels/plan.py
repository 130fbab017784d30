"""A plan on the inputs of a run → 软件采购计划表 with the needs and measures behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from auditor.core.counting import count
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.planning.making import make_plan
from auditor.core.planning.needs import Need
from auditor.core.planning.plan import Plan, Step, Way
from auditor.core.position import positions_of
from auditor.core.reconcile import counting_of
from auditor.readmodels.context import RunView
from reports.model import Coverage, Name, PlanDemand, PlanForm, PlanLine, PlanStep
from rules.product import Product

_Lack = tuple[UnitCode, str, str]
"""Unit, product, release."""


def plan_of_run(
    view: RunView,
    prices: Sequence[PriceLine],
    alternatives: Mapping[str, Sequence[str]],
    *,
    joint: bool,
    ways: frozenset[Way],
) -> Plan:
    """Return the cheapest plan on the frozen inputs of a run."""
    world = counting_of(view.facts)
    tree = UnitTree(world.units)
    counted = count(world, tree)
    positions = positions_of(counted, world.machines, world.products, tree, world.people, on=world.on)
    return make_plan(
        counted,
        positions,
        world.machines,
        world.products,
        tree,
        prices,
        alternatives,
        on=world.on,
        joint=joint,
        ways=ways,
        seed=view.facts.seed,
    )


def own_plan_form(view: RunView, unit: UnitCode) -> PlanForm:
    """Return the form of a unit that buys for itself, from the prices of the view."""
    return plan_form(view, view.own_plan, unit)


def plan_form(view: RunView, plan: Plan, buyer: UnitCode) -> PlanForm:
    """Return the form of one buyer: a legal entity, or in a joint plan the top of the group."""
    tree = UnitTree(view.facts.units)
    mine = {unit for unit in _units(plan) if _buyer(plan, tree, unit) == buyer}
    lines = tuple(
        PlanLine(
            name=view.product_name(purchase.offer.product),
            version=_release(purchase.offer.edition, purchase.offer.line),
            unit_price=purchase.price,
            quantity=purchase.packs,
            amount=purchase.amount,
            supplier=purchase.offer.supplier,
            shares=tuple((tree.name(unit) or unit, rights) for unit, rights in purchase.shares),
        )
        for purchase in plan.purchases
        if purchase.buyer == buyer
    )
    steps = [step for step in plan.steps if step.unit in mine]
    unmet = [(need, left) for need, left in plan.unmet if need.unit in mine]
    return PlanForm(
        head=view.head(buyer, "plan"),
        lines=lines,
        demand=_demand(view, [need for need in plan.needs if need.unit in mine], steps, unmet, tree),
        steps=tuple(_step(view, step, tree) for step in steps),
        joint=plan.joint,
        unmet=sum(left for _, left in unmet),
        coverage=_coverage(view, tree, mine | {buyer}),
        proof=view.proof,
    )


def as_plain(view: RunView, plan: Plan, buyers: Sequence[UnitCode]) -> dict[str, Any]:
    """Return the parts of a plan that concern some buyers as plain values: steps, purchases, what is left, the cost."""
    tree = UnitTree(view.facts.units)
    mine = {unit for unit in _units(plan) if _buyer(plan, tree, unit) in buyers}
    purchases = [purchase for purchase in plan.purchases if purchase.buyer in buyers]
    return {
        "run": view.proof.run,
        "as_of": plan.on.isoformat(),
        "joint": plan.joint,
        "ways": [way.value for way in plan.ways],
        "steps": [
            {
                "way": step.way.value,
                "unit": step.unit,
                "product": step.product,
                "release": _release(step.edition, step.line),
                "quantity": step.quantity,
                "rights": step.rights,
                "from_unit": step.from_unit,
                "code": step.code,
                "instead": step.instead,
                "supplier": step.offer.supplier if step.offer is not None else None,
                "copies": list(step.copies),
            }
            for step in plan.steps
            if step.unit in mine
        ],
        "purchases": [
            {
                "buyer": one.buyer,
                "product": one.offer.product,
                "release": _release(one.offer.edition, one.offer.line),
                "metric": one.offer.metric,
                "supplier": one.offer.supplier,
                "packs": one.packs,
                "rights": one.rights,
                "price": str(one.price),
                "amount": str(one.amount),
                "shares": dict(one.shares),
            }
            for one in purchases
        ],
        "unmet": [
            {"unit": need.unit, "product": need.product, "release": _need_release(need), "quantity": left}
            for need, left in plan.unmet
            if need.unit in mine
        ],
        "cost": str(sum((one.amount for one in purchases), Decimal(0))),
    }


def alternatives_of(products: Mapping[str, Product]) -> dict[str, tuple[str, ...]]:
    """Return what the catalogue names in the place of each product: domestic ones first, then free ones."""
    found = {}
    for id, product in products.items():
        given = product.alternatives
        if given is not None:
            found[id] = tuple(dict.fromkeys((*given.domestic, *given.free)))
    return found


def _need_release(need: Need) -> str | None:
    return _release(need.copies[0].edition, need.copies[0].line) if need.copies else None


def _coverage(view: RunView, tree: UnitTree, units: set[UnitCode]) -> Coverage:
    """Return 覆盖率 of all legal entities that a plan stands for, together."""
    parts = [view.coverage(unit) for unit in sorted({tree.legal_entity_of(unit) for unit in units})]
    numbers = {
        field.name: sum(getattr(part, field.name) for part in parts)
        for field in fields(Coverage)
        if field.name != "unscanned"
    }
    return Coverage(**numbers, unscanned=tuple(machine for part in parts for machine in part.unscanned))


def buyers_of(view: RunView, plan: Plan) -> list[UnitCode]:
    """Return who has a plan to hand in, in the order of codes."""
    tree = UnitTree(view.facts.units)
    return sorted({_buyer(plan, tree, unit) for unit in _units(plan)})


def _units(plan: Plan) -> set[UnitCode]:
    return {need.unit for need in plan.needs}


def _buyer(plan: Plan, tree: UnitTree, unit: UnitCode) -> UnitCode:
    way = tree.way_up(unit)
    return way[-1] if plan.joint and way else tree.legal_entity_of(unit)


def _release(edition: str | None, line: str | None) -> str | None:
    return " ".join(word for word in (line, edition) if word) or None


def _demand(
    view: RunView,
    needs: Sequence[Need],
    steps: Sequence[Step],
    unmet: Sequence[tuple[Need, int]],
    tree: UnitTree,
) -> tuple[PlanDemand, ...]:
    """Add up needs by unit, product and release; what the steps do for each."""
    missing: Counter[_Lack] = Counter()
    left: Counter[_Lack] = Counter()
    ways: defaultdict[_Lack, Counter[str]] = defaultdict(Counter)
    for need in needs:
        missing[need.unit, need.product, _need_release(need) or ""] += need.quantity
    for step in steps:
        ways[_served(step, missing)][step.way.value] += step.quantity
    for need, quantity in unmet:
        left[need.unit, need.product, _need_release(need) or ""] += quantity
    return tuple(
        PlanDemand(
            unit=tree.name(lack[0]) or lack[0],
            name=view.product_name(lack[1]),
            version=lack[2] or None,
            missing=quantity,
            ways=tuple(sorted(ways[lack].items())),
            unmet=left[lack],
        )
        for lack, quantity in sorted(missing.items())
    )


def _served(step: Step, missing: Mapping[_Lack, int]) -> _Lack:
    """Return what a step makes good; a step that gives several products at once tells no release of one."""
    told = (step.unit, step.product, _release(step.edition, step.line) or "")
    return told if told in missing else next((lack for lack in sorted(missing) if lack[:2] == told[:2]), told)


def _step(view: RunView, step: Step, tree: UnitTree) -> PlanStep:
    instead: Name | str | None = view.product_name(step.instead) if step.instead is not None else None
    return PlanStep(
        way=step.way.value,
        unit=tree.name(step.unit) or step.unit,
        name=view.product_name(step.product),
        version=_release(step.edition, step.line),
        quantity=step.quantity,
        from_unit=(tree.name(step.from_unit) or step.from_unit) if step.from_unit is not None else None,
        code=step.code,
        instead=instead,
    )

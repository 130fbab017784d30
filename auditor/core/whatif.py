"""What if: the same count of a changed world. The store is not touched, and nothing is carried out.

Rights are added, machines leave, a product is upgraded or removed; a plan is applied to see whether it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from auditor.core.counting import Counting
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.ledger_acts import Transfer
from auditor.core.model import Copy, PersonId, ProductId, SoftwareCode, UnitCode
from auditor.core.planning.needs import UNUSED_STATES
from auditor.core.planning.plan import Plan, Purchase, Step, Way
from rules.product import Product

PLANNED = SoftwareCode("PLAN")
"""Beginning of the 软件编号 of rights that are not bought yet."""


@dataclass(frozen=True)
class Added:
    """Rights that a unit would hold."""

    unit: UnitCode
    product: ProductId
    quantity: int
    metric: str = "per_device"
    edition: str | None = None
    line: str | None = None


@dataclass(frozen=True)
class Upgraded:
    """Every copy of one line of a product, or of all its lines, would be of another line."""

    product: ProductId
    to_line: str
    from_line: str | None = None
    unit: UnitCode | None = None
    """In this unit's own copies alone; `None` = everywhere."""


@dataclass(frozen=True)
class Changes:
    """A changed world. Machines are named by 计算机编号 or by the key of their sight."""

    rights: tuple[Added, ...] = ()
    without_machines: frozenset[str] = frozenset()
    upgrades: tuple[Upgraded, ...] = ()
    without_products: frozenset[str] = frozenset()


def changed(world: Counting, changes: Changes) -> Counting:
    """Return the facts as they would be. Names that match nothing change nothing: `unknown_names` tells them."""
    gone = {key for key, machine in world.machines.items() if {key, machine.code} & changes.without_machines}
    copies = [
        _upgraded(copy, changes.upgrades)
        for copy in world.copies
        if copy.machine not in gone and copy.product not in changes.without_products
    ]
    machines = {key: machine for key, machine in world.machines.items() if key not in gone}
    rights = [*world.entitlements, *_new_rights(world.entitlements, changes.rights)]
    return replace(world, machines=machines, copies=copies, entitlements=rights)


def unknown_names(world: Counting, changes: Changes) -> tuple[str, ...]:
    """Return what the changes name and the world does not hold: machines, products, units; sorted."""
    machines = {name for key, machine in world.machines.items() for name in (key, machine.code) if name}
    units = {unit.code for unit in world.units}
    named = {one.unit for one in changes.rights} | {one.unit for one in changes.upgrades if one.unit is not None}
    asked = {one.product for one in changes.rights} | {one.product for one in changes.upgrades}
    products = changes.without_products | asked
    wrong = (changes.without_machines - machines) | (products - world.products.keys()) | (named - units)
    return tuple(sorted(wrong))


def applied(world: Counting, plan: Plan) -> Counting:
    """Return the facts as they would be when every step of a plan was carried out on its day."""
    copies = list(world.copies)
    removed, turned = _chosen(world, plan)
    copies = [
        _replaced(copy, turned[copy.key], world.products) if copy.key in turned else copy
        for copy in copies
        if copy.key not in removed
    ]
    rights = _renamed(world, plan)
    bought = _bought(plan, max((right.id for right in rights), default=0) + 1)
    number = max((one.id for one in world.transfers), default=0)
    moved = [
        Transfer(number + n, step.entitlement, step.from_unit, step.unit, step.quantity, plan.on)
        for n, step in enumerate(plan.steps, start=1)
        if step.entitlement is not None and step.from_unit is not None and not _is_named(step)
        and step.from_unit != step.unit
    ]  # fmt: skip
    return replace(world, copies=copies, entitlements=[*rights, *bought], transfers=[*world.transfers, *moved])


def _is_named(step: Step) -> bool:
    return bool(step.slot) and not str(step.slot).startswith("unit ")


def _chosen(world: Counting, plan: Plan) -> tuple[set[str], dict[str, str]]:
    """Return the copies that go, and those that another product replaces; each copy is used once."""
    state = {copy.key: world.machines[copy.machine].state for copy in world.copies}
    removed: set[str] = set()
    turned: dict[str, str] = {}
    for step in plan.steps:
        if step.way is Way.UNINSTALL:
            idle = [key for key in step.copies if state[key] in UNUSED_STATES and key not in removed]
            removed |= set(idle[: step.quantity])
    for step in plan.steps:
        if step.instead is not None:
            free = [key for key in step.copies if key not in removed and key not in turned]
            turned |= dict.fromkeys(free[: step.quantity], step.instead)
    return removed, turned


def _replaced(copy: Copy, product: str, products: Mapping[str, Product]) -> Copy:
    other = products[product]
    return replace(
        copy,
        product=ProductId(product),
        name=other.zh,
        category=other.category,
        kind=other.kind,
        licence_class=other.licensing.licence_class,
        edition=None,
        line=None,
        version=None,
    )


def _upgraded(copy: Copy, upgrades: Iterable[Upgraded]) -> Copy:
    for one in upgrades:
        here = one.unit in (None, copy.unit, copy.department)
        if here and copy.product == one.product and one.from_line in (None, copy.line):
            return replace(copy, line=one.to_line, version=None)
    return copy


def _new_rights(known: Sequence[Entitlement], added: Iterable[Added]) -> list[Entitlement]:
    first = max((right.id for right in known), default=0) + 1
    return [
        Entitlement(
            id=first + n,
            unit=one.unit,
            code=SoftwareCode(f"{PLANNED}-{n + 1}"),
            name=one.product,
            product=one.product,
            software_type=SoftwareType.COMMERCIAL,
            metric=one.metric,
            quantity=one.quantity,
            edition=one.edition,
            line=one.line,
        )
        for n, one in enumerate(added)
    ]


def _bought(plan: Plan, first: int) -> list[Entitlement]:
    made: list[Entitlement] = []
    for purchase in plan.purchases:
        shares = Counter(dict(purchase.shares))
        shares[purchase.buyer] += purchase.rights - sum(shares.values())
        for unit, quantity in sorted(shares.items()):
            if quantity > 0:
                made.append(_as_row(purchase, unit, quantity, first + len(made)))
    return made


def _as_row(purchase: Purchase, unit: UnitCode, quantity: int, number: int) -> Entitlement:
    return replace(
        purchase.offer.as_right(),
        id=number,
        unit=unit,
        code=SoftwareCode(f"{PLANNED}-{number}"),
        name=purchase.offer.product,
        quantity=quantity,
        rights_per_pack=1,
        amount=Decimal(0),
    )


def _renamed(world: Counting, plan: Plan) -> list[Entitlement]:
    """Give named rights to those who take them over: the persons or machines of the copies."""
    rights = {right.id: right for right in world.entitlements}
    copies = {copy.key: copy for copy in world.copies}
    used: set[str] = set()
    for step in plan.steps:
        if step.entitlement is None or not _is_named(step):
            continue
        right = rights[step.entitlement]
        kind, _, name = str(step.slot).partition(" ")
        takers = [copies[key] for key in step.copies if key not in used][: step.quantity]
        used |= {copy.key for copy in takers}
        if kind == "person":
            people = [person for person in right.bound_people if person != name]
            new = [copy.person for copy in takers if copy.person is not None]
            rights[right.id] = replace(right, bound_people=tuple(PersonId(p) for p in dict.fromkeys([*people, *new])))
        elif kind == "machine":
            codes = [code for code in right.bound_machines if code != name]
            new_codes = [world.machines[copy.machine].code for copy in takers]
            kept = [*codes, *(code for code in new_codes if code is not None)]
            rights[right.id] = replace(right, bound_machines=tuple(dict.fromkeys(kept)))
    return list(rights.values())

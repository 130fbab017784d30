"""Assignments and rights → licence positions, one for each legal entity and product that demands or owns.

Units of a product's metric: devices, or persons where every valid right counts by user. Law: required =
covered + to_order + shortage. Rights that are expired, not yet valid or of another unit are not owned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from auditor.core.allocation.edges import PER_USER, is_bound_to_serials, serials_of
from auditor.core.model import (
    Assignment,
    Entitlement,
    Failing,
    Machine,
    MachineState,
    Position,
    Reason,
    Right,
    SoftwareType,
    UnitCode,
)
from auditor.core.organisation import UnitTree
from auditor.core.verdict import MUST_BE_COVERED
from rules.product import Product

NO_PRODUCTS = frozenset({
    "host", "processes", "activation", "domestic_activation", "registered_keys", "adobe_licences", "autodesk_licences",
    "dongles", "licensing_settings", "licensing_files", "services", "scheduled_tasks", "firewall_blocks", "antivirus",
    "defender", "fonts", "hotfixes", "foreign_libraries",
})  # fmt: skip
"""Collectors whose records are no installed software."""
GONE = frozenset({MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT})
NOT_SCANNED = frozenset({MachineState.CLASSIFIED, MachineState.PRIVATE})
"""Out of scope by rule: counted as such by the coverage, and no reason to write 'at least'."""


def positions_of(
    assignments: Sequence[Assignment],
    entitlements: Sequence[Entitlement],
    machines: Mapping[str, Machine],
    products: Mapping[str, Product],
    tree: UnitTree,
    *,
    on: date,
) -> tuple[Position, ...]:
    """Return one Position for each legal entity and product, ordered by unit, product.

    Copies that need no right are in none. `is_lower_bound` says that a machine of the unit was not seen, or
    not fully.
    """
    demanded: defaultdict[tuple[UnitCode, str], list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        if _is_demand(assignment):
            demanded[(assignment.copy.unit, assignment.copy.product)].append(assignment)
    owned: defaultdict[tuple[UnitCode, str], list[Entitlement]] = defaultdict(list)
    for right in entitlements:
        if right.product is not None and right.product in products and right.software_type is not SoftwareType.FREE:
            owned[(tree.legal_entity_of(right.unit), right.product)].append(right)
    blind = _not_fully_seen(machines.values(), tree)
    live = live_serials(machines.values())
    by_id = {right.id: right for right in entitlements}
    users = _uses(assignments, by_user={right.id for right in entitlements if right.metric == PER_USER})
    return tuple(
        _position(key, demanded[key], owned[key], by_id, live, products[key[1]], users, key[0] in blind, on)
        for key in sorted({*demanded, *owned})
    )


def is_valid(right: Entitlement, on: date) -> bool:
    """Return whether the right's term holds on the day: closed [start, end]."""
    return (right.starts_on is None or right.starts_on <= on) and (right.ends_on is None or on <= right.ends_on)


def live_serials(machines: Iterable[Machine]) -> frozenset[str]:
    """Return the serial numbers of machines that are neither scrapped nor handed over, and of their boards."""
    live = [machine for machine in machines if machine.state not in GONE]
    told = [serial for machine in live for serial in (machine.serial, machine.board_serial) if serial is not None]
    return frozenset(serial.strip().casefold() for serial in told)


def dead_serials(right: Entitlement, live: frozenset[str]) -> int:
    """Return how many serials of a bound right belong to scrapped machines, or to none that is known."""
    return len(serials_of(right) - live)


def _is_demand(assignment: Assignment) -> bool:
    return assignment.copy.licence_class in MUST_BE_COVERED


def _uses(assignments: Sequence[Assignment], *, by_user: set[int]) -> dict[int, int]:
    """Count what is used of each right: copies, or persons for rights by user. Riding along uses none."""
    users: defaultdict[int, set[str]] = defaultdict(set)
    for assignment in assignments:
        if assignment.entitlement is not None and _is_covered(assignment):
            copy = assignment.copy
            if assignment.reason is not Reason.RIDE_ALONG:
                person = copy.person or copy.machine
                users[assignment.entitlement].add(person if assignment.entitlement in by_user else copy.key)
    return {right: len(keys) for right, keys in users.items()}


def _is_covered(assignment: Assignment) -> bool:
    held = assignment.right in (Right.COVERED, Right.TO_VERIFY)
    return held and assignment.reason is not None and not _is_observed(assignment)


def _is_observed(assignment: Assignment) -> bool:
    """A copy within its days of trial that no right covers: an observation, neither covered nor short."""
    return assignment.failing is Failing.TRIAL


def _is_by_user(
    demand: Sequence[Assignment], valid: Sequence[Entitlement], by_id: Mapping[int, Entitlement], product: Product
) -> bool:
    """Persons are counted where all rights of the unit, and all that serve it from above, count by user."""
    serving = {a.entitlement for a in demand if a.entitlement is not None and _is_covered(a)}
    metrics = {right.metric for right in valid} | {by_id[right].metric for right in serving}
    return metrics == {PER_USER} if metrics else product.licensing.metric == PER_USER


def _position(
    key: tuple[UnitCode, str],
    demand: Sequence[Assignment],
    rights: Sequence[Entitlement],
    by_id: Mapping[int, Entitlement],
    live: frozenset[str],
    product: Product,
    uses: Mapping[int, int],
    blind: bool,
    on: date,
) -> Position:
    valid = [right for right in rights if is_valid(right, on)]
    counted = [assignment for assignment in demand if not _is_observed(assignment)]
    by_user = _is_by_user(counted, valid, by_id, product)
    required, covered = _counted(counted, by_user=by_user)
    unlimited = any(right.unlimited for right in valid)
    bound = [right for right in valid if is_bound_to_serials(right)]
    pool = [right for right in valid if not is_bound_to_serials(right) and not right.unlimited]
    usable = {right.id: min(right.quantity, len(serials_of(right) & live)) for right in bound}
    owned = None if unlimited else Fraction(sum(right.quantity for right in pool) + sum(usable.values()))
    surplus = sum(right.quantity - min(right.quantity, uses.get(right.id, 0)) for right in pool)
    idle = sum(max(0, count - uses.get(right, 0)) for right, count in usable.items())
    return Position(
        unit=key[0],
        product=demand[0].copy.product if demand else next(r.product for r in rights if r.product is not None),
        name=product.zh,
        category=product.category,
        raw=len(demand),
        required=Fraction(required),
        covered=Fraction(covered),
        to_order=Fraction(0),
        shortage=Fraction(required - covered),
        owned=owned,
        surplus=Fraction(surplus),
        idle_reserve=Fraction(idle),
        exempt=len(demand) - len(counted),
        dead_oem=sum(dead_serials(right, live) for right in bound),
        metric=PER_USER if by_user else "per_device",
        is_lower_bound=blind,
        as_of=on,
    )


def _counted(demand: Sequence[Assignment], *, by_user: bool) -> tuple[int, int]:
    """Return required and covered in units of the metric. Riding along needs no unit of its own."""
    if not by_user:
        own = [assignment for assignment in demand if assignment.reason is not Reason.RIDE_ALONG]
        return len(own), sum(_is_covered(assignment) for assignment in own)
    people: defaultdict[str, list[bool]] = defaultdict(list)
    for assignment in demand:
        people[assignment.copy.person or assignment.copy.machine].append(_is_covered(assignment))
    return len(people), sum(all(covered) for covered in people.values())


def _not_fully_seen(machines: Iterable[Machine], tree: UnitTree) -> frozenset[UnitCode]:
    """Return the legal entities that have a machine on which a product could have been missed.

    Sources that show no product (`NO_PRODUCTS`) leave nothing unseen when they fail.
    """
    blind = set()
    for machine in machines:
        if machine.state in GONE or machine.state in NOT_SCANNED:
            continue
        incomplete = machine.id is None or any(
            scope.outcome in ("partial", "failed") and scope.source not in NO_PRODUCTS for scope in machine.scopes
        )
        if incomplete:
            blind.add(tree.legal_entity_of(machine.unit))
    return frozenset(blind)

"""Count → licence positions, one for each unit, product and way of counting that demands or owns.

Units of a product's metric. Law: required = covered + to_order + shortage. Rights that are expired, not yet valid,
for trial or private use are not owned. Positions of departments add up to those of their legal entities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from auditor.core.allocation.edges import (
    is_bound,
    is_bound_to_serials,
    is_by_user,
    is_unlimited,
    serials_of,
    term_conditions,
)
from auditor.core.allocation.slots import Order, Slot
from auditor.core.entitlement import Entitlement
from auditor.core.holdings import Holding, is_base_of
from auditor.core.model import (
    Assignment,
    Failing,
    Machine,
    MachineState,
    Person,
    Position,
    ProductId,
    Reason,
    Right,
    UnitCode,
)
from auditor.core.organisation import UnitTree
from auditor.core.standing import RIDERS
from auditor.core.verdict import MUST_BE_COVERED
from rules.metrics.base import Family
from rules.metrics.roster import metric_named
from rules.product import Product

if TYPE_CHECKING:
    from auditor.core.counting import Count

NO_PRODUCTS = frozenset({
    "host", "processes", "activation", "domestic_activation", "registered_keys", "adobe_licences", "autodesk_licences",
    "dongles", "licensing_settings", "licensing_files", "services", "scheduled_tasks", "firewall_blocks", "antivirus",
    "defender", "fonts", "hotfixes", "foreign_libraries", "main_programs", "licensing_events",
    "document_parts",
})  # fmt: skip
"""Collectors whose records are no installed software."""
GONE = frozenset({MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT})
NOT_SCANNED = frozenset({MachineState.CLASSIFIED, MachineState.PRIVATE})
"""Out of scope by rule: counted as such by the coverage, and no reason to write 'at least'."""
Key = tuple[UnitCode, str, str]
"""Unit, product, `copies` or the metric of a quantity."""
COPIES = "copies"
NOUGHT = Fraction(0)


def positions_of(
    count: Count,
    machines: Mapping[str, Machine],
    products: Mapping[str, Product],
    tree: UnitTree,
    people: Sequence[Person],
    *,
    on: date,
) -> tuple[Position, ...]:
    """Return the positions unit by unit, ordered by unit, product, metric.

    Copies that need no right are in none. `is_lower_bound` says that a machine of the unit was not seen, or not
    fully.
    """
    return _Positions(count, machines, products, tree, people, on).all()


def to_legal_entities(positions: Iterable[Position], tree: UnitTree) -> tuple[Position, ...]:
    """Add up the positions of units to those of their legal entities."""
    groups: defaultdict[Key, list[Position]] = defaultdict(list)
    for position in positions:
        groups[(tree.legal_entity_of(position.unit), position.product, _kind(position.metric))].append(position)
    return tuple(added(groups[key], key[0]) for key in sorted(groups))


def _kind(metric: str) -> str:
    return COPIES if metric in ("per_device", "per_user") else metric


def added(positions: Sequence[Position], unit: UnitCode) -> Position:
    """Return the sum of positions of one product as the position of a unit."""
    first = positions[0]
    if len(positions) == 1:
        return first if first.unit == unit else _position(first.__dict__ | {"unit": unit})
    owned = [position.owned for position in positions]
    demanding = [position for position in positions if position.required] or list(positions)
    return replace(
        first,
        unit=unit,
        raw=sum(position.raw for position in positions),
        required=_sum(position.required for position in positions),
        covered=_sum(position.covered for position in positions),
        to_order=_sum(position.to_order for position in positions),
        shortage=_sum(position.shortage for position in positions),
        owned=None if None in owned else _sum(number for number in owned if number is not None),
        surplus=_sum(position.surplus for position in positions),
        idle_reserve=_sum(position.idle_reserve for position in positions),
        exempt=sum(position.exempt for position in positions),
        dead_oem=sum(position.dead_oem for position in positions),
        metric="per_user" if all(p.metric == "per_user" for p in demanding) else demanding[0].metric
        if demanding[0].metric not in ("per_user", "per_device") else "per_device",
        is_lower_bound=any(position.is_lower_bound for position in positions),
        to_buy=sum(position.to_buy for position in positions),
        to_verify=sum(position.to_verify for position in positions),
        in_trial=sum(position.in_trial for position in positions),
        orphan_upgrades=sum(position.orphan_upgrades for position in positions),
        by_unlimited=_sum(position.by_unlimited for position in positions),
        exceptions=tuple(sorted({reason for position in positions for reason in position.exceptions})),
    )  # fmt: skip


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    """Add up; whole numbers, which most are, as such."""
    whole, broken = 0, NOUGHT
    for number in numbers:
        if number.denominator == 1:
            whole += number.numerator
        else:
            broken += number
    return broken + whole if broken else _whole(whole)


def is_valid(right: Entitlement, on: date) -> bool:
    """Return whether the right's term holds on the day: closed [start, end]."""
    return not term_conditions(right, on)


def live_serials(machines: Iterable[Machine]) -> frozenset[str]:
    """Return the serial numbers of machines that are neither scrapped nor handed over, and of their boards."""
    live = [machine for machine in machines if machine.state not in GONE]
    told = [serial for machine in live for serial in (machine.serial, machine.board_serial) if serial is not None]
    return frozenset(serial.strip().casefold() for serial in told)


def dead_serials(right: Entitlement, live: frozenset[str]) -> int:
    """Return how many serials of a bound right belong to scrapped machines, or to none that is known."""
    return len(serials_of(right) - live)


@dataclass(eq=False, slots=True)
class _Tally:
    """The demand of one position, added up in copies."""

    raw: int = 0
    required: int = 0
    held: int = 0
    later: int = 0
    unlimited: int = 0
    exempt: int = 0
    in_trial: int = 0
    to_verify: int = 0
    serving: set[int] = field(default_factory=set)
    """Rights that cover some of it."""
    notes: set[str] = field(default_factory=set)


NO_DEMAND = _Tally()
_WHOLE = [Fraction(number) for number in range(256)]


def _whole(number: int) -> Fraction:
    """Return a whole number as a fraction; small ones, which most are, are made once."""
    return _WHOLE[number] if 0 <= number < len(_WHOLE) else Fraction(number)


def _position(fields: dict[str, Any]) -> Position:
    """Return a position of all its fields; there are hundreds of thousands, and a frozen one sets each in a call."""
    made = object.__new__(Position)
    made.__dict__.update(fields)
    return made


class _Positions:
    def __init__(
        self,
        count: Count,
        machines: Mapping[str, Machine],
        products: Mapping[str, Product],
        tree: UnitTree,
        people: Sequence[Person],
        on: date,
    ) -> None:
        self.count, self.machines, self.products, self.tree, self.on = count, machines, products, tree, on
        self.live = live_serials(machines.values())
        self.people = {str(person.id) for person in people}
        self.rights = {row.id: row for row in count.ledger.rights}
        self.blind = _not_fully_seen(machines.values(), tree)
        self.slots_of: defaultdict[tuple[int, UnitCode], list[Slot]] = defaultdict(list)
        for slot in count.slots.values():
            self.slots_of[(slot.right.id, slot.unit)].append(slot)

    def all(self) -> tuple[Position, ...]:
        demand = self._demand()
        quantities = {(q.unit, q.product, q.metric): q for q in self.count.quantities}
        access = {(a.unit, a.product, a.metric): a for a in self.count.access}
        owned = self._owned({*demand, *quantities, *access})
        made = []
        for key in sorted({*demand, *quantities, *access, *owned}):
            mine = demand.get(key, NO_DEMAND)
            base = self._base(key, mine, owned.get(key, []))
            if key in quantities:
                q = quantities[key]
                figures = (q.required, q.covered, q.to_order, q.by_unlimited)
                made.append(self._with(base, *figures, to_buy=q.to_buy))
            elif key in access:
                a = access[key]
                base["raw"] = a.raw
                made.append(self._with(base, a.required, a.covered, a.to_order, a.by_unlimited))
            else:
                short = mine.required - mine.held
                base["required"] = _whole(mine.required)
                base["covered"] = _whole(mine.held - mine.later)
                base["to_order"] = _whole(mine.later)
                base["shortage"] = _whole(short)
                base["by_unlimited"] = _whole(mine.unlimited)
                base["to_buy"] = short
                made.append(_position(base))
        return tuple(made)

    def _with(
        self,
        base: dict[str, Any],
        required: Fraction,
        covered: Fraction,
        to_order: Fraction,
        by_unlimited: Fraction,
        *,
        to_buy: int | None = None,
    ) -> Position:
        short = required - covered - to_order if required else NOUGHT
        up = -(-short.numerator // short.denominator)
        return Position(
            **base,
            required=required,
            covered=covered,
            to_order=to_order,
            shortage=short,
            by_unlimited=by_unlimited,
            to_buy=up if to_buy is None else to_buy,
        )

    # --- demand --------------------------------------------------------------------------------------------------

    def _demand(self) -> dict[Key, _Tally]:
        """Add up the demand; a suite is demanded where it covers parts and has no entry of its own."""
        found: dict[Key, _Tally] = {}
        metrics = {(q.unit, q.product): q.metric for q in self.count.quantities}
        by_entity: dict[tuple[UnitCode, str], str] = {}
        for quantity in self.count.quantities:
            by_entity.setdefault((self.tree.legal_entity_of(quantity.unit), quantity.product), quantity.metric)
        access = {(a.unit, a.product): a.metric for a in self.count.access}
        for assignment in self.count.assignments:
            copy = assignment.copy
            if copy.licence_class not in MUST_BE_COVERED:
                continue
            unit, kind = self.tree.unit_of(copy.department, copy.unit), COPIES
            if copy.key in self.count.by_server:
                kind = metrics.get((unit, copy.product)) or by_entity.get((copy.unit, copy.product)) or COPIES
            elif copy.key in self.count.by_access and (copy.unit, copy.product) in access:
                unit, kind = copy.unit, access[(copy.unit, copy.product)]
            self._add(found, (unit, copy.product, kind), assignment, 1)
        for part in self.count.parts:
            copy = part.like.copy
            if copy.licence_class in MUST_BE_COVERED:
                key = (self.tree.unit_of(copy.department, copy.unit), copy.product, COPIES)
                self._add(found, key, part.like, len(part.members))
        for (unit, suite), parts in self._inferred().items():
            for assignment in parts:
                self._add(found, (unit, suite, COPIES), assignment, 1)
        return found

    def _add(self, found: dict[Key, _Tally], key: Key, told: Assignment, many: int) -> None:
        """Add copies that stand alike to the demand of a position, in rights."""
        tally = found.get(key)
        if tally is None:
            tally = found[key] = _Tally()
        if told.reason is not Reason.SUITE or told.copy.product == key[1]:
            tally.raw += many
        if told.reason is Reason.EXEMPT:
            tally.exempt += many
            if told.note:
                tally.notes.add(told.note)
        tally.in_trial += many if told.failing is Failing.TRIAL else 0
        tally.to_verify += many if told.failing is Failing.PLACE_UNKNOWN else 0
        is_covered = self._is_covered(told)
        if is_covered:
            tally.serving.add(told.entitlement or 0)
        if not self._needs_unit(told, key):
            return
        tally.required += many
        if is_covered:
            right = self.rights[told.entitlement or 0]
            tally.held += many
            tally.later += many if right.true_up else 0
            tally.unlimited += many if is_unlimited(right, self.on) else 0

    def _inferred(self) -> dict[tuple[UnitCode, str], list[Assignment]]:
        """One part stands for each device that a suite right covers without an entry of the suite itself."""
        leads = {(a.entitlement, a.copy.machine) for a in self.count.assignments if self._is_suite_itself(a)}
        first: dict[tuple[int, str], Assignment] = {}
        for assignment in self.count.assignments:
            if assignment.reason is Reason.SUITE and assignment.entitlement is not None:
                key = (assignment.entitlement, assignment.copy.machine)
                if key not in leads:
                    first.setdefault(key, assignment)
        found: defaultdict[tuple[UnitCode, str], list[Assignment]] = defaultdict(list)
        for (id, _), assignment in first.items():
            unit = self.tree.unit_of(assignment.copy.department, assignment.copy.unit)
            found[(unit, str(self.rights[id].product))].append(assignment)
        return found

    def _is_suite_itself(self, assignment: Assignment) -> bool:
        right = self.rights.get(assignment.entitlement or 0)
        return right is not None and right.suite is not None and right.product == assignment.copy.product

    def _needs_unit(self, assignment: Assignment, key: Key) -> bool:
        if assignment.reason in RIDERS or assignment.reason is Reason.EXEMPT:
            return False
        if assignment.failing in (Failing.TRIAL, Failing.PLACE_UNKNOWN) or assignment.right is Right.NOT_VISIBLE:
            return False
        return assignment.reason is not Reason.SUITE or key[1] != assignment.copy.product

    def _is_covered(self, assignment: Assignment) -> bool:
        held = assignment.right in (Right.COVERED, Right.TO_VERIFY)
        return held and assignment.reason is not None and assignment.entitlement is not None

    # --- rights --------------------------------------------------------------------------------------------------

    def _owned(self, keys: Iterable[Key]) -> dict[Key, list[Holding]]:
        """Put each holding to the position that counts as it does."""
        found: defaultdict[Key, list[Holding]] = defaultdict(list)
        told = set(keys)
        cal = {(unit, product) for unit, product, metric in told if metric == "mixed_cal"}
        for holding in self.count.ledger.holdings:
            product, metric = holding.right.product, holding.right.metric
            if product is None or product not in self.products:
                continue
            family = metric_named(metric).family
            kind = metric if family in (Family.SERVERS, Family.ACCESS) else COPIES
            if metric in ("user_cal", "device_cal") and (holding.unit, product) in cal:
                kind = "mixed_cal"
            found[(holding.unit, product, kind)].append(holding)
        return dict(found)

    def _base(self, key: Key, demand: _Tally, holdings: Sequence[Holding]) -> dict[str, Any]:
        """Return what a position tells beside its sums."""
        product = self.products[key[1]]
        valid = [holding for holding in holdings if is_valid(holding.right, self.on)] if holdings else []
        counting = [h for h in valid if not h.right.true_up and not h.right.upgrade_from]
        unlimited = any(is_unlimited(holding.right, self.on) for holding in valid)
        owned = sum(self._usable(holding) for holding in counting)
        surplus, idle = self._left(valid)
        return dict(
            unit=key[0],
            product=ProductId(product.id),
            name=product.zh,
            category=product.category,
            raw=demand.raw,
            owned=None if unlimited else _whole(owned),
            surplus=surplus,
            idle_reserve=idle,
            exempt=demand.exempt + demand.in_trial,
            dead_oem=sum(dead_serials(h.right, self.live) for h in valid if is_bound_to_serials(h.right)),
            metric=key[2] if key[2] != COPIES else self._metric(demand, valid, product),
            is_lower_bound=self.tree.legal_entity_of(key[0]) in self.blind,
            as_of=self.on,
            to_verify=demand.to_verify,
            in_trial=demand.in_trial,
            orphan_upgrades=self._orphans(valid),
            exceptions=tuple(sorted(demand.notes)) if demand.notes else (),
        )

    def _metric(self, demand: _Tally, valid: Sequence[Holding], product: Product) -> str:
        """Persons are counted where all rights of the unit, and all that serve it, count by user."""
        if not valid and not demand.serving:
            return self._own_metric(product)
        rights = [holding.right for holding in valid] + [self.rights[id] for id in demand.serving if id in self.rights]
        if rights:
            return "per_user" if all(is_by_user(right) for right in rights) else "per_device"
        return self._own_metric(product)

    def _own_metric(self, product: Product) -> str:
        own = product.licensing.metric
        return "per_user" if own is not None and metric_named(own).family is Family.PERSONS else "per_device"

    def _usable(self, holding: Holding) -> int:
        right = holding.right
        return min(holding.rights, len(serials_of(right) & self.live)) if is_bound_to_serials(right) else holding.rights

    def _left(self, holdings: Sequence[Holding]) -> tuple[Fraction, Fraction]:
        """Return what is left over and may be used elsewhere, and what lies idle: reserved or bound."""
        surplus = idle = NOUGHT
        for holding in holdings:
            right = holding.right
            if is_unlimited(right, self.on) or right.true_up or right.upgrade_from:
                continue
            slots = self.slots_of[(right.id, holding.unit)]
            if is_bound(right):
                more, held = self._left_of_bound(holding, slots)
                surplus, idle = surplus + more, idle + held
                continue
            for slot in slots:
                free = Fraction(slot.capacity) - self._used(slot.order)
                if slot.reserved_for is not None:
                    idle += free
                else:
                    surplus += free
            if not slots:
                surplus += holding.rights
        return surplus, idle

    def _left_of_bound(self, holding: Holding, slots: Sequence[Slot]) -> tuple[Fraction, Fraction]:
        """A name that exists holds its right; rights without a name, or whose person left, are free."""
        used = sum((self._used(slot.order) for slot in slots), NOUGHT)
        more = sum((max(NOUGHT, self._used(slot.order) - 1) for slot in slots), NOUGHT)
        if is_bound_to_serials(holding.right):
            return NOUGHT, max(NOUGHT, self._usable(holding) - used)
        gone = [s for s in slots if self.people and (s.bound_to or "").startswith("person ") and
                (s.bound_to or "").removeprefix("person ") not in self.people]  # fmt: skip
        names = len(slots) - len(gone)
        free = max(NOUGHT, holding.rights - names - more)
        return free, max(NOUGHT, min(names, holding.rights) - (used - more))

    def _used(self, order: Order) -> Fraction:
        return self.count.used[order]

    def _orphans(self, valid: Sequence[Holding]) -> int:
        """Upgrade rights that no base is left for, whatever is installed."""
        orphans = 0
        for holding in valid:
            right = holding.right
            if right.upgrade_from and not any(asked.on_device for asked in right.upgrade_from):
                bases = sum(
                    other.rights
                    for other in self.count.ledger.holdings
                    if is_base_of(other.right, right) and is_valid(other.right, self.on)
                )
                orphans += max(0, holding.rights - bases)
        return orphans


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

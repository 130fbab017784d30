"""One family of products: copies and rights that may serve each other → units of rights used, and units lacking.

A family is one product, or several that suites connect. Copies that no stage can tell apart share a *situation*;
the cost follows situations, not machines. Where a right lets copies of one device or person share a unit, these
copies are a cluster (`allocation/problem.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from auditor.core.allocation.edges import (
    Match,
    distance,
    is_unlimited,
    needs_person,
    place_condition,
    ranks_of,
    term_conditions,
    version_match,
)
from auditor.core.allocation.problem import Cluster, Demand, Item, Option, Problem, Solution, Use
from auditor.core.allocation.slots import SINGLE, Level, Order, Slot, Stages, Terms, terms_of
from auditor.core.allocation.stages import allocate
from auditor.core.bases import NONE, bases_on_device, upgrade_pairs
from auditor.core.entitlement import Entitlement, PartRole
from auditor.core.holdings import Holding
from auditor.core.model import Copy, Machine, MachineClass, Reason, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.slotting import slots_of
from rules.metrics.base import Family as MetricFamily
from rules.metrics.roster import metric_named
from rules.product import Product

EVERYBODY = 2**31
"""Capacity of a right without a number."""
SUITE_MATCH = Match(Reason.SUITE)


@dataclass(frozen=True, eq=False)
class Context:
    """What all families of one count share."""

    on: date
    tree: UnitTree
    machines: Mapping[str, Machine]
    products: Mapping[str, Product]
    previous: Mapping[str, str] = field(default_factory=dict)
    adverse: frozenset[str] = frozenset()
    """Keys of copies that stand behind the others: adverse evidence, days of trial."""
    seed: int = 0

    @cached_property
    def _reach(self) -> dict[tuple[object, ...], dict[UnitCode, int | None]]:
        return {}

    @cached_property
    def reaching(self) -> dict[tuple[object, ...], dict[UnitCode, tuple[int | None, ...]]]:
        """What families whose slots reach alike share: unit → the steps to each slot."""
        return {}

    def steps(self, unit: UnitCode, holder: UnitCode, right: Entitlement) -> int | None:
        """Return the steps from a unit up to who holds a right, worked out once for all rights that reach alike."""
        key = (holder, right.reach, right.shared_with)
        found = self._reach.get(key)
        if found is None:
            found = self._reach[key] = {}
        if unit not in found:
            found[unit] = distance(unit, holder, right, self.tree)
        return found[unit]


@dataclass(frozen=True)
class Unit:
    """One unit of a right used, or (without a slot) lacking: the copies it covers, the lead first."""

    slot: Slot | None
    terms: Terms
    copies: tuple[Copy, ...]


@dataclass(frozen=True, eq=False)
class Situation:
    """What some copies have in common: everything that any stage or condition asks."""

    key: tuple[object, ...]
    copy: Copy
    """One of them."""
    place: str | None
    named: tuple[str, ...]
    bases: frozenset[int]
    edges: dict[Order, Stages]
    matches: dict[int, Match]
    """Right id → how it fits; of rights that have an edge."""
    alike: object = None
    """The same for situations that no stage but the last code tells apart."""


class FamilyCase:
    """The copies that need a right, and the rights, of one family."""

    def __init__(
        self, context: Context, copies: Sequence[Copy], holdings: Sequence[Holding], *, many: int | None = None
    ) -> None:
        """`many`: how many copies there are, where those given stand for others too."""
        self.context = context
        self.copies = sorted(copies, key=lambda copy: copy.key)
        self.holdings = holdings
        rights: dict[int, Entitlement] = {holding.right.id: holding.right for holding in holdings}
        self.rights = rights
        many = max(len(self.copies) if many is None else many, 1)
        self.slots = {
            slot.order: slot
            for holding in holdings
            for slot in slots_of(holding, many if is_unlimited(holding.right, context.on) else None)
        }
        self.valid = {id for id, right in rights.items() if not term_conditions(right, context.on)}
        self.asks_place = any(right.places for right in rights.values())
        self.asks_person = any(needs_person(right) or right.bound_people for right in rights.values())
        self.asks_base = any(asked.on_device for right in rights.values() for asked in right.upgrade_from)
        self.situations: dict[tuple[object, ...], Situation] = {}
        self._alike: dict[tuple[object, ...], object] = {}
        self.of_copy: dict[str, Situation] = {}
        self._edges: dict[tuple[object, ...], tuple[dict[Order, Stages], dict[int, Match]]] = {}
        self._may_use: dict[tuple[UnitCode, int], bool] = {}
        self._version: dict[tuple[object, ...], Match | None] = {}
        self.open_to: defaultdict[str, list[Slot]] = defaultdict(list)
        """Product → slots that are bound to no name, in their order."""
        self.bound_to: defaultdict[str, list[Slot]] = defaultdict(list)
        for order in sorted(self.slots):
            slot = self.slots[order]
            for product in sorted(products_of(slot.right)):
                (self.open_to if slot.bound_to is None else self.bound_to)[product].append(slot)
        self.upgrades = upgrade_pairs(self.slots, self.valid, context.tree)
        self.solution = Solution()

    @cached_property
    def named_by(self) -> dict[str, list[Slot]]:
        """Name of a serial, machine or person → the slots that it holds."""
        found: defaultdict[str, list[Slot]] = defaultdict(list)
        for order in sorted(self.slots):
            slot = self.slots[order]
            if slot.bound_to is not None:
                found[slot.bound_to].append(slot)
        return dict(found)

    def units(self) -> list[Unit]:
        """Return every unit used and every unit lacking; each copy is in exactly one."""
        self.of_copy = {copy.key: self.situation(copy) for copy in self.copies}
        clustered, plain = self._clustered()
        demands, members = self._demands(plain, clustered)
        clusters, instances = self._clusters(clustered)
        problem = Problem(self.slots, demands, clusters, self.upgrades, self.context.seed)
        self.solution = allocate(problem)
        found = [unit for demand in demands for unit in self._of_demand(demand, members[demand.key])]
        for cluster in clusters:
            found += self._of_cluster(cluster, instances[cluster.key])
        self.problem = problem
        return found

    # --- situations ---------------------------------------------------------------------------------------------

    def situation(self, copy: Copy, previous: str | None = None) -> Situation:
        """Return the situation of a copy; `previous`: the code that it had, where that is known already."""
        machine = self.context.machines[copy.machine]
        named = self._names(copy, machine) if self.named_by else ()
        place = (machine.place or "").strip().casefold() if self.asks_place else ""
        bases = bases_on_device(machine, self.rights, self.valid, self.context.on) if self.asks_base else NONE
        key = (
            copy.product,
            self.context.tree.unit_of(copy.department, copy.unit),
            copy.edition or "",
            copy.line or "",
            copy.version or "",
            place,
            named,
            copy.person is not None if self.asks_person else False,
            tuple(sorted(bases)),
            copy.key in self.context.adverse,
            self.context.previous.get(copy.key, "") if previous is None else previous,
        )
        found = self.situations.get(key)
        if found is None:
            found = self.situations[key] = self._new_situation(key, copy, machine.place, named, bases)
        return found

    def _names(self, copy: Copy, machine: Machine) -> tuple[str, ...]:
        told = [f"person {copy.person}"] if copy.person is not None else []
        told += [f"machine {machine.code}"] if machine.code is not None else []
        for serial in (machine.serial, machine.board_serial):
            if serial is not None:
                told.append(f"serial {serial.strip().casefold()}")
        return tuple(sorted({name for name in told if name in self.named_by}))

    def _new_situation(
        self,
        key: tuple[object, ...],
        copy: Copy,
        place: str | None,
        named: tuple[str, ...],
        bases: frozenset[int],
    ) -> Situation:
        reaches = self.reaches(copy)
        edges, matches = self._edges_of((reaches, copy.product, *key[2:]), copy, place, named, bases)
        alike = self._alike.setdefault(key[:-1], object())
        return Situation(key, copy, place, named, bases, edges, matches, alike)

    def reaches(self, copy: Copy) -> tuple[int | None, ...]:
        """Return the steps from the copy's unit to who holds each slot, in the order of slots: all that the unit
        changes."""
        unit = self.context.tree.unit_of(copy.department, copy.unit)
        found = self._reaches.get(unit)
        if found is None:
            told = [step for slot in self._ordered for step in (self.reach(copy, slot), self._of_holder(copy, slot))]
            found = self._reaches[unit] = tuple(told)
        return found

    def _of_holder(self, copy: Copy, slot: Slot) -> int | None:
        """Return the steps to the holder whatever is reserved, or to the owner of the row."""
        unit = self.context.tree.unit_of(copy.department, copy.unit)
        steps = self._steps(unit, slot.unit, slot.right)
        return self._steps(unit, slot.right.unit, slot.right) if steps is None else steps

    @cached_property
    def _reaches(self) -> dict[UnitCode, tuple[int | None, ...]]:
        kind = [(s.unit, s.reserved_for, s.right.unit, s.right.reach, s.right.shared_with) for s in self._ordered]
        return self.context.reaching.setdefault(tuple(kind), {})

    @cached_property
    def _ordered(self) -> list[Slot]:
        return [self.slots[order] for order in sorted(self.slots)]

    def _edges_of(
        self, key: tuple[object, ...], copy: Copy, place: str | None, named: tuple[str, ...], bases: frozenset[int]
    ) -> tuple[dict[Order, Stages], dict[int, Match]]:
        """Return the edges of a situation and how its rights fit: one value for situations that differ in units alone
        which reach alike."""
        found = self._edges.get(key)
        if found is not None:
            return found
        edges: dict[Order, Stages] = {}
        matches: dict[int, Match] = {}
        adverse, previous = int(copy.key in self.context.adverse), str(key[-1])
        for slot in self._slots_for(copy, named):
            match = self._fitting(copy, slot, place, named, bases)
            if match is not None:
                steps = self.reach(copy, slot) or 0
                edges[slot.order] = _stages(slot, match, steps, adverse, previous)
                matches[slot.right.id] = match
        return self._edges.setdefault(key, (edges, matches))

    def _slots_for(self, copy: Copy, named: tuple[str, ...]) -> list[Slot]:
        """Return the slots that come into question, in their order: the open ones, and those of the copy's names."""
        bound = {
            slot.order: slot
            for name in named
            for slot in self.named_by[name]
            if copy.product in products_of(slot.right)
        }
        open_ones = self.open_to[copy.product]
        return sorted((*open_ones, *bound.values()), key=lambda slot: slot.order) if bound else open_ones

    def reach(self, copy: Copy, slot: Slot) -> int | None:
        """Return the steps from the copy's unit to who holds the slot, `None` when it is out of reach."""
        unit = self.context.tree.unit_of(copy.department, copy.unit)
        steps = self._steps(unit, slot.unit, slot.right)
        if steps is not None and slot.reserved_for is not None:
            return steps if self.context.tree.distance(unit, slot.reserved_for) is not None else None
        return steps

    def is_in_reach(self, copy: Copy, holder: UnitCode, right: Entitlement) -> bool:
        """Return whether the copy's unit may use what a unit holds of a right, whatever is reserved of it."""
        return self._steps(self.context.tree.unit_of(copy.department, copy.unit), holder, right) is not None

    def _steps(self, unit: UnitCode, holder: UnitCode, right: Entitlement) -> int | None:
        return self.context.steps(unit, holder, right)

    def may_use(self, copy: Copy, right: Entitlement) -> bool:
        """Return whether the copy's unit may use the row at all, on any day and for any version."""
        key = (self.context.tree.unit_of(copy.department, copy.unit), right.id)
        if key not in self._may_use:
            holders = {holding.unit for holding in self.holdings if holding.right.id == right.id} or {right.unit}
            self._may_use[key] = any(self.is_in_reach(copy, holder, right) for holder in holders)
        return self._may_use[key]

    def version(self, copy: Copy, right: Entitlement) -> Match | None:
        """Return how edition and version fit; a part of a suite fits whatever its version."""
        if right.suite is not None and copy.product != right.product:
            return SUITE_MATCH
        key = (copy.product, copy.edition, copy.line, copy.version, right.id)
        if key not in self._version:
            self._version[key] = version_match(copy, right, self.context.products[copy.product])
        return self._version[key]

    def _fitting(
        self, copy: Copy, slot: Slot, place: str | None, named: tuple[str, ...], bases: frozenset[int]
    ) -> Match | None:
        right = slot.right
        if right.id not in self.valid or self.reach(copy, slot) is None:
            return None
        if slot.bound_to is not None and slot.bound_to not in named:
            return None
        if needs_person(right) and copy.person is None:
            return None
        if place_condition(place, right) is not None:
            return None
        if right.upgrade_from and not self._has_base(slot, bases):
            return None
        return self.version(copy, right)

    def _has_base(self, slot: Slot, bases: frozenset[int]) -> bool:
        return slot.right.id in bases or any(upgrade == slot.order for _, upgrade in self.upgrades)

    # --- clusters ------------------------------------------------------------------------------------------------

    def _clustered(self) -> tuple[list[list[Copy]], list[Copy]]:
        """Split the copies into those of devices or persons that may share a right, and all others."""
        levels = {terms_of(right).level for right in self.rights.values()} | self._default_levels()
        if levels <= {Level.COPY}:
            return [], list(self.copies)
        by_person = Level.PERSON in levels
        groups: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in self.copies:
            name = f"p {copy.person}" if by_person and copy.person is not None else f"m {copy.machine}"
            groups[name].append(copy)
        many = [group for group in groups.values() if len(group) > 1 or self._suites_of(group[0].product)]
        singles = {copy.key for group in many for copy in group}
        return many, [copy for copy in self.copies if copy.key not in singles]

    def _suites_of(self, product: str) -> bool:
        """Whether a suite right may cover the product: then even a lone copy on a device is a question of the suite."""
        return any(slot.terms.suite is not None for slot in (*self.open_to[product], *self.bound_to[product]))

    def _default_levels(self) -> set[Level]:
        """Where the ledger says nothing of a product, its own metric says how to count."""
        return {Level.PERSON for copy in self.copies if self._default(copy.product).level is Level.PERSON}

    def _default(self, product: str) -> Terms:
        if any(product in products_of(right) and right.suite is None for right in self.rights.values()):
            return SINGLE
        metric = self.context.products[product].licensing.metric
        is_person = metric is not None and metric_named(metric).family is MetricFamily.PERSONS
        return Terms(Level.PERSON, 0, by_device=True) if is_person else SINGLE

    def _clusters(self, groups: Sequence[Sequence[Copy]]) -> tuple[list[Cluster], dict[str, list[list[Copy]]]]:
        """Return the clusters, those alike together, with the copies of each single one in the order of its items."""
        kinds: defaultdict[tuple[object, ...], list[list[Copy]]] = defaultdict(list)
        numbers = {key: n for n, key in enumerate(self.situations)}
        shapes: dict[tuple[object, ...], list[tuple[Copy, int, bool]]] = {}
        for group in groups:
            arranged = self._arranged(group, numbers)
            shape = [(numbers[self.of_copy[copy.key].key], device, portable) for copy, device, portable in arranged]
            kind: tuple[object, ...] = (*shape, *self._suites_on(arranged))
            kinds[kind].append([copy for copy, _, _ in arranged])
            shapes.setdefault(kind, arranged)
        clusters, instances = [], {}
        for kind, members in kinds.items():
            key = min(copy.key for copies in members for copy in copies)
            items = tuple(
                Item(self.of_copy[copy.key].edges, device, portable) for copy, device, portable in shapes[kind]
            )
            clusters.append(Cluster(key, len(members), items, self._options(shapes[kind])))
            instances[key] = sorted(members, key=lambda copies: min(copy.key for copy in copies))
        return clusters, instances

    def _arranged(
        self, group: Sequence[Copy], numbers: Mapping[tuple[object, ...], int]
    ) -> list[tuple[Copy, int, bool]]:
        """Order the copies of a cluster: fixed devices first, newest line first; return device and whether portable."""
        devices: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in group:
            devices[copy.machine].append(copy)

        def order(copy: Copy) -> tuple[int, int, str]:
            ranks = ranks_of(self.context.products[copy.product])
            return (-ranks.get(copy.line, -1), numbers[self.of_copy[copy.key].key], copy.key)

        sorted_devices = [sorted(copies, key=order) for copies in devices.values()]
        is_portable = {machine: self.is_portable(machine) for machine in devices}
        sorted_devices.sort(key=lambda copies: (is_portable[copies[0].machine], [order(copy) for copy in copies]))
        return [
            (copy, number, is_portable[copy.machine]) for number, copies in enumerate(sorted_devices) for copy in copies
        ]

    def is_portable(self, machine: str) -> bool:
        """Return whether a machine, by its key, is a portable one."""
        return self.context.machines[machine].machine_class is MachineClass.PORTABLE

    def _suites_on(self, arranged: Sequence[tuple[Copy, int, bool]]) -> tuple[object, ...]:
        return tuple(
            (right.id, device)
            for right in self.rights.values()
            if right.suite is not None
            for device in sorted({device for _, device, _ in arranged})
            if has_suite(right, {copy.product for copy, on, _ in arranged if on == device})
        )

    def _options(self, arranged: Sequence[tuple[Copy, int, bool]]) -> tuple[Option, ...]:
        """Return every way in which a unit may cover several of the copies, real rights first."""
        found: list[Option] = []
        for order in sorted({o for copy, _, _ in arranged for o in self.of_copy[copy.key].edges}):
            slot = self.slots[order]
            fits = [i for i, (copy, _, _) in enumerate(arranged) if order in self.of_copy[copy.key].edges]
            found += [
                Option(order, slot.terms, items) for items in self._scopes(arranged, slot.right, slot.terms, fits)
            ]
        lacking: dict[tuple[Terms, tuple[int, ...]], None] = {}
        for right in self.rights.values():
            terms = terms_of(right)
            if terms.level is Level.COPY or right.suite is not None:
                continue
            fits = [i for i, (copy, _, _) in enumerate(arranged) if self._may_be_bought(copy, right)]
            lacking |= dict.fromkeys((terms, items) for items in self._scopes(arranged, right, terms, fits))
        for product in sorted({copy.product for copy, _, _ in arranged}):
            terms = self._default(product)
            fits = [i for i, (copy, _, _) in enumerate(arranged) if copy.product == product]
            if terms.level is Level.PERSON and len(fits) > 1:
                lacking[(terms, tuple(fits))] = None
        return (*found, *(Option(None, terms, items) for terms, items in lacking))

    def _may_be_bought(self, copy: Copy, right: Entitlement) -> bool:
        """One more right like this one would cover the copy."""
        if right.product != copy.product or self.version(copy, right) is None:
            return False
        unit = self.context.tree.unit_of(copy.department, copy.unit)
        return distance(unit, right.unit, right, self.context.tree) is not None

    def _scopes(
        self, arranged: Sequence[tuple[Copy, int, bool]], right: Entitlement, terms: Terms, fits: Sequence[int]
    ) -> list[tuple[int, ...]]:
        """Return the sets of items that units of a right may be shared by: of a person, or of each device."""
        if terms.level is Level.COPY:
            return []
        if terms.level is Level.PERSON:
            return [tuple(fits)] if len(fits) > 1 else []
        scopes = []
        for device in sorted({arranged[i][1] for i in fits}):
            items = tuple(i for i in fits if arranged[i][1] == device)
            if terms.suite is None:
                scopes += [items] if len(items) > 1 else []
            elif has_suite(right, {copy.product for copy, on, _ in arranged if on == device}):
                scopes.append(items)
        return scopes

    # --- demands -------------------------------------------------------------------------------------------------

    def _demands(
        self, plain: Sequence[Copy], clustered: list[list[Copy]]
    ) -> tuple[list[Demand], dict[str, list[tuple[Terms, tuple[Copy, ...]]]]]:
        """Return demands of equal units: single copies, and persons or devices that need whole rights anyway.

        `clustered` loses the groups that are counted here.
        """
        groups: defaultdict[tuple[object, ...], list[tuple[Terms, tuple[Copy, ...]]]] = defaultdict(list)
        for copy in plain:
            groups[(self.of_copy[copy.key],)].append((SINGLE, (copy,)))
        left = []
        for group in clustered:
            terms = self._whole(group)
            if terms is None:
                left.append(group)
                continue
            for part in self._parts(group, terms):
                kind = (terms, *(self.of_copy[copy.key] for copy in part))
                groups[kind].append((terms, part))
        clustered[:] = left
        demands, members = [], {}
        for units in groups.values():
            units.sort(key=lambda unit: unit[1][0].key)
            lead = units[0][1][0]
            edges = self._summed(units[0][1])
            demands.append(Demand(lead.key, len(units), edges, len(units[0][1])))
            members[lead.key] = units
        return demands, members

    def _whole(self, group: Sequence[Copy]) -> Terms | None:
        """Return the terms on which a group needs whole rights: the only ones that any right offers to any of it."""
        first = self.of_copy[group[0].key]
        if any(self.of_copy[copy.key].edges.keys() != first.edges.keys() for copy in group):
            return None
        if len({copy.product for copy in group}) > 1 or self._suites_of(group[0].product):
            return None
        offered = {self.slots[order].terms for order in first.edges}
        for right in self.rights.values():
            offered |= {terms_of(right) for copy in group if self._may_be_bought(copy, right)}
            if len({self._may_be_bought(copy, right) for copy in group}) > 1:
                return None
        offered |= {self._default(group[0].product)} if not offered else set()
        if len(offered) != 1:
            return None
        [terms] = offered
        if terms.level is Level.COPY or (terms.level is Level.DEVICE and len({copy.machine for copy in group}) > 1):
            return None
        return terms

    def _parts(self, group: Sequence[Copy], terms: Terms) -> list[tuple[Copy, ...]]:
        """Split a group into what single units of a right cover, the lead first."""
        arranged = self._arranged(group, {key: n for n, key in enumerate(self.situations)})
        elements: defaultdict[object, list[tuple[Copy, bool]]] = defaultdict(list)
        for copy, device, portable in arranged:
            elements[device if terms.by_device else copy.key].append((copy, portable))
        parts = list(elements.values())
        if terms.second_use:
            fixed = [part for part in parts if not part[0][1]]
            rest = [part for part in parts if part[0][1]]
            pairs = [[*part, *(rest.pop(0) if rest else [])] for part in fixed]
            while rest:
                pairs.append([*rest.pop(0), *(rest.pop(0) if rest else [])])
            return [tuple(copy for copy, _ in pair) for pair in pairs]
        size = terms.cap or len(parts)
        return [tuple(copy for part in parts[n : n + size] for copy, _ in part) for n in range(0, len(parts), size)]

    def _summed(self, copies: Sequence[Copy]) -> dict[Order, Stages]:
        """Return the edges of one unit; the stages of its lead stand for all (they are weighed by its copies)."""
        return self.of_copy[copies[0].key].edges

    # --- answers -------------------------------------------------------------------------------------------------

    def _of_demand(self, demand: Demand, units: Sequence[tuple[Terms, tuple[Copy, ...]]]) -> list[Unit]:
        found, start = [], 0
        for order, count in self.solution.flows.get(demand.key, ()):
            found += [Unit(self.slots[order], terms, copies) for terms, copies in units[start : start + count]]
            start += count
        return [*found, *(Unit(None, terms, copies) for terms, copies in units[start:])]

    def _of_cluster(self, cluster: Cluster, instances: Sequence[Sequence[Copy]]) -> list[Unit]:
        found = []
        for copies, uses in zip(instances, self.solution.uses[cluster.key], strict=True):
            found += [self._unit(use, copies) for use in uses if use.items]
        return found

    def _unit(self, use: Use, copies: Sequence[Copy]) -> Unit:
        slot = self.slots[use.slot] if use.slot is not None else None
        return Unit(slot, use.terms, tuple(copies[item] for item in use.items))


def products_of(right: Entitlement) -> set[str]:
    """Return the products that a right may cover: its own, and the parts of its suite."""
    own = {str(right.product)} if right.product is not None else set()
    return own | {str(part.product) for part in right.suite.parts} if right.suite is not None else own


def has_suite(right: Entitlement, present: set[str]) -> bool:
    """Return whether a device has the suite: its own entry is there, or its parts say so."""
    if right.suite is None or right.product in present:
        return right.suite is not None
    parts = right.suite.parts
    there = [part for part in parts if part.product in present]
    primary = [part for part in parts if part.role is PartRole.PRIMARY]
    return (
        bool(there)
        and all(part in there for part in parts if part.role is PartRole.MANDATORY)
        and (not primary or any(part in there for part in primary))
        and len(there) * 100 >= right.suite.minimum_percent * len(parts)
        and len(there) >= right.suite.minimum_parts
    )


def _stages(slot: Slot, match: Match, steps: int, adverse: int, previous: str) -> Stages:
    is_downgrade = match.reason in (Reason.DOWNGRADE, Reason.ALLOWED_VERSION) or match.unsure is not None
    return Stages(
        bound=-int(slot.bound_to is not None),
        adverse=adverse,
        unlimited=int(slot.unlimited and not slot.right.places),
        site=int(bool(slot.right.places)),
        reserved=-int(slot.reserved_for is not None),
        distance=steps,
        suite=-int(slot.right.suite is not None),
        downgrade=int(is_downgrade),
        maintenance=int(match.reason in (Reason.MAINTENANCE, Reason.UPGRADE)),
        steps=match.distance,
        changed=int(bool(previous) and previous != slot.right.code),
    )

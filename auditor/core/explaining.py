"""Why no right covers a copy: the right that it would use first, and the one condition that fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.core.allocation.edges import (
    binding_condition,
    is_bound,
    line_distance,
    place_condition,
    ranks_of,
    term_conditions,
    version_conditions,
)
from auditor.core.allocation.explain import first_right
from auditor.core.allocation.slots import Level, Order, Slot, terms_of
from auditor.core.entitlement import Entitlement
from auditor.core.family import FamilyCase, Situation, Unit, has_suite, products_of
from auditor.core.model import Copy, Failing


class Explainer:
    """Answers for one family after it was allocated."""

    def __init__(self, case: FamilyCase, units: Sequence[Unit], served: Sequence[tuple[Order, Situation]] = ()) -> None:
        """`served`: slots that serve situations, beside those of the units."""
        self.case = case
        self._slots_of: defaultdict[int, list[Slot]] = defaultdict(list)
        for slot in case.slots.values():
            self._slots_of[slot.right.id].append(slot)
        self._rights_of: dict[str, list[Entitlement]] = {}
        self._versions: dict[tuple[object, ...], tuple[Failing, ...]] = {}
        self._distances: dict[tuple[object, ...], int] = {}
        self._known: dict[tuple[object, ...], tuple[Entitlement | None, Failing]] = {}
        self._present: defaultdict[str, set[str]] = defaultdict(set)
        if any(right.suite is not None for right in case.rights.values()):
            for copy in case.copies:
                self._present[copy.machine].add(copy.product)
        self.spare = self._spare(units, served)

    def rights_of(self, product: str) -> list[Entitlement]:
        """Return every row that may serve a product, suites too, in the order of their ids."""
        if product not in self._rights_of:
            rows = [right for right in self.case.rights.values() if product in products_of(right)]
            self._rights_of[product] = sorted(rows, key=lambda right: right.id)
        return self._rights_of[product]

    def of_unit(self, unit: Unit) -> list[tuple[Entitlement | None, Failing]]:
        """Return for each copy that one lacking unit stands for the right and the one condition that fails.

        Where one right would cover them all once one condition were gone, that is the answer for each of them: what
        helps a single copy leaves the unit lacking. Else every copy is answered for alone, and not by a right to be
        paid later, which is never used for part of a unit that must be bought anyway.
        """
        if len(unit.copies) == 1:
            return [self.first(unit.copies[0])]
        rights = sorted({r.id: r for c in unit.copies for r in self.rights_of(c.product)}.values(), key=lambda r: r.id)
        told = {right.id: self._of_all(unit.copies, right) for right in rights}
        to_verify = [right for right in rights if told[right.id] == (Failing.PLACE_UNKNOWN,)]
        if to_verify:
            return [(to_verify[0], Failing.PLACE_UNKNOWN)] * len(unit.copies)
        steps = {right.id: sum(self._steps(copy, right) for copy in unit.copies) for right in rights}
        needs = {right.id: self._units_for(unit.copies, right) for right in rights}
        best, failing = first_right(rights, told, steps, needs)
        if best is not None and failing is not Failing.NO_RIGHT:
            return [(best, failing)] * len(unit.copies)
        return [self._first(copy, self.case.of_copy[copy.key], is_part=True) for copy in unit.copies]

    def _of_all(self, copies: Sequence[Copy], right: Entitlement) -> tuple[Failing, ...]:
        """Return every condition that keeps a right from covering copies that lack one unit together."""
        need = self._units_for(copies, right)
        found: dict[Failing, None] = {}
        for copy in copies:
            if copy.product not in products_of(right):
                found[Failing.VERSION] = found[Failing.EDITION] = None
                continue
            found |= dict.fromkeys(self.conditions(copy, self.case.of_copy[copy.key], right, need))
        return tuple(found)

    def _units_for(self, copies: Sequence[Copy], right: Entitlement) -> int:
        """Return how many rights of a row copies of one person or device take."""
        terms = terms_of(right)
        if terms.level is Level.COPY:
            return len(copies)
        groups: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        for copy in copies:
            scope = copy.machine if terms.level is Level.DEVICE else ""
            element = copy.machine if terms.by_device else copy.key
            groups[scope][element] = self.case.is_portable(copy.machine)
        return sum(terms.units(elements.values()) for elements in groups.values())

    def first(self, copy: Copy) -> tuple[Entitlement | None, Failing]:
        """Return the right that an uncovered copy would use first and the one condition that fails."""
        situation = self.case.of_copy[copy.key]
        key = (*situation.key[:-2], frozenset(self._present[copy.machine]) if self._present else None)
        if key not in self._known:
            self._known[key] = self._first(copy, situation)
        return self._known[key]

    def _first(self, copy: Copy, situation: Situation, *, is_part: bool = False) -> tuple[Entitlement | None, Failing]:
        rights = [right for right in self.rights_of(copy.product) if not (is_part and right.true_up)]
        failing = {right.id: self.conditions(copy, situation, right) for right in rights}
        to_verify = [right for right in rights if failing[right.id] == (Failing.PLACE_UNKNOWN,)]
        if to_verify:
            return to_verify[0], Failing.PLACE_UNKNOWN
        return first_right(rights, failing, {right.id: self._steps(copy, right) for right in rights})

    def nearest(self, copy: Copy, rights: Sequence[Entitlement]) -> Entitlement | None:
        """Return which of some rows an uncovered copy would use first, whatever fails."""
        situation = self.case.of_copy[copy.key]
        key = ("nearest", *situation.key[:-2], *(right.id for right in rights))
        if key not in self._known:
            failing = {right.id: self.conditions(copy, situation, right) for right in rights}
            steps = {right.id: self._steps(copy, right) for right in rights}
            self._known[key] = first_right(rights, failing, steps)
        return self._known[key][0]

    def _version(self, copy: Copy, right: Entitlement) -> tuple[Failing, ...]:
        """Return what fails of edition and version, once for all copies of one edition, line and version."""
        key = (copy.product, copy.edition, copy.line, copy.version, right.id)
        if key not in self._versions:
            self._versions[key] = version_conditions(copy, right, self.case.context.products[copy.product])
        return self._versions[key]

    def _steps(self, copy: Copy, right: Entitlement) -> int:
        key = (copy.product, copy.line, right.line)
        if key not in self._distances:
            self._distances[key] = self._distance(copy, right)
        return self._distances[key]

    def _distance(self, copy: Copy, right: Entitlement) -> int:
        product = self.case.context.products[copy.product]
        ranks = ranks_of(product)
        is_known = copy.line in ranks and right.line in ranks
        return line_distance(product, right.line, copy.line) if is_known else len(product.lines)

    def conditions(self, copy: Copy, situation: Situation, right: Entitlement, need: int = 1) -> tuple[Failing, ...]:
        """Return every condition that keeps a right from giving `need` units more to copies like this one."""
        context = self.case.context
        mine = self._slots_of[right.id]
        machine = context.machines[copy.machine]
        found: list[Failing] = []
        reaching = [slot for slot in mine if self._reaches(copy, slot)]
        if not reaching and (mine or not self._is_in_reach(copy, right)):
            found.append(Failing.UNIT)
        found += term_conditions(right, context.on)
        if right.suite is not None and copy.product != right.product:
            found += [] if has_suite(right, self._present[copy.machine]) else [Failing.SUITE_INCOMPLETE]
        else:
            found += self._version(copy, right)
        found += [one for one in (place_condition(situation.place, right),) if one is not None]
        bound = binding_condition(copy, right, machine)
        found += [bound] if bound is not None else []
        if right.upgrade_from and not self._has_base(right, situation):
            found.append(Failing.NO_BASE)
        if Failing.NOT_CERTIFIED in found:
            return tuple(found)
        return (*found, *self._left(copy, situation, right, reaching or mine, need))

    def _has_base(self, right: Entitlement, situation: Situation) -> bool:
        return right.id in situation.bases or any(upgrade[0] == right.id for _, upgrade in self.case.upgrades)

    def _is_in_reach(self, copy: Copy, right: Entitlement) -> bool:
        return self.case.is_in_reach(copy, right.unit, right)

    def _reaches(self, copy: Copy, slot: Slot) -> bool:
        return self.case.is_in_reach(copy, slot.unit, slot.right)

    def _left(
        self, copy: Copy, situation: Situation, right: Entitlement, slots: list[Slot], need: int
    ) -> tuple[Failing, ...]:
        """Say whether something is left of the right: for this copy, for another unit, or nothing."""
        if not slots:
            return (Failing.EXHAUSTED,) if right.rights <= 0 and not right.unlimited else ()
        usable = [slot for slot in slots if slot.reserved_for is None or self.case.reach(copy, slot) is not None]
        if is_bound(right):
            named = [slot for slot in usable if slot.bound_to in situation.named]
            usable = named or usable
        if any(slot.order in self.spare and self._has_left(slot, need) for slot in usable):
            return ()
        if any(slot.order in self.spare and slot.reserved_for is not None for slot in slots):
            return (Failing.RESERVED,)
        is_named = any(slot.bound_to in situation.named for slot in slots)
        if is_bound(right) and right.rights > len(slots) and not is_named:
            return ()
        return (Failing.EXHAUSTED,)

    def _has_left(self, slot: Slot, need: int) -> bool:
        """Whether a slot of the spare ones has so many units; several only where nothing else must move for them."""
        return need == 1 or slot.unlimited or slot.capacity - self.case.solution.used.get(slot.order, 0) >= need

    def _spare(self, units: Sequence[Unit], served: Sequence[tuple[Order, Situation]]) -> set[Order]:
        """Return the slots that have something left for one more copy, also when others move to other rights for it."""
        case = self.case
        taken = dict(case.solution.used)
        for (base, _), count in case.solution.bases.items():
            taken[base] = taken.get(base, 0) + count
        leads_to: defaultdict[Order, set[Order]] = defaultdict(set)
        for unit in units:
            if unit.slot is None:
                continue
            for other in set.intersection(*(set(case.of_copy[copy.key].edges) for copy in unit.copies)):
                if self._may_move(unit, case.slots[other].right):
                    leads_to[other].add(unit.slot.order)
        for order, situation in served:
            for other in situation.edges:
                leads_to[other].add(order)
        of_right: defaultdict[int, int] = defaultdict(int)
        for order, count in taken.items():
            of_right[order[0]] += count
        free = set()
        for order, slot in case.slots.items():
            is_full = taken.get(order, 0) >= slot.capacity or (slot.is_tight and of_right[order[0]] >= slot.total)
            if not is_full:
                free.add(order)
        fed = {upgrade for base, upgrade in case.upgrades if base in free}
        start = [o for o in free if not case.slots[o].right.upgrade_from or o in fed or not _needs_feeding(case, o)]
        reached = set(start)
        while start:
            for order in leads_to[start.pop()] - reached:
                reached.add(order)
                start.append(order)
        return reached

    def _may_move(self, unit: Unit, right: Entitlement) -> bool:
        """Whether one unit of another right, which fits every copy of the unit, covers them all as well."""
        if right.suite is not None and not has_suite(right, self._present[unit.copies[0].machine]):
            return False
        return self._units_for(unit.copies, right) == 1


def _needs_feeding(case: FamilyCase, order: Order) -> bool:
    return any(upgrade == order for _, upgrade in case.upgrades)

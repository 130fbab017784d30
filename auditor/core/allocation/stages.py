"""Demand × rights → which right covers which copy: the stages of METRICS §4, each an exact optimum.

0  bound rights hold their own demand (OEM serial, named person);
1  least shortage;
2  rights go first to copies without adverse evidence;
3  pool: unlimited rights last, then own unit before the nearest one above;
4  match: the version bought before an allowed one, then the least distance in release lines;
5  a copy keeps the 软件编号 of the previous run;
6  earliest expiry, then the right that could serve fewest copies, then lowest right to lowest copy.

Copies that no stage can tell apart are one group, so the programme grows with situations, not machines.
Rights counted by user cover all copies that one person has of the product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from auditor.core.allocation.edges import PER_USER, Match
from auditor.core.allocation.solver import Programme, Row, canonical
from auditor.core.entitlement import Entitlement
from auditor.core.model import Copy, Reason

NEVER = date.max.toordinal()
Order = tuple[int, str]
"""Right id and what the slot is bound to: names a slot."""


@dataclass(frozen=True, eq=False)
class Slot:
    """Part of a right that is used alike: the pool of a right, or what is bound to one serial or person."""

    right: Entitlement
    capacity: int
    bound_to: str | None = None

    @cached_property
    def order(self) -> Order:
        """Lowest right first; within it by what it is bound to."""
        return (self.right.id, self.bound_to or "")

    @cached_property
    def is_tight(self) -> bool:
        """Whether the right names more serials or people than its quantity allows."""
        named = len(set(self.right.bound_serials)) or len(set(self.right.bound_people))
        return self.bound_to is not None and not self.right.unlimited and named > self.right.quantity


@dataclass(frozen=True, eq=False)
class Demand:
    """One copy with the slots that may cover it."""

    copy: Copy
    matches: tuple[tuple[Slot, Match], ...]
    adverse: bool
    previous: str | None
    """软件编号 in the previous run."""
    person: str
    """Who has it, for rights counted by user; a machine without a person is one anonymous user."""
    reach: tuple[tuple[int, int], ...]
    """Right id → distance in the tree of units."""

    @cached_property
    def by_slot(self) -> dict[Order, Match]:
        """How each slot matches."""
        return {slot.order: match for slot, match in self.matches}

    @cached_property
    def distances(self) -> dict[int, int]:
        """Right id → distance in the tree of units."""
        return dict(self.reach)

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """Equal for copies that no stage can tell apart."""
        matches = tuple((s.order, m.reason.value, m.distance, m.basis_missing, m.unsure or "") for s, m in self.matches)
        return (matches, self.adverse, self.previous or "", self.reach)


@dataclass(frozen=True, eq=False)
class _Bundle:
    """Persons whose copies look alike: each has the same groups of copies, equally many of each."""

    number: int
    people: tuple[str, ...]
    groups: tuple[tuple[Demand, ...], ...]
    is_whole: bool
    """False: these persons have further copies that no right fits, so none of them is ever fully covered."""

    def each(self, group: Sequence[Demand]) -> int:
        """Return how many copies of the group one person has."""
        return len(group) // len(self.people)


@dataclass(frozen=True, eq=False)
class _Variable:
    bundle: int
    group: int | None
    """`None`: the slot covers whole persons."""
    slot: Slot
    upper: int
    weight: int
    """Copies covered by one unit."""
    covers_whole: bool = False
    """The slot fits every copy that the person has."""


def allocate(demands: Sequence[Demand], *, seed: int = 0) -> dict[str, tuple[Slot, Match]]:
    """Return for every covered copy (by key) the slot and how it matches.

    Demands are of one product. The answer does not depend on their order nor on the solver's seed.
    """
    ordered = sorted(demands, key=lambda demand: demand.copy.key)
    unmatched = frozenset(demand.person for demand in ordered if not demand.matches)
    answer, left = _bind([demand for demand in ordered if demand.matches])
    for part in _components(left):
        answer.update(_solve(part, unmatched, seed))
    return answer


def used_up(demands: Sequence[Demand], answer: Mapping[str, tuple[Slot, Match]]) -> frozenset[int]:
    """Return the rights that have nothing left for one more copy, even when their copies move to other rights."""
    slots = {slot.order: slot for demand in demands for slot, _ in demand.matches}
    users: defaultdict[Order, set[str]] = defaultdict(set)
    leads_to: defaultdict[Order, set[Order]] = defaultdict(set)
    for demand in demands:
        if demand.copy.key in answer:
            slot = answer[demand.copy.key][0]
            users[slot.order].add(demand.person if slot.right.metric == PER_USER else demand.copy.key)
            for other, _ in demand.matches:
                leads_to[other.order].add(slot.order)
    spare = [order for order, slot in slots.items() if len(users[order]) < slot.capacity]
    reached = set(spare)
    while spare:
        for order in leads_to[spare.pop()] - reached:
            reached.add(order)
            spare.append(order)
    return frozenset({right for right, _ in slots} - {right for right, _ in reached})


def _bind(demands: Sequence[Demand]) -> tuple[dict[str, tuple[Slot, Match]], list[Demand]]:
    """Give bound slots that one copy alone can use to that copy: every optimum of stage 0 does. Also what is left."""
    bound = [
        [(slot, match) for slot, match in demand.matches if slot.bound_to is not None and slot.right.metric != PER_USER]
        for demand in demands
    ]
    wanted = Counter(slot.order for mine in bound for slot, _ in mine)
    answer: dict[str, tuple[Slot, Match]] = {}
    left = []
    for demand, mine in zip(demands, bound, strict=True):
        if len(mine) == 1 and wanted[mine[0][0].order] == 1 and not mine[0][0].is_tight:
            answer[demand.copy.key] = mine[0]
        else:
            left.append(demand)
    return answer, left


def _components(demands: Sequence[Demand]) -> list[list[Demand]]:
    """Split demands that share neither a slot nor a person."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def knot(slot: Slot) -> object:
        return ("right", slot.right.id) if slot.is_tight else ("slot", slot.order)

    by_user = any(slot.right.metric == PER_USER for demand in demands for slot, _ in demand.matches)
    names = [("person", demand.person if by_user else demand.copy.key) for demand in demands]
    for demand, name in zip(demands, names, strict=True):
        for slot, _ in demand.matches:
            parent[root(knot(slot))] = root(name)
    parts: defaultdict[object, list[Demand]] = defaultdict(list)
    for demand, name in zip(demands, names, strict=True):
        parts[root(name)].append(demand)
    return list(parts.values())


def _solve(demands: Sequence[Demand], unmatched: frozenset[str], seed: int) -> dict[str, tuple[Slot, Match]]:
    by_order = {slot.order: slot for demand in demands for slot, _ in demand.matches}
    slots = [by_order[order] for order in sorted(by_order)]
    by_user = any(slot.right.metric == PER_USER for slot in slots)
    bundles = _bundles(demands, unmatched, by_user=by_user)
    variables = _variables(bundles, slots)
    objectives = _objectives(bundles, slots, variables)
    if len(slots) == 1:
        values = _best_first(slots[0].capacity, variables, objectives)
    else:
        programme = Programme([variable.upper for variable in variables], _rows(bundles, slots, variables), seed)
        values = canonical(programme, objectives, range(len(variables)))
    return _hand_out(bundles, variables, values)


def _best_first(capacity: int, variables: Sequence[_Variable], objectives: Sequence[Sequence[int]]) -> list[int]:
    """Return the optimum where there is one slot: the cheapest units, stage by stage, until it is used up."""
    values = [0] * len(variables)
    for number in sorted(range(len(variables)), key=lambda n: (*(costs[n] for costs in objectives), n)):
        values[number] = min(capacity, variables[number].upper)
        capacity -= values[number]
    return values


def _bundles(demands: Sequence[Demand], unmatched: frozenset[str], *, by_user: bool) -> list[_Bundle]:
    """Group persons whose copies look alike; without rights by user every copy stands for itself.

    A person whose copies are fit for different rights by user may need several of them, and stands alone.
    """
    owned: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in demands:
        owned[demand.person if by_user else demand.copy.key].append(demand)
    alike: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for person, mine in owned.items():
        kinds = {tuple(slot.order for slot, _ in d.matches if slot.right.metric == PER_USER) for d in mine}
        alone = person if by_user and len(kinds) > 1 else ""
        is_whole = not (by_user and person in unmatched)
        alike[(alone, is_whole, *sorted(demand.signature for demand in mine))].append(person)
    bundles = []
    for number, people in enumerate(sorted(alike.values(), key=lambda names: owned[names[0]][0].copy.key)):
        groups: defaultdict[tuple[object, ...], list[Demand]] = defaultdict(list)
        for person in people:
            for demand in owned[person]:
                groups[demand.signature].append(demand)
        is_whole = not (by_user and people[0] in unmatched)
        bundles.append(_Bundle(number, tuple(people), tuple(tuple(group) for group in groups.values()), is_whole))
    return bundles


def _variables(bundles: Sequence[_Bundle], slots: Sequence[Slot]) -> list[_Variable]:
    """One variable for each (slot, group) or, for rights by user, (slot, bundle); lowest slot first."""
    fitting: defaultdict[Order, dict[int, list[int]]] = defaultdict(dict)
    for bundle in bundles:
        for number, group in enumerate(bundle.groups):
            for order in group[0].by_slot:
                fitting[order].setdefault(bundle.number, []).append(number)
    made = []
    for slot in slots:
        for number, groups in fitting[slot.order].items():
            bundle = bundles[number]
            if slot.right.metric == PER_USER:
                weight = sum(bundle.each(bundle.groups[n]) for n in groups)
                whole = bundle.is_whole and len(groups) == len(bundle.groups)
                made.append(_Variable(number, None, slot, min(len(bundle.people), slot.capacity), weight, whole))
            else:
                made += [_Variable(number, n, slot, min(len(bundle.groups[n]), slot.capacity), 1) for n in groups]
    return made


def _rows(bundles: Sequence[_Bundle], slots: Sequence[Slot], variables: Sequence[_Variable]) -> list[Row]:
    """Bound what each slot and right gives, and what each group and person takes."""
    of_slot: defaultdict[Order, list[int]] = defaultdict(list)
    of_right: defaultdict[int, list[int]] = defaultdict(list)
    of_group: defaultdict[tuple[int, int | None], list[int]] = defaultdict(list)
    for n, variable in enumerate(variables):
        of_slot[variable.slot.order].append(n)
        if variable.slot.is_tight:
            of_right[variable.slot.right.id].append(n)
        of_group[(variable.bundle, variable.group)].append(n)
    rows = [Row(tuple((n, 1) for n in of_slot[slot.order]), slot.capacity) for slot in slots]
    for numbers in of_right.values():
        rows.append(Row(tuple((n, 1) for n in numbers), variables[numbers[0]].slot.right.quantity))
    for bundle in bundles:
        whole = of_group[(bundle.number, None)]
        if whole and len(bundle.people) > 1:
            rows.append(Row(tuple((n, 1) for n in whole), len(bundle.people)))
        for number, group in enumerate(bundle.groups):
            mine = [(n, 1) for n in of_group[(bundle.number, number)]]
            mine += [(n, bundle.each(group)) for n in whole if variables[n].slot.order in group[0].by_slot]
            if mine:
                rows.append(Row(tuple(mine), len(group)))
    return rows


def _objectives(bundles: Sequence[_Bundle], slots: Sequence[Slot], variables: Sequence[_Variable]) -> list[list[int]]:
    """Return the costs of each stage, in order; less is better.

    Where every right counts by user a shortage is persons not fully covered; the most copies come after it.
    """
    only_people = all(slot.right.metric == PER_USER for slot in slots)
    ends = sorted({_expiry(slot) for slot in slots})
    rank = {end: n for n, end in enumerate(ends)}
    degree: Counter[Order] = Counter()
    for variable in variables:
        degree[variable.slot.order] += variable.upper * variable.weight
    costs = [_costs(bundles[variable.bundle], variable) for variable in variables]
    people = [-int(variable.covers_whole) if only_people else 0 for variable in variables]
    stages = [[cost[0] for cost in costs], people, [-variable.weight for variable in variables]]
    stages += [[cost[n] for cost in costs] for n in range(1, 7)]
    stages.append([rank[_expiry(variable.slot)] for variable in variables])
    return [*stages, [degree[variable.slot.order] for variable in variables]]


def _costs(bundle: _Bundle, variable: _Variable) -> tuple[int, ...]:
    """Return bound, adverse, unlimited, tree distance, inexact, line distance, change of code for one unit."""
    groups = bundle.groups if variable.group is None else (bundle.groups[variable.group],)
    sums = [0] * 7
    for group in groups:
        demand = group[0]
        match = demand.by_slot.get(variable.slot.order)
        if match is None:
            continue
        each = bundle.each(group) if variable.group is None else 1
        right = variable.slot.right
        changed = demand.previous is not None and demand.previous != right.code
        told = (
            -int(variable.slot.bound_to is not None),
            int(demand.adverse),
            int(right.unlimited),
            demand.distances[right.id],
            int(match.distance > 0 or match.reason is Reason.ALLOWED_VERSION or match.unsure is not None),
            match.distance,
            int(changed),
        )
        sums = [total + each * cost for total, cost in zip(sums, told, strict=True)]
    return tuple(sums)


def _expiry(slot: Slot) -> int:
    return slot.right.ends_on.toordinal() if slot.right.ends_on is not None else NEVER


def _hand_out(
    bundles: Sequence[_Bundle], variables: Sequence[_Variable], values: Sequence[int]
) -> dict[str, tuple[Slot, Match]]:
    """Turn the counts into copies: lowest slot to lowest person, then to the lowest copies of the others."""
    answer: dict[str, tuple[Slot, Match]] = {}
    given: defaultdict[tuple[int, int | None], list[tuple[Slot, int]]] = defaultdict(list)
    for variable, value in zip(variables, values, strict=True):
        if value:
            given[(variable.bundle, variable.group)].append((variable.slot, value))
    for bundle in bundles:
        taken = _taken(bundle, given[(bundle.number, None)])
        for number, group in enumerate(bundle.groups):
            left = [demand for demand in group if not _takes(demand, taken, answer)]
            for slot, value in given[(bundle.number, number)]:
                for demand in left[:value]:
                    answer[demand.copy.key] = (slot, demand.by_slot[slot.order])
                del left[:value]
    return answer


def _taken(bundle: _Bundle, given: Sequence[tuple[Slot, int]]) -> dict[str, list[Slot]]:
    """Return which rights by user each person of a bundle takes; one that stands alone may take several."""
    if len(bundle.people) == 1:
        return {bundle.people[0]: [slot for slot, _ in given]}
    free = list(bundle.people)
    taken: dict[str, list[Slot]] = {}
    for slot, value in given:
        taken.update({person: [slot] for person in free[:value]})
        del free[:value]
    return taken


def _takes(demand: Demand, taken: Mapping[str, Sequence[Slot]], answer: dict[str, tuple[Slot, Match]]) -> bool:
    """Let the copy be covered by a right that its person took, when that right fits it."""
    for slot in taken.get(demand.person, ()):
        if slot.order in demand.by_slot:
            answer[demand.copy.key] = (slot, demand.by_slot[slot.order])
            return True
    return False

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

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.core.allocation.edges import PER_USER, Match
from auditor.core.allocation.solver import Programme, Row, canonical
from auditor.core.model import Copy, Entitlement

NEVER = date.max.toordinal()


@dataclass(frozen=True)
class Slot:
    """Part of a right that is used alike: the pool of a right, or what is bound to one serial or person."""

    right: Entitlement
    capacity: int
    bound_to: str | None = None

    @property
    def order(self) -> tuple[int, str]:
        """Lowest right first; within it by what it is bound to."""
        return (self.right.id, self.bound_to or "")


@dataclass(frozen=True)
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

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for copies that no stage can tell apart."""
        return (tuple((s.order, m) for s, m in self.matches), self.adverse, self.previous, self.reach)


@dataclass(frozen=True)
class _Bundle:
    """Persons whose copies look alike: each has the same groups of copies, equally many of each."""

    number: int
    people: tuple[str, ...]
    groups: tuple[tuple[Demand, ...], ...]


@dataclass(frozen=True)
class _Variable:
    bundle: int
    group: int | None
    """`None`: the slot covers whole persons."""
    slot: Slot
    upper: int
    weight: int
    """Copies covered by one unit."""


def allocate(demands: Sequence[Demand], *, seed: int = 0) -> dict[str, tuple[Slot, Match]]:
    """Return for every covered copy (by key) the slot and how it matches.

    Demands are of one product. The answer does not depend on their order nor on the solver's seed.
    """
    answer: dict[str, tuple[Slot, Match]] = {}
    for part in _components(sorted(demands, key=lambda demand: demand.copy.key)):
        answer.update(_solve(part, seed))
    return answer


def _components(demands: Sequence[Demand]) -> list[list[Demand]]:
    """Split demands that share neither a slot nor a person."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for demand in demands:
        if demand.matches:
            for slot, _ in demand.matches:
                parent[root(("slot", slot.order))] = root(("person", demand.person))
    parts: defaultdict[object, list[Demand]] = defaultdict(list)
    for demand in demands:
        if demand.matches:
            parts[root(("person", demand.person))].append(demand)
    return list(parts.values())


def _solve(demands: Sequence[Demand], seed: int) -> dict[str, tuple[Slot, Match]]:
    slots = sorted({slot for demand in demands for slot, _ in demand.matches}, key=lambda slot: slot.order)
    by_user = any(slot.right.metric == PER_USER for slot in slots)
    bundles = _bundles(demands, by_user=by_user)
    variables = _variables(bundles, slots)
    programme = Programme([variable.upper for variable in variables], _rows(bundles, slots, variables), seed)
    objectives = _objectives(bundles, slots, variables)
    values = canonical(programme, objectives, range(len(variables)))
    return _hand_out(bundles, variables, values)


def _bundles(demands: Sequence[Demand], *, by_user: bool) -> list[_Bundle]:
    """Group persons whose copies look alike; without rights by user every copy stands for itself."""
    owned: defaultdict[str, list[Demand]] = defaultdict(list)
    for demand in demands:
        owned[demand.person if by_user else demand.copy.key].append(demand)
    alike: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for person, mine in owned.items():
        alike[tuple(sorted((demand.signature for demand in mine), key=repr))].append(person)
    bundles = []
    for number, people in enumerate(sorted(alike.values(), key=lambda names: owned[names[0]][0].copy.key)):
        groups: defaultdict[tuple[object, ...], list[Demand]] = defaultdict(list)
        for person in people:
            for demand in owned[person]:
                groups[demand.signature].append(demand)
        bundles.append(_Bundle(number, tuple(people), tuple(tuple(group) for group in groups.values())))
    return bundles


def _variables(bundles: Sequence[_Bundle], slots: Sequence[Slot]) -> list[_Variable]:
    """One variable for each (slot, group) or, for rights by user, (slot, bundle); lowest slot first."""
    made = []
    for slot in slots:
        for bundle in bundles:
            fitting = [n for n, group in enumerate(bundle.groups) if slot in dict(group[0].matches)]
            if not fitting:
                continue
            if slot.right.metric == PER_USER:
                weight = sum(len(bundle.groups[n]) for n in fitting) // len(bundle.people)
                made.append(_Variable(bundle.number, None, slot, min(len(bundle.people), slot.capacity), weight))
            else:
                made += [
                    _Variable(bundle.number, n, slot, min(len(bundle.groups[n]), slot.capacity), 1) for n in fitting
                ]
    return made


def _rows(bundles: Sequence[_Bundle], slots: Sequence[Slot], variables: Sequence[_Variable]) -> list[Row]:
    """Bound what each slot gives, and what each group and person takes."""
    rows = []
    for slot in slots:
        terms = tuple((n, 1) for n, variable in enumerate(variables) if variable.slot == slot)
        rows.append(Row(terms, slot.capacity))
    for bundle in bundles:
        whole = [n for n, v in enumerate(variables) if v.bundle == bundle.number and v.group is None]
        if whole:
            rows.append(Row(tuple((n, 1) for n in whole), len(bundle.people)))
        for number, group in enumerate(bundle.groups):
            each = len(group) // len(bundle.people)
            mine = [(n, 1) for n, v in enumerate(variables) if v.bundle == bundle.number and v.group == number]
            mine += [(n, each) for n in whole if variables[n].slot in dict(group[0].matches)]
            if mine:
                rows.append(Row(tuple(mine), len(group)))
    return rows


def _objectives(bundles: Sequence[_Bundle], slots: Sequence[Slot], variables: Sequence[_Variable]) -> list[list[int]]:
    """Return the costs of each stage, in order; less is better."""
    only_people = all(slot.right.metric == PER_USER for slot in slots)
    ends = sorted({_expiry(slot) for slot in slots})
    degree = {slot.order: sum(v.upper * v.weight for v in variables if v.slot == slot) for slot in slots}
    costs = [_costs(bundles[variable.bundle], variable) for variable in variables]
    last = [(ends.index(_expiry(variable.slot)), degree[variable.slot.order]) for variable in variables]
    covered = [-1 if only_people else -variable.weight for variable in variables]
    stages = [[cost[0] for cost in costs], covered]
    stages += [[cost[n] for cost in costs] for n in range(1, 7)]
    return stages + [[rank[n] for rank in last] for n in range(2)]


def _costs(bundle: _Bundle, variable: _Variable) -> tuple[int, ...]:
    """Return bound, adverse, unlimited, tree distance, inexact, line distance, change of code for one unit."""
    groups = bundle.groups if variable.group is None else (bundle.groups[variable.group],)
    sums = [0] * 7
    for group in groups:
        demand = group[0]
        match = dict(demand.matches).get(variable.slot)
        if match is None:
            continue
        each = len(group) // len(bundle.people) if variable.group is None else 1
        right = variable.slot.right
        changed = demand.previous is not None and demand.previous != right.code
        told = (
            -int(variable.slot.bound_to is not None),
            int(demand.adverse),
            int(right.unlimited),
            dict(demand.reach)[right.id],
            int(match.distance > 0 or match.reason.value == "allowed_version"),
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
    for bundle in bundles:
        free = list(bundle.people)
        taken: dict[str, Slot] = {}
        for variable, value in zip(variables, values, strict=True):
            if variable.bundle == bundle.number and variable.group is None:
                for person in free[:value]:
                    taken[person] = variable.slot
                del free[:value]
        for number, group in enumerate(bundle.groups):
            left = [d for d in group if not _takes(d, taken, answer)]
            for variable, value in zip(variables, values, strict=True):
                if variable.bundle == bundle.number and variable.group == number:
                    for demand in left[:value]:
                        answer[demand.copy.key] = (variable.slot, dict(demand.matches)[variable.slot])
                    del left[:value]
    return answer


def _takes(demand: Demand, taken: Mapping[str, Slot], answer: dict[str, tuple[Slot, Match]]) -> bool:
    """Let the copy be covered by the right that its person took, when that right fits it."""
    slot = taken.get(demand.person)
    match = dict(demand.matches).get(slot) if slot is not None else None
    if slot is None or match is None:
        return False
    answer[demand.copy.key] = (slot, match)
    return True

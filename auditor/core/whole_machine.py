"""整机正版: how many machines bear only genuine copies, as the interval that interchangeable copies allow.

Where some of several equal copies are short, the ledger does not say which. The most and the fewest machines that
can be hit are exact optima of a small integer programme over kinds of machines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.core.allocation.solver import Programme, Row, lexicographic
from auditor.core.bearing import Standings
from auditor.core.model import Assignment, Evidence, Right, UnitCode, Verdict, WholeMachines
from auditor.core.organisation import UnitTree
from auditor.core.verdict import is_counted

Kind = tuple[bool, tuple[tuple[int, int], ...]]
"""Whether something else is wrong with the machine anyway; (group, copies) of what is open."""


def whole_machines(
    assignments: Sequence[Assignment], alike: Mapping[str, object], tree: UnitTree, *, seed: int = 0
) -> tuple[WholeMachines, ...]:
    """Return a line for each legal entity with counted copies, in the order of units."""
    by_unit: defaultdict[UnitCode, list[_Told]] = defaultdict(list)
    for one in _told(assignments, alike):
        if is_counted(one.like.right):
            by_unit[one.like.copy.unit].append(one)
    groups = _open_groups(one for mine in by_unit.values() for one in mine)
    return tuple(_line(unit, by_unit[unit], groups, seed) for unit in sorted(by_unit))


@dataclass(frozen=True, eq=False, slots=True)
class _Told:
    """Copies that stand alike, on some machines."""

    like: Assignment
    machines: Sequence[object]
    alike: object


def _told(assignments: Sequence[Assignment], alike: Mapping[str, object]) -> Iterator[_Told]:
    told = Standings(assignments)
    for one in told.single:
        yield _Told(one, (told.place(one.copy.machine),), alike.get(one.copy.key))
    for part in told.parts:
        yield _Told(part.like, part.members, part.alike)


def _open_groups(told: Iterable[_Told]) -> set[tuple[UnitCode, object]]:
    """Return the groups of equal copies of which some are covered and some short."""
    seen: defaultdict[tuple[UnitCode, object], set[Right]] = defaultdict(set)
    for one in told:
        if one.alike is not None and one.like.evidence is Evidence.NONE:
            seen[(one.like.copy.unit, one.alike)].add(one.like.right)
    return {group for group, rights in seen.items() if rights == {Right.COVERED, Right.SHORT}}


def _line(unit: UnitCode, mine: Sequence[_Told], open_groups: set[tuple[UnitCode, object]], seed: int) -> WholeMachines:
    everybody: set[object] = set()
    bad: set[object] = set()
    missing: set[object] = set()
    held: defaultdict[object, list[int]] = defaultdict(list)
    numbers: dict[object, int] = {}
    short: Counter[int] = Counter()
    for one in mine:
        everybody.update(one.machines)
        group = (one.like.copy.unit, one.alike)
        if one.alike is not None and group in open_groups and one.like.evidence is Evidence.NONE:
            number = numbers.setdefault(group, len(numbers))
            for machine in one.machines:
                held[machine].append(number)
            if one.like.right is Right.SHORT:
                short[number] += len(one.machines)
                missing.update(one.machines)
        elif one.like.verdict is not Verdict.GENUINE:
            bad.update(one.machines)
    kinds: Counter[Kind] = Counter((machine in bad, _counted(held.get(machine))) for machine in everybody)
    whole = len(everybody) - len(bad | missing)
    sound = len(everybody) - len(bad)
    order = sorted(kinds)
    most, fewest = (_hit(order, kinds, short, sign, seed) for sign in (-1, 1))
    return WholeMachines(unit, len(everybody), sound - most, whole, sound - fewest)


def _counted(numbers: list[int] | None) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(numbers).items())) if numbers else ()


def _hit(order: Sequence[Kind], kinds: Counter[Kind], short: Counter[int], sign: int, seed: int) -> int:
    """Return the most (sign -1) or fewest (sign 1) sound machines that bear a short copy."""
    if not short:
        return 0
    upper: list[int] = []
    hits: dict[int, int] = {}
    places: dict[tuple[int, int], int] = {}
    for number, kind in enumerate(order):
        if not kind[0] and kind[1]:
            hits[number] = len(upper)
            upper.append(kinds[kind])
        for group, copies in kind[1]:
            places[(number, group)] = len(upper)
            upper.append(kinds[kind] * copies)
    rows = [
        Row(tuple((v, 1) for (_, g), v in places.items() if g == group), count, count) for group, count in short.items()
    ]
    for number, hit in hits.items():
        mine = [(places[(number, group)], copies) for group, copies in order[number][1]]
        if sign < 0:
            rows.append(Row(((hit, 1), *((v, -1) for v, _ in mine)), 0, -sum(upper[v] for v, _ in mine)))
        else:
            rows += [Row(((v, 1), (hit, -copies)), 0, -upper[hit] * copies) for v, copies in mine]
    objective = [0] * len(upper)
    for hit in hits.values():
        objective[hit] = sign
    values = lexicographic(Programme(upper, rows, seed), [objective])
    return sum(values[hit] for hit in hits.values())

"""整机正版: how many machines bear only genuine copies, as the interval that interchangeable copies allow.

Where some of several equal copies are short, the ledger does not say which. The most and the fewest machines that
can be hit are exact optima of a small integer programme over kinds of machines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.core.allocation.solver import Programme, Row, lexicographic
from auditor.core.model import Assignment, Evidence, Right, UnitCode, Verdict, WholeMachines
from auditor.core.organisation import UnitTree
from auditor.core.verdict import is_counted

Kind = tuple[bool, tuple[tuple[int, int], ...]]
"""Whether something else is wrong with the machine anyway; (group, copies) of what is open."""


def whole_machines(
    assignments: Sequence[Assignment], alike: Mapping[str, object], tree: UnitTree, *, seed: int = 0
) -> tuple[WholeMachines, ...]:
    """Return a line for each legal entity with counted copies, in the order of units."""
    by_unit: defaultdict[UnitCode, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        if is_counted(assignment.right):
            by_unit[assignment.copy.unit].append(assignment)
    groups = _open_groups(assignments, alike)
    return tuple(_line(unit, by_unit[unit], alike, groups, seed) for unit in sorted(by_unit))


def _open_groups(assignments: Sequence[Assignment], alike: Mapping[str, object]) -> set[tuple[UnitCode, object]]:
    """Return the groups of equal copies of which some are covered and some short."""
    seen: defaultdict[tuple[UnitCode, object], set[Right]] = defaultdict(set)
    for a in assignments:
        if a.copy.key in alike and a.evidence is Evidence.NONE:
            seen[(a.copy.unit, alike[a.copy.key])].add(a.right)
    return {group for group, rights in seen.items() if rights == {Right.COVERED, Right.SHORT}}


@dataclass(eq=False)
class _Machine:
    is_bad: bool = False
    is_short: bool = False
    groups: Counter[int] | None = None


def _line(
    unit: UnitCode,
    mine: Sequence[Assignment],
    alike: Mapping[str, object],
    open_groups: set[tuple[UnitCode, object]],
    seed: int,
) -> WholeMachines:
    machines: defaultdict[str, _Machine] = defaultdict(_Machine)
    numbers: dict[object, int] = {}
    short: Counter[int] = Counter()
    for a in mine:
        machine = machines[a.copy.machine]
        group = (a.copy.unit, alike.get(a.copy.key))
        if a.copy.key in alike and group in open_groups and a.evidence is Evidence.NONE:
            number = numbers.setdefault(group, len(numbers))
            machine.groups = machine.groups or Counter()
            machine.groups[number] += 1
            short[number] += a.right is Right.SHORT
            machine.is_short |= a.right is Right.SHORT
        elif a.verdict is not Verdict.GENUINE:
            machine.is_bad = True
    kinds: Counter[Kind] = Counter(
        (machine.is_bad, tuple(sorted((machine.groups or Counter()).items()))) for machine in machines.values()
    )
    whole = sum(not machine.is_bad and not machine.is_short for machine in machines.values())
    sound = sum(not machine.is_bad for machine in machines.values())
    order = sorted(kinds)
    most, fewest = (_hit(order, kinds, short, sign, seed) for sign in (-1, 1))
    return WholeMachines(unit, len(machines), sound - most, whole, sound - fewest)


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

"""Demands that every slot serves alike, solved as one: the cost follows what differs, not how many units there are.

Demands of one kind have the same edges. All stages but the last two (which demand among equals is served, by which
slot) are stages of kinds, and a kind's units may be handed out in any way: so the optimal face of kinds is that of
demands. Where it leaves nothing open, or only how much of one slot each of some kinds gets, the last stages are plain
order: lowest demand first, lowest slot to lowest demand. Whatever is less plain is solved demand by demand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heapreplace

from auditor.core.allocation.network import Face, optimal_face
from auditor.core.allocation.problem import Demand, Problem, Solution
from auditor.core.allocation.programme import Variable, rows_of, variables_of
from auditor.core.allocation.slots import Order
from auditor.core.allocation.solver import Programme

Objectives = Callable[[Problem, Sequence[Variable], Counter[Order] | None], list[list[int]]]
OF_ORDER = 2
"""The last stages: lowest demand first, lowest slot to lowest demand."""


def solve_alike(part: Problem, objectives_of: Objectives, solution: Solution) -> bool:
    """Add the optimum of a part without clusters and upgrades to the solution; return whether it could be found so."""
    kinds = _kinds(part.demands)
    if len(kinds) * 2 > len(part.demands):
        return False
    merged = [Demand(mine[0].key, sum(one.count for one in mine), mine[0].edges, mine[0].weight) for mine in kinds]
    whole = Problem(part.slots, merged, (), (), part.seed)
    variables, degree = variables_of(whole), Counter[Order]()
    for demand in part.demands:
        for order in demand.edges:
            degree[order] += min(demand.count, part.slots[order].capacity) * demand.weight
    programme = Programme([variable.upper for variable in variables], rows_of(whole, variables), part.seed)
    face = optimal_face(programme, objectives_of(whole, variables, degree)[:-OF_ORDER])
    amounts = _amounts(face, variables, list(part.slots), kinds)
    if amounts is None:
        return False
    for number, mine in enumerate(kinds):
        _hand_out(mine, sorted((order, count) for (order, kind), count in amounts.items() if kind == number), solution)
    for (order, _), count in amounts.items():
        solution.used[order] = solution.used.get(order, 0) + count
    return True


def _kinds(demands: Sequence[Demand]) -> list[list[Demand]]:
    """Group demands of the same edges, which are one value where they are equal; in the order of keys."""
    found: defaultdict[tuple[int, int], list[Demand]] = defaultdict(list)
    for demand in sorted(demands, key=lambda demand: demand.key):
        found[(id(demand.edges), demand.weight)].append(demand)
    return list(found.values())


def _amounts(
    face: Face, variables: Sequence[Variable], slots: Sequence[Order], kinds: Sequence[Sequence[Demand]]
) -> dict[tuple[Order, int], int] | None:
    """Return how much of each slot each kind gets, `None` where the face leaves more open than plain order settles."""
    number = {mine[0].key: n for n, mine in enumerate(kinds)}
    found: dict[tuple[Order, int], int] = {}
    for variable, value in zip(variables, face.values, strict=True):
        if variable.slot is not None and value:
            found[(variable.slot, number[variable.key])] = int(value)
    rivals: defaultdict[Order, list[int]] = defaultdict(list)
    for place in face.movable():
        slot = variables[place].slot
        assert slot is not None
        rivals[slot].append(number[variables[place].key])
    everybody = [kind for mine in rivals.values() for kind in mine]
    if len(everybody) > len(set(everybody)):
        return None
    if len(rivals) > 1 and not all(face.is_pinned(slots.index(slot)) for slot in rivals):
        return None
    for slot, mine in rivals.items():
        _settle(slot, mine, kinds, found)
    return found


def _settle(
    slot: Order, rivals: Sequence[int], kinds: Sequence[Sequence[Demand]], found: dict[tuple[Order, int], int]
) -> None:
    """Share out what some kinds get of a slot together: the lowest demands of them all come first."""
    left = sum(found.pop((slot, kind), 0) for kind in rivals)
    given = Counter[int]()
    waiting = []
    for kind in rivals:
        taken = sum(count for (_, other), count in found.items() if other == kind)
        rest = _rest(kinds[kind], taken)
        if rest:
            waiting.append((rest[0][0], kind, 0, rest))
    heapify(waiting)
    while left and waiting:
        _, kind, at, rest = waiting[0]
        count = min(left, rest[at][1])
        given[kind] += count
        left -= count
        if at + 1 < len(rest):
            heapreplace(waiting, (rest[at + 1][0], kind, at + 1, rest))
        else:
            heappop(waiting)
    for kind, count in given.items():
        found[(slot, kind)] = count


def _rest(demands: Sequence[Demand], taken: int) -> list[tuple[str, int]]:
    """Return what is left of demands after the lowest units are served."""
    rest = []
    for demand in demands:
        served = min(taken, demand.count)
        taken -= served
        if served < demand.count:
            rest.append((demand.key, demand.count - served))
    return rest


def _hand_out(demands: Sequence[Demand], given: list[tuple[Order, int]], solution: Solution) -> None:
    """Give the lowest slots to the lowest demands."""
    at = 0
    for demand in demands:
        left = demand.count
        while left and at < len(given):
            order, count = given[at]
            taken = min(left, count)
            solution.flows.setdefault(demand.key, []).append((order, taken))
            left -= taken
            if taken == count:
                at += 1
            else:
                given[at] = (order, count - taken)
        if at == len(given):
            return

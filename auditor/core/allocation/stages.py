"""Demand × rights → which right covers which demand: the stages of METRICS §4, each an exact optimum.

0  bound rights hold their own demand (serial, named device or user);
1  least shortage in rights, then least to order (补购), then the most copies covered;
2  rights go first to copies without adverse evidence;
3  pool: unlimited rights last, site rights before them, reserved parts first, then the nearest holder;
4  match: a suite, fewest downgrades, fewest maintenance and upgrade rights, least total distance in release lines;
5  a copy keeps the 软件编号 of the previous run; then the fewest rights;
6  earliest expiry, then the right that could serve fewest copies, then lowest right to lowest copy.

What shares no right is solved apart. Where every unit covers one demand it is a flow, else an integer programme.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from auditor.core.allocation.alike import solve_alike
from auditor.core.allocation.bundles import hand_out
from auditor.core.allocation.network import flow_optimum
from auditor.core.allocation.problem import Cluster, Demand, Problem, Solution
from auditor.core.allocation.programme import Variable, rows_of, variables_of
from auditor.core.allocation.slots import Order, Slot
from auditor.core.allocation.solver import Programme, canonical

NEVER = date.max.toordinal()


def allocate(problem: Problem) -> Solution:
    """Return the one optimum. It depends neither on the order of the input nor on the solver's seed."""
    solution = Solution()
    for part in components(problem):
        _solve(part, solution)
    return solution


def components(problem: Problem) -> Iterator[Problem]:
    """Split what shares no slot. Demands that no slot fits are in no part: they are short."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def knot(order: Order) -> object:
        return order[0] if problem.slots[order].is_tight else order

    for base, upgrade in problem.upgrades:
        parent[root(knot(base))] = root(knot(upgrade))
    for edges in {id(demand.edges): demand.edges for demand in problem.demands}.values():
        for order in edges:
            parent[root(knot(order))] = root(("edges", id(edges)))
    for cluster in problem.clusters:
        for order in _orders(cluster):
            parent[root(knot(order))] = root(("cluster", cluster.key))
    demands: defaultdict[object, list[Demand]] = defaultdict(list)
    clusters: defaultdict[object, list[Cluster]] = defaultdict(list)
    upgrades: defaultdict[object, list[tuple[Order, Order]]] = defaultdict(list)
    for demand in sorted(problem.demands, key=lambda demand: demand.key):
        if demand.edges:
            demands[root(("edges", id(demand.edges)))].append(demand)
    for cluster in sorted(problem.clusters, key=lambda cluster: cluster.key):
        clusters[root(("cluster", cluster.key))].append(cluster)
    for base, upgrade in sorted(problem.upgrades):
        upgrades[root(knot(upgrade))].append((base, upgrade))
    for name in {**dict.fromkeys(demands), **dict.fromkeys(clusters)}:
        mine = {order for demand in demands[name] for order in demand.edges}
        mine |= {order for cluster in clusters[name] for order in _orders(cluster)}
        mine |= {order for pair in upgrades[name] for order in pair}
        slots = {order: problem.slots[order] for order in sorted(mine)}
        yield Problem(slots, demands[name], clusters[name], upgrades[name], problem.seed)


def _orders(cluster: Cluster) -> set[Order]:
    return {order for item in cluster.items for order in item.edges}


def _solve(part: Problem, solution: Solution) -> None:
    if len(part.slots) == 1 and not part.clusters and not part.upgrades:
        _best_first(part, solution)
        return
    if not part.clusters and not part.upgrades and solve_alike(part, objectives_of, solution):
        return
    part = replace(part, clusters=[one for cluster in part.clusters for one in _apart(cluster)])
    variables = variables_of(part)
    rows = rows_of(part, variables)
    programme = Programme([variable.upper for variable in variables], rows, part.seed)
    objectives = objectives_of(part, variables)
    if part.clusters:
        values = canonical(programme, objectives, range(len(variables)))
    else:
        values = flow_optimum(programme, objectives)
    hand_out(part, variables, values, solution)


def _apart(cluster: Cluster) -> list[Cluster]:
    """Return the cluster itself, or single ones where they cannot be counted together."""
    if cluster.count == 1 or cluster.is_simple:
        return [cluster]
    return [replace(cluster, key=f"{cluster.key}#{n:07d}", count=1) for n in range(cluster.count)]


def _best_first(part: Problem, solution: Solution) -> None:
    """Where there is one slot: the cheapest units, stage by stage, until it is used up."""
    [(order, slot)] = part.slots.items()
    left = slot.capacity
    for demand in sorted(part.demands, key=lambda demand: (-demand.weight, _weighed(demand, order), demand.key)):
        given = min(left, demand.count)
        if given:
            solution.flows[demand.key] = [(order, given)]
        left -= given
    solution.used[order] = slot.capacity - left


def _weighed(demand: Demand, order: Order) -> tuple[int, ...]:
    return tuple(cost * demand.weight for cost in demand.edges[order].costs)


def objectives_of(
    part: Problem, variables: Sequence[Variable], degree: Counter[Order] | None = None
) -> list[list[int]]:
    """Return the costs of each stage, in order; less is better. `degree`: how many copies each slot could serve."""
    slots = part.slots
    ends = {end: n for n, end in enumerate(sorted({_expiry(slot) for slot in slots.values()}))}
    if degree is None:
        degree = Counter()
        for variable in variables:
            if variable.slot is not None:
                degree[variable.slot] += variable.upper * variable.copies
    rank = {order: n for n, order in enumerate(sorted(slots))}
    names = {key: n for n, key in enumerate(sorted({variable.key for variable in variables}))}
    columns = [_costs(part, variable, ends, degree, rank, names) for variable in variables]
    return [list(stage) for stage in zip(*columns, strict=True)]


def _costs(
    part: Problem,
    variable: Variable,
    ends: dict[int, int],
    degree: Counter[Order],
    rank: dict[Order, int],
    names: dict[str, int],
) -> tuple[int, ...]:
    """Return what one unit of a variable costs in every stage."""
    slot = part.slots[variable.slot] if variable.slot is not None else None
    real = variable.copies if slot is not None else 0
    stages = tuple(cost * variable.copies for cost in variable.stages.costs)
    unit = int(slot is not None) * variable.units
    to_order = unit if slot is not None and slot.right.true_up else 0
    last = (0, 0, 0, 0, 0)
    if slot is not None and real:
        r, g = rank[slot.order], names[variable.key]
        last = (ends[_expiry(slot)] * real, degree[slot.order] * real, r * real, g * real, -r * g * real)
    return (stages[0], variable.shortage, to_order, -real, *stages[1:], unit, *last)


def _expiry(slot: Slot) -> int:
    return slot.right.ends_on.toordinal() if slot.right.ends_on is not None else NEVER

"""Numbers → uses: which demand gets how much of which slot, and which copies of each cluster share a right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.core.allocation.problem import Cluster, Problem, Solution, Use
from auditor.core.allocation.programme import Variable
from auditor.core.allocation.slots import SINGLE


def hand_out(part: Problem, variables: Sequence[Variable], values: Sequence[int], solution: Solution) -> None:
    """Add what the values say to the solution: lowest slot to lowest copies."""
    of_cluster: defaultdict[str, list[tuple[Variable, int]]] = defaultdict(list)
    for variable, value in zip(variables, values, strict=True):
        if not value:
            continue
        if variable.kind == "flow" and variable.slot is not None:
            solution.flows.setdefault(variable.key, []).append((variable.slot, value))
        elif variable.kind == "base" and variable.slot is not None and variable.base is not None:
            solution.bases[(variable.base, variable.slot)] = value
        elif variable.key:
            of_cluster[variable.key].append((variable, value))
        if variable.slot is not None and variable.kind in ("flow", "single", "units"):
            solution.used[variable.slot] = solution.used.get(variable.slot, 0) + value
    for cluster in part.clusters:
        key, _, _ = cluster.key.partition("#")
        solution.uses.setdefault(key, []).extend(_of_cluster(cluster, of_cluster[cluster.key], solution))


def _of_cluster(cluster: Cluster, told: Sequence[tuple[Variable, int]], solution: Solution) -> list[list[Use]]:
    """Return the uses of each single cluster."""
    if cluster.count == 1:
        return [_of_one(cluster, told, solution)]
    taken: list[set[int]] = [set() for _ in range(cluster.count)]
    uses: list[list[Use]] = [[] for _ in range(cluster.count)]
    covered = {(v.option, v.item): value for v, value in told if v.kind == "shared"}
    first: defaultdict[tuple[int, ...], int] = defaultdict(int)
    for variable, value in told:
        if variable.kind != "units":
            continue
        option = cluster.options[variable.option]
        start = first[option.items]
        first[option.items] += value
        most = max((covered.get((variable.option, item), 0) for item in option.items), default=0)
        if option.slot is not None and most < value:
            solution.used[option.slot] -= value - most
        for n in range(start, start + min(value, most)):
            items = tuple(i for i in option.items if n - start < covered.get((variable.option, i), 0))
            taken[n].update(items)
            uses[n].append(Use(option.slot, option.terms, items))
    for variable, value in told:
        if variable.kind in ("single", "short"):
            free = [n for n in range(cluster.count) if variable.item not in taken[n]][:value]
            for n in free:
                taken[n].add(variable.item)
                uses[n].append(Use(variable.slot, SINGLE, (variable.item,)))
    return uses


def _of_one(cluster: Cluster, told: Sequence[tuple[Variable, int]], solution: Solution) -> list[Use]:
    uses = [Use(v.slot, SINGLE, (v.item,)) for v, _ in told if v.kind in ("single", "short")]
    units = {v.option: value for v, value in told if v.kind == "units"}
    items: defaultdict[int, list[int]] = defaultdict(list)
    for variable, _ in told:
        if variable.kind == "shared":
            items[variable.option].append(variable.item)
    for number, value in units.items():
        option = cluster.options[number]
        parts = _chunks(cluster, option.terms.cap, option.terms.second_use, option.terms.by_device, items[number])
        if option.slot is not None:
            solution.used[option.slot] -= value - len(parts)
        uses += [Use(option.slot, option.terms, part) for part in parts]
    return uses


def _chunks(cluster: Cluster, cap: int, second_use: bool, by_device: bool, items: list[int]) -> list[tuple[int, ...]]:
    """Split the items that units of one right cover into what each of them covers."""
    elements: defaultdict[int, list[int]] = defaultdict(list)
    for item in sorted(items):
        elements[cluster.items[item].device if by_device else item].append(item)
    groups = list(elements.values())
    if not groups:
        return []
    if second_use:
        return second_use_pairs(groups, [cluster.items[group[0]].portable for group in groups])
    size = len(groups) if cap == 0 else cap
    return [tuple(i for group in groups[n : n + size] for i in group) for n in range(0, len(groups), size)]


def second_use_pairs(groups: Sequence[Sequence[int]], portable: Sequence[bool]) -> list[tuple[int, ...]]:
    """Pair each fixed device with a portable one, then the portable ones among themselves."""
    fixed = [group for group, is_portable in zip(groups, portable, strict=True) if not is_portable]
    rest = [group for group, is_portable in zip(groups, portable, strict=True) if is_portable]
    pairs = [tuple([*group, *(rest.pop(0) if rest else [])]) for group in fixed]
    while rest:
        pairs.append(tuple([*rest.pop(0), *(rest.pop(0) if rest else [])]))
    return pairs

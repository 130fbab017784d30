"""Problem → integer variables and the rows that bind them.

Every unit of a slot that covers one demand or one item is a variable; so are the units shared within a cluster, what
they cover there, and the base rights that upgrades take. A part without clusters is a flow: each variable stands in
two rows at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.allocation.problem import Cluster, Problem
from auditor.core.allocation.slots import Order, Stages
from auditor.core.allocation.solver import Row

NOTHING = Stages()


@dataclass(frozen=True, eq=False)
class Variable:
    """One number that is looked for.

    `kind`: `flow` (slot → demand), `single` (slot → item), `short` (item without a right), `units` (of an option),
    `shared` (item under an option), `held` (device under an option), `base` (base → upgrade), `through` (an upgrade).
    """

    kind: str
    key: str
    upper: int
    slot: Order | None = None
    item: int = 0
    option: int = 0
    base: Order | None = None
    copies: int = 0
    """Copies that one unit covers, for the stages that count copies."""
    units: int = 0
    shortage: int = 0
    stages: Stages = NOTHING


def variables_of(part: Problem) -> list[Variable]:
    """Return the variables: lowest slot to lowest demand, then the clusters, then the upgrades."""
    made = []
    fitting: defaultdict[Order, list[int]] = defaultdict(list)
    for number, demand in enumerate(part.demands):
        for order in demand.edges:
            fitting[order].append(number)
    for order in part.slots:
        for number in fitting[order]:
            demand = part.demands[number]
            upper = min(demand.count, part.slots[order].capacity)
            made.append(
                Variable(
                    "flow",
                    demand.key,
                    upper,
                    order,
                    copies=demand.weight,
                    units=1,
                    shortage=-1,
                    stages=demand.edges[order],
                )
            )
    for cluster in part.clusters:
        made += _of_cluster(part, cluster)
    upgrades = {upgrade for _, upgrade in part.upgrades}
    for base, upgrade in part.upgrades:
        upper = min(part.slots[base].capacity, part.slots[upgrade].capacity)
        made.append(Variable("base", "", upper, upgrade, base=base, units=1))
    made += [Variable("through", "", part.slots[order].capacity, order) for order in sorted(upgrades)]
    return made


def _of_cluster(part: Problem, cluster: Cluster) -> list[Variable]:
    made = []
    count, key = cluster.count, cluster.key
    for order in sorted({order for item in cluster.items for order in item.edges}):
        capacity = part.slots[order].capacity
        for number, item in enumerate(cluster.items):
            if order in item.edges and part.slots[order].terms.suite is None:
                made.append(
                    Variable(
                        "single",
                        key,
                        min(count, capacity),
                        order,
                        item=number,
                        copies=1,
                        units=1,
                        stages=item.edges[order],
                    )
                )
    made += [Variable("short", key, count, item=number, shortage=1) for number in range(len(cluster.items))]
    for number, option in enumerate(cluster.options):
        most = count * cluster.units_of(option)
        is_real = option.slot is not None
        if option.slot is not None:
            most = min(most, part.slots[option.slot].capacity)
        made.append(Variable("units", key, most, option.slot, option=number, units=1, shortage=int(not is_real)))
        for device in sorted(cluster.elements(option.terms, option.items)):
            made.append(Variable("held", key, count, None, item=device, option=number))
        for place in option.items:
            stages = cluster.items[place].edges[option.slot] if option.slot is not None else NOTHING
            made.append(
                Variable(
                    "shared", key, count, option.slot, item=place, option=number, copies=int(is_real), stages=stages
                )
            )
    return made


def rows_of(part: Problem, variables: Sequence[Variable]) -> list[Row]:
    """Bound what each slot and right gives, what each demand and item takes, and what shared units cover."""
    index = _Index(variables)
    rows = [row for order in part.slots for row in _of_slot(part, order, index)]
    rows += _tight(part, index.gives)
    rows += [Row(tuple((n, 1) for n in index.takes[(demand.key, 0)]), demand.count) for demand in part.demands]
    for cluster in part.clusters:
        for number in range(len(cluster.items)):
            mine = tuple((n, 1) for n in index.takes[(cluster.key, number)])
            rows.append(Row(mine, cluster.count, cluster.count))
        for number in range(len(cluster.options)):
            rows += _of_option(cluster, number, index.of_option[(cluster.key, number)], variables)
        rows += _once(cluster, index.of_option, variables)
    return rows


class _Index:
    """Which variables take from a slot, serve a demand or item, belong to an option, feed an upgrade."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.gives: defaultdict[Order, list[int]] = defaultdict(list)
        self.takes: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self.of_option: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self.into: defaultdict[Order, list[int]] = defaultdict(list)
        self.through: dict[Order, int] = {}
        for n, variable in enumerate(variables):
            self._add(n, variable)

    def _add(self, n: int, variable: Variable) -> None:
        if variable.kind == "base" and variable.base is not None and variable.slot is not None:
            self.into[variable.slot].append(n)
            self.gives[variable.base].append(n)
        elif variable.kind == "through" and variable.slot is not None:
            self.through[variable.slot] = n
        else:
            if variable.kind in ("flow", "single", "short", "shared"):
                self.takes[(variable.key, variable.item)].append(n)
            if variable.kind in ("shared", "held", "units"):
                self.of_option[(variable.key, variable.option)].append(n)
            if variable.slot is not None and variable.kind in ("flow", "single", "units"):
                self.gives[variable.slot].append(n)


def _of_slot(part: Problem, order: Order, index: _Index) -> list[Row]:
    """A slot gives what it has; an upgrade what bases gave to it."""
    out = tuple((n, 1) for n in index.gives[order])
    if order not in index.through:
        return [Row(out, part.slots[order].capacity)] if out else []
    through = (index.through[order], -1)
    fed = tuple((n, 1) for n in index.into[order])
    return [Row((*out, through), 0, -part.slots[order].capacity), Row((*fed, (through[0], -1)), LARGE, 0)]


LARGE = 2**40
"""Stands for no bound."""


def _tight(part: Problem, gives: dict[Order, list[int]]) -> list[Row]:
    """Bound all slots of a right that names more than it may cover."""
    of_right: defaultdict[int, list[int]] = defaultdict(list)
    for order, slot in part.slots.items():
        if slot.is_tight:
            of_right[slot.right.id] += gives[order]
    totals = {slot.right.id: slot.total for slot in part.slots.values() if slot.is_tight}
    return [Row(tuple((n, 1) for n in numbers), totals[right]) for right, numbers in sorted(of_right.items())]


def _of_option(cluster: Cluster, number: int, mine: list[int], variables: Sequence[Variable]) -> list[Row]:
    """Units bound devices (or items), these bound what is covered on them."""
    option = cluster.options[number]
    terms = option.terms
    units = next(n for n in mine if variables[n].kind == "units")
    held = {variables[n].item: n for n in mine if variables[n].kind == "held"}
    rows = []
    for n in mine:
        if variables[n].kind == "shared":
            item = variables[n].item
            element = cluster.items[item].device if terms.by_device else item
            rows.append(Row(((n, 1), (held[element], -1)), 0, -cluster.count))
    portable = cluster.elements(terms, option.items)
    if terms.cap == 0 or cluster.is_simple:
        rows += [Row(((n, 1), (units, -1)), 0, -cluster.count * 2) for n in held.values()]
        return rows
    big = -cluster.count * (len(held) + terms.cap)
    rows.append(Row((*((n, 1) for n in held.values()), (units, -terms.cap)), 0, big))
    if terms.second_use:
        fixed = tuple((n, 1) for element, n in held.items() if not portable[element])
        rows.append(Row((*fixed, (units, -1)), 0, big))
    return rows


def _once(cluster: Cluster, of_option: dict[tuple[str, int], list[int]], variables: Sequence[Variable]) -> list[Row]:
    """Where clusters are counted together, each takes one unit of the options that cover the same items."""
    if cluster.count == 1:
        return []
    alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, option in enumerate(cluster.options):
        alike[option.items] += [n for n in of_option[(cluster.key, number)] if variables[n].kind == "units"]
    return [Row(tuple((n, 1) for n in numbers), cluster.count) for numbers in alike.values()]

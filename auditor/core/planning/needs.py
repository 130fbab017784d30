"""Needs: what a count left short, in whole rights, grouped by what no source of rights can tell apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.core.counting import Count
from auditor.core.model import Assignment, Copy, Machine, MachineState, Position, Right, UnitCode
from auditor.core.organisation import UnitTree
from rules.metrics.base import Family
from rules.metrics.roster import metric_named

UNUSED_STATES = frozenset({MachineState.IDLE, MachineState.OUT_OF_SERVICE, MachineState.IN_REPAIR})
"""闲置, 停用, 维修: machines nobody works at; what stands there without a right may be removed instead of bought."""
BY_COPY = "per_device"
_Told = tuple[str, str, str, str]
_Bearer = tuple[UnitCode, str, str]


@dataclass(frozen=True)
class Need:
    """What one unit lacks for one product, edition and line: copies without a right, or rights where none are counted.

    A copy that would ride along with another one (a second device of a person) is a need of its own: whether it rides
    depends on the right that is bought. So `quantity` may exceed the shortage of the position.
    """

    unit: UnitCode
    product: str
    metric: str
    """`per_device`: copies; else the metric of servers or access whose quantity is short."""
    quantity: int
    """Copies, or rights where the metric counts something else."""
    copies: tuple[Copy, ...] = ()
    """In the order of their keys; they agree in edition, line and version. Empty for other metrics."""

    @property
    def key(self) -> tuple[str, ...]:
        """A name that no other need has, by which needs are ordered."""
        first = self.copies[0] if self.copies else None
        told = (first.edition, first.line, first.version) if first is not None else ()
        return (self.unit, self.product, self.metric, *(text or "" for text in told), first.key if first else "")


def needs_of(
    count: Count, positions: Iterable[Position], machines: Mapping[str, Machine], tree: UnitTree
) -> tuple[Need, ...]:
    """Return every need, ordered by key; `positions` are those of units, not of legal entities.

    Copies of one need can be told apart by nothing: they agree in unit, product and release, in whether anybody works
    at the machine, and in what else their person and their machine lack of the product.
    """
    missing = [assignment.copy for assignment in count.assignments if _is_missing(assignment, count)]
    of_person, of_machine = defaultdict[_Bearer, list[_Told]](list), defaultdict[_Bearer, list[_Told]](list)
    for copy in missing:
        of_person[_person(copy, tree)].append(_told(copy, machines))
        of_machine[_machine(copy, tree)].append(_told(copy, machines))
    groups: defaultdict[tuple[object, ...], list[Copy]] = defaultdict(list)
    for copy in missing:
        person, machine = (
            tuple(sorted(told)) for told in (of_person[_person(copy, tree)], of_machine[_machine(copy, tree)])
        )
        groups[(tree.unit_of(copy.department, copy.unit), copy.product, _told(copy, machines), person, machine)].append(
            copy
        )
    found = []
    for key, copies in groups.items():
        mine = tuple(sorted(copies, key=lambda copy: copy.key))
        found.append(Need(UnitCode(str(key[0])), str(key[1]), BY_COPY, len(mine), mine))
    for position in positions:
        if position.to_buy and metric_named(position.metric).family in (Family.SERVERS, Family.ACCESS):
            found.append(Need(position.unit, str(position.product), position.metric, position.to_buy))
    return tuple(sorted(found, key=lambda need: need.key))


def _told(copy: Copy, machines: Mapping[str, Machine]) -> _Told:
    idle = "idle" if machines[copy.machine].state in UNUSED_STATES else ""
    return copy.edition or "", copy.line or "", copy.version or "", idle


def _person(copy: Copy, tree: UnitTree) -> _Bearer:
    bearer = f"p {copy.person}" if copy.person is not None else f"m {copy.machine}"
    return tree.unit_of(copy.department, copy.unit), copy.product, bearer


def _machine(copy: Copy, tree: UnitTree) -> _Bearer:
    return tree.unit_of(copy.department, copy.unit), copy.product, copy.machine


def _is_missing(assignment: Assignment, count: Count) -> bool:
    key = assignment.copy.key
    return assignment.right is Right.SHORT and key not in count.by_server and key not in count.by_access

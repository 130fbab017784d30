"""Allocation over groups of equal copies: cost follows distinct situations, however many machines bear them.

For rights of which one unit covers one copy. Where copies of a device or person share units, single copies matter and
`family.py` counts them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.core.allocation.problem import Demand, Problem
from auditor.core.allocation.slots import Level, Order, terms_of
from auditor.core.allocation.stages import allocate
from auditor.core.entitlement import Entitlement
from auditor.core.explaining import Explainer
from auditor.core.family import Context, FamilyCase, Situation
from auditor.core.holdings import Holding
from auditor.core.model import Copy, Failing


class SharesUnits(ValueError):
    """A right of the family lets copies share a unit: groups do not say which copies belong together."""


@dataclass(frozen=True)
class Group:
    """`count` copies like this one; the copy is the lowest of them."""

    copy: Copy
    count: int


@dataclass(frozen=True)
class GroupAnswer:
    """How many copies of a group each slot covers, and why the rest is short."""

    group: Group
    covered: tuple[tuple[Order, int], ...]
    short: int
    entitlement: Entitlement | None = None
    failing: Failing | None = None


def allocate_groups(context: Context, groups: Sequence[Group], holdings: Sequence[Holding]) -> list[GroupAnswer]:
    """Return the answers in the order of the groups' keys: the same optimum as copy by copy.

    Groups that no stage tells apart are served one after the other, lowest first. Raises `SharesUnits`.
    """
    if any(terms_of(holding.right).level is not Level.COPY for holding in holdings):
        raise SharesUnits
    ordered = sorted(groups, key=lambda group: group.copy.key)
    many = sum(group.count for group in ordered)
    case = FamilyCase(context, [group.copy for group in ordered], holdings, many=many)
    case.of_copy = {copy.key: case.situation(copy) for copy in case.copies}
    members: defaultdict[tuple[object, ...], list[Group]] = defaultdict(list)
    for group in ordered:
        members[case.of_copy[group.copy.key].key].append(group)
    demands = [
        Demand(mine[0].copy.key, sum(group.count for group in mine), case.situations[key].edges)
        for key, mine in members.items()
    ]
    case.solution = allocate(Problem(case.slots, demands, (), case.upgrades, context.seed))
    answers: list[GroupAnswer] = []
    for demand, mine in zip(demands, members.values(), strict=True):
        answers += _handed_out(mine, list(case.solution.flows.get(demand.key, ())))
    explainer = Explainer(case, [], _leads(case, demands, members))
    return [_explained(answer, explainer) for answer in sorted(answers, key=lambda answer: answer.group.copy.key)]


def _handed_out(groups: Iterable[Group], given: list[tuple[Order, int]]) -> list[GroupAnswer]:
    answers = []
    for group in groups:
        left, covered = group.count, []
        while left and given:
            order, count = given[0]
            taken = min(left, count)
            covered.append((order, taken))
            left -= taken
            given[0] = (order, count - taken)
            if count == taken:
                given.pop(0)
        answers.append(GroupAnswer(group, tuple(covered), left))
    return answers


def _leads(
    case: FamilyCase, demands: Sequence[Demand], members: dict[tuple[object, ...], list[Group]]
) -> list[tuple[Order, Situation]]:
    """Return which slots serve which situations."""
    return [
        (order, case.situations[key])
        for demand, key in zip(demands, members, strict=True)
        for order, _ in case.solution.flows.get(demand.key, ())
    ]


def _explained(answer: GroupAnswer, explainer: Explainer) -> GroupAnswer:
    if not answer.short:
        return answer
    right, failing = explainer.first(answer.group.copy)
    return GroupAnswer(answer.group, answer.covered, answer.short, right, failing)

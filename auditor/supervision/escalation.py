"""Overdue: who did not put right in time, step by step up the tree, and the list of units that a person may release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from auditor.core.case import OPEN
from auditor.core.model import UnitCode
from auditor.core.organisation import UnitTree
from auditor.errors import WrongUsage, both
from auditor.store.cases import Act, Case, Filter, keep_acts, list_cases
from auditor.store.database import Connection
from auditor.store.outbox import note_event
from auditor.supervision.states import Doing

OVERDUE = "rectification_overdue"


@dataclass(frozen=True)
class OverdueUnitCount:
    """One unit: cases past their deadline, cases open in all, the earliest deadline."""

    unit: str
    overdue: int
    open: int
    oldest: date


def escalation_steps(told: str) -> tuple[int, ...]:
    """Read the setting `escalation_days`. Raises `WrongUsage`."""
    try:
        days = tuple(int(part) for part in told.replace("，", ",").split(",") if part.strip())
    except ValueError as error:
        raise WrongUsage(f"escalation_days: {told}: {both('应为天数', 'expected numbers of days')}") from error
    if list(days) != sorted(set(days)) or any(day < 0 for day in days):
        expected = both("天数应由小到大", "expected days that rise")
        raise WrongUsage(f"escalation_days: {told}: {expected}")
    return days


def overdue_cases(connection: Connection, on: date, units: Sequence[str] | None = None) -> list[Case]:
    """Return the open cases whose deadline is before the day, gravest first."""
    chosen = Filter(overdue_on=on, units=tuple(units) if units is not None else None)
    return list_cases(connection, chosen)


def escalate(connection: Connection, tree: UnitTree, *, on: date, at: str, steps: Sequence[int]) -> list[Case]:
    """Pass overdue cases up: after `steps[0]` days to the unit above, after `steps[1]` to the next, as far as the tree
    goes. To be run daily; the same day again changes nothing."""
    acts = []
    for case in overdue_cases(connection, on):
        assert case.due_on is not None
        days = (on - date.fromisoformat(case.due_on)).days
        above = tree.way_up(UnitCode(case.unit))[1:] if case.unit is not None else ()
        level = min(sum(days > step for step in steps), len(above))
        if level > case.escalated:
            to = above[level - 1]
            facts = {"to": to, "days": days, "due_on": case.due_on}
            acts.append(Act(case, Doing.ESCALATE, {"escalated": level, "state": case.state}, facts))
            note_event(
                connection,
                topic=OVERDUE,
                key=f"{OVERDUE}|{case.id}|{case.due_on}|{level}",
                facts={"unit": case.unit or "", "number": case.id, "due_on": case.due_on, "to": to},
                at=at,
            )
    return keep_acts(connection, acts, at=at, name=f"finding.{Doing.ESCALATE.value}")


def overdue_units(connection: Connection, on: date) -> list[OverdueUnitCount]:
    """Return the units with overdue cases, the most first: counts alone, no person and no machine."""
    overdue: defaultdict[str, list[str]] = defaultdict(list)
    for case in overdue_cases(connection, on):
        if case.unit is not None and case.due_on is not None:
            overdue[case.unit].append(case.due_on)
    standing: defaultdict[str, int] = defaultdict(int)
    for case in list_cases(connection, Filter(states=tuple(sorted(OPEN)))):
        if case.unit is not None:
            standing[case.unit] += 1
    lines = [OverdueUnitCount(u, len(d), standing[u], date.fromisoformat(min(d))) for u, d in overdue.items()]
    return sorted(lines, key=lambda line: (-line.overdue, line.oldest, line.unit))

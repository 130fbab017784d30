"""The calendar of duties: what is due when, for which period, and who has not handed it in.

Defaults: the detail at least every half-year, the summary, the demand request with the purchase plan, and one full
check once a year (as published local ledger rules have it), the written annual report by the end of November (国办发
〔2013〕88号). Where a rule says "once a year" and no day, the last day of the year stands. A unit's own days go first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

Day = tuple[int, int]
"""Month, day."""
DEFAULT_DUTIES: Mapping[str, tuple[Day, ...]] = {
    "detail": ((6, 30), (12, 31)),
    "summary": ((12, 31),),
    "demand": ((12, 31),),
    "plan": ((12, 31),),
    "check": ((12, 31),),
    "annual_report": ((11, 30),),
}


@dataclass(frozen=True, order=True)
class Due:
    """One duty of one period, due on a day (that day is in time)."""

    due_on: date
    duty: str
    period: str
    """`2026`, `2026H1`, `2026Q3`, or `2026-1` for other divisions."""


def read_duties(told: str) -> dict[str, tuple[Day, ...]]:
    """Return the duties with a unit's own days: `annual_report=11-30;detail=06-30,12-31`; `check=` drops one.

    Raises `ValueError` that says which part cannot be read.
    """
    found = dict(DEFAULT_DUTIES)
    for part in filter(None, (part.strip() for part in told.replace("；", ";").split(";"))):
        name, sign, days = part.partition("=")
        if not sign or name.strip() not in DEFAULT_DUTIES:
            raise ValueError(part)
        found[name.strip()] = tuple(
            sorted(_day(day, part) for day in days.replace("，", ",").split(",") if day.strip())
        )
    return {name: days for name, days in found.items() if days}


def occurrences(duties: Mapping[str, tuple[Day, ...]], first: date, last: date) -> list[Due]:
    """Return every duty that is due from one day to another, both included, in their order."""
    found = []
    for year in range(first.year, last.year + 1):
        for duty, days in duties.items():
            for number, (month, day) in enumerate(days, start=1):
                due = Due(date(year, month, day), duty, _period(year, number, len(days)))
                if first <= due.due_on <= last:
                    found.append(due)
    return sorted(found)


def to_call_to_mind(
    duties: Mapping[str, tuple[Day, ...]],
    units: Iterable[str],
    handed_in: Collection[tuple[str, str, str]],
    *,
    on: date,
    notice_days: int,
    overdue_days: int = 180,
) -> list[tuple[str, Due]]:
    """Return unit and duty for what is due within `notice_days` or overdue, and was not handed in.

    `handed_in`: (unit, duty, period).
    """
    near = occurrences(duties, on - timedelta(days=overdue_days), on + timedelta(days=notice_days))
    return [(unit, due) for due in near for unit in units if (unit, due.duty, due.period) not in handed_in]


def _period(year: int, number: int, of: int) -> str:
    match of:
        case 1:
            return str(year)
        case 2:
            return f"{year}H{number}"
        case 4:
            return f"{year}Q{number}"
        case _:
            return f"{year}-{number}"


def _day(told: str, part: str) -> Day:
    month, _, day = told.strip().partition("-")
    try:
        date(2023, int(month), int(day))  # the 29th of February is no day of every year
    except ValueError as error:
        raise ValueError(part) from error
    return int(month), int(day)

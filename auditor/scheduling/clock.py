"""Clock: when something is due, from five fields of cron in a time zone.

A moment that a change of clocks leaves out is made up for an hour later; one that comes twice is due the first time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from auditor.errors import WrongUsage, both

_WEEKDAYS = {"7": "sun", "0": "sun", "1": "mon", "2": "tue", "3": "wed", "4": "thu", "5": "fri", "6": "sat"}


def next_due(expression: str, after: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first moment after `after`, in UTC; `None` when there is none. Raises `WrongUsage`."""
    from apscheduler.triggers.cron import CronTrigger

    fields = expression.split()
    if len(fields) != 5:
        raise _wrong(expression)
    minute, hour, day, month, weekday = fields
    try:
        trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_named(weekday), second=0, timezone=zone
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _wrong(expression) from error
    found = trigger.get_next_fire_time(after.astimezone(zone), after.astimezone(zone))
    return found.astimezone(UTC) if found is not None else None


def _named(weekday: str) -> str:
    """Cron counts weekdays from Sunday, the library from Monday: names mean the same to both."""
    told = []
    for part in weekday.split(","):
        days, slash, step = part.partition("/")
        ends = [_WEEKDAYS.get(end, end) for end in days.split("-")]
        if len(ends) == 2 and days.split("-")[0] in ("0", "7") and ends[1] != "sun":
            told += ["sun", f"mon-{ends[1]}{slash}{step}"]  # a week of the library ends with its Sunday
        else:
            told.append("-".join(ends) + slash + step)
    return ",".join(told)


def _wrong(expression: str) -> WrongUsage:
    told = both("应为 cron 五段式，如 0 2 * * 1", "expected five fields of cron such as 0 2 * * 1")
    return WrongUsage(f"{expression[:60]!r}: {told}")

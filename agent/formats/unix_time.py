"""Days and months out of counts: seconds since 1970, FILETIME of Windows (tenths of a microsecond since 1601)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_LAST_SECOND = 4102444800
"""The year 2100; what claims to be later is not a time."""


_1601 = 11_644_473_600
"""Seconds from 1601 to 1970."""


def month_of_filetime(ticks: int) -> str | None:
    """Return the month in UTC of a FILETIME, `YYYY-MM`, `None` for 0 and for what is no time."""
    day = day_of(ticks // 10_000_000 - _1601)
    return None if day is None else day[:7]


def day_of(seconds: int | None) -> str | None:
    """Return the day in UTC of a count of seconds since 1970, `None` for 0 and for what is no time."""
    if seconds is None or not 0 < seconds < _LAST_SECOND:
        return None
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%d")

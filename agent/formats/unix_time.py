"""Days out of counts of seconds since 1970."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_LAST_SECOND = 4102444800
"""The year 2100; what claims to be later is not a time."""


def day_of(seconds: int | None) -> str | None:
    """Return the day in UTC of a count of seconds since 1970, `None` for 0 and for what is no time."""
    if seconds is None or not 0 < seconds < _LAST_SECOND:
        return None
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%d")

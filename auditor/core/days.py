"""Days and moments: a day is a day in the setting `time_zone`, a moment is UTC text that sorts as time does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


def utc_text(moment: datetime) -> str:
    """Return an aware moment as `YYYY-MM-DDTHH:MM:SSZ`."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def parse_utc(text: str) -> datetime:
    """Return the aware moment of `YYYY-MM-DDTHH:MM:SSZ`. Raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if not text.endswith("Z") or utc_text(moment) != text:
        raise ValueError(text)
    return moment


@lru_cache(maxsize=4096)
def day_of(text: str, zone: ZoneInfo) -> date:
    """Return the day on which a moment falls in the zone."""
    return parse_utc(text).astimezone(zone).date()


def last_moment(day: date, zone: ZoneInfo) -> str:
    """Return the last second of a day in the zone, as UTC text."""
    following = datetime.combine(day + timedelta(days=1), time(), zone)
    return utc_text(following - timedelta(seconds=1))


def parse_day(text: str | None) -> date | None:
    """Return the day of `YYYY-MM-DD`, `None` for what is not such a day."""
    try:
        day = date.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == text else None

"""Windows file times: 100-nanosecond steps since 1601-01-01 UTC."""

from __future__ import annotations

import datetime

_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.timezone.utc)


def utc_text_of_filetime(steps: int) -> str | None:
    """Return a file time as `YYYY-MM-DDTHH:MM:SSZ`, `None` for 0 and for what no calendar has."""
    if steps <= 0:
        return None
    try:
        return (_EPOCH + datetime.timedelta(microseconds=steps // 10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None

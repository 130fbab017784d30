"""When something is due, through changes of clocks and with cron's own weekdays."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from auditor.errors import WrongUsage
from auditor.scheduling.clock import next_due


@pytest.mark.parametrize(
    ("expression", "zone", "after", "due"),
    [
        ("0 2 * * 1", "Asia/Shanghai", "2026-06-30T00:00:00", "2026-07-05T18:00:00"),  # Monday 02:00 there
        ("0 2 * * 0", "UTC", "2026-06-30T00:00:00", "2026-07-05T02:00:00"),
        ("0 2 * * 7", "UTC", "2026-06-30T00:00:00", "2026-07-05T02:00:00"),
        ("0 2 * * 0-2", "UTC", "2026-07-05T03:00:00", "2026-07-06T02:00:00"),
        ("0 2 * * 5-7", "UTC", "2026-07-04T03:00:00", "2026-07-05T02:00:00"),
        ("*/15 * * * *", "UTC", "2026-06-30T00:00:00", "2026-06-30T00:15:00"),
        ("0 0 1 1 *", "Asia/Shanghai", "2026-06-30T00:00:00", "2026-12-31T16:00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T01:30:00"),  # 29 March has no 02:30: 03:30
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T00:30:00"),  # the first of two
    ],
)
def test_the_next_moment(expression: str, zone: str, after: str, due: str) -> None:
    found = next_due(expression, datetime.fromisoformat(after).replace(tzinfo=UTC), ZoneInfo(zone))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize("expression", ["", "* * * *", "* * * * * *", "61 * * * *", "x * * * *", "* * * * 8", "@daily"])
def test_what_is_no_cron_is_refused(expression: str) -> None:
    with pytest.raises(WrongUsage):
        next_due(expression, datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))

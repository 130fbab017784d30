"""Days and moments."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from auditor.core.days import day_of, last_moment, parse_day, parse_utc, utc_text

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-01T15:59:59Z", SHANGHAI, date(2026, 3, 1)),
        ("2026-03-01T16:00:00Z", SHANGHAI, date(2026, 3, 2)),
        ("2026-10-25T22:59:59Z", BERLIN, date(2026, 10, 25)),
    ],
)
def test_a_moment_falls_on_a_day_of_its_zone(moment: str, zone: ZoneInfo, day: date) -> None:
    assert day_of(moment, zone) == day
    assert moment <= last_moment(day, zone)


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
def test_the_last_moment_is_the_last_second_also_when_clocks_change(zone: ZoneInfo, day: date) -> None:
    assert day_of(last_moment(day, zone), zone) == day
    assert last_moment(date(2026, 6, 1), SHANGHAI) == "2026-06-01T15:59:59Z"
    assert last_moment(date(2026, 10, 25), BERLIN) == "2026-10-25T22:59:59Z"


@pytest.mark.parametrize(
    "text", ["2026-3-1T00:00:00Z", "2026-03-01 00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01", ""]
)
def test_what_is_not_in_the_form_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        parse_utc(text)


def test_a_moment_goes_there_and_back() -> None:
    assert utc_text(parse_utc("2026-03-01T08:09:10Z")) == "2026-03-01T08:09:10Z"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-02-28", date(2026, 2, 28)), ("2026-02-30", None), ("20260228", None), ("2026-W09-7", None), (None, None)],
)
def test_a_day_is_one_that_exists(text: str | None, day: date | None) -> None:
    assert parse_day(text) == day

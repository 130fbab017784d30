"""The timetable: spread, quiet hours, clocks that jump."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.settings import SettingsError
from agent.timetable import Timetable, quiet_spans

HOUR = 3600.0


class Day:
    """A clock, a time of day and a chance that a test sets."""

    def __init__(self, folder: Path, quiet: str = "") -> None:
        self.now = 1_000_000.0
        self.minute = 12 * 60
        self.chance = 0.5
        self.table = Timetable(
            str(folder), 24.0, 120.0, quiet_spans(quiet), lambda: self.now, lambda: self.minute, lambda: self.chance
        )


def test_the_first_run_is_spread_over_the_fleet(tmp_path: Path) -> None:
    day = Day(tmp_path)
    assert not day.table.is_time()
    day.now += 0.9 * HOUR
    assert not day.table.is_time()
    day.now += 0.2 * HOUR  # half of two hours
    assert day.table.is_time()


def test_the_next_run_comes_a_day_later_moved_by_half_the_spread(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.chance = 0.0
    day.table.note_run()
    day.now += 22.9 * HOUR
    assert not day.table.is_time()
    day.now += 0.2 * HOUR
    assert day.table.is_time()
    day.chance = 0.999
    day.table.note_run()
    day.now += 24.9 * HOUR
    assert not day.table.is_time()
    day.now += 0.2 * HOUR
    assert day.table.is_time()


@pytest.mark.parametrize(("minute", "time"), [(509, True), (510, False), (689, False), (690, True), (1320, False),
                                              (0, False), (359, False), (360, True)])  # fmt: skip
def test_nothing_starts_in_the_quiet_hours(tmp_path: Path, minute: int, time: bool) -> None:
    day = Day(tmp_path, "8:30-11:30， 22:00-06:00")
    day.chance = 0.0
    day.minute = minute
    assert day.table.is_time() is time


def test_a_run_that_a_wrong_clock_has_set_far_ahead_is_set_anew(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.now = 5_000_000_000.0
    day.table.note_run()
    day.now = 1_000_000.0
    assert not day.table.is_time()
    assert json.loads((tmp_path / "timetable.json").read_text())["due"] == 1_000_000 + 3600


@pytest.mark.parametrize("damage", ["", "{}", '{"due": "x"}', "[1]", '{"due": NaN}'])
def test_a_damaged_file_sets_a_new_first_run(tmp_path: Path, damage: str) -> None:
    (tmp_path / "timetable.json").write_text(damage)
    day = Day(tmp_path)
    assert not day.table.is_time()
    day.now += 1.1 * HOUR
    assert day.table.is_time()


@pytest.mark.parametrize(
    "text", ["8-9", "08:30", "25:00-26:00", "08:60-09:00", "08:00-08:00", "x", "8:00-9:00;10:00-11:00"]
)
def test_hours_that_are_none_are_named(text: str) -> None:
    with pytest.raises(SettingsError, match="quiet_hours: expected spans such as 08:30-11:30"):
        quiet_spans(text)

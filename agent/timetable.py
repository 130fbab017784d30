"""Timetable: when the timer's hourly call really scans.

The system's own timer calls `run --scheduled` every hour at a minute of its own; here it is decided whether it is
time: a day (`run_every_hours`) after the last run, moved by a random part of `spread_minutes` that is drawn anew for
each run, and never in the quiet hours. One rule for every system, and a machine that was off at noon is scanned when
it is on again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from dataclasses import dataclass
from typing import Callable

from agent.configured import state_folder
from agent.settings import SettingsError
from agent.state import make_private_folder, write_durably

FILE = "timetable.json"
MINUTES_OF_A_DAY = 24 * 60
_SPAN = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$")


@dataclass(frozen=True)
class Timetable:
    """When the next run is due. `clock` gives Unix seconds, `minute_of_day` the local time of day."""

    folder: str
    every_hours: float
    spread_minutes: float
    quiet: tuple[tuple[int, int], ...]
    clock: Callable[[], float] = time.time
    minute_of_day: Callable[[], int] = lambda: time.localtime().tm_hour * 60 + time.localtime().tm_min
    chance: Callable[[], float] = random.random

    @classmethod
    def of(cls, options: argparse.Namespace) -> Timetable:
        """Return the timetable of the settings. Raises `SettingsError`."""
        values = options.values
        quiet = quiet_spans(str(values["quiet_hours"]))
        return cls(state_folder(options), float(values["run_every_hours"]), float(values["spread_minutes"]), quiet)

    def is_time(self) -> bool:
        """Tell whether to scan now: it is due and nobody wants quiet. The first call sets the first run.

        Raises `OSError`.
        """
        now = self.clock()
        due = self._due()
        if due is None or due - now > self._longest_seconds():  # none yet, or one that a wrong clock has set
            due = now + 60.0 * self.spread_minutes * self.chance()
            self._write(due)
        return due <= now and not self.is_quiet()

    def is_quiet(self) -> bool:
        """Tell whether the present time of day lies in the quiet hours."""
        minute = self.minute_of_day()
        return any(
            first <= minute < last if first <= last else minute >= first or minute < last for first, last in self.quiet
        )

    def note_run(self) -> None:
        """Set the next run. Raises `OSError`."""
        spread = 60.0 * self.spread_minutes * (self.chance() - 0.5)
        self._write(self.clock() + max(3600.0 * self.every_hours + spread, 0.0))

    def _longest_seconds(self) -> float:
        return 3600.0 * self.every_hours + 60.0 * self.spread_minutes

    def _due(self) -> float | None:
        """Return when the next run is due, `None` when nothing readable says so."""
        try:
            with open(os.path.join(self.folder, FILE), "rb") as file:
                return float(int(json.loads(file.read(4096).decode("ascii"))["due"]))
        except (OSError, ValueError, OverflowError, KeyError, TypeError):
            return None

    def _write(self, due: float) -> None:
        make_private_folder(self.folder)
        write_durably(os.path.join(self.folder, FILE), json.dumps({"due": int(due)}).encode("ascii"))


def quiet_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return spans of minutes of the day of `08:30-11:30,22:00-06:00`. Raises `SettingsError`."""
    spans = []
    for part in filter(None, (each.strip() for each in text.replace("，", ",").split(","))):
        found = _SPAN.match(part)
        numbers = [int(number) for number in found.groups()] if found else []
        first, last = (numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]) if found else (0, 0)
        if first == last or max(first, last) > MINUTES_OF_A_DAY:
            raise SettingsError("quiet_hours: expected spans such as 08:30-11:30,14:00-17:00, got %r" % text)
        spans.append((first, last))
    return tuple(spans)

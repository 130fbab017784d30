"""The timers, and which of them this system has."""

from __future__ import annotations

import os
import sys

from agent.timers.base import Timer
from agent.timers.cron import CRON
from agent.timers.launchd import LAUNCHD
from agent.timers.systemd import SYSTEMD
from agent.timers.task_scheduler import TASK_SCHEDULER

TIMERS = (SYSTEMD, CRON, TASK_SCHEDULER, LAUNCHD)


def timer_named(name: str) -> Timer | None:
    """Return the timer of that name."""
    return next((timer for timer in TIMERS if timer.name == name), None)


def timer_here() -> Timer:
    """Return the timer of this system. `/run/systemd/system` is there when systemd runs, see sd_booted(3)."""
    if os.name == "nt":
        return TASK_SCHEDULER
    if sys.platform == "darwin":
        return LAUNCHD
    return SYSTEMD if os.path.isdir("/run/systemd/system") else CRON

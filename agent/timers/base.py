"""Timer: what one scheduler of a system needs to call the agent every hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Sequence

NAME = "zhengban-agent"
ABOUT = "Zhengban software inventory (正版软件清查)"


@dataclass(frozen=True)
class File:
    """One file that the timer consists of."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Plan:
    """What installing writes and runs, and what uninstalling runs before the files go."""

    files: tuple[File, ...]
    start: tuple[tuple[str, ...], ...]
    stop: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...] = ()
    """Run when the files are gone."""


@dataclass(frozen=True)
class Job:
    """What is to be called. `minute` of the hour is drawn at installation, so that a fleet does not call at once."""

    command: Sequence[str]
    minute: int
    state_folder: str
    longest_minutes: int
    """After so long the system may end it."""
    max_memory_bytes: int


@dataclass(frozen=True)
class Timer:
    """One scheduler: its name, and the plan for a job."""

    name: str
    plan: Callable[[Job], Plan]

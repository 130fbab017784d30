"""Traces: what runs on the machine. No command line, no user, no document name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunningProgram:
    """One executable that was running during the scan."""

    name: str
    """File name of the executable, or the process name where the file cannot be read."""
    path: str | None = None
    scope: str = "processes"
    instances: int = 1

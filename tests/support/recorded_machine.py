"""Recorded machines of tests/captures, and one collector run on a machine as a scan would run it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from agent.collectors.base import Collector
from agent.inventory.document import Inventory, Scanner
from agent.limits import Limits
from agent.machine.base import Machine
from agent.machine.offline import OfflineMachine
from agent.scan import scan

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


def recorded_machine(name: str) -> OfflineMachine:
    """Return the machine that was recorded under `tests/captures/NAME`."""
    return OfflineMachine(str(CAPTURES / name))


def scan_with(machine: Machine, *collectors: Collector, limits: Limits | None = None) -> Inventory:
    """Return what a scan with these collectors finds on the machine."""
    return scan(machine, collectors, scanner=Scanner("test", "0"), now=NOON, limits=limits or Limits())

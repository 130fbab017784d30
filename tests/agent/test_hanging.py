"""Collectors that hang, eat memory or go in circles: their scope is lost and named, the scan goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest
from recorded_machine import NOON

from agent.collectors.base import Collector, Found, Scope
from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, Scanner
from agent.inventory.software import Software
from agent.limits import Limits
from agent.machine.base import Machine
from agent.scan import scan

PROJECT = Path(__file__).resolve().parents[2]
QUICK = Limits(scan_seconds=30, collector_seconds=0.2)


def scanned(*collectors: Collector) -> Inventory:
    return scan(Machine(), collectors, scanner=Scanner("test", "0"), now=NOON, limits=QUICK, grace_seconds=0.3)


def named(name: str, collect: object) -> Collector:
    return Collector(name=name, platforms=frozenset({"other"}), collect=collect)  # type: ignore[arg-type]


def fine(machine: Machine) -> Iterator[Found]:
    yield Software(source="fine", name="afterwards", scope="fine")


def test_a_collector_that_waits_for_ever_is_left_behind() -> None:
    never = threading.Event()

    def waits(machine: Machine) -> Iterator[Found]:
        yield Scope("waits:1")
        yield Software(source="waits", name="before", scope="waits:1")
        never.wait(30)
        yield Software(source="waits", name="too late", scope="waits:1")

    began = time.monotonic()
    inventory = scanned(named("waits", waits), named("fine", fine))
    assert time.monotonic() - began < 10
    assert [each.name for each in inventory.software] == ["before", "afterwards"]
    runs = {run.scope: run for run in inventory.coverage}
    assert (runs["waits:1"].outcome, runs["waits:1"].found) == (Outcome.PARTIAL, 1)
    assert runs["waits"].outcome is Outcome.FAILED  # the scopes that it had not come to
    assert runs["waits"].cut == "left behind: no answer within 0.2 seconds"
    assert runs["fine"].outcome is Outcome.COMPLETE

    never.set()  # whoever comes back later is not heard
    time.sleep(0.1)
    assert [each.name for each in inventory.software] == ["before", "afterwards"]


def test_an_endless_loop_is_left_behind() -> None:
    over = threading.Event()

    def turns(machine: Machine) -> Iterator[Found]:
        while not over.is_set():
            pass
        yield Scope("turns:never")

    inventory = scanned(named("turns", turns), named("fine", fine))
    over.set()
    assert [(run.scope, run.outcome) for run in inventory.coverage] == [
        ("turns", Outcome.FAILED),
        ("fine", Outcome.COMPLETE),
    ]


def test_too_deep_a_recursion_costs_the_scope() -> None:
    def deep(machine: Machine) -> Iterator[Found]:
        yield from deep(machine)

    inventory = scanned(named("deep", deep), named("fine", fine))
    assert "RecursionError" in inventory.coverage[0].faults[0].what
    assert inventory.coverage[1].outcome is Outcome.COMPLETE


MEMORY = """
import sys
from agent.machine.restraint import limit_memory
limit_memory(120_000_000)
sys.path.insert(0, "tests/support")
from agent.collectors.base import Collector
from agent.inventory.document import Scanner
from agent.inventory.software import Software
from agent.limits import Limits
from agent.machine.base import Machine
from agent.scan import scan
from datetime import datetime, timezone

def greedy(machine):
    kept = []
    while True:
        kept.append(bytearray(5_000_000))
        yield Software(source="greedy", name=str(len(kept)), scope="greedy")

def fine(machine):
    yield Software(source="fine", name="afterwards", scope="fine")

collectors = [Collector(n, frozenset({"other"}), c) for n, c in (("greedy", greedy), ("fine", fine))]
found = scan(Machine(), collectors, scanner=Scanner("test", "0"), now=datetime.now(timezone.utc), limits=Limits())
for run in found.coverage:
    print(run.scope, run.outcome.value, [fault.what for fault in run.faults])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(peak.split()[1]) < 200_000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the system")
def test_memory_above_the_limit_costs_the_scope() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=str(PROJECT), stdout=subprocess.PIPE, timeout=60, check=True
    )
    greedy, fine_run, small = done.stdout.decode().splitlines()
    assert greedy.startswith("greedy partial ['MemoryError: ")
    assert fine_run == "fine complete []"
    assert small == "True"

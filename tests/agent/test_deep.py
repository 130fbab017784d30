"""Deep sources: when they are read again, and that what was not read again is neither lost nor new."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterator

import pytest

from agent.collectors.base import Collector, Found, Problem, Scope
from agent.deep import Readings
from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, Scanner, encode
from agent.inventory.licence_servers import LicenceFeature, LicenceUse
from agent.inventory.software import Software
from agent.limits import Limits
from agent.machine.base import Machine
from agent.scan import scan

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


class World:
    """A machine with one base source and one deep one, which counts how often it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installed = ["bash"]
        self.read = 0
        self.fails = False

    def base(self, machine: Machine) -> Iterator[Found]:
        yield from (Software(source="base", name=name, scope="base") for name in self.installed)

    def deep(self, machine: Machine) -> Iterator[Found]:
        self.read += 1
        yield Scope("deep:/opt")
        yield Software(source="deep", name="portable 财务", scope="deep:/opt", location="/opt/\udcff")
        use = LicenceUse(user="~1a2b3c4d", host="pc-1")
        yield LicenceFeature(technology="flexnet", feature="cad", scope="deep:/opt", uses=(use,), components=("a", "b"))
        yield Problem("/opt/x", "unreadable")
        if self.fails:
            raise ValueError("boom")

    def scan(self, after: timedelta, limits: Limits | None = None, at_once: bool = False) -> Inventory:
        everywhere = frozenset({"other"})
        collectors = [Collector("base", everywhere, self.base), Collector("deep", everywhere, self.deep, deep=True)]
        now = NOON + after
        readings = Readings(str(self.folder), now=now, hours=20, days=7, at_once=at_once)
        scanner = Scanner("test", "0")
        found = scan(Machine(), collectors, scanner=scanner, now=now, limits=limits or Limits(), readings=readings)
        readings.save()
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_second_scan_within_the_day_repeats_the_reading(world: World) -> None:
    first, second = world.scan(0 * HOUR), world.scan(HOUR)
    assert world.read == 1
    assert [run.read_at for run in first.coverage] == [None, None]
    assert [run.read_at for run in second.coverage] == [None, "2026-03-02T12:00:00Z"]
    assert (second.software, second.licence_features) == (first.software, first.licence_features)
    assert [(run.outcome, run.found, run.faults) for run in second.coverage] == [
        (run.outcome, run.found, run.faults) for run in first.coverage
    ]
    assert second.coverage[1].outcome is Outcome.PARTIAL
    encode(second)


@pytest.mark.parametrize(
    ("after", "changed", "times"),
    [
        (19 * HOUR, True, 1),  # at most daily, whatever happened
        (21 * HOUR, True, 2),
        (21 * HOUR, False, 1),  # nothing changed
        (6 * DAY, False, 1),
        (8 * DAY, False, 2),  # but not for ever
        (-HOUR, False, 2),  # the clock was wrong
    ],
)
def test_it_is_read_again_when_it_is_time(world: World, after: timedelta, changed: bool, times: int) -> None:
    world.scan(0 * HOUR)
    if changed:
        world.installed = ["bash", "vim"]
    world.scan(after)
    assert world.read == times


def test_it_is_read_at_once_when_that_is_wanted(world: World) -> None:
    world.scan(0 * HOUR)
    world.scan(HOUR, at_once=True)
    assert world.read == 2


def test_a_reading_that_failed_is_not_kept_beyond_the_day(world: World) -> None:
    world.fails = True
    first = world.scan(0 * HOUR)
    assert first.coverage[-1].outcome is Outcome.FAILED
    assert world.scan(HOUR).coverage[-1].outcome is Outcome.FAILED
    world.fails = False
    assert world.scan(21 * HOUR).coverage[-1].outcome is Outcome.PARTIAL
    assert world.read == 2


def test_a_repeated_reading_heeds_the_limit_of_records(world: World) -> None:
    world.scan(0 * HOUR)
    again = world.scan(HOUR, limits=Limits(max_records=2))
    assert len(again.software) == 1 and len(again.licence_features) == 1  # sections keep their order of worth
    assert (again.coverage[1].outcome, again.coverage[1].cut) == (Outcome.PARTIAL, "scan limited to 2 records")
    assert again.coverage[1].found == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": "0.0", "sources": {}}', '{"sources": 5}', "\x00"])
def test_a_file_that_cannot_be_used_counts_as_none(world: World, damage: str) -> None:
    world.scan(0 * HOUR)
    (world.folder / "deep.json").write_text(damage)
    world.scan(HOUR)
    assert world.read == 2


def test_an_entry_that_makes_no_sense_counts_as_none(world: World) -> None:
    world.scan(0 * HOUR)
    file = world.folder / "deep.json"
    kept = json.loads(file.read_text())
    kept["sources"]["deep"]["records"][0] = ["software", {"no": "such field"}]
    file.write_text(json.dumps(kept))
    world.scan(HOUR)
    assert world.read == 2

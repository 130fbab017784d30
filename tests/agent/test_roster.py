"""The roster of collectors: what holds for every member, and that no file is forgotten."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.collectors import roster
from agent.collectors.base import Absent, Collector, ScopeAbsent
from agent.collectors.later import Later
from agent.collectors.rare import RARE
from agent.machine.base import Machine

FOLDER = Path(roster.__file__).parent
FAMILIES = {"windows", "linux", "macos", "other"}


def collector_files() -> list[Path]:
    """Return the files below collectors/ that define a Collector."""
    return [
        path
        for path in sorted(FOLDER.rglob("*.py"))
        if path.name not in ("base.py", "roster.py") and " = Collector(" in path.read_text(encoding="utf-8")
    ]


def test_the_roster_forgets_no_file() -> None:
    defined = set()
    for path in collector_files():
        module = importlib.import_module("agent.collectors." + ".".join(path.relative_to(FOLDER).with_suffix("").parts))
        defined |= {value for value in vars(module).values() if isinstance(value, Collector)}
    loaded = {each.load() for each in RARE}
    waiting = {each.waiting() for each in RARE}
    assert defined == (set(roster.collectors()) - waiting) | loaded


@pytest.mark.parametrize("collector", roster.collectors(), ids=lambda each: each.name)
def test_every_collector_says_what_it_is(collector: Collector) -> None:
    assert collector.name.replace("_", "").isalnum() and collector.name.islower()
    assert collector.platforms and collector.platforms <= FAMILIES


@pytest.mark.parametrize("path", collector_files(), ids=lambda path: path.stem)
def test_every_collector_states_source_absence_and_gaps(path: Path) -> None:
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    for heading in ("\nSource:", "\nAbsent:", "\nGaps:"):
        assert heading in words, heading


def test_no_two_collectors_of_one_system_share_a_name() -> None:
    names = [(family, each.name) for each in roster.collectors() for family in each.platforms]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_system_gets_its_own_collectors_and_starts_with_its_identity(family: str) -> None:
    members = roster.collectors_for(family)
    assert set(members) == {each for each in roster.collectors() if family in each.platforms}
    if family in ("linux", "macos"):
        assert members[0].name == "host"
    assert members[-1].name == "processes"


def test_names_for_reading() -> None:
    assert {"dpkg", "host"} <= set(roster.readable_sources())
    assert "processes" not in roster.readable_sources()
    assert roster.readers("nobody") == ()


class EmptyMachine(Machine):
    """A machine with nothing on it. Asks for a place are kept."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.asked: list[str] = []

    def exists(self, path: str) -> bool:
        self.asked.append(path)
        return False

    def list_folder(self, path: str) -> None:
        self.asked.append(path)

    def read_bytes(self, path: str, limit: int = 0) -> None:
        self.asked.append(path)

    def read_text(self, path: str, limit: int = 0) -> None:
        self.asked.append(path)

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> None:
        self.asked.append(command[0])


@pytest.mark.parametrize("later", RARE, ids=lambda each: each.name)
def test_what_waits_says_the_same_as_what_it_waits_for(later: Later) -> None:
    itself, waiting = later.load(), later.waiting()
    assert (waiting.name, waiting.platforms, waiting.deep) == (itself.name, itself.platforms, itself.deep)
    assert (waiting.parse_file is None) == (itself.parse_file is None)
    assert (waiting.parse_place is None) == (itself.parse_place is None)


@pytest.mark.parametrize("later", RARE, ids=lambda each: each.name)
def test_what_waits_and_what_it_waits_for_find_nothing_on_the_same_machine(later: Later) -> None:
    for family in sorted(later.platforms):
        machine = EmptyMachine(family)
        for collector in (later.waiting(), later.load()):
            try:
                found = list(collector.collect(machine))
            except Absent:
                continue
            assert found
            assert {type(each) for each in found} == {ScopeAbsent}
        assert machine.asked or not later.places, "absent without having looked"


def test_a_linux_machine_loads_no_collector_that_it_has_no_source_for() -> None:
    modules = [f"agent.collectors.{each.module}" for each in RARE]
    script = (
        "import sys; from agent.collectors.roster import collectors_for;"
        "from agent.machine.offline import OfflineMachine;"
        "from agent.scan import scan; from agent.inventory.document import Scanner; from agent.limits import Limits;"
        "from datetime import datetime, timezone; machine = OfflineMachine(sys.argv[1]);"
        "scan(machine, [c for c in collectors_for('linux') if not c.deep], scanner=Scanner('t', '0'),"
        " now=datetime.now(timezone.utc), limits=Limits());"
        "print(*(name for name in sys.argv[2:] if name in sys.modules))"
    )
    capture = Path(__file__).resolve().parents[1] / "captures" / "debian-12"
    command = [sys.executable, "-c", script, str(capture), *modules]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=FOLDER.parents[1])
    assert ended.stdout.split() == []

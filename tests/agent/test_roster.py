"""The roster of collectors: what holds for every member, and that no file is forgotten."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from agent.collectors import roster
from agent.collectors.base import Collector

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
    assert defined == set(roster.collectors())


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

"""A machine made of a few files, in a folder of its own, and what one collector finds on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agent.collectors.base import Collector, Found, Problem, Scope
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine


def machine_of(folder: Path, files: Mapping[str, str | bytes]) -> OfflineMachine:
    """Return the machine whose files these are, by absolute place. A Mac when /Applications is among them."""
    (folder / "etc").mkdir(parents=True, exist_ok=True)
    for place, content in files.items():
        path = folder / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return OfflineMachine(str(folder))


def found_on(collector: Collector, folder: Path, files: Mapping[str, str | bytes]) -> list[Found]:
    """Return what the collector yields on such a machine."""
    return list(collector.collect(machine_of(folder, files)))


def software(found: list[Found]) -> list[Software]:
    """Return the records of installed software."""
    return [item for item in found if isinstance(item, Software)]


def problems(found: list[Found]) -> list[tuple[str, str]]:
    """Return where and what of each problem."""
    return [(item.where, item.what) for item in found if isinstance(item, Problem)]


def scopes(found: list[Found]) -> list[str]:
    """Return the scopes that were opened, in order."""
    return [item.name for item in found if isinstance(item, Scope)]

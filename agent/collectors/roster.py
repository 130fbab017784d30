"""The collectors, in the order in which they run. A reader of one more source adds a line here."""

from __future__ import annotations

from agent.collectors.anywhere.processes import PROCESSES
from agent.collectors.base import Collector
from agent.collectors.linux.dpkg import DPKG
from agent.collectors.linux.host import LINUX_HOST
from agent.collectors.macos.host import MACOS_HOST


def collectors() -> tuple[Collector, ...]:
    """Return every collector: the host's identity first, then what is installed, then what runs."""
    return (
        LINUX_HOST,
        MACOS_HOST,
        DPKG,
        PROCESSES,
    )


def readers(name: str) -> tuple[Collector, ...]:
    """Return the collectors of that name that can read a recorded file; one name may serve several systems."""
    return tuple(each for each in collectors() if each.name == name and each.parse_file is not None)


def readable_sources() -> tuple[str, ...]:
    """Return the names that `readers` answers to, sorted."""
    return tuple(sorted({each.name for each in collectors() if each.parse_file is not None}))

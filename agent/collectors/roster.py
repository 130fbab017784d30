"""The collectors, system by system, in the order in which they run: who this is, what is installed, what runs.

A reader of one more source adds a line here. Each system's are imported when they are wanted: a scan of a
Linux machine need not load what reads a registry.
"""

from __future__ import annotations

from agent.collectors.base import Collector
from agent.collectors.rare import RARE


def collectors_for(family: str) -> tuple[Collector, ...]:
    """Return the collectors for a machine of this family, in running order."""
    from agent.collectors.anywhere.processes import PROCESSES

    of_family = {"linux": _linux, "macos": _macos, "windows": _windows}.get(family)
    own = of_family() if of_family is not None else ()
    return (*own, *(each.waiting() for each in RARE if family in each.platforms), PROCESSES)


def collectors() -> tuple[Collector, ...]:
    """Return every collector of every system, each once."""
    every = [each for family in ("linux", "macos", "windows", "other") for each in collectors_for(family)]
    return tuple(dict.fromkeys(every))


def readers(name: str) -> tuple[Collector, ...]:
    """Return the collectors of that name that can read a recorded file; one name may serve several systems."""
    return tuple(each for each in collectors() if each.name == name and each.parse_file is not None)


def readable_sources() -> tuple[str, ...]:
    """Return the names that `readers` answers to, sorted."""
    return tuple(sorted({each.name for each in collectors() if each.parse_file is not None}))


def _linux() -> tuple[Collector, ...]:
    from agent.collectors.linux.desktop_entries import DESKTOP_ENTRIES
    from agent.collectors.linux.domestic_activation import DOMESTIC_ACTIVATION
    from agent.collectors.linux.dpkg import DPKG
    from agent.collectors.linux.host import LINUX_HOST
    from agent.collectors.linux.opt_apps import OPT_APPS

    return (LINUX_HOST, DPKG, OPT_APPS, DESKTOP_ENTRIES, DOMESTIC_ACTIVATION)


def _macos() -> tuple[Collector, ...]:
    from agent.collectors.macos.applications import APPLICATIONS
    from agent.collectors.macos.host import MACOS_HOST

    return (MACOS_HOST, APPLICATIONS)


def _windows() -> tuple[Collector, ...]:
    from agent.collectors.windows.activation import ACTIVATION
    from agent.collectors.windows.host import WINDOWS_HOST
    from agent.collectors.windows.office import OFFICE
    from agent.collectors.windows.uninstall_keys import UNINSTALL_KEYS

    return (WINDOWS_HOST, UNINSTALL_KEYS, OFFICE, ACTIVATION)

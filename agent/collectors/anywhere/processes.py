"""Programs that run during the scan.

Source: the processes of the running system: executable, and how many of them run.
Absent: a mounted disk, where nothing runs, and a recorded machine that does not say what ran.
Gaps:   no arguments, no users, no times; of processes whose executable may not be seen only the short name;
    kernel threads are no programs. A person's folder is `~`, whoever's it is: `/home/<name>/` becomes `~/`.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found
from agent.discretion import PERSONAL_FOLDER
from agent.inventory.traces import RunningProgram
from agent.machine.base import Machine, Process


def collect(machine: Machine) -> Iterator[Found]:
    """Yield each distinct program once."""
    running = machine.processes()
    if running is None:
        raise Absent("processes")
    yield from programs_of(running)


def programs_of(running: Iterator[Process]) -> Iterator[RunningProgram]:
    """Yield the distinct programs with the number of their processes, by path and name."""
    instances: dict[tuple[str, str], int] = {}
    for process in running:
        key = (PERSONAL_FOLDER.sub("~", process.path or ""), process.name)
        instances[key] = instances.get(key, 0) + 1
    for (path, name), count in sorted(instances.items()):
        yield RunningProgram(name=name, path=path or None, scope="processes", instances=count)


PROCESSES = Collector(name="processes", platforms=frozenset({"linux", "macos", "windows", "other"}), collect=collect)

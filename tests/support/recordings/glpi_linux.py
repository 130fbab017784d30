"""Judge of processors and system releases of Linux in glpi-agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import Case, cases_of, joined, read


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every /proc/cpuinfo and os-release."""
    for case in cases_of(corpus, "glpi-agent", ("linux-cpu",)):
        yield _processors(case)
    for case in cases_of(corpus, "glpi-agent", ("linux-os-release",)):
        yield _release(case)


def _processors(case: Case) -> Judged:
    """One record a socket: name, cores, threads. There threads are those of one core, ours those of the socket."""
    expected = [
        joined(record["name"], record["core"], int(record["core"]) * int(record["thread"])) for record in case.records
    ]
    found = [joined(each.name, each.cores, each.threads) for each in read("host", case.files[0]).host.processors]
    return compare("glpi-agent", case.kind, case.name, expected, found)


def _release(case: Case) -> Judged:
    expected, found = [], []
    for record in case.records:
        number, _, name = record["version"].partition(" ")
        expected.append(joined(number, name.strip("()") or None))
    systems = [read("host", file).host.operating_system for file in case.files]
    version = max((system.version or "" for system in systems), key=len)
    found.append(joined(version, next((system.release for system in systems if system.release), None)))
    return compare("glpi-agent", case.kind, case.name, expected, found)

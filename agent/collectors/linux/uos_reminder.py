"""Whether the parts of UnionTech OS that remind people of a missing activation are where the system puts them.

Source: the list of files of the package `uos-activator` in dpkg's folder, and whether they are there; whether
    `/usr/lib/deepin-daemon/uos-license-agent` may be run; whether `license.service` is masked, or is to be started by a
    target and no target does (scope `domestic_activation:uos_reminder`). Told is only what is amiss: `missing`,
    `not_executable`, `masked`, or `start` `disabled`.
Absent: neither dpkg's folder nor the unit is there.
Gaps:   a service that was stopped since the last start; parts of Kylin, of which no public description says what has to
    be there; the right to run a file on a disk or folder that does not run. Recorded only. An image without these parts
    looks the same as one from which somebody took them.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Found, Scope, ScopeAbsent, ScopeFailed
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

SCOPE = "domestic_activation:uos_reminder"
DPKG = "/var/lib/dpkg/info"
STATUS = "/var/lib/dpkg/status"
PACKAGE = "uos-activator"
COMMAND = "/usr/bin/uos-activator-cmd"
AGENT = "/usr/lib/deepin-daemon/uos-license-agent"
UNIT = "license.service"
SET = "/etc/systemd/system"
SHIPPED = ("/lib/systemd/system", "/usr/lib/systemd/system")
MAX_BYTES = 1024 * 1024

_LISTS = tuple(
    "%s/%s%s.list" % (DPKG, PACKAGE, each) for each in ("", ":amd64", ":arm64", ":loongarch64", ":mips64el", ":sw_64")
)
_INSTALLED = re.compile(r"^Package: uos-activator\n(?:\S.*\n)*?Status: \S+ \S+ installed$", re.MULTILINE)
_PROGRAMS = ("/uos-activator", "/uos-activator-cmd", "/uos-license-agent")


def reminder(machine: Machine) -> Iterator[Found]:
    """Yield what is amiss on a UnionTech OS."""
    unit = next((folder for folder in SHIPPED if machine.exists(folder + "/" + UNIT)), None)
    if unit is None and not machine.exists(DPKG):
        yield ScopeAbsent(SCOPE)
        return
    try:
        found = [*_package(machine), *_agent(machine), *_service(machine, unit)]
    except Unreadable as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    yield Scope(SCOPE)
    yield from found


def _package(machine: Machine) -> Iterator[Trace]:
    """A package that neither a list nor dpkg's status names is missing, unless its command is there all the same."""
    if not machine.exists(DPKG):
        return
    path = next((each for each in _LISTS if machine.exists(each)), None)
    if path is None:
        if not machine.exists(COMMAND) and not _INSTALLED.search(machine.read_text(STATUS) or ""):
            yield Trace("file", PACKAGE, SCOPE, seen_at=DPKG, path=_LISTS[0], state="missing")
        return
    for line in (machine.read_text(path, MAX_BYTES) or "").splitlines():
        if line.endswith(_PROGRAMS) and line.startswith(("/usr/bin/", "/usr/lib/")) and not machine.exists(line):
            yield Trace("file", line.rpartition("/")[2], SCOPE, seen_at=path, path=line, state="missing")


def _agent(machine: Machine) -> Iterator[Trace]:
    if machine.is_executable(AGENT) is False:
        name = AGENT.rpartition("/")[2]
        yield Trace("file", name, SCOPE, seen_at=AGENT, path=AGENT, state="not_executable")


def _service(machine: Machine, folder: str | None) -> Iterator[Trace]:
    own = [each for each in machine.list_folder(SET) or () if each.name == UNIT]
    if own and not own[0].is_folder and not (own[0].is_file and own[0].size_bytes):
        yield Trace("service", UNIT, SCOPE, seen_at=own[0].path, state="masked")
        return
    if folder is None:
        return
    text = machine.read_text("%s/%s" % (folder, UNIT), MAX_BYTES) or ""
    targets = [target for line in text.splitlines() if line.startswith("WantedBy=") for target in line[9:].split()]
    places = ["%s/%s.wants/%s" % (above, target, UNIT) for above in (SET, *SHIPPED) for target in targets]
    if places and not any(machine.exists(place) for place in places):
        yield Trace("service", UNIT, SCOPE, seen_at=places[0], start="disabled")

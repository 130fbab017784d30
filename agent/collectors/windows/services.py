"""Services of Windows that run a program of their own.

Source: the keys of `SYSTEM\\CurrentControlSet\\Services` of the types own process and shared process (scope
    `services:registry`); whether one runs, from `sc query`. Recorded files: SYSTEM hives, exports, listings of
    Win32_Service.
Absent: a recorded machine without that key.
Left out: what runs inside svchost.exe, which is Windows itself, but for those that license it; drivers (see `dongles`).
Gaps:   accounts and arguments are not taken: `path` is the program alone; a service that only another user may see.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Dict, Iterator

from agent.collectors.base import NOT_READ, Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.registry_source import Reader, Values, key_or_outcome, opened
from agent.formats.cim_answer import CimObject, parse_printed_list, text_of
from agent.formats.cim_table import parse_cim_table
from agent.formats.command_line import program_of
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "services"
SCOPE = NAME + ":registry"
SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
SC_QUERY = ("sc", "query", "state=", "all")
WMIC = ("wmic", "service", "get", "DisplayName,Name,PathName,StartMode,State", "/value")
"""Only read from a recorded folder: systems without `reg query /s /v` list their services so."""
MAX_SERVICES = 20_000
STARTS = {0: "boot", 1: "system", 2: "automatic", 3: "manual", 4: "disabled"}

_PROCESSES = 0x30
"""SERVICE_WIN32_OWN_PROCESS and SERVICE_WIN32_SHARE_PROCESS of winsvc.h."""
_LICENSING = frozenset(("sppsvc", "osppsvc", "slsvc", "clipsvc", "licensemanager"))
_START_WORDS = {"auto": "automatic", "automatic": "automatic", "manual": "manual", "disabled": "disabled"}
_QUERY_NAME = re.compile(r"^\s*SERVICE_NAME\s*:\s*(?P<name>\S.*?)\s*$")
_QUERY_STATE = re.compile(r"^\s+\S.*:\s+(?P<code>[1-7])\s+[A-Z_]+\s*$")
_RUNNING = 4

_PROPERTIES = frozenset(("Name", "PathName", "StartMode", "State", "DisplayName"))
"""What a listing of Win32_Service has as headings."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every service, with its state where the machine says what runs."""
    running: Dict[str, str] = {}
    with suppress(Unreadable):  # the services are told by the registry; only their state stays unknown
        running = parse_states(machine.run(SC_QUERY) or "")
    listed = machine.run(WMIC) if machine.recorded and machine.registry_key(SERVICES) is None else None
    if listed is not None:
        yield Scope(SCOPE)
        yield from parse_listing(listed)
        return
    yield from services(machine.registry_key, running)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the services of a SYSTEM hive, an export or a listing of Win32_Service. Raises `Absent`."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0]
    if data.startswith(b"regf") or text.lstrip("\ufeff").startswith(("Windows Registry Editor", "REGEDIT4")):
        yield from services(opened(data, name).read, {})
        return
    found = list(parse_listing(text))
    if not found:
        raise Absent("%s: no service" % name)
    yield Scope(SCOPE)
    yield from found


def parse_listing(text: str) -> Iterator[Trace]:
    """Yield the services of a listing of Win32_Service."""
    rows = parse_cim_table(text, _PROPERTIES) or parse_printed_list(text)
    yield from (each for each in map(_of_row, rows) if each is not None)


def services(read: Reader, states: Dict[str, str]) -> Iterator[Found]:
    """Yield the services that a registry names; `states` leads from names in lower case to `running` or `stopped`."""
    above = key_or_outcome(read, SERVICES, SCOPE)
    if isinstance(above, NOT_READ):
        yield above
        return
    yield Scope(SCOPE)
    for name in above.subkeys[:MAX_SERVICES]:
        where = SERVICES + "\\" + name
        try:
            values = Values(read(where))
        except (Unreadable, DamagedHive) as error:
            yield Problem(where, error.why)
            continue
        found = parse_service(name, values, where, states.get(name.lower()))
        if found is not None:
            yield found


def parse_service(name: str, values: Values, seen_at: str, state: str | None) -> Trace | None:
    """Return the service, `None` for a driver or for one that lives in svchost.exe."""
    command = values.text("ImagePath")
    if command is None or not (values.number("Type") or 0) & _PROCESSES:
        return None
    path = program_of(command)
    if path.lower().endswith("\\svchost.exe") and name.lower() not in _LICENSING:
        return None
    shown = values.text("DisplayName")
    return Trace(
        kind="service",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        path=path,
        state=state,
        start=STARTS.get(-1 if values.number("Start") is None else values.number("Start") or 0),
        product=None if shown is None or shown.startswith("@") else shown,
    )


def parse_states(text: str) -> Dict[str, str]:
    """Return name in lower case → state, from `sc query`. Its words differ by language; the numbers do not."""
    found: Dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        named, state = _QUERY_NAME.match(line), _QUERY_STATE.match(line)
        if named is not None:
            name = named.group("name").lower()
        elif state is not None and name:
            found[name] = "running" if int(state.group("code")) == _RUNNING else "stopped"
            name = ""
    return found


def _of_row(row: CimObject) -> Trace | None:
    name, command = text_of(row.get("Name")), text_of(row.get("PathName"))
    if name is None or command is None:
        return None
    path = program_of(command)
    if path.lower().endswith("\\svchost.exe") and name.lower() not in _LICENSING:
        return None
    state = (text_of(row.get("State")) or "").lower()
    return Trace(
        kind="service",
        name=name,
        scope=SCOPE,
        seen_at="Win32_Service",
        path=path,
        state=state if state in ("running", "stopped") else None,
        start=_START_WORDS.get((text_of(row.get("StartMode")) or "").lower()),
        product=text_of(row.get("DisplayName")),
    )


SERVICES_COLLECTOR = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)

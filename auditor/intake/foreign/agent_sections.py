"""The sections that GLPI, FusionInventory and OCS agents share → an `Inventory`, each scope accounted for.

A full document's list of software is complete as far as such an agent looks, and what it never looks at stands as a
partial scope of its own, so that no count takes it for all that is there. A partial document adds and never removes; a
section that it does not have says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.databases import DatabaseInstance
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.guests import Guest
from agent.inventory.software import Software
from agent.inventory.traces import Activation, RunningProgram, Trace
from auditor.core.other_tools import DEVICE, PARTS
from auditor.intake.foreign.agent_hosts import family_of, host_of
from auditor.intake.foreign.agent_software import software_of
from auditor.intake.foreign.told import Came, Section, day, key_tail, number, one, rows, text, truth, utc

_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_EXECUTABLE = re.compile(r'"([^"]+)"|([A-Za-z]:\\.*?\.exe)\b|(\S+)', re.IGNORECASE)
_UNSEEN = {
    "windows": "programs of users who were logged off, portable copies, activation of the system",
    "linux": "programs outside the package databases, desktop entries, portable copies, language packages",
    "macos": "programs outside the application folders, receipts, portable copies",
    "other": "whatever this tool does not list on this system",
}
_DATABASES = {
    "sql_server": ("mssql", "sql server"),
    "oracle": ("oracle",),
    "postgresql": ("postgres",),
    "mariadb": ("mariadb",),
    "mysql": ("mysql",),
    "mongodb": ("mongo",),
    "db2": ("db2",),
}


@dataclass(frozen=True)
class AgentTold:
    """One document of such an agent, its names in lower case."""

    tool: str
    """`glpi` or `ocs`: what the scopes are named by. GLPI Agent and FusionInventory are one family."""
    program: str
    """As the agent names itself: `GLPI-Agent`, `FusionInventory-Agent`, `OCS-Agent`."""
    version: str
    device: str
    content: Section
    partial: bool = False
    day_first: bool = False
    """Whether 03/04/2025 is the third of April."""


def inventory_of(told: AgentTold, came: Came) -> Inventory:
    """Return the document of the contract; product keys are cut to their last five characters here."""
    content, family = told.content, family_of(told.content)
    software = tuple(_software(told, family))
    activations = tuple(_activations(content, f"{told.tool}:licences"))
    antivirus = tuple(_antivirus(content, f"{told.tool}:antivirus"))
    guests = tuple(_guests(content, f"{told.tool}:guests"))
    databases = tuple(_databases(content, f"{told.tool}:databases"))
    programs = tuple(_programs(content, f"{told.tool}:processes"))
    listed = (
        ("licenseinfos", "licences", len(activations)),
        ("antivirus", "antivirus", len(antivirus)),
        ("virtualmachines", "guests", len(guests)),
        ("databases_services", "databases", len(databases)),
        ("processes", "processes", len(programs)),
    )
    extra = [
        ScopeRun(f"{told.tool}_{name}", f"{told.tool}:{name}", _outcome(told), found)
        for section, name, found in listed
        if section in content or found
    ]
    return Inventory(
        contract=CONTRACT_VERSION,
        collected_at=collected_at(content, came),
        scanner=Scanner(name=told.program, version=told.version, agent_id=DEVICE + told.device),
        host=host_of(content, told.device),
        software=software,
        coverage=(*_software_runs(told, family, software), *extra, _whole(told)),
        programs=programs,
        activations=activations,
        traces=antivirus,
        databases=databases,
        guests=guests,
    )


def program_and_version(client: str | None, default: str) -> tuple[str, str]:
    """`FusionInventory-Agent_v2.6-3` → (`FusionInventory-Agent`, `2.6-3`)."""
    found = re.fullmatch(r"(?P<name>[^/]+?)[_/]v?(?P<version>\d\S*)(?:\s.*)?", client or "")
    return (found["name"], found["version"]) if found is not None else (client or default, "unknown")


def collected_at(content: Section, came: Came) -> str:
    """Return the moment of the scan: the agent writes its own local time, and mostly how far that is from UTC.

    A partial document does not say the latter.
    """
    found = _MOMENT.match(text(one(content, "accesslog"), "logdate") or "")
    offset = _offset(content)
    if found is None or (came.live and offset is None):
        return utc(came.at)
    try:
        local = datetime.fromisoformat("T".join(found.group(0).split(found.group(0)[10])))
        return utc(local.replace(tzinfo=offset or came.zone))
    except (ValueError, OverflowError):
        return utc(came.at)


def _offset(content: Section) -> timezone | None:
    found = _OFFSET.fullmatch(text(one(one(content, "operatingsystem"), "timezone"), "offset") or "")
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes)) if minutes < 24 * 60 else None


def _outcome(told: AgentTold) -> Outcome:
    return Outcome.PARTIAL if told.partial else Outcome.COMPLETE


def _software(told: AgentTold, family: str) -> Iterator[Software]:
    scope = f"{told.tool}:software"
    return software_of(
        rows(told.content, "softwares"),
        family=family,
        scope=scope,
        users_scope=f"{scope}:users",
        day_first=told.day_first,
    )


def _software_runs(told: AgentTold, family: str, software: tuple[Software, ...]) -> Iterator[ScopeRun]:
    """Account for the list of software, for what single users have, and for what such an agent never looks at."""
    scope = f"{told.tool}:software"
    if "softwares" not in told.content:
        if not told.partial:
            fault = Fault("softwares", "the document has no such section: this agent was told to leave it out")
            yield ScopeRun(told.tool, scope, Outcome.FAILED, faults=(fault,))
        return
    personal = sum(item.scope != scope for item in software)
    nameless = sum(text(row, "name") is None for row in rows(told.content, "softwares"))
    faults = (Fault("softwares", f"{nameless} records without a name"),) if nameless else ()
    outcome = Outcome.PARTIAL if nameless else _outcome(told)
    yield ScopeRun(told.tool, scope, outcome, found=len(software) - personal, faults=faults)
    if personal or family == "windows":
        fault = Fault("softwares", "only users whose settings were loaded during the scan")
        yield ScopeRun(told.tool, f"{scope}:users", Outcome.PARTIAL, found=personal, faults=(fault,))
    yield ScopeRun(told.tool, f"{told.tool}:unseen", Outcome.PARTIAL, faults=(Fault("not listed", _UNSEEN[family]),))


def _whole(told: AgentTold) -> ScopeRun:
    faults = (Fault("partial", "only the sections that changed"),) if told.partial else ()
    return ScopeRun(PARTS, f"{told.tool}:document", _outcome(told), faults=faults)


def _activations(content: Section, scope: str) -> Iterator[Activation]:
    for index, row in enumerate(rows(content, "licenseinfos")):
        name = text(row, "fullname", "name")
        if name is None:
            continue
        yield Activation(
            kind=_kind_of_licence(name),
            scope=scope,
            seen_at=f"licenseinfos[{index}]",
            product=name,
            product_id=text(row, "productid"),
            channel="OEM" if truth(row, "oem") else None,
            key_last5=key_tail(text(row, "key")),
            state="trial" if truth(row, "trial") else None,
        )
    if family_of(content) == "windows":
        yield from _windows_licence(content, scope)


def _windows_licence(content: Section, scope: str) -> Iterator[Activation]:
    hardware = one(content, "hardware")
    tail = key_tail(text(hardware, "winprodkey"))
    if tail is not None or text(hardware, "winprodid") is not None:
        product = text(hardware, "osname") or text(one(content, "operatingsystem"), "full_name") or "Windows"
        yield Activation(
            kind="windows",
            scope=scope,
            seen_at="hardware",
            product=product,
            product_id=text(hardware, "winprodid"),
            key_last5=tail,
        )


def _kind_of_licence(name: str) -> str:
    folded = name.casefold()
    if "office" in folded or "visio" in folded or "project" in folded:
        return "office"
    return "windows" if "windows" in folded else "other"


def _antivirus(content: Section, scope: str) -> Iterator[Trace]:
    for index, row in enumerate(rows(content, "antivirus")):
        name, enabled, fresh = text(row, "name"), truth(row, "enabled"), truth(row, "uptodate")
        if name is not None:
            yield Trace(
                kind="antivirus",
                name=name,
                scope=scope,
                seen_at=f"antivirus[{index}]",
                state=None if enabled is None else "on" if enabled else "off",
                value=None if fresh is None else "up_to_date" if fresh else "out_of_date",
                version=text(row, "version"),
                publisher=text(row, "company"),
            )


def _guests(content: Section, scope: str) -> Iterator[Guest]:
    for index, row in enumerate(rows(content, "virtualmachines")):
        name = text(row, "name")
        if name is not None:
            yield Guest(
                kind=(text(row, "subsystem", "vmtype") or "unknown").casefold(),
                name=name,
                scope=scope,
                seen_at=f"virtualmachines[{index}]",
                uuid=text(row, "uuid"),
                state=text(row, "status"),
                virtual_processors=number(row, "vcpu"),
                memory_bytes=_mebibytes(number(row, "memory")),
                operating_system=text(row, "operatingsystem"),
                image=text(row, "image"),
            )


def _databases(content: Section, scope: str) -> Iterator[DatabaseInstance]:
    for index, row in enumerate(rows(content, "databases_services")):
        name, active = text(row, "name"), truth(row, "is_active")
        words = f"{text(row, 'type') or ''} {name or ''}".casefold()
        kind = next((kind for kind, known in _DATABASES.items() if any(word in words for word in known)), None)
        if name is not None:
            yield DatabaseInstance(
                kind=kind or (text(row, "type") or "unknown").casefold(),
                name=name,
                scope=scope,
                seen_at=f"databases_services[{index}]",
                product=text(row, "manufacturer"),
                version=text(row, "version"),
                state=None if active is None else "running" if active else "stopped",
                port=number(row, "port"),
                location=text(row, "path"),
                databases=tuple(told for each in rows(row, "databases") if (told := text(each, "name")) is not None),
                size_bytes=_mebibytes(number(row, "size")),
                started_at=day(text(row, "last_boot_date")),
            )


def _programs(content: Section, scope: str) -> Iterator[RunningProgram]:
    """Yield each executable once; of a command line only the program is taken."""
    counted: dict[tuple[str, str | None], int] = {}
    for row in rows(content, "processes"):
        found = _EXECUTABLE.match(text(row, "cmd") or "")
        path = next((part for part in found.groups() if part), None) if found is not None else None
        if path is None or path.startswith("["):
            continue
        name = re.split(r"[\\/]", path)[-1].removesuffix(":")
        key = name, path if name != path else None
        if name:
            counted[key] = counted.get(key, 0) + 1
    for (name, place), instances in counted.items():
        yield RunningProgram(name=name, path=place, scope=scope, instances=instances)


def _mebibytes(count: int | None) -> int | None:
    return count * 1_048_576 if count else None

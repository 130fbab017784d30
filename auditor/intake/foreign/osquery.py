"""osquery results: what `osqueryi --json` prints, an object of several tables, and the logs of osqueryd and Fleet.

Format: a list of rows; an object {table: rows}; or one JSON object a line, with `hostIdentifier` and `name` (whose last
    part names the table): `snapshot` with all rows, `added` and `removed` with one, `diffResults` with both.
Gaps:   a log that begins in the middle, without a snapshot or a first result (`counter` 0), only adds: what it removed
    cannot be told from what was never there. Users' own programs only where osquery looked into their profiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from auditor.core.other_tools import DEVICE, PARTS
from auditor.errors import Refused
from auditor.intake.foreign.agent_hosts import distribution_of
from auditor.intake.foreign.told import Came, Read, Section, day, number, text, utc

TOOL = "osquery"
_MAX_LINES = 2_000_000
_SOFTWARE = {
    "programs": "uninstall_keys",
    "deb_packages": "dpkg",
    "rpm_packages": "rpm",
    "apps": "applications",
    "homebrew_packages": "homebrew",
    "patches": "hotfixes",
    "python_packages": "python_packages",
}
_ABOUT = ("system_info", "os_version", "interface_details", "interface_addresses")
TABLES = (*_SOFTWARE, *_ABOUT)
_BY_COLUMN = (
    ("identifying_number", "programs"), ("uninstall_string", "programs"), ("install_source", "programs"),
    ("maintainer", "deb_packages"), ("package_group", "rpm_packages"), ("bundle_identifier", "apps"),
    ("hotfix_id", "patches"), ("hardware_serial", "system_info"), ("codename", "os_version"),
    ("platform_like", "os_version"), ("mac", "interface_details"), ("prefix", "homebrew_packages"),
)  # fmt: skip
"""A column that only one table has → that table, for rows that come without its name."""
_DOMAINS = {"windows": "windows", "darwin": "macos", "macos": "macos"}
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_UNSEEN = "whatever the queries did not ask for"


@dataclass
class _Table:
    """The rows of one table as the log leaves them."""

    rows: dict[str, Section] = field(default_factory=dict)
    whole: bool = False
    """A full result was seen, so that what is not here is not there."""
    lost: int = 0
    """Removals of rows that were never shown."""


@dataclass
class _Machine:
    at: datetime | None = None
    tables: dict[str, _Table] = field(default_factory=dict)

    def table(self, name: str) -> _Table:
        return self.tables.setdefault(name, _Table())


def is_osquery(plain: Any) -> bool:
    """Tell whether a JSON value is a result of osquery."""
    if isinstance(plain, list):
        return bool(plain) and isinstance(plain[0], dict) and _table_of_columns(plain[0]) is not None
    if not isinstance(plain, dict):
        return False
    return "hostIdentifier" in plain or (bool(plain) and set(plain) & set(TABLES) == set(plain) - {"hostIdentifier"})


def read_osquery(plain: Any, came: Came) -> Read:
    """Return the document of rows without a log: of one machine, named by its `system_info` or by the file."""
    if isinstance(plain, dict) and "hostIdentifier" in plain and ("columns" in plain or "snapshot" in plain):
        return read_osquery_log(msgspec.json.encode(plain), came)
    machine = _Machine(at=came.at)
    if isinstance(plain, list):
        name = _table_of_columns(plain[0] if plain and isinstance(plain[0], dict) else {})
        if name is None:
            raise Refused("[0]", f"expected rows of one of the tables {', '.join(TABLES)}")
        plain = {name: plain}
    for name, rows in plain.items():
        if name in TABLES and isinstance(rows, list):
            _replace(machine.table(name), rows)
    return Read((_inventory(None, machine, came),))


def read_osquery_log(data: bytes, came: Came) -> Read:
    """Return a document for each host of a log, as it stood at its last line. Raises `Refused` when no line is one."""
    machines: dict[str, _Machine] = {}
    problems: list[str] = []
    for number_of_line, line in enumerate(data.splitlines(), start=1):
        if number_of_line > _MAX_LINES:
            problems.append(f"line {number_of_line}: expected at most {_MAX_LINES} lines; the rest was left out")
            break
        if not line.strip():
            continue
        fault = _take_line(line, machines)
        if fault is not None:
            problems.append(f"line {number_of_line}: {fault}")
    if not machines:
        raise Refused("", problems[0] if problems else "expected results of osquery, one JSON object a line")
    documents = tuple(_inventory(name, machine, came) for name, machine in sorted(machines.items()))
    return Read(documents, tuple(problems[:50]))


def _take_line(line: bytes, machines: dict[str, _Machine]) -> str | None:
    """Bring one line of the log in; return what is wrong with it."""
    try:
        plain = msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return "expected a JSON object"
    host = plain.get("hostIdentifier") if isinstance(plain, dict) else None
    if not isinstance(host, str) or not host.strip():
        return "expected a result with hostIdentifier"
    name = _table_of_name(str(plain.get("name", ""))) or _table_of_result(plain)
    machine = machines.setdefault(host.strip(), _Machine())
    moment = _moment(plain.get("unixTime"))
    machine.at = max(filter(None, (machine.at, moment)), default=None)
    if name is None:
        return None  # a query of something else: nothing of ours
    table, snapshot = machine.table(name), plain.get("snapshot")
    first = plain.get("counter") in (0, "0")
    if isinstance(snapshot, list):
        _replace(table, snapshot)
        return None
    differences = plain.get("diffResults")
    if isinstance(differences, Mapping):
        _apply(table, _rows(differences.get("removed")), added=False)
        _apply(table, _rows(differences.get("added")), added=True)
    elif isinstance(plain.get("columns"), Mapping) and plain.get("action") in ("added", "removed"):
        _apply(table, [plain["columns"]], added=plain["action"] == "added")
    else:
        return "expected columns with the action added or removed, a snapshot, or diffResults"
    table.whole = table.whole or first
    return None


def _replace(table: _Table, rows: Iterable[Any]) -> None:
    table.rows.clear()
    _apply(table, _rows(rows), added=True)
    table.whole = True


def _apply(table: _Table, rows: Iterable[Section], *, added: bool) -> None:
    for row in rows:
        key = msgspec.json.encode(row, order="sorted").decode("utf-8")
        if added:
            table.rows[key] = row
        elif table.rows.pop(key, None) is None:
            table.lost += 1


def _rows(value: Any) -> list[Section]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def _table_of_name(name: str) -> str | None:
    """`pack_fleet_software_deb_packages`, `pack/it/programs` → the table whose name is in it, the longest first."""
    folded = name.casefold()
    return next((known for known in sorted(TABLES, key=len, reverse=True) if known in folded), None)


def _table_of_columns(row: Section) -> str | None:
    return next((table for column, table in _BY_COLUMN if column in row), None)


def _table_of_result(plain: Mapping[str, Any]) -> str | None:
    candidates = [plain.get("columns"), *_rows(plain.get("snapshot"))[:1]]
    return next((found for row in candidates if isinstance(row, Mapping) and (found := _table_of_columns(row))), None)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _inventory(host: str | None, machine: _Machine, came: Came) -> Inventory:
    about = {name: list(machine.table(name).rows.values()) for name in _ABOUT}
    told = _host(host, about, machine)
    asked = [name for name in _SOFTWARE if name in machine.tables]
    software = tuple(item for name in asked for item in _software(name, machine.tables[name].rows.values()))
    runs = [_run(name, machine.tables[name], sum(s.scope == f"{TOOL}:{name}" for s in software)) for name in asked]
    unseen = ScopeRun(TOOL, f"{TOOL}:unseen", Outcome.PARTIAL, faults=(Fault("not listed", _UNSEEN),))
    is_whole = bool(about["os_version"])
    whole = ScopeRun(PARTS, f"{TOOL}:document", Outcome.COMPLETE if is_whole else Outcome.PARTIAL)
    return Inventory(
        contract=CONTRACT_VERSION,
        collected_at=utc(machine.at or came.at),
        scanner=Scanner(TOOL, "unknown", agent_id=f"{DEVICE}{TOOL}:{host}" if host else None),
        host=told,
        software=software,
        coverage=(*runs, unseen, whole),
    )


def _run(name: str, table: _Table, found: int) -> ScopeRun:
    faults = []
    if not table.whole:
        faults.append(Fault(name, "only changes: no full result comes before them"))
    if table.lost:
        faults.append(Fault(name, f"{table.lost} removals of rows that were not shown before"))
    return ScopeRun(
        TOOL, f"{TOOL}:{name}", Outcome.COMPLETE if table.whole else Outcome.PARTIAL, found=found, faults=tuple(faults)
    )


def _host(identifier: str | None, about: Mapping[str, list[Section]], machine: _Machine) -> Host:
    info, system = _first(about["system_info"]), _first(about["os_version"])
    platform = (text(system, "platform") or "").casefold()
    name = text(system, "name")
    family = _DOMAINS.get(platform) or _family(name, machine)
    cores, threads = number(info, "cpu_physical_cores"), number(info, "cpu_logical_cores")
    brand = text(info, "cpu_brand")
    macs = {address for row in about["interface_details"] if (address := (text(row, "mac") or "").casefold())}
    return Host(
        operating_system=OperatingSystem(
            family=family,
            name=None if name is None else name.removeprefix("Microsoft "),
            version=text(system, "version"),
            build=text(system, "build"),
            release=text(system, "codename") if family != "linux" else None,
            architecture=text(system, "arch"),
            distribution=(platform or distribution_of(name)) if family == "linux" else None,
            installed_on=day(text(system, "install_date")),
        ),
        name=text(info, "hostname", "computer_name") or identifier,
        manufacturer=text(info, "hardware_vendor"),
        model=text(info, "hardware_model"),
        serial=text(info, "hardware_serial"),
        board_serial=text(info, "board_serial"),
        uuid=text(info, "uuid"),
        mac_addresses=tuple(sorted(mac for mac in macs if _MAC.fullmatch(mac) and mac != "00:00:00:00:00:00")),
        processors=(Processor(brand, cores, threads),) if brand or cores else (),
        memory_bytes=number(info, "physical_memory"),
    )


def _family(name: str | None, machine: _Machine) -> str:
    if name is not None or "deb_packages" in machine.tables or "rpm_packages" in machine.tables:
        return "windows" if "windows" in (name or "").casefold() else "linux"
    if "programs" in machine.tables or "patches" in machine.tables:
        return "windows"
    return "macos" if "apps" in machine.tables else "other"


def _first(rows: list[Section]) -> Section:
    return rows[0] if rows else {}


def _software(table: str, rows: Iterable[Section]) -> Iterator[Software]:
    for index, row in enumerate(rows):
        made = _one(table, row, f"{table}[{index}]")
        if made is not None:
            yield made


def _one(table: str, row: Section, seen_at: str) -> Software | None:
    name = text(row, "hotfix_id") if table == "patches" else text(row, "name")
    if (table == "deb_packages" and "not-installed" in (text(row, "status") or "")) or name is None:
        return None
    version, release = text(row, "version"), text(row, "release")
    if table == "rpm_packages" and version is not None and release is not None:
        version = f"{version}-{release}"
    if table == "apps":
        name = (text(row, "display_name", "bundle_name") or name).removesuffix(".app")
        version = text(row, "bundle_short_version", "bundle_version")
    is_package = table in ("deb_packages", "rpm_packages", "homebrew_packages", "python_packages")
    written = text(row, "install_date", "install_time", "installed_on")
    size = number(row, "size")
    return Software(
        source=_SOFTWARE[table],
        name=name,
        scope=f"{TOOL}:{table}",
        seen_at=seen_at,
        version=version,
        publisher=text(row, "publisher", "maintainer", "vendor")
        or ("Microsoft Corporation" if table == "patches" else None),
        identifier=name if is_package else text(row, "identifying_number", "bundle_identifier"),
        architecture=text(row, "arch"),
        language=text(row, "language"),
        installed_on=day(written),
        install_date_raw=written if written and day(written) != written else None,
        location=text(row, "install_location", "path"),
        size_bytes=size * 1024 if size is not None and table == "deb_packages" else size,
        per_user=False if is_package else None,
        section=text(row, "section", "package_group"),
        parent=text(row, "source") if table in ("deb_packages", "rpm_packages") else None,
        update=True if table == "patches" else None,
        upgrade_code=text(row, "upgrade_code"),
    )

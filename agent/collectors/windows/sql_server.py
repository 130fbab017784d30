"""Instances of Microsoft SQL Server with edition and version, as its set-up wrote them into the registry.

Source: `Microsoft SQL Server\\Instance Names\\{SQL,OLAP,RS}` and, of each instance, `Setup` (Edition, Version,
    PatchLevel, SQLPath) and `MSSQLServer\\CurrentVersion` in both views; SQL Server 2000 below
    `Microsoft\\MSSQLServer`. Recorded files: hives, exports.
Absent: no such key.
Records: a database instance for each engine, and a title that carries the edition for each engine, Analysis Services
    and Reporting Services; the title is marked as a system component, since people see the entry of Uninstall.
Gaps:   databases in it, connections, cores that it may use: they are told by the server itself alone; whether it is
    running is told by `services`.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import NOT_READ, Collector, Found, Problem, Scope
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, keys_or_outcome, opened, quiet
from agent.formats.registry_hive import DamagedHive
from agent.inventory.databases import DatabaseInstance
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

NAME = "sql_server"
SCOPE = NAME + ":registry"
PARTS = {
    "SQL": "Database Engine",
    "OLAP": "Analysis Services",
    "RS": "Reporting Services",
}
RELEASES = {
    "8": "2000",
    "9": "2005",
    "10.0": "2008",
    "10.50": "2008 R2",
    "10.5": "2008 R2",
    "11": "2012",
    "12": "2014",
    "13": "2016",
    "14": "2017",
    "15": "2019",
    "16": "2022",
    "17": "2025",
}
"""First numbers of the version → release, as Microsoft's table of build numbers has them."""
MAX_INSTANCES = 100

_ABOVE = "Microsoft\\Microsoft SQL Server"
_OLD = "Microsoft\\MSSQLServer\\MSSQLServer\\CurrentVersion"


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the instances of both views."""
    yield from instances(machine.registry_key)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the instances of a SOFTWARE hive or an export. Raises `Unreadable` when it is neither."""
    yield from instances(opened(data, name).read)


def instances(read: Reader) -> Iterator[Found]:
    """Yield every instance, each once."""
    paths = [view + path for view in SOFTWARE_VIEWS for path in (_ABOVE + "\\Instance Names", _OLD)]
    there = keys_or_outcome(read, paths, SCOPE)
    if isinstance(there, NOT_READ):
        yield there
        return
    yield Scope(SCOPE)
    done = set()
    for view in SOFTWARE_VIEWS:
        for part, title in PARTS.items():
            names = quiet(read, "%s%s\\Instance Names\\%s" % (view, _ABOVE, part))
            for name, place in () if names is None else list(names.values.items())[:MAX_INSTANCES]:
                if isinstance(place, str) and place and (part, place.upper()) not in done:
                    done.add((part, place.upper()))
                    yield from _instance(read, "%s%s\\%s" % (view, _ABOVE, place), part, title, name)
        old = Values(quiet(read, view + _OLD))
        if old.text("CurrentVersion") and ("SQL", "MSSQLSERVER") not in done:
            done.add(("SQL", "MSSQLSERVER"))
            yield _database(
                "MSSQLSERVER", view + _OLD, old.text("CSDVersion") or old.text("CurrentVersion"), None, None
            )


def _instance(read: Reader, path: str, part: str, title: str, name: str) -> Iterator[Found]:
    try:
        setup = Values(read(path + "\\Setup"))
    except (Unreadable, DamagedHive) as error:
        yield Problem(path, error.why)
        return
    version = setup.text("PatchLevel") or setup.text("Version")
    edition, folder = setup.text("Edition"), setup.text("SQLPath") or setup.text("SqlProgramDir")
    if part == "SQL":
        yield _database(name, path, version, edition, folder)
    release = release_of(version)
    yield Software(
        source=NAME,
        name=" ".join(filter(None, ("Microsoft SQL Server", release, title))),
        scope=SCOPE,
        seen_at=path + "\\Setup",
        version=version,
        publisher="Microsoft Corporation",
        identifier="%s\\%s" % (part, name),
        location=folder,
        per_user=False,
        system_component=True,
        edition=edition,
    )


def _database(
    name: str, seen_at: str, version: str | None, edition: str | None, folder: str | None
) -> DatabaseInstance:
    release = release_of(version)
    return DatabaseInstance(
        kind="sql_server",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        product=" ".join(filter(None, ("Microsoft SQL Server", release))),
        version=version,
        edition=edition,
        location=folder,
    )


def release_of(version: str | None) -> str | None:
    """Return `2019` for `15.0.4123.1`, `None` for a version that the table does not hold."""
    parts = (version or "").split(".")
    return RELEASES.get(".".join(parts[:2])) or RELEASES.get(parts[0])


SQL_SERVER = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)

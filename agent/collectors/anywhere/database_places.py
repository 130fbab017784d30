"""Where each kind of database server leaves its traces, read without signing in, for the collector `databases`."""

from __future__ import annotations

import re
from typing import Iterator, Mapping, Union

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Problem
from agent.formats.console_text import decode_text
from agent.formats.whole_number import whole_number
from agent.inventory.databases import DatabaseInstance
from agent.machine.base import Machine, Unreadable

Seen = Iterator[Union[DatabaseInstance, Problem]]
MAX_BYTES = 1 << 20
POSTGRES_PLACES = (
    "/var/lib/postgresql/*/*/PG_VERSION",
    "/var/lib/pgsql/*/data/PG_VERSION",
    "/var/lib/pgsql/data/PG_VERSION",
    "/var/lib/postgres/data/PG_VERSION",
)
KINGBASE_PLACES = (
    "/opt/Kingbase/ES/V*/data/KB_VERSION",
    "/opt/Kingbase/ES/V*/data/PG_VERSION",
    "/opt/Kingbase/ES/V*/data/SYS_VERSION",
    "/home/kingbase/ES/V*/data/KB_VERSION",
    "/home/kingbase/cluster/*/*/kingbase/data/KB_VERSION",
    "/data/kingbase/*/KB_VERSION",
)
DM_SETTINGS = (
    "/opt/dmdbms/data/*/dm.ini",
    "/home/dmdba/dmdbms/data/*/dm.ini",
    "/dm*/data/*/dm.ini",
    r"C:\dmdbms\data\*\dm.ini",
)
ORATABS = ("/etc/oratab", "/var/opt/oracle/oratab")
_EDITIONS_OF_ORACLE = {
    "EE": "Enterprise Edition",
    "SE": "Standard Edition",
    "SE2": "Standard Edition 2",
    "XE": "Express Edition",
}


def sql_server(machine: Machine) -> Seen:
    """The instance below /opt/mssql; on Windows a collector of its own reads the registry."""
    path = "/var/opt/mssql/log/errorlog"
    if machine.family != "windows" and (machine.exists("/opt/mssql/bin/sqlservr") or machine.exists(path)):
        yield from _from_text(machine, path, "sql_server", _state(machine, ("sqlservr",)))


def oracle(machine: Machine) -> Seen:
    """Instances of oratab; on Windows those of the homes in the registry."""
    if machine.family == "windows":
        yield from _oracle_homes(machine)
        return
    running = {process.name for process in machine.running() or ()}
    for path in ORATABS:
        text = _text(machine, path)
        if isinstance(text, Problem):
            yield text
            continue
        if not text:
            continue
        from agent.formats.database_text import parse_database_text

        for told in parse_database_text(text, "oratab"):
            version, edition = _of_oracle_home(machine, told.location or "", "/")
            state = "running" if "ora_pmon_%s" % told.name in running or "oracle" in running else "stopped"
            yield DatabaseInstance(
                "oracle", told.name or "default", "", path, "Oracle Database", version, edition,
                state if running else None, location=told.location,
            )  # fmt: skip
        return


def _oracle_homes(machine: Machine) -> Seen:
    root = r"HKLM\SOFTWARE\ORACLE"
    try:
        key = machine.registry_key(root)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    for name in () if key is None else key.subkeys[:200]:
        if not name.upper().startswith("KEY_"):
            continue
        values = _values(machine, root + "\\" + name)
        if isinstance(values, Problem):
            yield values
        elif values.get("ORACLE_SID"):
            version, edition = _of_oracle_home(machine, values.get("ORACLE_HOME", ""), "\\")
            yield DatabaseInstance(
                "oracle", values["ORACLE_SID"], "", root + "\\" + name, "Oracle Database", version, edition,
                location=values.get("ORACLE_HOME"),
            )  # fmt: skip


def _of_oracle_home(machine: Machine, home: str, separator: str) -> tuple[str | None, str | None]:
    """Return (version, edition) that the installer wrote down below a home."""
    if not home:
        return None, None
    parts = ("inventory", "globalvariables", "oracle.server", "globalvariables.xml")
    said = _text(machine, separator.join((home, *parts)))
    found = (
        re.search(r"oracle_install_(?:db_)?InstallType\"[^>]*\bVAL(?:UE)?=\"(\w+)\"", said or "")
        if isinstance(said, str)
        else None
    )
    listed = _text(machine, separator.join((home, "inventory", "ContentsXML", "comps.xml")))
    version = (
        re.search(r"<COMP NAME=\"oracle\.server\" VER=\"([\d.]+)\"", listed or "") if isinstance(listed, str) else None
    )
    edition = _EDITIONS_OF_ORACLE.get(found.group(1).upper()) if found else None
    return (version.group(1) if version else None), edition


def postgresql(machine: Machine) -> Seen:
    """Clusters by their PG_VERSION; on Windows those that the installer put into the registry."""
    if machine.family == "windows":
        yield from _postgres_installations(machine)
        return
    state = _state(machine, ("postgres", "postmaster"))
    for pattern in POSTGRES_PLACES:
        for entry in expand(machine, pattern):
            text = _text(machine, entry.path)
            folder = entry.path.rpartition("/")[0]
            name = folder.rpartition("/")[2]
            if isinstance(text, Problem):
                yield text
                continue
            yield DatabaseInstance(
                "postgresql", name if name != "data" else "default", "", entry.path, "PostgreSQL",
                (text or "").strip()[:20] or None, state=state, location=folder, port=_postgres_port(machine, folder),
            )  # fmt: skip


def _postgres_port(machine: Machine, folder: str) -> int | None:
    parts = folder.split("/")
    for path in ("/etc/postgresql/%s/%s/postgresql.conf" % (parts[-2], parts[-1]), folder + "/postgresql.conf"):
        text = _text(machine, path)
        found = re.search(r"^\s*port\s*=\s*(\d{1,5})", text, re.MULTILINE) if isinstance(text, str) else None
        if found is not None:
            return whole_number(found.group(1), 5)
    return None


def _postgres_installations(machine: Machine) -> Seen:
    root = r"HKLM\SOFTWARE\PostgreSQL\Installations"
    try:
        key = machine.registry_key(root)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    for name in () if key is None else key.subkeys[:200]:
        values = _values(machine, root + "\\" + name)
        service = _values(machine, r"HKLM\SOFTWARE\PostgreSQL\Services" + "\\" + name)
        if isinstance(values, Problem):
            yield values
            continue
        port = "" if isinstance(service, Problem) else service.get("Port", "")
        yield DatabaseInstance(
            "postgresql", name, "", root + "\\" + name, "PostgreSQL", values.get("Version"),
            location=values.get("Base Directory"), port=whole_number(port, 5),
        )  # fmt: skip


def mysql(machine: Machine) -> Seen:
    """What `mysqld` or `mariadbd` says of itself."""
    for program in ("mariadbd", "mysqld"):
        found = list(_from_command(machine, (program, "--version"), _state(machine, ("mariadbd", "mysqld"))))
        if found:
            yield from found
            return


def mongodb(machine: Machine) -> Seen:
    """What `mongod` says of itself."""
    return _from_command(machine, ("mongod", "--version"), _state(machine, ("mongod",)))


def db2(machine: Machine) -> Seen:
    """Installed copies of `db2ls`, and how `db2licm -l` says that they are licensed."""
    state = _state(machine, ("db2sysc",))
    found = list(_from_command(machine, ("/usr/local/bin/db2ls", "-c"), state))
    yield from found
    for each in found:
        tool = each.location + "/adm/db2licm" if isinstance(each, DatabaseInstance) and each.location else ""
        if tool and machine.exists(tool) and machine.may_be_run(tool):
            yield from _from_command(machine, (tool, "-l"), state)


def dameng(machine: Machine) -> Seen:
    """Instances of DM by their dm.ini."""
    state = _state(machine, ("dmserver", "dmserver.exe"))
    found = False
    for pattern in DM_SETTINGS:
        if pattern.startswith("/") == (machine.family == "windows"):
            continue
        for entry in expand(machine, pattern):
            text = _text(machine, entry.path)
            found = True
            if isinstance(text, Problem):
                yield text
                continue
            said = dict(
                re.findall(r"^\s*(INSTANCE_NAME|PORT_NUM|SYSTEM_PATH)\s*=\s*([^\s#]+)", text or "", re.MULTILINE)
            )
            yield DatabaseInstance(
                "dameng", said.get("INSTANCE_NAME", "default")[:128], "", entry.path, "达梦数据库 DM", state=state,
                port=whole_number(said.get("PORT_NUM"), 5), location=said.get("SYSTEM_PATH"),
            )  # fmt: skip
    if not found and state == "running":
        yield DatabaseInstance("dameng", "default", "", "processes", "达梦数据库 DM", state=state)


def kingbase(machine: Machine) -> Seen:
    """Clusters of KingbaseES by their version files, with the version that the program says."""
    state = _state(machine, ("kingbase", "kingbase.exe"))
    found = False
    for pattern in KINGBASE_PLACES:
        for entry in expand(machine, pattern):
            folder = entry.path.rpartition("/")[0]
            found = True
            text = _text(machine, folder + "/kingbase.conf")
            port = re.search(r"^\s*port\s*=\s*(\d{1,5})", text, re.MULTILINE) if isinstance(text, str) else None
            version = _text(machine, entry.path)
            yield DatabaseInstance(
                "kingbase", folder.rpartition("/")[2], "", entry.path, "KingbaseES", state=state, location=folder,
                version=version.strip()[:40] if isinstance(version, str) and version.strip() else None,
                port=whole_number(port.group(1), 5) if port else None,
            )  # fmt: skip
    if not found and state == "running":
        yield DatabaseInstance("kingbase", "default", "", "processes", "KingbaseES", state=state)


def _state(machine: Machine, programs: tuple[str, ...]) -> str | None:
    """Return whether one of the programs runs, `None` where nobody knows what runs."""
    running = machine.running()
    if running is None:
        return None
    return "running" if any(process.name.lower() in programs for process in running) else "stopped"


def _values(machine: Machine, path: str) -> Mapping[str, str] | Problem:
    try:
        key = machine.registry_key(path)
    except Unreadable as error:
        return Problem(error.where, error.why)
    if key is None:
        return {}
    return {name: value for name, value in key.values.items() if isinstance(value, str)}


def _text(machine: Machine, path: str) -> str | Problem | None:
    try:
        data = machine.read_bytes(path, MAX_BYTES)
    except Unreadable as error:
        return Problem(path, error.why)
    return None if data is None else decode_text(data)[0]


def _from_text(machine: Machine, path: str, kind: str, state: str | None) -> Seen:
    """Yield what a log says; without one, or without a word in it, that a server is there."""
    text = _text(machine, path)
    if isinstance(text, Problem):
        yield text
        text = None
    yield from _instances(text or "", path, state, kind)


def _from_command(machine: Machine, command: tuple[str, ...], state: str | None) -> Seen:
    try:
        text = machine.run(list(command))
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if text is not None:
        yield from _instances(text, " ".join(command), state, None)


def _instances(text: str, seen_at: str, state: str | None, kind: str | None) -> Seen:
    from agent.formats.database_text import DatabaseTold, merged, parse_database_text

    told = merged(parse_database_text(text, seen_at))
    if not told and kind is not None:
        told = (DatabaseTold(kind),)
    for each in told:
        said = dict(vars(each))
        del said["sizes"]
        said.update(name=said["name"] or "default", state=said["state"] or state)
        yield DatabaseInstance(scope="", seen_at=seen_at, **said)

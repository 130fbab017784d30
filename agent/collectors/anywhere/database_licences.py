"""Licences of databases that say them in files: KingbaseES's license.dat, DM's dm.key and log, others' by their
presence.

Source: `license.dat` of KingbaseES (product, edition, holder, term, limits); `dm.key` of DM by size, day and digest,
    with what the last log of the instance says of the term; licence files of GBase, 神通, 瀚高 and Vastbase by their
    presence; in named places and beside the server's program that runs; scope `database_licences`. Recorded files:
    license.dat, the text of `get_license_info()`, a log or console text of DM.
Absent: no licence file of a database was found.
Gaps:   dm.key is sealed: edition and limits of DM stand in `V$LICENSE`, which needs an account and is not asked; a
    licence that its server holds in a table; installations elsewhere whose server does not run.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "database_licences"
MAX_BYTES = 4 << 20
LAST_BYTES = 1 << 20
"""Of a log its end is read."""

KINGBASE_PLACES = (
    "/opt/Kingbase/ES/V*/license.dat",
    "/opt/Kingbase/ES/V*/Server/bin/license.dat",
    "/opt/Kingbase/ES/V*/KESRealPro/*/Server/bin/license.dat",
    "/opt/kingbase/ES/V*/Server/bin/license.dat",
    "/home/kingbase/ES/V*/license.dat",
    "/home/kingbase/ES/V*/Server/bin/license.dat",
    "/home/kingbase/cluster/*/*/kingbase/bin/license.dat",
    r"C:\Program Files\Kingbase\ES\V*\license.dat",
    r"C:\Program Files\Kingbase\ES\V*\Server\bin\license.dat",
)
DM_PLACES = ("/opt/dmdbms/bin", "/home/dmdba/dmdbms/bin", "/dm*/dmdbms/bin", "/opt/dm*/bin", r"C:\dmdbms\bin")
OTHER_PLACES = (
    ("gbase", "/opt/gbase*/etc/license*"),
    ("gbase", "/opt/GBASE/gbase*/etc/license*"),
    ("shentong", "/opt/ShenTong/license*"),
    ("shentong", "/opt/ShenTong/admin/license*"),
    ("highgo", "/opt/HighGo*/etc/*.lic"),
    ("highgo", "/opt/highgo*/etc/*.lic"),
    ("vastbase", "/home/vastbase/vastbase.license"),
    ("vastbase", "/opt/vastbase*/*license*"),
    ("shentong", r"C:\ShenTong\license*"),
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the licences of each database that is here. Raises `Absent` when there is none."""
    found = False
    for each in (*_kingbase(machine), *_dameng(machine), *_others(machine)):
        if not found:
            found = True
            yield Scope(NAME)
        yield each
    if not found:
        raise Absent(NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what license.dat or a text of DM tells. Raises `Unreadable` for any other file."""
    from agent.collectors.anywhere.database_licence_records import dameng_record, kingbase_record

    text = decode_text(data)[0]
    found = [each for each in (kingbase_record(text, NAME, name), dameng_record(text, NAME, name)) if each is not None]
    if not found:
        raise Unreadable(name, "no licence of a database that could be read")
    yield Scope(NAME)
    yield from found


def _kingbase(machine: Machine) -> Iterator[Found]:
    places = [pattern for pattern in KINGBASE_PLACES if pattern.startswith("/") == (machine.family != "windows")]
    places += [folder + "/license.dat" for folder in _folders_of(machine, ("kingbase", "kingbase.exe"))]
    for path in _files(machine, places):
        data = _read(machine, path)
        if isinstance(data, Problem):
            yield data
        elif data is not None:
            from agent.collectors.anywhere.database_licence_records import kingbase_record  # few machines have one

            feature = kingbase_record(decode_text(data)[0], NAME, path)
            yield _file(machine, path, data)
            if feature is None:
                yield Problem(path, "no line that says the licence")
            else:
                yield feature


def _dameng(machine: Machine) -> Iterator[Found]:
    patterns = [pattern for pattern in DM_PLACES if pattern.startswith("/") == (machine.family != "windows")]
    folders = _folders_of(machine, ("dmserver", "dmserver.exe"))
    folders += [entry.path for pattern in patterns for entry in expand(machine, pattern) if entry.is_folder]
    for folder in dict.fromkeys(folders):
        separator = "/" if folder.startswith("/") else "\\"
        if not any(machine.exists(folder + separator + name) for name in ("dmserver", "dmserver.exe", "dm.key")):
            continue
        key = _read(machine, folder + separator + "dm.key")
        if isinstance(key, Problem):
            yield key
        elif key is not None:
            yield _file(machine, folder + separator + "dm.key", key)
        above = folder[: folder.rfind(separator)]
        yield from _dm_log(machine, above + separator + "log" + separator + "dm_*.log", key is not None)


def _dm_log(machine: Machine, pattern: str, has_key: bool) -> Iterator[Found]:
    """Read the last log of the instance: it says when the licence ends."""
    logs = [
        entry
        for entry in expand(machine, pattern)
        if entry.is_file and re.match(r"dm_(?!dmap|dmrman|BAKRES)", entry.name)
    ]
    for entry in sorted(logs, key=lambda entry: entry.name, reverse=True)[:4]:
        data = _read(machine, entry.path)
        if isinstance(data, Problem):
            yield data
            continue
        from agent.collectors.anywhere.database_licence_records import dameng_record  # few machines have one

        told = dameng_record(decode_text(data[-LAST_BYTES:])[0], NAME, entry.path) if data else None
        if told is not None:
            yield told
            return


def _others(machine: Machine) -> Iterator[Found]:
    for product, pattern in OTHER_PLACES:
        if pattern.startswith("/") != (machine.family != "windows"):
            continue
        for entry in expand(machine, pattern):
            data = _read(machine, entry.path) if entry.is_file else None
            if isinstance(data, Problem):
                yield data
            elif data is not None:
                yield _file(machine, entry.path, data, product)


def _folders_of(machine: Machine, programs: tuple[str, ...]) -> list[str]:
    paths = [process.path for process in machine.running() or () if process.name.lower() in programs and process.path]
    return sorted({path[: max(path.rfind("/"), path.rfind("\\"))] for path in paths})


def _files(machine: Machine, patterns: list[str]) -> list[str]:
    found = [entry.path for pattern in patterns for entry in expand(machine, pattern) if entry.is_file]
    return list(dict.fromkeys(found))


def _read(machine: Machine, path: str) -> bytes | Problem | None:
    try:
        return machine.read_bytes(path, MAX_BYTES)
    except Unreadable as error:
        return Problem(path, error.why)


def _file(machine: Machine, path: str, data: bytes, product: str | None = None) -> Trace:
    name = re.split(r"[\\/]", path)[-1]
    import hashlib  # nearly no machine has such a file

    digest = hashlib.sha256(data).hexdigest()
    return Trace(
        "file",
        name,
        NAME,
        path,
        path,
        product=product,
        size_bytes=len(data),
        sha256=digest,
        day=machine.modified_on(path),
    )


DATABASE_LICENCES = Collector(
    name=NAME, platforms=frozenset({"linux", "windows"}), collect=collect, parse_file=parse_file
)

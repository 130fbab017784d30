"""Linux systems inside Windows (WSL), as the registry of each person names them.

Source: `Software\\Microsoft\\Windows\\CurrentVersion\\Lxss` of each profile: name and package of the
    store; one scope a person: `wsl:<SID>`. Recorded files: `.reg` exports.
Absent: no profile has one.
Gaps:   what is installed inside, which an agent of its own tells; systems that were imported elsewhere and not
    registered.
"""

from __future__ import annotations

from typing import Callable, Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_value import HiveKey
from agent.inventory.guests import Guest
from agent.machine.base import Machine, RegistryKey, Unreadable

NAME = "wsl"
LXSS = r"Software\Microsoft\Windows\CurrentVersion\Lxss"
MAX_SYSTEMS = 200
_Read = Callable[[str], Union[RegistryKey, HiveKey, None]]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the systems of each person. Raises `Absent` when nobody has one."""
    found = False
    for hive in machine.user_hives():
        scope = "%s:%s" % (NAME, hive.sid)
        if hive.unreadable is not None:
            found = True
            yield ScopeFailed(scope, hive.unreadable)
            continue
        systems = list(systems_of(machine.registry_key, hive.root + "\\" + LXSS, scope))
        if systems:
            found = True
            yield Scope(scope)
            yield from systems
    if not found:
        raise Absent(LXSS)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the systems of an export. Raises `Unreadable` for any other file, `Absent` when it has none."""
    try:
        export = RegistryExport(data)
    except DamagedExport as damage:
        raise Unreadable(name, str(damage))
    above = sorted({path for path in export.paths() if path.lower().endswith("\\lxss")})
    if not above:
        raise Absent("%s: %s" % (name, LXSS))
    yield Scope(NAME)
    for path in above:
        yield from systems_of(export.key, path, NAME)


def systems_of(read: _Read, path: str, scope: str) -> Iterator[Guest | Problem]:
    """Yield the systems below one key; a key without a name is a leftover and passed over."""
    try:
        key = read(path)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    for name in () if key is None else tuple(key.subkeys)[:MAX_SYSTEMS]:
        where = path + "\\" + name
        try:
            below = read(where)
        except Unreadable as error:
            yield Problem(error.where, error.why)
            continue
        values = {} if below is None else {written.lower(): value for written, value in below.values.items()}
        shown, package = values.get("distributionname"), values.get("packagefamilyname")
        if not isinstance(shown, str) or not shown:
            continue
        yield Guest(
            kind="wsl",
            name=shown,
            scope=scope,
            seen_at=where,
            uuid=name.strip("{}").lower(),
            operating_system=package if isinstance(package, str) and package else None,
        )


WSL = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)

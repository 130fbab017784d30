"""Programs that Windows' own compatibility inventory knows, where nothing else lists them.

Source: `Root\\InventoryApplication` (Windows 10 and later) or `Root\\Programs` (8) of
    `C:\\Windows\\AppCompat\\Programs\\Amcache.hve`. Recorded files: an Amcache hive.
Absent: no such file: Windows 7 and older; a running Windows, which holds the file locked: without a shadow copy,
    which a scan does not make, it can be read on a mounted disk alone.
Left out: on a machine, a program whose name and version an Uninstall key of the machine lists already, and app
    packages.
Dates:  written month first, whatever the language of the system.
Gaps:   an entry may outlive its program until Windows looks again, so a record is a sign of a program and no proof
    of it; programs of a running machine.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, quiet
from agent.formats.registry_hive import IN_USE, DamagedHive, RegistryHive
from agent.formats.update_listing import month_first
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable
from agent.machine.hive_logs import with_logs

SOURCE = "amcache"
SCOPE = SOURCE + ":programs"
FILE = "C:\\Windows\\AppCompat\\Programs\\Amcache.hve"
MAX_PROGRAMS = 20_000
MAX_HIVE_BYTES = 256 * 1024 * 1024

_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"
_OLD = {
    "0": "Name",
    "1": "Version",
    "2": "Publisher",
    "3": "Language",
    "6": "Source",
    "a": "InstallDate",
    "d": "RootDirPath",
    "11": "MsiProductCode",
}
"""Values of `Root\\Programs`, whose names are numbers, by the names that later systems give them."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the programs that no Uninstall key of the machine lists."""
    if not machine.recorded:
        raise Absent("%s is held by the running Windows" % FILE)
    data = machine.read_bytes(FILE, MAX_HIVE_BYTES)
    if data is None:
        raise Absent(FILE)
    listed = _listed(machine.registry_key)
    for found in parse_file(with_logs(data, FILE, machine.read_bytes), FILE):
        if (
            not isinstance(found, Software)
            or found.origin != "AppxPackage"
            and (found.name.lower(), found.version or "") not in listed
        ):
            yield found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield every program of an Amcache hive. Raises `Unreadable` for no hive, `Absent` for another one."""
    try:
        hive = RegistryHive(data)
        place = next((each for each in ("Root\\InventoryApplication", "Root\\Programs") if hive.key(each)), None)
        above = None if place is None else hive.key(place)
    except DamagedHive as damage:
        raise Unreadable(name, str(damage))
    if place is None or above is None:
        raise Absent("%s: no inventory of applications" % name)
    yield Scope(SCOPE)
    if hive.is_dirty:
        yield Problem(name, IN_USE)
    for identifier in above.subkeys[:MAX_PROGRAMS]:
        where = place + "\\" + identifier
        try:
            key = hive.key(where)
        except DamagedHive as error:
            yield Problem(where, error.why)
            continue
        found = None if key is None else parse_program(_named(Values(key), place), identifier, where)
        if found is not None:
            yield found


def parse_program(values: dict[str, str | None], identifier: str, seen_at: str) -> Software | None:
    """Return the program of one key, `None` for one without a name."""
    name = values.get("Name")
    if name is None:
        return None
    day = values.get("InstallDate")
    return Software(
        source=SOURCE,
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        version=values.get("Version"),
        publisher=values.get("Publisher"),
        identifier=values.get("MsiProductCode") or identifier,
        installed_on=month_first(day),
        install_date_raw=day,
        location=values.get("RootDirPath"),
        origin=values.get("Source"),
    )


def _named(values: Values, place: str) -> dict[str, str | None]:
    """Return the wanted values by their names of today."""
    names = _OLD if place.endswith("Programs") else {name: name for name in _OLD.values()}
    return {new: values.text(old) for old, new in names.items()}


def _listed(read: Reader) -> frozenset[tuple[str, str]]:
    """Return name in lower case and version of every Uninstall entry of the machine."""
    found = set()
    for view in SOFTWARE_VIEWS:
        above = quiet(read, view + _UNINSTALL)
        for name in () if above is None else above.subkeys[:MAX_PROGRAMS]:
            values = Values(quiet(read, "%s%s\\%s" % (view, _UNINSTALL, name)))
            found.add(((values.text("DisplayName") or name).lower(), values.text("DisplayVersion") or ""))
    return frozenset(found)


AMCACHE = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, deep=True)

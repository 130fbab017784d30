"""One way to ask a registry, whatever holds it: the running system, a `.reg` export, a hive file.

A collector of registry facts is written once against `Reader`, which takes a full path (`HKLM\\SOFTWARE\\…`,
`HKU\\<SID>\\Software\\…`) and returns the key or `None`. `opened` makes such a reader out of the bytes of one recorded
file: an export answers for the paths that it holds; a hive is told by its own keys to be SOFTWARE, SYSTEM or that of
a person, and answers for that part of the registry alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterable, Iterator, Union

from agent.collectors.base import NOT_READ, ScopeAbsent, ScopeFailed
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import DamagedHive, RegistryHive
from agent.formats.registry_value import HiveKey, Value
from agent.machine.base import Machine, RegistryKey, Unreadable

Key = Union[RegistryKey, HiveKey]
Reader = Callable[[str], Union[RegistryKey, HiveKey, None]]

CURRENT_USER = "HKU\\current"
"""Under this prefix the hive of one person answers when a file does not say whose it is."""
SOFTWARE_VIEWS = ("HKLM\\SOFTWARE\\", "HKLM\\SOFTWARE\\WOW6432Node\\")
MAX_USERS = 1000

_SID = re.compile(r"HKEY_USERS\\(S-1-[0-9-]+)(?:\\|$)", re.IGNORECASE)


@dataclass(frozen=True)
class RegistryFile:
    """A recorded registry, opened. `users` are the prefixes under which persons' keys answer."""

    read: Reader
    users: tuple[str, ...]


class Values:
    """The values of one key, asked for in any case."""

    def __init__(self, key: Key | None) -> None:
        self._values = {} if key is None else {name.upper(): value for name, value in key.values.items()}

    def raw(self, name: str) -> Value | None:
        """Return a value as it is."""
        return self._values.get(name.upper())

    def text(self, name: str) -> str | None:
        """Return a text without blanks around it, `None` when it is empty or something else."""
        value = self.raw(name)
        return value.strip() or None if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a number, also one that was written as text."""
        value = self.raw(name)
        if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,10}\s*", value):
            return int(value)
        return value if isinstance(value, int) else None

    def names(self) -> Iterable[str]:
        """Return the names in upper case."""
        return self._values.keys()


def opened(data: bytes, name: str) -> RegistryFile:
    """Return a recorded registry. Raises `Unreadable` when the bytes are neither a hive nor an export."""
    try:
        if data.startswith(b"regf"):
            return _hive(RegistryHive(data))
        return _export(RegistryExport(data))
    except (DamagedHive, DamagedExport) as damage:
        raise Unreadable(name, str(damage))


def users_of(machine: Machine) -> Iterator[tuple[str, str, str | None]]:
    """Yield (SID, prefix, why it cannot be read) for every person's registry. Raises `Unreadable`."""
    for hive in machine.user_hives()[:MAX_USERS]:
        yield hive.sid, hive.root, hive.unreadable


def user_scopes(machine: Machine, name: str) -> Iterator[tuple[str, str] | ScopeFailed]:
    """Yield (scope, prefix) for every person whose registry can be read, and what failed for the others."""
    try:
        users = tuple(users_of(machine))
    except Unreadable as error:
        yield ScopeFailed(name + ":users", str(error))
        return
    for sid, root, why in users:
        scope = "%s:user:%s" % (name, sid)
        yield (scope, root) if why is None else ScopeFailed(scope, why)


def key_or_outcome(read: Reader, path: str, scope: str) -> Key | ScopeAbsent | ScopeFailed:
    """Return the key, or what becomes of a scope that rests on it alone."""
    found = keys_or_outcome(read, (path,), scope)
    return found if isinstance(found, NOT_READ) else found[0][1]


def keys_or_outcome(
    read: Reader, paths: Iterable[str], scope: str
) -> tuple[tuple[str, Key], ...] | ScopeAbsent | ScopeFailed:
    """Return (path, key) of those keys that are there, or what becomes of a scope that rests on them alone."""
    try:
        asked = [(path, read(path)) for path in paths]
    except (Unreadable, DamagedHive) as error:
        return ScopeFailed(scope, str(error))
    return tuple((path, key) for path, key in asked if key is not None) or ScopeAbsent(scope)


def quiet(read: Reader, path: str) -> Key | None:
    """Return a key that only adds to another one; one that cannot be read counts as not there."""
    try:
        return read(path)
    except (Unreadable, DamagedHive):
        return None


def subkeys(read: Reader, path: str, limit: int = 20_000) -> tuple[str, ...]:
    """Return the names below a key, none when it is not there. Raises what `read` raises."""
    key = read(path)
    return () if key is None else tuple(key.subkeys[:limit])


def _export(export: RegistryExport) -> RegistryFile:
    sids = dict.fromkeys(found.group(1) for found in map(_SID.match, export.paths()) if found is not None)
    users = tuple("HKU\\" + sid for sid in sids)
    if export.key("HKCU") is not None:
        users += (CURRENT_USER,)

    def read(path: str) -> HiveKey | None:
        if path.upper().startswith(CURRENT_USER.upper()):
            return export.key("HKCU" + path[len(CURRENT_USER) :])
        return export.key(path)

    return RegistryFile(read, users)


def _hive(hive: RegistryHive) -> RegistryFile:
    top = {name.upper() for name in (hive.key("") or HiveKey("", {})).subkeys}
    if "SELECT" in top or any(re.fullmatch(r"CONTROLSET\d{3}", name) for name in top):
        prefixes = (("HKLM\\SYSTEM\\CurrentControlSet", _current_set(hive, top)), ("HKLM\\SYSTEM", ""))
        return RegistryFile(_below(hive, prefixes), ())
    if "SOFTWARE" in top or not {"MICROSOFT", "CLASSES"} & top:
        return RegistryFile(_below(hive, ((CURRENT_USER, ""),)), (CURRENT_USER,))
    return RegistryFile(_below(hive, (("HKLM\\SOFTWARE", ""),)), ())


def _below(hive: RegistryHive, prefixes: tuple[tuple[str, str], ...]) -> Reader:
    def read(path: str) -> HiveKey | None:
        for prefix, place in prefixes:
            if (path + "\\").upper().startswith(prefix.upper() + "\\"):
                return hive.key((place + path[len(prefix) :]).strip("\\"))
        return None

    return read


def _current_set(hive: RegistryHive, top: set[str]) -> str:
    select = hive.key("Select") if "SELECT" in top else None
    number = None if select is None else select.values.get("Current")
    return "ControlSet%03d" % (number if isinstance(number, int) else 1)

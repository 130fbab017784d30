"""Installed programs of Windows, read from the Uninstall keys of the registry.

Source: `SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall` in the 64-bit view (scope `HKLM64`; on a 32-bit
    Windows its only view), in the 32-bit view below `WOW6432Node` (`HKLM32`), and in the hive of every user
    profile, logged on or not (`user:<SID>`).
Absent: a view without the key, such as `HKLM32` on a 32-bit Windows.
Texts:  as written, without blanks around them; a value of the wrong type costs that field, a DisplayName the record.
Dates:  InstallDate alone. When it is missing, the day stays unknown: the key's own time changes with every repair.
Names:  a key without DisplayName is one that Windows hides from people. With two values or more it is still a
    trace of something installed (mature agents list it as well): it is named after its key and marked as a
    system component. With fewer it is a place holder (`AddressBook`, `IE40`) and left out.
Updates: an entry with ReleaseType or ParentKeyName stands under "installed updates" in Windows itself; so does an
    update of XP and 2003, whose key is the number of its article (`KB958644`).
Codes:  an entry of Windows Installer is named by its product code; the upgrade code is looked up below `Installer`.
Gaps:   programs that register nothing (portable ones), Store apps; a profile kept on another drive.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.installer_codes import CODES_OF_USER, MACHINE_CODES, upgrade_codes
from agent.collectors.windows.registry_source import Reader
from agent.collectors.windows.uninstall_entries import SOURCE, Codes, parse_uninstall
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import IN_USE, DamagedHive, RegistryHive
from agent.formats.wazuh_state import is_wazuh_state, packages_of
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable, UserHive

_BELOW = r"Microsoft\Windows\CurrentVersion\Uninstall"
_NATIVE = "HKLM\\SOFTWARE\\" + _BELOW
_WOW64 = "HKLM\\SOFTWARE\\WOW6432Node\\" + _BELOW
_UNINSTALL_PATH = re.compile(r"\\Microsoft\\Windows\\CurrentVersion\\Uninstall$", re.IGNORECASE)
_SID = re.compile(r"HKEY_USERS\\(S-1-[0-9-]+)\\", re.IGNORECASE)
_PLACES_IN_HIVES = (
    (_BELOW, "HKLM64"),
    ("WOW6432Node\\" + _BELOW, "HKLM32"),
    ("Software\\" + _BELOW, "user"),
    ("Software\\WOW6432Node\\" + _BELOW, "user"),
)

_CODES_IN_HIVES = tuple(path[len("HKLM\\SOFTWARE\\") :] for path in MACHINE_CODES) + (CODES_OF_USER,)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every entry of both views and of every user's hive, one scope after the other."""
    codes = upgrade_codes(machine.registry_key, *MACHINE_CODES)
    for view, path in (("HKLM64", _NATIVE), ("HKLM32", _WOW64)):
        yield from _scope(machine.registry_key, "%s:%s" % (SOURCE, view), (path,), codes)
    try:
        hives = machine.user_hives()
    except Unreadable as error:
        yield ScopeFailed(SOURCE + ":users", str(error))
        return
    for hive in hives:
        yield from _user_scope(machine, hive)


def _user_scope(machine: Machine, hive: UserHive) -> Iterator[Found]:
    scope = "%s:user:%s" % (SOURCE, hive.sid)
    if hive.unreadable is not None:
        yield ScopeFailed(scope, hive.unreadable)
        return
    software = hive.root + "\\Software\\"
    codes = upgrade_codes(machine.registry_key, hive.root + "\\" + CODES_OF_USER)
    yield from _scope(machine.registry_key, scope, (software + _BELOW, software + "WOW6432Node\\" + _BELOW), codes)


def _scope(read: Reader, scope: str, paths: tuple[str, ...], codes: Codes) -> Iterator[Found]:
    """Yield one scope with the entries of all its keys; it is absent when none of them is there."""
    found = []
    try:
        for path in paths:
            key = read(path)
            if key is not None:
                found.append((path, key))
    except Unreadable as error:
        yield ScopeFailed(scope, str(error))
        return
    if not found:
        yield ScopeAbsent(scope)
        return
    yield Scope(scope)
    for path, key in found:
        yield from parse_uninstall(path, key, read, scope, codes)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a hive file (SOFTWARE, NTUSER.DAT) or a `.reg` export holds, a scope for each Uninstall key.

    The first message of an agent of Wazuh, which holds the same entries of a Windows machine, is read as well.

    Raises `Absent` when there is no Uninstall key in it, `Unreadable` when it is neither.
    """
    if is_wazuh_state(data):
        yield from _parse_wazuh(data, name)
        return
    try:
        if data.startswith(b"regf"):
            yield from _parse_hive(RegistryHive(data), name)
        else:
            yield from _parse_export(RegistryExport(data), name)
    except (DamagedHive, DamagedExport) as damage:
        raise Unreadable(name, str(damage))


def _parse_hive(hive: RegistryHive, name: str) -> Iterator[Found]:
    found = False
    codes = upgrade_codes(hive.key, *_CODES_IN_HIVES)
    for path, view in _PLACES_IN_HIVES:
        above = hive.key(path)
        if above is not None:
            found = True
            scope = "%s:%s" % (SOURCE, view if view != "user" else "user:" + name.replace("\\", "/").rpartition("/")[2])
            yield Scope(scope)
            if hive.is_dirty:
                yield Problem(name, IN_USE)
            yield from parse_uninstall(path, above, hive.key, scope, codes)
    if not found:
        raise Absent("%s: no Uninstall key" % name)


def _parse_export(export: RegistryExport, name: str) -> Iterator[Found]:
    paths = [path for path in export.paths() if _UNINSTALL_PATH.search(path)]
    if not paths:
        raise Absent("%s: no Uninstall key" % name)
    codes = upgrade_codes(export.key, *MACHINE_CODES)
    for path in paths:
        above = export.key(path)
        if above is not None:
            scope = "%s:%s" % (SOURCE, _view(path))
            yield Scope(scope)
            yield from parse_uninstall(path, above, export.key, scope, codes)


def _parse_wazuh(data: bytes, name: str) -> Iterator[Found]:
    entries = [each for each in packages_of(data) if each.get("type") == "win"]
    if not entries:
        raise Absent("%s: no program of Windows" % name)
    for view, is_32_bit in (("HKLM64", False), ("HKLM32", True)):
        scope = "%s:%s" % (SOURCE, view)
        own = [each for each in entries if (each.get("architecture") == "i686") == is_32_bit]
        if own:
            yield Scope(scope)
            for each in own:
                yield _of_wazuh(each, scope, name)


def _of_wazuh(entry: dict[str, Any], scope: str, seen_at: str) -> Software | Problem:
    texts = {key: value.strip() for key, value in entry.items() if isinstance(value, str) and value.strip()}
    if "name" not in texts:
        return Problem(seen_at, "an entry without a name")
    return Software(
        source=SOURCE,
        name=texts["name"],
        scope=scope,
        seen_at=seen_at,
        version=texts.get("version"),
        publisher=texts.get("vendor"),
        architecture="x86" if scope.endswith(":HKLM32") else None,
        installed_on=day_of(texts.get("installed", "")),
        location=texts.get("path"),
        per_user=False,
    )


def _view(path: str) -> str:
    """Return the scope that an exported Uninstall key belongs to."""
    user = _SID.match(path)
    if user is not None:
        return "user:" + user.group(1)
    if path.upper().startswith("HKEY_LOCAL_MACHINE\\"):
        return "HKLM32" if "\\WOW6432NODE\\" in path.upper() else "HKLM64"
    return "user:current"


UNINSTALL_KEYS = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)

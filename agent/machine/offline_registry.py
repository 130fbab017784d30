"""The registry of a machine that does not run: hive files of a mounted disk, `.reg` exports of a recording.

Hives:   `C:\\Windows\\System32\\config\\SOFTWARE` and `SYSTEM`, and `NTUSER.DAT` of every profile,
    and its `UsrClass.dat` under `HKU\\<SID>_Classes`.
Exports: every `registry\\*.reg` of a recorded folder, and what `reg query` printed into `registry\\*.txt`. Where
    both hold a key, the export is taken: somebody wrote it from the running system.
A hive that was in use is read together with its transaction logs (`SOFTWARE.LOG1`, `.LOG2`).
`CurrentControlSet` does not exist on disk; it is the set that `Select\\Current` names.
Gaps:    HARDWARE is made anew at each start and is on no disk. Where the logs of a hive in use are missing or do
    not continue it, each of its keys says so in its `faults`.
"""

from __future__ import annotations

import re

from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import IN_USE, DamagedHive, RegistryHive
from agent.formats.registry_query import export_of_query
from agent.formats.registry_value import HiveKey
from agent.machine.base import RegistryKey, Unreadable, UserHive
from agent.machine.hive_logs import with_logs
from agent.machine.windows_files import WindowsFiles

PROFILE_LIST = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
EXPORTS = "C:\\registry"

_CONFIG = "C:\\Windows\\System32\\config"
_SYSTEM_HIVES = ("SOFTWARE", "SYSTEM")
_PERSON = re.compile(r"S-1-5-21-\d|S-1-12-1-\d", re.IGNORECASE)
_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)
_CLASSES, _NTUSER, _USRCLASS = "_CLASSES", "NTUSER.DAT", "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"
_MAX_EXPORTS = 256
_ROOTS = {"HKEY_LOCAL_MACHINE": "HKLM", "HKEY_USERS": "HKU", "HKEY_CURRENT_USER": "HKCU"}


class OfflineRegistry:
    """Keys of a Windows that does not run. Hives and exports are opened when a key of theirs is first asked for."""

    def __init__(self, files: WindowsFiles) -> None:
        self._files = files
        self._exports: tuple[RegistryExport, ...] | None = None
        self._hives: dict[str, RegistryHive | None] = {}
        self._user_hive: tuple[str, RegistryHive | None] | None = None
        self._current_set: str | None = None

    def key(self, path: str) -> RegistryKey | None:
        """Return a key by full path, `None` when there is no such key. Raises `Unreadable`."""
        root, _, rest = path.strip("\\").partition("\\")
        root = _ROOTS.get(root.upper(), root.upper())
        exported = self._exported(root + "\\" + rest if rest else root)
        if exported is not None:
            return _found(path, exported, ())
        if root == "HKLM":
            return self._machine_key(path, rest)
        if root == "HKU":
            return self._user_key(path, rest)
        return None

    def user_hives(self) -> tuple[UserHive, ...]:
        """Return one entry for each profile of a person; services and the system itself are left out.

        A profile whose folder is gone from a folder that is there (`C:\\Users`) has been deleted and is left out.
        """
        exported = self._exported_users()
        profiles = self.key(PROFILE_LIST)
        listed = () if profiles is None else profiles.subkeys
        found = [UserHive(sid, "HKU\\" + sid, loaded=True) for sid in exported]
        for sid in listed:
            if _PERSON.match(sid) and sid.upper() not in {name.upper() for name in exported} and _SID.fullmatch(sid):
                hive = self._profile(sid)
                found.extend([] if hive is None else [hive])
        if not exported and self._exported("HKCU\\Software") is not None:
            found.append(UserHive("current", "HKCU", loaded=True))
        return tuple(found)

    def _machine_key(self, path: str, rest: str) -> RegistryKey | None:
        name, _, below = rest.partition("\\")
        if name.upper() not in _SYSTEM_HIVES:
            return None
        hive = self._system_hive(name.upper())
        if hive is None:
            return None
        first, _, last = below.partition("\\")
        if name.upper() == "SYSTEM" and first.upper() == "CURRENTCONTROLSET":
            below = (self._control_set(hive) + "\\" + last).rstrip("\\")
        return _looked_up(path, hive, below)

    def _user_key(self, path: str, rest: str) -> RegistryKey | None:
        sid, _, below = rest.partition("\\")
        if self._user_hive is None or self._user_hive[0] != sid.upper():
            place = self._profile_hive(sid)
            if sid.upper().endswith(_CLASSES):
                place = self._profile_hive(sid[: -len(_CLASSES)])
                place = None if place is None else place[: -len(_NTUSER)] + _USRCLASS
            self._user_hive = (sid.upper(), None if place is None else self._opened(place))
        hive = self._user_hive[1]
        return None if hive is None else _looked_up(path, hive, below)

    def _system_hive(self, name: str) -> RegistryHive | None:
        """Return SOFTWARE or SYSTEM; `None` on a recording that carries no hives. Raises `Unreadable`."""
        if name not in self._hives:
            place = _CONFIG + "\\" + name
            hive = self._opened(place)
            if hive is None and self._files.found(_CONFIG) is not None:
                raise Unreadable(place, "the hive is not there")
            self._hives[name] = hive
        return self._hives[name]

    def _opened(self, place: str) -> RegistryHive | None:
        data = self._files.read_bytes(place)
        if data is None:
            return None
        try:
            return RegistryHive(with_logs(data, place, self._files.read_bytes))
        except DamagedHive as damage:
            raise Unreadable(place, str(damage))

    def _control_set(self, system: RegistryHive) -> str:
        """Return the name of the control set that was in use."""
        if self._current_set is None:
            try:
                select = system.key("Select")
            except DamagedHive:
                select = None
            number = None if select is None else select.values.get("Current")
            self._current_set = "ControlSet%03d" % (number if isinstance(number, int) else 1)
        return self._current_set

    def _profile(self, sid: str) -> UserHive | None:
        """Return the entry of a listed profile, `None` when its folder has been deleted."""
        root = "HKU\\" + sid
        try:
            place = self._profile_hive(sid)
        except Unreadable as error:
            return UserHive(sid, root, loaded=False, unreadable=str(error))
        if place is None:
            return UserHive(sid, root, loaded=False, unreadable="the profile names no folder")
        if self._files.found(place) is not None:
            return UserHive(sid, root, loaded=False)
        folder = place.rpartition("\\")[0]
        if self._files.found(folder) is None and self._files.found(folder.rpartition("\\")[0]) is not None:
            return None
        return UserHive(sid, root, loaded=False, unreadable="%s is not there" % place)

    def _profile_hive(self, sid: str) -> str | None:
        """Return where ProfileList says that a profile's NTUSER.DAT lies."""
        profile = self.key(PROFILE_LIST + "\\" + sid)
        image = None if profile is None else profile.values.get("ProfileImagePath")
        if not isinstance(image, str) or not image:
            return None
        folder = re.sub("%SystemDrive%", "C:", image, flags=re.IGNORECASE)
        folder = re.sub("%SystemRoot%", lambda _: "C:\\Windows", folder, flags=re.IGNORECASE)
        return folder.rstrip("\\") + "\\" + _NTUSER

    def _exported_users(self) -> tuple[str, ...]:
        users = self._exported("HKU")
        names = () if users is None else users.subkeys
        return tuple(name for name in names if _PERSON.match(name) and _SID.fullmatch(name))

    def _exported(self, path: str) -> HiveKey | None:
        """Return what the exports together hold at `path`."""
        if self._exports is None:
            self._exports = self._read_exports()
        keys = [key for key in (export.key(path) for export in self._exports) if key is not None]
        if len(keys) < 2:
            return keys[0] if keys else None
        values = {name: value for key in keys for name, value in key.values.items()}
        subkeys = {name.upper(): name for key in reversed(keys) for name in key.subkeys}
        faults = tuple(fault for key in keys for fault in key.faults)
        return HiveKey(keys[0].name, values, tuple(subkeys.values()), None, faults)

    def _read_exports(self) -> tuple[RegistryExport, ...]:
        members = self._files.list_folder(EXPORTS) or ()
        places = [
            entry.path for entry in members if not entry.is_folder and entry.name.lower().endswith((".reg", ".txt"))
        ]
        found = []
        for place in places[:_MAX_EXPORTS]:
            data = self._files.read_bytes(place) or b""
            if place.lower().endswith(".txt"):
                data = export_of_query(data)
            try:
                found.append(RegistryExport(data))
            except DamagedExport as damage:
                raise Unreadable(place, str(damage))
        return tuple(found)


def _looked_up(path: str, hive: RegistryHive, below: str) -> RegistryKey | None:
    try:
        key = hive.key(below)
    except DamagedHive as damage:
        raise Unreadable(path, str(damage))
    return None if key is None else _found(path, key, (IN_USE,) if hive.is_dirty else ())


def _found(path: str, key: HiveKey, more_faults: tuple[str, ...]) -> RegistryKey:
    return RegistryKey(path, key.values, key.subkeys, key.written_at, key.faults + more_faults)

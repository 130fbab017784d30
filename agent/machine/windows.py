"""The running Windows system. The only file that imports winreg, where it is used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Iterator, Sequence

from agent.machine.base import MAX_FILE_BYTES, Entry, Machine, Process, RegistryKey, Unreadable, UserHive
from agent.machine.commands import run_bounded
from agent.machine.files import CIRCLE

if TYPE_CHECKING:
    from agent.formats.registry_hive import HiveKey, RegistryHive

PROFILES = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
MAX_HIVE_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 200_000
MAX_RESOURCE_TEXT = 1024
_SYSTEM_SIDS = ("S-1-5-18", "S-1-5-19", "S-1-5-20")
_ERROR_NO_MORE_ITEMS = 259
_DRIVE_FIXED = 3
_ROOTS = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKU": "HKEY_USERS",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
}


class WindowsMachine(Machine):
    """The system that we run on. Users who are not logged on are read from their NTUSER.DAT, never loaded."""

    family = "windows"

    def __init__(self) -> None:
        self._offline_hives: dict[str, RegistryHive] = {}

    def privileged(self) -> bool | None:
        """Return whether we run elevated."""
        import ctypes

        shell: Any = vars(ctypes)["windll"].shell32
        return bool(shell.IsUserAnAdmin())

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        if not os.path.isfile(path):
            if os.path.exists(path):
                raise Unreadable(path, "not a regular file")
            return None
        try:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be read")
        if len(data) > limit:
            raise Unreadable(path, "larger than %d bytes" % limit)
        return data

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return at most `length` bytes of a regular file from `start` on, `None` when it is not there."""
        if not os.path.isfile(path):
            return None
        try:
            with open(path, "rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be read")

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        try:
            with os.scandir(path) as members:
                found = [self._entry(path, member) for member, _ in zip(members, range(MAX_MEMBERS + 1))]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be listed")
        if len(found) > MAX_MEMBERS:  # a part of a folder is not the folder
            raise Unreadable(path, "more than %d members" % MAX_MEMBERS)
        return tuple(sorted(found, key=lambda entry: entry.name))

    def _entry(self, folder: str, member: os.DirEntry[str]) -> Entry:
        """Return one member of a folder; a link that leads nowhere is neither folder nor file."""
        path = folder.rstrip("\\") + "\\" + member.name
        size: int | None = None
        try:
            size = member.stat().st_size
        except FileNotFoundError:
            pass
        except OSError as error:  # a link that goes in a circle
            if member.is_symlink():
                self.pass_over(path, error.strerror or CIRCLE)
        return Entry(member.name, path, member.is_dir(), member.is_file(), size)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        return os.path.exists(path)

    def modified_on(self, path: str) -> str | None:
        """Return the day of a file's last change, `YYYY-MM-DD` UTC, `None` when unknown."""
        import time

        try:
            return time.strftime("%Y-%m-%d", time.gmtime(os.stat(path).st_mtime))
        except (OSError, ValueError, OverflowError):
            return None

    def local_path(self, path: str) -> str | None:
        """Return the path itself: it is a file of this system."""
        return path

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Run a read-only command, see `run_bounded`; its output is text of the console's code page or UTF-8."""
        output = run_bounded(command, timeout_seconds)
        if output is None:
            return None
        try:
            return output.decode("utf-8")
        except UnicodeDecodeError:
            return output.decode(_console_encoding(), "replace")

    def may_be_run(self, path: str) -> bool:
        """Return whether the file lies below Program Files or the Windows folder, where only administrators write."""
        here = os.path.normcase(os.path.realpath(path))
        names = ("PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "SYSTEMROOT")
        roots = [os.path.normcase(os.environ[name]).rstrip("\\") + "\\" for name in names if os.environ.get(name)]
        return os.path.isfile(here) and any(here.startswith(root) for root in roots)

    def environment(self, name: str) -> str | None:
        """Return an environment variable of our process."""
        return os.environ.get(name)

    def host_name(self) -> str | None:
        """Return the computer's name."""
        return os.environ.get("COMPUTERNAME") or None

    def processes(self) -> Iterator[Process] | None:
        """Return the running programs through psutil, without it through the system's own snapshot."""
        try:
            import psutil
        except ImportError:
            from agent.machine.windows_processes import processes_of_snapshot

            return processes_of_snapshot()
        return (
            Process(process.info["name"], process.info["exe"] or None)
            for process in psutil.process_iter(["name", "exe"])
            if process.info["name"] and process.info["name"] != "System Idle Process"
        )

    def registry_key(self, path: str) -> RegistryKey | None:
        """Return a key; the 64-bit view unless the path names WOW6432Node. Raises `Unreadable`."""
        parts = path.split("\\")
        if parts[0].upper() == "HKU" and len(parts) > 1 and parts[1] in self._offline_hives:
            return _offline_key(self._offline_hives[parts[1]], path, "\\".join(parts[2:]))
        return _live_key(path)

    def resource_text(self, reference: str) -> str | None:
        """Return what the shell makes of a reference to a text, `None` when it makes nothing of it."""
        import ctypes

        try:
            shell: Any = vars(ctypes)["windll"].shlwapi
            found = ctypes.create_unicode_buffer(MAX_RESOURCE_TEXT)
            if shell.SHLoadIndirectString(reference, found, MAX_RESOURCE_TEXT, None) != 0:
                return None
        except (OSError, AttributeError):
            return None
        return found.value.strip() or None

    def fixed_drives(self) -> tuple[str, ...]:
        """Return the letters of the drives that GetDriveType calls fixed."""
        import ctypes

        kernel: Any = vars(ctypes)["windll"].kernel32
        mask = int(kernel.GetLogicalDrives())
        drives = ("%s:" % chr(65 + bit) for bit in range(26) if mask & 1 << bit)
        return tuple(drive for drive in drives if kernel.GetDriveTypeW(drive + "\\") == _DRIVE_FIXED)

    def signature_of(self, path: str) -> str | None:
        """Return what WinVerifyTrust says of a program."""
        from agent.machine.windows_signature import signature_of

        return signature_of(path)

    def user_hives(self) -> tuple[UserHive, ...]:
        """Return every profile of ProfileList: loaded ones under HKEY_USERS, others read from NTUSER.DAT."""
        profiles = _live_key("HKLM\\" + PROFILES)
        loaded = {sid.upper() for sid in (_live_key("HKU") or RegistryKey("HKU", {})).subkeys}
        sids = () if profiles is None else profiles.subkeys
        return tuple(self._user_hive(sid, sid.upper() in loaded) for sid in sids if sid.upper() not in _SYSTEM_SIDS)

    def _user_hive(self, sid: str, loaded: bool) -> UserHive:
        """Return how one profile can be read, its file opened when the user is logged off."""
        root = "HKU\\" + sid
        if loaded:
            return UserHive(sid, root, True)
        try:
            self._offline_hives[sid] = self._read_hive(sid)
        except Unreadable as unreadable:
            return UserHive(sid, root, False, str(unreadable))
        return UserHive(sid, root, False)

    def _read_hive(self, sid: str) -> RegistryHive:
        """Return the registry of a user who is logged off. Raises `Unreadable`."""
        from agent.formats.registry_hive import DamagedHive, RegistryHive
        from agent.machine.hive_logs import with_logs

        profile = _live_key("HKLM\\%s\\%s" % (PROFILES, sid))
        folder = None if profile is None else _value(profile, "ProfileImagePath")
        if not isinstance(folder, str):
            raise Unreadable("HKU\\" + sid, "the profile names no folder")
        path = os.path.join(os.path.expandvars(folder), "NTUSER.DAT")
        data = self.read_bytes(path, MAX_HIVE_BYTES)
        if data is None:
            raise Unreadable(path, "the profile has no such file")
        try:
            return RegistryHive(with_logs(data, path, self.read_bytes))
        except DamagedHive as error:
            raise Unreadable(path, str(error))


def _value(key: RegistryKey, name: str) -> object:
    """Return a value by name; Windows does not tell the case of names apart."""
    return next((value for written, value in key.values.items() if written.lower() == name.lower()), None)


def _console_encoding() -> str:
    """Return the code page in which console programs print, `cp936` on Chinese systems."""
    import ctypes

    return "cp%d" % vars(ctypes)["windll"].kernel32.GetOEMCP()


def _offline_key(hive: RegistryHive, path: str, below: str) -> RegistryKey | None:
    """Return a key of a hive file. Raises `Unreadable` where the hive is damaged."""
    from agent.formats.registry_hive import IN_USE, DamagedHive

    try:
        key: HiveKey | None = hive.key(below)
    except DamagedHive as error:
        raise Unreadable(path, str(error))
    if key is None:
        return None
    faults = key.faults + ((IN_USE,) if hive.is_dirty else ())
    return RegistryKey(path, dict(key.values), tuple(key.subkeys), key.written_at, faults)


def _live_key(path: str) -> RegistryKey | None:
    """Return a key of the running registry, `None` when there is none. Raises `Unreadable`."""
    import winreg as winreg_module

    winreg: Any = winreg_module
    root, _, below = path.partition("\\")
    if root.upper() not in _ROOTS:
        raise Unreadable(path, "expected a path below %s" % ", ".join(_ROOTS))
    try:
        handle = winreg.OpenKey(
            getattr(winreg, _ROOTS[root.upper()]), below, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(path, error.strerror or "cannot be opened")
    with handle:
        return _read_key(winreg, handle, path)


def _read_key(winreg: Any, handle: Any, path: str) -> RegistryKey:
    """Return values and sub-keys of an open key; what is added meanwhile may be missing."""
    from agent.formats.registry_value import filetime_text

    try:
        _, _, written = winreg.QueryInfoKey(handle)
        values = {name: _plain(value) for name, value, _ in _enumerated(winreg.EnumValue, handle)}
        return RegistryKey(path, values, tuple(_enumerated(winreg.EnumKey, handle)), filetime_text(written))
    except OSError as error:
        raise Unreadable(path, error.strerror or "cannot be read")


def _enumerated(enumerate_at: Any, handle: Any) -> Iterator[Any]:
    """Yield what winreg enumerates until it says that there is no more. Raises `OSError` for any other end."""
    for index in range(MAX_MEMBERS):
        try:
            yield enumerate_at(handle, index)
        except OSError as error:
            if getattr(error, "winerror", None) == _ERROR_NO_MORE_ITEMS:
                return
            raise


def _plain(value: object) -> str | int | bytes | tuple[str, ...]:
    """Return a value as the contract of `RegistryKey` has it."""
    if isinstance(value, (str, int, bytes)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return ""

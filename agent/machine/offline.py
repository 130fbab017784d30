"""A machine that does not run: a mounted disk, or a recorded folder in the machine's own layout.

A recorded folder may also carry what only the running machine could say:
    `registry/*.reg`       exports of registry keys (see `offline_registry`);
    `commands/<slug>.txt`  what a command printed, as UTF-8, or as a console of Windows writes it into a file; an
        empty file is no answer there. The slug is made of the command's words joined by `_`.
        Of a word with several lines (a script) the first counts; every run of characters other than letters,
        digits, `.`, `_` and `-` becomes one `_`, at the ends of a word none; 96 characters count at most:
        `wmic bios get SerialNumber /value` → `wmic_bios_get_SerialNumber_value.txt`;
    `commands/processes.txt`  what ran, one executable's path a line, as UTF-8; without it nothing is known to run.
"""

from __future__ import annotations

import datetime
import re
from typing import Iterator, Sequence

from agent.formats.console_text import decode_text
from agent.formats.plist import MAX_PLIST_BYTES, DamagedPlist, parse_dictionary
from agent.machine.base import (
    MAX_COMMAND_BYTES,
    MAX_FILE_BYTES,
    Entry,
    Machine,
    Process,
    RegistryKey,
    Unreadable,
    UserHive,
)
from agent.machine.files import FileTree
from agent.machine.offline_registry import OfflineRegistry
from agent.machine.windows_files import WindowsFiles

SLUG_CHARACTERS = 96
CLOCK = ("wmic", "os", "get", "LocalDateTime", "/value")

_LOCAL_TIME = re.compile(r"LocalDateTime=(?P<time>\d{14})\.\d+(?P<zone>[+-]\d{1,3})\b")

_PATH_LABEL = "ExecutablePath="
"""Before every path in the listing of processes that `wmic` prints."""

_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
_MAC_NAMES = "/Library/Preferences/SystemConfiguration/preferences.plist"
_HOST_NAMES = (
    (r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", "Hostname"),
    (_CONTROL + r"\ComputerName\ComputerName", "ComputerName"),
)


class OfflineMachine(Machine):
    """Files below `root` as the machine itself would see them; commands and processes only when recorded."""

    recorded = True

    def __init__(self, root: str) -> None:
        self.files = FileTree(root, self.pass_over)
        self.family = _family(self.files)
        self._windows = WindowsFiles(self.files) if self.family == "windows" else None
        self._registry = None if self._windows is None else OfflineRegistry(self._windows)

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        return (self._windows or self.files).read_bytes(path, limit)

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return a piece of a regular file, `None` when it is not there. Raises `Unreadable`."""
        return (self._windows or self.files).read_part(path, start, length)

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        return (self._windows or self.files).list_folder(path)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        found = self._inside(path)
        return found is not None and self.files.exists(found)

    def modified_on(self, path: str) -> str | None:
        """Return the day of a file's last change on the disk that was mounted or recorded."""
        found = self._inside(path)
        return None if found is None else self.files.modified_on(found)

    def local_path(self, path: str) -> str | None:
        """Return where a library that needs a real file may open it read-only."""
        found = self._inside(path)
        return None if found is None else self.files.real_path(found)

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Return what a recorded folder says that the command printed, `None` when it was not recorded."""
        data = self.files.read_bytes("/commands/%s.txt" % command_slug(command), MAX_COMMAND_BYTES)
        if data is None:
            return None
        if self._windows is None:
            return data.decode("utf-8-sig", "replace")
        return decode_text(data)[0].strip("\ufeff \t\r\n") or None

    def processes(self) -> Iterator[Process] | None:
        """Return what a recorded folder says that ran, `None` when it was not recorded."""
        data = self.files.read_bytes("/commands/processes.txt", MAX_COMMAND_BYTES)
        if data is None:
            return None
        text = decode_text(data)[0].lstrip("\ufeff")
        lines = [line[len(_PATH_LABEL) :] if line.startswith(_PATH_LABEL) else line for line in text.splitlines()]
        found = [Process(re.split(r"[\\/]", line)[-1], line) for line in map(str.strip, lines) if line]
        return iter(found) if found or self._windows is None else None

    def recorded_at(self) -> datetime.datetime | None:
        """Return when a folder of `collect.cmd` was written, by the clock and time zone of its machine."""
        try:
            text = None if self._windows is None else self.run(CLOCK)
        except Unreadable:
            return None
        found = _LOCAL_TIME.search(text or "")
        if found is None:
            return None
        zone = datetime.timezone(datetime.timedelta(minutes=int(found.group("zone"))))
        try:
            return datetime.datetime.strptime(found.group("time"), "%Y%m%d%H%M%S").replace(tzinfo=zone)
        except ValueError:
            return None

    def may_be_run(self, path: str) -> bool:
        """Return True: nothing of a recorded machine runs, `run` answers with what was recorded."""
        return True

    def environment(self, name: str) -> str | None:
        """Return a system-wide environment variable of a Windows disk, as stored: other names are not put in."""
        key = self.registry_key(_CONTROL + r"\Session Manager\Environment")
        values = {} if key is None else {found.upper(): value for found, value in key.values.items()}
        value = values.get(name.upper())
        return value if isinstance(value, str) else None

    def host_name(self) -> str | None:
        """Return the host name that the machine's own settings give."""
        if self._registry is not None:
            return self._windows_name()
        if self.family == "macos":
            return self._mac_name()
        text = self.files.read_bytes("/etc/hostname", 4096)
        return None if text is None else text.decode("utf-8", "replace").strip() or None

    def registry_key(self, path: str) -> RegistryKey | None:
        """Return a key by full path, `None` when there is no such key. Raises `Unreadable`."""
        return None if self._registry is None else self._registry.key(path)

    def user_hives(self) -> tuple[UserHive, ...]:
        """Return one entry for every profile of a person, logged on or not. Raises `Unreadable`."""
        return () if self._registry is None else self._registry.user_hives()

    def _windows_name(self) -> str | None:
        for path, value_name in _HOST_NAMES:
            try:
                key = self.registry_key(path)
            except Unreadable:
                continue
            value = None if key is None else key.values.get(value_name)
            if isinstance(value, str) and value:
                return value
        return None

    def _mac_name(self) -> str | None:
        """Return HostName, else ComputerName, of the Mac's network settings."""
        try:
            here: object = parse_dictionary(self.files.read_bytes(_MAC_NAMES, MAX_PLIST_BYTES) or b"")
        except (DamagedPlist, Unreadable):
            return None
        for name in ("System", "System"):
            here = here.get(name) if isinstance(here, dict) else None
        names = here if isinstance(here, dict) else {}
        found = (names.get(name) for name in ("HostName", "ComputerName"))
        return next((name for name in found if isinstance(name, str) and name), None)

    def _inside(self, path: str) -> str | None:
        return path if self._windows is None else self._windows.found(path)


def command_slug(command: Sequence[str]) -> str:
    """Return the name under which a recorded folder keeps what `command` printed."""
    words = (re.sub(r"[^A-Za-z0-9._-]+", "_", word.strip().split("\n", 1)[0]).strip("_") for word in command)
    return "_".join(word for word in words if word)[:SLUG_CHARACTERS]


def _family(files: FileTree) -> str:
    """Tell the family of a system from its folders."""
    if files.exists("/System/Library/CoreServices") or files.exists("/Applications"):
        return "macos"
    windows = WindowsFiles(files)
    if windows.found("C:\\Windows\\System32") or windows.found("C:\\registry") and not files.exists("/etc"):
        return "windows"
    return "linux" if files.exists("/etc") or files.exists("/var/lib") else "other"

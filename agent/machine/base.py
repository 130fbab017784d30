"""Machine: the only door to the operating system, and what a recorded machine must offer as well.

Every path is absolute in the machine's own notation (`/var/lib/dpkg/status`, `C:\\Windows`). All reads
are bounded. A method answers `None` when the thing is not there and raises `Unreadable` when it is there
and cannot be read, so a collector never confuses the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, Sequence

if TYPE_CHECKING:
    import datetime

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_COMMAND_BYTES = 64 * 1024 * 1024


class Unreadable(Exception):
    """The thing exists and could not be read: permission, damage, a device instead of a file, a limit."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__("%s: %s" % (where, why))
        self.where = where
        self.why = why


@dataclass(frozen=True)
class Entry:
    """One member of a folder. A symbolic link is followed for `is_folder` and `is_file`."""

    name: str
    path: str
    is_folder: bool
    is_file: bool
    size_bytes: int | None = None


@dataclass(frozen=True)
class Process:
    """One running process: the program, never its arguments or its owner."""

    name: str
    path: str | None = None


@dataclass(frozen=True)
class RegistryKey:
    """One registry key with its values and the names of its sub-keys.

    `values` maps the value's name (as written; `""` is the default value) to text, int, bytes or a tuple
    of texts. `written_at` is UTC as `YYYY-MM-DDTHH:MM:SSZ` where the source records it. `faults` says, in
    words, which of its values and sub-keys are there and could not be read.
    """

    path: str
    values: dict[str, str | int | bytes | tuple[str, ...]]
    subkeys: tuple[str, ...] = ()
    written_at: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class UserHive:
    """The registry of one user profile, logged on or not.

    `root` is the prefix under which `registry_key` reads it: `HKU\\S-1-5-21-…-1001`. `loaded` tells
    whether the user was logged on. `unreadable` says why the hive of a known profile cannot be read.
    """

    sid: str
    root: str
    loaded: bool
    unreadable: str | None = None


class Machine:
    """What a collector may ask. Subclasses: the running system, a mounted disk, a recorded machine."""

    family = "other"
    """`windows`, `linux`, `macos` or `other`."""
    recorded = False
    """True when nothing of the running system answers: no processes, no commands."""
    _running: tuple[tuple[Process, ...] | None] | None = None

    def pass_over(self, where: str, why: str) -> None:
        """Note what a listing cannot hand to the collector that asked for it, so that its scope tells of it."""
        vars(self).setdefault("_passed_over", []).append((where, why))

    def passed_over(self) -> tuple[tuple[str, str], ...]:
        """Return what was noted since the last call, each place once, and forget it."""
        found = vars(self).pop("_passed_over", None)  # asked for after each record: mostly there is nothing
        return () if found is None else tuple(dict.fromkeys(found))

    def privileged(self) -> bool | None:
        """Return whether we run with the administrator's rights; `None` = not known."""
        return None

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        raise NotImplementedError

    def read_text(self, path: str, limit: int = MAX_FILE_BYTES) -> str | None:
        """Return a file as text: UTF-8, undecodable bytes as U+FFFD. Raises `Unreadable`."""
        data = self.read_bytes(path, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return at most `length` bytes of a regular file from `start` on, `None` when it is not there.

        For formats that say at their beginning where the few bytes lie that are wanted. Raises `Unreadable`.
        """
        data = self.read_bytes(path)
        return None if data is None else data[start : start + length]

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        raise NotImplementedError

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        raise NotImplementedError

    def modified_on(self, path: str) -> str | None:
        """Return the day of a file's last change, `YYYY-MM-DD` UTC, `None` when unknown."""
        return None

    def local_path(self, path: str) -> str | None:
        """Return where a library that needs a real file (sqlite3) may open `path` read-only, or `None`."""
        return None

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Run a read-only command under the C locale and return its output, `None` when there is no such command.

        Raises `Unreadable` when it fails, times out or prints more than `MAX_COMMAND_BYTES`.
        """
        raise NotImplementedError

    def may_be_run(self, path: str) -> bool:
        """Return whether nobody but the administrator can have put the program at `path` there or changed it.

        A program that came with other software is run with our rights, so it has to be as safe as the system's own.
        """
        return False

    def is_executable(self, path: str) -> bool | None:
        """Return whether anybody may run the file at `path`; `None` when it is not there, or nothing tells."""
        return None

    def environment(self, name: str) -> str | None:
        """Return a system-wide environment variable."""
        return None

    def host_name(self) -> str | None:
        """Return the host's own short name."""
        return None

    def processes(self) -> Iterator[Process] | None:
        """Return the running processes, `None` when nothing runs (a recorded machine)."""
        return None

    def running(self) -> tuple[Process, ...] | None:
        """Return the processes as they were when somebody first asked: one look serves every collector of a scan."""
        if self._running is None:
            found = self.processes()
            self._running = (None,) if found is None else (tuple(found),)
        return self._running[0]

    def registry_key(self, path: str) -> RegistryKey | None:
        """Return a key by full path, `HKLM\\SOFTWARE\\…` (64-bit view) or `HKLM\\SOFTWARE\\WOW6432Node\\…`;
        `None` when there is no such key. Raises `Unreadable`."""
        return None

    def resource_text(self, reference: str) -> str | None:
        """Return the text that `@{package?ms-resource://…}` or `@file,-number` stands for in the user's language.

        `None` where nothing resolves it; only a running Windows can.
        """
        return None

    def recorded_at(self) -> datetime.datetime | None:
        """Return when a recorded machine was recorded, with its time zone; `None` for one that runs, or not known."""
        return None

    def fixed_drives(self) -> tuple[str, ...]:
        """Return the drives that are built in (`C:`), never removable or network ones."""
        return ("C:",)

    def signature_of(self, path: str) -> str | None:
        """Return what the system says of a program's signature: `valid`, `broken`, `unsigned`; `None` = cannot tell."""
        return None

    def user_hives(self) -> tuple[UserHive, ...]:
        """Return one entry for every profile of the machine's ProfileList, system accounts left out."""
        return ()

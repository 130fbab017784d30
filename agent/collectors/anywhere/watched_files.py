"""Files and folders that the watchlist asks for, in the places that it names and nowhere else.

Source: each place of the watchlist, which begins with a named root (Program Files, ProgramData, the Windows folder, the
    application data of each profile, `/opt`, `/usr` …); `*` stands within one part, so no tree is walked; scope
    `watched_files`. Of a file its name, place, size, day of change and SHA-256; of a file that has to hold a text, that
    text and nothing else of it.
Absent: no watchlist, or one that asks for no file.
Never:  Documents, Desktop, Downloads and the like, removable disks, network shares: such a place is passed over.
Gaps:   a file under another name or in another place; files above 64 MB have no digest; on 64-bit Windows a 32-bit
    Python is shown SysWOW64 in place of System32.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.named_places import expand, is_open_to_us
from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.linux.homes import homes
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.inventory.watchlist import WatchedFile, Watchlist
from agent.machine.base import Entry, Machine, Unreadable

NAME = "watched_files"
MAX_HASHED_BYTES = 64 << 20
MAX_SEARCHED_BYTES = 1 << 20
MAX_FOUND = 2000
MAX_PROFILES = 200
PROFILE_LIST = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"


def watched_files(watchlist: Watchlist) -> Collector:
    """Return the collector for this watchlist."""

    def collect(machine: Machine) -> Iterator[Found]:
        """Yield what is there of what is asked for. Raises `Absent`."""
        if not watchlist.files:
            raise Absent("watchlist")
        yield Scope(NAME)
        roots = _Roots(machine)
        found = 0
        seen: set[tuple[str, str]] = set()
        for watched in watchlist.files:
            for entry in roots.entries(watched.place):
                if found >= MAX_FOUND:
                    yield Problem(NAME, "more than %d files: the rest is left out" % MAX_FOUND)
                    return
                if (watched.id, entry.path) not in seen and is_open_to_us(entry.path):
                    seen.add((watched.id, entry.path))
                    for trace in _of_entry(machine, entry, watched):
                        found += 1
                        yield trace

    platforms = frozenset({"linux", "macos", "windows", "other"})
    made = Collector(name=NAME, platforms=platforms, collect=collect)
    return made


def _of_entry(machine: Machine, entry: Entry, watched: WatchedFile) -> Iterator[Found]:
    if entry.is_folder:
        if not watched.containing:
            day = machine.modified_on(entry.path)
            yield Trace("file", entry.name, NAME, entry.path, entry.path, state="folder", day=day, watch=watched.id)
        return
    if not entry.is_file:
        return
    limit = MAX_SEARCHED_BYTES if watched.containing else MAX_HASHED_BYTES
    try:
        small = (entry.size_bytes or 0) <= limit
        data = machine.read_bytes(entry.path, limit) if small else None
    except Unreadable as error:
        yield Problem(entry.path, error.why)
        data = None
    if watched.containing and (data is None or watched.containing not in decode_text(data)[0]):
        return
    import hashlib  # only for a file that is there

    yield Trace(
        "file",
        entry.name,
        NAME,
        entry.path,
        entry.path,
        value=watched.containing or None,
        state="present",
        size_bytes=entry.size_bytes,
        sha256=hashlib.sha256(data).hexdigest() if data is not None else None,
        day=machine.modified_on(entry.path),
        watch=watched.id,
    )


class _Roots:
    """What the beginnings of places mean on this machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._profiles: list[str] | None = None
        self._homes: list[str] | None = None

    def entries(self, place: str) -> Iterator[Entry]:
        """Yield what is there at a place; a place of another system is nowhere."""
        windows = self.machine.family == "windows"
        if ("\\" in place or place.startswith("%")) != windows:
            return
        for pattern in self._patterns(place):
            yield from expand(self.machine, pattern)

    def _patterns(self, place: str) -> list[str]:
        start, _, rest = place.partition("\\" if self.machine.family == "windows" else "/")
        if start == "~":
            if self._homes is None:
                self._homes = [home.path for home in homes(self.machine)]
            return [home + "/" + rest for home in self._homes]
        if not start.startswith("%"):
            return [place]
        return [root.rstrip("\\") + "\\" + rest for root in self._folders(start.strip("%").lower())]

    def _folders(self, name: str) -> list[str]:
        if name == "programfiles":
            named = [self._variable(each) for each in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)")]
            return _distinct([*named, "C:\\Program Files", "C:\\Program Files (x86)"])
        if name == "programdata":
            return _distinct([self._variable("ProgramData") or "C:\\ProgramData"])
        if name == "systemroot":
            return _distinct([self._variable("SystemRoot") or "C:\\Windows"])
        if name == "systemdrive":
            return _distinct([self._variable("SystemDrive") or "C:"])
        below = {"appdata": ("AppData\\Roaming", "Application Data"), "localappdata": ("AppData\\Local",)}.get(name, ())
        return [profile + "\\" + folder for profile in self._profile_folders() for folder in below]

    def _variable(self, name: str) -> str | None:
        """A recorded machine's variables are those of another process; its folders lie in their usual places."""
        return None if self.machine.recorded else self.machine.environment(name)

    def _profile_folders(self) -> list[str]:
        if self._profiles is None:
            self._profiles = list(_profiles_of_registry(self.machine)) or [
                entry.path for entry in expand(self.machine, "C:\\Users\\*") if entry.is_folder
            ]
        return self._profiles[:MAX_PROFILES]


def _profiles_of_registry(machine: Machine) -> Iterator[str]:
    """Yield the folders of people's profiles, wherever they lie."""
    try:
        listed = machine.registry_key(PROFILE_LIST)
        for sid in () if listed is None else listed.subkeys[:MAX_PROFILES]:
            key = machine.registry_key(PROFILE_LIST + "\\" + sid) if sid.upper().startswith("S-1-5-21-") else None
            folder = None if key is None else key.values.get("ProfileImagePath")
            if isinstance(folder, str) and folder:
                yield folder.replace("%SystemDrive%", "C:").rstrip("\\")
    except Unreadable:
        return


def _distinct(folders: list[str | None]) -> list[str]:
    return list({folder.lower(): folder for folder in folders if folder}.values())


WATCHED_FILES = watched_files(Watchlist())

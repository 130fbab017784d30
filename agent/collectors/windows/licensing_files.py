"""Files that have no business beside the licensing services of Windows and Office, and files of theirs that are gone.

Source: fixed folders, each looked through for fixed names (scope `licensing_files`): public descriptions of programs
    that imitate an activation server name what they leave there. Each row below carries the number of its row in the
    list of signs that the catalogue keeps (`watch`).
Absent: a recording without the files of Windows.
Kept:   name, place, size, day and SHA-256 of a file that is there (`state` is `present`); a folder stands with its
    own name. `missing` for a part of the licensing of Windows that is not where every Windows has it.
Gaps:   only these places: what lies elsewhere, or bears another name, is not seen; no signature is checked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Pattern

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.office import CONFIGURATIONS
from agent.collectors.windows.registry_source import Values, quiet
from agent.inventory.traces import Trace
from agent.machine.base import Entry, Machine, Unreadable

NAME = "licensing_files"
MAX_FILE_BYTES = 64 * 1024 * 1024

_WINDOWS = "C:\\Windows"
_SYSTEM = (_WINDOWS + "\\System32", _WINDOWS + "\\SysWOW64")
_DATA = "C:\\ProgramData"
_PROGRAMS = ("C:\\Program Files", "C:\\Program Files (x86)")
_TICKETS = _DATA + "\\Microsoft\\Windows\\ClipSVC\\GenuineTicket"


@dataclass(frozen=True)
class Place:
    """One folder and the names in it that are wanted."""

    folder: str
    names: Pattern[str]
    watch: str
    folders: bool = False
    """The names are those of folders, not of files."""


def _place(folder: str, names: str, watch: str, folders: bool = False) -> Place:
    return Place(folder, re.compile(names, re.IGNORECASE), watch, folders)


PLACES: tuple[Place, ...] = (
    *(_place(each, r"SppExtComObj(?:Hook|HookAvrf|Patcher)\w*\.(?:dll|exe)", "W15") for each in _SYSTEM),
    _place(_WINDOWS, r"SECOH-QAD\.(?:exe|dll)|KMSConnection\.xml", "W17"),
    *(_place(each, r"KMSpico", "W18", True) for each in _PROGRAMS),
    _place(_DATA, r"KMSAutoS?", "W21", True),
    _place(_WINDOWS, r"KMSAutoS?", "W21", True),
    _place(_WINDOWS, r"AAct_(?:Tools|files)", "W23", True),
    *(_place(each, r"Activation-Renewal|Online_KMS_Activation", "W24", True) for each in (*_PROGRAMS, _DATA)),
    _place(_WINDOWS, r"AutoKMS", "W26", True),
    _place(_WINDOWS + "\\AutoKMS", r"AutoKMS\.(?:exe|log|ini)", "W26"),
    _place(_DATA, r"Microsoft Toolkit", "W26", True),
    _place(_WINDOWS + "\\Migration\\WTR", r"KMS_VL_ALL\.inf", "W27"),
    _place(_WINDOWS, r"KMS-R@1n(?:Hook)?\.(?:exe|dll)|KMS-QADhook\.dll", "W28"),
    *(_place(each, r"HEU_KMS(?:_Activator.*)?", "W29", True) for each in (*_PROGRAMS, _DATA, _WINDOWS)),
    _place(_WINDOWS + "\\Setup\\Scripts", r"Re-Loader.*\.exe|HEU_KMS.*\.exe|KMS.*\.(?:exe|cmd|bat)", "W30"),
    _place(_TICKETS, r".+\.xml", "W36"),
    _place("C:\\", r"grldr", "W38"),
)
_SPARE = re.compile(r"sppcs?\.dll", re.IGNORECASE)
_OFFICE_FOLDERS = tuple(
    "%s\\Microsoft Office\\%s" % (above, name)
    for above in _PROGRAMS
    for name in ("Office14", "Office15", "Office16", "root\\vfs\\System", "root\\vfs\\SystemX86", "root\\Office16")
)
_OSPP_FOLDERS = tuple(
    above + "\\Common Files\\Microsoft Shared\\OfficeSoftwareProtectionPlatform" for above in _PROGRAMS
)
_EVERYWHERE = (_WINDOWS + "\\System32\\slmgr.vbs", _WINDOWS + "\\System32\\slwga.dll")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what is at these places, and what is missing."""
    if not machine.exists(_WINDOWS + "\\System32\\kernel32.dll"):
        raise Absent(_WINDOWS)
    yield Scope(NAME)
    places = [*PLACES, *_office_places(machine)]
    for folder in dict.fromkeys(each.folder for each in places):
        try:
            members = machine.list_folder(folder) or ()
        except Unreadable as error:
            yield Problem(folder, error.why)
            continue
        for entry in members:
            for place in places:
                if place.folder == folder and entry.is_folder == place.folders and place.names.fullmatch(entry.name):
                    yield from _present(machine, entry, place.watch)
                    break
    if machine.exists(_WINDOWS + "\\System32\\sppsvc.exe"):
        for path in _EVERYWHERE:
            if not machine.exists(path):
                name = path.rpartition("\\")[2]
                yield Trace(kind="file", name=name, scope=NAME, seen_at=path, path=path, state="missing", watch="W39")


def _office_places(machine: Machine) -> Iterator[Place]:
    """Yield the folders where Microsoft puts no sppc.dll: those of Office, wherever it is installed."""
    folders = list(_OFFICE_FOLDERS)
    for below in CONFIGURATIONS:
        path = Values(quiet(machine.registry_key, "HKLM\\" + below)).text("InstallationPath")
        if path is not None:
            folders += [path.rstrip("\\") + "\\root\\vfs\\" + name for name in ("System", "SystemX86")]
    for folder in dict.fromkeys(folders):
        yield Place(folder, _SPARE, "O01")
    for folder in _OSPP_FOLDERS:
        yield Place(folder, re.compile(r"sppcs\.dll", re.IGNORECASE), "O02")


def _present(machine: Machine, entry: Entry, watch: str) -> Iterator[Found]:
    digest = None
    if entry.is_file:
        try:
            digest = _sha256(machine.read_bytes(entry.path, MAX_FILE_BYTES))
        except Unreadable as error:
            yield Problem(entry.path, error.why)
    yield Trace(
        kind="file",
        name=entry.name,
        scope=NAME,
        seen_at=entry.path,
        path=entry.path,
        state="present",
        size_bytes=entry.size_bytes if entry.is_file else None,
        sha256=digest,
        day=machine.modified_on(entry.path),
        watch=watch,
    )


def _sha256(data: bytes | None) -> str | None:
    import hashlib  # costs start-up time that a clean machine need not pay

    return None if data is None else hashlib.sha256(data).hexdigest()


LICENSING_FILES = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect)

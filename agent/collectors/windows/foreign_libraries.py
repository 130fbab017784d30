"""Libraries beside a program under the name of one of Windows' own, and files that cracks replace: who signed them.

Source: the folders that installed programs name as theirs, and those directly in them (scope
    `foreign_libraries:folders`). A program loads a library from its own folder before that of Windows, so a
    `version.dll` there takes the place of Windows' own.
Absent: no installed program names a folder that is there.
Kept:   name, place, size, day, the company that the file names, who signed it; `signature` from the running Windows,
    and `unsigned` where the file carries none.
Left out: a library of a system name that Microsoft signed: it was shipped on purpose.
Gaps:   other names; deeper folders; whether the file is loaded. That a file is not signed says by itself nothing
    against it.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.portable_programs import owned_folders
from agent.formats.part_reader import in_blocks
from agent.formats.pe_file import DamagedProgram, ProgramFile
from agent.formats.pe_signature import signer_of
from agent.formats.pe_version import version_of
from agent.inventory.traces import Trace
from agent.machine.base import Entry, Machine, Unreadable

NAME = "foreign_libraries"
SCOPE = NAME + ":folders"
SYSTEM_NAMES = frozenset(
    (
        "version.dll",
        "winmm.dll",
        "netapi32.dll",
        "shfolder.dll",
        "msimg32.dll",
        "wtsapi32.dll",
        "dwmapi.dll",
        "uxtheme.dll",
    )
)
"""Libraries of Windows that programs have no reason to bring along."""
REPLACED = frozenset(
    ("amtlib.dll", "libmwlmgrimpl.dll", "idman.exe", "cdslmd.exe", "mgls.dll", "sppc.dll", "adsknlm.exe")
)
"""Files of makers that cracks put their own in the place of; always told, with who signed them."""
MAX_FOLDERS = 5000
MAX_FILES = 2000

_MICROSOFT = "microsoft"


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the files of these names in the folders of installed programs."""
    folders = sorted(folder for folder in owned_folders(machine) if machine.exists(folder))
    if not folders:
        raise Absent("no folder of an installed program")
    yield Scope(SCOPE)
    done = set()
    count = 0
    for folder in _with_those_below(machine, folders):
        try:
            members = machine.list_folder(folder) or ()
        except Unreadable as error:
            yield Problem(folder, error.why)
            continue
        for entry in members:
            wanted = entry.is_file and entry.name.lower() in SYSTEM_NAMES | REPLACED
            if wanted and entry.path.lower() not in done and count < MAX_FILES:
                done.add(entry.path.lower())
                count += 1
                yield from _file(machine, entry)


def _with_those_below(machine: Machine, folders: list[str]) -> Iterator[str]:
    """Yield the folders and those directly in them, at most `MAX_FOLDERS`."""
    count = 0
    for folder in folders:
        below: tuple[Entry, ...] = ()
        try:
            below = machine.list_folder(folder) or ()
        except Unreadable:
            below = ()  # named once, where the folder itself is listed
        for path in (folder, *(entry.path for entry in below if entry.is_folder)):
            count += 1
            if count > MAX_FOLDERS:
                return
            yield path


def _file(machine: Machine, entry: Entry) -> Iterator[Trace | Problem]:
    def part(start: int, length: int) -> bytes:
        return machine.read_part(entry.path, start, length) or b""

    company = version = signer = None
    is_signed = False
    try:
        program = ProgramFile(in_blocks(part))
        told = version_of(program)
        signature = program.signature()
        is_signed = signature is not None
        signer = None if signature is None else signer_of(signature)
        company, version = (None, None) if told is None else (told.company, told.file_version)
    except DamagedProgram:
        is_signed = False  # nothing is told of it but that it is there
    except Unreadable as error:
        yield Problem(entry.path, error.why)
        return
    if entry.name.lower() in SYSTEM_NAMES and (signer or "").lower().startswith(_MICROSOFT):
        return
    yield Trace(
        kind="file",
        name=entry.name,
        scope=SCOPE,
        seen_at=entry.path,
        path=entry.path,
        value="system_name" if entry.name.lower() in SYSTEM_NAMES else "replaced_by_cracks",
        version=version,
        publisher=company,
        size_bytes=entry.size_bytes,
        signature=machine.signature_of(entry.path) or (None if is_signed else "unsigned"),
        signer=signer,
        day=machine.modified_on(entry.path),
    )


FOREIGN_LIBRARIES = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, deep=True)

"""Main programs of installed software whose signature Windows calls broken: the file was changed after it was signed.

Source: the `.exe` that an Uninstall entry names as its icon, of the machine and of every person (scope
    `main_programs:icons`). A file that carries no signature is passed over: to be unsigned says nothing.
Absent: anything but a running Windows, which alone judges a signature; no entry with such an icon.
Kept:   only what is `broken`: name, place, size, day, product, company and signer as the file names them, `value` is
    `main_program`. Every other program leaves no record here.
Cut:    500 programs, and none above 256 MB: Windows reads the whole file to judge it.
Gaps:   programs that no entry names as its icon, such as those of Windows Installer, which keeps a copy of the icon;
    libraries of a program (see `foreign_libraries`). Never ran on Windows by us.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.portable_programs import uninstall_places
from agent.collectors.windows.registry_source import Values, quiet
from agent.formats.command_line import program_of
from agent.formats.part_reader import in_blocks
from agent.formats.pe_file import DamagedProgram, ProgramFile
from agent.formats.pe_signature import signer_of
from agent.formats.pe_version import version_of
from agent.inventory.traces import Trace
from agent.machine.base import Entry, Machine, Unreadable

NAME = "main_programs"
SCOPE = NAME + ":icons"
MAX_PROGRAMS = 500
MAX_FILE_BYTES = 256 * 1024 * 1024


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the programs with a broken signature. Raises `Absent`."""
    paths = [] if machine.recorded else sorted(_icons(machine))
    if not paths:
        raise Absent("a program of an installed title on a running Windows")
    yield Scope(SCOPE)
    for path in paths[:MAX_PROGRAMS]:
        try:
            entry = _entry(machine, path)
            if entry is not None:
                yield from _broken(machine, entry)
        except Unreadable as error:
            yield Problem(path, error.why)
    if len(paths) > MAX_PROGRAMS:
        yield Problem(SCOPE, "only the first %d programs were looked at" % MAX_PROGRAMS)


def _icons(machine: Machine) -> Iterator[str]:
    """Yield each program that an entry shows as its icon, once; those of Windows' own folder are nobody's program."""
    done = set()
    for path in uninstall_places(machine):
        above = quiet(machine.registry_key, path)
        for name in () if above is None else above.subkeys:
            icon = Values(quiet(machine.registry_key, path + "\\" + name)).text("DisplayIcon") or ""
            program = program_of(icon.partition(",")[0]).strip('" ')
            lower = program.lower()
            is_own = lower.endswith(".exe") and lower[1:3] == ":\\" and not lower.startswith("c:\\windows\\")
            if is_own and lower not in done:
                done.add(lower)
                yield program


def _entry(machine: Machine, path: str) -> Entry | None:
    folder, _, name = path.rpartition("\\")
    found = [each for each in machine.list_folder(folder) or () if each.name.lower() == name.lower() and each.is_file]
    return found[0] if found and (found[0].size_bytes or 0) <= MAX_FILE_BYTES else None


def _broken(machine: Machine, entry: Entry) -> Iterator[Trace]:
    def part(start: int, length: int) -> bytes:
        return machine.read_part(entry.path, start, length) or b""

    try:
        program = ProgramFile(in_blocks(part))
        signature = program.signature()
        signer = None if signature is None else signer_of(signature)
        told = version_of(program)
    except DamagedProgram:
        return  # not a program of Windows at all, whatever its name says
    if signature is None or machine.signature_of(entry.path) != "broken":
        return
    yield Trace(
        kind="file",
        name=entry.name,
        scope=SCOPE,
        seen_at=entry.path,
        path=entry.path,
        value="main_program",
        version=None if told is None else told.product_version or told.file_version,
        publisher=None if told is None else told.company,
        product=None if told is None else told.product or told.description,
        size_bytes=entry.size_bytes,
        signature="broken",
        signer=signer,
        day=machine.modified_on(entry.path),
    )


MAIN_PROGRAMS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, deep=True)

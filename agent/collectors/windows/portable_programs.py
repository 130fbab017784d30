"""Programs that nobody installed: executables under program roots that no entry of Uninstall owns.

Source: the version information of `.exe` files, at most four folders deep, below fixed roots of every fixed drive
    (`Program Files`, `Tools`, `Soft`, `绿色软件` …). One record for each product and folder of its own. Recorded files:
    a program.
Absent: none of the roots is there.
Owned:  a folder that an Uninstall entry names as its place, or where its icon or its remover lies, and all below it.
Signed: `signer` is the name in the embedded certificate, which is a claim; `signature` is what the running Windows
    says of it (`valid`, `broken`, `unsigned`), and stays empty offline.
Gaps:   programs in persons' own folders, on removable and network drives, or deeper; programs without version
    information; what a name does not tell. A renamed program still bears its maker's words.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Dict, Iterator, List, Set, Tuple

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.windows.office import CONFIGURATIONS
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Values, quiet, users_of
from agent.formats.command_line import program_of
from agent.formats.part_reader import in_blocks
from agent.formats.pe_file import DamagedProgram, ProgramFile
from agent.formats.pe_signature import signer_of
from agent.formats.pe_version import ProgramVersion, version_of
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "portable_programs"
SCOPE = SOURCE + ":roots"
ROOTS = (
    "Program Files", "Program Files (x86)", "Programs", "Apps", "Tools", "Soft", "Software", "Portable", "PortableApps",
    "Green", "绿色软件", "绿色版", "软件", "常用软件", "工具", "办公软件", "设计软件",
)  # fmt: skip
MAX_DEPTH = 4
MAX_PROGRAMS = 4000
MAX_FOLDERS = 20_000

_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"
_OF_WINDOWS = frozenset((
    "common files", "windowsapps", "modifiablewindowsapps", "internet explorer", "windows defender", "windows mail",
    "windows media player", "windows multimedia platform", "windows nt", "windows photo viewer", "windows security",
    "windows portable devices", "windows sidebar", "windowspowershell", "reference assemblies", "msbuild",
    "windows defender advanced threat protection", "microsoft update health tools", "uninstall information",
    "windows journal", "dvd maker",
))  # fmt: skip
_HELPERS = ("unins", "uninst", "setup", "install", "crashpad", "crashreport", "vcredist", "vc_redist")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one record for each product that nobody owns."""
    roots = [(drive, name) for drive in machine.fixed_drives() for name in ROOTS]
    there = [path for path in ("%s\\%s" % root for root in roots) if machine.exists(path)]
    if not there:
        raise Absent("\\".join(("C:", ROOTS[0])))
    owned = owned_folders(machine)
    yield Scope(SCOPE)
    done: Dict[Tuple[str, str, str], bool] = {}
    budget = [MAX_PROGRAMS, MAX_FOLDERS]
    for root in there:
        for entry in _programs(machine, root, owned, budget):
            if isinstance(entry, Problem):
                yield entry
            else:
                yield from _record(machine, root, entry, done)
    if min(budget) <= 0:
        yield Problem(SCOPE, "only the first %d programs in %d folders were looked at" % (MAX_PROGRAMS, MAX_FOLDERS))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one program says of itself. Raises `Unreadable` for what is none, `Absent` when it says nothing."""
    try:
        program = ProgramFile(lambda start, length: data[start : start + length])
        told = version_of(program)
        signer = _signer(program)
    except DamagedProgram as damage:
        raise Unreadable(name, str(damage))
    if told is None or not (told.product or told.description):
        raise Absent("%s: no version information" % name)
    yield Scope(SCOPE)
    yield _software(told, signer, None, name, name.replace("/", "\\"))


def owned_folders(machine: Machine) -> frozenset[str]:
    """Return the folders of installed programs, in lower case; a root itself is nobody's."""
    found: Set[str] = set()
    read = machine.registry_key
    for path in uninstall_places(machine):
        above = quiet(read, path)
        for name in () if above is None else above.subkeys:
            found.update(_places(Values(quiet(read, path + "\\" + name))))
    for path in CONFIGURATIONS:
        found.update(_places(Values(quiet(read, "HKLM\\" + path))))
    return frozenset(folder for folder in found if folder.count("\\") >= 2)


def uninstall_places(machine: Machine) -> tuple[str, ...]:
    """Return the Uninstall keys of both views, and of the persons whose registry can be read."""
    found = [view + _UNINSTALL for view in SOFTWARE_VIEWS]
    with suppress(Unreadable):  # then what persons installed for themselves may show up as portable
        found += ["%s\\Software\\%s" % (root, _UNINSTALL) for _, root, why in users_of(machine) if why is None]
    return tuple(found)


def _places(values: Values) -> Iterator[str]:
    """Yield the folders that one entry names, in lower case."""
    for name in ("InstallLocation", "InstallationPath"):
        place = values.text(name)
        if place is not None:
            yield place.strip('" ').rstrip("\\").lower()
    for name in ("DisplayIcon", "UninstallString", "QuietUninstallString"):
        command = values.text(name)
        path = "" if command is None else program_of(command.partition(",")[0] if name == "DisplayIcon" else command)
        if "\\" in path and not path.lower().startswith(("c:\\windows\\", "%")):
            yield path.rpartition("\\")[0].rstrip("\\").lower()


def _programs(machine: Machine, root: str, owned: frozenset[str], budget: List[int]) -> Iterator[Entry | Problem]:
    todo = [(root, 0)]
    while todo and min(budget) > 0:
        folder, depth = todo.pop()
        budget[1] -= 1
        try:
            members = machine.list_folder(folder) or ()
        except Unreadable as error:
            yield Problem(folder, error.why)
            continue
        below = []
        for entry in members:
            if entry.is_folder:
                free = entry.path.lower() not in owned and not (depth == 0 and entry.name.lower() in _OF_WINDOWS)
                if free and depth < MAX_DEPTH:
                    below.append((entry.path, depth + 1))
            elif not entry.is_folder and entry.name.lower().endswith(".exe") and budget[0] > 0:
                budget[0] -= 1
                yield entry
        todo.extend(reversed(below))


def _record(
    machine: Machine, root: str, entry: Entry, done: Dict[Tuple[str, str, str], bool]
) -> Iterator[Software | Problem]:
    if entry.name.lower().startswith(_HELPERS):
        return

    def part(start: int, length: int) -> bytes:
        return machine.read_part(entry.path, start, length) or b""

    try:
        program = ProgramFile(in_blocks(part))
        told = version_of(program)
        if told is None or not (told.product or told.description):
            return
        own_folder = entry.path[len(root) + 1 :].split("\\", 1)[0]
        key = (own_folder.lower(), told.product or told.description or "", told.company or "")
        if key in done:
            return
        done[key] = True
        signer = _signer(program)
    except DamagedProgram:
        return  # not a program of Windows at all, whatever its name says
    except Unreadable as error:
        yield Problem(entry.path, error.why)
        return
    yield _software(told, signer, machine.signature_of(entry.path), entry.path, entry.path)


def _signer(program: ProgramFile) -> str | None:
    """Return the name in the signature; a signature that cannot be read names nobody."""
    try:
        signature = program.signature()
    except DamagedProgram:
        return None
    return None if signature is None else signer_of(signature)


def _software(told: ProgramVersion, signer: str | None, signature: str | None, seen_at: str, path: str) -> Software:
    return Software(
        source=SOURCE,
        name=told.product or told.description or "",
        scope=SCOPE,
        seen_at=seen_at,
        version=told.product_version or told.file_version,
        publisher=told.company,
        identifier=path.rpartition("\\")[2],
        location=path.rpartition("\\")[0] or None,
        signer=signer,
        signature=signature,
    )


PORTABLE_PROGRAMS = Collector(
    name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, deep=True
)

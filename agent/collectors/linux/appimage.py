"""AppImages: programs in one file that nobody installs.

Source: files with the mark of an AppImage (`AI` and 1 or 2 behind the first eight bytes of an ELF file: AppImage
    specification) in /opt two levels deep, /usr/local/bin, /usr/local/games, /Applications, and in Applications,
    AppImages, bin and .local/bin of every home folder. The architecture is that of the ELF header. Name and version
    are those of the file's name, which is `Name-Version-Architecture.AppImage` by custom; `install_date_raw` stays
    open.
Absent: no such folder holds one.
Gaps:   what the image itself says of name and version lies compressed inside; a file renamed by hand tells what that
    hand wrote. Documents, downloads and desktops are not looked into. Menu entries of AppImages are read as desktop
    entries.
"""

from __future__ import annotations

import re
import struct
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.collectors.linux.homes import Home, homes
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "appimage"
FOLDERS = (("/opt", 2), ("/usr/local/bin", 1), ("/usr/local/games", 1), ("/Applications", 1))
HOME_FOLDERS = ("/Applications", "/AppImages", "/bin", "/.local/bin")
MAX_FILES_OF_ONE_FOLDER = 5000
MIN_BYTES = 32 * 1024
HEAD_BYTES = 64
_SYSTEM = Home("", "")
_MACHINES = {3: "i386", 8: "mips", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 258: "loongarch64"}
"""`e_machine` of the ELF header."""
_ENDING = re.compile(r"\.appimage$", re.IGNORECASE)
_ARCHITECTURE = re.compile(
    r"[-_.](?:x86[-_]64|amd64|x64|i[3-6]86|x86|aarch64|arm64|armhf|armv7l|loongarch64|loong64|mips64el|riscv64)$",
    re.IGNORECASE,
)
_SYSTEM_WORD = re.compile(r"[-_.](?:linux|gnu|glibc[\d.]*|uos|kylin)$", re.IGNORECASE)
_VERSION = re.compile(r"^(?P<name>.*?[^\W\d_].*?)[-_ ]v?(?P<version>\d+(?:\.\d+)+[\w.+~-]*|\d{3,})$")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the AppImages of each folder that has any, which is a scope. Raises `Absent`."""
    places = [(_SYSTEM, folder, depth) for folder, depth in FOLDERS]
    places += [(home, home.path + folder, 1) for home in homes(machine) for folder in HOME_FOLDERS]
    any_found = False
    for home, folder, depth in places:
        scope = "%s:%s" % (SOURCE, home.shown(folder))
        found: list[Found] = []
        try:
            for number, entry in enumerate(_files(machine, folder, depth)):
                if number >= MAX_FILES_OF_ONE_FOLDER:
                    found.append(Problem(home.shown(folder), "more than %d files" % MAX_FILES_OF_ONE_FOLDER))
                    break
                found += _image(machine, entry, home, scope)
        except Unreadable as error:
            found.append(ScopeFailed(scope, "%s: %s" % (home.shown(error.where), error.why)))
        if found:
            any_found = True
            yield Scope(scope)
            yield from found
    if not any_found:
        raise Absent(FOLDERS[0][0])


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the AppImage of a recorded file, of which its first bytes are enough; any other file is a `Problem`."""
    found = read_image(data[:HEAD_BYTES], name.replace("\\", "/").rpartition("/")[2], seen_at=name, scope=SOURCE)
    yield found if found is not None else Problem(name, "no AppImage")


def _files(machine: Machine, folder: str, depth: int) -> Iterator[Entry]:
    for member in machine.list_folder(folder) or ():
        if member.is_file and (member.size_bytes or 0) >= MIN_BYTES:
            yield member
        elif member.is_folder and depth > 1:
            yield from _files(machine, member.path, depth - 1)


def _image(machine: Machine, entry: Entry, home: Home, scope: str) -> Iterator[Software | Problem]:
    shown = home.shown(entry.path)
    try:
        head = machine.read_part(entry.path, 0, HEAD_BYTES) or b""
    except Unreadable as error:
        if _ENDING.search(entry.name):  # another program that we may not read is no AppImage that we know of
            yield Problem(shown, error.why)
        return
    found = read_image(
        head, entry.name, seen_at=shown, scope=scope, size_bytes=entry.size_bytes, per_user=home is not _SYSTEM
    )
    if found is not None:
        yield found
    elif _ENDING.search(entry.name):
        yield Problem(shown, "named like an AppImage and is none")


def read_image(
    head: bytes,
    file_name: str,
    *,
    seen_at: str,
    scope: str,
    size_bytes: int | None = None,
    per_user: bool | None = None,
) -> Software | None:
    """Return the AppImage that begins with these bytes, `None` when it is none."""
    if len(head) < 20 or head[:4] != b"\x7fELF" or head[8:10] != b"AI" or head[10] not in (1, 2):
        return None
    (machine,) = struct.unpack_from(">H" if head[5] == 2 else "<H", head, 18)
    name, version = name_and_version(file_name)
    return Software(
        source=SOURCE,
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=version,
        identifier=file_name,
        architecture=_MACHINES.get(machine),
        location=seen_at,
        size_bytes=size_bytes,
        per_user=per_user,
    )


def name_and_version(file_name: str) -> tuple[str, str | None]:
    """Return what a file's name says: `LocalSend-1.14.0-linux-x86-64.AppImage` is LocalSend 1.14.0."""
    stem = _ENDING.sub("", file_name)
    shortened = _SYSTEM_WORD.sub("", _ARCHITECTURE.sub("", stem))
    found = _VERSION.match(shortened)
    if found is None:
        return shortened or stem or file_name, None
    return found.group("name"), found.group("version")


APPIMAGE = Collector(name=SOURCE, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file, deep=True)

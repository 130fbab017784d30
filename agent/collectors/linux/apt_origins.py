"""Which Debian packages did not come with the distribution: from another archive, or put there by hand.

Source: the archives' lists that apt keeps, /var/lib/apt/lists/*_Packages, plain or packed (lz4, gz, xz, bz2), and the
    Origin, else the Label, of the Release file that each belongs to. A package that stands in a list of the
    distribution (its Origin begins like ID or NAME of os-release) is passed over; one that stands in others' lists
    alone has their word as `origin`; one that stands in none is `local`, which is apt's own word for it. `parent` is
    the package.
Absent: no dpkg status file, or no list at all: then nothing can be said, least of all `local`.
Gaps:   a list that is packed with Zstandard or damaged cannot be read, and then nothing is called local. A package that
    somebody built anew under the name of one that the distribution has is not told from it: versions are not compared,
    since lists are as old as the last `apt update`.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.linux.dpkg import STATUS, parse_status
from agent.collectors.linux.releases import OS_RELEASE, parse_assignments
from agent.formats.packed_list import ENDINGS, PackedFault, unpacked
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "apt_origins"
LISTS = "/var/lib/apt/lists"
SCOPE = "%s:%s" % (SOURCE, LISTS)
LOCAL = "local"
PIECE_BYTES = 4 * 1024 * 1024
UNPACKED_BYTES = 256 * 1024
MAX_PARAGRAPH_BYTES = 8 * 1024 * 1024
MAX_LIST_BYTES = 1024 * 1024 * 1024
MAX_RELEASE_BYTES = 16 * 1024 * 1024
_PACKAGES = "_Packages"
_LIST = re.compile(r"_Packages(?:\.(?:gz|xz|bz2|lz4))?$")
_FIELD = b"Package: "
_ORIGIN = re.compile(r"^(Origin|Label): *(\S.*)$", re.MULTILINE)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package that the distribution's own archives do not have. Raises `Absent`, `Unreadable`."""
    status, members = machine.read_text(STATUS), machine.list_folder(LISTS)
    lists = [each for each in members or () if not each.is_folder and _LIST.search(each.name)]
    compressed = [each for each in members or () if each.name.endswith(_PACKAGES + ".zst")]
    if status is None or not (lists or compressed):
        raise Absent(LISTS)
    yield Scope(SCOPE)
    installed = [each for each in parse_status(status, seen_at=STATUS) if isinstance(each, Software)]
    names = {each.name.encode() for each in installed}
    origins: dict[bytes, str] = {}
    whole = bool(lists) and not compressed
    own = _own_words(machine)
    for entry in compressed:
        yield Problem(entry.path, "a compressed list is not read")
    for entry in lists:
        origin = _origin(machine, entry, members or ())
        try:
            _note(machine, entry, names, origins, "" if _is_own(origin, own) else origin)
        except (Unreadable, PackedFault) as error:
            whole = False
            yield Problem(entry.path, getattr(error, "why", str(error)))
    for package in installed:
        origin = origins.get(package.name.encode(), LOCAL if whole else "")
        if origin:
            yield _foreign(package, origin)


def _foreign(package: Software, origin: str) -> Software:
    return Software(
        source=SOURCE,
        name=package.name,
        scope=SCOPE,
        seen_at=STATUS if origin == LOCAL else LISTS,
        version=package.version,
        identifier=package.name,
        architecture=package.architecture,
        per_user=False,
        origin=origin,
        parent=package.name,
    )


def _note(machine: Machine, entry: Entry, names: set[bytes], origins: dict[bytes, str], origin: str) -> None:
    """Note the origin of every wanted package of one list; the distribution's own (empty) beats any other."""
    path = entry.path

    def read(at: int, count: int) -> bytes | None:
        return machine.read_part(path, at, count)

    packed = path.endswith(ENDINGS)
    found = names_in(unpacked(path, read), names, UNPACKED_BYTES) if packed else names_in(read, names)
    for name in found:
        if not origin or name not in origins:
            origins[name] = origin


def names_in(
    read: Callable[[int, int], bytes | None], names: set[bytes], piece_bytes: int = PIECE_BYTES
) -> Iterator[bytes]:
    """Yield the wanted names of a list, in order, whatever the size of the pieces.

    `read` gives at most that many bytes from a place on. Raises `Unreadable` for a paragraph longer than
    `MAX_PARAGRAPH_BYTES`, and what `read` raises.
    """
    rest, at = b"", 0
    while at < MAX_LIST_BYTES:
        piece = read(at, piece_bytes)
        if not piece:
            break
        at += len(piece)
        whole, gap, rest = (rest + piece).rpartition(b"\n\n")
        yield from _names(whole + gap, names)
        if len(rest) > MAX_PARAGRAPH_BYTES:
            raise Unreadable(LISTS, "a paragraph of more than %d bytes" % MAX_PARAGRAPH_BYTES)
    yield from _names(rest, names)


def _names(text: bytes, names: set[bytes]) -> Iterator[bytes]:
    for block in text.split(b"\n\n"):
        if block.startswith(_FIELD):
            name = block[len(_FIELD) : block.find(b"\n")].strip()
            if name in names:
                yield name


def _origin(machine: Machine, entry: Entry, members: tuple[Entry, ...]) -> str:
    """Return the word of the archive that a list belongs to: Origin, else Label of its Release file, else its host."""
    for member in members:
        prefix, _, kind = member.name.rpartition("_")
        if kind in ("InRelease", "Release") and prefix and entry.name.startswith(prefix + "_"):
            try:
                text = machine.read_text(member.path, MAX_RELEASE_BYTES) or ""
            except Unreadable:
                continue
            words: dict[str, str] = dict(reversed(_ORIGIN.findall(text[:65536])))
            word = words.get("Origin") or words.get("Label")
            if word:
                return word.strip()
    return entry.name.partition("_")[0] or entry.name


def _own_words(machine: Machine) -> tuple[str, ...]:
    """Return the words by which the distribution calls itself, in lower case."""
    for path in OS_RELEASE:
        try:
            text = machine.read_text(path, 65536)
        except Unreadable:
            continue
        if text is not None:
            values = parse_assignments(text)
            words = (values.get("ID", ""), values.get("NAME", "").partition(" ")[0])
            return tuple(word.lower() for word in words if word)
    return ()


def _is_own(origin: str, own: tuple[str, ...]) -> bool:
    return any(origin.lower().startswith(word) for word in own)


APT_ORIGINS = Collector(name=SOURCE, platforms=frozenset({"linux"}), collect=collect, deep=True)

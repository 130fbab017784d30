"""Programs and libraries of Windows (Portable Executable): where their resources and their signature lie.

Layout as in Microsoft's "PE Format". Only the pieces that are wanted are read, through `read(start, length)`, so a
file of hundreds of megabytes costs a few kilobytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Callable

ReadPart = Callable[[int, int], bytes]
MAX_SECTIONS = 96
MAX_RESOURCE_BYTES = 256 * 1024
MAX_ENTRIES = 4096

_RESOURCES, _SECURITY = 2, 4
_SUBDIRECTORY = 0x80000000


class DamagedProgram(ValueError):
    """The bytes are no program of Windows, or its tables lead nowhere."""


@dataclass(frozen=True)
class _Section:
    address: int
    size: int
    start: int


class ProgramFile:
    """The headers of one program. Raises `DamagedProgram` when it is none."""

    def __init__(self, read: ReadPart) -> None:
        self._read = read
        head = read(0, 64)
        if len(head) < 64 or head[:2] != b"MZ":
            raise DamagedProgram("no MZ header")
        (at,) = struct.unpack_from("<I", head, 60)
        signature = read(at, 24)
        if len(signature) < 24 or signature[:4] != b"PE\0\0":
            raise DamagedProgram("no PE header")
        self.machine, sections, _, _, _, size, self.characteristics = struct.unpack_from("<HHIIIHH", signature, 4)
        optional = read(at + 24, size)
        if len(optional) < size or size < 96 or sections > MAX_SECTIONS:
            raise DamagedProgram("no optional header")
        (magic,) = struct.unpack_from("<H", optional, 0)
        if magic not in (0x10B, 0x20B):
            raise DamagedProgram("neither PE32 nor PE32+")
        self.is_64_bit = magic == 0x20B
        self._directories = optional[112 if self.is_64_bit else 96 :]
        table = read(at + 24 + size, sections * 40)
        self._sections = [_section(table, number) for number in range(len(table) // 40)]

    def directory(self, number: int) -> tuple[int, int]:
        """Return address and size of a data directory, zeros when it has none."""
        if len(self._directories) < number * 8 + 8:
            return (0, 0)
        address, size = struct.unpack_from("<II", self._directories, number * 8)
        return (address, size)

    def signature(self, limit: int = 1024 * 1024) -> bytes | None:
        """Return the first PKCS #7 signature that is embedded, `None` when there is none. Raises `DamagedProgram`."""
        start, size = self.directory(_SECURITY)
        if not start or size < 8:
            return None
        head = self._read(start, 8)
        if len(head) < 8:
            raise DamagedProgram("the signature lies beyond the end")
        length, _, kind = struct.unpack("<IHH", head)
        if kind != 2 or not 8 < length <= min(size, limit):
            raise DamagedProgram("no PKCS #7 signature")
        return self._read(start + 8, length - 8)

    def resource(self, kind: int) -> bytes | None:
        """Return the first resource of a kind (16: version), `None` when there is none. Raises `DamagedProgram`."""
        address, _ = self.directory(_RESOURCES)
        top = self._offset(address) if address else None
        if top is None:
            return None
        at = self._entry(top, 0, kind)
        for _ in range(2):
            at = None if at is None else self._entry(top, at & ~_SUBDIRECTORY, None)
        if at is None or at & _SUBDIRECTORY:
            return None
        leaf = self._read(top + at, 16)
        if len(leaf) < 16:
            raise DamagedProgram("a resource lies beyond the end")
        place, size = struct.unpack_from("<II", leaf)
        start = self._offset(place)
        return None if start is None else self._read(start, min(size, MAX_RESOURCE_BYTES))

    def _entry(self, top: int, below: int, wanted: int | None) -> int | None:
        """Return where the entry of that number, or the first one, leads."""
        head = self._read(top + below, 16)
        if len(head) < 16:
            raise DamagedProgram("a directory lies beyond the end")
        named, numbered = struct.unpack_from("<HH", head, 12)
        table = self._read(top + below + 16, min(named + numbered, MAX_ENTRIES) * 8)
        for number in range(len(table) // 8):
            identity, place = struct.unpack_from("<II", table, number * 8)
            if wanted is None or identity == wanted:
                return int(place)
        return None

    def _offset(self, address: int) -> int | None:
        """Return the place in the file of an address in memory."""
        for section in self._sections:
            if section.address <= address < section.address + section.size:
                return address - section.address + section.start
        return None


def _section(table: bytes, number: int) -> _Section:
    """Return one section; the larger of its two sizes counts, as the loader has it."""
    in_memory, address, on_disk, start = struct.unpack_from("<IIII", table, number * 40 + 8)
    return _Section(address, max(in_memory, on_disk), start)

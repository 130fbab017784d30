"""Writes registry hives: a real regf file from plain values, so that a test can state what a hive holds.

The layout is the one that Windows writes: base block with its checksum, one hbin, nk and vk cells, lf or li
lists, an ri index for many sub-keys, db for large values, compressed names where they fit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    WrittenValue: TypeAlias = "str | int | bytes | tuple[str, ...] | Typed"

_NOTHING = 0xFFFFFFFF
_FILETIME_OF_1970 = 116_444_736_000_000_000
_SEGMENT_BYTES = 16344
_LIST_LENGTH = 500


@dataclass(frozen=True)
class Typed:
    """A value with its registry type and raw bytes, for what a plain value cannot say."""

    kind: int
    data: bytes


@dataclass
class Key:
    """One key to write: values by name (`""` is the default value) and sub-keys by name."""

    values: dict[str, WrittenValue] = field(default_factory=dict)
    subkeys: dict[str, Key] = field(default_factory=dict)
    written_seconds: int = 1_700_000_000

    def at(self, path: str) -> Key:
        """Return the key at `path` below this one, made when it is not there."""
        here = self
        for name in path.split("\\"):
            here = here.subkeys.setdefault(name, Key(written_seconds=self.written_seconds))
        return here


def write_hive(root: Key, *, name: str = "SOFTWARE", is_dirty: bool = False) -> bytes:
    """Return the bytes of a hive whose root key is `root`. The same tree gives the same bytes."""
    cells = _Cells()
    offset = _write_key(cells, "ROOT", root, _NOTHING, is_root=True)
    content = cells.finished()
    base = bytearray(4096)
    ticks = _FILETIME_OF_1970 + root.written_seconds * 10_000_000
    struct.pack_into(
        "<4sIIQIIIIIII", base, 0, b"regf", 2, 1 if is_dirty else 2, ticks, 1, 5, 0, 1, offset, len(content), 1
    )
    file_name = name.encode("utf-16-le")[:62]
    base[48 : 48 + len(file_name)] = file_name
    checksum = 0
    for (word,) in struct.iter_unpack("<I", bytes(base[:508])):
        checksum ^= word
    struct.pack_into("<I", base, 508, checksum)
    return bytes(base) + content


class _Cells:
    """The cells of the one bin of the hive."""

    def __init__(self) -> None:
        self._data = bytearray(32)

    def add(self, content: bytes) -> int:
        """Put one allocated cell at the end and return its offset."""
        offset = len(self._data)
        size = -(-(len(content) + 4) // 8) * 8
        self._data += struct.pack("<i", -size) + content + b"\0" * (size - 4 - len(content))
        return offset

    def patch(self, offset: int, at: int, value: int) -> None:
        """Write a number into a cell that was added before."""
        struct.pack_into("<I", self._data, offset + 4 + at, value)

    def finished(self) -> bytes:
        """Return the bin, filled up with one free cell to a whole number of pages."""
        rest = -len(self._data) % 4096
        if 0 < rest < 8:
            rest += 4096
        if rest:
            self._data += struct.pack("<i", rest) + b"\0" * (rest - 4)
        struct.pack_into("<4sIIQQI", self._data, 0, b"hbin", 0, len(self._data), 0, _FILETIME_OF_1970, 0)
        return bytes(self._data)


def _write_key(cells: _Cells, name: str, key: Key, parent: int, *, is_root: bool = False) -> int:
    data, is_latin = _name_bytes(name)
    flags = (0x20 if is_latin else 0) | (0x0C if is_root else 0)
    ticks = _FILETIME_OF_1970 + key.written_seconds * 10_000_000
    offset = cells.add(
        struct.pack(
            "<2sHQIIIIIIIIII5IHH",
            b"nk",
            flags,
            ticks,
            0,
            parent,
            len(key.subkeys),
            0,
            _NOTHING,
            _NOTHING,
            len(key.values),
            _NOTHING,
            _NOTHING,
            _NOTHING,
            0,
            0,
            0,
            0,
            0,
            len(data),
            0,
        )
        + data
    )
    if key.values:
        places = [_write_value(cells, *item) for item in key.values.items()]
        cells.patch(offset, 40, cells.add(struct.pack(f"<{len(places)}I", *places)))
    if key.subkeys:
        children = sorted(key.subkeys.items(), key=lambda item: item[0].upper())
        written = [(child, _write_key(cells, child, inner, offset)) for child, inner in children]
        cells.patch(offset, 28, _write_list(cells, written))
    return offset


def _write_list(cells: _Cells, children: list[tuple[str, int]]) -> int:
    """Write one lf list, or an ri index over li lists when there are many."""
    if len(children) <= _LIST_LENGTH:
        entries = b"".join(struct.pack("<I4s", at, name.encode("ascii", "replace")[:4]) for name, at in children)
        return cells.add(struct.pack("<2sH", b"lf", len(children)) + entries)
    leaves = []
    for start in range(0, len(children), _LIST_LENGTH):
        part = [at for _, at in children[start : start + _LIST_LENGTH]]
        leaves.append(cells.add(struct.pack(f"<2sH{len(part)}I", b"li", len(part), *part)))
    return cells.add(struct.pack(f"<2sH{len(leaves)}I", b"ri", len(leaves), *leaves))


def _write_value(cells: _Cells, name: str, value: WrittenValue) -> int:
    typed = typed_value(value)
    data, is_latin = _name_bytes(name)
    if len(typed.data) <= 4:
        size = len(typed.data) | 0x80000000
        (where,) = struct.unpack("<I", typed.data.ljust(4, b"\0"))
    else:
        size, where = len(typed.data), _write_data(cells, typed.data)
    return cells.add(struct.pack("<2sHIIIHH", b"vk", len(data), size, where, typed.kind, int(is_latin), 0) + data)


def _write_data(cells: _Cells, data: bytes) -> int:
    if len(data) <= _SEGMENT_BYTES:
        return cells.add(data)
    starts = range(0, len(data), _SEGMENT_BYTES)
    places = [cells.add(data[start : start + _SEGMENT_BYTES]) for start in starts]
    listed = cells.add(struct.pack(f"<{len(places)}I", *places))
    return cells.add(struct.pack("<2sHI", b"db", len(places), listed))


def typed_value(value: WrittenValue) -> Typed:
    """Return the registry type that Windows itself would choose: text, number, binary, list of texts."""
    if isinstance(value, Typed):
        return value
    if isinstance(value, str):
        return Typed(1, (value + "\0").encode("utf-16-le"))
    if isinstance(value, int):
        return Typed(4, struct.pack("<I", value)) if value < 1 << 32 else Typed(11, struct.pack("<Q", value))
    if isinstance(value, tuple):
        return Typed(7, ("".join(text + "\0" for text in value) + "\0").encode("utf-16-le"))
    return Typed(3, value)


def _name_bytes(name: str) -> tuple[bytes, bool]:
    try:
        return name.encode("latin-1"), True
    except UnicodeEncodeError:
        return name.encode("utf-16-le"), False

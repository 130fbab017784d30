"""Registry hives as Windows keeps them on disk (`SOFTWARE`, `SYSTEM`, `NTUSER.DAT`): the regf format.

Read: keys (nk), values (vk), sub-key lists (lf, lh, li, ri), big data (db), names in either encoding.
Not read: transaction logs, which `registry_log` puts in. A hive that was in use (`is_dirty`) is read as the file
    stands, without what Windows had written to its logs only.
Damage: a cell that cannot be read costs the value or sub-key that it holds; `HiveKey.faults` names it.
"""

from __future__ import annotations

import struct
from typing import Iterator, Tuple

from agent.formats.registry_value import MAX_KEY_DEPTH, HiveKey, Value, Values, decode_value, filetime_text

__all__ = ["DamagedHive", "HiveKey", "RegistryHive"]

IN_USE = "the hive was in use and its transaction logs were not read: newest changes are missing"
"""What to say of a hive that `is_dirty`."""
MAX_SUBKEYS = 200_000
MAX_VALUES = 65_536
MAX_VALUE_BYTES = 4 * 1024 * 1024
MAX_BYTES_OF_ONE_KEY = 32 * 1024 * 1024
"""Of all values of a key together, so that a list that names one large value again and again ends."""
MAX_FAULTS = 50

_BASE_BLOCK = 4096
_NOTHING = 0xFFFFFFFF
_SEGMENT_BYTES = 16344
_RESIDENT = 0x80000000
_NAME_IS_LATIN = 0x20
_VALUE_NAME_IS_LATIN = 0x01
_CACHED_KEYS = 32
_KEY_BYTES = 76 + 2 * 255
_VALUE_BYTES = 20 + 2 * 16383
_LIST_BYTES = 4 + 8 * 0xFFFF

_Key = Tuple[int, int, int, int, int, int, bytes]


class DamagedHive(Exception):
    """The hive, or the key asked for, cannot be read: where in the file or registry, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__("%s: %s" % (where, why))
        self.where = where
        self.why = why


class RegistryHive:
    """One hive. Keys are looked up by path below the hive's root, without regard to case."""

    def __init__(self, data: bytes) -> None:
        """Check the base block of a hive file's bytes. Raises `DamagedHive` when there is no root key."""
        if data[:4] != b"regf":
            raise DamagedHive("base block", "no regf signature")
        if len(data) < _BASE_BLOCK + 32:
            raise DamagedHive("base block", "the file ends after %d bytes" % len(data))
        self._data = data
        first, second, ticks, major, minor = struct.unpack_from("<IIQII", data, 4)
        if major != 1:
            raise DamagedHive("base block", "version %d.%d is not known" % (major, minor))
        self._has_big_data = minor >= 4
        self._root, declared_bytes = struct.unpack_from("<II", data, 36)
        self._children: dict[int, dict[str, tuple[int, str]]] = {}
        self._children_faults: dict[int, tuple[str, ...]] = {}
        self.is_dirty = bool(first != second)
        """Windows had not finished writing: newer changes may lie in the transaction logs."""
        self.is_truncated = bool(_BASE_BLOCK + declared_bytes > len(data))
        self.written_at = filetime_text(ticks)
        self._node(self._root)

    def key(self, path: str = "") -> HiveKey | None:
        """Return the key at `path` (`Microsoft\\Windows`, "" is the root), `None` when there is none.

        Raises `DamagedHive` when the key, or a list in which it would have to stand, cannot be read.
        """
        parts = [part for part in path.split("\\") if part]
        if len(parts) > MAX_KEY_DEPTH:
            return None
        offset = self._root
        for part in parts:
            child = self._children_of(offset).get(part.upper())
            if child is None:
                if self._children_faults.get(offset):
                    raise DamagedHive(path, "not found, and sub-keys beside it are damaged")
                return None
            offset = child[0]
        return self._key(offset)

    def _key(self, offset: int) -> HiveKey:
        node = self._node(offset)
        values: Values = {}
        faults: list[str] = []
        for name, value, fault in self._values(node):
            if fault is None:
                values.setdefault(name, value)
            else:
                faults.append(fault)
        names = tuple(name for _, name in self._children_of(offset).values())
        faults.extend(self._children_faults.get(offset, ()))
        return HiveKey(self._name(node), values, names, filetime_text(node[1]), tuple(faults[:MAX_FAULTS]))

    def _cell(self, offset: int, what: str, limit: int) -> bytes:
        """Return at most `limit` bytes of the allocated cell at `offset`, counted from the first bin."""
        at = _BASE_BLOCK + offset
        if offset == _NOTHING or at + 4 > len(self._data):
            raise DamagedHive("0x%x" % offset, "%s lies outside the file" % what)
        (size,) = struct.unpack_from("<i", self._data, at)
        if size > -8:
            raise DamagedHive("0x%x" % offset, "%s lies in a free cell" % what)
        if at - size > len(self._data):
            raise DamagedHive("0x%x" % offset, "%s reaches beyond the file" % what)
        return self._data[at + 4 : min(at - size, at + 4 + limit)]

    def _node(self, offset: int) -> _Key:
        """Return flags, written ticks, sub-key count and list, value count and list, name bytes of a key."""
        cell = self._cell(offset, "key", _KEY_BYTES)
        if cell[:2] != b"nk" or len(cell) < 76:
            raise DamagedHive("0x%x" % offset, "no key where one should be")
        flags, ticks = struct.unpack_from("<HQ", cell, 2)
        subkey_count, _, subkey_list, _, value_count, value_list = struct.unpack_from("<6I", cell, 20)
        (name_bytes,) = struct.unpack_from("<H", cell, 72)
        name = cell[76 : 76 + name_bytes]
        return flags, ticks, subkey_count, subkey_list, value_count, value_list, name

    @staticmethod
    def _name(node: _Key) -> str:
        return _decoded_name(node[6], bool(node[0] & _NAME_IS_LATIN))

    def _children_of(self, offset: int) -> dict[str, tuple[int, str]]:
        """Return the sub-keys of a key: name in capitals → offset and name, in the order of the hive.

        The keys that were asked for last are remembered, those without sub-keys not: a walk through the thousands
        below one key must not make that key forgotten.
        """
        if offset in self._children:
            self._children[offset] = self._children.pop(offset)
        else:
            node = self._node(offset)
            if node[2] == 0:
                return {}
            if len(self._children) >= _CACHED_KEYS:
                eldest = next(iter(self._children))
                del self._children[eldest], self._children_faults[eldest]
            found: dict[str, tuple[int, str]] = {}
            faults: list[str] = []
            for child, fault in self._listed(node):
                try:
                    if fault is not None:
                        raise fault
                    name = self._name(self._node(child))
                    found.setdefault(name.upper(), (child, name))
                except DamagedHive as damage:
                    if len(faults) < MAX_FAULTS:
                        faults.append("sub-key at %s" % damage)
            self._children[offset] = found
            self._children_faults[offset] = tuple(faults)
        return self._children[offset]

    def _listed(self, node: _Key) -> Iterator[tuple[int, DamagedHive | None]]:
        """Yield the offsets in a key's sub-key list, which may be a list of lists, and what was wrong."""
        count, top = node[2], node[3]
        if count == 0:
            return
        listed = 0
        for part, fault in self._leaves(top):
            if fault is not None:
                yield 0, fault
                continue
            for child in part[: min(count, MAX_SUBKEYS) - listed]:
                yield child, None
            listed = min(listed + len(part), count, MAX_SUBKEYS)
            if listed >= min(count, MAX_SUBKEYS):
                break
        if listed < count:
            yield 0, DamagedHive("0x%x" % top, "%d of %d sub-keys are listed" % (listed, count))

    def _leaves(self, top: int) -> Iterator[tuple[tuple[int, ...], DamagedHive | None]]:
        """Yield the leaves of a sub-key list, each as offsets of keys; an index (ri) is one level deep."""
        try:
            kind, offsets = self._list(top)
        except DamagedHive as damage:
            yield (), damage
            return
        if kind != b"ri":
            yield offsets, None
            return
        damaged = 0
        for leaf in offsets:
            if damaged > MAX_FAULTS:
                return
            try:
                kind, inner = self._list(leaf)
                if kind == b"ri":
                    raise DamagedHive("0x%x" % leaf, "an index within an index")
                yield inner, None
            except DamagedHive as damage:
                damaged += 1
                yield (), damage

    def _list(self, offset: int) -> tuple[bytes, tuple[int, ...]]:
        """Return the kind and the offsets of one list cell."""
        cell = self._cell(offset, "sub-key list", _LIST_BYTES)
        kind = cell[:2]
        step = {b"lf": 2, b"lh": 2, b"li": 1, b"ri": 1}.get(kind)
        if step is None or len(cell) < 4:
            raise DamagedHive("0x%x" % offset, "no sub-key list where one should be")
        (count,) = struct.unpack_from("<H", cell, 2)
        count = min(count, (len(cell) - 4) // (4 * step))
        return kind, struct.unpack_from("<%dI" % (count * step), cell, 4)[::step]

    def _values(self, node: _Key) -> Iterator[tuple[str, Value, str | None]]:
        """Yield name, value and `None` for every value of a key, or what was wrong with it."""
        count = node[4]
        if count == 0:
            return
        try:
            cell = self._cell(node[5], "value list", 4 * MAX_VALUES)
        except DamagedHive as damage:
            yield "", 0, "values at %s" % damage
            return
        present = min(count, len(cell) // 4, MAX_VALUES)
        read_bytes = 0
        for offset in struct.unpack_from("<%dI" % present, cell, 0):
            try:
                name, value, size = self._value(offset)
                read_bytes += size
                yield name, value, None
            except DamagedHive as damage:
                yield "", 0, "value at %s" % damage
            if read_bytes > MAX_BYTES_OF_ONE_KEY:
                yield "", 0, "values beyond %d bytes were left out" % MAX_BYTES_OF_ONE_KEY
                return
        if present < count:
            yield "", 0, "%d of %d values are listed" % (present, count)

    def _value(self, offset: int) -> tuple[str, Value, int]:
        """Return name, value and how many bytes were read for them."""
        cell = self._cell(offset, "value", _VALUE_BYTES)
        if cell[:2] != b"vk" or len(cell) < 20:
            raise DamagedHive("0x%x" % offset, "no value where one should be")
        name_bytes, size, where, kind, flags = struct.unpack_from("<HIIIH", cell, 2)
        name = _decoded_name(cell[20 : 20 + name_bytes], bool(flags & _VALUE_NAME_IS_LATIN))
        is_resident = bool(size & _RESIDENT)
        data = cell[8 : 8 + min(size & ~_RESIDENT, 4)] if is_resident else self._outside(where, size, name)
        return name, decode_value(kind, data), len(cell) + len(data)

    def _outside(self, offset: int, size: int, name: str) -> bytes:
        """Return the data of a value that does not fit into its own cell."""
        if size == 0:
            return b""
        if size > MAX_VALUE_BYTES:
            raise DamagedHive(name, "value of %d bytes is too large" % size)
        cell = self._cell(offset, "data of " + name, MAX_VALUE_BYTES)
        if size > _SEGMENT_BYTES and self._has_big_data and cell[:2] == b"db":
            cell = self._segments(cell, name)
        if len(cell) < size:
            raise DamagedHive(name, "%d of %d bytes are there" % (len(cell), size))
        return cell[:size]

    def _segments(self, cell: bytes, name: str) -> bytes:
        """Return the pieces of big data put together."""
        count, where = struct.unpack_from("<HI", cell, 2) if len(cell) >= 8 else (0, _NOTHING)
        places = self._cell(where, "segments of " + name, MAX_VALUE_BYTES // 8)
        count = min(count, len(places) // 4, MAX_VALUE_BYTES // _SEGMENT_BYTES + 1)
        offsets = struct.unpack_from("<%dI" % count, places, 0)
        return b"".join(self._cell(offset, "segment of " + name, _SEGMENT_BYTES) for offset in offsets)


def _decoded_name(name: bytes, is_latin: bool) -> str:
    """Return a name: one byte a character when Windows compressed it, else UTF-16."""
    return name.decode("latin-1") if is_latin else name[: len(name) & ~1].decode("utf-16-le", "replace")

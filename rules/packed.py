"""A table of which one entry can be read without the others: sorted by key, packed in small pieces.

A command that asks for one title opens the few pieces that hold its keys. Whoever asks for many has the whole table
soon: it is then held as one, so that a key costs little more than in a dictionary.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

Buffer = bytes | memoryview
V = TypeVar("V")
T = TypeVar("T")
ENTRIES = 96
"""So many entries stand in one piece."""
LARGEST_PIECE_BYTES = 64 << 20
_WHOLE_AFTER = 0.25
"""Share of opened pieces from which the others are opened too."""


class PackedFault(ValueError):
    """The bytes are no packed table."""


def packed_json(value: Any) -> bytes:
    """Return a plain value as JSON packed with zlib."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpacked_json(packed: Buffer, most_bytes: int = LARGEST_PIECE_BYTES) -> Any:
    """Return the value again. Raises PackedFault for what is larger, and for anything else."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, most_bytes)
        if unpacker.unconsumed_tail:
            raise PackedFault(f"larger than {most_bytes} bytes")
        return json.loads(text)
    except (zlib.error, ValueError) as error:
        raise PackedFault(str(error)) from error


def packed_table(entries: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the directory of a table, as a plain value, and its pieces."""
    keys = sorted(entries)
    starts, ends, whole = [], [], b""
    pieces = []
    length = 0
    for begun in range(0, len(keys), ENTRIES):
        piece = packed_json({key: entries[key] for key in keys[begun : begun + ENTRIES]})
        length += len(piece)
        pieces.append(piece)
        starts.append(keys[begun])
        ends.append(length)
    whole = b"".join(pieces)
    return {"count": len(keys), "starts": starts, "ends": ends}, whole


class PackedTable(Mapping[str, V], Generic[V]):
    """The entries in the order of their keys; each is read when it is asked for, and is the same object ever after."""

    def __init__(self, directory: Mapping[str, Any], pieces: Buffer, read: Callable[[Any], V]) -> None:
        """`read` makes an entry of its plain value. Raises PackedFault when the directory does not fit the pieces."""
        self._starts: list[str] = directory["starts"]
        self._ends: list[int] = directory["ends"]
        self._count: int = directory["count"]
        if len(self._starts) != len(self._ends) or (self._ends[-1] if self._ends else 0) != len(pieces):
            raise PackedFault("the directory does not fit the pieces")
        self._pieces = pieces
        self._read = read
        self._opened: dict[int, dict[str, Any]] = {}
        self._plain: dict[str, Any] | None = None
        self._entries: dict[str, V] = {}

    def __getitem__(self, key: str) -> V:
        found = self._entries.get(key)
        if found is None:
            found = self._entries.setdefault(key, self._read(self._piece_of(key)[key]))
        return found

    @overload
    def get(self, key: str, /) -> V | None: ...
    @overload
    def get(self, key: str, /, default: V | T) -> V | T: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        """As of a dictionary."""
        found = self._entries.get(key)
        if found is None:
            plain = self._plain
            if key not in (self._piece_of(key) if plain is None else plain):
                return default
            return self[key]
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._piece_of(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return self._count

    def _piece_of(self, key: str) -> dict[str, Any]:
        if self._plain is not None:
            return self._plain
        number = max(0, bisect_right(self._starts, key) - 1)
        if number >= len(self._ends):
            return {}
        found = self._opened.get(number)
        if found is None:
            found = self._open(number)
            if len(self._opened) > len(self._ends) * _WHOLE_AFTER and len(self._opened) > 1:
                return self._whole()
        return found

    def _open(self, number: int) -> dict[str, Any]:
        begun = self._ends[number - 1] if number else 0
        piece: dict[str, Any] = unpacked_json(self._pieces[begun : self._ends[number]])
        self._opened[number] = piece
        return piece

    def _whole(self) -> dict[str, Any]:
        if self._plain is None:
            whole: dict[str, Any] = {}
            for number in range(len(self._ends)):
                whole |= self._opened.get(number) or self._open(number)
            self._plain = whole
            self._opened = {}
        return self._plain

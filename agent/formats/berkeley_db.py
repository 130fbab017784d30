"""Values of a Berkeley DB hash database, such as the `Packages` file of rpm up to 4.15.

Pages of one size, in the byte order of the machine that made them. A hash page lists its items from the page's
end backwards, key and value in turn; what does not fit lies on a chain of overflow pages.
"""

from __future__ import annotations

import struct
from typing import Iterator, Union

from agent.formats.rpm_blobs import BadBlob, Blob, DatabaseFault

_MAGIC = 0x00061561
_PAGE_HEADER_BYTES = 26
_HASH_UNSORTED, _OVERFLOW, _HASH_META, _HASH = 2, 7, 8, 13
_ON_PAGE, _OFF_PAGE = 1, 3
_OFF_PAGE_BYTES = 12
MAX_VALUE_BYTES = 64 * 1024 * 1024

Found = Union[Blob, BadBlob]


def package_blobs(data: bytes) -> Iterator[Found]:
    """Yield the value of every key but 0 (rpm keeps its own counter there), in page order.

    Raises `DatabaseFault` when the file is not such a database. A value whose pages are damaged is a `BadBlob`,
    and so is the end of a file that is shorter than it says.
    """
    pages = _Pages(data)
    for number in range(1, pages.count):
        if pages.kind(number) in (_HASH_UNSORTED, _HASH):
            yield from pages.values(number)
    if pages.count <= pages.last:
        yield BadBlob("page %d" % pages.count, "the file ends %d pages early" % (pages.last + 1 - pages.count))


class _Pages:
    """The pages of one file, addressed by number."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 72:
            raise DatabaseFault("too short for a Berkeley DB file")
        self.data = data
        self.order = next((sign for sign in "<>" if struct.unpack_from(sign + "I", data, 12)[0] == _MAGIC), "")
        if not self.order or data[25] != _HASH_META:
            raise DatabaseFault("not a Berkeley DB hash file")
        if data[24]:
            raise DatabaseFault("the Berkeley DB file is encrypted")
        self.size = self._number("I", 20)
        if not 512 <= self.size <= 65536 or self.size & (self.size - 1):
            raise DatabaseFault("pages of %d bytes" % self.size)
        self.last = self._number("I", 32)
        self.count = min(self.last + 1, len(data) // self.size)

    def kind(self, page: int) -> int:
        return self.data[page * self.size + 25]

    def values(self, page: int) -> Iterator[Found]:
        """Yield the values of one hash page."""
        base = page * self.size
        items = self._number("H", base + 20)
        if _PAGE_HEADER_BYTES + 2 * items > self.size:
            yield BadBlob("page %d" % page, "claims %d items" % items)
            return
        starts = struct.unpack_from("%s%dH" % (self.order, items), self.data, base + _PAGE_HEADER_BYTES)
        ends = (self.size, *starts[:-1])
        for key in range(0, items - 1, 2):
            where = "page %d item %d" % (page, key + 1)
            try:
                if self._item(base, starts[key], ends[key]).strip(b"\0"):
                    yield Blob(where, self._item(base, starts[key + 1], ends[key + 1]))
            except DatabaseFault as fault:
                yield BadBlob(where, str(fault))

    def _item(self, base: int, start: int, end: int) -> bytes:
        """Return one key or value."""
        if not _PAGE_HEADER_BYTES <= start < end <= self.size:
            raise DatabaseFault("item from %d to %d of a page" % (start, end))
        kind = self.data[base + start]
        if kind == _ON_PAGE:
            return self.data[base + start + 1 : base + end]
        if kind != _OFF_PAGE or end - start < _OFF_PAGE_BYTES:
            raise DatabaseFault("item of kind %d" % kind)
        return self._chain(self._number("I", base + start + 4), self._number("I", base + start + 8))

    def _chain(self, page: int, length: int) -> bytes:
        """Return what a chain of overflow pages holds; a chain in a circle ends at `length`."""
        if length > min(MAX_VALUE_BYTES, len(self.data)):
            raise DatabaseFault("value of %d bytes" % length)
        pieces: list[bytes] = []
        left = length
        while left > 0:
            if not 0 < page < self.count or self.kind(page) != _OVERFLOW:
                raise DatabaseFault("page %d is not an overflow page" % page)
            base = page * self.size
            used = self._number("H", base + 22)
            if not 0 < used <= self.size - _PAGE_HEADER_BYTES:
                raise DatabaseFault("page %d holds %d bytes" % (page, used))
            pieces.append(self.data[base + _PAGE_HEADER_BYTES : base + _PAGE_HEADER_BYTES + min(used, left)])
            left -= used
            page = self._number("I", base + 16)
        return b"".join(pieces)

    def _number(self, layout: str, offset: int) -> int:
        return int(struct.unpack_from(self.order + layout, self.data, offset)[0])

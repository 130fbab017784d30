"""Writers of rpm headers and of the three kinds of rpm database, for tests and for the recorded machines.

Each file is as small as the format allows and holds what rpm itself would read back.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Union

Value = Union[str, int, "Sequence[str]"]
TAGS = {
    "name": 1000, "version": 1001, "release": 1002, "epoch": 1003, "summary": 1004, "description": 1005,
    "installtime": 1008, "size": 1009, "distribution": 1010, "vendor": 1011, "license": 1014, "packager": 1015,
    "group": 1016, "os": 1021, "arch": 1022, "sourcerpm": 1044, "requirename": 1049, "longsize": 5009,
}  # fmt: skip
TRANSLATED = ("summary", "description", "group")
_INT32, _INT64, _STRING, _STRING_ARRAY, _I18N = 4, 5, 6, 8, 9


def header(fields: Mapping[str, Value]) -> bytes:
    """Return a header blob; the keys are names of `TAGS`, a value is a text, a number or a list of texts."""
    entries: list[tuple[int, int, int, int]] = []
    data = b""
    for name, value in sorted(fields.items(), key=lambda item: TAGS[item[0]]):
        kind = _kind(name, value)
        if kind in (_INT32, _INT64):
            width = 4 if kind == _INT32 else 8
            data += b"\0" * (-len(data) % width)
            piece, count = struct.pack(">I" if width == 4 else ">Q", value), 1
        else:
            texts = [value] if isinstance(value, str) else list(value)  # type: ignore[arg-type]
            piece, count = b"".join(text.encode("utf-8") + b"\0" for text in texts), len(texts)
        entries.append((TAGS[name], kind, len(data), count))
        data += piece
    index = b"".join(struct.pack(">IIII", *entry) for entry in entries)
    return struct.pack(">II", len(entries), len(data)) + index + data


def _kind(name: str, value: Value) -> int:
    if isinstance(value, int):
        return _INT64 if name == "longsize" else _INT32
    if name in TRANSLATED:
        return _I18N
    return _STRING if isinstance(value, str) else _STRING_ARRAY


def write_sqlite(path: str, blobs: Sequence[bytes]) -> None:
    """Write `rpmdb.sqlite` with the tables that packages need."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.close()


def ndb(blobs: Sequence[bytes]) -> bytes:
    """Return the bytes of a `Packages.db`."""
    slots, blocks = b"", b""
    for number, blob in enumerate(blobs, start=1):
        head = struct.pack("<4sIII", b"BlbS", number, 1, len(blob))
        body = head + blob + b"\0" * (-(len(head) + len(blob) + 12) % 16)
        body += struct.pack("<II4s", zlib.adler32(body), len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, (4096 + len(blocks)) // 16, len(body) // 16)
        blocks += body
    start = struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(blobs) + 1, 0, 0, 0)
    free = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    page = start + slots
    return page + free * ((4096 - len(page)) // 16) + blocks


def berkeley_db(blobs: Sequence[bytes], order: str = "<", page_bytes: int = 512) -> bytes:
    """Return the bytes of a `Packages` file in the byte order `<` or `>`; long values go to overflow pages."""
    hash_items = [struct.pack(order + "I", 0), struct.pack(order + "I", len(blobs))]
    overflow: list[bytes] = []
    first_overflow = 1 + max(1, -(-(2 + 2 * len(blobs)) * 20 // (page_bytes - 40)))
    for number, blob in enumerate(blobs, start=1):
        hash_items.append(struct.pack(order + "I", number))
        if len(blob) < 64:
            hash_items.append(blob)
        else:
            hash_items.append(_off_page(order, first_overflow + len(overflow), len(blob)))
            overflow.extend(_chain(order, page_bytes, first_overflow + len(overflow), blob))
    pages = _hash_pages(order, page_bytes, hash_items, first_overflow - 1)
    meta = struct.pack(order + "8xIIIIBBBBIIIIII", 0, 0x61561, 9, page_bytes, 0, 8, 0, 0, 0,
                       len(pages) + len(overflow), 0, len(blobs) + 1, len(blobs) + 1, 0)  # fmt: skip
    return b"".join([meta.ljust(page_bytes, b"\0"), *pages, *overflow])


class _OffPage(bytes):
    """An item that points at overflow pages."""


def _off_page(order: str, page: int, length: int) -> bytes:
    return _OffPage(struct.pack(order + "B3xII", 3, page, length))


def _chain(order: str, page_bytes: int, first: int, blob: bytes) -> list[bytes]:
    room = page_bytes - 26
    pieces = [blob[at : at + room] for at in range(0, len(blob), room)]
    pages = []
    for number, piece in enumerate(pieces, start=first):
        following = number + 1 if number + 1 < first + len(pieces) else 0
        head = struct.pack(order + "8xIIIHHBB", number, 0, following, 1, len(piece), 0, 7)
        pages.append((head + piece).ljust(page_bytes, b"\0"))
    return pages


def _hash_pages(order: str, page_bytes: int, items: Sequence[bytes], pages: int) -> list[bytes]:
    """Spread pairs of items over exactly `pages` pages."""
    pairs = [items[at : at + 2] for at in range(0, len(items), 2)]
    share = -(-len(pairs) // pages)
    made = []
    for number in range(1, pages + 1):
        mine = [item for pair in pairs[(number - 1) * share : number * share] for item in pair]
        starts: list[int] = []
        body = b""
        for item in mine:
            body = (item if isinstance(item, _OffPage) else b"\x01" + item) + body
            starts.append(page_bytes - len(body))
        head = struct.pack(order + "8xIIIHHBB", number, 0, 0, len(mine), page_bytes - len(body), 0, 13)
        head += struct.pack(f"{order}{len(starts)}H", *starts)
        assert len(head) + len(body) <= page_bytes, f"items do not fit on {pages} pages"
        made.append(head + b"\0" * (page_bytes - len(head) - len(body)) + body)
    return made

"""Prefetch files of Windows: which program, and when it last started. Nothing else of them is read.

Layout: version (u32), `SCCA`, the file's size at 12, the program's name as UTF-16 of 60 bytes at 16; the last start as
a FILETIME at 120 (version 17, XP) or 128 (23 of 7; 26, 30 and 31 of 8 to 11, where seven older ones follow). From
Windows 10 on the file is packed: `MAM`, 4, the size unpacked, then LZ77 with Huffman codes.
Source: the field descriptions of libscca's documentation; the offsets were tried on files of seven versions of Windows.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from agent.formats.unix_time import month_of_filetime
from agent.formats.xpress_huffman import DamagedPacking, unpacked_start

HEAD_BYTES = 256
MAX_PACKED_BYTES = 4096
"""Of a file: its head's codes end far before that."""
_LAST_START = {17: 120, 23: 128, 26: 128, 30: 128, 31: 128}
_PACKED = b"MAM\x04"


class DamagedPrefetch(Exception):
    """The bytes are no Prefetch file of a known version."""


@dataclass(frozen=True)
class LastStart:
    """A program's name, cut by Windows to 29 characters, and the month of its last start, `YYYY-MM` in UTC."""

    name: str
    month: str | None


def parse_prefetch(data: bytes) -> LastStart:
    """Return what the head of a Prefetch file says. Raises `DamagedPrefetch`."""
    head = _head(data)
    if len(head) < HEAD_BYTES // 2 + 8 or head[4:8] != b"SCCA":
        raise DamagedPrefetch("expected SCCA after the version")
    (version,) = struct.unpack_from("<I", head, 0)
    place = _LAST_START.get(version)
    if place is None:
        raise DamagedPrefetch("expected version 17, 23, 26, 30 or 31, got %d" % version)
    name = head[16:76].decode("utf-16-le", "replace").partition("\0")[0]
    if not name:
        raise DamagedPrefetch("expected the name of a program")
    (ticks,) = struct.unpack_from("<Q", head, place)
    return LastStart(name, month_of_filetime(ticks))


def _head(data: bytes) -> bytes:
    if not data.startswith(_PACKED):
        return data[:HEAD_BYTES]
    try:
        return unpacked_start(data[8:], HEAD_BYTES)
    except DamagedPacking as damage:
        raise DamagedPrefetch("packed: %s" % damage)

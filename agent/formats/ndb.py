"""Blobs of rpm's own database, `Packages.db` (SUSE and others).

Little-endian: a header of 32 bytes, then slots of 16 bytes up to the end of the slot pages; a slot points at
blocks of 16 bytes that hold head, package header, padding and tail with a checksum.
"""

from __future__ import annotations

import struct
import zlib
from typing import Iterator, Union

from agent.formats.rpm_blobs import BadBlob, Blob, DatabaseFault

_FILE_MAGIC, _SLOT_MAGIC, _HEAD_MAGIC, _TAIL_MAGIC = b"RpmP", b"Slot", b"BlbS", b"BlbE"
_PAGE_BYTES, _SLOT_BYTES, _BLOCK_BYTES, _HEAD_BYTES, _TAIL_BYTES = 4096, 16, 16, 16, 12

Found = Union[Blob, BadBlob]


def package_blobs(data: bytes) -> Iterator[Found]:
    """Yield every package's blob in slot order.

    Raises `DatabaseFault` when the file is not such a database; a damaged slot or blob is a `BadBlob`.
    """
    if len(data) < 32 or data[:4] != _FILE_MAGIC:
        raise DatabaseFault("not an ndb file")
    version, _generation, slot_pages = struct.unpack_from("<III", data, 4)
    if version != 0:
        raise DatabaseFault("ndb version %d" % version)
    slots_end = slot_pages * _PAGE_BYTES
    for offset in range(2 * _SLOT_BYTES, min(slots_end, len(data) - _SLOT_BYTES + 1), _SLOT_BYTES):
        found = _slot(data, offset)
        if found is not None:
            yield found
    if slots_end > len(data):
        yield BadBlob("offset %d" % len(data), "the file ends within its slots")


def _slot(data: bytes, offset: int) -> Found | None:
    """Return what one slot points at, `None` for a free slot."""
    where = "slot %d" % (offset // _SLOT_BYTES)
    magic, package, first, blocks = struct.unpack_from("<4sIII", data, offset)
    if magic != _SLOT_MAGIC:
        return BadBlob(where, "no slot here")
    if not first:
        return None
    try:
        return Blob("package %d" % package, _blob(data, package, first * _BLOCK_BYTES, blocks * _BLOCK_BYTES))
    except DatabaseFault as fault:
        return BadBlob("package %d" % package, str(fault))


def _blob(data: bytes, package: int, start: int, size: int) -> bytes:
    """Return the header of one package after checking head, tail and checksum."""
    end = start + size
    if size < _HEAD_BYTES + _TAIL_BYTES or end > len(data):
        raise DatabaseFault("blob of %d bytes at %d lies outside the file" % (size, start))
    magic, number, _generation, length = struct.unpack_from("<4sIII", data, start)
    checksum, again, tail = struct.unpack_from("<II4s", data, end - _TAIL_BYTES)
    if magic != _HEAD_MAGIC or tail != _TAIL_MAGIC or number != package:
        raise DatabaseFault("no blob of this package at %d" % start)
    if length != again or length > size - _HEAD_BYTES - _TAIL_BYTES:
        raise DatabaseFault("blob lengths %d and %d" % (length, again))
    if zlib.adler32(data[start : end - _TAIL_BYTES]) != checksum:
        raise DatabaseFault("blob with a wrong checksum")
    return data[start + _HEAD_BYTES : start + _HEAD_BYTES + length]

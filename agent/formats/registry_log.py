"""Transaction logs of registry hives (`SOFTWARE.LOG1`, `.LOG2`), as Windows 8.1 and later write them.

Since then Windows keeps changes in the logs for up to an hour, and over hibernation and fast start-up, before it
writes the hive itself. A log entry is taken when both its check sums are right and its number continues the last.
Not read: the older format of Windows 7 (`DIRT`), where the hive itself is written within seconds.
"""

from __future__ import annotations

import struct
from typing import Iterator, List, Sequence, Tuple

MAX_HIVE_BYTES = 512 * 1024 * 1024
MAX_ENTRIES = 100_000

_BASE_BLOCK = 4096
_LOG_HEAD = 512
_ENTRY_HEAD = 40
_SEED = 0x82EF4D887A4E55C5
_WORD = 0xFFFFFFFF

_Entry = Tuple[int, int, List[Tuple[int, bytes]]]


def replayed(hive: bytes, logs: Sequence[bytes]) -> bytes:
    """Return a hive as Windows would find it after its next start: the entries of its logs put in.

    A hive that was not in use, or whose logs do not continue it, comes back unchanged. Nothing is raised.
    """
    if len(hive) < _BASE_BLOCK or hive[:4] != b"regf":
        return hive
    first, second = struct.unpack_from("<II", hive, 4)
    if first == second:
        return hive
    runs = sorted((run for run in map(_run, logs) if run), key=lambda run: run[0][0])
    changed = bytearray(hive)
    last = None
    for number, hive_bytes, pages in (entry for run in runs for entry in run):
        if number < second or last is not None and number <= last:
            continue
        if last is not None and number != last + 1:
            break
        _put_in(changed, hive_bytes, pages)
        last = number
    if last is None:
        return hive
    struct.pack_into("<II", changed, 4, last, last)
    return bytes(changed)


def marvin(data: bytes) -> int:
    """Return the 64-bit Marvin hash with which Windows protects a log entry."""
    low, high = _SEED & _WORD, _SEED >> 32
    whole = len(data) & ~3
    rest = data[whole:] + b"\x80"
    words = struct.unpack_from("<%dI" % (whole // 4), data)
    for word in words + (int.from_bytes(rest, "little"), 0):
        low = (low + word) & _WORD
        high ^= low
        low = ((low << 20 | low >> 12) + high) & _WORD
        high = (high << 9 | high >> 23) & _WORD ^ low
        low = ((low << 27 | low >> 5) + high) & _WORD
        high = (high << 19 | high >> 13) & _WORD
    return high << 32 | low


def _run(log: bytes) -> list[_Entry]:
    """Return the entries of one log that follow each other, from its start."""
    found: list[_Entry] = []
    for entry in _entries(log):
        if found and entry[0] != found[-1][0] + 1 or len(found) >= MAX_ENTRIES:
            break
        found.append(entry)
    return found


def _entries(log: bytes) -> Iterator[_Entry]:
    """Yield number, hive size and pages of each sound entry, up to the first that is not."""
    at = _LOG_HEAD
    while log[at : at + 4] == b"HvLE" and at + _ENTRY_HEAD <= len(log):
        size, _, number, hive_bytes, count, body_hash, head_hash = struct.unpack_from("<5I2Q", log, at + 4)
        entry = log[at : at + size]
        if size % 512 or size < _ENTRY_HEAD + 8 * count or len(entry) < size:
            return
        if marvin(entry[:32]) != head_hash or marvin(entry[_ENTRY_HEAD:]) != body_hash:
            return
        pages = _pages(entry, count)
        if pages is None or hive_bytes > MAX_HIVE_BYTES:
            return
        yield number, hive_bytes, pages
        at += size


def _pages(entry: bytes, count: int) -> list[tuple[int, bytes]] | None:
    """Return where each page belongs and what it holds, `None` when they do not fit into the entry."""
    at = _ENTRY_HEAD + 8 * count
    found = []
    for offset, size in struct.iter_unpack("<II", entry[_ENTRY_HEAD:at]):
        if at + size > len(entry):
            return None
        found.append((offset, entry[at : at + size]))
        at += size
    return found


def _put_in(hive: bytearray, hive_bytes: int, pages: list[tuple[int, bytes]]) -> None:
    """Write the pages of one entry into a hive and give it the size that the entry states."""
    missing = _BASE_BLOCK + hive_bytes - len(hive)
    if missing > 0:
        hive.extend(bytes(missing))
    for offset, page in pages:
        if offset + len(page) <= hive_bytes:
            hive[_BASE_BLOCK + offset : _BASE_BLOCK + offset + len(page)] = page
    struct.pack_into("<I", hive, 40, hive_bytes)

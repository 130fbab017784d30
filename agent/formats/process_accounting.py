"""BSD process accounting of Linux: records of 64 bytes, `struct acct_v3` of acct(5), linux/acct.h.

flag, version 3, tty (u16), exit code, uid, gid, pid, parent (u32 each), begin (u32, Unix seconds), elapsed (float),
times and counts of 16 bits (`comp_t`), command (16 bytes). The version byte says the byte order: 0x80 is big-endian.
Only the command and the month are read; whose process it was is not.
"""

from __future__ import annotations

import struct
import time
from typing import Iterator

RECORD_BYTES = 64
_VERSION, _BIG = 3, 0x80
_BEGIN, _COMMAND = 24, 48
_NAME_BYTES = 16


def months_of_use(data: bytes) -> dict[str, str]:
    """Return program → month of its last start, `YYYY-MM` in UTC; a record that makes no sense is left out."""
    last: dict[str, int] = {}
    for name, begin in _starts(data):
        if begin > last.get(name, 0):
            last[name] = begin
    return {name: time.strftime("%Y-%m", time.gmtime(begin)) for name, begin in sorted(last.items())}


def is_accounting(data: bytes) -> bool:
    """Tell whether the bytes begin with a record of this version."""
    return len(data) >= RECORD_BYTES and data[1] & 0x7F == _VERSION


def _starts(data: bytes) -> Iterator[tuple[str, int]]:
    for place in range(0, len(data) - RECORD_BYTES + 1, RECORD_BYTES):
        version = data[place + 1]
        if version & 0x7F != _VERSION:
            continue
        (begin,) = struct.unpack_from(">I" if version & _BIG else "<I", data, place + _BEGIN)
        name = data[place + _COMMAND : place + _COMMAND + _NAME_BYTES].partition(b"\0")[0].decode("utf-8", "replace")
        if name and begin:
            yield name, begin

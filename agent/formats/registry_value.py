"""What a registry key holds, whatever it was read from, and how the bytes of a value become a value."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Dict, Tuple, Union

Value = Union[str, int, bytes, Tuple[str, ...]]
Values = Dict[str, Value]

SZ, EXPAND_SZ, BINARY, DWORD, DWORD_BIG_ENDIAN, LINK, MULTI_SZ, QWORD = 1, 2, 3, 4, 5, 6, 7, 11
MAX_KEY_DEPTH = 512
"""As deep as Windows lets keys go."""

_TEXTS = (SZ, EXPAND_SZ, LINK)
_FILETIME_OF_1970 = 116_444_736_000_000_000
_FILETIME_OF_10000 = 2_650_467_744_000_000_000


@dataclass(frozen=True)
class HiveKey:
    """One key: its values by name as written (`""` is the default value), and the names of its sub-keys.

    `written_at` is UTC as `YYYY-MM-DDTHH:MM:SSZ` where the source records it. `faults` says which of its
    values and sub-keys could not be read; the others are there.
    """

    name: str
    values: Values
    subkeys: tuple[str, ...] = ()
    written_at: str | None = None
    faults: tuple[str, ...] = ()


def decode_value(kind: int, data: bytes) -> Value:
    """Return the value that `data` stands for: text, number, tuple of texts, or the bytes themselves.

    A number of the wrong length stays bytes. A text ends at its first NUL, as Windows reads it; lone
    surrogates become U+FFFD.
    """
    if kind in _TEXTS:
        return _utf16(data).split("\0", 1)[0]
    if kind == MULTI_SZ:
        return _texts(_utf16(data))
    if kind == DWORD and len(data) == 4 or kind == QWORD and len(data) == 8:
        return int.from_bytes(data, "little")
    if kind == DWORD_BIG_ENDIAN and len(data) == 4:
        return int.from_bytes(data, "big")
    return data


def filetime_text(ticks: int) -> str | None:
    """Return a FILETIME (100 ns since 1601, UTC) as `YYYY-MM-DDTHH:MM:SSZ`, `None` before 1970 or after 9999."""
    if not _FILETIME_OF_1970 <= ticks < _FILETIME_OF_10000:
        return None
    return utc_text((ticks - _FILETIME_OF_1970) // 10_000_000)


def utc_text(seconds: int) -> str:
    """Return seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`; `seconds` lies in 1970 … 9999."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _texts(text: str) -> tuple[str, ...]:
    """Split a MULTI_SZ: texts end with NUL, the list ends with an empty one."""
    parts = text.split("\0")
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _utf16(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", "replace")

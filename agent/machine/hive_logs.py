"""A hive file together with the transaction logs that lie beside it."""

from __future__ import annotations

from typing import Callable, Optional

from agent.formats.registry_log import replayed
from agent.machine.base import Unreadable

MAX_LOG_BYTES = 32 * 1024 * 1024

_SEQUENCE_NUMBERS = slice(4, 8), slice(8, 12)


def with_logs(hive: bytes, place: str, read_bytes: Callable[[str, int], Optional[bytes]]) -> bytes:
    """Return a hive as it will be after the next start of Windows; one that was not in use costs no further read.

    A log that is missing or cannot be read counts as empty: the hive stays marked as in use.
    """
    first, second = _SEQUENCE_NUMBERS
    if hive[first] == hive[second]:
        return hive
    logs = []
    for ending in (".LOG1", ".LOG2"):
        try:
            logs.append(read_bytes(place + ending, MAX_LOG_BYTES) or b"")
        except Unreadable:
            continue
    return replayed(hive, logs)

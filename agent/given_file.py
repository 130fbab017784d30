"""A file that somebody names on the command line, read without ever waiting for it.

A pipe is read while its writer writes (`read rpm <(rpm -qa)`); one that nobody writes to, or whose writer says nothing
for `PATIENCE_SECONDS`, a device and a folder are no files.
"""

from __future__ import annotations

import os
import stat
import time

from agent.machine.base import MAX_FILE_BYTES

PATIENCE_SECONDS = 10.0
_PIECE_BYTES = 1 << 20
_PAUSE_SECONDS = 0.05


def given_bytes(path: str, patience_seconds: float = PATIENCE_SECONDS) -> bytes:
    """Return the bytes of a file or of a pipe that is written to. Raises `OSError`, `FileNotFoundError`."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            raise OSError("%s: neither a file nor a pipe" % path)
        data = _all_of(handle, path, patience_seconds)
    finally:
        os.close(handle)
    if stat.S_ISFIFO(mode) and not data:
        raise OSError("%s: a pipe that nobody writes to" % path)
    return data


def _all_of(handle: int, path: str, patience_seconds: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    heard = time.monotonic()
    while True:
        try:
            piece = os.read(handle, _PIECE_BYTES)
        except BlockingIOError:
            if time.monotonic() - heard > patience_seconds:
                raise OSError("%s: nothing was written to the pipe for %g seconds" % (path, patience_seconds))
            time.sleep(_PAUSE_SECONDS)
            continue
        if not piece:
            return b"".join(pieces)
        heard = time.monotonic()
        size += len(piece)
        pieces.append(piece)
        if size > MAX_FILE_BYTES:
            raise OSError("%s: larger than %d bytes" % (path, MAX_FILE_BYTES))

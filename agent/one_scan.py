"""One scan at a time: a lock in the agent's folder that the system takes back from a process that dies."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from typing import Callable, Iterator

from agent.state import make_private_folder

LOCK_NAME = "scan.lock"
PAUSE_SECONDS = 0.1
_FAR = 1024
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class ScanRunning(Exception):
    """Another scan runs. `process` is its number, `None` when it does not say."""

    def __init__(self, process: int | None) -> None:
        super().__init__("another scan runs: process %s" % (process or "?"))
        self.process = process


@contextlib.contextmanager
def only_scan(
    state_folder: str,
    wait_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock while the block runs; another scan is waited for, `wait_seconds` long.

    The file stays when we are gone; it is the system's lock on it that counts, and that ends with the process,
    by `kill -9` as well. Raises `ScanRunning`; `OSError` when the folder cannot be written.
    """
    make_private_folder(state_folder)
    handle = os.open(os.path.join(state_folder, LOCK_NAME), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = clock() + wait_seconds
        while not _locked(handle):
            if clock() >= until:
                raise ScanRunning(_process_in(handle))
            pause(PAUSE_SECONDS)
        _write_process(handle)
        yield
    finally:
        os.close(handle)  # which gives the lock back


def _locked(handle: int) -> bool:
    """Take the lock and return True, False while somebody else has it. Raises `OSError`."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)  # a locked byte cannot be read on Windows: not one of the number's
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _write_process(handle: int) -> None:
    """Write who holds the lock, for the message of the next."""
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, b"%-20d" % os.getpid())


def _process_in(handle: int) -> int | None:
    """Return the process that wrote its number last."""
    os.lseek(handle, 0, os.SEEK_SET)
    written = os.read(handle, 20).strip()
    return int(written) if written.isdigit() else None

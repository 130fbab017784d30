"""The agent's own folder: who it is, its key, its spool. Files are written whole and flushed to the disk."""

from __future__ import annotations

import contextlib
import os
import sys
from binascii import hexlify

WATCHLIST_FILE = "watchlist.json"
"""In the agent's folder: what to look for, as the checker handed it out last."""


class AgentError(Exception):
    """What an administrator can put right: the message says where, what, and what was expected."""


def default_state_folder() -> str:
    """Return the system's own place for our state; for an ordinary user a place in the home folder."""
    if os.name == "nt":
        return os.path.join(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), "zhengban-agent")
    if os.geteuid() == 0:
        return "/Library/Application Support/zhengban-agent" if sys.platform == "darwin" else "/var/lib/zhengban-agent"
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "zhengban-agent")


def make_private_folder(path: str) -> None:
    """Make the folder, and those above it, for us alone; one that is there keeps its rights. Raises `OSError`."""
    is_new = not os.path.isdir(path)
    os.makedirs(path, mode=0o700, exist_ok=True)
    if is_new and os.name == "nt":
        _keep_others_out(path)


def _keep_others_out(path: str) -> None:
    """Leave a folder of Windows to its owner, the system and the administrators, by their SIDs; others may not read it.

    A disk without rights (FAT) cannot: the folder stays as it is.
    """
    from agent.machine.base import Unreadable
    from agent.machine.commands import run_bounded

    granted = ["*%s:(OI)(CI)F" % sid for sid in ("S-1-3-4", "S-1-5-18", "S-1-5-32-544")]
    with contextlib.suppress(Unreadable):
        run_bounded(["icacls", path, "/inheritance:r", "/grant:r", *granted], 30.0)


def write_durably(path: str, data: bytes) -> None:
    """Put `data` at `path` so that a power cut leaves the old file or the new one, never half of one.

    The file is readable by its owner alone. Raises `OSError`; then nothing of it is left.
    """
    folder = os.path.dirname(path)
    draft = os.path.join(folder, ".draft-" + hexlify(os.urandom(8)).decode("ascii"))
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    flush_folder(folder)


def flush_folder(folder: str) -> None:
    """Make names that were added to or taken from a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

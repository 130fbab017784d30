"""A machine that does not run: a mounted disk, or a recorded folder in the machine's own layout."""

from __future__ import annotations

from typing import Sequence

from agent.machine.base import MAX_FILE_BYTES, Entry, Machine
from agent.machine.files import FileTree


class OfflineMachine(Machine):
    """Files below `root` as the machine itself would see them; no command, no process answers."""

    recorded = True

    def __init__(self, root: str) -> None:
        self.files = FileTree(root)
        self.family = _family(self.files)

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        return self.files.read_bytes(path, limit)

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        return self.files.list_folder(path)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        return self.files.exists(path)

    def modified_on(self, path: str) -> str | None:
        """Return the day of a file's last change on the disk that was mounted or recorded."""
        return self.files.modified_on(path)

    def local_path(self, path: str) -> str | None:
        """Return where a library that needs a real file may open it read-only."""
        return self.files.real_path(path)

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Return `None`: no command of a machine that does not run can be asked."""
        return None

    def host_name(self) -> str | None:
        """Return the host name that the machine's own settings give."""
        text = self.files.read_bytes("/etc/hostname", 4096)
        return None if text is None else text.decode("utf-8", "replace").strip() or None


def _family(files: FileTree) -> str:
    """Tell the family of a system from its folders."""
    if files.exists("/System/Library/CoreServices") or files.exists("/Applications"):
        return "macos"
    if files.exists("/Windows") or files.exists("/registry"):
        return "windows"
    return "linux" if files.exists("/etc") or files.exists("/var/lib") else "other"

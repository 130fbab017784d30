"""The files of a mounted Windows disk: paths with drive letters, and names in any case.

The root of the tree is the system drive `C:`. What lies on another drive is not there.
"""

from __future__ import annotations

from agent.machine.base import MAX_FILE_BYTES, Entry, Unreadable
from agent.machine.files import FileTree

_REMEMBERED_FOLDERS = 256


class WindowsFiles:
    """A file tree asked in the words of Windows: `C:\\Users\\user01\\NTUSER.DAT`."""

    def __init__(self, files: FileTree) -> None:
        self._files = files
        self._members: dict[str, dict[str, str]] = {}

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        found = self.found(path)
        return None if found is None else self._files.read_bytes(found, limit)

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return a piece of a regular file, `None` when it is not there. Raises `Unreadable`."""
        found = self.found(path)
        return None if found is None else self._files.read_part(found, start, length)

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, their paths as Windows writes them, or `None`."""
        found = self.found(path)
        members = None if found is None else self._files.list_folder(found)
        if members is None:
            return None
        above = windows_path(path).rstrip("\\")
        return tuple(
            Entry(member.name, above + "\\" + member.name, member.is_folder, member.is_file, member.size_bytes)
            for member in members
        )

    def found(self, path: str) -> str | None:
        """Return the path inside the tree that `path` means, in the case that the disk has, or `None`."""
        drive, _, rest = windows_path(path).partition("\\")
        if drive.upper() != "C:" or "\0" in path:
            return None
        here = ""
        for name in (part for part in rest.split("\\") if part not in ("", ".")):
            if name == "..":
                here = here.rpartition("/")[0]
                continue
            actual = self._actual(here or "/", name)
            if actual is None:
                return None
            here += "/" + actual
        return here or "/"

    def _actual(self, folder: str, name: str) -> str | None:
        """Return how the member `name` of a folder is really written."""
        if self._files.exists(folder.rstrip("/") + "/" + name):
            return name
        members = self._members.get(folder)
        if members is None:
            try:
                listed = self._files.list_folder(folder) or ()
            except Unreadable:
                return None
            members = {}
            for entry in listed:
                members.setdefault(entry.name.upper(), entry.name)
            if len(self._members) >= _REMEMBERED_FOLDERS:
                self._members.clear()
            self._members[folder] = members
        return members.get(name.upper())


def windows_path(path: str) -> str:
    """Return a path with a drive letter and back-slashes; a path without a drive lies on `C:`."""
    path = path.replace("/", "\\")
    if path[1:2] == ":":
        return path
    return "C:" + (path if path.startswith("\\") else "\\" + path)

"""Bounded, read-only access to a tree of files: the running system's `/`, or a mounted disk or recording.

Symbolic links are followed inside the tree only: an absolute link of a mounted disk means a place on that
disk, and a link that would leave it is treated as not there.
"""

from __future__ import annotations

import os
import stat
import time
from typing import Iterator

from agent.machine.base import MAX_FILE_BYTES, Entry, Unreadable

MAX_LINKS = 40
MAX_MEMBERS = 200_000


class FileTree:
    """Files below `root`, addressed by absolute POSIX paths of the machine that the tree belongs to."""

    def __init__(self, root: str = "/") -> None:
        self.root = os.path.abspath(root)

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`.

        Never blocks on a FIFO or device. A file that grows while it is read is cut at `limit`, and that
        is an error: half a file is not the file.
        """
        real = self.real_path(path)
        if real is None:
            return None
        try:
            handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be opened")
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable(path, "not a regular file")
            return b"".join(_chunks(handle, path, limit))
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be read")
        finally:
            os.close(handle)

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return at most `length` bytes of a regular file from `start` on, `None` when it is not there.

        Raises `Unreadable`. Never blocks on a FIFO or device.
        """
        real = self.real_path(path)
        if real is None or not os.path.lexists(real):
            return None
        try:
            handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be opened")
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable(path, "not a regular file")
            os.lseek(handle, start, os.SEEK_SET)
            return os.read(handle, length)
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be read")
        finally:
            os.close(handle)

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        real = self.real_path(path)
        if real is None:
            return None
        try:
            with os.scandir(real) as members:
                found = [self._entry(path, member) for member, _ in zip(members, range(MAX_MEMBERS + 1))]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be listed")
        if len(found) > MAX_MEMBERS:  # a part of a folder is not the folder
            raise Unreadable(path, "more than %d members" % MAX_MEMBERS)
        return tuple(sorted(found, key=lambda entry: entry.name))

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        real = self.real_path(path)
        return real is not None and os.path.exists(real)

    def modified_on(self, path: str) -> str | None:
        """Return the day of the last change, `YYYY-MM-DD` UTC, `None` when the file is not there."""
        real = self.real_path(path)
        try:
            return None if real is None else time.strftime("%Y-%m-%d", time.gmtime(os.stat(real).st_mtime))
        except (OSError, ValueError, OverflowError):
            return None

    def real_path(self, path: str) -> str | None:
        """Return the path outside the tree for `path` inside it, every link resolved within the tree.

        `None` when the path does not exist, leaves the tree, or its links go in a circle.
        """
        if self.root == "/":
            return path
        todo = [part for part in path.split("/") if part not in ("", ".")][::-1]
        done: list[str] = []
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                del done[-1:]
                continue
            here = os.path.join(self.root, *done, part)
            if os.path.islink(here):
                links += 1
                if links > MAX_LINKS:
                    return None
                target = os.readlink(here)
                if target.startswith("/"):
                    done = []
                todo.extend([p for p in target.split("/") if p not in ("", ".")][::-1])
            elif os.path.lexists(here):
                done.append(part)
            else:
                return None
        return os.path.join(self.root, *done)

    def _entry(self, folder: str, member: os.DirEntry[str]) -> Entry:
        path = folder.rstrip("/") + "/" + member.name
        if not member.is_symlink():
            return _Member(member.name, path, member.is_dir(), member.is_file(), member.path)
        real = self.real_path(path)
        try:
            mode = 0 if real is None else os.stat(real).st_mode
        except OSError:
            mode = 0
        return _Member(member.name, path, stat.S_ISDIR(mode), stat.S_ISREG(mode), real)


class _Member(Entry):
    """A member whose size is asked for only when it is wanted: that costs more than all the rest of a listing."""

    def __init__(self, name: str, path: str, is_folder: bool, is_file: bool, real: str | None) -> None:
        vars(self).update(name=name, path=path, is_folder=is_folder, is_file=is_file, _real=real)

    @property
    def size_bytes(self) -> int | None:
        """Bytes of the file, of a link that which it leads to; `None` when that is not there."""
        real = vars(self)["_real"]
        try:
            return None if real is None else os.stat(real).st_size
        except OSError:
            return None


def _chunks(handle: int, path: str, limit: int) -> Iterator[bytes]:
    """Yield a file piece by piece. Raises `Unreadable` when there is more than `limit`."""
    size = 0
    while True:
        piece = os.read(handle, 1 << 20)
        if not piece:
            return
        size += len(piece)
        if size > limit:
            raise Unreadable(path, "larger than %d bytes" % limit)
        yield piece

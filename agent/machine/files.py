"""Bounded, read-only access to a tree of files: the running system's `/`, or a mounted disk or recording.

Symbolic links are followed inside the tree only: an absolute link of a mounted disk means a place on that
disk, and a link that would leave it is treated as not there. A link that goes in a circle is there and cannot be read;
a link to a folder above itself is not gone into: what it leads to is read at its own place.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from typing import Callable, Iterator

from agent.machine.base import MAX_FILE_BYTES, Entry, Unreadable

MAX_LINKS = 40
CIRCLE = "a link that goes in a circle"
MAX_MEMBERS = 200_000


class FileTree:
    """Files below `root`, addressed by absolute POSIX paths of the machine that the tree belongs to."""

    def __init__(self, root: str = "/", pass_over: Callable[[str, str], None] = lambda where, why: None) -> None:
        """`pass_over` hears which members of a listed folder nobody can read, and why."""
        self.root = os.path.abspath(root)
        self._pass_over = pass_over

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
        """Return whether a file or folder of that name is there; a link in a circle is, though nobody can read it."""
        try:
            real = self.real_path(path)
            os.stat(real or "")
        except Unreadable:
            return True
        except (OSError, ValueError) as error:
            return getattr(error, "errno", None) == errno.ELOOP
        return real is not None

    def modified_on(self, path: str) -> str | None:
        """Return the day of the last change, `YYYY-MM-DD` UTC, `None` when the file is not there."""
        try:
            real = self.real_path(path)
            return None if real is None else time.strftime("%Y-%m-%d", time.gmtime(os.stat(real).st_mtime))
        except (OSError, ValueError, OverflowError, Unreadable):
            return None

    def is_executable(self, path: str) -> bool | None:
        """Return whether a regular file has a right to be run, for whomever; `None` when it is not there."""
        try:
            real = self.real_path(path)
            mode = 0 if real is None else os.stat(real).st_mode
        except (OSError, ValueError, Unreadable):
            return None
        return bool(mode & 0o111) if stat.S_ISREG(mode) else None

    def real_path(self, path: str) -> str | None:
        """Return the path outside the tree for `path` inside it, every link resolved within the tree.

        `None` when the path does not exist or leaves the tree. Raises `Unreadable` when its links go in a circle.
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
                    raise Unreadable(path, CIRCLE)
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
        try:
            real = self.real_path(path)
            mode = 0 if real is None else os.stat(real).st_mode
        except (OSError, Unreadable) as error:
            real, mode = None, 0
            if isinstance(error, Unreadable) or error.errno == errno.ELOOP:
                self._pass_over(path, CIRCLE)
        is_folder = stat.S_ISDIR(mode) and not self._is_above(real, folder)
        return _Member(member.name, path, is_folder, stat.S_ISREG(mode), real)

    def _is_above(self, real: str | None, folder: str) -> bool:
        """Tell whether a linked folder is the one that it was found in, or one above that."""
        place = self.real_path(folder)
        if real is None or place is None:
            return True
        target = os.path.realpath(real)
        return (os.path.realpath(place) + "/").startswith(target.rstrip("/") + "/")


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

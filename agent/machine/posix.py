"""The running Linux or macOS system."""

from __future__ import annotations

import os
import stat
import sys
from typing import Iterator, Sequence

from agent.machine.base import MAX_FILE_BYTES, Entry, Machine, Process
from agent.machine.commands import run_bounded
from agent.machine.files import FileTree

KERNEL_THREAD = 0x00200000
"""PF_KTHREAD in the flags of /proc/PID/stat, see proc(5)."""


class PosixMachine(Machine):
    """The system that we run on, read through its own files and, where it has none, its own commands."""

    def __init__(self) -> None:
        self.files = FileTree("/", self.pass_over)
        self.family = "macos" if sys.platform == "darwin" else "linux" if sys.platform == "linux" else "other"

    def privileged(self) -> bool | None:
        """Return whether we are root."""
        return os.geteuid() == 0

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Return a regular file's bytes, `None` when it is not there. Raises `Unreadable`."""
        return self.files.read_bytes(path, limit)

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        """Return a piece of a regular file, `None` when it is not there. Raises `Unreadable`."""
        return self.files.read_part(path, start, length)

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        """Return a folder's members sorted by name, `None` when there is no such folder. Raises `Unreadable`."""
        return self.files.list_folder(path)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that name is there."""
        return self.files.exists(path)

    def modified_on(self, path: str) -> str | None:
        """Return the day of a file's last change, `YYYY-MM-DD` UTC, `None` when unknown."""
        return self.files.modified_on(path)

    def local_path(self, path: str) -> str | None:
        """Return the path itself: it is a file of this system."""
        return path

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Run a read-only command, see `run_bounded`. Bytes that are not UTF-8 become U+FFFD."""
        output = run_bounded(command, timeout_seconds)
        return None if output is None else output.decode("utf-8", "replace")

    def may_be_run(self, path: str) -> bool:
        """Return whether the file and every folder above it are root's and only root may write to them."""
        here = os.path.realpath(path)
        try:
            while True:
                facts = os.stat(here)
                others_write = facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
                if facts.st_uid != 0 or (others_write and not facts.st_mode & stat.S_ISVTX):
                    return False
                if here == "/":
                    return os.access(path, os.X_OK)
                here = os.path.dirname(here)
        except OSError:
            return False

    def is_executable(self, path: str) -> bool | None:
        """Return whether the file has a right to be run, for whomever; `None` when it is not there."""
        return self.files.is_executable(path)

    def environment(self, name: str) -> str | None:
        """Return an environment variable of our process."""
        return os.environ.get(name)

    def host_name(self) -> str | None:
        """Return the node name that the kernel has."""
        return os.uname().nodename or None

    def processes(self) -> Iterator[Process] | None:
        """Return the running programs; kernel threads and ended processes are no programs."""
        if os.path.isdir("/proc/self"):
            return processes_of_proc("/proc")
        return _processes_of_psutil() or self._processes_of_ps()

    def _processes_of_ps(self) -> Iterator[Process] | None:
        """Ask `ps` for the executables, without arguments and users."""
        text = self.run(["ps", "-A", "-o", "comm="])
        return None if text is None else processes_of_listing(text)


def processes_of_proc(folder: str) -> Iterator[Process]:
    """Yield the running programs of a /proc folder; a process that ends meanwhile is left out."""
    for name in os.listdir(folder):
        if not name.isdigit():
            continue
        process = _process_of_proc(os.path.join(folder, name))
        if process is not None:
            yield process


def _process_of_proc(folder: str) -> Process | None:
    """Return the program of one /proc/PID, `None` for kernel threads and processes that ended."""
    try:
        path = os.readlink(folder + "/exe")
    except OSError:
        return _process_of_stat(folder + "/stat")
    if path.endswith(" (deleted)"):
        path = path[: -len(" (deleted)")]
    if not path.startswith("/") or path.startswith("/memfd:"):  # a program that lies in no file
        return _process_of_stat(folder + "/stat")
    return Process(os.path.basename(path), path)


def _process_of_stat(path: str) -> Process | None:
    """Return a process whose executable we may not see by its short name, as proc(5) stat has it."""
    try:
        with open(path, "rb") as stat:
            text = stat.read(4096).decode("utf-8", "replace")
    except OSError:
        return None
    before, _, after = text.rpartition(")")
    fields = after.split()
    if len(fields) < 7 or fields[0] in ("Z", "X") or int(fields[6]) & KERNEL_THREAD:
        return None
    return Process(before.partition("(")[2])


def processes_of_listing(text: str) -> Iterator[Process]:
    """Yield the programs of `ps -A -o comm=`: one path or name a line."""
    for line in text.splitlines():
        word = line.strip()
        if word and not word.startswith("["):
            yield Process(os.path.basename(word) or word, word if word.startswith("/") else None)


def _processes_of_psutil() -> Iterator[Process] | None:
    """Return the programs that psutil sees, `None` where psutil is not installed."""
    try:
        import psutil
    except ImportError:
        return None
    return (
        Process(process.info["name"] or "?", process.info["exe"] or None)
        for process in psutil.process_iter(["name", "exe"])
        if process.info["name"] or process.info["exe"]
    )

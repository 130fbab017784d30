"""Run one read-only command: as a list, under the C locale, bounded in time and output, its group killed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Sequence

from agent.machine.base import MAX_COMMAND_BYTES, Unreadable

if TYPE_CHECKING:
    import subprocess
    import threading

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHUNK_BYTES = 1 << 16


def run_bounded(command: Sequence[str], timeout_seconds: float, limit: int = MAX_COMMAND_BYTES) -> bytes | None:
    """Return what `command` prints, `None` when there is no such command.

    Its standard error is dropped and it gets no standard input. Raises `Unreadable` when it ends with
    another code than 0, needs longer than `timeout_seconds` or prints more than `limit` bytes; then the
    command and every process of its group are killed.
    """
    started = _start(command)
    if started is None:
        return None
    import threading  # costs start-up time that a machine without the command need not pay

    pieces: list[bytes] = []
    reader = threading.Thread(target=_read_into, args=(started, pieces, limit), daemon=True)
    reader.start()
    reader.join(timeout_seconds)
    where = command[0]
    if reader.is_alive():
        _kill(started, reader)
        raise Unreadable(where, "no answer within %g seconds" % timeout_seconds)
    if sum(map(len, pieces)) > limit:
        _kill(started, reader)
        raise Unreadable(where, "printed more than %d bytes" % limit)
    code = _wait(started, timeout_seconds)
    if code != 0:
        raise Unreadable(where, "ended with code %s" % code)
    return b"".join(pieces)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes] | None:
    """Start a command in a process group of its own, `None` when it does not exist. Raises `Unreadable`."""
    program = _find(command[0])
    if program is None:
        return None
    import subprocess

    try:
        return subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=os.path.abspath(os.sep),
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unreadable(command[0], error.strerror or "cannot be started")


def _find(name: str) -> str | None:
    """Return where the program is: the system's own folders first, so that nobody's folder can stand in for them."""
    if os.name != "posix":
        import shutil

        return shutil.which(name)
    if "/" in name:
        return name if _is_program(name) else None
    folders = [*SYSTEM_FOLDERS.split(":"), *os.environ.get("PATH", os.defpath).split(":")]
    places = (os.path.join(folder, name) for folder in folders if folder)
    return next((place for place in places if _is_program(place)), None)


def _is_program(path: str) -> bool:
    return os.access(path, os.X_OK) and os.path.isfile(path)


def _environment() -> dict[str, str]:
    """Return our environment with the C locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_") and name != "LANGUAGE"}
    kept.update(LC_ALL="C", LANG="C")
    if os.name == "posix":
        kept["PATH"] = SYSTEM_FOLDERS + ":" + kept.get("PATH", "")
    return kept


def _read_into(process: subprocess.Popen[bytes], pieces: list[bytes], limit: int) -> None:
    """Read what the process prints until it ends or has printed more than `limit` bytes."""
    size = 0
    stream = process.stdout
    while stream is not None and size <= limit:
        piece = os.read(stream.fileno(), CHUNK_BYTES)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)


def _wait(process: subprocess.Popen[bytes], timeout_seconds: float) -> int | None:
    """Return the exit code of a process whose output ended; one that lingers is killed and has none."""
    import subprocess

    try:
        return process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        return None
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _kill(process: subprocess.Popen[bytes], reader: threading.Thread | None = None) -> None:
    """Kill the process and, on POSIX, its whole group; then nobody writes to its output any more."""
    import signal

    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    else:
        process.kill()
    process.wait()
    if reader is not None:
        reader.join(1.0)
    if process.stdout is not None and not (reader and reader.is_alive()):
        process.stdout.close()

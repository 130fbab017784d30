"""The door to SQLite files of a machine: rows are read, nothing is ever written beside the file.

A file that another program holds open may have a write-ahead log or a rollback journal. SQLite would want to work
these off, so then file and log are copied to a temporary folder and the copy is read.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, Iterator

from agent.machine.base import MAX_FILE_BYTES, Unreadable

MAX_COPY_BYTES = 4 * MAX_FILE_BYTES
MAX_STEPS = 50_000_000
"""Instructions of SQLite's machine for one query; a table of 10,000 rows needs about 100,000."""
_LOGS = ("-wal", "-journal")
_STEPS_BETWEEN_LOOKS = 100_000


def rows_of_file(path: str, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that `query` gives on the SQLite file at `path`, a path of this system.

    Raises `Unreadable` when the file cannot be opened or is damaged, or the query runs longer than `MAX_STEPS`
    (a file may hold a view that never ends); rows before that were yielded.
    """
    with _readable(path) as (readable, mode):
        yield from _rows(readable, mode, query, named=path)


def rows_of_bytes(data: bytes, query: str, named: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that `query` gives on a SQLite file's bytes; `named` stands in a fault. Raises `Unreadable`."""
    with _temporary_folder() as folder:
        copy = os.path.join(folder, "copy.sqlite")
        with open(copy, "wb") as handle:
            handle.write(data)
        yield from _rows(copy, "mode=ro&immutable=1", query, named=named)


def _rows(path: str, mode: str, query: str, named: str) -> Iterator[tuple[Any, ...]]:
    try:
        import sqlite3
    except ImportError:
        raise Unreadable(named, "this Python has no sqlite3")
    from urllib.parse import quote

    try:
        connection = sqlite3.connect("file:%s?%s" % (quote(path), mode), uri=True)
        looks = iter(range(MAX_STEPS // _STEPS_BETWEEN_LOOKS))
        connection.set_progress_handler(lambda: next(looks, None) is None, _STEPS_BETWEEN_LOOKS)
        try:
            yield from connection.execute(query)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Unreadable(named, "sqlite: %s" % error)


@contextmanager
def _readable(path: str) -> Iterator[tuple[str, str]]:
    """Give the path to open and how: the file itself, or a copy when a log with content stands beside it."""
    try:
        size = os.path.getsize(path)
        logs = [log for log in _LOGS if os.path.exists(path + log) and os.path.getsize(path + log)]
    except OSError as error:
        raise Unreadable(path, error.strerror or "cannot be read")
    if not logs:
        yield path, "mode=ro&immutable=1"
        return
    if size > MAX_COPY_BYTES:
        raise Unreadable(path, "in use, and larger than %d bytes" % MAX_COPY_BYTES)
    with _temporary_folder() as folder:
        yield _copied(path, logs, folder), "mode=rwc"


def _copied(path: str, logs: list[str], folder: str) -> str:
    import shutil

    copy = os.path.join(folder, "copy.sqlite")
    try:
        for suffix in ("", *logs):
            shutil.copyfile(path + suffix, copy + suffix)
    except OSError as error:
        raise Unreadable(path, error.strerror or "cannot be copied")
    return copy


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """Give a folder of our own that is gone afterwards. Heavy modules are imported where they are used."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="zhengban-") as folder:
        yield folder

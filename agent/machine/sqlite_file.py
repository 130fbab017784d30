"""The door to SQLite files of a machine: rows are read, nothing is ever written beside the file.

A file that another program holds open may have a write-ahead log. SQLite would want to make a shared-memory
file beside it, so then both are copied to a temporary folder and the copy is read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Any, Iterator
from urllib.parse import quote

from agent.machine.base import MAX_FILE_BYTES, Unreadable

MAX_COPY_BYTES = 4 * MAX_FILE_BYTES


def rows_of_file(path: str, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that `query` gives on the SQLite file at `path`, a path of this system.

    Raises `Unreadable` when the file cannot be opened or is damaged; rows before the damage were yielded.
    """
    with _readable(path) as (readable, mode):
        yield from _rows(readable, mode, query, named=path)


def rows_of_bytes(data: bytes, query: str, named: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that `query` gives on a SQLite file's bytes; `named` stands in a fault. Raises `Unreadable`."""
    with tempfile.TemporaryDirectory(prefix="zhengban-") as folder:
        copy = os.path.join(folder, "copy.sqlite")
        with open(copy, "wb") as handle:
            handle.write(data)
        yield from _rows(copy, "immutable=1", query, named=named)


def _rows(path: str, mode: str, query: str, named: str) -> Iterator[tuple[Any, ...]]:
    try:
        import sqlite3
    except ImportError:
        raise Unreadable(named, "this Python has no sqlite3")
    try:
        connection = sqlite3.connect("file:%s?%s" % (quote(path), mode), uri=True)
        try:
            yield from connection.execute(query)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Unreadable(named, "sqlite: %s" % error)


@contextmanager
def _readable(path: str) -> Iterator[tuple[str, str]]:
    """Give the path to open and how: the file itself, or a copy when a write-ahead log stands beside it."""
    log = path + "-wal"
    try:
        size = os.path.getsize(path)
        waiting = os.path.getsize(log) if os.path.exists(log) else 0
    except OSError as error:
        raise Unreadable(path, error.strerror or "cannot be read")
    if not waiting:
        yield path, "immutable=1"
        return
    if size + waiting > MAX_COPY_BYTES:
        raise Unreadable(path, "in use, and larger than %d bytes" % MAX_COPY_BYTES)
    with tempfile.TemporaryDirectory(prefix="zhengban-") as folder:
        copy = os.path.join(folder, "copy.sqlite")
        try:
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy + "-wal")
        except OSError as error:
            raise Unreadable(path, error.strerror or "cannot be copied")
        yield copy, "mode=rwc"

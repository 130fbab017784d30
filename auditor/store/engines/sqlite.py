"""SQLite: one file, write-ahead log, every commit flushed to the disk, one writer at a time.

The driver's own way of opening transactions is switched off: a transaction that writes takes the write
lock at its beginning, so two writers wait for each other instead of failing halfway.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, PoolProxiedConnection, Table, create_engine, event
from sqlalchemy.engine import URL

from auditor.errors import StoreError, both

_CACHE_KIB = 65_536
"""Of pages a connection may hold: with the driver's 2 MiB each machine reads the index of titles anew."""
_CHECKPOINT_PAGES = 8_000
"""Written before they are moved from the log into the file, some 32 MB."""
_SWITCH_PAUSE_SECONDS = 0.02
_WRITE_PAUSE_SECONDS = 0.0005, 0.002


class Sqlite:
    """The embedded database."""

    writes_alone = True

    def connect(self, url: URL, *, create: bool, wait_seconds: int) -> Engine:
        """Return an engine on the file that `url` names; a file in a folder that is not there is an error."""
        if not url.database or url.database == ":memory:":
            told = both("应为文件路径，如", "expected the path of a file such as")
            raise StoreError(f"{url}: {told} sqlite:///zhengban.db")
        path = Path(url.database)
        if not path.parent.is_dir():
            raise StoreError(f"{path}: {both('所在目录应已存在', 'expected its folder to exist')}")
        if not create and not path.is_file():
            raise StoreError(f"{path}: {both('应为数据库文件', 'expected a database file')}")
        engine = create_engine(url, connect_args={"timeout": wait_seconds}, pool_size=16, max_overflow=64)
        event.listen(engine, "connect", _prepare(wait_seconds))
        event.listen(engine, "begin", _begin(wait_seconds))
        return engine

    def connect_to_read(self, engine: Engine) -> Connection:
        """Begin without asking for the right to write; the log keeps the state of the first read."""
        return engine.connect().execution_options(reads_only=True)

    def connect_without_transactions(self, engine: Engine) -> PoolProxiedConnection:
        """The driver's own way of opening transactions is off already."""
        return engine.raw_connection()

    def connect_apart(self, connection: Connection) -> None:
        """One writer at a time: its own connection will do."""

    def begin_write(self, connection: Connection) -> None:
        """Nothing to add: `BEGIN IMMEDIATE` was said."""

    def begin_intake(self, connection: Connection) -> None:
        """As every transaction that writes."""

    def begin_upgrade(self, connection: Connection) -> None:
        """As every transaction that writes."""

    def hold(self, connection: Connection, names: Iterable[str]) -> bool:
        """The whole file is held already."""
        return False

    def inserting_missing(self, table: Table) -> Insert:
        """Insert with `OR IGNORE`."""
        return table.insert().prefix_with("OR IGNORE")

    def is_busy(self, error: BaseException) -> bool:
        """SQLITE_BUSY and SQLITE_LOCKED, whose names the driver gives."""
        return _is_busy(error)

    def is_damaged(self, error: BaseException) -> bool:
        """SQLITE_CORRUPT and SQLITE_NOTADB."""
        return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _prepare(wait_seconds: int) -> Any:
    def prepare(driver: Any, _record: Any) -> None:
        driver.isolation_level = None
        cursor = driver.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {wait_seconds * 1000}")
        _switch_to_log(cursor, wait_seconds)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        cursor.close()

    return prepare


def _switch_to_log(cursor: Any, wait_seconds: int) -> None:
    """Keep a write-ahead log. SQLite's own waiting does not hold for this switch: of several that open a
    new file at once all but one are told that it is locked (https://www.sqlite.org/c3ref/busy_handler.html).
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
        time.sleep(_SWITCH_PAUSE_SECONDS)


def _is_busy(error: BaseException) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _begin(wait_seconds: int) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reads_only", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_to_write(connection.connection.driver_connection, wait_seconds)

    return begin


def _begin_to_write(driver: Any, wait_seconds: int) -> None:
    """Take the right to write as soon as it is free. SQLite's own waiting sleeps up to a tenth of a second at a time,
    longer than most transactions last (https://www.sqlite.org/src/file/src/main.c, sqliteDefaultBusyCallback).
    """
    until = time.monotonic() + wait_seconds
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while not _has_begun(driver, until):
            time.sleep(random.uniform(*_WRITE_PAUSE_SECONDS))
    finally:
        driver.execute(f"PRAGMA busy_timeout = {wait_seconds * 1000}")


def _has_begun(driver: Any, until: float) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if not _is_busy(error) or time.monotonic() > until:
            raise
        return False
    return True

"""SQLite: one file, write-ahead log, every commit flushed to the disk, one writer at a time.

The driver's own way of opening transactions is switched off: a transaction that writes takes the write
lock at its beginning, so two writers wait for each other instead of failing halfway.
"""

from __future__ import annotations

import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, PoolProxiedConnection, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from auditor.errors import StoreError, both

_CACHE_KIB = 65_536
"""Of pages a connection may hold: with the driver's 2 MiB each machine reads the index of titles anew."""
_CHECKPOINT_PAGES = 8_000
"""Written before they are moved from the log into the file, some 32 MB."""
_SWITCH_PAUSE_SECONDS = 0.02
_COPIED_PAGES = 2_000
"""Copied at a time by a backup, 8 MB."""
_MOST_FAULTS = 100
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
        """SQLITE_CORRUPT, and SQLITE_NOTADB of a file that begins otherwise."""
        return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))

    def driver_error(self, engine: Engine) -> type[Exception]:
        """The root of the driver's errors."""
        return sqlite3.Error

    def is_in_use(self, url: URL) -> bool:
        """Leaving the log behind needs the file alone: whoever else has it open keeps that from happening
        (https://www.sqlite.org/pragma.html#pragma_journal_mode)."""
        if not url.database or not Path(url.database).is_file():
            return False
        probe = sqlite3.connect(url.database, timeout=0, isolation_level=None)
        try:
            return str(probe.execute("PRAGMA journal_mode = DELETE").fetchone()[0]) != "delete"
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
            return True
        finally:
            probe.close()

    def copy_whole(self, engine: Engine, target: Path) -> bool:
        """By the online backup (https://www.sqlite.org/backup.html), within one transaction that reads: so it does not
        begin anew whenever somebody writes."""
        source = engine.raw_connection()
        driver: Any = source.driver_connection
        copied = sqlite3.connect(target, isolation_level=None)
        try:
            driver.execute("BEGIN")
            driver.execute("SELECT count(*) FROM sqlite_master").fetchone()
            driver.backup(copied, pages=_COPIED_PAGES)
            copied.execute("PRAGMA journal_mode = DELETE")
        finally:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            copied.close()
            source.close()
        return True

    def add_rows(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """One statement for all."""
        columns = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        cursor: Any = connection.connection.cursor()
        cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)
        cursor.close()

    def rows_added(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Nothing to do: the next number is one above the highest."""

    def faults_of_files(self, connection: Connection) -> list[str]:
        """`integrity_check` with the table's name for the root page that it tells, then `foreign_key_check`."""
        roots = {
            root: name for name, root in connection.exec_driver_sql("SELECT tbl_name, rootpage FROM sqlite_master")
        }
        told = _integrity(connection, sorted(set(roots.values())))
        found = [_with_table(line, roots) for text in told if text != "ok" for line in text.splitlines()]
        try:
            loose = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS)
        except DatabaseError:  # of a table that cannot be read, which was told
            return found
        return found + [f"{table} rowid {row}: -> {parent}" for table, row, parent, _ in loose]

    def sizes(self, connection: Connection) -> dict[str, int]:
        """By the table of pages that the library keeps (https://www.sqlite.org/dbstat.html)."""
        rows = connection.exec_driver_sql(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat AS s JOIN sqlite_master AS m ON m.name = s.name"
            " WHERE s.aggregate = TRUE GROUP BY m.tbl_name"
        )
        return {str(name): int(size) for name, size in rows}

    def give_back_room(self, engine: Engine) -> None:
        """By `VACUUM`, which writes the file anew."""
        opened = engine.raw_connection()
        opened.cursor().execute("VACUUM")
        opened.close()


def _integrity(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Ask of the whole file; where that ends at a page that is none, ask table by table, so that it has a name."""
    try:
        return [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_FAULTS})")]
    except DatabaseError:
        told = []
    for table in tables:
        try:
            asked = connection.exec_driver_sql(f'PRAGMA integrity_check("{table}")')
            told += [f"{table}: {row[0]}" for row in asked if row[0] != "ok"]
        except DatabaseError as error:
            told.append(f"{table}: {error.orig}")
    return told


def _with_table(line: str, roots: dict[int, str]) -> str:
    """`Tree 7 page 91 cell 3: …` names a table by the page of its root."""
    number = re.match(r"(?:\*\*\* in database main \*\*\*\s*)?Tree (\d+)\b", line)
    return f"{roots.get(int(number[1]), '?')}: {line}" if number else line


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

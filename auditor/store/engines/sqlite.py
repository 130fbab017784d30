"""SQLite: one file, write-ahead log, every commit flushed to the disk, one writer at a time.

The driver's own way of opening transactions is switched off: a transaction that writes takes the write
lock at its beginning, so two writers wait for each other instead of failing halfway.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from auditor.errors import StoreError, both
from auditor.store.engines.base import Row


class Sqlite:
    """The embedded database."""

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
        event.listen(engine, "begin", _begin)
        return engine

    def begin_write(self, connection: Connection) -> None:
        """Nothing to add: `BEGIN IMMEDIATE` was said."""

    def insert_missing(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert with `OR IGNORE`."""
        connection.execute(table.insert().prefix_with("OR IGNORE"), list(rows))

    def is_busy(self, error: OperationalError) -> bool:
        """SQLITE_BUSY and SQLITE_LOCKED, whose names the driver gives."""
        return str(getattr(error.orig, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _prepare(wait_seconds: int) -> Any:
    def prepare(driver: Any, _record: Any) -> None:
        driver.isolation_level = None
        cursor = driver.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {wait_seconds * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return prepare


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

"""PostgreSQL, for fleets that outgrow one file: any number of checker processes on any number of hosts.

Who may write is settled by advisory locks that end with the transaction. Registers, runs and whatever else reads before
it writes hold `_WRITES` alone, as they hold the whole file of SQLite. Intake shares `_WRITES` and keeps apart by what
tells machines apart: documents that could speak of the same machine wait for each other, all others do not. Names are
taken in rising order, so no two wait for each other.

Texts are compared byte by byte (collation C), whatever the database was made with: the same order on both engines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import psycopg
from sqlalchemy import Column, Connection, Engine, Insert, PoolProxiedConnection, Table, Text, create_engine, event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.engine import URL

from auditor.errors import StoreError, both

_WRITES, _SCHEMA, _MANY = 0x7A62_0001, 0x7A62_0002, 0x7A62_0003
"""Numbers of our advisory locks."""
_NAMED = 0x7A62
"""Class of the locks that bear a name; each is one of 2^32."""
_MOST_NAMES = 2_000
"""Held one by one: the server's table of locks has room for some thousands."""
_CONNECT_SECONDS = 10
_IDLE_SECONDS = 60
"""After which a dead connection is noticed, in the middle of a transaction as well."""
_BESIDE = "connection apart"
_BUSY = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "55P03",  # lock_not_available: waited as long as the setting says
    "57014",  # query_canceled
    "53300",  # too_many_connections
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now: starting up or shutting down
    "25P03",  # idle_in_transaction_session_timeout
}
_AWAY = "08"
"""Class of every connection exception."""


class _BytewiseTexts(PGDDLCompiler):
    """Writes every text column with collation C; the tables and the migrations say nothing of it."""

    def get_column_specification(self, column: Column[Any], **kw: Any) -> str:
        """Return the column as it is written in the statement that makes it."""
        told = str(super().get_column_specification(column, **kw))  # type: ignore[no-untyped-call]
        if isinstance(column.type, Text) and column.type.collation is None:
            return told.replace(" TEXT", ' TEXT COLLATE "C"', 1)
        return told


class Postgresql:
    """A server that several checkers share."""

    writes_alone = False

    def connect(self, url: URL, *, create: bool, wait_seconds: int) -> Engine:
        """Return an engine on a database that is there, empty or ours; `create` fills an empty one."""
        if url.drivername != "postgresql+psycopg" or not url.database:
            told = both("应为数据库地址，如", "expected an address such as")
            raise StoreError(f"{url}: {told} postgresql+psycopg://zhengban@host/zhengban")
        wanted = {"connect_timeout": _CONNECT_SECONDS, "application_name": "zhengban", "tcp_user_timeout": 30_000}
        arguments = {name: value for name, value in wanted.items() if name not in url.query}
        engine = create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_size=16, max_overflow=64)
        engine.dialect.ddl_compiler = _BytewiseTexts
        event.listen(engine, "connect", _prepare(wait_seconds))
        event.listen(engine, "close", _close_beside)
        return engine

    def connect_to_read(self, engine: Engine) -> Connection:
        """Read from one snapshot."""
        return engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def connect_without_transactions(self, engine: Engine) -> PoolProxiedConnection:
        """Return a connection of its own on which every statement is committed at once."""
        made = engine.raw_connection()
        driver: Any = made.driver_connection
        made.detach()
        driver.autocommit = True
        return made

    def connect_apart(self, connection: Connection) -> PoolProxiedConnection:
        """Add at once what several add at the same time, and so never wait for each other crosswise.

        These commits are not flushed: the log is written in order, so they are on the disk when the transaction
        that needs them is. One that is lost with the server was never pointed to.
        """
        made = self.connect_without_transactions(connection.engine)
        made.cursor().execute("SET synchronous_commit = off")
        connection.info[_BESIDE] = made
        return made

    def begin_write(self, connection: Connection) -> None:
        """Be the only one who writes."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITES})")

    def begin_intake(self, connection: Connection) -> None:
        """Write beside other intakes, not beside whoever writes alone."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_WRITES})")

    def begin_upgrade(self, connection: Connection) -> None:
        """One process changes the schema, the others find it changed. Nobody writes meanwhile."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA})")
        self.begin_write(connection)

    def hold(self, connection: Connection, names: Iterable[str]) -> bool:
        """Lock the names in rising order of their numbers; very many of them are held by keeping everybody out."""
        numbers = sorted({_number(name) for name in names})
        if len(numbers) > _MOST_NAMES:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MANY})")
            return True
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_MANY})")
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({_NAMED}, number) FROM unnest(%(numbers)s::int[]) AS number",
            {"numbers": numbers},
        )
        return True

    def inserting_missing(self, table: Table) -> Insert:
        """Insert with `ON CONFLICT DO NOTHING`."""
        return insert(table).on_conflict_do_nothing()

    def is_busy(self, error: BaseException) -> bool:
        """By the state that the server tells; without one the connection broke, which a restart does."""
        if not isinstance(error, psycopg.OperationalError):
            return False
        return error.sqlstate is None or error.sqlstate in _BUSY or error.sqlstate.startswith(_AWAY)

    def is_damaged(self, error: BaseException) -> bool:
        """data_corrupted and index_corrupted."""
        return isinstance(error, psycopg.Error) and error.sqlstate in ("XX001", "XX002")


def _prepare(wait_seconds: int) -> Any:
    def prepare(driver: Any, _record: Any) -> None:
        driver.autocommit = True
        with driver.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{wait_seconds}s'")
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("SET TimeZone = 'UTC'")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS * 10}s'")
        driver.autocommit = False

    return prepare


def _close_beside(_driver: Any, record: Any) -> None:
    beside = record.info.pop(_BESIDE, None)
    if beside is not None:
        beside.close()


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=4).digest(), "big", signed=True)

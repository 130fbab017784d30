"""PostgreSQL, for fleets that outgrow one file: any number of checker processes on any number of hosts.

Who may write is settled by advisory locks that end with the transaction. Registers, runs and whatever else reads before
it writes hold `_WRITES` alone, as they hold the whole file of SQLite. Intake shares `_WRITES` and keeps apart by what
tells machines apart: documents that could speak of the same machine wait for each other, all others do not. Names are
taken in rising order, so no two wait for each other.

Texts are compared byte by byte (collation C), whatever the database was made with: the same order on both engines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Column, Connection, Engine, Insert, PoolProxiedConnection, Table, Text, create_engine, event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

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

    def __init__(self) -> None:
        self._beside: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
        """Of each engine the one that makes connections outside its pool."""

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
        beside = self._beside[engine] = create_engine(url, connect_args=arguments, poolclass=NullPool)
        event.listen(beside, "connect", _prepare(wait_seconds))
        return engine

    def connect_to_read(self, engine: Engine) -> Connection:
        """Read from one snapshot."""
        return engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def connect_without_transactions(self, engine: Engine) -> PoolProxiedConnection:
        """Return a connection on which every statement is committed at once. It is none of the pool's: one taken out
        of there leaves a gap that the next transaction fills with a new connection, which again wants one beside it."""
        made = self._beside[engine].raw_connection()
        driver: Any = made.driver_connection
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
        """data_corrupted and index_corrupted; the message names the block and the file of the relation."""
        return getattr(error, "sqlstate", None) in ("XX001", "XX002")

    def driver_error(self, engine: Engine) -> type[Exception]:
        """The root of the driver's errors."""
        return psycopg.Error

    def is_in_use(self, url: URL) -> bool:
        """Whether a session of ours is open beside the one that asks."""
        engine = create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "asking"})
        try:
            with engine.connect() as connection:
                asked = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
                )
                return bool(connection.exec_driver_sql(asked, ("zhengban",)).scalar())
        finally:
            engine.dispose()

    def copy_whole(self, engine: Engine, target: Path) -> bool:
        """A server has no file of ours: its rows are read from one snapshot."""
        return False

    def add_rows(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """By `COPY`."""
        columns = ", ".join(f'"{name}"' for name in names)
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def rows_added(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Set each table's sequence to its highest number."""
        for table in tables:
            for column in table.primary_key.columns:
                owned = "SELECT pg_get_serial_sequence(%s, %s)"
                sequence = connection.exec_driver_sql(owned, (table.name, column.name)).scalar()
                if sequence is not None:
                    connection.exec_driver_sql(
                        f'SELECT setval(%s, (SELECT max("{column.name}") FROM "{table.name}"))'
                        f' WHERE EXISTS (SELECT 1 FROM "{table.name}")',
                        (sequence,),
                    )

    def faults_of_files(self, connection: Connection) -> list[str]:
        """By amcheck where it is installed: indexes against their tables. Rows are read one by one by whoever asks."""
        asked = (
            "SELECT p.oid::regprocedure::text, n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE proname = 'bt_index_check' AND pronargs = 2 AND has_function_privilege(p.oid, 'execute')"
        )
        check = connection.exec_driver_sql(asked).first()
        if check is None:
            return []
        found = []
        indexes = connection.exec_driver_sql(
            "SELECT t.relname, i.indexrelid::regclass::text FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
            " JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam AND a.amname = 'btree'"
            " JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = current_schema() ORDER BY 1, 2"
        ).all()
        for table, index in indexes:
            try:
                with connection.begin_nested():
                    connection.exec_driver_sql(f'SELECT "{check[1]}".bt_index_check(%s::regclass, true)', (index,))
            except DBAPIError as error:
                found.append(f"{table}: {index}: {str(error.orig).splitlines()[0]}")
        return found

    def sizes(self, connection: Connection) -> dict[str, int]:
        """With indexes and what is kept apart of long values."""
        rows = connection.exec_driver_sql(
            "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname = current_schema()"
        )
        return {str(name): int(size) for name, size in rows}

    def give_back_room(self, engine: Engine) -> None:
        """The server's own cleaning does it."""


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

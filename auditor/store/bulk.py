"""Statements on the driver's own cursor, for what intake does for every document.

SQLAlchemy writes the text of a statement once for each dialect; after that a call costs what the driver
costs. The only file that touches the driver. Everything runs in the transaction of the connection it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect, PoolProxiedConnection, Table, bindparam
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.compiler import SQLCompiler

from auditor.store.database import Store
from auditor.store.engines.roster import ENGINES

Values = Sequence[Any]
_Shape = Callable[[Values], Any]


class Statement:
    """One statement with its parameters in the order in which `values` are given, compiled once a dialect."""

    def __init__(self, make: Callable[[Dialect], ClauseElement], names: Sequence[str]) -> None:
        self._make = make
        self._names = tuple(names)
        self._compiled: dict[str, tuple[str, _Shape]] = {}

    def text(self, dialect: Dialect) -> tuple[str, _Shape]:
        """Return the text for the driver, and what turns values into its parameters."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> tuple[str, _Shape]:
        compiled = self._make(dialect).compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        if not compiled.positional:
            return str(compiled), lambda values: dict(zip(self._names, values, strict=True))
        order = [self._names.index(name) for name in compiled.positiontup or ()]
        if order == list(range(len(self._names))):
            return str(compiled), tuple
        return str(compiled), lambda values: tuple(values[at] for at in order)


class Bulk:
    """The statements of one connection of the driver."""

    def __init__(self, driver: PoolProxiedConnection, dialect: Dialect) -> None:
        self._cursor = driver.cursor()
        self._dialect = dialect

    def rows(self, statement: Statement, *values: Any) -> list[tuple[Any, ...]]:
        """Return every row."""
        text, shape = statement.text(self._dialect)
        self._cursor.execute(text, shape(values))
        return list(self._cursor.fetchall())

    def one(self, statement: Statement, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row, `None` when there is none."""
        found = self.rows(statement, *values)
        return found[0] if found else None

    def run(self, statement: Statement, *values: Any) -> int:
        """Execute, and return how many rows it concerned."""
        text, shape = statement.text(self._dialect)
        self._cursor.execute(text, shape(values))
        return int(self._cursor.rowcount)

    def many(self, statement: Statement, rows: Iterable[Values]) -> None:
        """Execute once for each row of values."""
        text, shape = statement.text(self._dialect)
        shaped = [shape(row) for row in rows]
        if shaped:
            self._cursor.executemany(text, shaped)

    def savepoint(self) -> None:
        """Remember this point of the transaction."""
        self._cursor.execute("SAVEPOINT one_document")

    def release(self) -> None:
        """Keep what came since the point."""
        self._cursor.execute("RELEASE SAVEPOINT one_document")

    def undo(self) -> None:
        """Undo what came since the point, and forget the point."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT one_document")
        self._cursor.execute("RELEASE SAVEPOINT one_document")


class _LookUps(Bulk):
    def __init__(self, store: Store) -> None:
        try:
            super().__init__(store.look_up_connection(), store.engine.dialect)
        except (store.driver_error, OperationalError) as error:
            raise store.fault(getattr(error, "orig", None) or error) from error
        self._store = store

    def rows(self, statement: Statement, *values: Any) -> list[tuple[Any, ...]]:
        """Return every row. Raises `Busy`, `StoreError`."""
        try:
            return super().rows(statement, *values)
        except self._store.driver_error as error:
            self._store.forget_look_up_connection()
            raise self._store.fault(error) from error


def bulk(connection: Connection) -> Bulk:
    """Return the statements of a connection, made once for each connection of the driver."""
    found = connection.info.get("bulk")
    if found is None:
        found = connection.info["bulk"] = Bulk(connection.connection, connection.dialect)
    return found


def asking(store: Store) -> Bulk:
    """Return this thread's statements for single look-ups outside any transaction, each of which sees the present.

    They raise `Busy` and `StoreError`; a connection that broke is given up, so the next look-up has another.
    """
    return _LookUps(store)


def apart(connection: Connection) -> Bulk:
    """Return statements for rows named by their content, which several transactions may add at the same time.

    They are there for good even when the transaction is undone, and harm nobody.
    """
    found = connection.info.get("bulk apart")
    if found is None:
        beside = ENGINES[connection.dialect.name].connect_apart(connection)
        found = bulk(connection) if beside is None else Bulk(beside, connection.dialect)
        connection.info["bulk apart"] = found
    return found


def insertion(table: Table, *names: str) -> Statement:
    """Insert rows given by the columns of `names`."""
    return Statement(lambda _dialect: table.insert().values(_bound(names)), names)


def insertion_of_missing(table: Table, *names: str) -> Statement:
    """Insert rows whose unique keys are not there yet."""
    return Statement(lambda dialect: ENGINES[dialect.name].inserting_missing(table).values(_bound(names)), names)


def insertion_with_id(table: Table, *names: str) -> Statement:
    """Insert one row and return its `id`."""
    return Statement(lambda _dialect: table.insert().values(_bound(names)).returning(table.c.id), names)


def query(chosen: ClauseElement, *names: str) -> Statement:
    """Ask, with `bindparam`s of these names."""
    return Statement(lambda _dialect: chosen, names)


def _bound(names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}

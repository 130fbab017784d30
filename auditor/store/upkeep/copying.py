"""Copying: every row of a store into an empty one, and digests of tables that are the same on both engines.

A table's digest is over its rows in the order of their keys, columns in the order of their names: whatever engine holds
them, and however its columns came to stand, equal rows give equal digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, Table, func, inspect, select
from sqlalchemy.exc import DBAPIError

from auditor.errors import StoreError, both
from auditor.store.engines.roster import ENGINES
from auditor.store.tables import metadata

_FETCHED = 500
"""Rows at a time; a row may hold a whole document."""
_COPIED = 5_000


@dataclass(frozen=True)
class TableDigest:
    """What a table holds."""

    rows: int
    sha256: str


class Digester:
    """Takes rows in their order."""

    def __init__(self) -> None:
        self._rows = 0
        self._digest = hashlib.sha256()

    def add(self, row: Sequence[Any]) -> None:
        """Add one row: numbers and texts as they are, bytes by their digest."""
        told = tuple(hashlib.sha256(value).digest() if isinstance(value, bytes) else value for value in row)
        self._digest.update(ascii(told).encode("ascii") + b"\n")
        self._rows += 1

    def told(self) -> TableDigest:
        """Return the digest of all rows so far."""
        return TableDigest(self._rows, self._digest.hexdigest())


def column_names(table: Table) -> list[str]:
    """Return the columns in the order in which rows are read, digested and copied."""
    return sorted(column.name for column in table.columns)


def ordered_rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows by their keys without holding them all."""
    chosen = select(*(table.c[name] for name in column_names(table))).order_by(*table.primary_key.columns)
    for row in connection.execute(chosen, execution_options={"yield_per": _FETCHED}):
        yield tuple(row)


def digest_tables(connection: Connection, tables: Iterable[Table] = metadata.sorted_tables) -> dict[str, TableDigest]:
    """Return the digest of every table."""
    found = {}
    for table in tables:
        digester = Digester()
        for row in ordered_rows(connection, table):
            digester.add(row)
        found[table.name] = digester.told()
    return found


def tables_that_stand(connection: Connection) -> list[Table]:
    """Return the tables as an older release made them, read from the database itself."""
    seen, found = inspect(connection), []
    for name in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        columns = [Column(told["name"], told["type"]) for told in seen.get_columns(name)]
        key = PrimaryKeyConstraint(*seen.get_pk_constraint(name)["constrained_columns"])
        found.append(Table(name, MetaData(), *columns, key))
    return found


def rows_in(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, of those that have some."""
    counts = {
        t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables
    }
    return {name: int(count) for name, count in counts.items() if count}


def copy_all(source: Connection, target: Connection) -> dict[str, TableDigest]:
    """Copy every row and return the digests of what was read. The target is empty, its transaction open.

    Raises `StoreError` that names the table and the row that the other database does not take.
    """
    told = {}
    for table in metadata.sorted_tables:
        digester = Digester()
        rows = _noted(ordered_rows(source, table), digester)
        while chunk := list(islice(rows, _COPIED)):
            _add(target, table, chunk)
        told[table.name] = digester.told()
    ENGINES[target.dialect.name].rows_added(target, metadata.sorted_tables)
    return told


def _noted(rows: Iterator[tuple[Any, ...]], digester: Digester) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        digester.add(row)
        yield row


def _add(target: Connection, table: Table, chunk: list[tuple[Any, ...]]) -> None:
    engine, names = ENGINES[target.dialect.name], column_names(table)
    at = [names.index(column.name) for column in table.primary_key.columns]
    last = [chunk[0]]

    def each() -> Iterator[tuple[Any, ...]]:
        for row in chunk:
            last[0] = row
            yield row

    try:
        engine.add_rows(target, table, names, each())
    except (engine.driver_error(target.engine), DBAPIError) as error:
        key = ", ".join(str(last[0][number])[:80] for number in at)
        zh, en = f"该库不接受 {key} 一行或其附近", f"the database does not take row {key}, or one near it"
        raise StoreError(f"{table.name}: {both(zh, en)}: {error}") from error


def differing(wanted: Mapping[str, TableDigest], found: Mapping[str, TableDigest]) -> list[str]:
    """Return the tables whose contents are not the same, with how many rows each has."""
    names = sorted(wanted.keys() | found.keys())
    return [
        f"{name}: {wanted[name].rows if name in wanted else '-'} != {found[name].rows if name in found else '-'}"
        if name not in wanted or name not in found or wanted[name].rows != found[name].rows
        else f"{name}: {wanted[name].sha256[:16]} != {found[name].sha256[:16]}"
        for name in names
        if wanted.get(name) != found.get(name)
    ]

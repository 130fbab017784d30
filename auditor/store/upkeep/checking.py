"""Checking a store for damage: what does not fit is named by file, table and row.

First the database itself is asked (its pages, its indexes, its references); then every row of every table is read;
then every content is unpacked and held against its digest, and every digest that a row names is looked for; last the
chain of the trail. Nothing is changed, and a fault does not end the look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from auditor.errors import StoreError, both
from auditor.store.blobs import unpack_blob
from auditor.store.database import SCHEMA_REVISION
from auditor.store.engines.roster import ENGINES
from auditor.store.tables import blobs, metadata, title_sets, titles
from auditor.store.trail import first_broken_entry
from auditor.store.upkeep.copying import ordered_rows
from auditor.store.upkeep.references import REFERENCES

_HEADER = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Damage:
    """One fault: `file`, `table`, `row`, `content` or `trail`, where, and what was found."""

    kind: str
    where: str
    what: str


def check(address: URL, *, wait_seconds: int = 30) -> Iterator[Damage]:
    """Yield every fault. Raises `StoreError` for a store that is not there."""
    fault = _of_header(address)
    if fault is not None:
        yield fault
        return
    engine = ENGINES[address.get_backend_name()].connect(address, create=False, wait_seconds=wait_seconds)
    try:
        yield from _check(engine, str(address))
    except DBAPIError as error:
        yield Damage("file", str(address), _first_line(error))
    finally:
        engine.dispose()


def _of_header(address: URL) -> Damage | None:
    if address.get_backend_name() != "sqlite":
        return None
    file = Path(str(address.database))
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_HEADER))
    except OSError as error:
        raise StoreError(f"{file}: {both('应为数据库文件', 'expected a database file')}: {error.strerror}") from error
    if begins == _HEADER:
        return None
    return Damage("file", str(file), both("文件头不是数据库", "it does not begin as a database does"))


def _check(engine: Engine, name: str) -> Iterator[Damage]:
    differs = ENGINES[engine.dialect.name]
    with _reading(engine) as connection:
        missing = {"alembic_version", *metadata.tables} - set(inspect(connection).get_table_names())
        for name_of_table in sorted(missing):
            yield Damage("table", name_of_table, both("缺少此表", "this table is not there"))
        if not missing:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if revision != SCHEMA_REVISION:
                yield Damage("table", "alembic_version", f"{revision} != {SCHEMA_REVISION}")
    with _reading(engine) as connection:
        try:
            lines = differs.faults_of_files(connection)
        except DBAPIError as error:
            lines = [_first_line(error)]
    yield from (Damage("file", name, line) for line in lines)
    bad = set(missing)
    for table in (each for each in metadata.sorted_tables if each.name not in missing):
        for damage in _rows(engine, table):
            if damage.kind == "row":
                bad.add(table.name)
            yield damage
    if "blobs" not in bad:
        yield from _references(engine, bad)
    if not bad & {"title_sets", "titles"}:
        yield from _title_sets(engine)
    if "trail" not in bad:
        with _reading(engine) as connection:
            broken = first_broken_entry(connection)
        if broken is not None:
            yield Damage("trail", f"trail {broken}", both("自此条起链不符", "the chain does not hold from here on"))


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    with ENGINES[engine.dialect.name].connect_to_read(engine) as connection:
        yield connection


def _rows(engine: Engine, table: Table) -> Iterator[Damage]:
    """Read every row in the order of its key; of contents, unpack each."""
    last = None
    names = sorted(column.name for column in table.columns)
    keys = [names.index(column.name) for column in table.primary_key.columns]
    digest, packed = (names.index("digest"), names.index("packed")) if table is blobs else (0, 0)
    try:
        with _reading(engine) as connection:
            for row in ordered_rows(connection, table):
                last = ", ".join(str(row[at]) for at in keys)
                if table is blobs:
                    try:
                        unpack_blob(row[digest], row[packed])
                    except StoreError as error:
                        yield Damage("content", f"blobs {last}", str(error))
    except (DBAPIError, ValueError, OverflowError) as error:
        after = both(f"{last} 之后的一行读不出", f"the row after {last} cannot be read") if last else both(
            "第一行读不出", "its first row cannot be read"
        )  # fmt: skip
        yield Damage("row", table.name, f"{after}: {_first_line(error)}")


def _references(engine: Engine, bad: set[str]) -> Iterator[Damage]:
    """Every content that a row names is there."""
    for column in REFERENCES:
        if column.table.name in bad:
            continue
        key = list(column.table.primary_key.columns)
        chosen = (
            select(column, *key)
            .outerjoin(blobs, blobs.c.digest == column)
            .where(column.is_not(None), blobs.c.digest.is_(None))
        )
        with _reading(engine) as connection:
            for row in connection.execute(chosen.order_by(*key)):
                where = f"{column.table.name} {', '.join(str(each) for each in row[1:])}"
                what = both("所引用的内容不在库中", "names a content that is not there")
                yield Damage("row", where, f"{column.name} {row[0]}: {what}")


def _title_sets(engine: Engine) -> Iterator[Damage]:
    """Every set has as many members as it says, and its highest is a title."""
    with _reading(engine) as connection:
        most = int(connection.execute(select(func.max(titles.c.id))).scalar() or 0)
        for id, size, members in connection.execute(select(title_sets.c.id, title_sets.c.size, title_sets.c.members)):
            highest = int.from_bytes(members[-4:], "little") if members else 0
            if len(members) != 4 * size or highest > most:
                what = both("与其个数或名称不符", "does not fit its size, or names a title that is not there")
                yield Damage("row", f"title_sets {id}", what)


def _first_line(error: BaseException) -> str:
    told = str(getattr(error, "orig", None) or error).splitlines()
    return told[0] if told else type(error).__name__

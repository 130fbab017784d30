"""Dated rows: every register is rows that hold from a day to a day, changed in batches that can be taken back.

A batch is everything that one import says as of its day `valid_from`. For a key whose row of that day says
otherwise, that row ends the day before and the batch's row goes on to where the old one ended. Taking back
removes the rows that the batch opened and gives back to those it ended the end they had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from auditor.errors import AuditorError, both
from auditor.store.batches import Batch, add_batch, find_batch, later_batches, mark_taken_back
from auditor.store.tables import (
    disposals,
    entitlements,
    exemptions,
    free_list,
    machine_register,
    people,
    prices,
    row_endings,
    taken_back_rows,
    transfers,
    units,
)
from auditor.store.trail import append_trail

Key = tuple[str | int, ...]
Row = Mapping[str, Any]
_CHUNK = 400


@dataclass(frozen=True)
class Register:
    """One register: its table, the columns that name a row, those that are compared, those that are only carried.

    A carried column (a sealed text differs each time it is sealed) does not tell a changed row from an
    unchanged one; what it holds must show in a compared column as well.
    """

    name: str
    table: Table
    key: tuple[str, ...]
    compared: tuple[str, ...]
    carried: tuple[str, ...] = ()

    def key_of(self, row: Row) -> Key:
        """Return what names a row."""
        return tuple(row[name] for name in self.key)


UNITS = Register("units", units, ("code",), ("name", "parent", "kind", "headcount"))
PEOPLE = Register("people", people, ("id",), ("name", "unit"))
MACHINES = Register(
    "machines",
    machine_register,
    ("code",),
    ("unit", "person", "brand", "serial", "mac", "host_name", "machine_class", "state", "place", "purchased_on"),
)
LICENCES = Register("licences", entitlements, ("unit", "code", "line"), ("facts",), ("sealed_serials",))
FREE_LIST = Register("free_list", free_list, ("unit", "code"), ("facts",))
TRANSFERS = Register("transfers", transfers, ("code",), ("facts",))
DISPOSALS = Register("disposals", disposals, ("code",), ("facts",))
EXEMPTIONS = Register("exemptions", exemptions, ("code",), ("facts",))
PRICES = Register("prices", prices, ("code",), ("facts",))
REGISTERS = {
    register.name: register
    for register in (UNITS, PEOPLE, MACHINES, LICENCES, FREE_LIST, TRANSFERS, DISPOSALS, EXEMPTIONS, PRICES)
}
ALWAYS = date(1980, 1, 1)
"""From when an act holds as a row: it bears its own days, and what is known of it today is known for every day."""


@dataclass(frozen=True)
class RowChange:
    """One row that the batch changes: what it says now and what it would say."""

    key: Key
    before: Row
    after: Row

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that differ."""
        return tuple(name for name in sorted(self.after) if self.before.get(name) != self.after[name])


@dataclass(frozen=True)
class BatchPreview:
    """What applying would do, each in the order of keys. `missing`: in force on the day and not in the batch."""

    new: tuple[Row, ...]
    changed: tuple[RowChange, ...]
    unchanged: tuple[Row, ...]
    missing: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows of each sort."""
        return {name: len(getattr(self, name)) for name in ("new", "changed", "unchanged", "missing")}


def rows_as_of(connection: Connection, register: Register, on: date | None) -> list[dict[str, Any]]:
    """Return the rows in force on a day, in the order of keys; `None`: those that stand open."""
    chosen = select(register.table).order_by(*(register.table.c[name] for name in register.key))
    return [dict(row) for row in connection.execute(chosen.where(in_force(register.table, on))).mappings()]


def rows_of_key(connection: Connection, register: Register, key: Key, on: date | None) -> list[dict[str, Any]]:
    """Return the rows of a key, or of what begins a key, in force on a day."""
    chosen = select(register.table).where(in_force(register.table, on))
    for name, value in zip(register.key, key, strict=False):
        chosen = chosen.where(register.table.c[name] == value)
    chosen = chosen.order_by(*(register.table.c[name] for name in register.key))
    return [dict(row) for row in connection.execute(chosen).mappings()]


def preview(connection: Connection, register: Register, rows: Iterable[Row], valid_from: date) -> BatchPreview:
    """Say what a batch would do. Raises `AuditorError` for two rows of one key or a column that is not there."""
    given = _by_key(register, rows)
    standing = {register.key_of(row): row for row in rows_as_of(connection, register, valid_from)}
    shown = (*register.key, *register.compared)
    new, changed, unchanged = [], [], []
    for key in sorted(given, key=_order):
        row, old = given[key], standing.get(key)
        if old is None:
            new.append(row)
        elif any(old[name] != row.get(name) for name in register.compared):
            changed.append(RowChange(key, {name: old[name] for name in shown}, {name: row.get(name) for name in shown}))
        else:
            unchanged.append(row)
    missing = tuple(standing[key] for key in sorted(standing, key=_order) if key not in given)
    return BatchPreview(tuple(new), tuple(changed), tuple(unchanged), missing)


def apply(
    connection: Connection,
    register: Register,
    rows: Iterable[Row],
    valid_from: date,
    *,
    now: str,
    file_name: str,
    file_digest: str,
    end_missing: bool = False,
    made_by: str | None = None,
    reason: str | None = None,
) -> Batch:
    """Apply a batch and return it. `end_missing` ends the rows that the batch does not name, the day before.

    `made_by` and `reason` go into the history of the register, never into the trail.
    """
    given = _by_key(register, rows)
    shown = preview(connection, register, given.values(), valid_from)
    batch = add_batch(
        connection,
        register=register.name,
        file_name=file_name,
        file_digest=file_digest,
        valid_from=valid_from,
        applied_at=now,
        counts=shown.counts | {"ended": len(shown.missing) if end_missing else 0},
        made_by=made_by,
        reason=reason,
    )
    standing = {register.key_of(row): row for row in rows_as_of(connection, register, valid_from)}
    opened = [given[register.key_of(row)] for row in shown.new] + [given[change.key] for change in shown.changed]
    ended = [standing[change.key] for change in shown.changed] + (list(shown.missing) if end_missing else [])
    following = _following_days(connection, register, valid_from)
    _end_rows(connection, register, ended, valid_from, batch.id)
    added = []
    for row in opened:
        key = register.key_of(row)
        old = standing.get(key)
        until = old["valid_to"] if old else _day_before(following.get(key))
        columns = {name: row.get(name) for name in (*register.key, *register.compared, *register.carried)}
        columns |= {"valid_from": valid_from.isoformat(), "valid_to": until, "batch": batch.id}
        added.append(columns | {"ended_by": old["ended_by"] if old else None})
    if added:
        connection.execute(register.table.insert(), added)
    append_trail(connection, at=now, act="register.applied", subject=f"{register.name} batch {batch.id} {file_digest}")
    return batch


def take_back(connection: Connection, batch_id: int, *, now: str, by: str | None = None) -> Batch:
    """Undo a batch exactly and return it.

    Raises `AuditorError` when it is not there, was taken back already, or a later batch of the register that
    still stands touched one of its keys.
    """
    batch = find_batch(connection, batch_id)
    if batch is None:
        raise AuditorError(f"batch {batch_id}: {both('没有这个已导入的批次', 'expected a batch that was applied')}")
    if batch.taken_back_at is not None:
        at = batch.taken_back_at
        raise AuditorError(f"batch {batch_id}: {both(f'已于 {at} 撤回', f'was taken back at {at}')}")
    register = REGISTERS[batch.register]
    _check_untouched(connection, register, batch)
    table = register.table
    _remember(connection, register, batch.id)
    connection.execute(table.delete().where(table.c.batch == batch.id))
    for ending in connection.execute(select(row_endings).where(row_endings.c.batch == batch.id)).mappings():
        before = {"valid_to": ending["valid_to_before"], "ended_by": ending["ended_by_before"]}
        connection.execute(table.update().where(table.c.row == ending["row"]).values(before))
    connection.execute(row_endings.delete().where(row_endings.c.batch == batch.id))
    mark_taken_back(connection, batch.id, at=now, by=by)
    append_trail(connection, at=now, act="register.taken_back", subject=f"{register.name} batch {batch.id}")
    return batch


def units_of_batch(connection: Connection, batch: Batch) -> frozenset[str] | None:
    """Return the units that rows of a batch belong to; `None` where the register's rows belong to no unit."""
    table = REGISTERS[batch.register].table
    column = table.c.unit if "unit" in table.c else table.c.code if batch.register == "units" else None
    if column is None:
        return None
    return frozenset(connection.execute(select(column).where(table.c.batch == batch.id).distinct()).scalars())


def _remember(connection: Connection, register: Register, batch: int) -> None:
    """Keep what the batch had opened for the history; what is sealed is not kept twice."""
    table = register.table
    kept = [table.c[name] for name in ("row", *register.key, *register.compared, "valid_from", "valid_to")]
    rows = connection.execute(select(*kept).where(table.c.batch == batch).order_by(table.c.row)).mappings()
    contents = [{"batch": batch, "content": json.dumps(dict(row), ensure_ascii=False)} for row in rows]
    if contents:
        connection.execute(taken_back_rows.insert(), contents)


def in_force(table: Table, on: date | None) -> Any:
    if on is None:
        return table.c.valid_to.is_(None)
    day = on.isoformat()
    return and_(table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to >= day))


def _by_key(register: Register, rows: Iterable[Row]) -> dict[Key, Row]:
    known = {*register.key, *register.compared, *register.carried}
    found: dict[Key, Row] = {}
    for row in rows:
        strange = sorted(set(row) - known)
        if strange:
            listed = ", ".join(sorted(known))
            told = both(f"应为 {listed} 之一", f"expected one of {listed}")
            raise AuditorError(f"{register.name}: {strange[0]}: {told}")
        key = register.key_of(row)
        if key in found:
            told = both("应只有一行，实有两行", "expected one row, got two")
            raise AuditorError(f"{register.name}: {_told(key)}: {told}")
        found[key] = row
    return found


def _following_days(connection: Connection, register: Register, valid_from: date) -> dict[Key, str]:
    """Return the first later day from which each key has a row."""
    table = register.table
    chosen = select(table).where(table.c.valid_from > valid_from.isoformat()).order_by(table.c.valid_from.desc())
    # an empty interval (ended on the day it began) holds on no day and bounds nothing
    chosen = chosen.where(or_(table.c.valid_to.is_(None), table.c.valid_to >= table.c.valid_from))
    return {register.key_of(dict(row)): str(row["valid_from"]) for row in connection.execute(chosen).mappings()}


def _end_rows(connection: Connection, register: Register, rows: Sequence[Row], valid_from: date, batch: int) -> None:
    if not rows:
        return
    before = [
        {
            "batch": batch,
            "row": row["row"],
            "valid_to_before": row["valid_to"],
            "ended_by_before": row["ended_by"],
        }
        for row in rows
    ]
    connection.execute(row_endings.insert(), before)
    numbers, table = [row["row"] for row in rows], register.table
    for start in range(0, len(numbers), _CHUNK):
        chosen = table.update().where(table.c.row.in_(numbers[start : start + _CHUNK]))
        connection.execute(chosen.values(valid_to=_day_before(valid_from.isoformat()), ended_by=batch))


def _check_untouched(connection: Connection, register: Register, batch: Batch) -> None:
    mine = _touched(connection, register, batch.id)
    for later in later_batches(connection, batch):
        common = sorted(mine & _touched(connection, register, later.id), key=_order)
        if common:
            key, more = _told(common[0]), len(common) - 1
            zh = f"其后的批次 {later.id} 改动了 {key}{f' 等 {more + 1} 行' if more else ''}，应先撤回该批次"
            en = f"batch {later.id} changed {key} after it{f' and {more} more' if more else ''}; take that back first"
            raise AuditorError(f"batch {batch.id}: {both(zh, en)}")


def _touched(connection: Connection, register: Register, batch: int) -> set[Key]:
    table = register.table
    ended = select(row_endings.c.row).where(row_endings.c.batch == batch)
    chosen = select(*(table.c[name] for name in register.key))
    rows = connection.execute(chosen.where(or_(table.c.batch == batch, table.c.row.in_(ended))))
    return {tuple(row) for row in rows}


def _day_before(day: str | None) -> str | None:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat() if day else None


def _order(key: Key) -> tuple[str, ...]:
    return tuple(f"{part:012d}" if isinstance(part, int) else part for part in key)


def _told(key: Key) -> str:
    return json.dumps(key[0] if len(key) == 1 else list(key), ensure_ascii=False)

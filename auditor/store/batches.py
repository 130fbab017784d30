"""Batches: each import that was applied to a register, and whether it was taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from auditor.store.tables import import_batches as table


@dataclass(frozen=True)
class Batch:
    """One import."""

    id: int
    register: str
    file_name: str
    file_digest: str
    valid_from: date
    applied_at: str
    taken_back_at: str | None
    counts: Mapping[str, int]
    made_by: str | None = None
    """Who, as the program was told."""
    reason: str | None = None
    taken_back_by: str | None = None


def add_batch(
    connection: Connection,
    *,
    register: str,
    file_name: str,
    file_digest: str,
    valid_from: date,
    applied_at: str,
    counts: Mapping[str, int],
    made_by: str | None = None,
    reason: str | None = None,
) -> Batch:
    """Record a batch and return it with its number."""
    values: dict[str, Any] = {
        "register": register,
        "file_name": file_name,
        "file_digest": file_digest,
        "valid_from": valid_from.isoformat(),
        "applied_at": applied_at,
        "counts": json.dumps(dict(counts), sort_keys=True),
        "made_by": made_by,
        "reason": reason,
    }
    key = connection.execute(table.insert().values(values)).inserted_primary_key
    assert key is not None
    return Batch(int(key[0]), register, file_name, file_digest, valid_from, applied_at, None, counts, made_by, reason)


def find_batch(connection: Connection, batch: int) -> Batch | None:
    """Return the batch of a number."""
    row = connection.execute(select(table).where(table.c.id == batch)).mappings().first()
    return _batch(row) if row is not None else None


def list_batches(connection: Connection, register: str | None = None) -> Sequence[Batch]:
    """Return the batches of one register or of all, in the order in which they were applied."""
    chosen = select(table).order_by(table.c.id)
    if register is not None:
        chosen = chosen.where(table.c.register == register)
    return [_batch(row) for row in connection.execute(chosen).mappings()]


def page_of_batches(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Batch]:
    """Return batches of all registers, the newest first, with smaller numbers than `before`."""
    chosen = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(table.c.id < before)
    return [_batch(row) for row in connection.execute(chosen).mappings()]


def later_batches(connection: Connection, batch: Batch) -> Sequence[Batch]:
    """Return the batches of the same register that were applied after this one and still stand, newest first."""
    chosen = select(table).where(table.c.register == batch.register, table.c.id > batch.id)
    rows = connection.execute(chosen.where(table.c.taken_back_at.is_(None)).order_by(table.c.id.desc()))
    return [_batch(row) for row in rows.mappings()]


def mark_taken_back(connection: Connection, batch: int, *, at: str, by: str | None = None) -> None:
    """Record that a batch was taken back."""
    connection.execute(table.update().where(table.c.id == batch).values(taken_back_at=at, taken_back_by=by))


def _batch(row: RowMapping) -> Batch:
    values = dict(row)
    values["valid_from"] = date.fromisoformat(values["valid_from"])
    return Batch(**values | {"counts": json.loads(values["counts"])})

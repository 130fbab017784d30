"""What units handed in: their public keys, the signed files as they came, questions and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from auditor.errors import AuditorError, both
from auditor.proof.digest import canonical_json
from auditor.store.blobs import put_blob
from auditor.store.tables import drill_downs, hand_ins, unit_keys
from auditor.store.trail import append_trail


@dataclass(frozen=True)
class UnitKey:
    """Whose signature is taken, and until when."""

    unit: str
    public_key: str
    added_at: str
    added_by: str | None = None
    revoked_at: str | None = None
    revoked_by: str | None = None


@dataclass(frozen=True)
class HandIn:
    """One file that a unit handed in. `came_with`: digest of the file of the tier between that carried it."""

    unit: str
    duty: str
    period: str
    as_of: str
    digest: str
    received_at: str
    corrects: str | None = None
    came_with: str | None = None


@dataclass(frozen=True)
class DrillDown:
    """One question to a unit, and the answer when it has come."""

    id: str
    unit: str
    asked_at: str
    asked_by: str | None
    question: Mapping[str, Any]
    request: str
    answer: str | None = None
    answered_at: str | None = None


def add_key(connection: Connection, key: UnitKey) -> None:
    """Take a unit's signature from now on. Raises `AuditorError` for a key that is there."""
    if find_key(connection, key.public_key) is not None:
        raise AuditorError(f"{key.public_key}: {both('公钥已登记', 'this key is registered')}")
    connection.execute(unit_keys.insert().values(vars(key)))
    append_trail(connection, at=key.added_at, act="unit_key.added", subject=f"unit {key.unit} key {key.public_key}")


def revoke_key(connection: Connection, public_key: str, *, at: str, by: str | None) -> UnitKey:
    """Take a signature no longer. Raises `AuditorError` for a key that is not there."""
    found = find_key(connection, public_key)
    if found is None or found.revoked_at is not None:
        raise AuditorError(f"{public_key}: {both('没有这把在用的公钥', 'no such key in force')}")
    connection.execute(
        unit_keys.update().where(unit_keys.c.public_key == public_key).values(revoked_at=at, revoked_by=by)
    )
    append_trail(connection, at=at, act="unit_key.revoked", subject=f"unit {found.unit} key {public_key}")
    return UnitKey(found.unit, public_key, found.added_at, found.added_by, at, by)


def find_key(connection: Connection, public_key: str) -> UnitKey | None:
    """Return what is known of a key."""
    row = connection.execute(select(unit_keys).where(unit_keys.c.public_key == public_key)).mappings().first()
    return UnitKey(**{name: row[name] for name in UnitKey.__dataclass_fields__}) if row is not None else None


def list_keys(connection: Connection) -> list[UnitKey]:
    """Return every key, oldest first."""
    rows = connection.execute(select(unit_keys).order_by(unit_keys.c.id)).mappings()
    return [UnitKey(**{name: row[name] for name in UnitKey.__dataclass_fields__}) for row in rows]


def add_hand_in(connection: Connection, row: HandIn, content: bytes) -> bool:
    """Keep a file; return whether it was not there."""
    if connection.execute(select(hand_ins.c.id).where(hand_ins.c.digest == row.digest)).first() is not None:
        return False
    put_blob(connection, "issued", content)
    connection.execute(hand_ins.insert().values(vars(row)))
    append_trail(
        connection,
        at=row.received_at,
        act="hand_in.received",
        subject=f"unit {row.unit} {row.duty} {row.period} {row.digest}",
    )
    return True


def list_hand_ins(connection: Connection, **wanted: str) -> list[HandIn]:
    """Return what came, oldest first."""
    chosen = select(hand_ins).order_by(hand_ins.c.id)
    for name, value in wanted.items():
        chosen = chosen.where(hand_ins.c[name] == value)
    rows = connection.execute(chosen).mappings()
    return [HandIn(**{name: row[name] for name in HandIn.__dataclass_fields__}) for row in rows]


def add_question(connection: Connection, asked: DrillDown) -> None:
    """Keep a question that goes out."""
    row = vars(asked) | {"question": canonical_json(dict(asked.question)).decode()}
    connection.execute(drill_downs.insert().values(row))
    append_trail(connection, at=asked.asked_at, act="drill_down.asked", subject=f"{asked.id} {asked.request}")


def keep_answer(connection: Connection, id: str, digest: str, *, at: str) -> None:
    """Keep the answer to a question. Raises `AuditorError` for one that was answered otherwise before."""
    asked = find_question(connection, id)
    if asked.answer == digest:
        return
    if asked.answer is not None:
        raise AuditorError(f"{id}: {both('已有答复', 'is answered already')}")
    connection.execute(drill_downs.update().where(drill_downs.c.id == id).values(answer=digest, answered_at=at))
    append_trail(connection, at=at, act="drill_down.answered", subject=f"{id} {digest}")


def find_question(connection: Connection, id: str) -> DrillDown:
    """Return a question. Raises `AuditorError`."""
    row = connection.execute(select(drill_downs).where(drill_downs.c.id == id)).mappings().first()
    if row is None:
        raise AuditorError(f"{id}: {both('没有问过这个问题', 'no such question was asked')}")
    return DrillDown(**dict(row) | {"question": json.loads(row["question"])})


def list_questions(connection: Connection) -> list[DrillDown]:
    """Return every question, oldest first."""
    rows = connection.execute(select(drill_downs).order_by(drill_downs.c.asked_at, drill_downs.c.id)).mappings()
    return [DrillDown(**dict(row) | {"question": json.loads(row["question"])}) for row in rows]

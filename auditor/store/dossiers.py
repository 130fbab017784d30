"""Records that go from hand to hand: spot checks, submissions, requests.

Each change counts a version up, and the digest of the record after it stands in the trail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from auditor.errors import AuditorError, both
from auditor.proof.digest import canonical_json, digest_of
from auditor.store.tables import requests, spot_checks, submissions
from auditor.store.trail import append_trail

SPOT_CHECKS, SUBMISSIONS, REQUESTS = "spot_check", "submission", "request"
_TABLES: Mapping[str, Table] = {SPOT_CHECKS: spot_checks, SUBMISSIONS: submissions, REQUESTS: requests}
_JSON = frozenset({"sign_offs", "files", "steps", "content"})
Dossier = dict[str, Any]


def next_number(connection: Connection, kind: str, beginning: str) -> str:
    """Return the next free number that begins so: `CC-2026-` → `CC-2026-003`."""
    table = _TABLES[kind]
    chosen = select(table.c.number).where(table.c.number.startswith(beginning, autoescape=True))
    used = [number.removeprefix(beginning) for number in connection.execute(chosen).scalars()]
    return f"{beginning}{max((int(n) for n in used if n.isdecimal()), default=0) + 1:03d}"


def add_dossier(connection: Connection, kind: str, values: Mapping[str, Any], *, at: str, act: str) -> Dossier:
    """Keep a new record and return it."""
    row = dict(values) | {"version": 1}
    connection.execute(_TABLES[kind].insert().values(_kept(row)))
    _note(connection, kind, row, at=at, act=act)
    return find_dossier(connection, kind, str(row["number"]))


def change_dossier(
    connection: Connection, kind: str, before: Dossier, changes: Mapping[str, Any], *, at: str, act: str
) -> Dossier:
    """Change a record. Raises `AuditorError` when somebody else changed it after it was read."""
    table = _TABLES[kind]
    row = dict(before) | dict(changes) | {"version": before["version"] + 1}
    chosen = table.update().where(table.c.id == before["id"], table.c.version == before["version"])
    if connection.execute(chosen.values(_kept(dict(changes) | {"version": row["version"]}))).rowcount != 1:
        told = both("其他人刚刚处理过，请重新查看后再办", "somebody else has just acted on it; look again first")
        raise AuditorError(f"{before['number']}: {told}")
    _note(connection, kind, row, at=at, act=act)
    return find_dossier(connection, kind, str(row["number"]))


def find_dossier(connection: Connection, kind: str, number: str) -> Dossier:
    """Return the record of a number. Raises `AuditorError`."""
    table = _TABLES[kind]
    row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
    if row is None:
        raise AuditorError(f"{number}: {both('没有这个编号', 'no such number')}")
    return _read(dict(row))


def list_dossiers(connection: Connection, which: str, /, **wanted: str) -> list[Dossier]:
    """Return the records whose columns are as wanted, oldest first."""
    table = _TABLES[which]
    chosen = select(table).order_by(table.c.id)
    for name, value in wanted.items():
        chosen = chosen.where(table.c[name] == value)
    return [_read(dict(row)) for row in connection.execute(chosen).mappings()]


def dossier_subject(kind: str, row: Mapping[str, Any]) -> str:
    """Return the subject of the trail's entry of a record as it stands: kind, number, version, digest."""
    told = {name: value for name, value in row.items() if name != "id"}
    return f"{kind} {row['number']} v{row['version']} {digest_of(told)}"


def kinds() -> Sequence[str]:
    """Return the kinds of records."""
    return tuple(_TABLES)


def _note(connection: Connection, kind: str, row: Mapping[str, Any], *, at: str, act: str) -> None:
    columns = {c.name for c in _TABLES[kind].columns}
    full = {name: row.get(name) for name in columns}
    append_trail(connection, at=at, act=act, subject=dossier_subject(kind, full))


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {n: canonical_json(v).decode() if n in _JSON and v is not None else v for n, v in row.items()}


def _read(row: dict[str, Any]) -> Dossier:
    return {n: json.loads(v) if n in _JSON and v is not None else v for n, v in row.items()}

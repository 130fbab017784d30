"""The licence ledger as of a day. Serial numbers stand sealed; what is read without the seal is masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from auditor.core.entitlement import Entitlement, Sharing
from auditor.errors import StoreError
from auditor.proof.digest import canonical_json
from auditor.proof.masking import masked_serial
from auditor.proof.sealing import Sealer, SealingFault
from auditor.proof.values import value_bytes, value_from
from auditor.store.dated_rows import LICENCES, in_force, rows_as_of
from auditor.store.tables import entitlements

_COLUMNS = ("id", "unit", "code")
_WITHOUT: dict[str, Any] = {
    f.name: json.loads(value_bytes(f.default)) for f in fields(Entitlement) if f.default is not MISSING
}
"""What a field says when the ledger says nothing; it is not written down."""


def list_entitlements(connection: Connection, on: date | None = None) -> list[Entitlement]:
    """Return the rows of the ledger in force on a day, by unit, code and line; `None`: those that stand open.

    `id` is the number of the row: a changed row has another. Whether a right's own term covers the day is
    for the core to say.
    """
    return [_entitlement(row) for row in rows_as_of(connection, LICENCES, on)]


@dataclass(frozen=True)
class LedgerFilter:
    """Which rows of the ledger a page lists. `text` is looked for in 软件编号 and in what the row says."""

    units: frozenset[str] | None = None
    text: str = ""
    product: str | None = None
    months: tuple[str, ...] = ()
    """Rights that end in one of these months, `2026-11`."""


def page_of_entitlements(
    connection: Connection,
    on: date | None,
    wanted: LedgerFilter,
    *,
    after: tuple[str, str, int] | None = None,
    limit: int = 50,
) -> list[Entitlement]:
    """Return rows in force on a day after one of unit, code and row number, in that order."""
    table = entitlements.c
    chosen = select(entitlements).where(*_kept(on, wanted))
    if after is not None:
        unit, code, row = after
        same = table.unit == unit
        beyond = and_(same, table.code == code, table.row > row)
        chosen = chosen.where(or_(table.unit > unit, and_(same, table.code > code), beyond))
    chosen = chosen.order_by(table.unit, table.code, table.row).limit(limit)
    return [_entitlement(dict(row)) for row in connection.execute(chosen).mappings()]


def entitlements_after(
    connection: Connection, on: date | None, wanted: LedgerFilter, *, row: int, limit: int
) -> list[Entitlement]:
    """Return rows in force on a day by their numbers, those after one."""
    chosen = select(entitlements).where(*_kept(on, wanted), entitlements.c.row > row)
    rows = connection.execute(chosen.order_by(entitlements.c.row).limit(limit)).mappings()
    return [_entitlement(dict(each)) for each in rows]


def ends_of_entitlements(
    connection: Connection, on: date | None, wanted: LedgerFilter
) -> list[tuple[int, str, str, str, str]]:
    """Return row, unit, code, name and last day of the rights that end, of the rows that a filter leaves."""
    table = entitlements.c
    chosen = select(table.row, table.unit, table.code, table.facts).where(*_kept(on, wanted))
    told = ((row, unit, code, json.loads(facts)) for row, unit, code, facts in connection.execute(chosen))
    return [(row, unit, code, facts["name"], facts["ends_on"]) for row, unit, code, facts in told if "ends_on" in facts]


def count_entitlements(connection: Connection, on: date | None, wanted: LedgerFilter) -> int:
    """Return how many rows `page_of_entitlements` lists on all its pages."""
    chosen = select(func.count()).select_from(entitlements).where(*_kept(on, wanted))
    return int(connection.execute(chosen).scalar_one())


def entitlements_of_rows(connection: Connection, rows: Iterable[int]) -> list[Entitlement]:
    """Return rows by their numbers, whatever their days."""
    chosen = select(entitlements).where(entitlements.c.row.in_(sorted(set(rows)))).order_by(entitlements.c.row)
    return [_entitlement(dict(row)) for row in connection.execute(chosen).mappings()]


def _kept(on: date | None, wanted: LedgerFilter) -> list[ColumnElement[bool]]:
    table = entitlements.c
    conditions: list[ColumnElement[bool]] = [in_force(entitlements, on)]
    if wanted.units is not None:
        conditions.append(table.unit.in_(sorted(wanted.units)))
    if wanted.text:
        found = (column.icontains(wanted.text, autoescape=True) for column in (table.code, table.facts))
        conditions.append(or_(*found))
    if wanted.product is not None:
        conditions.append(table.facts.contains(f'"product":{json.dumps(wanted.product)}', autoescape=True))
    if wanted.months:
        ends = (table.facts.contains(f'"ends_on":"{month}', autoescape=True) for month in wanted.months)
        conditions.append(or_(*ends))
    return conditions


def entitlements_by_key(connection: Connection, on: date | None = None) -> dict[tuple[str, str, int], Entitlement]:
    """Return the rows in force on a day by unit, 软件编号 and line, in that order."""
    return {(row["unit"], row["code"], row["line"]): _entitlement(row) for row in rows_as_of(connection, LICENCES, on)}


def entitlement_row(
    entitlement: Entitlement, *, line: int, serials: Iterable[str], sealer: Sealer
) -> dict[str, str | int | bytes | None]:
    """Return the ledger's row of a right, its full serial numbers sealed.

    `entitlement.id` and `entitlement.serials` are not used: the number comes with the row, the masked
    serials from the full ones. `line` counts the rows of one unit and code from 1.
    """
    full = tuple(serials)
    masked = replace(
        entitlement,
        serials=tuple(masked_serial(serial) for serial in full),
        sharing=entitlement.reach,
        shared=False,
    )
    packed = canonical_json(full)
    told: dict[str, Any] = json.loads(value_bytes(masked))
    kept = {n: v for n, v in told.items() if n not in _COLUMNS and v is not None and v != _WITHOUT.get(n, ...)}
    if full:
        kept["serials_fingerprint"] = sealer.fingerprint(packed)
    return {
        "unit": entitlement.unit,
        "code": entitlement.code,
        "line": line,
        "facts": canonical_json(kept).decode("utf-8"),
        "sealed_serials": sealer.seal(packed) if full else None,
    }


def unsealed_serials(connection: Connection, entitlement: int, sealer: Sealer) -> tuple[str, ...]:
    """Return the full serial numbers of a row; for the printed form alone. Raises `StoreError`."""
    chosen = select(entitlements.c.sealed_serials).where(entitlements.c.row == entitlement)
    sealed = connection.execute(chosen).scalar()
    if sealed is None:
        return ()
    try:
        return tuple(json.loads(sealer.unseal(sealed)))
    except SealingFault as error:
        raise StoreError(f"licences: row {entitlement}: {error}") from error


def _entitlement(row: dict[str, Any]) -> Entitlement:
    return entitlement_from(row["facts"], row=row["row"], unit=row["unit"], code=row["code"])


def entitlement_from(facts: str, *, row: int, unit: str, code: str) -> Entitlement:
    """Return the right that a row of the ledger tells of."""
    told = json.loads(facts) | {"id": row, "unit": unit, "code": code}
    told.setdefault("product", None)
    right = value_from(canonical_json(told), Entitlement)
    return replace(right, shared=right.sharing is Sharing.DESCENDANTS)

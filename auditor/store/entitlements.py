"""The licence ledger as of a day. Serial numbers stand sealed; what is read without the seal is masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from auditor.core.days import parse_day
from auditor.core.entitlement import AllowedVersion, Entitlement, SoftwareType
from auditor.core.model import PersonId, ProductId, SoftwareCode, UnitCode
from auditor.errors import StoreError
from auditor.proof.digest import canonical_json
from auditor.proof.masking import masked_serial
from auditor.proof.sealing import Sealer, SealingFault
from auditor.store.dated_rows import LICENCES, rows_as_of
from auditor.store.tables import entitlements

_DAYS = ("starts_on", "ends_on", "purchased_on")
_COLUMNS = ("id", "unit", "code")


def list_entitlements(connection: Connection, on: date | None = None) -> list[Entitlement]:
    """Return the rows of the ledger in force on a day, by unit, code and line; `None`: those that stand open.

    `id` is the number of the row: a changed row has another. Whether a right's own term covers the day is
    for the core to say.
    """
    return [_entitlement(row) for row in rows_as_of(connection, LICENCES, on)]


def entitlement_row(
    entitlement: Entitlement, *, line: int, serials: Iterable[str], sealer: Sealer
) -> dict[str, str | int | bytes | None]:
    """Return the ledger's row of a right, its full serial numbers sealed.

    `entitlement.id` and `entitlement.serials` are not used: the number comes with the row, the masked
    serials from the full ones. `line` counts the rows of one unit and code from 1.
    """
    full = tuple(serials)
    masked = replace(entitlement, serials=tuple(masked_serial(serial) for serial in full))
    facts = {name: _out(value) for name, value in asdict(masked).items() if name not in _COLUMNS}
    packed = canonical_json(full)
    facts["serials_fingerprint"] = sealer.fingerprint(packed) if full else None
    kept = {name: value for name, value in facts.items() if value is not None and value is not False and value != []}
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


def _out(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _entitlement(row: dict[str, Any]) -> Entitlement:
    facts: dict[str, Any] = json.loads(row["facts"])
    facts.pop("serials_fingerprint", None)
    facts |= {name: parse_day(facts.get(name)) for name in _DAYS}
    amount = facts.get("amount")
    facts |= {
        "product": ProductId(facts["product"]) if facts.get("product") else None,
        "software_type": SoftwareType(facts["software_type"]),
        "amount": Decimal(amount) if amount is not None else None,
        "allowed": tuple(AllowedVersion(**allowed) for allowed in facts.get("allowed", ())),
        "serials": tuple(facts.get("serials", ())),
        "bound_serials": tuple(facts.get("bound_serials", ())),
        "bound_people": tuple(PersonId(person) for person in facts.get("bound_people", ())),
    }
    return Entitlement(id=row["row"], unit=UnitCode(row["unit"]), code=SoftwareCode(row["code"]), **facts)

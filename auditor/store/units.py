"""Units of the organisation as of a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from auditor.core.model import Unit, UnitCode, UnitKind
from auditor.store.dated_rows import UNITS, rows_as_of


def list_units(connection: Connection, on: date | None = None) -> list[Unit]:
    """Return the units in force on a day, by code; `None`: those that stand open."""
    return [
        Unit(
            code=UnitCode(row["code"]),
            name=row["name"],
            parent=UnitCode(row["parent"]) if row["parent"] else None,
            kind=UnitKind(row["kind"]),
            headcount=row["headcount"],
        )
        for row in rows_as_of(connection, UNITS, on)
    ]


def unit_row(unit: Unit) -> dict[str, str | int | None]:
    """Return the register's row of a unit."""
    return {
        "code": unit.code,
        "name": unit.name,
        "parent": unit.parent,
        "kind": unit.kind.value,
        "headcount": unit.headcount,
    }

"""可使用免费软件清单 as of a day."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection

from auditor.core.entitlement import FreeSoftware
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.proof.digest import canonical_json
from auditor.store.dated_rows import FREE_LIST, rows_as_of


def list_free_software(connection: Connection, on: date | None = None) -> list[FreeSoftware]:
    """Return the lines of the list in force on a day, by unit and code; `None`: those that stand open."""
    return [
        _line(UnitCode(row["unit"]), SoftwareCode(row["code"]), json.loads(row["facts"]))
        for row in rows_as_of(connection, FREE_LIST, on)
    ]


def free_software_row(line: FreeSoftware) -> dict[str, str]:
    """Return the register's row of a line."""
    named = ("unit", "code")
    facts = {name: value for name, value in asdict(line).items() if value is not None and name not in named}
    return {"unit": line.unit, "code": line.code, "facts": canonical_json(facts).decode("utf-8")}


def _line(unit: UnitCode, code: SoftwareCode, facts: dict[str, str]) -> FreeSoftware:
    product = facts.pop("product", None)
    return FreeSoftware(
        unit=unit,
        code=code,
        name=facts.pop("name"),
        product=ProductId(product) if product else None,
        **facts,
    )

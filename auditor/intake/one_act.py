"""One act on the ledger that somebody tells: checked as a row of a file is, with a number of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from auditor.intake.register_import import FIELDS, RegisterFile, read_register_rows
from auditor.intake.registers.reading import Reading, RegisterFaults, read_row
from auditor.intake.tables import Place, Value
from auditor.proof.sealing import Sealer
from auditor.store.database import Connection
from auditor.store.dated_rows import REGISTERS, rows_as_of
from rules.catalogue import Catalogue

PREFIX = {"transfers": "HZ", "disposals": "CZ", "exemptions": "HM"}
"""What the numbers begin with that we give: 划转, 处置, 豁免."""


def read_act(
    connection: Connection,
    register: str,
    cells: Mapping[str, Value],
    *,
    number: str | None,
    on: date,
    catalogue: Catalogue,
    sealer: Sealer,
) -> tuple[str, RegisterFile]:
    """Return the number of the act and the row, ready to be previewed or applied.

    `cells`: by field of the register; `None` is left out. Raises `RegisterFaults`.
    """
    code = number or _next_number(connection, register)
    reading = Reading()
    told = {name: value for name, value in {**cells, "code": code}.items() if value is not None}
    read_row(Place(code, 1), told, {}, FIELDS[register], reading)
    if reading.faults:
        raise RegisterFaults(register, reading.faults, 0)
    return code, read_register_rows(connection, register, reading, register, on=on, catalogue=catalogue, sealer=sealer)


def _next_number(connection: Connection, register: str) -> str:
    taken = {row["code"] for row in rows_as_of(connection, REGISTERS[register], None)}
    count = len(taken) + 1
    while (number := f"{PREFIX[register]}{count:04d}") in taken:
        count += 1
    return number

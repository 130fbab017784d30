"""The register of machines as of a day: what the unit says it has, seen or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from auditor.core.days import parse_day
from auditor.core.model import Hardware, MachineClass, MachineState, PersonId, RegisteredMachine, UnitCode
from auditor.proof.values import value_bytes, value_from
from auditor.store.dated_rows import MACHINES, in_force, rows_as_of, rows_of_key


def list_registered_machines(connection: Connection, on: date | None = None) -> list[RegisteredMachine]:
    """Return the registered machines in force on a day, by code; `None`: those whose rows stand open."""
    return [_registered(row) for row in rows_as_of(connection, MACHINES, on)]


def registered_after(
    connection: Connection, code: str, *, units: frozenset[str] | None, limit: int
) -> list[RegisteredMachine]:
    """Return machines whose rows stand open, by code, after one; of some units, `None` for all."""
    table = MACHINES.table
    chosen = select(table).where(in_force(table, None), table.c.code > code)
    if units is not None:
        chosen = chosen.where(table.c.unit.in_(sorted(units)))
    rows = connection.execute(chosen.order_by(table.c.code).limit(limit)).mappings()
    return [_registered(dict(row)) for row in rows]


def registered_machine(connection: Connection, code: str, on: date) -> RegisteredMachine | None:
    """Return the registered machine of a code as of a day."""
    rows = rows_of_key(connection, MACHINES, (code,), on)
    return _registered(rows[0]) if rows else None


def _registered(row: Mapping[str, Any]) -> RegisteredMachine:
    return RegisteredMachine(
        code=row["code"],
        unit=UnitCode(row["unit"]),
        person=PersonId(row["person"]) if row["person"] else None,
        brand=row["brand"],
        serial=row["serial"],
        mac=row["mac"],
        host_name=row["host_name"],
        machine_class=MachineClass(row["machine_class"]),
        state=MachineState(row["state"]),
        place=row["place"],
        purchased_on=parse_day(row["purchased_on"]),
        since=parse_day(row["valid_from"]),
        hardware=value_from(row["hardware"].encode(), Hardware) if row["hardware"] else None,
    )


def machine_row(machine: RegisteredMachine) -> dict[str, str | None]:
    """Return the register's row of a machine."""
    return {
        "code": machine.code,
        "unit": machine.unit,
        "person": machine.person,
        "brand": machine.brand,
        "serial": machine.serial,
        "mac": machine.mac,
        "host_name": machine.host_name,
        "machine_class": machine.machine_class.value,
        "state": machine.state.value,
        "place": machine.place,
        "purchased_on": machine.purchased_on.isoformat() if machine.purchased_on else None,
        "hardware": value_bytes(machine.hardware).decode() if machine.hardware is not None else None,
    }

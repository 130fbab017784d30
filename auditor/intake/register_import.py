"""A file → the rows of one register, previewed or applied as one batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.core.model import UnitCode
from auditor.errors import AuditorError, both
from auditor.intake.registers import free_list, licence_fields, licences, machines, people, units
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterFaults, RegisterRow, read_register
from auditor.intake.registers.serials import Standing, is_masked
from auditor.intake.tables import read_tables
from auditor.proof.digest import sha256_hex
from auditor.proof.sealing import Sealer
from auditor.store.batches import Batch
from auditor.store.database import Connection
from auditor.store.dated_rows import REGISTERS, BatchPreview, apply, preview
from auditor.store.entitlements import entitlement_row, list_entitlements, unsealed_serials
from auditor.store.free_list import free_software_row
from auditor.store.machine_register import machine_row
from auditor.store.people import list_people, person_row
from auditor.store.units import list_units, unit_row
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames

FIELDS: dict[str, tuple[Field, ...]] = {
    "units": units.FIELDS,
    "people": people.FIELDS,
    "machines": machines.FIELDS,
    "licences": licence_fields.FIELDS,
    "free_list": free_list.FIELDS,
}
Placed = tuple[RegisterRow, dict[str, Any]]


@dataclass(frozen=True)
class RegisterFile:
    """What a file says of a register: rows ready to apply, faults, names that the catalogue does not know."""

    register: str
    file_name: str
    digest: str
    rows: tuple[dict[str, Any], ...]
    faults: tuple[Fault, ...]
    unknown_products: tuple[str, ...] = ()
    notes: tuple[Fault, ...] = ()
    """What was understood in a way that somebody should know; no row is left out for it."""


def read_register_file(
    connection: Connection,
    register: str,
    data: bytes,
    file_name: str,
    *,
    on: date,
    catalogue: Catalogue,
    sealer: Sealer,
    unit: UnitCode | None = None,
    skip_bad_rows: bool = False,
) -> RegisterFile:
    """Read a file against the registers of the day `on`.

    Raises `RegisterFaults` with every fault unless `skip_bad_rows`, which leaves the bad rows out.
    """
    reading = read_register(read_tables(data, file_name), FIELDS[register], file_name)
    placed, unknown = _placed_rows(connection, register, reading, on, catalogue, sealer, unit)
    _check_twins(register, placed, reading)
    bad = {(fault.place.sheet, fault.place.row) for fault in reading.faults}
    good = [row for source, row in placed if (source.place.sheet, source.place.row) not in bad]
    if reading.faults and not skip_bad_rows:
        raise RegisterFaults(file_name, sorted(reading.faults, key=_order), len(good))
    faults, notes = (tuple(sorted(told, key=_order)) for told in (reading.faults, reading.notes))
    return RegisterFile(register, file_name, sha256_hex(data), tuple(good), faults, unknown, notes)


def preview_file(connection: Connection, file: RegisterFile, valid_from: date) -> BatchPreview:
    """Say what applying would do."""
    return preview(connection, REGISTERS[file.register], file.rows, valid_from)


def apply_file(connection: Connection, file: RegisterFile, valid_from: date, *, now: str) -> Batch:
    """Apply the rows as one batch that can be taken back."""
    if not file.rows:
        raise AuditorError(f"{file.file_name}: {both('没有可导入的行', 'no row to import')}")
    return apply(
        connection,
        REGISTERS[file.register],
        file.rows,
        valid_from,
        now=now,
        file_name=file.file_name,
        file_digest=file.digest,
    )


def _placed_rows(
    connection: Connection,
    register: str,
    reading: Reading,
    on: date,
    catalogue: Catalogue,
    sealer: Sealer,
    unit: UnitCode | None,
) -> tuple[list[Placed], tuple[str, ...]]:
    known = list_units(connection, on)
    codes = {row.code for row in known}
    match register:
        case "units":
            return [(row, dict(unit_row(found))) for row, found in units.units_from(reading, known)], ()
        case "people":
            return [(row, dict(person_row(found))) for row, found in people.people_from(reading, codes)], ()
        case "machines":
            staff = {person.id for person in list_people(connection, on)}
            found = machines.machines_from(reading, codes, staff)
            return [(row, dict(machine_row(machine))) for row, machine in found], ()
        case "licences":
            standing = _standing(connection, reading, on, sealer)
            ledger = licences.Ledger(codes, catalogue, LedgerNames(catalogue), unit, standing)
            entries = licences.licences_from(reading, ledger)
            rows = [
                (entry.row, dict(entitlement_row(entry.right, line=entry.line, serials=entry.serials, sealer=sealer)))
                for entry in entries
            ]
            unknown = [f"{e.right.code} {e.right.name}" for e in entries if e.right.product is None]
            return rows, tuple(unknown)
        case "free_list":
            lines = free_list.free_list_from(reading, codes, LedgerNames(catalogue), unit)
            unknown = [f"{line.code} {line.name}" for _, line in lines if line.product is None]
            return [(row, dict(free_software_row(line))) for row, line in lines], tuple(unknown)
        case _:
            listed = ", ".join(FIELDS)
            raise AuditorError(f"{register}: {both(f'应为 {listed} 之一', f'expected one of {listed}')}")


def _standing(
    connection: Connection, reading: Reading, on: date, sealer: Sealer
) -> dict[tuple[str, str], list[Standing]]:
    """Return the ledger of the day by unit and 软件编号; serial numbers are unsealed only where the file masks some."""
    masked = any(is_masked(serial) for row in reading.rows for serial in row.values.get("serials", ()))
    found: dict[tuple[str, str], list[Standing]] = {}
    for right in list_entitlements(connection, on):
        full = unsealed_serials(connection, right.id, sealer) if masked and right.serials else ()
        found.setdefault((right.unit, right.code), []).append(Standing(right, full))
    return found


def _check_twins(register: str, placed: Iterable[Placed], reading: Reading) -> None:
    """Two rows of one key in one file contradict each other."""
    seen: dict[tuple[Any, ...], RegisterRow] = {}
    for row, values in placed:
        key = REGISTERS[register].key_of(values)
        if key in seen:
            heading = FIELDS[register][0].headings[0]
            told = "、".join(map(str, key))
            zh = f"“{told}”已在 {seen[key].place} 出现，每个编号只能有一行"
            what = both(zh, f"{told} stands in {seen[key].place} already; expected one row for each")
            reading.faults.append(Fault(row.at(FIELDS[register][0].name), heading, what))
        seen.setdefault(key, row)


def _order(fault: Fault) -> tuple[str, int, str]:
    return (fault.place.sheet, fault.place.row, fault.place.column)

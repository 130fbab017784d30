"""A file → the rows of one register, previewed or applied as one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from auditor.core.counting import SHANGHAI
from auditor.core.model import UnitCode
from auditor.errors import AuditorError, both
from auditor.intake.register_surroundings import ledger_of_day, standing_rights, surroundings
from auditor.intake.registers import access, acts, free_list, licence_fields, licences, machines, people, prices, units
from auditor.intake.registers.ledger_yaml import is_yaml, read_yaml_register
from auditor.intake.registers.licence_checks import check_ledger
from auditor.intake.registers.mapping import HeaderMapping, mapped_fields
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterFaults, RegisterRow, read_register
from auditor.intake.registers.snipe_it import SnipeContext, is_snipe_it, read_snipe_it
from auditor.intake.tables import read_tables
from auditor.proof.digest import sha256_hex
from auditor.proof.sealing import Sealer
from auditor.store.act_kinds import KINDS
from auditor.store.batches import Batch
from auditor.store.database import Connection
from auditor.store.dated_rows import ALWAYS, REGISTERS, BatchPreview, apply, preview
from auditor.store.entitlements import entitlement_row
from auditor.store.free_list import free_software_row
from auditor.store.ledger_acts import HasCode, act_row
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
    "transfers": acts.TRANSFER_FIELDS,
    "disposals": acts.DISPOSAL_FIELDS,
    "exemptions": acts.EXEMPTION_FIELDS,
    "prices": prices.FIELDS,
    "check_outs": access.CHECK_OUT_FIELDS,
    "access": access.ACCESS_FIELDS,
    "quantities": access.QUANTITY_FIELDS,
}
ACCESS_READERS: dict[str, Callable[[Reading, access.Told], Sequence[tuple[RegisterRow, HasCode]]]] = {
    "check_outs": access.check_outs_from,
    "access": access.access_from,
    "quantities": access.quantities_from,
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


@dataclass(frozen=True)
class _Against:
    """What a file is read against."""

    connection: Connection
    on: date
    catalogue: Catalogue
    names: LedgerNames
    sealer: Sealer
    unit: UnitCode | None
    zone: tzinfo = SHANGHAI


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
    mapping: HeaderMapping | None = None,
    names: LedgerNames | None = None,
    zone: tzinfo = SHANGHAI,
) -> RegisterFile:
    """Read a file against the registers of the day `on`: XLSX, XLS, CSV, or YAML by its name.

    Raises `RegisterFaults` with every fault unless `skip_bad_rows`, which leaves the bad rows out.
    `names`: those of the catalogue, where they are made ready already. `zone`: of moments that name none.
    """
    against = _Against(connection, on, catalogue, names or LedgerNames(catalogue), sealer, unit, zone)
    reading = _reading(register, data, file_name, mapping, against)
    return _register_file(register, reading, file_name, sha256_hex(data), against, skip_bad_rows=skip_bad_rows)


def read_register_rows(
    connection: Connection,
    register: str,
    reading: Reading,
    name: str,
    *,
    on: date,
    catalogue: Catalogue,
    sealer: Sealer,
    skip_bad_rows: bool = False,
    names: LedgerNames | None = None,
) -> RegisterFile:
    """Check rows that come from no file, an act typed on the command line. Raises `RegisterFaults`."""
    against = _Against(connection, on, catalogue, names or LedgerNames(catalogue), sealer, None)
    digest = sha256_hex(repr([sorted(row.values.items()) for row in reading.rows]).encode("utf-8"))
    return _register_file(register, reading, name, digest, against, skip_bad_rows=skip_bad_rows)


def preview_file(connection: Connection, file: RegisterFile, valid_from: date) -> BatchPreview:
    """Say what applying would do."""
    return preview(connection, REGISTERS[file.register], file.rows, first_day(file.register, valid_from))


def apply_file(
    connection: Connection,
    file: RegisterFile,
    valid_from: date,
    *,
    now: str,
    made_by: str | None = None,
    reason: str | None = None,
) -> Batch:
    """Apply the rows as one batch that can be taken back."""
    if not file.rows:
        raise AuditorError(f"{file.file_name}: {both('没有可导入的行', 'no row to import')}")
    return apply(
        connection,
        REGISTERS[file.register],
        file.rows,
        first_day(file.register, valid_from),
        now=now,
        file_name=file.file_name,
        file_digest=file.digest,
        made_by=made_by,
        reason=reason,
    )


def first_day(register: str, valid_from: date) -> date:
    """Return from when a row of the register holds: acts bear their own days."""
    return ALWAYS if register in KINDS else valid_from


def _reading(register: str, data: bytes, file_name: str, mapping: HeaderMapping | None, against: _Against) -> Reading:
    fields = FIELDS[register]
    if is_yaml(file_name):
        return read_yaml_register(data, register, fields, file_name)
    tables = read_tables(data, file_name)
    if mapping is not None:
        named, fixed = mapped_fields(fields, mapping, "mapping")
        return read_register(tables, named, file_name, fixed=fixed)
    if register == "licences" and is_snipe_it(tables):
        units_of_day = list_units(against.connection, against.on)
        context = SnipeContext(units_of_day, against.names, against.unit, _code_for(against.sealer))
        return read_snipe_it(tables, file_name, context)
    return read_register(tables, fields, file_name)


def _code_for(sealer: Sealer) -> Callable[[str], str]:
    return lambda told: f"SN-{sealer.fingerprint(told.encode('utf-8'))[:10].upper()}"


def _register_file(
    register: str, reading: Reading, file_name: str, digest: str, against: _Against, *, skip_bad_rows: bool
) -> RegisterFile:
    placed, unknown = _placed_rows(register, reading, against)
    _check_twins(register, placed, reading)
    bad = {(fault.place.sheet, fault.place.row) for fault in reading.faults}
    good = [row for source, row in placed if (source.place.sheet, source.place.row) not in bad]
    if reading.faults and not skip_bad_rows:
        raise RegisterFaults(file_name, sorted(reading.faults, key=_order), len(good))
    faults, notes = (tuple(sorted(told, key=_order)) for told in (reading.faults, reading.notes))
    return RegisterFile(register, file_name, digest, tuple(good), faults, unknown, notes)


def _placed_rows(register: str, reading: Reading, against: _Against) -> tuple[list[Placed], tuple[str, ...]]:
    connection, on = against.connection, against.on
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
            return _licence_rows(reading, codes, against)
        case "free_list":
            lines = free_list.free_list_from(reading, codes, against.names, against.unit)
            unknown = [f"{line.code} {line.name}" for _, line in lines if line.product is None]
            return [(row, dict(free_software_row(line))) for row, line in lines], tuple(unknown)
        case "transfers":
            moved = acts.transfers_from(reading, ledger_of_day(connection, on, against.names))
            return [(row, dict(act_row(act))) for row, act in moved], ()
        case "disposals":
            gone = acts.disposals_from(reading, ledger_of_day(connection, on, against.names))
            return [(row, dict(act_row(act))) for row, act in gone], ()
        case "exemptions":
            exempt = acts.exemptions_from(reading, ledger_of_day(connection, on, against.names))
            return [(row, dict(act_row(act))) for row, act in exempt], ()
        case "prices":
            priced = prices.prices_from(reading, against.catalogue, against.names)
            unknown = [f"{line.code} {line.name}" for _, line in priced if line.product is None]
            return [(row, dict(act_row(line))) for row, line in priced], tuple(unknown)
        case "check_outs" | "access" | "quantities":
            told = access.Told(codes, against.catalogue, against.names, against.zone)
            return [(row, dict(act_row(act))) for row, act in ACCESS_READERS[register](reading, told)], ()
        case _:
            listed = ", ".join(FIELDS)
            raise AuditorError(f"{register}: {both(f'应为 {listed} 之一', f'expected one of {listed}')}")


def _licence_rows(reading: Reading, codes: set[UnitCode], against: _Against) -> tuple[list[Placed], tuple[str, ...]]:
    connection, on, sealer = against.connection, against.on, against.sealer
    standing = standing_rights(connection, reading, on, sealer)
    ledger = licences.Ledger(codes, against.catalogue, against.names, against.unit, standing)
    entries = licences.licences_from(reading, ledger)
    check_ledger(entries, surroundings(connection, entries, codes, on, sealer), reading)
    rows = [
        (entry.row, dict(entitlement_row(entry.right, line=entry.line, serials=entry.serials, sealer=sealer)))
        for entry in entries
    ]
    unknown = [f"{e.right.code} {e.right.name}" for e in entries if e.right.product is None]
    return rows, tuple(unknown)


def _check_twins(register: str, placed: Sequence[Placed], reading: Reading) -> None:
    """Two rows of one key in one file contradict each other."""
    seen: dict[tuple[Any, ...], RegisterRow] = {}
    for row, values in placed:
        key = REGISTERS[register].key_of(values)
        if key in seen:
            field = FIELDS[register][0]
            told = "、".join(map(str, key))
            zh = f"“{told}”已在 {seen[key].place} 出现，每个编号只能有一行"
            what = both(zh, f"{told} stands in {seen[key].place} already; expected one row for each")
            reading.faults.append(Fault(row.at(field.name), field.headings[0], what))
        seen.setdefault(key, row)


def _order(fault: Fault) -> tuple[str, int, str]:
    return (fault.place.sheet, fault.place.row, fault.place.column)

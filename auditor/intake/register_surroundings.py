"""What the rows of the ledger are read against: the registers of the day, what is registered, what was done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from auditor.core.entitlement import Entitlement
from auditor.core.model import SoftwareCode, UnitCode
from auditor.intake.registers.acts import LedgerOfDay
from auditor.intake.registers.licence_checks import Around
from auditor.intake.registers.licences import LedgerRow
from auditor.intake.registers.reading import Reading
from auditor.intake.registers.serials import Standing, is_masked
from auditor.proof.sealing import Sealer
from auditor.store.database import Connection
from auditor.store.entitlements import entitlements_by_key, list_entitlements, unsealed_serials
from auditor.store.ledger_acts import RightKey, registered_disposals, registered_transfers
from auditor.store.machine_register import list_registered_machines
from auditor.store.people import list_people
from auditor.store.units import list_units
from rules.ledger_names import LedgerNames


def standing_rights(
    connection: Connection, reading: Reading, on: date, sealer: Sealer
) -> dict[tuple[str, str], list[Standing]]:
    """Return the ledger of the day by unit and 软件编号; serial numbers are unsealed only where the file masks some."""
    masked = any(is_masked(serial) for row in reading.rows for serial in row.values.get("serials", ()))
    found: dict[tuple[str, str], list[Standing]] = {}
    for right in list_entitlements(connection, on):
        full = unsealed_serials(connection, right.id, sealer) if masked and right.serials else ()
        found.setdefault((right.unit, right.code), []).append(Standing(right, full))
    return found


def surroundings(
    connection: Connection, entries: Sequence[LedgerRow], units: set[UnitCode], on: date, sealer: Sealer
) -> Around:
    """Return what the rows are checked against; serial numbers are unsealed only where the file brings some."""
    replaced = {(entry.right.unit, entry.right.code) for entry in entries}
    wanted = any(entry.serials for entry in entries)
    others: list[Entitlement] = []
    others_serials: dict[str, str] = {}
    registered: set[tuple[str, str, str]] = set()
    for right in list_entitlements(connection, on):
        full = unsealed_serials(connection, right.id, sealer) if wanted and right.serials else ()
        registered |= {(right.unit, right.code, serial.casefold()) for serial in full}
        if (right.unit, right.code) not in replaced:
            others.append(right)
            others_serials |= {serial.casefold(): f"{right.unit}/{right.code}" for serial in full}
    return Around(
        units,
        {person.id for person in list_people(connection, on)},
        {machine.code for machine in list_registered_machines(connection, on)},
        others,
        others_serials,
        registered,
    )


def ledger_of_day(connection: Connection, on: date, names: LedgerNames) -> LedgerOfDay:
    """Return the ledger, and what was done with it, as acts of the day are checked against."""
    rights = {
        RightKey(UnitCode(unit), SoftwareCode(code), line): right
        for (unit, code, line), right in entitlements_by_key(connection, on).items()
    }
    return LedgerOfDay(
        {unit.code for unit in list_units(connection, on)},
        {machine.code for machine in list_registered_machines(connection, on)},
        rights,
        registered_transfers(connection),
        registered_disposals(connection),
        names,
    )

"""The ledger as it stands, looked over: rows that contradict each other, the registers, or what was done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from auditor.errors import both
from auditor.intake.register_surroundings import ledger_of_day
from auditor.intake.registers.acts import LedgerOfDay, movements_of, overdrawn, why_locked
from auditor.intake.registers.licence_checks import Around, check_ledger
from auditor.intake.registers.licences import LedgerRow
from auditor.intake.registers.reading import Reading, RegisterRow
from auditor.intake.tables import Place
from auditor.proof.sealing import Sealer
from auditor.store.database import Connection
from auditor.store.entitlements import unsealed_serials
from auditor.store.ledger_acts import RightKey
from auditor.store.people import list_people
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames


@dataclass(frozen=True, order=True)
class Contradiction:
    """One thing that cannot be, or ought to be looked at: which right, which column, what."""

    where: str
    heading: str
    what: str


def contradictions(connection: Connection, on: date, *, catalogue: Catalogue, sealer: Sealer) -> list[Contradiction]:
    """Return everything in the ledger of a day that contradicts itself, in the order of rights."""
    ledger = ledger_of_day(connection, on, LedgerNames(catalogue))
    reading = Reading()
    entries = [
        LedgerRow(
            RegisterRow(Place(str(key), key.line), {}),
            right,
            key.line,
            unsealed_serials(connection, right.id, sealer) if right.serials else (),
        )
        for key, right in ledger.rights.items()
    ]
    people = {person.id for person in list_people(connection, on)}
    check_ledger(entries, Around({*ledger.units}, people, {*ledger.machines}), reading)
    found = [Contradiction(told.place.sheet, told.heading, told.what) for told in (*reading.faults, *reading.notes)]
    found += _days_reversed(ledger)
    return sorted({*found, *_acts(ledger)})


def _days_reversed(ledger: LedgerOfDay) -> list[Contradiction]:
    return [
        Contradiction(
            str(key),
            "截止日期",
            both(f"{right.ends_on} 早于起始日期 {right.starts_on}", f"{right.ends_on} lies before {right.starts_on}"),
        )
        for key, right in ledger.rights.items()
        if right.starts_on is not None and right.ends_on is not None and right.ends_on < right.starts_on
    ]


def _acts(ledger: LedgerOfDay) -> list[Contradiction]:
    """Acts on rights that are gone, that never move, or that move more than there is."""
    found = []
    for act in ledger.transfers:
        right = ledger.rights.get(act.right)
        if right is not None and (why := why_locked(right)) is not None:
            found.append(Contradiction(str(act.right), f"划转 {act.code}", both(*why)))
    for key, movements in movements_of(ledger.transfers, ledger.disposals).items():
        right = ledger.rights.get(key)
        codes = "、".join(movement.code for movement in movements)
        if right is None:
            found.append(_gone(key, codes))
            continue
        excess = None if right.unlimited else overdrawn(right.rights, key.unit, movements)
        if excess is not None:
            zh = f"{excess.code} 在 {excess.effective_on} 自 {excess.from_unit} 划出 {excess.quantity}，多于当日持有"
            en = f"{excess.code} takes {excess.quantity} from {excess.from_unit} on {excess.effective_on}; held: fewer"
            found.append(Contradiction(str(key), "数量", both(zh, en)))
    return found


def _gone(key: RightKey, codes: str) -> Contradiction:
    zh, en = f"{codes} 所指的授权不在台账中", f"{codes} speaks of a right that the ledger does not have"
    return Contradiction(str(key), "软件编号", both(zh, en))

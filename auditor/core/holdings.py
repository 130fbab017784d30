"""The ledger as of a day: who holds how many rights after transfers and disposals, and what is wrong with its rows.

A faulty row costs itself: it is named and left out, the rest is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from auditor.core.allocation.edges import is_bound_to_serials, serials_of
from auditor.core.entitlement import LARGEST_QUANTITY, Entitlement, Reservation, SourceType
from auditor.core.ledger_acts import Disposal, PriceLine, Transfer
from auditor.core.model import LedgerFault, LeftOut, Unit, UnitCode


@dataclass(frozen=True)
class Holding:
    """What one unit holds of one row on the day."""

    right: Entitlement
    unit: UnitCode
    rights: int
    """Ignored when the right is unlimited."""


@dataclass(frozen=True)
class Ledger:
    """Holdings in the order of right and unit, and what was left out."""

    holdings: tuple[Holding, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def rights(self) -> tuple[Entitlement, ...]:
        """Return the sound rows, each once."""
        return tuple({holding.right.id: holding.right for holding in self.holdings}.values())


def ledger_of(
    entitlements: Iterable[Entitlement],
    transfers: Iterable[Transfer],
    disposals: Iterable[Disposal],
    units: Sequence[Unit],
    *,
    on: date,
) -> Ledger:
    """Return the ledger of the day; every fault is named with its rows."""
    faults: list[LeftOut] = []
    rows = _one_serial_one_row(
        [row for row in sorted(entitlements, key=lambda r: r.id) if _is_sound(row, faults)], faults
    )
    rows = [_with_room_for_reservations(row, faults) for row in rows]
    held = {row.id: {row.unit: row.rights} for row in rows}
    by_id = {row.id: row for row in rows}
    acts: list[Transfer | Disposal] = [*transfers, *disposals]
    done = [act for act in acts if act.effective_on <= on]
    for act in sorted(done, key=lambda act: (act.effective_on, act.id, isinstance(act, Disposal))):
        _carry_out(act, by_id, held, faults)
    _name_orphans(rows, faults)
    faults += unit_faults(units)
    holdings = tuple(
        Holding(by_id[id], unit, count)
        for id, parts in sorted(held.items())
        for unit, count in sorted(parts.items())
        if count or unit == by_id[id].unit
    )
    return Ledger(holdings, tuple(sorted(set(faults))))


def transfer_fault(right: Entitlement | None) -> LedgerFault | None:
    """Return why rights of a row cannot move to another unit at all: OEM, site, locked by contract."""
    if right is None:
        return LedgerFault.NO_SUCH_RIGHT
    is_site = bool(right.places) or right.metric == "site" or right.source_type is SourceType.SITE
    is_oem = is_bound_to_serials(right) or right.source_type in (SourceType.OEM, SourceType.LEGALISATION)
    return LedgerFault.NOT_TRANSFERABLE if is_oem or is_site or not right.transferable else None


def price_faults(prices: Iterable[PriceLine]) -> list[LeftOut]:
    """Return the price lines that cannot be meant: negative prices, terms that end before they start."""
    return [
        LeftOut(LedgerFault.PRICE, (f"{line.product} {line.price}",))
        for line in prices
        if line.price < 0 or (line.starts_on and line.ends_on and line.ends_on < line.starts_on)
    ]


def unit_faults(units: Sequence[Unit]) -> list[LeftOut]:
    """Return the circles in the tree of units, each named once by its members."""
    parents = {unit.code: unit.parent for unit in units}
    found = set()
    for code in parents:
        way = [code]
        while (above := parents.get(way[-1])) is not None and above in parents:
            if above in way:
                found.add(tuple(sorted(way[way.index(above) :])))
                break
            way.append(above)
    return [LeftOut(LedgerFault.UNIT_CYCLE, circle) for circle in sorted(found)]


def _is_sound(row: Entitlement, faults: list[LeftOut]) -> bool:
    if row.amount is not None and row.amount < 0:
        faults.append(LeftOut(LedgerFault.AMOUNT, (row.code,), str(row.amount)))
    if row.starts_on is not None and row.ends_on is not None and row.ends_on < row.starts_on:
        faults.append(LeftOut(LedgerFault.DATES, (row.code,), f"{row.starts_on} > {row.ends_on}"))
        return False
    if not 0 <= row.rights <= LARGEST_QUANTITY or row.quantity < 0:
        faults.append(LeftOut(LedgerFault.QUANTITY, (row.code,), str(row.rights)))
        return False
    return True


def _one_serial_one_row(rows: Sequence[Entitlement], faults: list[LeftOut]) -> list[Entitlement]:
    """Let the first row of a product hold a machine serial; later rows lose it."""
    first: dict[tuple[str, str], Entitlement] = {}
    kept = []
    for row in rows:
        taken = set()
        for serial in sorted(serials_of(row)):
            holder = first.setdefault((row.product or "", serial), row)
            if holder is not row:
                taken.add(serial)
                faults.append(LeftOut(LedgerFault.SERIAL_TWICE, (holder.code, row.code), serial))
        left = tuple(serial for serial in row.bound_serials if serial.strip().casefold() not in taken)
        kept.append(replace(row, bound_serials=left) if taken else row)
    return kept


def _with_room_for_reservations(row: Entitlement, faults: list[LeftOut]) -> Entitlement:
    left, kept = row.rights, []
    for part in row.reservations:
        kept.append(Reservation(part.unit, max(0, min(part.quantity, left))))
        left -= kept[-1].quantity
    if tuple(kept) == row.reservations or row.unlimited:
        return row
    faults.append(LeftOut(LedgerFault.RESERVED_TOO_MUCH, (row.code,)))
    return replace(row, reservations=tuple(kept))


def _carry_out(
    act: Transfer | Disposal,
    rows: dict[int, Entitlement],
    held: dict[int, dict[UnitCode, int]],
    faults: list[LeftOut],
) -> None:
    row = rows.get(act.entitlement)
    name = f"{'T' if isinstance(act, Transfer) else 'D'}{act.id}"
    fault = LedgerFault.NO_SUCH_RIGHT if row is None else None
    if isinstance(act, Transfer):
        fault = transfer_fault(row)
    giver = act.from_unit if isinstance(act, Transfer) else act.unit
    if row is not None and fault is None:
        is_there = 0 < act.quantity <= held[row.id].get(giver, 0)
        fault = None if is_there else LedgerFault.MORE_THAN_OWNED
    if row is None or fault is not None:
        faults.append(LeftOut(fault or LedgerFault.NO_SUCH_RIGHT, (name, *([row.code] if row else ()))))
        return
    held[row.id][giver] -= act.quantity
    if isinstance(act, Transfer):
        held[row.id][act.to_unit] = held[row.id].get(act.to_unit, 0) + act.quantity


def is_base_of(base: Entitlement, upgrade: Entitlement) -> bool:
    """Return whether an upgrade right may be put on a base: product, edition, line and code as it asks."""
    if base.id == upgrade.id:
        return False
    return any(
        base.product == (asked.product or upgrade.product)
        and asked.edition in (None, base.edition)
        and asked.line in (None, base.line)
        and asked.code in (None, base.code)
        for asked in upgrade.upgrade_from
    )


def _name_orphans(rows: Sequence[Entitlement], faults: list[LeftOut]) -> None:
    by_product: defaultdict[str, list[Entitlement]] = defaultdict(list)
    for row in rows:
        by_product[row.product or ""].append(row)
    for row in rows:
        if row.upgrade_from and not any(asked.on_device for asked in row.upgrade_from):
            asked_for = {asked.product or row.product or "" for asked in row.upgrade_from}
            if not any(is_base_of(base, row) for product in asked_for for base in by_product[product]):
                faults.append(LeftOut(LedgerFault.NO_BASE, (row.code,)))

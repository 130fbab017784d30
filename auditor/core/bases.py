"""Upgrade rights and what they upgrade from: base rights in the ledger, or a base on the very machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from auditor.core.allocation.edges import is_bound, is_bound_to_serials, naming_serial, reaches, serials_of
from auditor.core.allocation.slots import Order, Slot
from auditor.core.entitlement import Entitlement
from auditor.core.holdings import is_base_of
from auditor.core.model import Machine
from auditor.core.organisation import UnitTree

NONE: frozenset[int] = frozenset()


def upgrade_pairs(slots: Mapping[Order, Slot], valid: set[int], tree: UnitTree) -> list[tuple[Order, Order]]:
    """Return (base, upgrade) pairs of slots: open rights of one holder, or of one that the holder may use."""
    upgrades = [slot for slot in slots.values() if slot.right.upgrade_from and slot.right.id in valid]
    return [
        (base.order, upgrade.order)
        for upgrade in upgrades
        if any(not asked.on_device for asked in upgrade.right.upgrade_from)
        for base in slots.values()
        if base.right.id in valid
        and not base.unlimited
        and not base.right.true_up
        and not is_bound(base.right)
        and is_base_of(base.right, upgrade.right)
        and (base.unit == upgrade.unit or reaches(upgrade.unit, base.unit, base.right, tree))
    ]


def bases_on_device(machine: Machine, rights: Mapping[int, Entitlement], valid: set[int], on: date) -> frozenset[int]:
    """Return the upgrade rights for which the machine itself has a base: a right bound to its serial."""
    upgrades = [r for r in rights.values() if any(asked.on_device for asked in r.upgrade_from)]
    if not upgrades:
        return NONE
    mine = [
        right
        for right in rights.values()
        if right.id in valid
        and is_bound_to_serials(right)
        and right.rights > 0
        and naming_serial(machine, serials_of(right)) is not None
    ]
    return frozenset(up.id for up in upgrades if any(is_base_of(base, up) for base in mine))

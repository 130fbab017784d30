"""Holding → slots: what is bound to one name, what is reserved for one unit, and what is left open."""

from __future__ import annotations

from auditor.core.allocation.edges import NAMED_DEVICE, is_bound_to_serials, serials_of
from auditor.core.allocation.slots import Slot, terms_of
from auditor.core.entitlement import Entitlement
from auditor.core.holdings import Holding


def slots_of(holding: Holding, everybody: int | None) -> list[Slot]:
    """Return the slots of a holding. `everybody`: the capacity when it has no number, else `None`.

    Rights that the row binds to names are used by these alone. What moved to another unit is open there:
    bound rights never move.
    """
    right, unlimited = holding.right, everybody is not None
    rights = everybody if everybody is not None else max(holding.rights, 0)
    names = names_of(holding)
    if names is not None:
        each = _for_each(right, rights - len(names)) if not unlimited else 1
        is_tight = not unlimited and (len(names) > rights or each > 1)
        return [
            Slot(
                (right.id, name),
                right,
                holding.unit,
                1 if unlimited else min(each, rights),
                terms_of(right),
                bound_to=name,
                unlimited=unlimited,
                is_tight=is_tight,
                total=rights,
            )
            for name in names
        ]
    tag = "" if holding.unit == right.unit else f"unit {holding.unit}"
    slots, left = [], rights
    for part in right.reservations if holding.unit == right.unit and not unlimited else ():
        given = min(part.quantity, left)
        left -= given
        name = (right.id, f"{tag}reserved {part.unit}")
        slots.append(Slot(name, right, holding.unit, given, terms_of(right), reserved_for=part.unit))
    return [*slots, Slot((right.id, tag), right, holding.unit, left, terms_of(right), unlimited=unlimited)]


def _for_each(right: Entitlement, spare: int) -> int:
    """Return the rights that one name may use: one, or more of what no other name holds where a right covers so many
    devices of a person alone."""
    is_capped = right.counting.installs_per_right is not None and bool(right.bound_people)
    return 1 + max(0, spare) if is_capped else 1


def names_of(holding: Holding) -> list[str] | None:
    """Return the names that the rights are bound to, `None` for rights that are open."""
    right = holding.right
    if is_bound_to_serials(right):
        return [f"serial {serial}" for serial in sorted(serials_of(right))]
    if right.bound_machines or right.metric == NAMED_DEVICE:
        return [f"machine {code}" for code in sorted(set(right.bound_machines))]
    if right.bound_people:
        return [f"person {person}" for person in sorted(set(right.bound_people))]
    return None

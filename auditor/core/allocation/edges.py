"""Which right may cover which demand, and what fails where it may not.

A demand is one copy, or, for rights counted by user, all copies of a product that one person has. Conditions
are asked in a fixed order; an edge exists where none fails. Rights that are expired, not yet valid or for
trial have no edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from auditor.core.model import AllowedVersion, Copy, Entitlement, Failing, Machine, Reason, SoftwareType
from auditor.core.organisation import UnitTree
from rules.product import Product
from rules.versions import dotted_version, parse_range

PER_USER, OEM = "per_user", "oem"
ANY_VERSION = "*"


@dataclass(frozen=True)
class Match:
    """How a right fits a copy: the reason, the distance in release lines, and whether the basis is named."""

    reason: Reason
    distance: int = 0
    basis_missing: bool = False


def failing_conditions(
    copy: Copy,
    right: Entitlement,
    machine: Machine,
    product: Product,
    tree: UnitTree,
    *,
    on: date,
) -> tuple[Failing, ...]:
    """Return every condition that keeps the right from covering the copy, in the order in which they are named."""
    failing = []
    if not _in_reach(copy, right, tree):
        failing.append(Failing.UNIT)
    if right.starts_on is not None and on < right.starts_on:
        failing.append(Failing.NOT_YET_VALID)
    if right.ends_on is not None and on > right.ends_on:
        failing.append(Failing.EXPIRED)
    if not _edition_fits(copy, right):
        failing.append(Failing.EDITION)
    elif version_match(copy, right, product) is None:
        failing.append(Failing.VERSION)
    bound = _binding(copy, right, machine)
    return (*failing, bound) if bound is not None else tuple(failing)


def version_match(copy: Copy, right: Entitlement, product: Product) -> Match | None:
    """Return how the version of a copy stands to the right, `None` when it is not allowed.

    Exact: the line bought, or for products without lines the same version or a later part of it (bought 6,
    installed 6.24). Else the first entry of 可使用版本 that names it. A right without any version covers all.
    """
    unlimited = Reason.UNLIMITED if right.unlimited else Reason.EXACT
    if right.line is None and right.version is None and not right.allowed:
        return Match(unlimited)
    if _is_version_bought(copy, right):
        return Match(unlimited)
    for allowed in right.allowed:
        if _allows(allowed, copy):
            distance = _distance(product, right.line, copy.line)
            return Match(Reason.ALLOWED_VERSION, distance, basis_missing=allowed.basis is None)
    return None


def _is_version_bought(copy: Copy, right: Entitlement) -> bool:
    if right.line is not None:
        return copy.line in (None, right.line)
    if right.version is None:
        return False
    return copy.version is None or _is_part_of(copy.version, right.version)


def _allows(allowed: AllowedVersion, copy: Copy) -> bool:
    if allowed.edition is not None and copy.edition not in (None, allowed.edition):
        return False
    if allowed.versions == ANY_VERSION:
        return True
    if allowed.line is not None:
        return copy.line == allowed.line
    if allowed.versions is None:
        return False
    return copy.version is not None and parse_range(allowed.versions).holds(copy.version)


def _is_part_of(installed: str, bought: str) -> bool:
    """Bought 6: 6.24 is part of it; bought 6.24: 6.2 is not. Versions are compared piece by piece."""
    one, other = dotted_version(installed), dotted_version(bought)
    if one is None or other is None:
        return installed.strip().casefold() == bought.strip().casefold()
    pieces = [int(piece) for piece in other.split(".")]
    return [int(piece) for piece in one.split(".")][: len(pieces)] == pieces


def _edition_fits(copy: Copy, right: Entitlement) -> bool:
    """Equal editions, an edition that one side does not say, or one that 可使用版本 lists."""
    if right.edition is None or copy.edition is None or right.edition == copy.edition:
        return True
    return any(allowed.edition == copy.edition for allowed in right.allowed)


def _distance(product: Product, bought: str | None, installed: str | None) -> int:
    order = [line.id for line in product.lines]
    if bought in order and installed in order:
        return abs(order.index(bought) - order.index(installed))
    return 0


def _in_reach(copy: Copy, right: Entitlement, tree: UnitTree) -> bool:
    owner = tree.legal_entity_of(right.unit)
    if owner == copy.unit:
        return True
    return right.shared and tree.distance(copy.unit, owner) is not None


def _binding(copy: Copy, right: Entitlement, machine: Machine) -> Failing | None:
    """A right bound to serial numbers or people covers these alone; an OEM right without any covers none."""
    if right.bound_serials or right.metric == OEM or right.software_type is SoftwareType.OEM:
        if not right.bound_serials:
            return Failing.NOT_BOUND
        return None if machine_is_named(machine, right) else Failing.BOUND_ELSEWHERE
    if right.bound_people and copy.person not in right.bound_people:
        return Failing.BOUND_ELSEWHERE
    return None


def machine_is_named(machine: Machine, right: Entitlement) -> bool:
    """Return whether the machine's own serial number, or its board's, stands in the right."""
    named = {serial.strip().casefold() for serial in right.bound_serials}
    return any(serial is not None and serial.strip().casefold() in named for serial in _serials(machine))


def _serials(machine: Machine) -> tuple[str | None, str | None]:
    return machine.serial, machine.board_serial

"""Which right may cover which demand, and what fails where it may not.

A demand is one copy, or, for rights counted by user, all copies of a product that one person has. Conditions
are asked in a fixed order; an edge exists where none fails. Rights that are expired, not yet valid or for
trial have no edge.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date

from auditor.core.entitlement import AllowedVersion, Entitlement, SoftwareType
from auditor.core.model import Copy, Failing, Machine, Reason, UnitCode
from auditor.core.organisation import UnitTree
from rules.product import Product
from rules.versions import dotted_version, parse_range

PER_USER, OEM = "per_user", "oem"
ANY_VERSION = "*"


@dataclass(frozen=True)
class Match:
    """How a right fits a copy: the reason, the distance in release lines, and whether the basis is named.

    `unsure`: what the right asks for and the machine does not say; the right covers, and a person verifies.
    """

    reason: Reason
    distance: int = 0
    basis_missing: bool = False
    unsure: Failing | None = None


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
    first = (*reach_and_term(copy.unit, right, tree, on=on), *version_conditions(copy, right, product))
    bound = binding_condition(copy, right, machine)
    return (*first, bound) if bound is not None else first


def reach_and_term(unit: UnitCode, right: Entitlement, tree: UnitTree, *, on: date) -> tuple[Failing, ...]:
    """Return what fails for every copy of a legal entity: the reach of the right, its term."""
    failing = []
    owner = tree.legal_entity_of(right.unit)
    if owner != unit and not (right.shared and tree.distance(unit, owner) is not None):
        failing.append(Failing.UNIT)
    if right.starts_on is not None and on < right.starts_on:
        failing.append(Failing.NOT_YET_VALID)
    if right.ends_on is not None and on > right.ends_on:
        failing.append(Failing.EXPIRED)
    return tuple(failing)


def version_conditions(copy: Copy, right: Entitlement, product: Product) -> tuple[Failing, ...]:
    """Return what fails for every copy of this edition, line and version: the edition, the version, both or nothing."""
    if version_match(copy, right, product) is not None:
        return ()
    if _is_same_edition(copy, right):
        return (Failing.VERSION,)
    bought = replace(copy, edition=right.edition)
    return (Failing.EDITION, Failing.VERSION) if version_match(bought, right, product) is None else (Failing.EDITION,)


def binding_condition(copy: Copy, right: Entitlement, machine: Machine) -> Failing | None:
    """A right bound to serial numbers or people covers these alone; an OEM right without any covers none."""
    if is_bound_to_serials(right):
        if not right.bound_serials:
            return Failing.NOT_BOUND
        return None if naming_serial(machine, serials_of(right)) is not None else Failing.BOUND_ELSEWHERE
    if right.bound_people and copy.person not in right.bound_people:
        return Failing.BOUND_ELSEWHERE
    return None


def is_bound_to_serials(right: Entitlement) -> bool:
    """Return whether the right belongs to single machines: an OEM right, or one that names serial numbers."""
    return bool(right.bound_serials) or right.metric == OEM or right.software_type is SoftwareType.OEM


def serials_of(right: Entitlement) -> frozenset[str]:
    """Return the serial numbers that the right names, in the spelling of `naming_serial`."""
    return frozenset(serial.strip().casefold() for serial in right.bound_serials)


def naming_serial(machine: Machine, named: Container[str]) -> str | None:
    """Return the number by which a machine is named: its own before its board's; `None` when neither is."""
    for serial in (machine.serial, machine.board_serial):
        if serial is not None and serial.strip().casefold() in named:
            return serial.strip().casefold()
    return None


def version_match(copy: Copy, right: Entitlement, product: Product) -> Match | None:
    """Return how edition and version of a copy stand to the right, `None` when they are not allowed.

    Exact: the edition and line bought, or for products without lines the same version or a later part of it
    (bought 6, installed 6.24). Else the first entry of 可使用版本 that names it; an entry that names no edition
    speaks of the one bought. A right without any version covers all of its edition.
    """
    if _is_same_edition(copy, right):
        covers_all = right.line is None and right.version is None and not right.allowed
        if covers_all or _is_version_bought(copy, right):
            return Match(Reason.UNLIMITED if right.unlimited else Reason.EXACT, unsure=_unsaid(copy, right, product))
    for allowed in right.allowed:
        if _allows(allowed, copy, right):
            distance = _distance(product, right.line, copy.line)
            return Match(Reason.ALLOWED_VERSION, distance, basis_missing=allowed.basis is None)
    return None


def _unsaid(copy: Copy, right: Entitlement, product: Product) -> Failing | None:
    """Return what the right names and the copy does not: the edition, then the release.

    A product with a single edition or line leaves nothing unsaid.
    """
    if right.edition is not None and copy.edition is None and len(product.editions) > 1:
        return Failing.EDITION_UNKNOWN
    if right.line is not None and copy.line is None and len(product.lines) > 1:
        return Failing.VERSION_UNKNOWN
    if right.line is None and right.version is not None and copy.version is None:
        return Failing.VERSION_UNKNOWN
    return None


def _is_version_bought(copy: Copy, right: Entitlement) -> bool:
    if right.line is not None:
        return copy.line in (None, right.line)
    if right.version is None:
        return False
    return copy.version is None or _is_part_of(copy.version, right.version)


def _allows(allowed: AllowedVersion, copy: Copy, right: Entitlement) -> bool:
    if allowed.edition is None and not _is_same_edition(copy, right):
        return False
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


def _is_same_edition(copy: Copy, right: Entitlement) -> bool:
    """Equal editions, or an edition that one side does not say."""
    return right.edition is None or copy.edition is None or right.edition == copy.edition


def _distance(product: Product, bought: str | None, installed: str | None) -> int:
    order = [line.id for line in product.lines]
    if bought in order and installed in order:
        return abs(order.index(bought) - order.index(installed))
    return 0

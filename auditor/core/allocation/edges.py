"""Which right may cover which demand, and what fails where it may not.

Conditions are asked in a fixed order; an edge exists where none fails. Rights that are expired, not yet valid, for
trial, for private use or not certified have no edge.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from auditor.core.entitlement import AllowedVersion, Entitlement, Sharing, SoftwareType, SourceType
from auditor.core.model import Copy, Failing, Machine, Reason, UnitCode
from auditor.core.organisation import UnitTree
from rules.metrics.base import Family
from rules.metrics.roster import metric_named
from rules.product import Product, ReleaseLine
from rules.versions import dotted_version, parse_range

PER_USER, OEM = "per_user", "oem"
NAMED_USER, NAMED_DEVICE, SITE = "named_user", "named_device", "site"
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
    unit = tree.unit_of(copy.department, copy.unit)
    first = (*reach_and_term(unit, right, tree, on=on), *version_conditions(copy, right, product))
    place = place_condition(machine.place, right)
    bound = binding_condition(copy, right, machine)
    return (*first, *(one for one in (place, bound) if one is not None))


def reach_and_term(unit: UnitCode, right: Entitlement, tree: UnitTree, *, on: date) -> tuple[Failing, ...]:
    """Return what fails for every copy of a unit: the reach of the right, its term, what kind of right it is."""
    return (*(() if reaches(unit, right.unit, right, tree) else (Failing.UNIT,)), *term_conditions(right, on))


def term_conditions(right: Entitlement, on: date) -> tuple[Failing, ...]:
    """Return what fails for every copy whatever: the term, a trial, private use, a certification that is missing."""
    failing = []
    if right.starts_on is not None and on < right.starts_on:
        failing.append(Failing.NOT_YET_VALID)
    if right.ends_on is not None and on > right.ends_on:
        failing.append(Failing.EXPIRED)
    if right.source_type is SourceType.TRIAL:
        failing.append(Failing.RIGHT_IS_TRIAL)
    if right.personal_only:
        failing.append(Failing.RIGHT_IS_PERSONAL)
    if right.unlimited and right.certified_on is not None and right.certified_on < on and right.rights <= 0:
        failing.append(Failing.NOT_CERTIFIED)
    return tuple(failing)


def is_unlimited(right: Entitlement, on: date) -> bool:
    """Return whether the right has no number on the day: after its certification the certified number counts."""
    return right.unlimited and (right.certified_on is None or on <= right.certified_on)


def reaches(unit: UnitCode, holder: UnitCode, right: Entitlement, tree: UnitTree) -> bool:
    """Return whether a unit may use a right that `holder` has: `Sharing` says who besides the holder."""
    return distance(unit, holder, right, tree) is not None


def distance(unit: UnitCode, holder: UnitCode, right: Entitlement, tree: UnitTree) -> int | None:
    """Return the steps from a unit up to the holder of a right, `None` when it may not use it.

    A department that the register does not know stands for its legal entity. Units that are named and do not
    lie below the holder are farther than any that do.
    """
    unit = unit if unit in tree.units else tree.legal_entity_of(unit)
    owner = holder if holder in tree.units else tree.legal_entity_of(holder)
    steps = tree.distance(unit, owner)
    is_own = tree.legal_entity_of(unit) == tree.legal_entity_of(owner)
    if steps is not None and (right.reach is Sharing.DESCENDANTS or is_own):
        return steps
    if right.reach is Sharing.NAMED:
        for named in sorted(right.shared_with):
            to_named = tree.distance(unit, named)
            if to_named is not None and tree.legal_entity_of(unit) == tree.legal_entity_of(named):
                return steps if steps is not None else len(tree.units) + to_named
    return None


def place_condition(place: str | None, right: Entitlement) -> Failing | None:
    """A site right covers what stands in one of its places: `L1` also `L1/3F`."""
    if not right.places:
        return None
    if place is None:
        return Failing.PLACE_UNKNOWN
    here = place.strip().casefold()
    for named in right.places:
        site = named.strip().casefold()
        if here == site or here.startswith(site + "/"):
            return None
    return Failing.PLACE


def needs_person(right: Entitlement) -> bool:
    """Return whether the right goes to persons alone: named users, and subscriptions by user."""
    by_user = is_by_user(right)
    return right.metric == NAMED_USER or (by_user and right.source_type is SourceType.SUBSCRIPTION)


def is_by_user(right: Entitlement) -> bool:
    """Return whether one right covers a person's devices."""
    return metric_named(right.metric).family is Family.PERSONS


def version_conditions(copy: Copy, right: Entitlement, product: Product) -> tuple[Failing, ...]:
    """Return what fails for every copy of this edition, line and version: the edition, the version, both or nothing."""
    if version_match(copy, right, product) is not None:
        return ()
    if _is_same_edition(copy, right):
        return (Failing.VERSION,)
    bought = replace(copy, edition=right.edition)
    return (Failing.EDITION, Failing.VERSION) if version_match(bought, right, product) is None else (Failing.EDITION,)


def binding_condition(copy: Copy, right: Entitlement, machine: Machine) -> Failing | None:
    """A right bound to serial numbers, machines or people covers these alone; a bound kind without any covers none."""
    if is_bound_to_serials(right):
        if not right.bound_serials:
            return Failing.NOT_BOUND
        return None if naming_serial(machine, serials_of(right)) is not None else Failing.BOUND_ELSEWHERE
    if right.bound_machines or right.metric == NAMED_DEVICE:
        if not right.bound_machines:
            return Failing.NOT_BOUND
        return None if machine.code in right.bound_machines else Failing.BOUND_ELSEWHERE
    if right.bound_people:
        if copy.person is None:
            return Failing.NO_PERSON
        return None if copy.person in right.bound_people else Failing.BOUND_ELSEWHERE
    if needs_person(right) and copy.person is None:
        return Failing.NO_PERSON
    return None


def is_bound_to_serials(right: Entitlement) -> bool:
    """Return whether the right belongs to single machines: an OEM right, or one that names serial numbers."""
    return bool(right.bound_serials) or right.metric == OEM or right.software_type is SoftwareType.OEM


def is_bound(right: Entitlement) -> bool:
    """Return whether only what the row names may use it: serials, machines or people."""
    named = bool(right.bound_people or right.bound_machines)
    return is_bound_to_serials(right) or named or right.metric == NAMED_DEVICE


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
    (bought 6, installed 6.24). Then a release that came out within a maintenance period, a downgrade, and the
    first entry of 可使用版本 that names it; an entry that names no edition speaks of the one bought. A right
    without any version covers all of its edition.
    """
    reason = Reason.UPGRADE if right.upgrade_from else Reason.SITE if right.places else Reason.EXACT
    if _is_same_edition(copy, right):
        covers_all = right.line is None and right.version is None and not right.allowed and right.downgrade is None
        if covers_all or _is_version_bought(copy, right):
            told = Reason.UNLIMITED if right.unlimited and not right.places else reason
            return Match(told, unsure=_unsaid(copy, right, product))
        if _is_maintained(copy, right, product):
            return Match(Reason.MAINTENANCE, line_distance(product, right.line, copy.line))
    if _is_downgrade(copy, right, product):
        return Match(Reason.DOWNGRADE, line_distance(product, right.line, copy.line))
    for allowed in right.allowed:
        if _allows(allowed, copy, right):
            steps = line_distance(product, right.line, copy.line)
            return Match(Reason.ALLOWED_VERSION, steps, basis_missing=allowed.basis is None)
    return None


def _is_maintained(copy: Copy, right: Entitlement, product: Product) -> bool:
    """The line is newer than the one bought, and became generally available within a maintenance period."""
    ranks = ranks_of(product)
    released: dict[str | None, date | None] = {line.id: line.released_on for line in product.lines}
    if copy.line not in ranks or right.line not in ranks or ranks[copy.line] <= ranks[right.line]:
        return False
    day = released[copy.line]
    return day is not None and any(period.starts_on <= day <= period.ends_on for period in right.maintenance)


def _is_downgrade(copy: Copy, right: Entitlement, product: Product) -> bool:
    """An earlier line than the one bought, within the steps or lines and in an edition that the right names."""
    given = right.downgrade
    if given is None:
        return False
    if not _is_same_edition(copy, right) and copy.edition not in given.editions:
        return False
    if copy.line is None or right.line is None:
        return copy.line is None or copy.line in given.lines
    if copy.line in given.lines:
        return True
    ranks = ranks_of(product)
    if given.lines and given.steps is None:
        return copy.line == right.line
    if copy.line not in ranks or right.line not in ranks or ranks[copy.line] > ranks[right.line]:
        return False
    return given.steps is None or line_distance(product, right.line, copy.line) <= given.steps


def ranks_of(product: Product) -> dict[str | None, int]:
    """Return the order of the product's lines: by rank, else as they stand in its file."""
    return _ranks(product.lines)


@lru_cache(maxsize=4096)
def _ranks(lines: tuple[ReleaseLine, ...]) -> dict[str | None, int]:
    return {line.id: (number if line.rank is None else line.rank) for number, line in enumerate(lines)}


@lru_cache(maxsize=4096)
def _places(lines: tuple[ReleaseLine, ...]) -> dict[str | None, int]:
    ranks = _ranks(lines)
    return {line.id: number for number, line in enumerate(sorted(lines, key=lambda line: ranks[line.id]))}


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


def line_distance(product: Product, bought: str | None, installed: str | None) -> int:
    """Return the steps between two lines of a product, 0 where one of them is none of its lines."""
    order = _places(product.lines)
    if bought in order and installed in order:
        return abs(order[bought] - order[installed])
    return 0

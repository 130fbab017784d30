"""Slots and terms: what parts of a right are used alike, and how much one unit of it covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from auditor.core.allocation.edges import is_by_user
from auditor.core.entitlement import Entitlement
from auditor.core.model import Reason, UnitCode

Order = tuple[int, str]
"""Right id and what the slot is: names a slot, lowest first."""


class Level(StrEnum):
    """Within what one unit of a right may cover more than one copy."""

    COPY = "copy"
    DEVICE = "device"
    PERSON = "person"


@dataclass(frozen=True, order=True)
class Terms:
    """What one unit covers. `cap`: so many elements at most, 0 = any number.

    Elements are devices where a right counts devices of a person or lets versions of one device count once, else
    copies. `second_use`: of the two elements at most one may be on a device that is not portable.
    """

    level: Level
    cap: int = 1
    by_device: bool = False
    second_use: bool = False
    suite: int | None = None
    """Id of the suite right: it covers the parts on a device that has the suite."""

    @property
    def rider(self) -> Reason:
        """Why a further copy needs no unit of its own."""
        if self.suite is not None:
            return Reason.SUITE
        if self.second_use:
            return Reason.SECOND_USE
        if self.level is Level.PERSON:
            return Reason.SAME_USER
        return Reason.RIDE_ALONG if self.cap == 0 else Reason.SAME_RIGHT

    def units(self, portable: Iterable[bool]) -> int:
        """Return the units that elements need: for each whether it stands on a portable device."""
        told = list(portable)
        if self.second_use:
            return max(told.count(False), -(-len(told) // 2))
        return 1 if self.cap == 0 and told else -(-len(told) // self.cap) if told else 0


SINGLE = Terms(Level.COPY)


def terms_of(right: Entitlement) -> Terms:
    """Return what one unit of a right covers."""
    shared = right.counting.installs_per_right
    if right.suite is not None:
        return Terms(Level.DEVICE, 0, suite=right.id)
    if is_by_user(right):
        return Terms(Level.PERSON, shared or 0, by_device=True)
    if right.second_use:
        return Terms(Level.PERSON, 2, by_device=right.multi_version, second_use=True)
    if right.multi_version:
        return Terms(Level.DEVICE, 0)
    if shared is not None and shared > 1:
        return Terms(Level.DEVICE, shared)
    return SINGLE


@dataclass(frozen=True, eq=False)
class Slot:
    """Part of a right that is used alike: what is left open, a reserved part, what is bound to one name."""

    order: Order
    right: Entitlement
    unit: UnitCode
    """Who holds it on the day."""
    capacity: int
    terms: Terms = SINGLE
    bound_to: str | None = None
    reserved_for: UnitCode | None = None
    unlimited: bool = False
    is_tight: bool = False
    """The right names more than its quantity allows: all its slots together are bounded by `total`."""
    total: int = 0


@dataclass(frozen=True, order=True)
class Stages:
    """What the use of one slot for one copy costs, stage by stage in the order of METRICS §4; less is better."""

    bound: int = 0
    adverse: int = 0
    unlimited: int = 0
    site: int = 0
    reserved: int = 0
    distance: int = 0
    suite: int = 0
    downgrade: int = 0
    maintenance: int = 0
    steps: int = 0
    changed: int = 0

    @cached_property
    def costs(self) -> tuple[int, ...]:
        """The figures in the order of the stages."""
        return _COSTS(self)


_COSTS = attrgetter(*(field.name for field in fields(Stages)))

"""The allocation as numbers alone: slots, demands of equal units, clusters whose copies may share a right, uses.

A *demand* is a number of units that no stage can tell apart. A *cluster* is what one unit of a right may cover
several copies of: the devices of a person, the versions on a device, the parts of a suite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.core.allocation.slots import Order, Slot, Stages, Terms


@dataclass(frozen=True, eq=False)
class Demand:
    """`count` units alike; `edges`: slots that may cover one, with what that costs."""

    key: str
    """Orders demands: the lowest copy in it."""
    count: int
    edges: dict[Order, Stages]
    weight: int = 1
    """Copies that one unit stands for."""


@dataclass(frozen=True, eq=False)
class Item:
    """One copy of a cluster."""

    edges: dict[Order, Stages]
    device: int = 0
    portable: bool = False


@dataclass(frozen=True, eq=False)
class Option:
    """One way to share: units of a slot (or, without one, of what is to be bought) for some items of a cluster."""

    slot: Order | None
    terms: Terms
    items: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cluster:
    """`count` clusters alike."""

    key: str
    count: int
    items: tuple[Item, ...]
    options: tuple[Option, ...]

    @property
    def is_simple(self) -> bool:
        """Whether clusters alike may be counted together.

        They may when one unit of every option covers all its items, and options that share an item share them all.
        """
        for option in self.options:
            if self.units_of(option) > 1:
                return False
            mine = set(option.items)
            if any(mine & set(other.items) and mine != set(other.items) for other in self.options):
                return False
        return True

    def units_of(self, option: Option) -> int:
        """Return the units that all items of an option need."""
        return option.terms.units(self.elements(option.terms, option.items).values())

    def elements(self, terms: Terms, items: Sequence[int]) -> dict[int, bool]:
        """Return what counts against the cap: device or item → whether it is portable."""
        return {(self.items[i].device if terms.by_device else i): self.items[i].portable for i in items}


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything that hangs together; `upgrades`: (base, upgrade) pairs of slots."""

    slots: dict[Order, Slot]
    demands: Sequence[Demand]
    clusters: Sequence[Cluster] = ()
    upgrades: Sequence[tuple[Order, Order]] = ()
    seed: int = 0


@dataclass(frozen=True)
class Use:
    """One unit of a slot used in one cluster (the lead first), or, without a slot, one that is lacking."""

    slot: Order | None
    terms: Terms
    items: tuple[int, ...]


@dataclass(eq=False)
class Solution:
    """What each demand gets of each slot, and the uses in each single cluster."""

    flows: dict[str, list[tuple[Order, int]]] = field(default_factory=dict)
    """Demand key → (slot, units), lowest slot first; what is missing is short."""
    uses: dict[str, list[list[Use]]] = field(default_factory=dict)
    """Cluster key → for each of its clusters the uses."""
    used: dict[Order, int] = field(default_factory=dict)
    bases: dict[tuple[Order, Order], int] = field(default_factory=dict)
    """(base, upgrade) → base rights that upgrades took."""

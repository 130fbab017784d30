"""Plan: the cheapest way to no shortage, and what it asks of whom.

Money decides first; among the cheapest plans the one that disturbs the fewest people, then the one that moves the
fewest rights, then always the same one. Nothing is carried out: a plan is a proposal that a person decides on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from auditor.core.model import SoftwareCode, UnitCode
from auditor.core.planning.needs import Need
from auditor.core.planning.sources import Offer


class Way(StrEnum):
    """重新分配, 划转, 卸载, 替换, 采购: how a missing right is made good."""

    REASSIGN = "reassign"
    """A named right whose name uses nothing goes to somebody of the same unit."""
    TRANSFER = "transfer"
    """Idle rights go to another unit, by a transfer with a paper."""
    UNINSTALL = "uninstall"
    """The copy on a machine that nobody works at is removed."""
    REPLACE = "replace"
    """Another product does the work: one that needs no right, or one that is offered or idle."""
    BUY = "buy"


EVERY_WAY = frozenset(Way)


@dataclass(frozen=True)
class Step:
    """One thing to do for one need."""

    way: Way
    unit: UnitCode
    """Whose shortage it ends."""
    product: str
    quantity: int
    """Copies that it serves, or rights where the metric counts something else."""
    edition: str | None = None
    line: str | None = None
    from_unit: UnitCode | None = None
    code: SoftwareCode | None = None
    """软件编号 of the right that moves."""
    entitlement: int | None = None
    slot: str | None = None
    """Which part of the right: whose name it bears."""
    instead: str | None = None
    """The product that takes the other's place."""
    offer: Offer | None = None
    rights: int = 0
    """Rights of the ledger or of the offer that it takes."""
    copies: tuple[str, ...] = ()
    """Copies that may be meant, of which it serves `quantity`; none where the metric counts something else."""


@dataclass(frozen=True)
class Purchase:
    """One line of 软件采购计划表: what one buyer orders of one offer."""

    buyer: UnitCode
    """The legal entity, or the top of the group in a joint plan."""
    offer: Offer
    packs: int
    price: Decimal
    """Yuan a pack at this quantity."""
    shares: tuple[tuple[UnitCode, int], ...]
    """Rights that each unit gets; what is left over stays with the buyer."""

    @property
    def amount(self) -> Decimal:
        """Yuan of the line."""
        return self.price * self.packs

    @property
    def rights(self) -> int:
        """Rights that come with the packs."""
        return self.packs * self.offer.rights_per_pack


@dataclass(frozen=True)
class Plan:
    """A whole plan. `unmet`: needs, and how much of them nothing makes good (no price, no alternative)."""

    on: date
    joint: bool
    """Whether units may help each other and buy together."""
    ways: tuple[Way, ...]
    needs: tuple[Need, ...]
    steps: tuple[Step, ...]
    purchases: tuple[Purchase, ...]
    unmet: tuple[tuple[Need, int], ...]

    @property
    def cost(self) -> Decimal:
        """Yuan of all purchases."""
        return sum((purchase.amount for purchase in self.purchases), Decimal(0))

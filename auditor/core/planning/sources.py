"""Sources: where the rights that are missing may come from, besides the market: rights that lie idle and may move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from auditor.core.allocation.edges import needs_person, reaches, term_conditions, version_match
from auditor.core.allocation.slots import Order
from auditor.core.counting import Count
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.holdings import price_faults, transfer_fault
from auditor.core.ledger_acts import PriceLine, is_in_force
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.planning.needs import BY_COPY, Need
from rules.metrics.base import Family
from rules.metrics.roster import metric_named
from rules.product import Product


@dataclass(frozen=True)
class Spare:
    """Whole rights of one slot that cover nothing. `is_named`: they are bound to somebody or something gone."""

    order: Order
    right: Entitlement
    unit: UnitCode
    """Who holds them."""
    quantity: int
    is_named: bool


@dataclass(frozen=True)
class Offer:
    """What a price list offers of one product: tiers as (from so many packs on, yuan a pack), rising."""

    product: ProductId
    metric: str
    edition: str | None
    line: str | None
    rights_per_pack: int
    supplier: str | None
    tiers: tuple[tuple[int, Decimal], ...]

    @property
    def key(self) -> tuple[str, ...]:
        """A name that no other offer has, by which offers are ordered."""
        words = (self.edition, self.line, self.supplier)
        return (self.product, self.metric, *(word or "" for word in words), f"{self.rights_per_pack:09d}")

    def as_right(self) -> Entitlement:
        """Return the right that a purchase makes, for asking what it would cover."""
        return Entitlement(
            id=0,
            unit=UnitCode(""),
            code=SoftwareCode(""),
            name="",
            product=self.product,
            software_type=SoftwareType.COMMERCIAL,
            metric=self.metric,
            quantity=0,
            edition=self.edition,
            line=self.line,
            version=self.line,
            rights_per_pack=self.rights_per_pack,
        )


def spares_of(count: Count, *, on: date) -> tuple[Spare, ...]:
    """Return what lies idle and may be put to use: open rights, and named ones whose name uses nothing.

    Left out: unlimited, site and true-up rights, upgrades, trials, what is not valid on the day, what is reserved for a
    unit (it has to be released first), and what is bound to the serial number of a machine.
    """
    found = []
    for order, slot in sorted(count.slots.items()):
        right = slot.right
        if slot.unlimited or slot.reserved_for is not None or slot.is_tight or right.true_up or right.upgrade_from:
            continue
        if term_conditions(right, on) or transfer_fault(right) is not None:
            continue
        used = count.used.get(order, 0)
        free = slot.capacity - (-(-used.numerator // used.denominator) if used else 0)
        if free > 0:
            found.append(Spare(order, right, slot.unit, free, slot.bound_to is not None))
    return tuple(found)


def offers_of(prices: Iterable[PriceLine], *, on: date) -> tuple[Offer, ...]:
    """Return the offers of the day, ordered by key; price lines that cannot be meant are left out."""
    groups: dict[Offer, dict[int, Decimal]] = {}
    for line in prices:
        if price_faults([line]) or not is_in_force(line.starts_on, line.ends_on, on):
            continue
        offer = Offer(line.product, line.metric, line.edition, line.line, line.rights_per_pack, line.supplier, ())
        tiers = groups.setdefault(offer, {})
        least = max(line.from_quantity, 1)
        tiers[least] = min(line.price, tiers.get(least, line.price))
    offers = [replace(offer, tiers=tuple(sorted(tiers.items()))) for offer, tiers in groups.items()]
    return tuple(sorted(offers, key=lambda offer: offer.key))


def spare_covers(spare: Spare, need: Need, products: Mapping[str, Product], tree: UnitTree, *, group: bool) -> bool:
    """Return whether the rights would cover the need, once they were its unit's, and may lawfully get there."""
    right = spare.right
    if not right_covers(right, need, products):
        return False
    if spare.is_named:  # another name in the same unit; a named right never leaves
        return reaches(need.unit, spare.unit, right, tree)
    is_own = tree.legal_entity_of(need.unit) == tree.legal_entity_of(spare.unit)
    return group or is_own


def right_covers(right: Entitlement, need: Need, products: Mapping[str, Product]) -> bool:
    """Return whether product, metric, edition, line and version of a right suit a need."""
    if right.product != need.product or right.suite is not None:
        return False
    family = metric_named(right.metric).family
    if need.metric != BY_COPY:
        return right.metric == need.metric
    if family not in (Family.COPIES, Family.PERSONS):
        return False
    if needs_person(right) and any(copy.person is None for copy in need.copies):
        return False
    product = products[need.product]
    return all(version_match(copy, right, product) is not None for copy in need.copies[:1])

"""Pooled demand: what many units lack, met by what others have idle, the rest bought at once at tier prices.

For figures that units handed in, where no single copy is known: product and way of counting alone say what fits, so a
transfer of an edition or line has to be looked at before it is made. The best choice is exact, as that of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.core.planning.choice import Chosen, Option, Problem, choose
from auditor.core.planning.needs import Need
from auditor.core.planning.plan import Way
from auditor.core.planning.sources import Offer, Spare, offers_of


@dataclass(frozen=True, order=True)
class Lacking:
    """What one unit lacks of a product, in rights."""

    unit: str
    product: str
    metric: str
    quantity: int


@dataclass(frozen=True, order=True)
class Idle:
    """What one unit has idle and may lawfully give away."""

    unit: str
    product: str
    metric: str
    code: str
    quantity: int
    edition: str | None = None
    line: str | None = None


def pooled_plan(
    lacking: Iterable[Lacking], idle: Iterable[Idle], prices: Iterable[PriceLine], *, buyer: str, on: date
) -> Chosen:
    """Return transfers, purchases and what nothing meets, product by product; all is bought by one buyer."""
    needs_of: dict[str, list[Lacking]] = {}
    for each in sorted(lacking):
        if each.quantity > 0:
            needs_of.setdefault(each.product, []).append(each)
    gives = sorted(idle, key=lambda one: (one.product, one.unit, one.code))
    offers = offers_of(prices, on=on)
    total = Chosen()
    for product in sorted(needs_of):
        spares = [_spare(n, one) for n, one in enumerate(gives) if one.product == product and one.quantity > 0]
        own = [offer for offer in offers if offer.product == product]
        chosen = choose(_problem(needs_of[product], spares, own, UnitCode(buyer)))
        total.steps += chosen.steps
        total.purchases += chosen.purchases
        total.unmet += chosen.unmet
    return total


def _problem(lacking: Sequence[Lacking], spares: list[Spare], offers: list[Offer], buyer: UnitCode) -> Problem:
    needs = [Need(UnitCode(one.unit), one.product, one.metric, one.quantity) for one in lacking]
    options = []
    for number, need in enumerate(needs):
        for place, spare in enumerate(spares):
            if spare.right.metric == need.metric and spare.unit != need.unit:
                most = min(spare.quantity, need.quantity)
                options.append(Option(Way.TRANSFER, ((number, 1),), most, spare=place))
        for place, offer in enumerate(offers):
            if offer.metric == need.metric:
                options.append(Option(Way.BUY, ((number, 1),), need.quantity, offer=place))
    return Problem(needs, spares, offers, options, lambda unit: buyer)


def _spare(number: int, one: Idle) -> Spare:
    right = Entitlement(
        id=number + 1,
        unit=UnitCode(one.unit),
        code=SoftwareCode(one.code),
        name=one.product,
        product=ProductId(one.product),
        software_type=SoftwareType.COMMERCIAL,
        metric=one.metric,
        quantity=one.quantity,
        edition=one.edition,
        line=one.line,
    )
    return Spare((number + 1, ""), right, UnitCode(one.unit), one.quantity, is_named=False)

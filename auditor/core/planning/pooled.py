"""Pooled demand: what many units lack, met by what others have idle, the rest bought at once at tier prices.

For figures that units handed in, where no single copy is known: product, way of counting, edition and line say what
fits. Each edition and line is pooled by itself and met by rights of its own: a right for one edition never covers the
other, nor one for a line another line; an edition or line that a side does not tell fits any, as in the count. The best
choice is exact, as that of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import Copy, ProductId, SoftwareCode, UnitCode
from auditor.core.planning.choice import Chosen, Option, Problem, choose
from auditor.core.planning.needs import Need
from auditor.core.planning.plan import Way
from auditor.core.planning.sources import Offer, Spare, offers_of
from rules.product import Category, Kind, LicenceClass


@dataclass(frozen=True, order=True)
class Lacking:
    """What one unit lacks of a product, edition and line, in rights; empty where the unit does not tell them."""

    unit: str
    product: str
    metric: str
    quantity: int
    edition: str = ""
    line: str = ""


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
    needs = [Need(UnitCode(one.unit), one.product, one.metric, one.quantity, (_stands_for(one),)) for one in lacking]
    options = []
    for number, need in enumerate(needs):
        for place, spare in enumerate(spares):
            right = spare.right
            fits = right.metric == need.metric and _fits(lacking[number], right.edition, right.line)
            if fits and spare.unit != need.unit:
                most = min(spare.quantity, need.quantity)
                options.append(Option(Way.TRANSFER, ((number, 1),), most, spare=place))
        for place, offer in enumerate(offers):
            if offer.metric == need.metric and _fits(lacking[number], offer.edition, offer.line):
                options.append(Option(Way.BUY, ((number, 1),), need.quantity, offer=place))
    return Problem(needs, spares, offers, options, lambda unit: buyer)


def _fits(need: Lacking, edition: str | None, line: str | None) -> bool:
    same_edition = not need.edition or edition is None or edition == need.edition
    return same_edition and (not need.line or line is None or line == need.line)


def _stands_for(one: Lacking) -> Copy:
    """A copy that bears the edition and line of what is lacking: a step of the plan tells them from it."""
    return Copy(
        machine="", unit=UnitCode(one.unit), department=None, person=None, product=ProductId(one.product),
        name=one.product, category=Category.OTHER, kind=Kind.APPLICATION, licence_class=LicenceClass.COMMERCIAL,
        edition=one.edition or None, line=one.line or None, version=None, installed_on=None, titles=(), record="",
    )  # fmt: skip


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

"""Making a plan: needs, spares and offers → options → independent problems → one plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.allocation.slots import terms_of
from auditor.core.counting import Count
from auditor.core.entitlement import Entitlement
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import Machine, Position, ProductId, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.planning.bundles import bundles_of
from auditor.core.planning.choice import Option, Problem, choose
from auditor.core.planning.needs import UNUSED_STATES, Need, needs_of
from auditor.core.planning.plan import EVERY_WAY, Plan, Purchase, Step, Way
from auditor.core.planning.sources import Offer, Spare, offers_of, right_covers, spare_covers, spares_of
from rules.product import COUNTED, Kind, LicenceClass, Product

NEEDS_NO_RIGHT = frozenset({LicenceClass.FREE, LicenceClass.OPEN_SOURCE, LicenceClass.BUNDLED})


def make_plan(
    count: Count,
    positions: Sequence[Position],
    machines: Mapping[str, Machine],
    products: Mapping[str, Product],
    tree: UnitTree,
    prices: Iterable[PriceLine],
    alternatives: Mapping[str, Sequence[str]],
    *,
    on: date,
    joint: bool = False,
    ways: frozenset[Way] = EVERY_WAY,
    seed: int = 0,
) -> Plan:
    """Return the cheapest plan to no shortage.

    `positions`: by unit. `alternatives`: product → products that may take its place, in the order of preference.
    `joint`: units of one root help each other and buy together; otherwise each legal entity stands for itself. A joint
    plan never costs more than the plans of the single entities together, as tiers never rise with the quantity. An
    operating system is never replaced: all that runs on it would have to change with it.
    Raises nothing for odd data; `NotSolved` is a bug.
    """
    maker = _Maker(machines, products, tree, joint, ways)
    needs = needs_of(count, positions, machines, tree)
    spares = tuple(spare for spare in spares_of(count, on=on) if Way.TRANSFER in ways or spare.is_named)
    offers = tuple(maker.falling(offer) for offer in offers_of(prices, on=on)) if Way.BUY in ways else ()
    options = maker.options(needs, spares, offers, alternatives)
    steps: list[Step] = []
    purchases: list[Purchase] = []
    unmet: list[tuple[Need, int]] = []
    for part in _parts(len(needs), options, needs, maker):
        chosen = choose(_problem(part, needs, spares, offers, options, maker, seed))
        steps += chosen.steps
        purchases += chosen.purchases
        unmet += chosen.unmet
    return Plan(
        on,
        joint,
        tuple(way for way in Way if way in ways),
        needs,
        tuple(sorted(steps, key=_step_order)),
        tuple(sorted(purchases, key=lambda one: (one.buyer, one.offer.key))),
        tuple(sorted(unmet, key=lambda one: one[0].key)),
    )


class _Maker:
    def __init__(
        self,
        machines: Mapping[str, Machine],
        products: Mapping[str, Product],
        tree: UnitTree,
        joint: bool,
        ways: frozenset[Way],
    ) -> None:
        self.machines, self.products, self.tree, self.joint, self.ways = machines, products, tree, joint, ways

    def buyer_of(self, unit: UnitCode) -> UnitCode:
        """Return who orders for a unit: its legal entity, in a joint plan the root above it."""
        way = self.tree.way_up(unit)
        return way[-1] if self.joint and way else self.tree.legal_entity_of(unit)

    def falling(self, offer: Offer) -> Offer:
        """Return the offer without tiers that cost more than one for fewer packs: nobody orders those."""
        kept: list[tuple[int, Decimal]] = []
        for least, price in offer.tiers:
            if not kept or price < kept[-1][1]:
                kept.append((least, price))
        return replace(offer, tiers=tuple(kept))

    def options(
        self,
        needs: Sequence[Need],
        spares: Sequence[Spare],
        offers: Sequence[Offer],
        alternatives: Mapping[str, Sequence[str]],
    ) -> list[Option]:
        """Return every option, need by need, in the order in which equals are taken."""
        made: list[Option] = []
        groups = _by_product(needs)
        for (_, product), mine in groups.items():
            made += self._from_spares(needs, mine, product, spares)
            made += self._by_removal(needs, mine)
            copies = [number for number in mine if needs[number].copies]
            replaceable = copies and self.products[product].kind is not Kind.OPERATING_SYSTEM
            for other in alternatives.get(product, ()) if Way.REPLACE in self.ways and replaceable else ():
                if other in self.products and other != product:
                    made += self._by_other(needs, copies, other, spares, offers)
            made += self._from_offers(needs, mine, product, offers)
        return made

    def _from_spares(
        self, needs: Sequence[Need], mine: Sequence[int], product: str, spares: Sequence[Spare]
    ) -> list[Option]:
        made: list[Option] = []
        for at, spare in enumerate(spares):
            way = Way.REASSIGN if spare.is_named else Way.TRANSFER
            if way not in self.ways or self.buyer_of(spare.unit) != self.buyer_of(needs[mine[0]].unit):
                continue
            wanted = [_as_product(needs[number], product) for number in mine]
            fits = [
                number
                for number, need in zip(mine, wanted, strict=True)
                if spare_covers(spare, need, self.products, self.tree, group=self.joint)
            ]
            made += self._with(needs, fits, product, way, spare.right, spare.quantity, spare=at)
        return made

    def _from_offers(
        self, needs: Sequence[Need], mine: Sequence[int], product: str, offers: Sequence[Offer]
    ) -> list[Option]:
        made: list[Option] = []
        for at, offer in enumerate(offers):
            right = offer.as_right()
            fits = [n for n in mine if right_covers(right, _as_product(needs[n], product), self.products)]
            made += self._with(needs, fits, product, Way.BUY, right, None, offer=at)
        return made

    def _with(
        self,
        needs: Sequence[Need],
        fits: Sequence[int],
        product: str,
        way: Way,
        right: Entitlement,
        most: int | None,
        *,
        spare: int | None = None,
        offer: int | None = None,
    ) -> list[Option]:
        """Return the options of one source for the needs that it suits; each unit of it serves a group of copies."""
        made = []
        for bundle in bundles_of(needs, fits, terms_of(right)):
            instead = product if product != needs[bundle.gives[0][0]].product else None
            times = bundle.times if most is None else min(bundle.times, most // bundle.uses)
            if times:
                kind = Way.REPLACE if instead is not None else way
                made.append(Option(kind, bundle.gives, times, bundle.uses, bundle.groups, spare, offer, instead))
        return made

    def _by_removal(self, needs: Sequence[Need], mine: Sequence[int]) -> list[Option]:
        made = []
        for number in mine if Way.UNINSTALL in self.ways else ():
            idle = [c.key for c in needs[number].copies if self.machines[c.machine].state in UNUSED_STATES]
            if idle:
                groups = tuple((key,) for key in idle)
                made.append(Option(Way.UNINSTALL, ((number, 1),), len(idle), groups=groups))
        return made

    def _by_other(
        self, needs: Sequence[Need], mine: Sequence[int], other: str, spares: Sequence[Spare], offers: Sequence[Offer]
    ) -> list[Option]:
        licence_class = self.products[other].licensing.licence_class
        if licence_class in NEEDS_NO_RIGHT:
            return [
                Option(
                    Way.REPLACE,
                    ((number, 1),),
                    needs[number].quantity,
                    groups=tuple((copy.key,) for copy in needs[number].copies),
                    instead=other,
                )
                for number in mine
            ]
        if licence_class not in COUNTED:
            return []  # free for persons, or unread terms: no way out for an organisation
        found = self._from_spares(needs, mine, other, spares)
        return [*found, *self._from_offers(needs, mine, other, offers)]


def _by_product(needs: Sequence[Need]) -> dict[tuple[UnitCode, str], list[int]]:
    groups: dict[tuple[UnitCode, str], list[int]] = {}
    for number, need in enumerate(needs):
        groups.setdefault((need.unit, need.product), []).append(number)
    return groups


def _as_product(need: Need, product: str) -> Need:
    """Return the need; of another product what would be needed were the copies of that, in whichever release."""
    if product == need.product:
        return need
    copies = tuple(
        replace(copy, product=ProductId(product), edition=None, line=None, version=None) for copy in need.copies
    )
    return replace(need, product=product, copies=copies)


def _parts(count: int, options: Sequence[Option], needs: Sequence[Need], maker: _Maker) -> list[list[int]]:
    """Return the numbers of needs that share a spare, or an offer at one buyer, part by part."""
    parent = list(range(count))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[tuple[object, ...], int] = {}
    for option in options:
        shared: list[tuple[object, ...]] = []
        if option.spare is not None:
            shared.append(("spare", option.spare))
        if option.offer is not None:
            shared.append(("offer", option.offer, maker.buyer_of(needs[option.gives[0][0]].unit)))
        for number, _ in option.gives:
            for key in (*shared, ("need", option.gives[0][0])):
                one, other = root(first.setdefault(key, number)), root(number)
                parent[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for number in range(count):
        groups.setdefault(root(number), []).append(number)
    return [groups[key] for key in sorted(groups)]


def _problem(
    part: Sequence[int],
    needs: Sequence[Need],
    spares: Sequence[Spare],
    offers: Sequence[Offer],
    options: Sequence[Option],
    maker: _Maker,
    seed: int,
) -> Problem:
    at = {number: place for place, number in enumerate(part)}
    mine = [option for option in options if option.gives[0][0] in at]
    used_spares = sorted({option.spare for option in mine if option.spare is not None})
    used_offers = sorted({option.offer for option in mine if option.offer is not None})
    spare_at = {number: place for place, number in enumerate(used_spares)}
    offer_at = {number: place for place, number in enumerate(used_offers)}
    own = [
        replace(
            option,
            gives=tuple((at[number], count) for number, count in option.gives),
            spare=None if option.spare is None else spare_at[option.spare],
            offer=None if option.offer is None else offer_at[option.offer],
        )
        for option in mine
    ]
    return Problem(
        [needs[number] for number in part],
        [spares[number] for number in used_spares],
        [offers[number] for number in used_offers],
        own,
        maker.buyer_of,
        seed,
    )


def _step_order(step: Step) -> tuple[object, ...]:
    offer = step.offer.key if step.offer is not None else ()
    words = (step.edition, step.line, step.from_unit, step.instead)
    return (
        step.unit,
        step.product,
        list(Way).index(step.way),
        *(word or "" for word in words),
        step.entitlement or 0,
        offer,
    )

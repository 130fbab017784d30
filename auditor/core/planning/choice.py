"""Choice: one integer programme for needs, idle rights, offers with tiers and alternatives that touch each other.

Objectives in order, each an exact optimum that the next may not worsen: fewest rights left missing; least money; fewest
copies removed or replaced; fewest rights moved to another unit; fewest renamed; then the earliest sources.
A tier holds for all packs of an order (the more, the less each costs), so ordering more than is needed may be
cheaper, and the programme knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import gcd

from auditor.core.allocation.solver import Programme, Row, canonical, lexicographic
from auditor.core.model import UnitCode
from auditor.core.planning.needs import Need
from auditor.core.planning.plan import Purchase, Step, Way
from auditor.core.planning.sources import Offer, Spare

MOST_FOR_ORDER = 60
"""Variables up to which the answer is made unique one variable after the other; beyond, by one weighted sum."""


@dataclass(frozen=True)
class Option:
    """One way to serve copies, taken up to `most` times: rights of a spare or an offer, a free alternative, a removal.

    `gives`: need → how many of its copies one time serves; a right by user serves all devices of a person, a right
    for several versions all copies on a device. `uses`: rights that one time takes. `groups`: the copies of each time.
    """

    way: Way
    gives: tuple[tuple[int, int], ...]
    most: int
    uses: int = 1
    groups: tuple[tuple[str, ...], ...] = ()
    spare: int | None = None
    offer: int | None = None
    instead: str | None = None

    @property
    def served(self) -> int:
        """Copies that one time serves."""
        return sum(count for _, count in self.gives)


@dataclass(frozen=True)
class Problem:
    """One part of a plan that nothing connects with the rest."""

    needs: Sequence[Need]
    spares: Sequence[Spare]
    offers: Sequence[Offer]
    options: Sequence[Option]
    buyer_of: Callable[[UnitCode], UnitCode]
    seed: int = 0


@dataclass
class Chosen:
    """What was chosen: steps, purchases, and how much of which need is left."""

    steps: list[Step] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    unmet: list[tuple[Need, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Order:
    """Packs of one offer in one tier that one buyer orders: variables of packs and of the tier (`None`: open)."""

    offer: int
    buyer: UnitCode
    price: Decimal
    packs: int
    is_open: int | None


def choose(problem: Problem) -> Chosen:
    """Return the best choice. Raises `NotSolved` for a bug alone: leaving everything missing is always possible."""
    return _Chooser(problem).run()


class _Chooser:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.programme = Programme([], seed=problem.seed)
        self.missing = [self._variable(need.quantity) for need in problem.needs]
        self.taken = [self._variable(option.most) for option in problem.options]
        self.orders: list[_Order] = []

    def _variable(self, most: int) -> int:
        self.programme.upper.append(most)
        return len(self.programme.upper) - 1

    def run(self) -> Chosen:
        self._meet_needs()
        self._bound_spares()
        self._bound_orders()
        objectives = [self._objective(cost) for cost in (self._lack, self._disturb, self._move, self._rename)]
        objectives.insert(1, self._money())
        if len(self.programme.upper) <= MOST_FOR_ORDER:
            values = canonical(self.programme, objectives, self.taken)
        else:
            order = [0] * len(self.programme.upper)
            for place, variable in enumerate(self.taken, start=1):
                order[variable] = place
            values = lexicographic(self.programme, [*objectives, order])
        return self._read(values)

    # --- rows ------------------------------------------------------------------------------------------------------

    def _meet_needs(self) -> None:
        for number, need in enumerate(self.problem.needs):
            terms = [(self.missing[number], 1)]
            for variable, option in zip(self.taken, self.problem.options, strict=True):
                terms += [(variable, count) for place, count in option.gives if place == number]
            most = sum(count * self.programme.upper[variable] for variable, count in terms)
            self.programme.rows.append(Row(tuple(terms), most, need.quantity))

    def _bound_spares(self) -> None:
        for number, spare in enumerate(self.problem.spares):
            terms = tuple(
                (variable, option.uses)
                for variable, option in zip(self.taken, self.problem.options, strict=True)
                if option.spare == number
            )
            self.programme.rows.append(Row(terms, spare.quantity))

    def _bound_orders(self) -> None:
        wanted: dict[tuple[int, UnitCode], list[tuple[int, int]]] = {}
        for variable, option in zip(self.taken, self.problem.options, strict=True):
            if option.offer is not None:
                buyer = self.problem.buyer_of(self._first(option).unit)
                wanted.setdefault((option.offer, buyer), []).append((variable, option.uses))
        for (number, buyer), terms in sorted(wanted.items()):
            offer = self.problem.offers[number]
            all_rights = sum(rights * self.programme.upper[variable] for variable, rights in terms)
            packs = self._tiers(number, buyer, -(-all_rights // offer.rights_per_pack))
            supply = [(variable, -offer.rights_per_pack) for variable in packs]
            self.programme.rows.append(Row((*terms, *supply), 0, -self._capacity(packs) * offer.rights_per_pack))

    def _capacity(self, packs: Sequence[int]) -> int:
        return sum(self.programme.upper[variable] for variable in packs)

    def _tiers(self, number: int, buyer: UnitCode, enough: int) -> list[int]:
        """Add the variables of an offer's tiers: at most one of them is open, from its quantity on."""
        offer = self.problem.offers[number]
        if len(offer.tiers) == 1 and offer.tiers[0][0] == 1:
            packs = self._variable(enough)
            self.orders.append(_Order(number, buyer, offer.tiers[0][1], packs, None))
            return [packs]
        made, opened = [], []
        for least, price in offer.tiers:
            most = max(enough, least)
            packs, is_open = self._variable(most), self._variable(1)
            self.programme.rows.append(Row(((packs, 1), (is_open, -least)), most, 0))
            self.programme.rows.append(Row(((packs, 1), (is_open, -most)), 0, -most))
            self.orders.append(_Order(number, buyer, price, packs, is_open))
            made.append(packs)
            opened.append(is_open)
        self.programme.rows.append(Row(tuple((variable, 1) for variable in opened), 1))
        return made

    # --- objectives --------------------------------------------------------------------------------------------------

    def _objective(self, cost: Callable[[list[int]], None]) -> list[int]:
        made = [0] * len(self.programme.upper)
        cost(made)
        return made

    def _lack(self, made: list[int]) -> None:
        for variable in self.missing:
            made[variable] = 1

    def _money(self) -> list[int]:
        """Prices in their smallest common unit, so that the numbers stay small."""
        prices = [order.price for order in self.orders]
        places = max((-int(price.as_tuple().exponent) for price in prices), default=0)
        units = [int(price.scaleb(max(places, 0))) for price in prices]
        common = gcd(*units) if any(units) else 1
        made = [0] * len(self.programme.upper)
        for order, price in zip(self.orders, units, strict=True):
            made[order.packs] = price // common
        return made

    def _disturb(self, made: list[int]) -> None:
        for variable, option in zip(self.taken, self.problem.options, strict=True):
            if option.instead is not None or option.way is Way.UNINSTALL:
                made[variable] = option.served

    def _move(self, made: list[int]) -> None:
        for variable, option in zip(self.taken, self.problem.options, strict=True):
            if option.spare is not None and not self.problem.spares[option.spare].is_named:
                made[variable] = option.uses

    def _rename(self, made: list[int]) -> None:
        for variable, option in zip(self.taken, self.problem.options, strict=True):
            if option.spare is not None and self.problem.spares[option.spare].is_named:
                made[variable] = option.uses

    # --- the answer --------------------------------------------------------------------------------------------------

    def _read(self, values: Sequence[int]) -> Chosen:
        chosen = Chosen()
        shares: dict[tuple[int, UnitCode], dict[UnitCode, int]] = {}
        for variable, option in zip(self.taken, self.problem.options, strict=True):
            if values[variable]:
                step = self._step(option, values[variable])
                chosen.steps.append(step)
                if option.offer is not None:
                    mine = shares.setdefault((option.offer, self.problem.buyer_of(step.unit)), {})
                    mine[step.unit] = mine.get(step.unit, 0) + step.rights
        for order in self.orders:
            if values[order.packs]:
                parts = tuple(sorted(shares.get((order.offer, order.buyer), {}).items()))
                offer = self.problem.offers[order.offer]
                chosen.purchases.append(Purchase(order.buyer, offer, values[order.packs], order.price, parts))
        for need, variable in zip(self.problem.needs, self.missing, strict=True):
            if values[variable]:
                chosen.unmet.append((need, values[variable]))
        return chosen

    def _first(self, option: Option) -> Need:
        return self.problem.needs[option.gives[0][0]]

    def _step(self, option: Option, times: int) -> Step:
        need = self._first(option)
        spare = self.problem.spares[option.spare] if option.spare is not None else None
        first = need.copies[0] if need.copies and len(option.gives) == 1 else None
        return Step(
            way=option.way,
            unit=need.unit,
            product=need.product,
            quantity=option.served * times,
            edition=first.edition if first else None,
            line=first.line if first else None,
            from_unit=spare.unit if spare else None,
            code=spare.right.code if spare else None,
            entitlement=spare.right.id if spare else None,
            slot=spare.order[1] if spare else None,
            instead=option.instead,
            offer=self.problem.offers[option.offer] if option.offer is not None else None,
            rights=option.uses * times if spare or option.offer is not None else 0,
            copies=tuple(key for group in option.groups for key in group),
        )

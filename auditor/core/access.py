"""What no installation shows: check-outs of floating licences, access to servers, heads of an organisation.

Counted for each legal entity; where a right reaches several of them and is shared, each is counted by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from fractions import Fraction

from auditor.core.allocation.edges import is_unlimited, ranks_of, term_conditions
from auditor.core.allocation.explain import first_right
from auditor.core.allocation.slots import Order, Slot
from auditor.core.allocation.solver import Programme, Row, canonical
from auditor.core.entitlement import Entitlement
from auditor.core.family import EVERYBODY, Context, FamilyCase
from auditor.core.holdings import Holding
from auditor.core.ledger_acts import AccessPair, Session
from auditor.core.model import AccessLine, Copy, Failing, Machine, MachineId, ProductId, UnitCode
from rules.metrics.base import Family
from rules.metrics.concurrent import peak
from rules.metrics.roster import metric_named
from rules.product import LicenceClass

CALS = ("user_cal", "device_cal", "mixed_cal")
SIDES = {"user_cal": (0,), "device_cal": (1,), "mixed_cal": (0, 1)}
"""Which side of a pair a licence may be given to."""


@dataclass(frozen=True, eq=False)
class Access:
    """The answer for one product in one legal entity."""

    unit: UnitCode
    product: str
    metric: str
    raw: int
    required: Fraction
    covered: Fraction
    to_order: Fraction
    by_unlimited: Fraction
    used: dict[Order, int]
    lines: tuple[AccessLine, ...]


def is_access(metric: str | None) -> bool:
    """Return whether a metric counts access, not installations."""
    return metric is not None and metric_named(metric).family is Family.ACCESS


def sessions_of(
    context: Context,
    unit: UnitCode,
    product: str,
    sessions: Sequence[Session],
    holdings: Sequence[Holding],
    *,
    zone: tzinfo,
    window_days: int,
    as_of_moment: datetime | None,
) -> Access:
    """Return the peak of check-outs in the window that ends with the as-of day; others count nothing."""
    until = as_of_moment or end_of(context.on, zone)
    since = until - timedelta(days=window_days)
    inside = [s for s in sessions if s.starts_at < until and (s.ends_at is None or s.ends_at > since)]
    told = [(session.starts_at, session.ends_at, session.quantity) for session in inside]
    most = peak(told, since=since, until=until)
    return _heads(context, unit, product, "concurrent", "seats", len(inside), most, holdings)


def heads_of(
    context: Context, unit: UnitCode, product: str, heads: int, holdings: Sequence[Holding], metric: str = "employee"
) -> Access:
    """Return the head count of an organisation against its rights."""
    return _heads(context, unit, product, metric, "heads", heads, heads, holdings)


def end_of(on: date, zone: tzinfo) -> datetime:
    """Return the as-of moment: the end of the day."""
    return datetime.combine(on, time.min, zone) + timedelta(days=1)


def _heads(
    context: Context,
    unit: UnitCode,
    product: str,
    metric: str,
    kind: str,
    raw: int,
    need: int,
    holdings: Sequence[Holding],
) -> Access:
    mine = [holding for holding in holdings if holding.right.metric == metric]
    case, pseudo = _pseudo(context, unit, product, mine)
    slots = _ordered(case, pseudo, context)
    left, used, lines = need, {}, []
    for slot in slots:
        given = min(left, slot.capacity)
        if given:
            used[slot.order] = given
            lines.append(AccessLine(unit, product, kind, "", given, slot.right.id))
        left -= given
    if left:
        right, failing = _first(case, pseudo, context)
        lines.append(AccessLine(unit, product, kind, "", left, right.id if right else None, failing))
    return _access(context, unit, product, metric, raw, Fraction(need), used, case.slots, lines)


def _access(
    context: Context,
    unit: UnitCode,
    product: str,
    metric: str,
    raw: int,
    required: Fraction,
    used: Mapping[Order, int],
    slots: Mapping[Order, Slot],
    lines: Sequence[AccessLine],
) -> Access:
    def total(chosen: Iterable[Order]) -> Fraction:
        return Fraction(sum(used[order] for order in chosen))

    later = [order for order in used if slots[order].right.true_up]
    free = [order for order in used if is_unlimited(slots[order].right, context.on)]
    covered = total(order for order in used if order not in later)
    told = tuple(sorted(lines, key=_order))
    return Access(unit, product, metric, raw, required, covered, total(later), total(free), dict(used), told)


def _order(line: AccessLine) -> tuple[str, str, int]:
    return (line.kind, line.name, line.entitlement or 0)


def _pseudo(context: Context, unit: UnitCode, product: str, holdings: Sequence[Holding]) -> tuple[FamilyCase, Copy]:
    """Return a case with one copy that stands for the whole unit."""
    machine = Machine(MachineId(0), None, unit, place=None)
    of = context.products[product]
    copy = Copy(
        machine.key, unit, unit, None, ProductId(of.id), of.zh, of.category, of.kind, LicenceClass.COMMERCIAL,
        None, None, None, None, (), "",
    )  # fmt: skip
    inside = replace(context, machines={**context.machines, machine.key: machine})
    case = FamilyCase(inside, [copy], holdings)
    case.of_copy = {copy.key: case.situation(copy)}
    return case, copy


def _ordered(case: FamilyCase, copy: Copy, context: Context) -> list[Slot]:
    """Return the slots in the order of use: reserved, own, nearest, unlimited, then true-up; earliest expiry first."""
    edges = case.of_copy[copy.key].edges

    def order(slot: Slot) -> tuple[object, ...]:
        stages = edges[slot.order]
        ends = slot.right.ends_on or date.max
        return (slot.right.true_up, stages.unlimited, stages.reserved, stages.distance, ends, slot.order)

    slots = [case.slots[name] for name in edges]
    return sorted(
        (replace(s, capacity=EVERYBODY) if is_unlimited(s.right, context.on) else s for s in slots), key=order
    )


def _first(case: FamilyCase, copy: Copy, context: Context) -> tuple[Entitlement | None, Failing]:
    rights = sorted(case.rights.values(), key=lambda right: right.id)
    failing = {}
    for right in rights:
        reaches = any(case.reach(copy, slot) is not None for slot in case.slots.values() if slot.right is right)
        failing[right.id] = (*(() if reaches else (Failing.UNIT,)), *term_conditions(right, context.on))
    return first_right(rights, failing, {})


# --- access licences -------------------------------------------------------------------------------------------------


def cals_of(
    context: Context,
    unit: UnitCode,
    product: str,
    pairs: Sequence[AccessPair],
    holdings: Sequence[Holding],
    default: str,
) -> Access:
    """Return the fewest licences for the pairs: users, devices, or a minimum cover of both.

    First the fewest that are lacking, then the fewest to order, then the fewest in all, then lowest right to lowest
    name. A licence of a version serves servers of that version and earlier ones.
    """
    mine = [holding for holding in holdings if holding.right.metric in CALS]
    case, pseudo = _pseudo(context, unit, product, mine)
    reach = [slot for slot in case.slots.values() if case.reach(pseudo, slot) is not None]
    usable = [slot for slot in reach if slot.right.id in case.valid]
    kinds = {right.metric for right in case.rights.values()} or {default}
    sides = sorted({side for kind in kinds for side in SIDES[kind]})
    told = {(str(pair.person), pair.machine, pair.line) for pair in pairs}
    unique = sorted(told, key=lambda pair: (*pair[:2], pair[2] or ""))
    ranks = ranks_of(context.products[product])
    model = _Cover(unique, usable, sides, ranks, context)
    used, given, lacking = model.solve(context.seed)
    lines = [AccessLine(unit, product, _KINDS[side], name, 1, order[0]) for (side, name), order in given.items()]
    right, failing = _first_cal(case, pseudo, context, [rank for rank in model.highest if rank is not None])
    lines += [
        AccessLine(unit, product, _KINDS[side], name, 1, right.id if right else None, failing) for side, name in lacking
    ]
    metric = "mixed_cal" if len(sides) > 1 else next(k for k in CALS if SIDES[k] == tuple(sides))
    required = Fraction(len(given) + len(lacking))
    return _access(context, unit, product, metric, len(unique), required, used, case.slots, lines)


_KINDS = ("user", "device")
Name = tuple[int, str]


class _Cover:
    """Integer programme of one set of pairs: who gets which licence so that every pair is served."""

    def __init__(
        self,
        pairs: Sequence[tuple[str, str, str | None]],
        slots: Sequence[Slot],
        sides: Sequence[int],
        ranks: Mapping[str | None, int],
        context: Context,
    ) -> None:
        self.slots = sorted(slots, key=lambda slot: slot.order)
        self.context = context
        self.names: list[Name] = sorted({(side, pair[:2][side]) for pair in pairs for side in sides})
        self.variables: list[tuple[Name, Slot | None]] = [
            (name, slot) for slot in self.slots for name in self.names if name[0] in SIDES[slot.right.metric]
        ]
        self.variables += [(name, None) for name in self.names]
        of_name: defaultdict[Name, list[int]] = defaultdict(list)
        of_slot: defaultdict[Order, list[int]] = defaultdict(list)
        for n, (name, slot) in enumerate(self.variables):
            of_name[name].append(n)
            if slot is not None:
                of_slot[slot.order].append(n)
        self.rows = [
            Row(tuple((n, 1) for n in of_slot[slot.order]), capacity)
            for slot in self.slots
            if (capacity := self._capacity(slot)) is not None
        ]
        self.highest: list[str | None] = [line for _, _, line in pairs]
        for user, device, line in pairs:
            serving = [n for n in of_name[(0, user)] + of_name[(1, device)] if self._serves(n, line, ranks)]
            self.rows.append(Row(tuple((n, 1) for n in sorted(serving)), len(serving), 1))

    def _capacity(self, slot: Slot) -> int | None:
        return None if is_unlimited(slot.right, self.context.on) else slot.capacity

    def _serves(self, variable: int, line: str | None, ranks: Mapping[str | None, int]) -> bool:
        _, slot = self.variables[variable]
        return slot is None or serves(slot.right, line, ranks)

    def solve(self, seed: int) -> tuple[dict[Order, int], dict[Name, Order], list[Name]]:
        """Return what is used of each slot, who has which licence, and who lacks one."""
        order = {slot.order: n for n, slot in enumerate(self.slots)}
        objectives = [
            [int(slot is None) for _, slot in self.variables],
            [int(slot is not None and slot.right.true_up) for _, slot in self.variables],
            [1] * len(self.variables),
            [int(slot is not None and is_unlimited(slot.right, self.context.on)) for _, slot in self.variables],
            [0 if slot is None else order[slot.order] for _, slot in self.variables],
        ]
        programme = Programme([1] * len(self.variables), self.rows, seed)
        values = canonical(programme, objectives, range(len(self.variables))) if self.variables else []
        used: defaultdict[Order, int] = defaultdict(int)
        given, lacking = {}, []
        for (name, slot), value in zip(self.variables, values, strict=True):
            if value and slot is not None:
                used[slot.order] += 1
                given[name] = slot.order
            elif value:
                lacking.append(name)
        return dict(used), given, lacking


def serves(right: Entitlement, line: str | None, ranks: Mapping[str | None, int]) -> bool:
    """Return whether an access licence is of the server's version or a later one; what is unsaid fits."""
    if right.line is None or line is None or right.line == line:
        return True
    return right.line in ranks and line in ranks and ranks[right.line] >= ranks[line]


def _first_cal(
    case: FamilyCase, copy: Copy, context: Context, lines: Sequence[str]
) -> tuple[Entitlement | None, Failing]:
    ranks = ranks_of(context.products[copy.product])
    rights = sorted(case.rights.values(), key=lambda right: right.id)
    failing = {}
    for right in rights:
        reaches = any(case.reach(copy, slot) is not None for slot in case.slots.values() if slot.right is right)
        is_old = bool(lines) and not all(serves(right, line, ranks) for line in lines)
        told = (*(() if reaches else (Failing.UNIT,)), *term_conditions(right, context.on))
        failing[right.id] = (*told, Failing.VERSION) if is_old else told
    return first_right(rights, failing, {})

"""Core, processor, host and value-unit metrics: what servers need, and how far the rights go.

Servers of one legal entity are counted together, since some metrics round over all of them. Every server (or the
host that answers for it) is a demand of so many units; fractions are scaled to whole numbers for the flow. What
rounding over several adds is a demand of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import lcm

from auditor.core.allocation.edges import is_unlimited
from auditor.core.allocation.problem import Demand, Problem, Solution
from auditor.core.allocation.slots import Order, Slot, Stages
from auditor.core.allocation.stages import allocate
from auditor.core.entitlement import CountingRule, Entitlement, SourceType
from auditor.core.explaining import Explainer
from auditor.core.family import Context, FamilyCase
from auditor.core.holdings import Holding
from auditor.core.model import Copy, Failing, Hardware, Machine, MachineClass, ProductId, UnitCode
from rules.metrics.base import Family, Server, ServerMetric
from rules.metrics.named_user_plus import NAMED_USER_PLUS, with_users
from rules.metrics.roster import metric_named
from rules.metrics.server import SERVER
from rules.metrics.server_instance import SERVER_INSTANCE
from rules.metrics.tiered import TIERED, TIERS, tiered
from rules.product import Product

MEASURED = (NAMED_USER_PLUS.id, TIERED.id)
"""Metrics that count what somebody tells, whatever is installed."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """What one unit needs of one product by one metric. `required` = covered + to order + short."""

    unit: UnitCode
    product: str
    metric: str
    required: Fraction
    covered: Fraction
    to_order: Fraction
    by_unlimited: Fraction
    to_buy: int


@dataclass(frozen=True, eq=False)
class Counted:
    """The answer for one product in one legal entity."""

    quantities: tuple[Quantity, ...]
    used: dict[Order, Fraction]
    covered: dict[str, Entitlement]
    """Copy key → a right that covers its server wholly."""
    failing: dict[str, tuple[Entitlement | None, Failing]]
    case: FamilyCase


@dataclass(frozen=True, eq=False)
class _Share:
    name: str
    unit: UnitCode
    need: Fraction
    copies: tuple[Copy, ...]


def server_metric(rows: Sequence[Entitlement], default: str | None, valid: Mapping[int, bool]) -> str | None:
    """Return the server metric that a product is counted by: of the first valid row, else of any, else its own."""
    told = [row.metric for row in rows if valid[row.id]] + [row.metric for row in rows]
    for metric in [*told, *([default] if default else [])]:
        if metric_named(metric).family is Family.SERVERS:
            return metric
    return None


def asks_processors(metric: str, figures: CountingRule, *, is_measured: bool) -> bool:
    """Return whether a metric cannot say what a server needs before its processors are known."""
    if metric == NAMED_USER_PLUS.id:
        return figures.minimum_users_per == "processor"
    return metric not in (SERVER.id, SERVER_INSTANCE.id) and not (metric == TIERED.id and is_measured)


def server_of(machine: Machine, *, is_bare: bool = False) -> Server | None:
    """Return what server metrics ask of a machine, `None` when nothing is known of its processors.

    `is_bare`: also without any processors.
    """
    hardware = machine.hardware
    is_guest = machine.machine_class is MachineClass.VIRTUAL
    if hardware is None or (not hardware.cores and not is_guest):
        if not is_bare:
            return None
        hardware = hardware or Hardware()
    return Server(
        machine.code or machine.key,
        () if is_guest else hardware.cores,
        is_guest,
        hardware.vcpus,
        hardware.host,
        hardware.cluster,
        hardware.factor,
        hardware.points,
        hardware.runs_workload,
    )


def count_servers(
    context: Context,
    metric_id: str,
    copies: Sequence[Copy],
    holdings: Sequence[Holding],
    *,
    measured: Fraction | None = None,
) -> Counted:
    """Return the answer for the copies of one product in one legal entity. `measured`: users or resources told."""
    metric = metric_named(metric_id)
    assert isinstance(metric, ServerMetric)
    mine = [holding for holding in holdings if holding.right.metric == metric_id]
    case = FamilyCase(context, copies, mine)
    case.of_copy = {copy.key: case.situation(copy) for copy in case.copies}
    figures = figures_of([h.right for h in mine if h.right.id in case.valid] or [h.right for h in mine], context.on)
    shares, rest = _shares(context, metric, figures, case.copies, measured)
    scale = lcm(*(share.need.denominator for share in (*shares, *rest)), 1)
    slots = {order: replace(slot, capacity=slot.capacity * scale) for order, slot in case.slots.items()}
    demands, owner = [], {}
    for number, share in enumerate((*shares, *rest)):
        key = f"{number:07d} {share.name}"
        owner[key] = share
        if share.need:
            demands.append(Demand(key, int(share.need * scale), _edges(case, share)))
    solution = allocate(Problem(slots, demands, (), case.upgrades, context.seed))
    flows = solution.flows
    total = sum((share.need for share in owner.values()), Fraction(0))
    got = Fraction(sum(count for parts in flows.values() for _, count in parts), scale)
    to_buy = -((got - total).numerator // (got - total).denominator)
    if figures.all_or_nothing and got < total:
        flows = {}
    case.solution = _whole_rights(solution.used if flows else {}, scale)
    return _counted(context, metric_id, case, owner, flows, slots, scale, to_buy)


def figures_of(rights: Sequence[Entitlement], on: date) -> CountingRule:
    """Return the figures of the contract: of the first right. Guest by guest is a matter of maintenance or of a
    subscription (METRICS §2): without either on the day, hosts are counted."""
    if not rights:
        return CountingRule()
    first = rights[0]
    is_kept = any(period.starts_on <= on <= period.ends_on for period in first.maintenance)
    if first.counting.per_vm and not is_kept and first.source_type is not SourceType.SUBSCRIPTION:
        return replace(first.counting, per_vm=False)
    return first.counting


def count_measured(
    context: Context, metric: str, product: Product, entity: UnitCode, holdings: Sequence[Holding], measured: Fraction
) -> Counted:
    """Return the answer for what is told of a product that no machine bears: users or resources of a legal entity."""
    nowhere = Machine(None, None, entity)
    copy = Copy(nowhere.key, entity, entity, None, ProductId(product.id), product.zh, product.category, product.kind,
                product.licensing.licence_class, None, None, None, None, (), "")  # fmt: skip
    there = replace(context, machines={**context.machines, nowhere.key: nowhere})
    return count_servers(there, metric, [copy], holdings, measured=measured)


def _whole_rights(used: Mapping[Order, int], scale: int) -> Solution:
    """Return a solution that says what was used in whole rights, rounded up."""
    return Solution(used={order: -(-count // scale) for order, count in used.items()})


def _edges(case: FamilyCase, share: _Share) -> dict[Order, Stages]:
    """Return the slots that fit every copy on the host."""
    told = [case.of_copy[copy.key].edges for copy in share.copies]
    common = set.intersection(*(set(edges) for edges in told)) if told else set()
    return {order: told[0][order] for order in sorted(common)}


def _shares(
    context: Context, metric: ServerMetric, figures: CountingRule, copies: Sequence[Copy], measured: Fraction | None
) -> tuple[list[_Share], list[_Share]]:
    is_asked = asks_processors(metric.id, figures, is_measured=measured is not None)
    bare = set() if is_asked else {copy.machine for copy in copies}
    told = ((key, server_of(m, is_bare=key in bare and m.id is not None)) for key, m in context.machines.items())
    known = {server.id: server for _, server in told if server is not None}
    machines = {(m.code or m.key): m for m in context.machines.values()}
    by_server: defaultdict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        machine = context.machines[copy.machine]
        by_server[machine.code or machine.key].append(copy)
    servers = [known[id] for id in sorted(by_server) if id in known]
    needs = metric.shares(servers, known, figures) if metric is not TIERED or measured is None else {}
    shares = []
    for id, need in sorted(needs.items()):
        on_it = [s for s in by_server if s == id or (s in known and known[s].host == id)]
        mine = tuple(copy for s in sorted(on_it) for copy in by_server[s]) or tuple(copies[:1])
        machine = machines.get(id) or context.machines[mine[0].machine]
        shares.append(_Share(id, context.tree.unit_of(machine.unit, mine[0].unit), need, mine))
    total = metric.required_of(servers, known, figures)
    if metric is NAMED_USER_PLUS and measured is not None:
        total = with_users(total, int(measured))
    elif metric is TIERED and measured is not None:
        total = tiered(measured, figures.tiers or TIERS)
    return _with_rest(context, shares, total, copies)


def _with_rest(
    context: Context, shares: list[_Share], total: Fraction, copies: Sequence[Copy]
) -> tuple[list[_Share], list[_Share]]:
    """Let the shares and one for the rest add up to the total; where it is less, shrink the shares alike."""
    told = sum((share.need for share in shares), Fraction(0))
    first = shares[0] if shares else None
    if total < told and told:
        return [replace(share, need=share.need * total / told) for share in shares], []
    if total == told:
        return shares, []
    unit = first.unit if first is not None else context.tree.unit_of(copies[0].department, copies[0].unit)
    mine = first.copies if first is not None else tuple(copies[:1])
    return shares, [_Share("rest", unit, total - told, mine)]


def _counted(
    context: Context,
    metric: str,
    case: FamilyCase,
    owner: Mapping[str, _Share],
    flows: Mapping[str, list[tuple[Order, int]]],
    slots: Mapping[Order, Slot],
    scale: int,
    to_buy: int,
) -> Counted:
    sums: defaultdict[UnitCode, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 4)
    covered: dict[str, Entitlement] = {}
    uncovered: list[Copy] = []
    used: defaultdict[Order, Fraction] = defaultdict(Fraction)
    for key, share in owner.items():
        parts = [(order, Fraction(count, scale)) for order, count in flows.get(key, ())]
        for order, count in parts:
            used[order] += count
        open_parts = [(slots[order], count) for order, count in parts]
        got = sum((n for slot, n in open_parts if not slot.right.true_up), Fraction(0))
        later = sum((n for slot, n in open_parts if slot.right.true_up), Fraction(0))
        free = sum((n for slot, n in open_parts if is_unlimited(slot.right, context.on)), Fraction(0))
        sums[share.unit] = [a + b for a, b in zip(sums[share.unit], (share.need, got, later, free), strict=True)]
        if share.need and got + later == share.need:
            covered |= {copy.key: open_parts[0][0].right for copy in share.copies if share.name != "rest"}
        elif share.name != "rest":
            uncovered += share.copies
    explainer = Explainer(case, [])
    failing = {copy.key: explainer.first(copy) for copy in uncovered}
    quantities = []
    left = to_buy
    for number, (unit, (need, got, later, free)) in enumerate(sorted(sums.items())):
        lacking = need - got - later
        mine = -(-lacking.numerator // lacking.denominator)
        mine = left if number == len(sums) - 1 else min(left, mine)
        left -= mine
        product = case.copies[0].product
        quantities.append(Quantity(unit, product, metric, need, got, later, free, mine))
    return Counted(tuple(quantities), dict(used), covered, failing, case)

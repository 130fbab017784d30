"""Copies, access and the ledger of a day → assignments and positions: the counting that every way in shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from functools import cached_property

from auditor.core.access import CALS, Access, cals_of, heads_of, is_access, sessions_of
from auditor.core.allocation.edges import is_bound, needs_person, term_conditions
from auditor.core.allocation.problem import Demand, Problem
from auditor.core.allocation.slots import Level, Order, Slot, terms_of
from auditor.core.allocation.stages import allocate
from auditor.core.bearing import Bearers, CopyGroup, CopyKind, Part, codes_on
from auditor.core.entitlement import Entitlement, FreeSoftware, SoftwareType
from auditor.core.evidence import SignSeen, Watched, evidence_class, failed, signs_against
from auditor.core.explaining import Explainer
from auditor.core.family import Context, FamilyCase, Situation, products_of
from auditor.core.holdings import Holding, Ledger, ledger_of
from auditor.core.ledger_acts import AccessPair, Disposal, Exemption, Measured, Session, Transfer, is_in_force
from auditor.core.model import (
    Assignment,
    Copy,
    Evidence,
    Failing,
    Machine,
    Person,
    PersonId,
    Reason,
    Right,
    Unit,
    UnitCode,
)
from auditor.core.organisation import UnitTree
from auditor.core.quantities import (
    MEASURED,
    Counted,
    Quantity,
    asks_processors,
    count_measured,
    count_servers,
    figures_of,
    server_metric,
    server_of,
)
from auditor.core.standing import NOTHING, Bench, Standing
from auditor.core.trial import last_day_of_trial
from auditor.core.verdict import MUST_BE_COVERED
from rules.metrics.base import Family
from rules.metrics.roster import metric_named
from rules.product import LicenceClass, Product

SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Counting:
    """What one count rests on. Sequences may come in any order."""

    on: date
    units: Sequence[Unit]
    people: Sequence[Person]
    machines: Mapping[str, Machine]
    copies: Sequence[Copy]
    products: Mapping[str, Product]
    entitlements: Sequence[Entitlement]
    free_list: Sequence[FreeSoftware] = ()
    transfers: Sequence[Transfer] = ()
    disposals: Sequence[Disposal] = ()
    exemptions: Sequence[Exemption] = ()
    sessions: Sequence[Session] = ()
    pairs: Sequence[AccessPair] = ()
    measured: Sequence[Measured] = ()
    signs: Mapping[str, Sequence[SignSeen]] = field(default_factory=dict)
    watched: Watched = frozenset()
    previous: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    zone: tzinfo = SHANGHAI
    window_days: int = 30
    as_of_moment: datetime | None = None
    groups: Sequence[CopyGroup] = ()
    """Copies by kind and unit, beside `copies`."""
    bearers: Bearers | None = None
    """The machines that groups number."""


@dataclass(eq=False)
class Count:
    """What the count worked out, before it is added up to positions."""

    ledger: Ledger
    assignments: list[Assignment] = field(default_factory=list)
    """Of single copies."""
    parts: list[Part] = field(default_factory=list)
    """Of copies that stand alike; there are some where copies came in groups."""
    quantities: list[Quantity] = field(default_factory=list)
    access: list[Access] = field(default_factory=list)
    slots: dict[Order, Slot] = field(default_factory=dict)
    used: defaultdict[Order, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    interchangeable: dict[str, object] = field(default_factory=dict)
    """Copy key → what it shares with copies that no stage can tell from it."""
    by_server: set[str] = field(default_factory=set)
    """Keys of copies that quantities count, not copies."""
    by_access: set[str] = field(default_factory=set)


def count(given: Counting, tree: UnitTree) -> Count:
    """Return the count of the day; it does not depend on the order of anything."""
    return _Counter(given, tree).run()


class _Counter:
    def __init__(self, given: Counting, tree: UnitTree) -> None:
        self.given, self.tree = given, tree
        paid = [row for row in given.entitlements if row.software_type is not SoftwareType.FREE]
        ledger = ledger_of(paid, given.transfers, given.disposals, given.units, on=given.on)
        self.count = Count(ledger)
        self.of_product: defaultdict[str, list[Holding]] = defaultdict(list)
        for holding in ledger.holdings:
            for product in sorted(products_of(holding.right)):
                if product in given.products:
                    self.of_product[product].append(holding)
        self.valid = {row.id: not term_conditions(row, given.on) for row in ledger.rights}
        named = [one for one in given.exemptions if one.machine is not None or one.product is not None]
        in_force = [one for one in named if is_in_force(one.starts_on, one.ends_on, given.on)]
        self.exemptions = sorted(in_force, key=lambda one: one.id)
        known = {person.id for person in given.people}
        loud = {key for key, machine in given.machines.items() if key in given.signs or failed(machine)}
        self.groups: dict[str, list[CopyGroup]] = {}
        """Product → what is counted by groups."""
        self.free_groups: list[CopyGroup] = []
        self.noisy: set[int] = set()
        made = self._kept_apart(loud)
        self.copies = [
            replace(copy, person=None) if known and copy.person not in known else copy
            for copy in (*given.copies, *made)
        ]
        self.evidence: dict[str, tuple[Evidence, tuple[SignSeen, ...]]] = {}
        for copy in self.copies:
            if copy.machine in loud:
                self.evidence[copy.key] = self._evidence(copy)
        self._listen(loud)
        adverse = {
            key for key, (told, _) in self.evidence.items() if told in (Evidence.ONE_STRONG, Evidence.CONCLUSIVE)
        }
        adverse |= {
            copy.key for copy in self.copies if copy.licence_class is LicenceClass.TRIAL and self._in_trial(copy)
        }
        self.context = Context(
            given.on, tree, given.machines, given.products, given.previous, frozenset(adverse), given.seed
        )
        free_rows = [row for row in given.entitlements if row.software_type is SoftwareType.FREE]
        self.bench = Bench(self.context, self.evidence, free_rows, given.free_list)

    def run(self) -> Count:
        needing: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in sorted(self.copies, key=lambda copy: copy.key):
            if copy.licence_class not in MUST_BE_COVERED:
                self.count.assignments.append(self.bench.without_right(copy))
                continue
            exemption = self._exemption(copy) if self.exemptions else None
            if exemption is not None:
                self.count.assignments.append(self.bench.exempt(copy, exemption))
            else:
                needing[copy.product].append(copy)
        self._count_access(needing)
        products = sorted({*needing, *self.groups, *(p for p in self.of_product if p in self.given.products)})
        for family in self._families(products):
            groups = [group for product in family for group in self.groups.get(product, ())]
            if groups:
                self._count_groups(family, groups)
            else:
                self._count_family(family, needing)
        for group in self.free_groups:
            lead = self._bearers.first(group, group.members[0])
            self.count.parts.append(Part(self.bench.without_right(lead), group.like, group.members))
        self.count.assignments.sort(key=lambda assignment: assignment.copy.key)
        return self.count

    def _evidence(self, copy: Copy) -> tuple[Evidence, tuple[SignSeen, ...]]:
        signs = signs_against(copy, self.given.signs.get(copy.machine, ()))
        return evidence_class(copy, self.given.machines[copy.machine], signs, watched=self.given.watched), signs

    def _in_trial(self, copy: Copy) -> bool:
        machine = self.given.machines[copy.machine]
        last = last_day_of_trial(copy, machine, self.given.products[copy.product])
        return last is not None and self.given.on <= last

    def _exemption(self, copy: Copy) -> Exemption | None:
        code = self.given.machines[copy.machine].code
        for one in self.exemptions:
            if one.machine not in (None, code, copy.machine) or one.product not in (None, copy.product):
                continue
            if (
                one.unit is None
                or self.tree.distance(self.tree.unit_of(copy.department, copy.unit), one.unit) is not None
            ):
                return one
        return None

    def _families(self, products: Sequence[str]) -> list[list[str]]:
        """Group products that a suite right connects."""
        group: dict[str, set[str]] = {product: {product} for product in products}
        for row in self.count.ledger.rights:
            if row.suite is None:
                continue
            merged: set[str] = set()
            for product in products_of(row) & group.keys():
                merged |= group[product]
            for product in merged:
                group[product] = merged
        return [sorted(members) for members in {id(m): m for m in group.values()}.values()]

    # --- groups --------------------------------------------------------------------------------------------------

    @property
    def _bearers(self) -> Bearers:
        assert self.given.bearers is not None
        return self.given.bearers

    def _kept_apart(self, loud: set[str]) -> list[Copy]:
        """Sort the groups; return the copies of those that have to be counted one by one."""
        if not self.given.groups:
            return []
        noisy = {self._bearers.numbers[key] for key in loud if key in self._bearers.numbers}
        made: list[Copy] = []
        paid: defaultdict[str, list[CopyGroup]] = defaultdict(list)
        for group in self.given.groups:
            if group.like.licence_class in MUST_BE_COVERED:
                paid[group.like.product].append(group)
                continue
            quiet = group.members if noisy.isdisjoint(group.members) else [n for n in group.members if n not in noisy]
            if len(quiet) < len(group.members):
                made += [self._bearers.copy(group.like, n) for n in group.members if n in noisy]
            if quiet:
                self.free_groups.append(CopyGroup(group.like, group.unit, quiet))
        single = {copy.product for copy in self.given.copies} | self._told_of()
        products = sorted({*paid, *single, *(p for p in self.of_product if p in self.given.products)})
        for family in self._families(products):
            mine = [group for product in family for group in paid.get(product, ())]
            if single.isdisjoint(family) and mine and self._is_plain(family, mine):
                self.groups |= {product: paid[product] for product in family if product in paid}
            else:
                made += [self._bearers.copy(group.like, number) for group in mine for number in group.members]
        return made

    def _told_of(self) -> set[str]:
        """Return the products of which somebody tells access, sessions or quantities, or exempts copies."""
        given = self.given
        told = {one.product for rows in (given.sessions, given.pairs, given.measured) for one in rows}
        freed = {one.product for one in self.exemptions if one.product is not None}
        everything = {group.like.product for group in given.groups}
        return {str(p) for p in told | freed} | (
            everything if any(e.product is None for e in self.exemptions) else set()
        )

    def _is_plain(self, family: Sequence[str], groups: Sequence[CopyGroup]) -> bool:
        """Whether nothing asks for more than unit and kind of a copy: each unit of a right covers one copy, open to
        all."""
        if any(group.like.licence_class is LicenceClass.TRIAL for group in groups):
            return False
        for product in family:
            metric = self.given.products[product].licensing.metric
            own = metric_named(metric).family if metric is not None else Family.COPIES
            if self._server_metric(product) is not None or own is not Family.COPIES:
                return False
        rights = [holding.right for product in family for holding in self.of_product[product]]
        return all(self._is_open(right) for right in rights)

    def _is_open(self, right: Entitlement) -> bool:
        is_asking = bool(right.places or right.bound_people or right.upgrade_from or right.suite is not None)
        is_single = self._family_of(right) is Family.COPIES and terms_of(right).level is Level.COPY
        return is_single and not is_asking and not is_bound(right) and not needs_person(right)

    def _listen(self, loud: set[str]) -> None:
        """Weigh the signs on machines whose copies are counted by groups."""
        if not self.groups:
            return
        self.noisy = {self._bearers.numbers[key] for key in loud if key in self._bearers.numbers}
        for group in (group for groups in self.groups.values() for group in groups):
            for number in () if self.noisy.isdisjoint(group.members) else self.noisy.intersection(group.members):
                copy = self._bearers.first(group, number)
                found = self._evidence(copy)
                if found != NOTHING:
                    self.evidence[copy.key] = found

    def _alike(self, group: CopyGroup) -> Iterator[tuple[list[int], str]]:
        """Split a group by what was found against its copies and by the codes that they had, told with each."""
        bearers = self._bearers
        quiet = group.members
        code = codes_on(self.given.previous, group.like.tail, bearers.keys) if self.given.previous else None
        if not self.noisy.isdisjoint(group.members):
            tail = group.like.tail
            told = {n for n in group.members if f"{bearers.keys[n]}|{tail}" in self.evidence}
            yield from (([n], code(n) if code is not None else "") for n in sorted(told))
            quiet = [n for n in group.members if n not in told]
        if code is None:
            if quiet:
                yield quiet, ""
            return
        by_code: defaultdict[str, list[int]] = defaultdict(list)
        for number in quiet:
            by_code[code(number)].append(number)
        yield from ((mine, before) for before, mine in by_code.items())

    def _count_groups(self, family: Sequence[str], groups: Sequence[CopyGroup]) -> None:
        """Count a family whose copies differ in kind and unit alone; units that reach the same rights are one class."""
        holdings = list({id(h): h for product in family for h in self.of_product[product]}.values())
        holdings.sort(key=lambda holding: (holding.right.id, holding.unit))
        case = FamilyCase(self.context, [], holdings, many=sum(len(group.members) for group in groups))
        classes: dict[tuple[object, ...], Situation] = {}
        bearing: dict[tuple[object, ...], _Bearing] = {}
        for group in sorted(groups, key=lambda group: group.like.tail):
            kind = group.like
            for mine, before in self._alike(group):
                lead = self._bearers.first(group, mine[0])
                told = (kind.product, kind.edition, kind.line, kind.version, lead.key in self.context.adverse, before)
                unit = self.tree.unit_of(lead.department, lead.unit)
                found = bearing.get((told, unit))
                if found is not None:
                    found.parts.append((lead, kind, mine))
                    continue
                name = (told, case.reaches(lead))
                if name not in classes:
                    classes[name] = case.of_copy[lead.key] = case.situation(lead, before)
                bearing[(told, unit)] = _Bearing(classes[name], before, (told[:-1], unit), [(lead, kind, mine)])
        demands = [one.demand() for one in bearing.values()]
        case.solution = allocate(Problem(case.slots, demands, (), case.upgrades, self.context.seed))
        self._keep_use(case)
        flows = [case.solution.flows.get(demand.key, []) for demand in demands]
        served = {(order, id(one.situation)): (order, one.situation)
                  for one, flow in zip(bearing.values(), flows, strict=True) for order, _ in flow}  # fmt: skip
        explainer = Explainer(case, [], list(served.values()))
        known: dict[tuple[int, Order | None], Standing] = {}
        for one, flow in zip(bearing.values(), flows, strict=True):
            for order, lead, kind, mine in _handed(one.parts, flow):
                standing = known.get((id(one.situation), order))
                if standing is None:
                    slot = case.slots[order] if order is not None else None
                    standing = self.bench.alone(one.situation.copy, slot, case, explainer, one.before)
                    known[(id(one.situation), order)] = standing
                self.count.parts.append(Part(self.bench.assignment(lead, standing), kind, mine, one.alike))

    # --- copies and servers --------------------------------------------------------------------------------------

    def _count_family(self, family: Sequence[str], needing: Mapping[str, list[Copy]]) -> None:
        holdings = list({id(h): h for product in family for h in self.of_product[product]}.values())
        holdings.sort(key=lambda holding: (holding.right.id, holding.unit))
        copies = [
            copy for product in family for copy in needing.get(product, ()) if copy.key not in self.count.by_access
        ]
        servers = {product: self._server_metric(product) for product in family}
        plain = [h for h in holdings if self._family_of(h.right) not in (Family.SERVERS, Family.ACCESS)]
        by_server = [copy for copy in copies if servers[copy.product] is not None]
        if by_server and not plain:
            copies = [copy for copy in copies if servers[copy.product] is None]
        case = FamilyCase(self.context, copies, plain)
        units = case.units()
        self._keep_use(case)
        explainer = Explainer(case, units)
        left: defaultdict[tuple[str, UnitCode], list[Copy]] = defaultdict(list)
        for copy in by_server if not plain else ():
            left[(copy.product, copy.unit)].append(copy)
        for unit in units:
            lead = unit.copies[0]
            if unit.slot is None and servers[lead.product] is not None:
                for copy in unit.copies:
                    left[(copy.product, copy.unit)].append(copy)
                continue
            self.count.assignments += self.bench.of_unit(unit, case, explainer)
            for copy in unit.copies:
                is_single = len(unit.copies) == 1
                self.count.interchangeable[copy.key] = case.of_copy[copy.key].alike if is_single else copy.key
        rest = [h for h in holdings if self._family_of(h.right) is Family.SERVERS]
        for product in family:
            if servers[product] in MEASURED and not plain:
                told = {self._entity(m.unit) for m in self.given.measured if m.product == product}
                left.update({(product, entity): [] for entity in told if (product, entity) not in left})
        for (product, entity), mine in sorted(left.items()):
            self._count_servers(product, entity, servers[product] or "", mine, rest)
        for product in family:
            if servers[product] is not None and not any(p == product for p, _ in left):
                self._keep_idle([h for h in rest if h.right.product == product])

    def _family_of(self, right: Entitlement) -> Family:
        return metric_named(right.metric).family

    def _server_metric(self, product: str) -> str | None:
        rows = [holding.right for holding in self.of_product[product] if holding.right.product == product]
        return server_metric(rows, self.given.products[product].licensing.metric if not rows else None, self.valid)

    def _keep_use(self, case: FamilyCase) -> None:
        self.count.slots |= case.slots
        for order, number in case.solution.used.items():
            self.count.used[order] += number
        for (base, _), number in case.solution.bases.items():
            self.count.used[base] += number

    def _keep_idle(self, holdings: Sequence[Holding]) -> None:
        self.count.slots |= FamilyCase(self.context, [], holdings).slots

    def _count_servers(
        self, product: str, entity: UnitCode, metric: str, copies: list[Copy], holdings: Sequence[Holding]
    ) -> None:
        blind: list[Copy] = []
        seen: list[Copy] = []
        measured = self._measured(product, entity)
        mine = self._left_over([holding for holding in holdings if holding.right.product == product])
        rows = [h.right for h in mine if h.right.metric == metric]
        figures = figures_of([row for row in rows if self.valid[row.id]] or rows, self.given.on)
        is_bare = not asks_processors(metric, figures, is_measured=measured is not None)
        for copy in copies:
            server = server_of(self.given.machines[copy.machine], is_bare=is_bare)
            (blind if server is None else seen).append(copy)
        self.count.by_server |= {copy.key for copy in copies}
        for copy in blind:
            standing = Standing(None, None, Right.NOT_VISIBLE, failing=Failing.NO_DATA)
            self.count.assignments.append(self.bench.assignment(copy, standing))
        if not seen:
            if not copies and measured:
                of = self.given.products[product]
                self._keep_quantities(count_measured(self.context, metric, of, entity, mine, measured))
            self._keep_idle(mine)
            return
        found = count_servers(self.context, metric, seen, mine, measured=measured)
        self._keep_quantities(found)
        for copy in seen:
            right = found.covered.get(copy.key)
            if right is not None:
                reason = found.case.of_copy[copy.key].matches[right.id].reason
                reason = Reason.TRUE_UP if right.true_up else reason
                standing = Standing(right.code, right.id, Right.COVERED, reason)
            else:
                best, failing = found.failing.get(copy.key, (None, Failing.NO_RIGHT))
                code = best.code if best is not None and found.case.may_use(copy, best) else None
                standing = Standing(code, best.id if best else None, Right.SHORT, None, failing, over=code is not None)
            self.count.assignments.append(self.bench.assignment(copy, standing))

    def _keep_quantities(self, found: Counted) -> None:
        self.count.quantities += found.quantities
        self.count.slots |= {order: slot for order, slot in found.case.slots.items() if order not in self.count.slots}
        for order, number in found.used.items():
            self.count.used[order] += number

    def _measured(self, product: str, entity: UnitCode) -> Fraction | None:
        """Return the users or resources that somebody tells of a product in a legal entity."""
        told = [m.quantity for m in self.given.measured if m.product == product and self._entity(m.unit) == entity]
        return sum(told, Fraction(0)) if told else None

    def _left_over(self, holdings: Sequence[Holding]) -> list[Holding]:
        """Return holdings less what earlier legal entities used of them."""
        taken: defaultdict[tuple[int, UnitCode], Fraction] = defaultdict(Fraction)
        for order, number in self.count.used.items():
            slot = self.count.slots[order]
            taken[(slot.right.id, slot.unit)] += number
        kept = []
        for holding in holdings:
            used = taken[(holding.right.id, holding.unit)]
            whole = -(-used.numerator // used.denominator)
            kept.append(replace(holding, rights=holding.rights - whole) if whole else holding)
        return kept

    # --- access --------------------------------------------------------------------------------------------------

    def _entity(self, unit: UnitCode | None) -> UnitCode:
        return self.tree.legal_entity_of(unit)

    def _metrics_of(self, product: str) -> set[str]:
        rows = {h.right.metric for h in self.of_product[product] if h.right.product == product}
        own = self.given.products[product].licensing.metric
        return rows or ({own} if own is not None else set())

    def _count_access(self, needing: Mapping[str, list[Copy]]) -> None:
        told: defaultdict[tuple[str, str, UnitCode], list[object]] = defaultdict(list)
        for session in self.given.sessions:
            told[(session.product, "concurrent", self._entity(self._unit_of(session)))].append(session)
        for pair in self.given.pairs:
            told[(pair.product, "cal", self._entity(self._unit_of(pair)))].append(pair)
        for measured in self.given.measured:
            if "employee" in self._metrics_of(measured.product):
                told[(measured.product, "employee", self._entity(measured.unit))].append(measured)
        for product in sorted(self.of_product):
            if "employee" in self._metrics_of(product):
                for entity in self._holders(product, {"employee"}):
                    told.setdefault((product, "employee", entity), [])
        seen: set[tuple[str, str]] = set()
        for (product, kind, entity), lines in sorted(told.items(), key=lambda item: item[0]):
            if product in self.given.products:
                seen.add((product, kind))
                self._add_access(self._access(product, kind, entity, lines))
        self._idle_access(seen)
        for product, copies in needing.items():
            metrics = self._metrics_of(product)
            if metrics and all(is_access(metric) for metric in metrics):
                self._access_copies(product, copies)

    def _unit_of(self, told: Session | AccessPair) -> UnitCode | None:
        if told.unit is not None:
            return told.unit
        if told.person in self._unit_of_person:
            return self._unit_of_person[told.person]
        return self._unit_of_machine.get(told.machine) if told.machine else None

    @cached_property
    def _unit_of_person(self) -> dict[PersonId | None, UnitCode]:
        return {person.id: person.unit for person in reversed(self.given.people)}  # the first of an id stands

    @cached_property
    def _unit_of_machine(self) -> dict[str | None, UnitCode | None]:
        """By code and by key; the first machine of a name stands."""
        return {name: m.unit for m in reversed([*self.given.machines.values()]) for name in (m.code, m.key)}

    def _holders(self, product: str, metrics: set[str]) -> list[UnitCode]:
        holders = {self._entity(h.unit) for h in self.of_product[product] if h.right.metric in metrics}
        return sorted(holders)

    def _access(self, product: str, kind: str, entity: UnitCode, lines: list[object]) -> Access:
        holdings = self._left_over([h for h in self.of_product[product] if h.right.product == product])
        if kind == "concurrent":
            sessions = [line for line in lines if isinstance(line, Session)]
            given = self.given
            return sessions_of(
                self.context, entity, product, sessions, holdings,
                zone=given.zone, window_days=given.window_days, as_of_moment=given.as_of_moment,
            )  # fmt: skip
        if kind == "cal":
            pairs = [line for line in lines if isinstance(line, AccessPair)]
            own = self.given.products[product].licensing.metric
            return cals_of(self.context, entity, product, pairs, holdings, own if own in CALS else "user_cal")
        heads = sum((line.quantity for line in lines if isinstance(line, Measured)), Fraction(0))
        told = int(heads) if lines else self._heads(entity)
        return heads_of(self.context, entity, product, told, holdings)

    def _heads(self, entity: UnitCode) -> int:
        unit = self.tree.units.get(entity)
        if unit is not None and unit.headcount is not None:
            return unit.headcount
        return sum(1 for person in self.given.people if self._entity(person.unit) == entity)

    def _add_access(self, found: Access) -> None:
        self.count.access.append(found)
        mine = [h for h in self.of_product[found.product] if is_access(h.right.metric)]
        self._keep_idle(mine)
        for order, number in found.used.items():
            self.count.used[order] += number

    def _idle_access(self, seen: set[tuple[str, str]]) -> None:
        """Rights that nothing is told for stand in the ledger all the same."""
        told = {product for product, _ in seen}
        for product in sorted(self.of_product):
            if product not in told:
                self._keep_idle([h for h in self.of_product[product] if is_access(h.right.metric)])

    def _access_copies(self, product: str, copies: Iterable[Copy]) -> None:
        """Installed clients of what is counted by access: they stand as the access stands; unseen access is 不可见."""
        for copy in copies:
            found = [a for a in self.count.access if a.product == product and a.unit == copy.unit]
            lines = [line for access in found for line in access.lines]
            short = [line for line in lines if line.failing is not None]
            rows = {h.right.id: h.right for h in self.of_product[product]}
            if not found:
                standing = Standing(None, None, Right.NOT_VISIBLE, failing=Failing.NO_DATA)
            elif short:
                right = rows.get(short[0].entitlement or 0)
                standing = Standing(right.code if right else None, right.id if right else None, Right.SHORT,
                                    failing=short[0].failing, over=right is not None)  # fmt: skip
            else:
                right = rows[lines[0].entitlement or 0] if lines else None
                standing = Standing(right.code if right else None, right.id if right else None, Right.COVERED,
                                    Reason.EXACT)  # fmt: skip
            self.count.by_access.add(copy.key)
            self.count.assignments.append(self.bench.assignment(copy, standing))


@dataclass(eq=False, slots=True)
class _Bearing:
    """Copies of one situation: of one unit and release, with the same code before."""

    situation: Situation
    """Of the class that they belong to."""
    before: str
    alike: object
    parts: list[tuple[Copy, CopyKind, list[int]]]

    def demand(self) -> Demand:
        """Return the demand of the copies."""
        if len(self.parts) == 1:
            [(lead, _, mine)] = self.parts
            return Demand(lead.key, len(mine), self.situation.edges)
        key = min(lead.key for lead, _, _ in self.parts)
        return Demand(key, sum(len(mine) for _, _, mine in self.parts), self.situation.edges)


def _handed(
    told: Sequence[tuple[Copy, CopyKind, list[int]]], flow: Sequence[tuple[Order, int]]
) -> Iterator[tuple[Order | None, Copy, CopyKind, list[int]]]:
    """Yield which copies of a situation each slot covers, and which are short."""
    ways: list[tuple[Order | None, int]] = [*flow, (None, sum(len(mine) for _, _, mine in told))]
    start = 0
    if len(told) == 1:
        [(lead, kind, mine)] = told
        for order, count in ways:
            if part := mine[start : start + count]:
                yield order, lead, kind, part
            start += count
        return
    everybody = sorted((number, kind.tail, at) for at, (_, kind, mine) in enumerate(told) for number in mine)
    for order, count in ways:
        parts: defaultdict[int, list[int]] = defaultdict(list)
        for number, _, at in everybody[start : start + count]:
            parts[at].append(number)
        for at, part in parts.items():
            yield order, told[at][0], told[at][1], part
        start += count

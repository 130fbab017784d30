"""The one counting function: facts of a day → copies, assignments, positions, findings.

Every screen, form and command calls it; it takes the as-of day as an argument and has no other source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from auditor.core.allocation.edges import (
    Match,
    is_bound_to_serials,
    reach_and_term,
    serials_of,
    version_conditions,
    version_match,
)
from auditor.core.allocation.explain import code_of_uncovered, first_right
from auditor.core.allocation.stages import Demand, Slot, allocate, used_up
from auditor.core.copies import copies_of, unrecognised
from auditor.core.evidence import SignSeen, Watched, evidence_class, signs_against
from auditor.core.findings import findings_of
from auditor.core.model import (
    Assignment,
    AuditResult,
    Copy,
    Entitlement,
    Evidence,
    Failing,
    FreeSoftware,
    Machine,
    MachineFoot,
    MachineState,
    Person,
    Reason,
    Right,
    SoftwareCode,
    SoftwareType,
    TitleId,
    Unit,
)
from auditor.core.organisation import UnitTree
from auditor.core.position import positions_of
from auditor.core.trial import last_day_of_trial
from auditor.core.verdict import MUST_BE_COVERED, NEEDS_NO_RIGHT, verdict
from rules.product import LicenceClass, Product
from rules.recognised import Recognition
from rules.title import Title

NOT_COUNTED = frozenset(
    {MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT, MachineState.CLASSIFIED, MachineState.PRIVATE}
)
"""States of machines whose copies no form lists: gone, or not to be scanned."""


@dataclass(frozen=True)
class Facts:
    """All that one audit rests on. Sequences may come in any order; the result does not depend on it."""

    on: date
    units: Sequence[Unit]
    people: Sequence[Person]
    machines: Sequence[Machine]
    titles: Mapping[TitleId, Title]
    recognitions: Mapping[TitleId, Recognition]
    products: Mapping[str, Product]
    entitlements: Sequence[Entitlement]
    free_list: Sequence[FreeSoftware] = ()
    signs: Mapping[str, Sequence[SignSeen]] = field(default_factory=dict)
    """Machine key → the indicators that it shows."""
    watched: Watched = frozenset()
    """Products that some indicator by running program concerns."""
    previous: Mapping[str, str] = field(default_factory=dict)
    """Copy key → 软件编号 of the previous run."""
    stale_after_days: int = 30
    expiring_within_days: int = 90
    seed: int = 0


def reconcile(facts: Facts) -> AuditResult:
    """Return every assignment, position and finding of the day, in a fixed order.

    Raises nothing for odd data: what cannot be counted becomes a finding. `NotSolved` is a bug.
    """
    tree = UnitTree(facts.units)
    machines = {machine.key: machine for machine in sorted(facts.machines, key=lambda machine: machine.key)}
    copies, feet = _all_copies(facts, machines, tree)
    assignments = _assign(facts, copies, machines, tree)
    positions = positions_of(assignments, facts.entitlements, machines, facts.products, tree, on=facts.on)
    counted = [machine for machine in machines.values() if machine.state not in NOT_COUNTED]
    unknown = unrecognised(counted, facts.titles, facts.recognitions)
    findings = findings_of(
        assignments,
        positions,
        machines,
        facts.entitlements,
        unknown,
        facts.signs,
        facts.products,
        tree,
        on=facts.on,
        stale_after_days=facts.stale_after_days,
        expiring_within_days=facts.expiring_within_days,
    )
    return AuditResult(assignments, positions, findings, feet, unknown)


def _all_copies(
    facts: Facts, machines: Mapping[str, Machine], tree: UnitTree
) -> tuple[list[Copy], tuple[MachineFoot, ...]]:
    copies: list[Copy] = []
    feet: list[MachineFoot] = []
    for machine in machines.values():
        if machine.state in NOT_COUNTED or machine.id is None:
            continue
        found, foot = copies_of(machine, facts.titles, facts.recognitions, facts.products, tree)
        copies += found
        feet.append(foot)
    return copies, tuple(feet)


def _assign(
    facts: Facts, copies: Sequence[Copy], machines: Mapping[str, Machine], tree: UnitTree
) -> tuple[Assignment, ...]:
    """Give every copy its right, code, evidence and verdict; product by product."""
    by_product: defaultdict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_product[copy.product].append(copy)
    rights: defaultdict[str, list[Entitlement]] = defaultdict(list)
    free: defaultdict[str, list[Entitlement]] = defaultdict(list)
    listed: defaultdict[str, list[FreeSoftware]] = defaultdict(list)
    for line in facts.free_list:
        if line.product is not None:
            listed[line.product].append(line)
    for right in sorted(facts.entitlements, key=lambda right: right.id):
        if right.product is not None:
            (free if right.software_type is SoftwareType.FREE else rights)[right.product].append(right)
    made = []
    for product in sorted(by_product):
        mine, rows, lines = by_product[product], rights[product], listed[product]
        made += _ProductCase(facts, product, mine, rows, free[product], lines, machines, tree).assignments()
    return tuple(sorted(made, key=lambda assignment: assignment.copy.key))


@dataclass(frozen=True, eq=False)
class _Fit:
    """How a right stands to all copies of one unit, edition, line and version, but for what it is bound to."""

    right: Entitlement
    failing: tuple[Failing, ...]
    match: Match | None
    distance: int
    """Steps up the tree of units."""


@dataclass(frozen=True, eq=False)
class _Situation:
    """What copies of one unit, edition, line and version have in common."""

    fits: dict[int, _Fit]
    pool: tuple[_Fit, ...]
    """Rights that are bound to nothing and fit."""
    own: tuple[Entitlement, ...]
    """Rights that may stand on the forms of the legal entity: its own, and shared ones from above."""


_Covered = Mapping[str, tuple[Slot, Match]]


class _ProductCase:
    """The copies and rights of one product."""

    def __init__(
        self,
        facts: Facts,
        product: str,
        copies: Sequence[Copy],
        rights: Sequence[Entitlement],
        free_rows: Sequence[Entitlement],
        free_list: Sequence[FreeSoftware],
        machines: Mapping[str, Machine],
        tree: UnitTree,
    ) -> None:
        self.facts, self.copies, self.rights = facts, copies, rights
        self.free_rows, self.free_list = free_rows, free_list
        self.machines, self.tree = machines, tree
        self.product = facts.products[product]
        self.order = {line.id: n for n, line in enumerate(self.product.lines)}
        self.evidence: dict[str, tuple[Evidence, tuple[SignSeen, ...]]] = {}
        for copy in copies:
            signs = signs_against(copy, facts.signs.get(copy.machine, ()))
            machine = machines[copy.machine]
            self.evidence[copy.key] = (evidence_class(copy, machine, signs, watched=facts.watched), signs)
        self.situations: dict[tuple[object, ...], _Situation] = {}
        self.first: dict[tuple[object, ...], tuple[Entitlement | None, Failing]] = {}
        self.empty: frozenset[int] = frozenset(r.id for r in rights if r.quantity <= 0 and not r.unlimited)
        self.for_all: dict[str, frozenset[int]] = {}
        """Lead → rights that fit every copy that rides on it."""
        self.leading: frozenset[str] = frozenset()

    @cached_property
    def bound_to(self) -> tuple[dict[str, list[Entitlement]], dict[str, list[Entitlement]], frozenset[int]]:
        """Serial → rights that name it; person → rights that name them; ids of all bound rights."""
        by_serial: defaultdict[str, list[Entitlement]] = defaultdict(list)
        by_person: defaultdict[str, list[Entitlement]] = defaultdict(list)
        bound = set()
        for right in self.rights:
            if is_bound_to_serials(right):
                bound.add(right.id)
                for serial in sorted(serials_of(right)):
                    by_serial[serial].append(right)
            elif right.bound_people:
                bound.add(right.id)
                for person in sorted(set(right.bound_people)):
                    by_person[person].append(right)
        return dict(by_serial), dict(by_person), frozenset(bound)

    def assignments(self) -> list[Assignment]:
        """Return one assignment for each copy of the product."""
        needing = [copy for copy in self.copies if self._needs_right(copy)]
        leads, demands, covered = self._covered(needing)
        self.leading = frozenset(leads.values())
        self.empty |= used_up(demands, covered)
        riding = {rider: covered[lead][0] if lead in covered else None for rider, lead in leads.items()}
        return [self._assignment(copy, covered, riding) for copy in self.copies]

    def _covered(self, needing: Sequence[Copy]) -> tuple[dict[str, str], list[Demand], _Covered]:
        """Return rider → lead, the demands and what covers them.

        Copies of a machine that no right for several versions is left for are counted singly where single
        rights cover them all; else they stay one demand.
        """
        leads = self._leads(needing)
        demands, covered = self._allocated(needing, leads)
        first = set(leads.values())
        short = {copy.machine for copy in needing if copy.key in first and copy.key not in covered}
        machine_of = {copy.key: copy.machine for copy in needing}

        def without(machines: set[str]) -> dict[str, str]:
            return {rider: lead for rider, lead in leads.items() if machine_of[lead] not in machines}

        if short:
            tried = self._allocated(needing, without(short))[1]
            lacking = {copy.machine for copy in needing if copy.machine in short and copy.key not in tried}
            kept = without(short - lacking)
            again, answer = self._allocated(needing, kept) if lacking != short else (demands, covered)
            if len(again) - len(answer) < len(demands) - len(covered):
                return kept, again, answer
        return leads, demands, covered

    def _allocated(self, needing: Sequence[Copy], leads: Mapping[str, str]) -> tuple[list[Demand], _Covered]:
        first = set(leads.values())
        demands = [self._demand(copy, copy.key in first) for copy in needing if copy.key not in leads]
        return demands, allocate(demands, seed=self.facts.seed)

    def _needs_right(self, copy: Copy) -> bool:
        return copy.licence_class in MUST_BE_COVERED

    def _situation(self, copy: Copy) -> _Situation:
        key = (copy.unit, copy.edition, copy.line, copy.version)
        if key not in self.situations:
            fits = [self._fit(copy, right) for right in self.rights]
            bound = self.bound_to[2]
            pool = tuple(fit for fit in fits if not fit.failing and fit.right.id not in bound)
            own = tuple(fit.right for fit in fits if Failing.UNIT not in fit.failing)
            self.situations[key] = _Situation({fit.right.id: fit for fit in fits}, pool, own)
        return self.situations[key]

    def _fit(self, copy: Copy, right: Entitlement) -> _Fit:
        first = reach_and_term(copy.unit, right, self.tree, on=self.facts.on)
        match = version_match(copy, right, self.product)
        failing = (*first, *version_conditions(copy, right, self.product)) if match is None else first
        owner = self.tree.legal_entity_of(right.unit)
        distance = self.tree.distance(copy.unit, owner) or 0
        return _Fit(right, failing, match, distance)

    def _naming(self, copy: Copy) -> list[tuple[Entitlement, str]]:
        """Return the bound rights that name the copy's machine or person, with what they name."""
        by_serial, by_person, bound = self.bound_to
        if not bound:
            return []
        machine = self.machines[copy.machine]
        named: dict[int, tuple[Entitlement, str]] = {}
        for serial in (machine.serial, machine.board_serial):
            key = serial.strip().casefold() if serial is not None else ""
            for right in by_serial.get(key, ()):
                named.setdefault(right.id, (right, f"serial {key}"))
        for right in by_person.get(copy.person or "", ()):
            named.setdefault(right.id, (right, f"person {copy.person}"))
        return [named[id] for id in sorted(named)]

    def _fitting(self, copy: Copy) -> list[tuple[Slot, Match, int]]:
        """Return the slots that may cover the copy, with the distance in the tree of units, lowest right first."""
        situation = self._situation(copy)
        found = [(self._pool(fit.right), fit.match, fit.distance) for fit in situation.pool]
        for right, name in self._naming(copy):
            fit = situation.fits[right.id]
            if not fit.failing:
                one = 1 if right.unlimited else min(1, right.quantity)
                found.append((Slot(right, one, bound_to=name), fit.match, fit.distance))
        fitting = [(slot, match, distance) for slot, match, distance in found if match is not None]
        return sorted(fitting, key=lambda one: one[0].order)

    def _pool(self, right: Entitlement) -> Slot:
        return Slot(right, len(self.copies) if right.unlimited else right.quantity)

    def _demand(self, copy: Copy, leads: bool) -> Demand:
        """Return the copy with every slot that may cover it; one that leads others needs a right for them all.

        A copy within its days of trial stands behind the others, as one with adverse evidence does.
        """
        fitting = [one for one in self._fitting(copy) if not leads or one[0].right.id in self.for_all[copy.key]]
        adverse = self.evidence[copy.key][0] in (Evidence.ONE_STRONG, Evidence.CONCLUSIVE) or self._in_trial(copy)
        person = copy.person or f"machine {copy.machine}"
        previous = self.facts.previous.get(copy.key)
        matches = tuple((slot, match) for slot, match, _ in fitting)
        reach = tuple((slot.right.id, distance) for slot, _, distance in fitting)
        return Demand(copy, matches, adverse, previous, person, reach)

    def _leads(self, needing: Sequence[Copy]) -> dict[str, str]:
        """Return rider → lead for copies that count once on their device.

        Where one right that lets several versions count once fits every copy of the product on a device, the
        newest line leads and the others ride along (METRICS: same-machine multi-version).
        """
        if not any(right.multi_version for right in self.rights):
            return {}
        by_machine: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in needing:
            by_machine[copy.machine].append(copy)
        leads = {}
        for copies in by_machine.values():
            for_all = set.intersection(*(self._multi_version(copy) for copy in copies)) if len(copies) > 1 else set()
            if for_all:
                lead = min(copies, key=lambda copy: (-self.order.get(copy.line or "", -1), copy.key))
                self.for_all[lead.key] = frozenset(for_all)
                leads.update({copy.key: lead.key for copy in copies if copy is not lead})
        return leads

    def _multi_version(self, copy: Copy) -> set[int]:
        return {slot.right.id for slot, _, _ in self._fitting(copy) if slot.right.multi_version}

    def _assignment(self, copy: Copy, covered: _Covered, riding: Mapping[str, Slot | None]) -> Assignment:
        evidence, signs = self.evidence[copy.key]
        code, entitlement, right, reason, failing, over, basis_missing = self._standing(copy, covered, riding)
        return Assignment(
            copy=copy,
            code=code,
            entitlement=entitlement,
            right=right,
            reason=reason,
            failing=failing,
            evidence=evidence,
            verdict=verdict(right, evidence),
            signs=tuple(sign.line for sign in signs),
            over=over,
            basis_missing=basis_missing,
        )

    def _standing(
        self, copy: Copy, covered: _Covered, riding: Mapping[str, Slot | None]
    ) -> tuple[SoftwareCode | None, int | None, Right, Reason | None, Failing | None, bool, bool]:
        """Return code, right's id, right, reason, failing condition, 超出, basis missing."""
        if not self._needs_right(copy):
            return (*self._without_right(copy), False, False)
        if copy.key in covered:
            slot, match = covered[copy.key]
            return self._held(copy, slot.right, match, Reason.BOUND if slot.bound_to else match.reason)
        slot_of_lead = riding.get(copy.key)
        if slot_of_lead is not None:
            fit = self._situation(copy).fits[slot_of_lead.right.id]
            assert fit.match is not None  # it rides on a right that fits every copy of the machine
            return self._held(copy, fit.right, fit.match, Reason.RIDE_ALONG)
        return self._uncovered(copy, Reason.RIDE_ALONG if copy.key in riding else None)

    def _held(
        self, copy: Copy, right: Entitlement, match: Match, reason: Reason
    ) -> tuple[SoftwareCode, int, Right, Reason, Failing | None, bool, bool]:
        failing = Failing.NOT_FOR_ORGANISATIONS if self._is_home(copy) else match.unsure
        held = Right.TO_VERIFY if match.basis_missing or failing is not None else Right.COVERED
        return right.code, right.id, held, reason, failing, False, match.basis_missing

    def _uncovered(
        self, copy: Copy, reason: Reason | None
    ) -> tuple[SoftwareCode | None, int | None, Right, Reason | None, Failing, bool, bool]:
        """Name the right that it would use first, and carry the code of the nearest that the unit's forms show."""
        own = self._situation(copy).own
        best, failing = self._first_right(copy, self.rights)
        nearest = best if best in own else self._first_right(copy, own)[0]
        carried = code_of_uncovered(own, nearest, self.facts.previous.get(copy.key))
        code = carried.code if carried is not None else None
        named = best if failing is not Failing.NO_RIGHT else carried
        held, why = (Right.TO_VERIFY, Failing.TRIAL) if self._in_trial(copy) else (Right.SHORT, failing)
        return code, named.id if named is not None else None, held, reason, why, code is not None, False

    def _first_right(self, copy: Copy, rights: Sequence[Entitlement]) -> tuple[Entitlement | None, Failing]:
        """Return what `first_right` says, once for all copies of which it says the same."""
        naming = frozenset(right.id for right, _ in self._naming(copy))
        for_all = self.for_all[copy.key] if copy.key in self.leading else None
        key = (copy.unit, copy.edition, copy.line, copy.version, naming, for_all, len(rights))
        if key not in self.first:
            fits, bound = self._situation(copy).fits, self.bound_to[2]
            failing = {}
            for right in rights:
                missing: tuple[Failing, ...] = ()
                if right.id in bound and right.id not in naming:
                    is_open = is_bound_to_serials(right) and not right.bound_serials
                    missing = (Failing.NOT_BOUND if is_open else Failing.BOUND_ELSEWHERE,)
                if for_all is not None and right.id not in for_all and not fits[right.id].failing:
                    missing = (*missing, Failing.VERSION, Failing.EXHAUSTED)
                failing[right.id] = (*fits[right.id].failing, *missing)
            self.first[key] = first_right(rights, failing, self._distances(copy), self.empty)
        return self.first[key]

    def _without_right(
        self, copy: Copy
    ) -> tuple[SoftwareCode | None, int | None, Right, Reason | None, Failing | None]:
        """Free, open-source, personal-free and unknown classes: the allow-list gives the code."""
        listed = self._listed(copy)
        code = listed.code if listed is not None else self._free_code(copy)
        if copy.licence_class in NEEDS_NO_RIGHT:
            return code, None, Right.NOT_NEEDED, Reason.FREE_LIST if listed else None, None
        if copy.licence_class is LicenceClass.PERSONAL_FREE:
            if listed is not None and listed.basis:
                return code, None, Right.NOT_NEEDED, Reason.FREE_LIST, None
            return code, None, Right.TO_VERIFY, None, Failing.PERSONAL_ONLY
        return code, None, Right.TO_VERIFY, None, Failing.CLASS_UNKNOWN

    def _free_code(self, copy: Copy) -> SoftwareCode | None:
        """Return the code of a 免费软件 row of the unit's own ledger, which carries a code and no right."""
        rows = [
            row
            for row in self.free_rows
            if self.tree.legal_entity_of(row.unit) == copy.unit and row.edition in (None, copy.edition)
        ]
        return min((row.code for row in rows), default=None)

    def _listed(self, copy: Copy) -> FreeSoftware | None:
        lines = [line for line in self.free_list if self.tree.legal_entity_of(line.unit) == copy.unit]
        return min(lines, key=lambda line: (not line.basis, line.code), default=None)

    def _distances(self, copy: Copy) -> dict[int, int]:
        where, many = self.order.get(copy.line or ""), len(self.order)
        lines = {right.id: self.order.get(right.line or "") for right in self.rights}
        return {id: many if line is None or where is None else abs(line - where) for id, line in lines.items()}

    def _is_home(self, copy: Copy) -> bool:
        """An edition that is outside the genuine range of a unit, even when it is activated (DOMAIN 3.3)."""
        return any(
            edition.id == copy.edition and edition.for_organisations is False for edition in self.product.editions
        )

    def _in_trial(self, copy: Copy) -> bool:
        """Within the days of trial, the last one included."""
        last = last_day_of_trial(copy, self.machines[copy.machine], self.product)
        return last is not None and self.facts.on <= last

"""The one counting function: facts of a day → copies, assignments, positions, findings.

Every screen, form and command calls it; it takes the as-of day as an argument and has no other source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from auditor.core.allocation.edges import failing_conditions, machine_is_named, version_match
from auditor.core.allocation.explain import code_of_uncovered, first_right
from auditor.core.allocation.stages import Demand, Slot, allocate
from auditor.core.copies import copies_of, unrecognised
from auditor.core.evidence import SignSeen, evidence_class, signs_against
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
    watched: frozenset[str] = frozenset()
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
    for right in sorted(facts.entitlements, key=lambda right: right.id):
        if right.product is not None:
            (free if right.software_type is SoftwareType.FREE else rights)[right.product].append(right)
    made = []
    for product in sorted(by_product):
        case = _ProductCase(facts, product, by_product[product], rights[product], free[product], machines, tree)
        made += case.assignments()
    return tuple(sorted(made, key=lambda assignment: assignment.copy.key))


class _ProductCase:
    """The copies and rights of one product."""

    def __init__(
        self,
        facts: Facts,
        product: str,
        copies: Sequence[Copy],
        rights: Sequence[Entitlement],
        free_rows: Sequence[Entitlement],
        machines: Mapping[str, Machine],
        tree: UnitTree,
    ) -> None:
        self.facts, self.copies, self.rights, self.free_rows = facts, copies, rights, free_rows
        self.machines, self.tree = machines, tree
        self.product = facts.products[product]
        self.evidence: dict[str, tuple[Evidence, tuple[SignSeen, ...]]] = {}
        for copy in copies:
            signs = signs_against(copy, facts.signs.get(copy.machine, ()))
            machine = machines[copy.machine]
            self.evidence[copy.key] = (evidence_class(copy, machine, signs, watched=facts.watched), signs)
        self.failing = {copy.key: self._failing(copy) for copy in copies}

    def assignments(self) -> list[Assignment]:
        """Return one assignment for each copy of the product."""
        needing = [copy for copy in self.copies if self._needs_right(copy)]
        leads = self._leads(needing)
        demands = [self._demand(copy, copy.key in leads.values()) for copy in needing if copy.key not in leads]
        covered = allocate(demands, seed=self.facts.seed)
        riding = {rider: covered[lead][0] if lead in covered else None for rider, lead in leads.items()}
        return [self._assignment(copy, covered, riding) for copy in self.copies]

    def _needs_right(self, copy: Copy) -> bool:
        return copy.licence_class in MUST_BE_COVERED

    def _failing(self, copy: Copy) -> dict[int, tuple[Failing, ...]]:
        machine = self.machines[copy.machine]
        return {
            right.id: failing_conditions(copy, right, machine, self.product, self.tree, on=self.facts.on)
            for right in self.rights
        }

    def _demand(self, copy: Copy, leads: bool) -> Demand:
        """Return the copy with every slot that may cover it; one that leads others needs a right for them all."""
        matches, reach = [], []
        for right in self.rights:
            match = version_match(copy, right, self.product)
            if self.failing[copy.key][right.id] or match is None or (leads and not right.multi_version):
                continue
            matches.append((self._slot(copy, right), match))
            owner = self.tree.legal_entity_of(right.unit)
            reach.append((right.id, self.tree.distance(copy.unit, owner) or 0))
        adverse = self.evidence[copy.key][0] in (Evidence.ONE_STRONG, Evidence.CONCLUSIVE)
        person = copy.person or f"machine {copy.machine}"
        previous = self.facts.previous.get(copy.key)
        return Demand(copy, tuple(matches), adverse, previous, person, tuple(reach))

    def _slot(self, copy: Copy, right: Entitlement) -> Slot:
        """Return the part of the right that the copy would use: one serial, one person, or the pool."""
        machine = self.machines[copy.machine]
        if right.bound_serials and machine_is_named(machine, right):
            return Slot(right, 1, bound_to=f"serial {machine.key}")
        if right.bound_people and copy.person in right.bound_people:
            return Slot(right, 1, bound_to=f"person {copy.person}")
        return Slot(right, len(self.copies) if right.unlimited else right.quantity)

    def _leads(self, needing: Sequence[Copy]) -> dict[str, str]:
        """Return rider → lead for copies that count once on their device.

        Where one right that lets several versions count once fits every copy of the product on a device, the
        newest line leads and the others ride along (METRICS: same-machine multi-version).
        """
        by_machine: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in needing:
            by_machine[copy.machine].append(copy)
        leads = {}
        for copies in by_machine.values():
            if len(copies) > 1 and any(self._fits_all(right, copies) for right in self.rights if right.multi_version):
                lead = min(copies, key=lambda copy: (-self._rank(copy), copy.key))
                leads.update({copy.key: lead.key for copy in copies if copy is not lead})
        return leads

    def _fits_all(self, right: Entitlement, copies: Sequence[Copy]) -> bool:
        return not any(self.failing[copy.key][right.id] for copy in copies)

    def _rank(self, copy: Copy) -> int:
        order = [line.id for line in self.product.lines]
        return order.index(copy.line) if copy.line in order else -1

    def _assignment(
        self, copy: Copy, covered: Mapping[str, tuple[Slot, object]], riding: Mapping[str, Slot | None]
    ) -> Assignment:
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
        self, copy: Copy, covered: Mapping[str, tuple[Slot, object]], riding: Mapping[str, Slot | None]
    ) -> tuple[SoftwareCode | None, int | None, Right, Reason | None, Failing | None, bool, bool]:
        """Return code, right's id, right, reason, failing condition, 超出, basis missing."""
        if not self._needs_right(copy):
            return (*self._without_right(copy), False, False)
        if copy.key in covered:
            slot, _ = covered[copy.key]
            match = version_match(copy, slot.right, self.product)
            assert match is not None  # an edge exists only where the version fits
            reason = Reason.BOUND if slot.bound_to else match.reason
            held = Right.TO_VERIFY if match.basis_missing or self._is_home(copy) else Right.COVERED
            failing = Failing.NOT_FOR_ORGANISATIONS if self._is_home(copy) else None
            return slot.right.code, slot.right.id, held, reason, failing, False, match.basis_missing
        slot_of_lead = riding.get(copy.key)
        if slot_of_lead is not None:
            right = slot_of_lead.right
            return right.code, right.id, Right.COVERED, Reason.RIDE_ALONG, None, False, False
        best, failing = first_right(copy, self.rights, self.failing[copy.key], self._distances(copy))
        carried = code_of_uncovered(copy, self._own(copy), best, self.facts.previous.get(copy.key))
        if carried is not None and carried not in self._own(copy):
            carried = None
        held = Right.TO_VERIFY if self._in_trial(copy) else Right.SHORT
        named = Failing.TRIAL if self._in_trial(copy) else failing
        code = carried.code if carried is not None else None
        rides = Reason.RIDE_ALONG if copy.key in riding else None
        return code, best.id if best is not None else None, held, rides, named, code is not None, False

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
        lines = [
            line
            for line in self.facts.free_list
            if line.product == copy.product and self.tree.distance(copy.unit, self.tree.legal_entity_of(line.unit)) == 0
        ]
        return min(lines, key=lambda line: line.code, default=None)

    def _own(self, copy: Copy) -> list[Entitlement]:
        """Rights that may stand on the forms of the copy's legal entity: its own, and shared ones from above."""
        reached = []
        for right in self.rights:
            owner = self.tree.legal_entity_of(right.unit)
            if owner == copy.unit or (right.shared and self.tree.distance(copy.unit, owner) is not None):
                reached.append(right)
        return reached

    def _distances(self, copy: Copy) -> dict[int, int]:
        order = [line.id for line in self.product.lines]
        where = order.index(copy.line) if copy.line in order else None
        return {
            right.id: abs(order.index(right.line) - where) if where is not None and right.line in order else len(order)
            for right in self.rights
        }

    def _is_home(self, copy: Copy) -> bool:
        """An edition that is outside the genuine range of a unit, even when it is activated (DOMAIN 3.3)."""
        return any(
            edition.id == copy.edition and edition.for_organisations is False for edition in self.product.editions
        )

    def _in_trial(self, copy: Copy) -> bool:
        """Within the days of trial; the day of installation is the first; an unknown day counts from first seen."""
        days = self.product.licensing.trial_days
        if copy.licence_class is not LicenceClass.TRIAL or days is None:
            return False
        seen = [
            item.installed_on or item.first_seen_on
            for item in self.machines[copy.machine].installations
            if item.title in copy.titles
        ]
        return bool(seen) and self.facts.on < min(seen) + timedelta(days=days)

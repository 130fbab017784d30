"""What every read-model is built from: the frozen facts of a run and its result, looked up once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import Assignment, AuditResult, Copy, JournalLine, Machine, MachineState, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.reconcile import NOT_COUNTED, Facts
from reports.model import Coverage, Head, Name, Proof, Unscanned
from rules.indicator import Indicator
from rules.product import Publisher

if TYPE_CHECKING:
    from auditor.core.planning.plan import Plan

GONE = frozenset({MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT})


@dataclass(frozen=True)
class FormSettings:
    """What the unit writes at the head of its forms; nothing of it is computed."""

    annex_labels: tuple[tuple[str, str], ...] = ()
    """Form id → label such as `附件7`."""
    filled_by: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class RunView:
    """One audit run as the read-models see it."""

    facts: Facts
    result: AuditResult
    journal: Sequence[JournalLine]
    proof: Proof
    settings: FormSettings = FormSettings()
    serials: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Row of the ledger → its full serial numbers, for the printed summary alone; masked ones stand elsewhere."""

    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    """What the signs in findings are called; without them a sign is told by its own words alone."""
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    """Right holders by id: where software comes from."""
    prices: Sequence[PriceLine] = ()
    """Price lines that hold on the as-of day: what a plan buys from."""

    @cached_property
    def tree(self) -> UnitTree:
        """The units of the day."""
        return UnitTree(self.facts.units)

    @cached_property
    def own_plan(self) -> Plan:
        """The cheapest way of each unit by itself to no shortage, by the price lines of the view."""
        from auditor.core.planning.plan import EVERY_WAY
        from auditor.readmodels.plan import alternatives_of, plan_of_run

        return plan_of_run(self, self.prices, alternatives_of(self.facts.products), joint=False, ways=EVERY_WAY)

    @cached_property
    def machines(self) -> dict[str, Machine]:
        """Machines by key, in the order of keys."""
        return {machine.key: machine for machine in sorted(self.facts.machines, key=lambda machine: machine.key)}

    @cached_property
    def people(self) -> dict[str, str]:
        """Names of people by id."""
        return {person.id: person.name for person in self.facts.people}

    @cached_property
    def rights(self) -> dict[int, Entitlement]:
        """Rows of the ledger by id."""
        return {right.id: right for right in self.facts.entitlements}

    @cached_property
    def by_unit(self) -> dict[UnitCode, list[Assignment]]:
        """Assignments by legal entity."""
        found: defaultdict[UnitCode, list[Assignment]] = defaultdict(list)
        for assignment in self.result.assignments:
            found[assignment.copy.unit].append(assignment)
        return dict(found)

    @cached_property
    def machines_by_unit(self) -> dict[UnitCode, list[Machine]]:
        """Machines that are still the unit's, by legal entity."""
        found = {
            unit: [machine for machine in machines if machine.state not in GONE]
            for unit, machines in self.machines_ever.items()
        }
        return {unit: machines for unit, machines in found.items() if machines}

    @cached_property
    def machines_ever(self) -> dict[UnitCode, list[Machine]]:
        """All machines by legal entity, those that were scrapped or handed on too."""
        found: defaultdict[UnitCode, list[Machine]] = defaultdict(list)
        for machine in self.machines.values():
            found[self.tree.legal_entity_of(machine.unit)].append(machine)
        return dict(found)

    def product_name(self, product: str) -> Name:
        """Return a product's name in both languages."""
        found = self.facts.products[product]
        return Name(found.zh, found.en)

    def copy_name(self, copy: Copy) -> Name:
        """Return the product's name with the line and edition that were seen, in both languages."""
        product = self.facts.products[copy.product]
        edition = next((edition for edition in product.editions if edition.id == copy.edition), None)
        zh = (product.zh, copy.line, edition.zh if edition is not None else copy.edition)
        en = (product.en, copy.line, edition.en if edition is not None else copy.edition)
        return Name(" ".join(word for word in zh if word), " ".join(word for word in en if word))

    def head(self, unit: UnitCode, form: str) -> Head:
        """Return the frame of a form of the unit."""
        return Head(
            unit_code=unit,
            unit_name=self.tree.name(unit) or unit,
            annex=dict(self.settings.annex_labels).get(form),
            filled_by=self.settings.filled_by,
            phone=self.settings.phone,
            filled_on=self.facts.on,
        )

    def department(self, machine: Machine) -> str | None:
        """Return the name of the department that has the machine; the unit itself when it has no department."""
        return self.tree.name(machine.unit)

    def person(self, machine: Machine) -> str | None:
        """Return the name of the person who uses the machine."""
        return self.people.get(machine.person) if machine.person is not None else None

    def carried(self, assignment: Assignment) -> Entitlement | None:
        """Return the row of the ledger whose 软件编号 the copy carries.

        The right that covers it, or that it would use first, when that bears the code; else the lowest row of
        the product with this code that the legal entity may use.
        """
        if assignment.code is None:
            return None
        right = self.rights.get(assignment.entitlement) if assignment.entitlement is not None else None
        if right is not None and right.code == assignment.code:
            return right
        rows = self._rows_by_code.get((assignment.copy.product, assignment.code), ())
        return next((row for row in rows if self._reaches(row, assignment.copy.unit)), None)

    @cached_property
    def codes(self) -> dict[tuple[UnitCode, str], tuple[str, ...]]:
        """The 软件编号 that a legal entity holds for a product, in their order."""
        found: defaultdict[tuple[UnitCode, str], set[str]] = defaultdict(set)
        for right in self.facts.entitlements:
            if right.product is not None:
                found[(self.tree.legal_entity_of(right.unit), right.product)].add(right.code)
        return {key: tuple(sorted(codes)) for key, codes in found.items()}

    @cached_property
    def _rows_by_code(self) -> dict[tuple[str | None, str], list[Entitlement]]:
        rows: defaultdict[tuple[str | None, str], list[Entitlement]] = defaultdict(list)
        for right in sorted(self.facts.entitlements, key=lambda right: right.id):
            rows[(right.product, right.code)].append(right)
        return dict(rows)

    def _reaches(self, right: Entitlement, unit: UnitCode) -> bool:
        owner = self.tree.legal_entity_of(right.unit)
        return owner == unit or (right.shared and self.tree.distance(unit, owner) is not None)

    def software_type(self, assignment: Assignment) -> str:
        """Return the form's type of a copy: that of its code, else what its class says, else unclassified."""
        right = self.carried(assignment)
        if right is not None and right.software_type is not SoftwareType.FREE:
            return right.software_type.value
        match assignment.copy.licence_class.value:
            case "commercial" | "trial":
                return SoftwareType.COMMERCIAL.value
            case "oem":
                return SoftwareType.OEM.value
            case "free" | "open_source" | "bundled":
                return SoftwareType.FREE.value
            case "personal_free" if assignment.right.value == "not_needed":
                return SoftwareType.FREE.value
            case _:
                return "unclassified"

    def coverage(self, unit: UnitCode) -> Coverage:
        """Return 覆盖率 of the unit: valid scans ÷ computers in scope, and who is missing."""
        return self.coverage_of(self.machines_by_unit.get(unit, []))

    def coverage_of(self, mine: Sequence[Machine]) -> Coverage:
        """Return 覆盖率 of some machines that are still the unit's."""
        in_scope = [machine for machine in mine if machine.state not in NOT_COUNTED]
        scanned = [machine for machine in in_scope if machine.id is not None and not self.is_stale(machine)]
        whole = [machine for machine in scanned if not missing_scopes(machine)]
        return Coverage(
            in_scope=len(in_scope),
            scanned=len(scanned),
            fully_scanned=len(whole),
            registered_not_seen=sum(machine.id is None for machine in in_scope),
            seen_not_registered=sum(machine.code is None for machine in in_scope),
            classified=sum(machine.state is MachineState.CLASSIFIED for machine in mine),
            private=sum(machine.state is MachineState.PRIVATE for machine in mine),
            stale=sum(self.is_stale(machine) for machine in in_scope),
            unscanned=tuple(self._unscanned(mine)),
        )

    def is_stale(self, machine: Machine) -> bool:
        """Return whether the last scan is older than the setting allows."""
        if machine.last_scan_on is None:
            return False
        return (self.facts.on - machine.last_scan_on).days > self.facts.stale_after_days

    def _unscanned(self, machines: Sequence[Machine]) -> Iterator[Unscanned]:
        for machine in machines:
            scopes = missing_scopes(machine)
            if reason := self.why_not_scanned(machine, scopes):
                department = self.department(machine)
                yield Unscanned(
                    machine.code,
                    machine.host_name,
                    department,
                    reason,
                    machine.last_scan_on,
                    tuple(s for s, _ in scopes),
                )

    def why_not_scanned(self, machine: Machine, scopes: Sequence[tuple[str, str]]) -> str | None:
        """Return why a machine is not (wholly) seen, as a code of the texts; `None` when it is."""
        if machine.state is MachineState.CLASSIFIED:
            return "classified"
        if machine.state is MachineState.PRIVATE:
            return "private"
        if machine.id is None:
            return "never_seen"
        if self.is_stale(machine):
            return "stale"
        if any(outcome == "failed" for _, outcome in scopes):
            return "failed"
        return "partial" if scopes else None


def missing_scopes(machine: Machine) -> list[tuple[str, str]]:
    """Return the scopes that were not read in full, with their outcome; absent ones are not missing."""
    return [(scope.scope, scope.outcome) for scope in machine.scopes if scope.outcome in ("partial", "failed")]

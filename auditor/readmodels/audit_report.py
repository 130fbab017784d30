"""The report of one run for one legal entity: coverage, rates, positions, findings, unknown software."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from auditor.core import model as core
from auditor.core.model import Assignment, Machine, Position, UnitCode, Verdict
from auditor.core.reconcile import NOT_COUNTED
from auditor.core.verdict import is_counted
from auditor.readmodels.context import RunView, missing_scopes
from auditor.readmodels.findings import joined, told_facts
from reports.model import (
    AuditReport,
    EvidenceLine,
    FindingLine,
    MachineLine,
    PositionLine,
    Rate,
    UnknownLine,
)
from rules.product import Category

CLASSES = (Category.OPERATING_SYSTEM, Category.OFFICE, Category.ANTIVIRUS)
"""The general classes of 国办发〔2013〕88号 article 2."""
GRAVITY = (
    Verdict.SUSPECTED,
    Verdict.SUSPECTED_THOUGH_COVERED,
    Verdict.SHORT,
    Verdict.SHORT_EVIDENCE_MISSING,
    Verdict.TO_VERIFY,
    Verdict.UNDETERMINED,
    Verdict.GENUINE,
    Verdict.GENUINE_NOT_COUNTED,
)
SUSPECTED = (Verdict.SUSPECTED, Verdict.SUSPECTED_THOUGH_COVERED)
SHORT = (Verdict.SHORT, Verdict.SHORT_EVIDENCE_MISSING)
MAX_EVIDENCE = 10


def audit_report(view: RunView, unit: UnitCode) -> AuditReport:
    """Return the report of one legal entity. The unknown software is ranked over its own machines."""
    mine = view.by_unit.get(unit, [])
    machines = [m for m in view.machines_by_unit.get(unit, []) if m.state not in NOT_COUNTED]
    return AuditReport(
        head=view.head(unit, "report"),
        coverage=view.coverage(unit),
        rates=tuple(rates(mine)),
        positions=tuple(_position(view, line) for line in view.result.positions if line.unit == unit),
        findings=tuple(_findings(view, unit, {machine.key for machine in machines})),
        unknown=tuple(_unknown(view, {machine.key for machine in machines})),
        machines=tuple(_machine_lines(view, machines, mine)),
        unit_names=tuple(view.tree.name(code) or code for code in view.tree.legal_entities()),
        unmatched_ledger_rows=tuple(
            f"{right.code} {right.name}"
            for right in sorted(view.facts.entitlements, key=lambda right: right.code)
            if right.product is None and view.tree.legal_entity_of(right.unit) == unit
        ),
        proof=view.proof,
    )


def rates(assignments: Sequence[Assignment]) -> list[Rate]:
    """Return 正版率 of the three classes, of all else, of the three together and of whole machines.

    Numerator: 正版 with a right. Denominator: all copies but 无需授权 (METRICS §6).
    """
    by_class: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        category = assignment.copy.category
        by_class[category.value if category in CLASSES else "other"].append(assignment)
    three = [a for category in CLASSES for a in by_class[category.value]]
    lines = [_rate(category.value, by_class[category.value]) for category in CLASSES]
    return [*lines, _rate("other", by_class["other"]), _rate("three_classes", three), _whole_machines(assignments)]


def _rate(what: str, assignments: Sequence[Assignment]) -> Rate:
    counted = [assignment for assignment in assignments if is_counted(assignment.right)]
    verdicts = Counter(assignment.verdict for assignment in counted)
    return Rate(
        what=what,
        numerator=verdicts[Verdict.GENUINE],
        denominator=len(counted),
        suspected=sum(verdicts[verdict] for verdict in SUSPECTED),
        to_verify=verdicts[Verdict.TO_VERIFY],
        short=sum(verdicts[verdict] for verdict in SHORT),
        undetermined=verdicts[Verdict.UNDETERMINED],
        excluded=len(assignments) - len(counted),
    )


def _whole_machines(assignments: Sequence[Assignment]) -> Rate:
    """整机: machines whose every counted copy is genuine ÷ machines with a counted copy, as assigned."""
    machines: defaultdict[str, list[Verdict]] = defaultdict(list)
    bare = {assignment.copy.machine for assignment in assignments}
    for assignment in assignments:
        if is_counted(assignment.right):
            machines[assignment.copy.machine].append(assignment.verdict)
    whole = sum(all(verdict is Verdict.GENUINE for verdict in verdicts) for verdicts in machines.values())
    worst = Counter(min(verdicts, key=GRAVITY.index) for verdicts in machines.values())
    return Rate(
        what="whole_machine",
        numerator=whole,
        denominator=len(machines),
        suspected=sum(worst[verdict] for verdict in SUSPECTED),
        to_verify=worst[Verdict.TO_VERIFY],
        short=sum(worst[verdict] for verdict in SHORT),
        undetermined=worst[Verdict.UNDETERMINED],
        excluded=len(bare) - len(machines),
    )


def _position(view: RunView, position: Position) -> PositionLine:
    return PositionLine(
        unit_name=view.tree.name(position.unit) or position.unit,
        product=view.product_name(position.product),
        category=position.category.value,
        raw=position.raw,
        required=str(position.required),
        covered=str(position.covered),
        shortage=str(position.shortage),
        surplus=str(position.surplus),
        owned=str(position.owned) if position.owned is not None else None,
        dead_oem=position.dead_oem,
        at_least=position.is_lower_bound,
        codes=view.codes.get((position.unit, position.product), ()),
    )


def _findings(view: RunView, unit: UnitCode, machines: set[str]) -> Iterable[FindingLine]:
    for finding in view.result.findings:
        if finding.unit is not None and finding.unit != unit:
            continue
        lines = [line for line in finding.evidence if line.machine in machines or finding.unit == unit]
        yield FindingLine(
            code=finding.code,
            severity=finding.severity.value,
            unit_name=view.tree.name(finding.unit),
            facts=told_facts(finding, view.facts.products, view.indicators),
            evidence=tuple(_evidence(view, line) for line in lines[:MAX_EVIDENCE]),
            more_evidence=max(0, len(lines) - MAX_EVIDENCE),
        )


def _evidence(view: RunView, line: core.EvidenceLine) -> EvidenceLine:
    machine = view.machines.get(line.machine)
    name = (machine.code or machine.host_name) if machine is not None else None
    document = line.document or (machine.document if machine is not None else None)
    return EvidenceLine(name or line.machine, line.words, line.record, document, line.rule)


def _unknown(view: RunView, machines: set[str]) -> Iterable[UnknownLine]:
    lines = []
    for line in view.result.unrecognised:
        mine = len(machines.intersection(line.machines))
        if mine:
            lines.append(UnknownLine(line.name, line.publisher, mine, line.versions, line.source))
    return sorted(lines, key=lambda line: (-line.machines, line.name))


def _machine_lines(view: RunView, machines: Sequence[Machine], mine: Sequence[Assignment]) -> list[MachineLine]:
    copies: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in mine:
        copies[assignment.copy.machine].append(assignment)
    lines = []
    for machine in machines:
        own = copies[machine.key]
        systems = [a.copy for a in own if a.copy.kind.value == "operating_system"]
        worst = min((a.verdict for a in own), key=GRAVITY.index, default=None)
        names = [view.copy_name(copy) for copy in systems]
        lines.append(
            MachineLine(
                computer_code=machine.code,
                host_name=machine.host_name,
                department=view.department(machine),
                operating_system=joined(names) if names else None,
                machine_class=machine.machine_class.value,
                copies=len(own),
                worst_verdict=worst.value if worst is not None else None,
                last_scan_on=machine.last_scan_on,
                scopes_not_read=len(missing_scopes(machine)),
            )
        )
    return sorted(lines, key=lambda line: (line.computer_code is None, line.computer_code or line.host_name or ""))

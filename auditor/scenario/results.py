"""What a scenario comes to, as plain values for JSON: positions, roll-up, copies, access, findings, rates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from auditor.core.model import Assignment, AuditResult, Position
from auditor.core.organisation import UnitTree
from auditor.core.rates import percent, rate_of
from auditor.core.reconcile import NOT_COUNTED, reconcile
from auditor.core.rollup import RolledUp, rolled_up
from auditor.scenario.building import Built, Row, facts_of

FIGURES = (
    "raw", "required", "covered", "to_order", "shortage", "owned", "surplus", "idle_reserve", "exempt", "in_trial",
    "dead_oem", "to_verify", "orphan_upgrades", "by_unlimited", "to_buy",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One variant with what came out."""

    variant: str | None
    file: Row
    built: Built
    result: AuditResult
    rollup: tuple[RolledUp, ...]


def outcome_of(variant: str | None, file: Row, *, seed: int | None = None) -> Outcome:
    """Count one variant of a scenario."""
    built = facts_of(file if seed is None else {**file, "seed": seed})
    result = reconcile(built.facts)
    return Outcome(variant, file, built, result, rolled_up(result.unit_positions, UnitTree(built.facts.units)))


def number(value: object) -> object:
    """Return an exact number as JSON can say it: a whole number, else a text such as 1/2; unlimited as a word."""
    if value is None:
        return "unlimited"
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    return value


def position_values(position: Position) -> dict[str, object]:
    """Return one position."""
    told: dict[str, object] = {"unit": position.unit, "product": position.product, "metric": position.metric}
    told |= {name: number(getattr(position, name)) for name in FIGURES}
    told["at_least"] = position.is_lower_bound
    if position.exceptions:
        told["exceptions"] = list(position.exceptions)
    return told


def finding_counts(result: AuditResult) -> dict[str, int]:
    """Return finding code → how many copies or machines it speaks of."""
    counts: Counter[str] = Counter()
    for finding in result.findings:
        facts = dict(finding.facts)
        machines = facts.get("machines")
        counts[finding.code] += machines if isinstance(machines, int) else 1
    return dict(sorted(counts.items()))


def copy_values(assignment: Assignment, outcome: Outcome) -> dict[str, object]:
    """Return what became of one copy."""
    copy = assignment.copy
    rights = {right.id: right.code for right in outcome.built.facts.entitlements}
    told: dict[str, object] = {
        "machine": outcome.built.codes[copy.machine],
        "unit": copy.department or copy.unit,
        "product": copy.product,
        "line": copy.line,
        "edition": copy.edition,
        "person": copy.person,
        "code": assignment.code,
        "over": assignment.over,
        "entitlement": rights.get(assignment.entitlement or 0),
        "right": assignment.right.value,
        "reason": assignment.reason.value if assignment.reason else None,
        "failing": assignment.failing.value if assignment.failing else None,
        "evidence": assignment.evidence.value,
        "verdict": assignment.verdict.value,
        "basis_missing": assignment.basis_missing,
    }
    if assignment.note:
        told["note"] = assignment.note
    return told


def rate_values(outcome: Outcome) -> list[dict[str, object]]:
    """Return the rates of each legal entity by category, and of all its copies."""
    groups: defaultdict[tuple[str, str], list[Assignment]] = defaultdict(list)
    for assignment in outcome.result.assignments:
        for what in (assignment.copy.category.value, "all"):
            groups[(assignment.copy.unit, what)].append(assignment)
    found = []
    for (unit, what), mine in sorted(groups.items()):
        rate = rate_of(mine)
        told: dict[str, object] = {"unit": unit, "what": what, "numerator": rate.numerator}
        found.append({**told, "denominator": rate.denominator, "percent": rate.percent})
    return found


def whole_values(outcome: Outcome) -> list[dict[str, object]]:
    """Return the interval of wholly genuine machines of each legal entity."""
    return [
        {
            "unit": line.unit,
            "machines": line.machines,
            "lowest": line.lowest,
            "stored": line.stored,
            "highest": line.highest,
            "lowest_percent": percent(line.lowest, line.machines),
            "highest_percent": percent(line.highest, line.machines),
        }
        for line in outcome.result.whole_machines
    ]


def stale_machines(outcome: Outcome) -> list[str]:
    """Return the machines that were not scanned for longer than the limit."""
    facts = outcome.built.facts
    return [
        machine.code or machine.key
        for machine in facts.machines
        if machine.state not in NOT_COUNTED
        and machine.last_scan_on is not None
        and (facts.on - machine.last_scan_on).days > facts.stale_after_days
    ]


def machine_count(outcome: Outcome) -> int:
    """Return how many machines are counted."""
    return sum(machine.state not in NOT_COUNTED for machine in outcome.built.facts.machines)


def outcome_values(outcome: Outcome, differences: Sequence[dict[str, object]], *, explain: bool) -> dict[str, Any]:
    """Return everything that came out of one variant."""
    result = outcome.result
    told: dict[str, Any] = {
        "variant": outcome.variant,
        "title": outcome.file.get("title"),
        "as_of": str(outcome.file["as_of"]),
        "positions": [position_values(position) for position in result.unit_positions],
        "rollup": [{**position_values(line.position), "net": number(line.net)} for line in outcome.rollup],
        "rates": rate_values(outcome),
        "whole_machines": whole_values(outcome),
        "findings": finding_counts(result),
        "machines": {"counted": machine_count(outcome), "stale": stale_machines(outcome)},
        "left_out": [{"fault": f.fault.value, "rows": list(f.rows), "told": f.told} for f in result.left_out],
        "merged": [
            {
                "machine": m.machine,
                "sources": list(m.sources),
                "because": list(m.because),
                "conflicts": list(m.conflicts),
            }
            for m in outcome.built.merged
        ],
        "differences": list(differences),
    }
    if explain:
        rights = {right.id: right.code for right in outcome.built.facts.entitlements}
        told["copies"] = [copy_values(assignment, outcome) for assignment in result.assignments]
        told["access"] = [
            {
                "unit": line.unit,
                "product": line.product,
                "kind": line.kind,
                "name": line.name,
                "count": line.count,
                "entitlement": rights.get(line.entitlement or 0),
                "failing": line.failing.value if line.failing else None,
            }
            for line in result.access
        ]
    return told

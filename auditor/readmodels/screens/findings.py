"""Findings of a scope, page by page, and one finding with its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from auditor.core.case import case_key
from auditor.core.model import EvidenceLine, Finding
from auditor.readmodels.findings import told_facts
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.database import Connection
from auditor.store.run_index import (
    FindingFilter,
    MachineEntry,
    count_findings,
    finding_content,
    machines_by_keys,
    page_of_findings,
)
from auditor.store.runs import finding_from
from reports.model import Facts
from rules.catalogue import Catalogue

EVIDENCE_SHOWN = 50
_USER_FOLDER = re.compile(r"(?i)((?:[\\\\/]|^)(?:users|home|documents and settings)[\\\\/])[^\\\\/\s\"]+")
NAMING_FACTS = frozenset({"machine", "person", "host", "host_name"})
"""Facts that may name a machine by its host name, or a person."""


@dataclass(frozen=True)
class FindingRow:
    """One finding; `facts` make its sentence. Who may not see persons gets machine codes in their place."""

    number: int
    key: str
    case: str
    """The key under which it is followed from audit to audit."""
    code: str
    severity: str
    unit: str | None
    product: str | None
    machine: MachineEntry | None
    facts: Facts
    evidence: tuple[tuple[MachineEntry | None, EvidenceLine], ...]
    more_evidence: int


@dataclass(frozen=True)
class FindingPage:
    """One page of findings."""

    rows: tuple[FindingRow, ...]
    counts: Mapping[tuple[str, str], int]
    total: int
    after: int | None


def finding_page(
    connection: Connection, scope: Scope, catalogue: Catalogue, wanted: FindingFilter, *, after: int = 0
) -> FindingPage:
    """Return the findings of a scope after a number, the gravest first as the run has them."""
    within = replace(wanted, units=None if scope.is_whole else scope.units)
    found = page_of_findings(connection, scope.run.id, within, after=after, limit=PAGE + 1)
    findings = [(number, finding_from(content)) for number, content in found[:PAGE]]
    rows = tuple(_rows(connection, scope, catalogue, findings, 0))
    counts = count_findings(connection, scope.run.id, replace(within, severity=None, code=None))
    chosen = count_findings(connection, scope.run.id, within)
    more = found[PAGE - 1][0] if len(found) > PAGE else None
    return FindingPage(rows, counts, sum(chosen.values()), more)


def one_finding(connection: Connection, scope: Scope, catalogue: Catalogue, number: int) -> FindingRow | None:
    """Return one finding with its evidence; `None` when there is none, or its unit may not be seen."""
    content = finding_content(connection, scope.run.id, number)
    if content is None:
        return None
    finding = finding_from(content)
    seen = scope.sees_all if finding.unit is None else scope.may_see(finding.unit)
    if not seen:
        return None
    return next(iter(_rows(connection, scope, catalogue, [(number, finding)], EVIDENCE_SHOWN)))


def _rows(
    connection: Connection,
    scope: Scope,
    catalogue: Catalogue,
    findings: list[tuple[int, Finding]],
    evidence: int,
) -> Iterable[FindingRow]:
    keys = {finding.machine for _, finding in findings if finding.machine}
    keys |= {line.machine for _, finding in findings for line in finding.evidence[:evidence]}
    machines = machines_by_keys(connection, scope.run.id, keys)
    for number, finding in findings:
        mine = [line for line in finding.evidence if _may_see(scope, machines.get(line.machine))] if evidence else []
        entry = machines.get(finding.machine or "")
        yield FindingRow(
            number=number,
            key=finding.key,
            case=case_key(finding),
            code=finding.code,
            severity=finding.severity.value,
            unit=finding.unit,
            product=finding.product,
            machine=entry,
            facts=told_to(scope, catalogue, finding, entry),
            evidence=tuple(
                (here, _told(scope, here, line)) for line in mine[:evidence] for here in [machines.get(line.machine)]
            ),
            more_evidence=max(0, len(finding.evidence) - len(mine)) if evidence else len(finding.evidence),
        )


def without_user(words: str) -> str:
    """Return words of a machine without the name of the user whose folder they tell of."""
    return _USER_FOLDER.sub(lambda found: f"{found[1]}…", words)


def _told(scope: Scope, entry: MachineEntry | None, line: EvidenceLine) -> EvidenceLine:
    if entry is not None and scope.shows_person(entry.unit):
        return line
    return replace(line, words=without_user(line.words))


def _may_see(scope: Scope, entry: MachineEntry | None) -> bool:
    return scope.sees_all if entry is None else scope.may_see(entry.unit)


def told_to(scope: Scope, catalogue: Catalogue, finding: Finding, entry: MachineEntry | None) -> Facts:
    """The facts of the sentence; a name that may be a person's is a machine code for who may not see it."""
    facts = told_facts(finding, catalogue.products, catalogue.indicators)
    unit = entry.unit if entry is not None else finding.unit
    if scope.shows_person(unit):
        return facts
    shown = (entry.code or entry.key) if entry is not None else "—"
    return tuple(
        (name, shown if name in NAMING_FACTS else without_user(value) if isinstance(value, str) else value)
        for name, value in facts
    )

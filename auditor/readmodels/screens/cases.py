"""Rectification on screens: findings from audit to audit of a scope, and one of them with all that was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.core.case import OPEN, CaseState
from auditor.core.model import EvidenceLine
from auditor.readmodels.cases import history_rows
from auditor.readmodels.screens.findings import told_to, without_user
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.cases import Case, Filter, count_cases, events_of, list_cases, urgency_key
from auditor.store.database import Connection
from auditor.store.papers import Paper, Subject, find_paper, links_of
from auditor.store.run_index import MachineEntry, machines_by_keys
from reports.model import Facts
from rules.catalogue import Catalogue

EVIDENCE_SHOWN = 50


@dataclass(frozen=True)
class CaseRow:
    """One finding as it stands; `facts` make its sentence. Who may not see persons gets machine codes."""

    case: Case
    machine: MachineEntry | None
    facts: Facts
    is_overdue: bool

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.case.code


@dataclass(frozen=True)
class CasePage:
    """One page; `counts` by state over the whole scope, `total` of what was chosen, `after` for the next page."""

    rows: tuple[CaseRow, ...]
    counts: Mapping[str, int]
    total: int
    after: tuple[int, str, int] | None


@dataclass(frozen=True)
class OneCase:
    """One finding: its evidence, the statements of the unit, papers, every act."""

    row: CaseRow
    evidence: tuple[tuple[MachineEntry | None, EvidenceLine], ...]
    more_evidence: int
    statements: tuple[Mapping[str, Any], ...]
    papers: tuple[Paper, ...]
    history: tuple[Mapping[str, Any], ...]


def within(scope: Scope, wanted: Filter) -> Filter:
    """Return the conditions bounded to what the reader looks at."""
    return replace(wanted, units=None if scope.is_whole else tuple(sorted(scope.units)))


def case_page(
    connection: Connection,
    scope: Scope,
    catalogue: Catalogue,
    wanted: Filter,
    *,
    on: date,
    after: tuple[int, str, int] | None = None,
) -> CasePage:
    """Return the findings of a scope, the gravest and most urgent first."""
    chosen = within(scope, wanted)
    found = list_cases(connection, chosen, limit=PAGE + 1, after=after)
    counts: dict[str, int] = {}
    for (_, state), number in count_cases(connection, within(scope, Filter())).items():
        counts[state] = counts.get(state, 0) + number
    total = sum(count_cases(connection, chosen).values())
    more = urgency_key(found[PAGE - 1]) if len(found) > PAGE else None
    return CasePage(tuple(_rows(connection, scope, catalogue, found[:PAGE], on)), counts, total, more)


def may_see(scope: Scope, case: Case) -> bool:
    """Whether the reader may see a case: its unit is in sight, or it is nobody's and they see everything."""
    return scope.sees_all if case.unit is None else scope.may_see(case.unit)


def one_case(
    connection: Connection, scope: Scope, catalogue: Catalogue, case: Case, language: str, *, on: date
) -> OneCase | None:
    """Return one case with all that was done; `None` for who may not see it."""
    if not may_see(scope, case):
        return None
    (row,) = _rows(connection, scope, catalogue, [case], on)
    lines = case.finding.evidence
    machines = machines_by_keys(connection, scope.run.id, {line.machine for line in lines[:EVIDENCE_SHOWN]})
    events = history_rows(events_of(connection, case.id), language)
    kept = {link.paper for link in links_of(connection, subject=Subject("finding", case.key))}
    shown = tuple((machines.get(line.machine), _told(scope, case, line)) for line in lines[:EVIDENCE_SHOWN])
    papers = sorted((find_paper(connection, digest) for digest in kept), key=lambda one: (one.added_at, one.digest))
    return OneCase(
        row, shown, len(lines) - len(shown),
        tuple(event for event in events if event["doing"] == "stated"),
        tuple(papers),
        tuple(reversed(events)),
    )  # fmt: skip


def open_number(counts: Mapping[str, int]) -> int:
    """Return of how many findings somebody must still do something."""
    return sum(number for state, number in counts.items() if CaseState(state) in OPEN)


def _rows(
    connection: Connection, scope: Scope, catalogue: Catalogue, cases: Sequence[Case], on: date
) -> Iterable[CaseRow]:
    findings = [case.finding for case in cases]
    machines = machines_by_keys(connection, scope.run.id, {f.machine for f in findings if f.machine})
    for case, finding in zip(cases, findings, strict=True):
        entry = machines.get(finding.machine or "")
        yield CaseRow(case, entry, told_to(scope, catalogue, finding, entry), case.is_overdue(on))


def _told(scope: Scope, case: Case, line: EvidenceLine) -> EvidenceLine:
    return line if scope.shows_person(case.unit) else replace(line, words=without_user(line.words))

"""Cases → rows of a listing, the history of one, the letters that go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from auditor.core.days import day_of
from auditor.core.model import Finding
from auditor.readmodels.findings import told_facts
from auditor.store.cases import Case, Event
from reports.model import EvidenceLine, FindingLine, NoticeLetter, NoticeLine, OverdueUnit, OverdueUnits
from reports.wording import wording
from rules.catalogue import Catalogue


def case_rows(cases: Sequence[Case], catalogue: Catalogue, language: str, *, on: date) -> list[dict[str, Any]]:
    """Return number, state, deadline, owner and sentence of each case."""
    words = wording(language)
    rows = []
    for case in cases:
        finding = case.finding
        rows.append(
            {
                "id": case.id,
                "state": words.word("case_state", case.state),
                "state_code": case.state,
                "severity": case.severity,
                "code": case.code,
                "unit": case.unit,
                "product": case.product,
                "machine": case.machine,
                "owner": case.owner,
                "notice": case.notice,
                "due_on": case.due_on,
                "overdue": case.is_overdue(on),
                "excepted_until": case.excepted_until,
                "reopened": case.reopened,
                "seen_on": case.seen_on,
                "version": case.version,
                "sentence": _sentence(finding, catalogue, language),
            }
        )
    return rows


def history_rows(events: Sequence[Event], language: str) -> list[dict[str, Any]]:
    """Return every act on a case: when, who, what, the state after it, and what was told."""
    words = wording(language)
    return [
        {
            "number": event.number,
            "at": event.at,
            "by": event.by or "",
            "act": words.word("doing", event.act),
            "doing": event.act,
            "state": words.word("case_state", event.state),
            "told": _told(event.facts),
            "digest": event.digest,
        }
        for event in events
    ]


def evidence_rows(finding: Finding) -> list[dict[str, Any]]:
    """Return the evidence of a finding, line by line, as the machine said it."""
    return [
        {"machine": e.machine, "words": e.words, "record": e.record, "document": e.document, "rule": e.rule}
        for e in finding.evidence
    ]


def notice_letter(
    cases: Sequence[Case],
    statements: Mapping[int, Sequence[Event]],
    catalogue: Catalogue,
    *,
    number: str,
    unit_name: str,
    issuer: str,
    contact: str | None,
    noticed_on: date,
    due_on: date,
    machine_names: Mapping[str, str],
    zone: ZoneInfo,
) -> NoticeLetter:
    """Return the 整改通知书 of cases of one unit, each with the statements that the unit made."""
    lines = []
    for case in cases:
        finding = case.finding
        shown = FindingLine(
            code=finding.code,
            severity=finding.severity.value,
            unit_name=unit_name,
            facts=told_facts(finding, catalogue.products, catalogue.indicators),
            evidence=tuple(
                EvidenceLine(machine_names.get(e.machine, e.machine), e.words, e.record, e.document, e.rule)
                for e in finding.evidence
            ),
        )
        told = tuple((day_of(e.at, zone).isoformat(), str(e.facts["text"])) for e in statements.get(case.id, ()))
        lines.append(NoticeLine(case.id, shown, date.fromisoformat(case.seen_on), told))
    return NoticeLetter(number, unit_name, issuer, noticed_on, due_on, tuple(lines), contact)


def overdue_list(
    counts: Sequence[tuple[str, int, int, date]],
    unit_names: Mapping[str, str],
    *,
    issuer: str,
    as_of: date,
    released_by: str,
) -> OverdueUnits:
    """Return the 未按期整改单位名单 of (unit, overdue, open, earliest deadline)."""
    lines = [OverdueUnit(unit_names.get(u, u), overdue, standing, oldest) for u, overdue, standing, oldest in counts]
    return OverdueUnits(issuer, as_of, released_by, tuple(lines))


def _sentence(finding: Finding, catalogue: Catalogue, language: str) -> str:
    facts = told_facts(finding, catalogue.products, catalogue.indicators)
    return wording(language).finding(finding.code, facts).text


def _told(facts: Mapping[str, Any]) -> str:
    plain = [
        str(facts[name])
        for name in ("text", "reason", "approver", "until", "owner", "due_on", "notice")
        if name in facts
    ]
    plain += [f"{name} {str(facts[name])[:12]}" for name in ("paper", "file", "run") if name in facts]
    plain += [f"{facts.get('from')} → {facts['to']}"] if "to" in facts and "from" in facts else []
    return "；".join(plain)

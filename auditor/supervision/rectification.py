"""整改闭环: confirm, tell, answer, put right, re-check, close. Each act says who and when; evidence is never edited.

A case closes when a later scan proves the cure (`following.py`), or when a person closes it with a paper. Each function
takes the actor as an account's name and carries one act out on many cases, all or none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from auditor.core.case import CaseState, signature
from auditor.errors import AuditorError, both
from auditor.store.cases import Act, Case, keep_acts
from auditor.store.database import Connection
from auditor.store.papers import Subject, find_paper, link_paper
from auditor.supervision.states import Doing, state_after

MAX_TEXT = 4000
"""Characters of a reason, statement or comment."""


@dataclass(frozen=True)
class Actor:
    """Who acts: the name of an account. The program itself acts under no name."""

    name: str | None


PROGRAM = Actor(None)


def carry_out(
    connection: Connection,
    doing: Doing,
    cases: Sequence[Case],
    *,
    actor: Actor,
    at: str,
    changes: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> list[Case]:
    """Carry one act out on cases, all or none. Raises `AuditorError` for the first that it is not possible for."""
    acts, told = [], facts or {}
    ways: dict[str, dict[str, Any]] = {}
    for case in cases:
        if case.state not in ways:
            after = state_after(doing, CaseState(case.state), told=str(case.id))
            ways[case.state] = dict(changes or {}) | {"state": after.value}
        acts.append(Act(case, doing.value, ways[case.state], told, actor.name))
    return keep_acts(connection, acts, at=at, name=f"finding.{doing.value}")


def confirm(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, reason: str | None) -> list[Case]:
    """已确认: a person has looked at the evidence and stands by it."""
    return carry_out(connection, Doing.CONFIRM, cases, actor=actor, at=at, facts=_said(reason=reason))


def dismiss(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, reason: str) -> list[Case]:
    """误报: a person says why the evidence is no evidence; it counts until other evidence appears."""
    text = said(reason, "reason")
    done = []
    for case in cases:
        seen = sorted(signature(case.finding.evidence))
        facts = {"reason": text, "evidence": [list(pair) for pair in seen]}
        done += carry_out(connection, Doing.DISMISS, [case], actor=actor, at=at, facts=facts)
    return done


def assign(
    connection: Connection,
    cases: Sequence[Case],
    *,
    actor: Actor,
    at: str,
    owner: str | None = None,
    due_on: date | None = None,
    today: date,
) -> list[Case]:
    """Name who answers for it, and by when."""
    changes: dict[str, Any] = {}
    if owner is not None:
        changes["owner"] = said(owner, "owner")
    if due_on is not None:
        _check_deadline(due_on, today, cases)
        changes["due_on"] = due_on.isoformat()
    if not changes:
        raise AuditorError(both("应写明责任人或期限", "expected an owner or a deadline"))
    return carry_out(connection, Doing.ASSIGN, cases, actor=actor, at=at, changes=changes, facts=changes)


def note_notice(
    connection: Connection,
    cases: Sequence[Case],
    *,
    actor: Actor,
    at: str,
    number: str,
    noticed_on: date,
    due_on: date,
    file: str,
) -> list[Case]:
    """整改通知: record that it went out, with its number, day, deadline and the digest of the file."""
    _check_deadline(due_on, noticed_on, ())
    changes = {"notice": number, "noticed_on": noticed_on.isoformat(), "due_on": due_on.isoformat()}
    return carry_out(
        connection, Doing.NOTICE, cases, actor=actor, at=at, changes=changes, facts=changes | {"file": file}
    )


def comment(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, text: str) -> list[Case]:
    """Say something that changes nothing."""
    return carry_out(connection, Doing.COMMENT, cases, actor=actor, at=at, facts={"text": said(text, "text")})


def state(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, text: str) -> list[Case]:
    """陈述: the unit's own words, printed beside the finding."""
    return carry_out(connection, Doing.STATE, cases, actor=actor, at=at, facts={"text": said(text, "text")})


def attach(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, paper: str) -> list[Case]:
    """Lay a kept paper beside it, by digest."""
    digest = _link(connection, cases, paper, actor, at)
    return carry_out(connection, Doing.ATTACH, cases, actor=actor, at=at, facts={"paper": digest})


def report_done(
    connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, text: str | None
) -> list[Case]:
    """整改完成, says the unit: the next whole scan, or a person, tells whether it is so."""
    return carry_out(connection, Doing.DONE, cases, actor=actor, at=at, facts=_said(text=text))


def close(
    connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, paper: str, reason: str
) -> list[Case]:
    """已关闭 by a person, with the paper that shows why."""
    text = said(reason, "reason")
    digest = _link(connection, cases, paper, actor, at)
    return carry_out(connection, Doing.CLOSE, cases, actor=actor, at=at, facts={"reason": text, "paper": digest})


def reopen(connection: Connection, cases: Sequence[Case], *, actor: Actor, at: str, reason: str) -> list[Case]:
    """Take a settlement back."""
    text = said(reason, "reason")
    done = []
    for case in cases:
        changes = {"reopened": case.reopened + 1, "excepted_until": None}
        done += carry_out(connection, Doing.REOPEN, [case], actor=actor, at=at, changes=changes, facts={"reason": text})
    return done


def default_deadline(day: date, days: int) -> date:
    """Return the deadline of a notice of the day: so many days after it."""
    return day + timedelta(days=days)


def said(text: str, what: str) -> str:
    """Return a text of a person, trimmed. Raises `AuditorError` for none and for one beyond the bound."""
    trimmed = text.strip()
    if not trimmed:
        raise AuditorError(f"{what}: {both('应写明内容', 'expected a text')}")
    if len(trimmed) > MAX_TEXT:
        raise AuditorError(f"{what}: {both(f'应不超过 {MAX_TEXT} 字', f'expected at most {MAX_TEXT} characters')}")
    return trimmed


def told_facts_of(case: Case) -> dict[str, Any]:
    """Return the facts of the finding by name."""
    return {name: value for name, value in json.loads(case.content)["facts"]}


def _said(**texts: str | None) -> dict[str, str]:
    return {name: said(text, name) for name, text in texts.items() if text is not None}


def _check_deadline(due_on: date, from_day: date, cases: Sequence[Case]) -> None:
    noticed = [date.fromisoformat(case.noticed_on) for case in cases if case.noticed_on is not None]
    first = max([from_day, *noticed])
    if due_on < first:
        zh, en = f"期限不能早于 {first}", f"expected a deadline on or after {first}"
        raise AuditorError(f"{due_on}: {both(zh, en)}")


def _link(connection: Connection, cases: Sequence[Case], paper: str, actor: Actor, at: str) -> str:
    digest = find_paper(connection, paper).digest
    for case in cases:
        link_paper(connection, digest, Subject("finding", case.key), now=at, by=actor.name)
    return digest

"""例外: a finding stands aside for a while, by somebody's approval. It always ends, and comes back by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from auditor.core.case import CaseState
from auditor.errors import AuditorError, both
from auditor.store.cases import Case, Filter, list_cases
from auditor.store.database import Connection
from auditor.supervision.rectification import PROGRAM, Actor, carry_out, said
from auditor.supervision.states import Doing


def grant(
    connection: Connection,
    cases: Sequence[Case],
    *,
    actor: Actor,
    at: str,
    approver: str,
    reason: str,
    until: date | None,
    today: date,
    longest_days: int,
) -> list[Case]:
    """Let cases stand aside until the end of a day. Raises `AuditorError` for one without an end, or too long."""
    if until is None:
        raise AuditorError(f"until: {both('例外应有截止日期', 'an exception must have an end')}")
    last = today + timedelta(days=longest_days)
    if not today <= until <= last:
        zh, en = f"截止日期应在 {today} 至 {last} 之间", f"expected a day from {today} to {last}"
        raise AuditorError(f"{until}: {both(zh, en)}")
    facts = {"approver": said(approver, "approver"), "reason": said(reason, "reason"), "until": until.isoformat()}
    return carry_out(
        connection, Doing.EXCEPT, cases, actor=actor, at=at, changes={"excepted_until": until.isoformat()}, facts=facts
    )


def end_exceptions(connection: Connection, *, on: date, at: str) -> list[Case]:
    """Bring back every case whose exception ended before the day. To be run daily; again is no second time."""
    standing = list_cases(connection, Filter(states=(CaseState.EXCEPTED.value,)))
    over = [c for c in standing if c.excepted_until is not None and c.excepted_until < on.isoformat()]
    return carry_out(connection, Doing.END_EXCEPTION, over, actor=PROGRAM, at=at, changes={"excepted_until": None})

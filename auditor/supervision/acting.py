"""One door for what a person does to findings, by the name of the act: the console and the interface go through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from auditor.core.case import CaseState
from auditor.errors import AuditorError, both
from auditor.store.cases import Case
from auditor.store.database import Connection
from auditor.supervision import rectification
from auditor.supervision.bulk_acts import note_bulk
from auditor.supervision.exceptions import grant
from auditor.supervision.rectification import Actor
from auditor.supervision.states import RULES, Doing

BY_PERSONS = (
    Doing.CONFIRM, Doing.DISMISS, Doing.ASSIGN, Doing.STATE, Doing.DONE, Doing.CLOSE, Doing.EXCEPT, Doing.REOPEN,
    Doing.ATTACH, Doing.COMMENT,
)  # fmt: skip
"""Acts of persons, in the order in which a finding meets them; the notice is a letter and has a command of its own."""


@dataclass(frozen=True)
class Said:
    """What somebody says of an act. Which of it an act needs, the act itself checks."""

    text: str = ""
    """Statement, comment, what was done; of the others the reason."""
    owner: str | None = None
    due_on: date | None = None
    paper: str | None = None
    """Digest of a kept paper."""
    approver: str = ""
    until: date | None = None


ACTED_SINCE = both("其他人刚刚处理过，请重新查看后再办", "somebody else has just acted on it; look again first")
"""What is told to the second of two who act on one thing."""


def possible(state: CaseState) -> tuple[Doing, ...]:
    """Return what a person can do to a finding in a state."""
    return tuple(doing for doing in BY_PERSONS if state in RULES[doing].before)


def act_on(
    connection: Connection,
    doing: Doing,
    cases: Sequence[Case],
    said: Said,
    *,
    actor: Actor,
    at: str,
    today: date,
    longest_days: int,
) -> list[Case]:
    """Carry an act of a person out on cases, all or none; return them as they stand then.

    On several it is one entry that can be taken back (`bulk_acts`). `longest_days` bounds an exception. Raises
    `AuditorError` for what is not possible, or not said.
    """
    after = _carried(connection, doing, cases, said, actor=actor, at=at, today=today, longest_days=longest_days)
    note_bulk(connection, doing, cases, after, actor=actor, at=at)
    return after


def _carried(
    connection: Connection,
    doing: Doing,
    cases: Sequence[Case],
    said: Said,
    *,
    actor: Actor,
    at: str,
    today: date,
    longest_days: int,
) -> list[Case]:
    to = rectification
    match doing:
        case Doing.CONFIRM:
            return to.confirm(connection, cases, actor=actor, at=at, reason=said.text or None)
        case Doing.DISMISS:
            return to.dismiss(connection, cases, actor=actor, at=at, reason=said.text)
        case Doing.ASSIGN:
            return to.assign(
                connection, cases, actor=actor, at=at, owner=said.owner or None, due_on=said.due_on, today=today
            )
        case Doing.COMMENT:
            return to.comment(connection, cases, actor=actor, at=at, text=said.text)
        case Doing.STATE:
            return to.state(connection, cases, actor=actor, at=at, text=said.text)
        case Doing.ATTACH:
            return to.attach(connection, cases, actor=actor, at=at, paper=_paper(said))
        case Doing.DONE:
            return to.report_done(connection, cases, actor=actor, at=at, text=said.text or None)
        case Doing.CLOSE:
            return to.close(connection, cases, actor=actor, at=at, paper=_paper(said), reason=said.text)
        case Doing.EXCEPT:
            return grant(
                connection, cases, actor=actor, at=at, approver=said.approver, reason=said.text, until=said.until,
                today=today, longest_days=longest_days,
            )  # fmt: skip
        case Doing.REOPEN:
            return to.reopen(connection, cases, actor=actor, at=at, reason=said.text)
    raise AuditorError(f"{doing.value}: {both('不是由人办理的事项', 'no act of a person')}")


def unchanged(case: Case, version: int) -> Case:
    """Return the case as somebody saw it. Raises `AuditorError` when another person acted since."""
    if case.version != version:
        raise AuditorError(f"{case.id}: {ACTED_SINCE}")
    return case


def _paper(said: Said) -> str:
    if not said.paper:
        raise AuditorError(both("应附上凭证", "expected a paper"))
    return said.paper

"""A finding's life: which act is possible in which state, and the state after it.

待确认 → 已确认 → 整改中 → 待复查 → 已关闭; 误报 and 例外 aside; back to 待确认 when evidence comes again. A table, so
that the manual, the console and the commands tell the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from auditor.core.case import OPEN, CaseState
from auditor.errors import AuditorError, both

S = CaseState


class Doing(StrEnum):
    """What happens to a finding. Those of persons first, those of the program last."""

    CONFIRM = "confirmed"
    DISMISS = "dismissed"
    ASSIGN = "assigned"
    NOTICE = "noticed"
    COMMENT = "commented"
    STATE = "stated"
    ATTACH = "attached"
    DONE = "done"
    CLOSE = "closed"
    EXCEPT = "excepted"
    REOPEN = "reopened"
    UNDO = "undone"
    ESCALATE = "escalated"
    END_EXCEPTION = "exception_ended"
    PROVE = "proved"
    COME_BACK = "came_back"
    NOT_CURED = "not_cured"
    MOVE = "moved"


@dataclass(frozen=True)
class Rule:
    """From which states an act is possible, and the state after it; `None`: as before."""

    before: frozenset[CaseState]
    after: CaseState | None
    why_not: tuple[str, str]
    """Said where it is not possible."""


_ANY = frozenset(CaseState)
_LIVE = OPEN | {S.EXCEPTED}
RULES: Mapping[Doing, Rule] = {
    Doing.CONFIRM: Rule(
        frozenset({S.TO_CONFIRM}), S.CONFIRMED, ("只有待确认的可以确认", "only what waits to be confirmed"),
    ),
    Doing.DISMISS: Rule(
        frozenset({S.TO_CONFIRM, S.CONFIRMED}), S.FALSE_POSITIVE,
        ("只有待确认或已确认的可以判为误报", "only what waits to be confirmed, or was, can be a false positive"),
    ),
    Doing.ASSIGN: Rule(_LIVE, None, ("已办结的不能再指派", "what is settled cannot be assigned")),
    Doing.NOTICE: Rule(
        frozenset({S.CONFIRMED, S.RECTIFYING}), S.RECTIFYING,
        ("应先确认，再发整改通知", "confirm it before a notice goes out"),
    ),
    Doing.COMMENT: Rule(_ANY, None, ("", "")),
    Doing.STATE: Rule(_LIVE, None, ("已办结的不再接受陈述", "a statement on a settled finding is not taken")),
    Doing.ATTACH: Rule(_ANY, None, ("", "")),
    Doing.DONE: Rule(
        frozenset({S.CONFIRMED, S.RECTIFYING}), S.TO_RECHECK,
        ("只有已确认或整改中的可以报整改完成", "only what is confirmed or being put right can be reported as done"),
    ),
    Doing.CLOSE: Rule(
        frozenset({S.CONFIRMED, S.RECTIFYING, S.TO_RECHECK}), S.CLOSED,
        ("只有已确认、整改中、待复查的可以凭证关闭", "only what is confirmed and not settled can be closed by a paper"),
    ),
    Doing.EXCEPT: Rule(OPEN, S.EXCEPTED, ("已办结的不需要例外", "what is settled needs no exception")),
    Doing.REOPEN: Rule(
        frozenset({S.CLOSED, S.FALSE_POSITIVE, S.EXCEPTED}), S.CONFIRMED,
        ("尚未办结，不需要重新打开", "it is not settled; there is nothing to reopen"),
    ),
    Doing.UNDO: Rule(_ANY, None, ("", "")),
    Doing.ESCALATE: Rule(OPEN, None, ("已办结的不再上报", "what is settled goes no further up")),
    Doing.END_EXCEPTION: Rule(frozenset({S.EXCEPTED}), S.CONFIRMED, ("不在例外之中", "it is not excepted")),
    Doing.PROVE: Rule(_LIVE, S.CLOSED, ("已办结", "it is settled")),
    Doing.COME_BACK: Rule(frozenset({S.CLOSED, S.FALSE_POSITIVE}), S.TO_CONFIRM, ("未办结", "it is not settled")),
    Doing.NOT_CURED: Rule(frozenset({S.TO_RECHECK}), S.RECTIFYING, ("不在待复查", "it does not wait for a re-check")),
    Doing.MOVE: Rule(_ANY, None, ("", "")),
}  # fmt: skip
STATE_WORDS: Mapping[CaseState, tuple[str, str]] = {
    S.TO_CONFIRM: ("待确认", "to be confirmed"),
    S.CONFIRMED: ("已确认", "confirmed"),
    S.FALSE_POSITIVE: ("误报", "false positive"),
    S.RECTIFYING: ("整改中", "being put right"),
    S.TO_RECHECK: ("待复查", "to be re-checked"),
    S.CLOSED: ("已关闭", "closed"),
    S.EXCEPTED: ("例外", "excepted"),
}


def state_after(doing: Doing, state: CaseState, *, told: str) -> CaseState:
    """Return the state after an act. Raises `AuditorError` that says why it is not possible; `told` names the case."""
    rule = RULES[doing]
    if state not in rule.before:
        zh, en = STATE_WORDS[state]
        why_zh, why_en = rule.why_not
        raise AuditorError(f"{told}: {both(f'现为{zh}：{why_zh}', f'it is {en}: {why_en}')}")
    return rule.after if rule.after is not None else state


def state_word(state: str, language: str) -> str:
    """Return the word for a state."""
    return STATE_WORDS[CaseState(state)][0 if language == "zh_CN" else 1]

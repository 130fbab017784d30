"""Rectification: findings from audit to audit, one of them with its acts, and acts on many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.core.case import CaseState
from auditor.core.model import Severity
from auditor.readmodels.screens.cases import CasePage, OneCase, open_number
from auditor.store.cases import Filter
from reports.wording import wording

ASKS: Mapping[str, tuple[str, ...]] = {
    "confirmed": ("text",),
    "dismissed": ("text!",),
    "assigned": ("owner", "due_on"),
    "noticed": ("due_on",),
    "stated": ("text!",),
    "done": ("text",),
    "closed": ("text!", "paper!"),
    "excepted": ("text!", "approver!", "until!"),
    "reopened": ("text!",),
    "attached": ("paper!",),
    "commented": ("text!",),
}
"""What the form of an act asks for; `!` = it must be there."""
HEADS: Mapping[str, tuple[str, str]] = {
    "confirmed": ("确认属实", "Confirm"),
    "dismissed": ("判为误报", "A false positive"),
    "assigned": ("指派责任人和期限", "Assign, with a deadline"),
    "noticed": ("发整改通知书", "Send the notice"),
    "stated": ("登记单位陈述", "Statement of the unit"),
    "done": ("报整改完成", "Report as put right"),
    "closed": ("凭证关闭", "Close by a paper"),
    "excepted": ("限期例外", "Except for a while"),
    "reopened": ("重新打开", "Reopen"),
    "attached": ("附凭证", "Attach a paper"),
    "commented": ("备注", "Comment"),
}
IN_BULK = ("confirmed", "assigned", "noticed", "commented")
"""Acts that make sense on many findings at once: each of the others says something of one."""


class LateUnit(Protocol):
    """How late a unit is."""

    @property
    def unit(self) -> str:
        """Its code."""

    @property
    def overdue(self) -> int:
        """Findings past their deadline."""

    @property
    def open(self) -> int:
        """Findings that are not settled."""

    @property
    def oldest(self) -> date:
        """The earliest deadline that has passed."""


class BulkRow(Protocol):
    """One act on many findings."""

    @property
    def units(self) -> Sequence[str | None]:
        """Whose findings."""

    @property
    def digest(self) -> str:
        """Its name."""

    @property
    def act(self) -> str:
        """What was done."""

    @property
    def at(self) -> str:
        """When."""

    @property
    def by(self) -> str | None:
        """By whom."""

    @property
    def count(self) -> int:
        """On how many findings."""

    @property
    def undone_at(self) -> str | None:
        """When it was taken back."""


class RuleRow(Protocol):
    """One rule and what it read, as people judged it."""

    @property
    def rule(self) -> str:
        """The rule, or indicator."""

    @property
    def words(self) -> str:
        """What it read."""

    @property
    def dismissed(self) -> int:
        """How often it was nothing."""

    @property
    def confirmed(self) -> int:
        """How often it was something."""

    @property
    def open(self) -> int:
        """How many findings nobody has judged yet."""

    @property
    def suggestion(self) -> str:
        """What may be changed."""


def page(frame: Frame, model: CasePage, wanted: Filter, *, only: str, today: date) -> str:
    """Return one page of findings under rectification."""
    words = wording(frame.language)
    states = [(s.value, f"{words.word('case_state', s.value)} ({model.counts.get(s.value, 0):,})") for s in CaseState]
    return render(
        "cases.html.j2",
        frame,
        model=model,
        wanted=wanted,
        only=only,
        states=states,
        severities=[(one.value, words.word("severity", one.value)) for one in Severity],
        after=key_text(model.after),
        standing=open_number(model.counts),
        chosen={n: v for n, v in frame.query.items() if n in ("state", "severity", "code", "only", "q") and v},
        acts=[(name, frame.t(*HEADS[name])) for name in IN_BULK],
        today=today,
    )


def one(frame: Frame, model: OneCase, acts: Sequence[str], *, today: date, longest: date) -> str:
    """Return one finding, with a form for each act that is possible now."""
    title = wording(frame.language).finding(model.row.case.code, model.row.facts).title
    crumbs = [(frame.t("整改", "Rectification"), frame.url("/cases")), (title, None)]
    forms = [
        (name, frame.t(*HEADS[name]), {part.rstrip("!"): part.endswith("!") for part in ASKS[name]}) for name in acts
    ]
    return render("case.html.j2", frame, model=model, crumbs=crumbs, forms=forms, today=today, longest=longest)


def overdue(frame: Frame, rows: Sequence[LateUnit], *, on: date) -> str:
    """Return the units that are late."""
    crumbs = [(frame.t("整改", "Rectification"), frame.url("/cases")), (frame.t("未按期整改", "Late units"), None)]
    return render("overdue_units.html.j2", frame, rows=rows, on=on, crumbs=crumbs)


def bulk(frame: Frame, rows: Sequence[BulkRow]) -> str:
    """Return the acts on many."""
    crumbs = [(frame.t("整改", "Rectification"), frame.url("/cases")), (frame.t("批量办理记录", "Acts on many"), None)]
    heads = {name: frame.t(*pair) for name, pair in HEADS.items()}
    return render("bulk_acts.html.j2", frame, rows=rows, heads=heads, crumbs=crumbs)


def rules(frame: Frame, rows: Sequence[RuleRow]) -> str:
    """Return what false positives say of the rules."""
    crumbs = [(frame.t("整改", "Rectification"), frame.url("/cases")), (frame.t("误报与规则", "False positives"), None)]
    return render("case_rules.html.j2", frame, rows=rows, crumbs=crumbs)

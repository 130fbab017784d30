"""Handing in: who has not, what was drafted, reviewed and submitted, what came from units below, questions to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.readmodels.screens.scope import product_name
from reports.model import Name
from reports.wording import wording
from rules.product import Product

DUTIES = ("annual_report", "summary", "detail", "demand", "plan", "check")
STATES: Mapping[str, tuple[str, str]] = {
    "drafted": ("待审核", "to be reviewed"),
    "reviewed": ("已审核，待报送", "reviewed, to be submitted"),
    "submitted": ("已报送", "submitted"),
    "corrected": ("已被更正", "corrected"),
    "returned": ("已退回", "sent back"),
}
UP: Mapping[str, tuple[str, str]] = {
    "waiting": ("待上报", "waiting to go up"),
    "sending": ("上报中", "going up"),
    "sent": ("上级已收到", "taken by the tier above"),
    "unclear": ("不知是否送达", "not known whether it arrived"),
    "given_up": ("上级未接收", "not taken by the tier above"),
}
"""Where the signed figures stand on their way to the tier above."""
STEPS: Mapping[str, tuple[str, str]] = {
    "drafted": ("起草", "drafted"),
    "reviewed": ("审核", "reviewed"),
    "submitted": ("报送", "submitted"),
    "returned": ("退回", "sent back"),
}
FIGURES: Mapping[str, tuple[str, str]] = {
    "raw": ("安装数", "installed"), "required": ("需要", "required"), "covered": ("已覆盖", "covered"),
    "to_order": ("待补购", "to order"), "shortage": ("不足", "shortage"), "owned": ("持有", "owned"),
    "surplus": ("闲置", "surplus"), "severity": ("轻重", "severity"), "count": ("项数", "number"),
}  # fmt: skip


WAYS: Mapping[str, tuple[str, str]] = {
    "transfer": ("调剂", "transfer"), "buy": ("采购", "buy"), "unmet": ("未解决", "unmet"),
}  # fmt: skip


def duties(frame: Frame) -> dict[str, str]:
    """Return the names of the duties, as a heading begins."""
    words = wording(frame.language)
    names = {duty: words.word("duty", duty) for duty in DUTIES}
    return {duty: name[:1].upper() + name[1:] for duty, name in names.items()}


def page(frame: Frame, **model: Any) -> str:
    """Return the list with the calendar."""
    return render(
        "hand_ins.html.j2", frame, **model, duties=duties(frame), states=_words(frame, STATES),
        step_names=_words(frame, STEPS), up=_words(frame, UP),
    )  # fmt: skip


def one(frame: Frame, number: str, **model: Any) -> str:
    """Return one submission."""
    crumbs = [(frame.t("报送", "Handing in"), frame.url("/hand-ins")), (number, None)]
    return render(
        "hand_in.html.j2", frame, **model, number=number, duties=duties(frame), states=_words(frame, STATES),
        step_names=_words(frame, STEPS), up=_words(frame, UP), figures=_words(frame, FIGURES), crumbs=crumbs,
    )  # fmt: skip


def received(frame: Frame, **model: Any) -> str:
    """Return what came from units below, rolled up, and the questions to them."""
    crumbs = [(frame.t("报送", "Handing in"), frame.url("/hand-ins")), (frame.t("下级报送", "From units below"), None)]
    return render("received.html.j2", frame, **model, duties=duties(frame), crumbs=crumbs)


def procurement(
    frame: Frame, *, rows: Sequence[Mapping[str, Any]], products: Mapping[str, Product], **model: Any
) -> str:
    """Return the joint plan, with its sum."""
    total = sum((row["amount"] for row in rows if row["amount"] != ""), Decimal(0))
    shown = [{**row, "name": product_name(products, row["product"])} for row in rows]
    crumbs = [
        (frame.t("报送", "Handing in"), frame.url("/hand-ins")),
        (frame.t("下级报送", "From units below"), frame.url("/hand-ins/received")),
        (frame.t("联合采购", "Joint procurement"), None),
    ]
    return render(
        "procurement.html.j2", frame, **model, rows=shown, total=total, ways=_words(frame, WAYS), duties=duties(frame),
        crumbs=crumbs,
    )  # fmt: skip


def question(frame: Frame, asked: Any, answer: Any, *, product: str | Name) -> str:
    """Return one question with its answer. `product`: the name of what was asked about."""
    crumbs = [
        (frame.t("报送", "Handing in"), frame.url("/hand-ins")),
        (frame.t("下级报送", "From units below"), frame.url("/hand-ins/received")),
        (asked.id, None),
    ]
    return render("question.html.j2", frame, asked=asked, answer=answer, product=product, crumbs=crumbs)


def _words(frame: Frame, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {code: frame.t(*pair) for code, pair in pairs.items()}

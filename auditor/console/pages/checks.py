"""Spot checks and stocktakes: the list, one of them with its forms, and a form to fill in on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.readmodels.screens.checks import CheckRow, OneCheck, OneForm, rows_of_units
from reports.wording import wording

KINDS: Mapping[str, tuple[str, str]] = {
    "machines": ("抽查", "Spot check"),
    "papers": ("凭证盘点", "Stocktake of papers"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "drawn": ("填写中", "being filled in"),
    "filled": ("待签字", "to be signed"),
    "signed": ("已签字", "signed by both"),
}
SIDES: Mapping[str, tuple[str, str]] = {
    "inspector": ("检查人员", "Inspector"),
    "inspected": ("受检单位", "Unit inspected"),
}
JUDGED = ("genuine", "not_genuine", "to_verify")
SPARE_LINES = 3
"""Empty lines for software that was on no list; each time a form is kept there are as many again."""


def page(
    frame: Frame, rows: Sequence[CheckRow], *, percent: float, minimum: int, all_servers: bool,
    jobs: Sequence[Any], job_names: Mapping[str, str],
) -> str:  # fmt: skip
    """Return the list, and the forms that begin a check."""
    return render(
        "checks.html.j2", frame, rows=rows, kinds=_words(frame, KINDS), states=_words(frame, STATES), percent=percent,
        minimum=minimum, all_servers=all_servers, jobs=jobs, job_names=job_names, sides=_words(frame, SIDES),
    )  # fmt: skip


def one(frame: Frame, model: OneCheck, *, may_sign: Sequence[str]) -> str:
    """Return one check."""
    return render(
        "check.html.j2", frame, model=model, kinds=_words(frame, KINDS), states=_words(frame, STATES),
        sides=_words(frame, SIDES), may_sign=may_sign, units=rows_of_units(model.parts),
        crumbs=_crumbs(frame, model.row.number),
    )  # fmt: skip


def form(frame: Frame, model: OneForm, *, may_fill: bool) -> str:
    """Return one form."""
    words = wording(frame.language)
    crumbs = _crumbs(frame, model.row.number, model.part.code)
    return render(
        "check_form.html.j2", frame, model=model, kinds=_words(frame, KINDS), may_fill=may_fill, crumbs=crumbs,
        judged=[(code, words.text(f"check.judged.{code}")) for code in JUDGED], spare=range(SPARE_LINES),
    )  # fmt: skip


def _crumbs(frame: Frame, number: str, part: str | None = None) -> list[tuple[str, str | None]]:
    way: list[tuple[str, str | None]] = [(frame.t("抽查与盘点", "Spot checks"), frame.url("/checks"))]
    if part is None:
        return [*way, (number, None)]
    return [*way, (number, frame.url(f"/checks/{number}")), (part, None)]


def _words(frame: Frame, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {code: frame.t(*pair) for code, pair in pairs.items()}

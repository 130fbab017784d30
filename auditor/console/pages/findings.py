"""Findings, and one of them with its evidence."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.core.model import Severity
from auditor.readmodels.screens.findings import FindingPage, FindingRow
from auditor.store.run_index import FindingFilter
from reports.wording import wording


def page(frame: Frame, model: FindingPage, wanted: FindingFilter) -> str:
    """Return one page of findings."""
    words = wording(frame.language)
    codes: dict[str, int] = {}
    for (severity, code), number in model.counts.items():
        if wanted.severity in (None, severity):
            codes[code] = codes.get(code, 0) + number
    return render(
        "findings.html.j2",
        frame,
        model=model,
        wanted=wanted,
        severities=[(one.value, words.word("severity", one.value)) for one in Severity],
        codes=[(code, f"{words.finding_title(code)} ({number:,})") for code, number in sorted(codes.items())],
    )


def one(frame: Frame, row: FindingRow, case: int | None) -> str:
    """Return one finding; `case` is its number under rectification, `None` while it has none."""
    title = wording(frame.language).finding(row.code, row.facts).title
    crumbs = [(frame.t("待处理事项", "Findings"), frame.url("/findings")), (title, None)]
    return render("finding.html.j2", frame, row=row, case=case, crumbs=crumbs)

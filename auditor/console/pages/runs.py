"""Audit runs, one of them, two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.readmodels.screens.runs import Comparison, OneRun, RunsPage
from auditor.store.console_jobs import Job

PARTS: Mapping[str, tuple[str, str]] = {
    "settings": ("设置", "settings"),
    "units": ("单位登记", "register of units"),
    "people": ("人员登记", "register of people"),
    "machines": ("计算机及采集结果", "computers and what was seen"),
    "titles": ("名称", "titles"),
    "entitlements": ("授权台账", "licence ledger"),
    "free_list": ("可使用免费软件清单", "allow-list of free software"),
    "journal": ("变更记录", "journal"),
    "previous": ("上次的软件编号", "software codes of the run before"),
    "transfers": ("划转", "transfers"),
    "disposals": ("处置", "disposals"),
    "exemptions": ("豁免", "exemptions"),
    "prices": ("价格", "prices"),
    "catalogue": ("目录", "catalogue"),
}
JOB_NAMES: Mapping[str, tuple[str, str]] = {
    "audit": ("核查", "Audit"),
    "print": ("出具报表", "Forms and reports"),
    "draw": ("抽取计算机", "Draw computers"),
    "draft": ("起草报送", "Draft a submission"),
    "sign": ("签名上报文件", "Sign figures for the tier above"),
    "send": ("向上级报送", "Send figures to the tier above"),
    "request": ("印申请表", "Print a request"),
    "cases": ("批量办理", "Act on many findings"),
}
_BACK: Mapping[str, str] = {
    "audit": "/runs", "print": "/forms", "draw": "/checks", "draft": "/hand-ins", "request": "/requests",
    "cases": "/cases/bulk-acts", "sign": "/hand-ins", "send": "/hand-ins",
}  # fmt: skip
"""Where the page of a task leads back to; what it made stands below it."""
_COLUMNS = (
    ("required", "需要", "Required"),
    ("covered", "已覆盖", "Covered"),
    ("shortage", "不足", "Shortage"),
    ("surplus", "闲置", "Surplus"),
)


def page(frame: Frame, model: RunsPage, *, today: date, jobs: Sequence[Job]) -> str:
    """Return one page of runs."""
    names = {kind: frame.t(*pair) for kind, pair in JOB_NAMES.items()}
    return render("runs.html.j2", frame, model=model, today=today, jobs=jobs, job_names=names)


def one(frame: Frame, model: OneRun) -> str:
    """Return one run."""
    crumbs = [(frame.t("核查记录", "Audit runs"), frame.url("/runs")), (model.run.id[:12], None)]
    return render("run.html.j2", frame, model=model, parts=_parts(frame), crumbs=crumbs)


def comparison(frame: Frame, model: Comparison) -> str:
    """Return what differs between two runs."""
    return render(
        "compare.html.j2",
        frame,
        model=model,
        parts=_parts(frame),
        columns=[(name, frame.t(zh, en)) for name, zh, en in _COLUMNS],
        crumbs=[(frame.t("核查记录", "Audit runs"), frame.url("/runs")), (frame.t("比较", "Compare"), None)],
    )


def job(frame: Frame, model: Job, *, lost: bool) -> str:
    """Return how far a task is, or what came of it."""
    back = _BACK[model.kind]
    return render("job.html.j2", frame, job=model, lost=lost, back=back, name=frame.t(*JOB_NAMES[model.kind]))


def _parts(frame: Frame) -> dict[str, str]:
    return {name: frame.t(*pair) for name, pair in PARTS.items()}

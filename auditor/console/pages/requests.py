"""软件使用需求申请 and 软件安装维护申请 in the console: the list, forms to ask, one request with its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.console.frame import Frame
from auditor.console.rendering import render

KINDS: Mapping[str, tuple[str, str]] = {
    "demand": ("需求申请", "Demand"),
    "installation": ("安装维护申请", "Installation"),
}
ACTS: Mapping[str, tuple[str, str]] = {
    "install": ("安装", "install"),
    "remove": ("卸载", "remove"),
    "upgrade": ("升级", "upgrade"),
}
LINES = 6
"""Lines of a demand on one form."""


def page(frame: Frame, **model: Any) -> str:
    """Return the list."""
    return render("requests.html.j2", frame, **model, kinds=_words(frame, KINDS), acts=_words(frame, ACTS),
                  lines=range(1, LINES + 1))  # fmt: skip


def one(frame: Frame, number: str, **model: Any) -> str:
    """Return one request."""
    crumbs = [(frame.t("申请", "Requests"), frame.url("/requests")), (number, None)]
    return render(
        "request.html.j2", frame, **model, number=number, kinds=_words(frame, KINDS), acts=_words(frame, ACTS),
        crumbs=crumbs,
    )  # fmt: skip


def _words(frame: Frame, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {code: frame.t(*pair) for code, pair in pairs.items()}

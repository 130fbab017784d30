"""Licence positions, and why each figure is what it is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.console.words import reason_of
from auditor.readmodels.screens.positions import PositionPage, Why
from reports.model import Coverage
from reports.wording import wording
from rules.product import Category

_COLUMNS = (
    ("raw", "安装数", "Installed"),
    ("required", "需要", "Required"),
    ("covered", "已覆盖", "Covered"),
    ("to_order", "待补购", "To order"),
    ("shortage", "不足", "Shortage"),
    ("owned", "持有", "Owned"),
    ("surplus", "闲置", "Surplus"),
    ("net", "净余缺", "Net"),
)
_FURTHER = (
    ("exempt", "豁免", "Exempt"),
    ("in_trial", "其中试用期内", "of them in trial"),
    ("idle_reserve", "保留未用", "Idle reserve"),
    ("by_unlimited", "由不限数量授权覆盖", "Covered by unlimited rights"),
    ("dead_oem", "失效随机授权", "Dead OEM rights"),
    ("orphan_upgrades", "无原授权的升级", "Upgrades without a base"),
    ("to_verify", "待核实", "To be verified"),
    ("to_buy", "应购数量", "To buy"),
)


def page(frame: Frame, model: PositionPage, coverage: Coverage, *, text: str, only: str, category: str) -> str:
    """Return one page of positions."""
    words = wording(frame.language)
    return render(
        "positions.html.j2",
        frame,
        model=model,
        coverage=coverage,
        text=text,
        only=only,
        category=category,
        after=key_text(model.after),
        columns=_spoken(frame, _COLUMNS),
        categories=[(one.value, words.word("category", one.value)) for one in Category],
    )


def why(frame: Frame, model: Why) -> str:
    """Return what the position of one product rests on."""
    words = wording(frame.language)
    name = words.name(model.row.name)
    return render(
        "why.html.j2",
        frame,
        model=model,
        figures=[*_spoken(frame, _COLUMNS[:1]), *_spoken(frame, _COLUMNS[2:]), *_spoken(frame, _FURTHER)],
        reasons=[reason_of(copy.assignment, frame.language) for copy in model.copies],
        crumbs=[(frame.t("授权余缺", "Licence position"), frame.url("/positions")), (name, None)],
    )


def _spoken(frame: Frame, columns: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(name, frame.t(zh, en)) for name, zh, en in columns]

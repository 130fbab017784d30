"""Forms that people fill in: the unit's name stands in them, the rest is left to the hand."""

from __future__ import annotations

from auditor.core.model import UnitCode
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import paper
from reports.paper import Paper, Section


def leading_group(view: RunView, unit: UnitCode) -> Paper:
    """Return 软件正版化工作领导小组成员信息表."""
    return paper(view, unit, "leading_group", Section("members"))


def undertaking(view: RunView, unit: UnitCode) -> Paper:
    """Return 使用正版软件承诺书."""
    return paper(view, unit, "undertaking", _named(view, unit, "words"))


def staff_notice(view: RunView, unit: UnitCode) -> Paper:
    """Return 员工告知书: what the program collects and what it does not."""
    return paper(view, unit, "staff_notice", _named(view, unit, "words"))


def install_request(view: RunView, unit: UnitCode) -> Paper:
    """Return 软件安装维护申请表."""
    return paper(view, unit, "install_request", _named(view, unit, "fields"))


def install_confirmation(view: RunView, unit: UnitCode) -> Paper:
    """Return 软件安装维护确认单."""
    return paper(view, unit, "install_confirmation", _named(view, unit, "fields"))


def _named(view: RunView, unit: UnitCode, key: str) -> Section:
    return Section(key, fields=(("unit", view.tree.name(unit) or unit),))

"""The list of computers."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.core.model import MachineClass, Verdict
from auditor.readmodels.screens.machines import MachinePage, MachineWish
from reports.wording import wording

REASONS = ("never_seen", "stale", "failed", "partial", "classified", "private")


def page(frame: Frame, model: MachinePage, wish: MachineWish) -> str:
    """Return one page of computers."""
    t, words = frame.t, wording(frame.language)
    orders = (
        ("number", t("计算机编号", "Computer code"), ""),
        ("", t("部门", "Department"), ""),
        ("", t("类型", "Kind"), ""),
        ("gravity", t("最需关注的判定", "Gravest verdict"), ""),
        ("copies", t("计入份数", "Copies counted"), "number"),
        ("last_scan_on", t("最近扫描", "Last scan"), ""),
    )
    assert frame.scope is not None
    return render(
        "machines.html.j2",
        frame,
        model=model,
        wish=wish,
        after=key_text(model.after),
        names=frame.scope.units <= frame.scope.personal,
        filtered=any((wish.text, wish.verdict, wish.unseen, wish.machine_class, wish.os_family)),
        verdicts=[(verdict.value, words.word("verdict", verdict.value)) for verdict in Verdict],
        reasons=[(reason, words.word("reason", reason)) for reason in REASONS],
        classes=[(kind.value, words.word("machine_class", kind.value)) for kind in MachineClass],
        orders=orders,
    )

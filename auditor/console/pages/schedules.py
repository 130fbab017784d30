"""What runs by itself: when it ran, when it runs next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.console.frame import Frame
from auditor.console.rendering import render

JOBS: Mapping[str, tuple[str, str]] = {
    "audit": ("定时核查", "audit"),
    "overdue": ("失联计算机提示", "machines not heard of"),
    "supervision": ("整改期限与报送提醒", "deadlines and duties"),
    "messages": ("消息发送", "messages"),
    "submissions": ("向上级报送数字", "figures to the tier above"),
    "retention": ("清理过期会话、任务记录、证据与日志", "clearing of sessions, jobs, evidence and trail that are over"),
}


@dataclass(frozen=True)
class ScheduleRow:
    """One job: its setting and expression, its last and next moment, UTC."""

    name: str
    setting: str
    expression: str
    last: str | None
    next: str | None


def page(frame: Frame, rows: Sequence[ScheduleRow], *, zone: str) -> str:
    """Return every job of the schedule."""
    names = {name: frame.t(*pair) for name, pair in JOBS.items()}
    return render("schedules.html.j2", frame, rows=rows, zone=zone, names=names)

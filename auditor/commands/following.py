"""After an audit: findings brought up to it, and what is worth telling noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.commands.context import CommandContext, now_text, say

if TYPE_CHECKING:
    from auditor.audit.run import Run
    from auditor.store.database import Store


def follow(context: CommandContext, store: Store, run: Run) -> None:
    """Bring the known findings up to a run; say what changed."""
    from auditor.supervision.jobs import follow_audit

    followed = follow_audit(store, context.settings(), run, at=now_text())
    if followed.skipped:
        return
    said = (
        ("新增", "new", followed.new),
        ("再次发现", "come back", followed.came_back),
        ("扫描证实已消除", "cured", followed.cured),
        ("复查未消除", "not cured", followed.not_cured),
        ("未再见到但不能证实", "no longer seen, not proved", followed.unproved),
    )
    told = [f"{zh} {len(keys)} / {en} {len(keys)}" for zh, en, keys in said if keys]
    if told:
        say(f"整改 / findings: {'; '.join(told)}")

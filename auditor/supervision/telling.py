"""What is told: events of audits, licences and machines become one digest, not a hundred messages.

Topics are named by the setting `notice_topics`; what is not named stays untold for good. An event has a key, so running
a job twice, or in two processes, tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from auditor.core.entitlement import Entitlement
from auditor.core.model import Machine, UnitCode
from auditor.core.organisation import UnitTree
from auditor.errors import WrongUsage, both
from auditor.notices.roster import named_channels
from auditor.notices.sending import is_quiet
from auditor.settings import Settings
from auditor.store.cases import Case
from auditor.store.database import Connection
from auditor.store.outbox import Content, NoticeEvent, note_event, put_message, untold
from auditor.supervision.escalation import OVERDUE
from auditor.supervision.following import Followed, Run

AUDIT_DONE, NEW_EVIDENCE, MACHINES, EXPIRING, OVER_USE = (
    "audit_done", "new_evidence", "machines_overdue", "licence_expiring", "over_use",
)  # fmt: skip
DUTY_DUE, REPORT_READY, HANDED_IN = "duty_due", "report_ready", "handed_in"
TOPICS = (AUDIT_DONE, NEW_EVIDENCE, MACHINES, EXPIRING, OVER_USE, OVERDUE, DUTY_DUE, REPORT_READY, HANDED_IN)
Render = Callable[[Sequence[NoticeEvent]], Content]


def topics_of(settings: Settings) -> tuple[str, ...]:
    """Read the setting `notice_topics`. Raises `WrongUsage`."""
    told = settings.text("notice_topics").strip()
    if told == "*":
        return TOPICS
    names = tuple(part.strip() for part in told.replace("，", ",").split(",") if part.strip())
    for name in names:
        if name not in TOPICS:
            raise WrongUsage(f"notice_topics: {name}: {both('应为', 'expected one of')} {', '.join(TOPICS)}")
    return names


def tell_of_run(connection: Connection, run: Run, followed: Followed, cases: Sequence[Case], *, at: str) -> None:
    """Note what a run is worth telling: that it was made, new conclusive evidence, over-use. `cases`: those of
    `followed.conclusive`."""
    if followed.skipped:
        return
    counts = {
        "as_of": run.frozen.on.isoformat(),
        "findings": len(run.result.findings),
        "new": len(followed.new),
        "cured": len(followed.cured),
        "came_back": len(followed.came_back),
    }
    note_event(connection, topic=AUDIT_DONE, key=f"{AUDIT_DONE}|{run.id}", facts=counts, at=at)
    for case in cases:
        key = f"{NEW_EVIDENCE}|{case.id}|{case.reopened}"
        facts = {"unit": case.unit or "", "product": case.product or "", "number": case.id}
        note_event(connection, topic=NEW_EVIDENCE, key=key, facts=facts, at=at)
    for position in run.result.positions:
        if position.shortage > 0:
            key = f"{OVER_USE}|{position.unit}|{position.product}|{position.metric}|{position.shortage}"
            facts = {"unit": position.unit, "product": position.name, "shortage": str(position.shortage)}
            note_event(connection, topic=OVER_USE, key=key, facts=facts, at=at)


def tell_of_licences(
    connection: Connection, rights: Sequence[Entitlement], *, on: date, within_days: int, at: str
) -> None:
    """Note each right that ends within so many days; once for each end."""
    for right in rights:
        if right.ends_on is not None and 0 <= (right.ends_on - on).days <= within_days:
            key = f"{EXPIRING}|{right.unit}|{right.code}|{right.ends_on}"
            facts = {
                "unit": right.unit,
                "product": right.name,
                "code": right.code,
                "ends_on": right.ends_on.isoformat(),
            }
            note_event(connection, topic=EXPIRING, key=key, facts=facts, at=at)


def tell_of_machines(
    connection: Connection, machines: Sequence[Machine], tree: UnitTree, *, on: date, silent_days: int, at: str
) -> None:
    """Note the units whose machines have been silent too long, once a month each: how many, no names."""
    counts: dict[UnitCode, int] = {}
    for machine in machines:
        if machine.last_scan_on is not None and (on - machine.last_scan_on).days > silent_days:
            unit = tree.legal_entity_of(machine.unit)
            counts[unit] = counts.get(unit, 0) + 1
    for unit in sorted(counts):
        key = f"{MACHINES}|{unit}|{on:%Y-%m}"
        note_event(
            connection, topic=MACHINES, key=key, facts={"unit": unit, "count": counts[unit], "days": silent_days}, at=at
        )


def make_digest(connection: Connection, settings: Settings, render: Render, *, now: datetime) -> int | None:
    """Put one message a channel into the outbox for all that is untold; return its number, `None` when there is
    nothing, nobody named to tell, or the hour is quiet. In a transaction that writes."""
    channels, topics = named_channels(settings), topics_of(settings)
    if not channels or not topics or is_quiet(settings, now):
        return None
    events = untold(connection, topics)
    if not events:
        return None
    return put_message(connection, events, channels, render(events), at=now.strftime("%Y-%m-%dT%H:%M:%SZ"))

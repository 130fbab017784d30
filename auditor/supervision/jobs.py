"""What supervision does by itself, one function a job, each safe to run again and in any number of processes.

The clock belongs to whoever calls: the day and the moment come in.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol

from auditor.core.model import UnitKind
from auditor.core.organisation import UnitTree
from auditor.errors import Busy
from auditor.notices.sending import Sent, send_waiting
from auditor.notices.tier_above import NAME, check_address
from auditor.settings import Settings
from auditor.store.cases import find_case
from auditor.store.database import Store
from auditor.store.entitlements import list_entitlements
from auditor.store.machines import load_machines
from auditor.store.units import list_units
from auditor.supervision import following, requests
from auditor.supervision.escalation import escalate, escalation_steps
from auditor.supervision.exceptions import end_exceptions
from auditor.supervision.following import Followed, follow_run
from auditor.supervision.requests import find_unrequested
from auditor.supervision.submission import call_to_mind
from auditor.supervision.telling import Render, make_digest, tell_of_licences, tell_of_machines, tell_of_run

TO_TIER_ABOVE = NAME
"""The channel by which figures go up."""


class AuditedFrozen(following.Frozen, requests.Frozen, Protocol):
    """What a run rests on, as this room sees it."""


class AuditedRun(following.Run, requests.Run, Protocol):
    """An audit run as this room sees it."""

    @property
    def frozen(self) -> AuditedFrozen: ...


def follow_audit(store: Store, settings: Settings, run: AuditedRun, *, at: str) -> Followed:
    """Bring the known findings up to a run, and note what is worth telling."""
    units = units_with_requests(settings)
    with store.begin() as connection:
        followed = follow_run(connection, run, at=at)
        if units and not followed.skipped:
            find_unrequested(connection, run, units=units, since=None, at=at)
        grave = [find_case(connection, key) for key in followed.conclusive]
        tell_of_run(connection, run, followed, grave, at=at)
    return followed


def watch_deadlines(store: Store, settings: Settings, *, on: date, at: str) -> tuple[int, int]:
    """Daily: end what was excepted, pass overdue findings up; return how many of each."""
    steps = escalation_steps(settings.text("escalation_days"))
    with store.begin() as connection:
        ended = end_exceptions(connection, on=on, at=at)
        passed = escalate(connection, UnitTree(list_units(connection, on)), on=on, at=at, steps=steps)
    return len(ended), len(passed)


def watch_estate(store: Store, settings: Settings, *, on: date, at: str) -> None:
    """Daily: note licences that end soon and machines that fell silent."""
    with store.begin() as connection:
        rights = list_entitlements(connection, on)
        tell_of_licences(connection, rights, on=on, within_days=settings.whole("expiring_within_days"), at=at)
        machines = load_machines(connection, on, zone=settings.zone)
        tree = UnitTree(list_units(connection, on))
        tell_of_machines(connection, machines, tree, on=on, silent_days=settings.whole("silent_after_days"), at=at)


def tell(store: Store, settings: Settings, render: Render, *, now: datetime) -> int | None:
    """Every few minutes: make one digest of what is untold."""
    try:
        with store.begin() as connection:
            return make_digest(connection, settings, render, now=now)
    except Busy:  # another process tells it
        return None


def send(store: Store, settings: Settings, *, worker: str) -> Sent:
    """Every minute: send what waits in the outbox."""
    return send_waiting(store, settings, worker=worker, now=lambda: datetime.now(UTC))


def check_tier_above(settings: Settings) -> None:
    """Raise `WrongUsage` where the setting `submission_url` is no address that figures may go to."""
    if settings.text("submission_url"):
        check_address(settings.text("submission_url"), "submission_url")


def send_to_tier_above(store: Store, settings: Settings, *, worker: str) -> Sent:
    """Send the signed figures that wait, in quiet hours too: nobody is woken."""
    return send_waiting(store, settings, worker=worker, now=lambda: datetime.now(UTC), channel=TO_TIER_ABOVE)


def watch_duties(store: Store, settings: Settings, *, on: date, at: str) -> int:
    """Daily: note which legal entity has not handed in what is due soon or past; return how many."""
    with store.begin() as connection:
        units = [str(u.code) for u in list_units(connection, on) if u.kind is UnitKind.LEGAL_ENTITY]
        return call_to_mind(connection, settings, units, on=on, at=at)


def units_with_requests(settings: Settings) -> frozenset[str]:
    """Read the setting `installation_requests`."""
    told = settings.text("installation_requests").replace("，", ",")
    return frozenset(part.strip() for part in told.split(",") if part.strip())

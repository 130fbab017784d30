"""Jobs: what runs on a schedule, and the thread that looks after it.

A job is a row: its name, the setting with its cron expression, what it does. Of moments that passed while nothing was
up the latest is made up for, once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.accounts.sessions import oldest_moments
from auditor.core.days import parse_utc, utc_text
from auditor.scheduling.clock import next_due
from auditor.scheduling.once import do_once
from auditor.settings import Settings
from auditor.store.accounts import end_old_sessions
from auditor.store.database import Connection, Store
from auditor.store.due_jobs import abandoned_jobs, forget_old_jobs, last_due
from auditor.store.trail import append_trail
from auditor.supervision.jobs import check_tier_above

log = logging.getLogger("zhengban.schedule")
LOOK_SECONDS = 20
_KEPT = timedelta(days=90)
_MADE_UP = timedelta(days=2)
"""How far back a moment that passed is made up for."""


@dataclass(frozen=True)
class ScheduledJob:
    """One row of the roster."""

    name: str
    setting: str
    prepare: Callable[[Store, Settings], None]
    write: Callable[[Connection, Settings, datetime], None]


def _nothing_before(_store: Store, _settings: Settings) -> None:
    """For jobs that only write."""


def _nothing_to_write(_connection: Connection, _settings: Settings, _now: datetime) -> None:
    """For jobs whose work commits by itself."""


def _audit(store: Store, settings: Settings) -> None:
    """Audit as of today: the same inputs give the same run, so that twice is once."""
    from auditor.audit.catalogue_in_force import catalogue_in_force
    from auditor.audit.run import make_run
    from auditor.issuing.run_files import view_of
    from auditor.readmodels.run_index import index_run
    from auditor.release import release
    from auditor.supervision.jobs import follow_audit

    today = datetime.now(settings.zone).date()
    made_at, told = utc_text(datetime.now(UTC)), release()
    run, _is_new = make_run(store, settings, catalogue_in_force(settings), on=today, made_at=made_at, release=told)
    index_run(store, view_of(store, run, told))
    follow_audit(store, settings, run, at=made_at)


def _supervise(store: Store, settings: Settings) -> None:
    """End exceptions, pass overdue findings up, call duties to mind."""
    from auditor.scheduling.supervising import watch

    watch(store, settings)


def _tell(store: Store, settings: Settings) -> None:
    """Send what is untold, by the ways that settings name."""
    from auditor.scheduling.supervising import tell_and_send

    tell_and_send(store, settings)


def _hand_up(store: Store, settings: Settings) -> None:
    """Send what was submitted to the tier above, where settings name it."""
    from auditor.scheduling.supervising import hand_up

    hand_up(store, settings)


def _note_silent(connection: Connection, settings: Settings, now: datetime) -> None:
    """Count the machines that have not been heard of for longer than the setting allows."""
    from auditor.store.machines import list_machines

    silent_since = utc_text(now - timedelta(days=settings.whole("silent_after_days")))
    silent = [
        row for row in list_machines(connection) if row.merged_into is None and row.last_received_at < silent_since
    ]
    log.info("machines that are silent", extra={"facts": {"machines": len(silent)}})
    append_trail(connection, at=utc_text(now), act="machines.silent", subject=f"{len(silent)} machines")


def _clear(connection: Connection, settings: Settings, now: datetime) -> None:
    """Forget sessions that are over, and jobs that were done long ago."""
    idle, whole = oldest_moments(settings, now)
    ended = end_old_sessions(connection, created_before=whole, used_before=idle)
    forgotten = forget_old_jobs(connection, utc_text(now - _KEPT))
    append_trail(connection, at=utc_text(now), act="retention.ran", subject=f"{ended} sessions {forgotten} jobs")


def _remove_old(store: Store, settings: Settings) -> None:
    """Remove documents and entries of the trail that are older than they are kept."""
    from auditor.store.upkeep.retention import remove

    gone = remove(
        store,
        now=datetime.now(UTC),
        evidence_months=settings.whole("evidence_months"),
        trail_months=settings.whole("trail_months"),
        zone=settings.zone,
    )
    log.info("retention", extra={"facts": {"documents": gone.documents, "trail_entries": gone.trail_entries}})


ROSTER = (
    ScheduledJob("audit", "schedule_audit", _audit, _nothing_to_write),
    ScheduledJob("overdue", "schedule_overdue", _nothing_before, _note_silent),
    ScheduledJob("supervision", "schedule_supervision", _supervise, _nothing_to_write),
    ScheduledJob("messages", "schedule_messages", _tell, _nothing_to_write),
    ScheduledJob("submissions", "schedule_submissions", _hand_up, _nothing_to_write),
    ScheduledJob("retention", "schedule_retention", _remove_old, _clear),
)


def check_schedule(settings: Settings) -> None:
    """Raises `WrongUsage` for an expression that is none, and for an address above that figures may not go to."""
    check_tier_above(settings)
    for row in ROSTER:
        if settings.text(row.setting):
            next_due(settings.text(row.setting), datetime.now(UTC), settings.zone)


@dataclass(frozen=True)
class Timed:
    """One job as it stands: its setting and expression, its last and next moment, UTC."""

    name: str
    setting: str
    expression: str
    last: str | None
    next: str | None


def timetable(connection: Connection, settings: Settings, now: datetime) -> list[Timed]:
    """Return every job of the roster with when it was last due and when it is next."""
    found = []
    for job in ROSTER:
        expression = settings.text(job.setting)
        following = next_due(expression, now, settings.zone) if expression else None
        told = utc_text(following) if following is not None else None
        found.append(Timed(job.name, job.setting, expression, last_due(connection, job.name), told))
    return found


def run_due(store: Store, settings: Settings, since: datetime, now: datetime) -> list[str]:
    """Do what became due after `since` and by `now`, and what others left behind; return what was done here."""
    done = []
    for row in ROSTER:
        if settings.text(row.setting):
            for due_at in _due(store, settings, row, since, now):
                try:
                    if do_once(
                        store,
                        row.name,
                        due_at,
                        prepare=lambda row=row: row.prepare(store, settings),  # type: ignore[misc]
                        write=lambda connection, row=row: row.write(connection, settings, now),  # type: ignore[misc]
                    ):
                        done.append(row.name)
                except Exception:  # one job's fault must not end the others; it stands in the log and as failed
                    log.exception("job failed", extra={"facts": {"job": row.name}})
    return done


def _due(store: Store, settings: Settings, row: ScheduledJob, since: datetime, now: datetime) -> list[datetime]:
    with store.read() as connection:
        last, left = last_due(connection, row.name), abandoned_jobs(connection, row.name, utc_text(now))
    found = [parse_utc(due_at) for due_at in left]
    at = max(parse_utc(last), now - _MADE_UP) if last is not None else since
    latest = None
    while (following := next_due(settings.text(row.setting), at, settings.zone)) is not None and following <= now:
        latest = at = following
    return [*found, latest] if latest is not None else found


class Scheduler:
    """The thread of a process that looks for due jobs."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Let the job that runs end, then no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        since = datetime.now(UTC)
        while not self._over.wait(LOOK_SECONDS):
            now = datetime.now(UTC)
            try:
                run_due(self._store, self._settings, since, now)
            except Exception:  # the store may be away for a while: the next look may find it
                log.exception("schedule")

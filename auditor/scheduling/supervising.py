"""What supervision does on a schedule: a daily watch, messages every few minutes. Harmless when done twice."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime

from auditor.core.days import utc_text
from auditor.letters.sending_up import put_up_submitted
from auditor.notices.sending import Sent
from auditor.readmodels.messages import digest_content
from auditor.settings import Settings
from auditor.store.database import Store
from auditor.store.outbox import Content, NoticeEvent
from auditor.store.units import list_units
from auditor.supervision import jobs


def watch(store: Store, settings: Settings) -> tuple[int, int, int]:
    """Daily: end exceptions, pass overdue findings up, call duties to mind, note what ends or fell silent.

    Return how many exceptions ended, findings were passed up, duties were noted.
    """
    now = datetime.now(UTC)
    on, at = now.astimezone(settings.zone).date(), utc_text(now)
    ended, passed = jobs.watch_deadlines(store, settings, on=on, at=at)
    jobs.watch_estate(store, settings, on=on, at=at)
    return ended, passed, jobs.watch_duties(store, settings, on=on, at=at)


def hand_up(store: Store, settings: Settings) -> tuple[list[str], Sent]:
    """Put what was submitted since into the outbox, then send what waits for the tier above.

    Return the numbers of the first, and what was sent. Nothing is put there where settings
    do not name the checker above, the unit and the key.
    """
    numbers = put_up_submitted(store, settings, at=utc_text(datetime.now(UTC)))
    return numbers, jobs.send_to_tier_above(store, settings, worker=worker_name())


def worker_name() -> str:
    """Return who claims a message: this process."""
    return f"{socket.gethostname()}-{os.getpid()}"


def tell_and_send(store: Store, settings: Settings) -> tuple[int | None, Sent]:
    """Every few minutes: one digest of what is untold, then what waits goes out; its number, what was sent."""
    now = datetime.now(UTC)
    on = now.astimezone(settings.zone).date()
    with store.read() as connection:
        names = {str(unit.code): unit.name for unit in list_units(connection, on)}

    def render(events: Sequence[NoticeEvent]) -> Content:
        return digest_content(events, settings.text("language"), on=on, unit_names=names)

    number = jobs.tell(store, settings, render, now=now)
    return number, jobs.send(store, settings, worker=worker_name())

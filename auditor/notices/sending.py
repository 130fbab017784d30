"""The outbox goes out: claimed, sent, settled; tried again later and later; given up in the end, and shown.

Any number of processes may run this at once: each message is claimed by one. A process that dies leaves its claim to
run out; then the message goes again under its old id, or, where the receiver could not tell, waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from auditor.errors import WrongUsage, both
from auditor.notices.message import Message, NotDelivered
from auditor.notices.roster import CHANNELS
from auditor.notices.tier_above import TIER_ABOVE
from auditor.settings import Settings
from auditor.store.blobs import get_blob
from auditor.store.database import Connection, Store
from auditor.store.outbox import GIVEN_UP, SENT, WAITING, OutboxRow, claim, settle

LEASE_SECONDS = 120
FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 6 * 3600
SURELY_ONCE = frozenset(name for name, channel in CHANNELS.items() if not channel.tells_repetitions)


@dataclass(frozen=True)
class Sent:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def send_waiting(
    store: Store,
    settings: Settings,
    *,
    worker: str,
    now: Callable[[], datetime],
    most: int = 100,
    channel: str | None = None,
) -> Sent:
    """Send what is due, at most so many; nothing in quiet hours.

    `channel`: what goes there alone; the checker of the tier above takes figures in quiet hours too.
    """
    sent = failed = given_up = 0
    for _ in range(most):
        moment = now()
        if channel != TIER_ABOVE.name and is_quiet(settings, moment):
            break
        with store.begin() as connection:
            row = claim(
                connection,
                worker=worker,
                now=_text(moment),
                until=_text(moment + timedelta(seconds=LEASE_SECONDS)),
                surely_once=SURELY_ONCE,
                channel=channel,
            )
            message = _message(connection, row) if row is not None else None
        if row is None or message is None:
            break
        state, fault, for_good = _send(message, row, settings)
        if state != SENT and (for_good or row.attempts >= settings.whole("notice_attempts")):
            state = GIVEN_UP
        later = _text(moment + timedelta(seconds=pause_seconds(row.attempts)))
        with store.begin() as connection:
            settle(connection, row, worker=worker, state=state, at=_text(now()), next_at=later, fault=fault)
        sent, failed = sent + (state == SENT), failed + (state != SENT)
        given_up += state == GIVEN_UP
    return Sent(sent, failed, given_up)


def pause_seconds(attempts: int) -> int:
    """Return how long to wait after so many attempts: a minute, then twice as long each time, six hours at most."""
    return int(min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_PAUSE_SECONDS))


def is_quiet(settings: Settings, moment: datetime) -> bool:
    """Whether the moment falls in the setting `quiet_hours`, `22:00-07:00` in the setting's time zone. Raises
    `WrongUsage`."""
    told = settings.text("quiet_hours")
    if not told:
        return False
    try:
        first, last = (time.fromisoformat(part.strip()) for part in told.split("-"))
    except ValueError as error:
        expected = both("应为如 22:00-07:00 的时段", "expected a span such as 22:00-07:00")
        raise WrongUsage(f"quiet_hours: {told}: {expected}") from error
    here = moment.astimezone(settings.zone).time()
    return first <= here < last if first <= last else here >= first or here < last


def _send(message: Message, row: OutboxRow, settings: Settings) -> tuple[str, str | None, bool]:
    channel = CHANNELS.get(row.channel)
    if channel is None or not channel.is_named(settings):
        return WAITING, both("设置中已没有这个去处", "the settings no longer name where to"), False
    try:
        channel.send(message, settings)
    except NotDelivered as error:
        return WAITING, str(error)[:500], error.for_good
    return SENT, None, False


def _message(connection: Connection, row: OutboxRow) -> Message:
    files = tuple((name, get_blob(connection, digest)) for name, digest in row.content.files)
    return Message(row.message, row.content.subject, row.content.lines, files, row.made_at)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

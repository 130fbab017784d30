"""Messages: what may be told, what was told, and what still waits to go out. Nothing is lost, nothing told twice.

An event has a key, so the same thing is one event. A message has an id that stays with it through every attempt.
Whoever sends a message claims it first; a claim that was left behind by a dead process runs out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from auditor.errors import Busy, both
from auditor.proof.digest import canonical_json, sha256_hex
from auditor.store.bulk import bulk, insertion_of_missing
from auditor.store.tables import notice_events, outbox

_RETRY_SECONDS = 5
_ADD_MESSAGE = insertion_of_missing(outbox, "message", "channel", "content", "state", "attempts", "made_at", "next_at")
_ADD_EVENT = insertion_of_missing(notice_events, "topic", "key", "facts", "at")
WAITING, SENDING, SENT, UNCLEAR, GIVEN_UP = "waiting", "sending", "sent", "unclear", "given_up"
UNDELIVERED = (WAITING, SENDING, UNCLEAR, GIVEN_UP)
"""States of messages that did not arrive, or not surely."""


@dataclass(frozen=True)
class NoticeEvent:
    """One thing that may be told."""

    id: int
    topic: str
    key: str
    facts: Mapping[str, Any]
    at: str


@dataclass(frozen=True)
class Content:
    """What a message says. `files`: name → digest of a blob."""

    subject: str
    lines: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class OutboxRow:
    """One message to one channel."""

    id: int
    message: str
    channel: str
    content: Content
    state: str
    attempts: int
    made_at: str
    next_at: str
    sent_at: str | None = None
    fault: str | None = None


def note_event(connection: Connection, *, topic: str, key: str, facts: Mapping[str, Any], at: str) -> bool:
    """Keep an event; return whether it is a new one."""
    if connection.execute(select(notice_events.c.id).where(notice_events.c.key == key)).first() is not None:
        return False
    bulk(connection).many(_ADD_EVENT, [(topic, key, canonical_json(dict(facts)).decode(), at)])  # another may be first
    return True


def untold(connection: Connection, topics: Sequence[str]) -> list[NoticeEvent]:
    """Return the events of the topics that no digest has told, oldest first."""
    chosen = (
        select(notice_events)
        .where(notice_events.c.digest_of.is_(None), notice_events.c.topic.in_(topics))
        .order_by(notice_events.c.id)
    )
    return [
        NoticeEvent(row["id"], row["topic"], row["key"], json.loads(row["facts"]), row["at"])
        for row in connection.execute(chosen).mappings()
    ]


def put_message(
    connection: Connection, events: Sequence[NoticeEvent], channels: Sequence[str], content: Content, *, at: str
) -> int:
    """Put one message a channel into the outbox, and mark the events as told by it; return its number.

    Raises `Busy` when another process is telling one of them: nothing is told twice.
    """
    last = connection.execute(select(func.max(notice_events.c.digest_of))).scalar()
    number = int(last or 0) + 1
    for event in events:
        mine = notice_events.c.id == event.id, notice_events.c.digest_of.is_(None)
        if connection.execute(notice_events.update().where(*mine).values(digest_of=number)).rowcount != 1:
            raise Busy(both("另一进程正在汇总", "another process is making the digest"), _RETRY_SECONDS)
    told = sha256_hex(canonical_json([number, [event.key for event in events], content.subject]))[:32]
    kept = _kept(content)
    for channel in channels:
        row = {"message": f"{told}.{channel}", "channel": channel, "content": kept, "state": WAITING,
               "attempts": 0, "made_at": at, "next_at": at}  # fmt: skip
        connection.execute(outbox.insert().values(row))
    return number


def claim(
    connection: Connection,
    *,
    worker: str,
    now: str,
    until: str,
    surely_once: frozenset[str],
    channel: str | None = None,
) -> OutboxRow | None:
    """Take the next message that is due, of one channel or of all; `None` when there is none. In a transaction that
    writes.

    A message whose sender died on the way is taken again, since its id tells the receiver that it is the same; on the
    channels of `surely_once`, which cannot tell, it is left as unclear for a person to look at.
    """
    left_behind = and_(outbox.c.state == SENDING, outbox.c.claimed_until < now)
    connection.execute(
        outbox.update()
        .where(left_behind, outbox.c.channel.in_(sorted(surely_once)))
        .values(state=UNCLEAR, fault="发送中断，不知是否送达 / cut off while sending: it may have arrived")
    )
    due = or_(and_(outbox.c.state == WAITING, outbox.c.next_at <= now), left_behind)
    if channel is not None:
        due = and_(due, outbox.c.channel == channel)
    row = connection.execute(select(outbox).where(due).order_by(outbox.c.id).limit(1)).mappings().first()
    if row is None:
        return None
    taken = connection.execute(
        outbox.update()
        .where(outbox.c.id == row["id"], outbox.c.state == row["state"], outbox.c.attempts == row["attempts"])
        .values(state=SENDING, claimed_by=worker, claimed_until=until, attempts=row["attempts"] + 1)
    )
    return _row(dict(row) | {"attempts": row["attempts"] + 1}) if taken.rowcount == 1 else None


def settle(
    connection: Connection,
    row: OutboxRow,
    *,
    worker: str,
    state: str,
    at: str,
    next_at: str | None = None,
    fault: str | None = None,
) -> bool:
    """Say what became of a claimed message; return whether the claim still stood."""
    values: dict[str, Any] = {"state": state, "claimed_by": None, "claimed_until": None, "fault": fault}
    values |= {"sent_at": at} if state == SENT else {}
    values |= {"next_at": next_at} if next_at is not None else {}
    mine = and_(outbox.c.id == row.id, outbox.c.claimed_by == worker, outbox.c.state == SENDING)
    return connection.execute(outbox.update().where(mine).values(values)).rowcount == 1


def put_once(connection: Connection, *, message: str, channel: str, content: Content, at: str) -> bool:
    """Put a message that is no digest into the outbox; return whether it was not there."""
    if find_message(connection, message) is not None:
        return False
    row = (message, channel, _kept(content), WAITING, 0, at, at)
    bulk(connection).many(_ADD_MESSAGE, [row])  # another may be first
    return True


def put_again(connection: Connection, message: str, content: Content, *, at: str) -> bool:
    """Let a message that did not arrive go at once, with this content; return whether there is such a one."""
    again = outbox.update().where(outbox.c.message == message, outbox.c.state.in_((WAITING, UNCLEAR, GIVEN_UP)))
    values = {"state": WAITING, "next_at": at, "attempts": 0, "content": _kept(content)}
    return connection.execute(again.values(values)).rowcount == 1


def find_message(connection: Connection, message: str) -> OutboxRow | None:
    """Return a message by its id."""
    row = connection.execute(select(outbox).where(outbox.c.message == message)).mappings().first()
    return _row(row) if row is not None else None


def try_again(connection: Connection, message: str, *, at: str) -> bool:
    """Let a message that was given up, or is unclear, go out again; return whether there is such a one."""
    again = outbox.update().where(outbox.c.message == message, outbox.c.state.in_((UNCLEAR, GIVEN_UP)))
    return connection.execute(again.values(state=WAITING, next_at=at, attempts=0)).rowcount == 1


def list_outbox(connection: Connection, states: Sequence[str] = (), *, channel: str | None = None) -> list[OutboxRow]:
    """Return the messages, oldest first."""
    chosen = select(outbox).order_by(outbox.c.id)
    if states:
        chosen = chosen.where(outbox.c.state.in_(states))
    if channel is not None:
        chosen = chosen.where(outbox.c.channel == channel)
    return [_row(row) for row in connection.execute(chosen).mappings()]


def _kept(content: Content) -> str:
    told = {"subject": content.subject, "lines": list(content.lines), "files": list(content.files)}
    return canonical_json(told).decode()


def _row(row: Mapping[Any, Any]) -> OutboxRow:
    plain = json.loads(row["content"])
    content = Content(plain["subject"], tuple(plain["lines"]), tuple((n, d) for n, d in plain["files"]))
    return OutboxRow(
        row["id"], row["message"], row["channel"], content, row["state"], row["attempts"], row["made_at"],
        row["next_at"], row["sent_at"], row["fault"],
    )  # fmt: skip

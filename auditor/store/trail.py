"""Trail: every act that changed something, as a hash chain of ids and digests, never of names.

Who acts is told once, at the door: `with acting(account)`; entries made meanwhile bear the account's id. A name stands
with the account alone, so that erasing it breaks no link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Connection, select

from auditor.proof.chain import FIRST, link
from auditor.store.database import hold
from auditor.store.tables import trail

_ACTING: ContextVar[str | None] = ContextVar("acting", default=None)
_PAGE = 10_000
SHORTENED = "trail.shortened"
"""The act of removing what is older than the trail has to be."""


@dataclass(frozen=True)
class TrailEntry:
    """One act: `register.applied` on `batch 3`. No account: the program itself, or the command line."""

    id: int
    at: str
    act: str
    subject: str
    link: str
    account: str | None = None


@contextmanager
def acting(account: str | None) -> Iterator[None]:
    """Note the account in every entry that is made before the end."""
    token = _ACTING.set(account)
    try:
        yield
    finally:
        _ACTING.reset(token)


def act_as(account: str | None) -> None:
    """Note the account in every entry that the rest of this task makes: for a request, which is a task of its own."""
    _ACTING.set(account)


def append_trail(connection: Connection, *, at: str, act: str, subject: str) -> str:
    """Add one entry and return its link."""
    hold(connection, ("trail",))
    last = connection.execute(select(trail.c.id, trail.c.link).order_by(trail.c.id.desc()).limit(1)).first()
    number, previous = (last.id + 1, last.link) if last is not None else (1, FIRST)
    account = _ACTING.get()
    made = link(previous, _entry(number, at, act, subject, account))
    connection.execute(trail.insert().values(id=number, at=at, act=act, subject=subject, link=made, account=account))
    return made


def list_trail(connection: Connection, *, after: int = 0, most: int | None = None) -> Sequence[TrailEntry]:
    """Return the entries whose id is above `after`, oldest first, at most so many."""
    chosen = select(trail).where(trail.c.id > after).order_by(trail.c.id).limit(most)
    return [TrailEntry(**row) for row in connection.execute(chosen).mappings()]


def newest_trail(
    connection: Connection, *, before: int | None = None, most: int = 100, act: str | None = None
) -> Sequence[TrailEntry]:
    """Return the newest entries whose id is below `before`, newest first; `act` chooses by how an act begins."""
    chosen = select(trail).order_by(trail.c.id.desc()).limit(most)
    if before is not None:
        chosen = chosen.where(trail.c.id < before)
    if act:
        chosen = chosen.where(trail.c.act.startswith(act, autoescape=True))
    return [TrailEntry(**row) for row in connection.execute(chosen).mappings()]


def all_trail(connection: Connection) -> Iterator[TrailEntry]:
    """Yield every entry, oldest first, without holding them all."""
    after = 0
    while page := list_trail(connection, after=after, most=_PAGE):
        yield from page
        after = page[-1].id


def last_entry(connection: Connection, act: str) -> TrailEntry | None:
    """Return the newest entry of an act."""
    chosen = select(trail).where(trail.c.act == act).order_by(trail.c.id.desc()).limit(1)
    row = connection.execute(chosen).mappings().first()
    return TrailEntry(**row) if row is not None else None


def first_broken_entry(connection: Connection) -> int | None:
    """Return the id of the first entry that was changed, moved, or stands after a removed one; `None` when the chain
    holds. Entries missing at its end show only against a link that was kept elsewhere."""
    previous = _before_the_first(connection)
    for entry in all_trail(connection):
        previous = link(previous, _entry(entry.id, entry.at, entry.act, entry.subject, entry.account))
        if previous != entry.link:
            return entry.id
    return None


def _before_the_first(connection: Connection) -> str:
    """Return the link that stood before the oldest entry that is kept: what an entry on removed ones says, which the
    chain holds as it holds every other."""
    oldest = connection.execute(select(trail.c.id).order_by(trail.c.id).limit(1)).scalar()
    if oldest is None or oldest == 1:
        return FIRST
    chosen = select(trail.c.subject).where(
        trail.c.act == SHORTENED, trail.c.subject.startswith(f"to {oldest - 1} link ")
    )
    subject = connection.execute(chosen.order_by(trail.c.id.desc()).limit(1)).scalar()
    return str(subject).split(" ")[3] if subject is not None else FIRST


def shortened_to(connection: Connection) -> tuple[int, str] | None:
    """Return up to which number entries were removed, and the digest of the list of those that proofs still need."""
    found = last_entry(connection, SHORTENED)
    if found is None:
        return None
    words = found.subject.split(" ")
    return int(words[1]), words[5]


def shorten_trail(connection: Connection, *, to: int, kept: str, at: str) -> None:
    """Remove the entries up to a number; an entry says so, with the link of the last one and the digest of the list of
    what proofs still need. The caller has put that list into the store."""
    hold(connection, ("trail",))
    last = connection.execute(select(trail.c.link).where(trail.c.id == to)).scalar_one()
    append_trail(connection, at=at, act=SHORTENED, subject=f"to {to} link {last} kept {kept}")
    connection.execute(trail.delete().where(trail.c.id <= to))


def _entry(number: int, at: str, act: str, subject: str, account: str | None) -> dict[str, str | int]:
    told: dict[str, str | int] = {"id": number, "at": at, "act": act, "subject": subject}
    return told if account is None else {**told, "account": account}  # the links of earlier releases had none

"""Trail: every act that changed something, as a hash chain of ids and digests, never of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from auditor.proof.chain import FIRST, first_broken, link
from auditor.store.database import hold
from auditor.store.tables import trail


@dataclass(frozen=True)
class TrailEntry:
    """One act: `register.applied` on `batch 3`."""

    id: int
    at: str
    act: str
    subject: str
    link: str


def append_trail(connection: Connection, *, at: str, act: str, subject: str) -> str:
    """Add one entry and return its link."""
    hold(connection, ("trail",))
    last = connection.execute(select(trail.c.id, trail.c.link).order_by(trail.c.id.desc()).limit(1)).first()
    number, previous = (last.id + 1, last.link) if last is not None else (1, FIRST)
    made = link(previous, _entry(number, at, act, subject))
    connection.execute(trail.insert().values(id=number, at=at, act=act, subject=subject, link=made))
    return made


def list_trail(connection: Connection) -> Sequence[TrailEntry]:
    """Return every entry, oldest first."""
    rows = connection.execute(select(trail).order_by(trail.c.id)).mappings()
    return [TrailEntry(**row) for row in rows]


def first_broken_entry(connection: Connection) -> int | None:
    """Return the id of the first entry that was changed, removed or moved; `None` when the chain holds."""
    entries = list_trail(connection)
    broken = first_broken((_entry(e.id, e.at, e.act, e.subject), e.link) for e in entries)
    return None if broken is None else entries[broken].id


def _entry(number: int, at: str, act: str, subject: str) -> dict[str, str | int]:
    return {"id": number, "at": at, "act": act, "subject": subject}

"""Jobs that are due: who holds one, until when, and what came of it. The key is the job with its due moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.exc import IntegrityError

from auditor.store.tables import due_jobs as table


@dataclass(frozen=True)
class DueJob:
    """One job at one moment."""

    job: str
    due_at: str
    holder: str
    held_until: str
    attempts: int
    done_at: str | None
    outcome: str | None


def take_job(connection: Connection, job: str, due_at: str, *, holder: str, now: str, held_until: str) -> bool:
    """Take a job that nobody has, or whose holder let its time pass; false when it is done or held."""
    mine = (table.c.job == job) & (table.c.due_at == due_at)
    free = table.update().where(mine, table.c.done_at.is_(None), table.c.held_until < now)
    values = {"holder": holder, "held_until": held_until}
    if connection.execute(free.values(**values, attempts=table.c.attempts + 1)).rowcount == 1:
        return True
    try:
        with connection.begin_nested():
            connection.execute(table.insert().values(job=job, due_at=due_at, attempts=1, **values))
    except IntegrityError:
        return False
    return True


def hold_job(connection: Connection, job: str, due_at: str, *, holder: str, held_until: str) -> bool:
    """Hold a job for longer; false when it is not the holder's any more."""
    mine = table.update().where(table.c.job == job, table.c.due_at == due_at, table.c.holder == holder)
    return connection.execute(mine.where(table.c.done_at.is_(None)).values(held_until=held_until)).rowcount == 1


def finish_job(connection: Connection, job: str, due_at: str, *, holder: str, at: str, outcome: str) -> bool:
    """Note that a job is done; false when it is not the holder's any more: what was done must not count then."""
    mine = table.update().where(table.c.job == job, table.c.due_at == due_at, table.c.holder == holder)
    return connection.execute(mine.where(table.c.done_at.is_(None)).values(done_at=at, outcome=outcome)).rowcount == 1


def last_due(connection: Connection, job: str) -> str | None:
    """Return the newest moment at which the job was taken."""
    found = connection.execute(select(func.max(table.c.due_at)).where(table.c.job == job)).scalar()
    return str(found) if found is not None else None


def abandoned_jobs(connection: Connection, job: str, now: str) -> list[str]:
    """Return the due moments of a job whose holders let their time pass."""
    left = (table.c.job == job) & table.c.done_at.is_(None) & (table.c.held_until < now)
    return [row.due_at for row in connection.execute(select(table.c.due_at).where(left).order_by(table.c.due_at))]


def list_due_jobs(connection: Connection, *, most: int = 100) -> list[DueJob]:
    """Return the newest jobs, the latest due first."""
    rows = connection.execute(select(table).order_by(table.c.due_at.desc(), table.c.job).limit(most)).mappings()
    return [DueJob(**row) for row in rows]


def forget_old_jobs(connection: Connection, before: str) -> int:
    """Forget jobs that were done before a moment, but for the newest of each."""
    newest = {
        row.job: row.due_at
        for row in connection.execute(
            select(table.c.job, func.max(table.c.due_at).label("due_at")).group_by(table.c.job)
        )
    }
    forgotten = 0
    for job, due_at in newest.items():
        old = delete(table).where(table.c.job == job, table.c.due_at != due_at, table.c.done_at < before)
        forgotten += connection.execute(old).rowcount
    return forgotten

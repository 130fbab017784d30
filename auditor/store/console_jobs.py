"""What somebody asked for in the console and takes more than a moment: how far it is, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from auditor.store.tables import console_jobs as table


@dataclass(frozen=True)
class Job:
    """One task. `outcome` stands when it has ended: files, the run, or a fault."""

    id: int
    kind: str
    account: str
    asked_at: str
    moved_at: str
    ended_at: str | None
    done: int
    total: int
    task: Mapping[str, Any]
    outcome: Mapping[str, Any]

    @property
    def fault(self) -> str | None:
        """What went wrong."""
        return self.outcome.get("fault")

    @property
    def run(self) -> str | None:
        """The run that an audit made."""
        return self.outcome.get("run")

    @property
    def made(self) -> str | None:
        """The number of the check or submission that was made."""
        return self.outcome.get("made")

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """Name, digest and size of each file that was issued."""
        return list(self.outcome.get("files", ()))


def add_job(connection: Connection, *, kind: str, account: str, task: Mapping[str, Any], now: str) -> int:
    """Keep a task and return its number."""
    values = {"kind": kind, "account": account, "asked_at": now, "moved_at": now, "done": 0, "total": 1}
    key = connection.execute(table.insert().values(**values, task=json.dumps(dict(task)))).inserted_primary_key
    assert key is not None
    return int(key[0])


def move_job(connection: Connection, job: int, *, done: int, total: int, now: str) -> None:
    """Say how far a task is."""
    connection.execute(table.update().where(table.c.id == job).values(done=done, total=total, moved_at=now))


def end_job(connection: Connection, job: int, outcome: Mapping[str, Any], *, now: str) -> None:
    """Say what came of a task."""
    told = json.dumps(dict(outcome), ensure_ascii=False)
    connection.execute(table.update().where(table.c.id == job).values(outcome=told, ended_at=now, moved_at=now))


def find_job(connection: Connection, job: int, account: str) -> Job | None:
    """Return a task of an account."""
    row = connection.execute(select(table).where(table.c.id == job, table.c.account == account)).mappings().first()
    return _job(row) if row is not None else None


def jobs_of(connection: Connection, account: str, kind: str, *, limit: int = 10) -> list[Job]:
    """Return the newest tasks of an account."""
    chosen = select(table).where(table.c.account == account, table.c.kind == kind)
    rows = connection.execute(chosen.order_by(table.c.id.desc()).limit(limit)).mappings()
    return [_job(row) for row in rows]


def _job(row: RowMapping) -> Job:
    values = dict(row)
    values["task"] = json.loads(values["task"])
    values["outcome"] = json.loads(values["outcome"]) if values["outcome"] else {}
    return Job(**values)

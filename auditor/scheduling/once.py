"""Once: of all processes on one store exactly one does a due job, whatever happens to it.

A job is taken for a while by a name that the process drew, and held longer while it works. What it writes is written in
the transaction that also notes it as done, and only while the job is still the holder's: a process that was killed in
the middle left no trace, and one that was only slow finds that another has taken over, and its work is undone. Work
that commits by itself must be harmless when done twice (an audit of the same inputs is the same run).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from auditor.core.days import utc_text
from auditor.store.database import Connection, Store
from auditor.store.due_jobs import finish_job, hold_job, take_job

HOLD_SECONDS = 120
DONE, FAILED = "done", "failed"


class TakenOver(Exception):
    """Another process has the job now; what this one did is undone."""


def do_once(
    store: Store,
    job: str,
    due_at: datetime,
    *,
    prepare: Callable[[], object] = lambda: None,
    write: Callable[[Connection], None] = lambda _connection: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    hold_seconds: float = HOLD_SECONDS,
) -> bool:
    """Do the job unless it is done or held by another; return whether it was done here.

    `prepare` may take long and commit by itself; `write` writes in the transaction that notes the job as done. When one
    of them fails, the job is noted as failed and the error goes on. Raises nothing of its own.
    """
    holder, due = secrets.token_hex(8), utc_text(due_at)
    with store.begin() as connection:
        until = utc_text(now() + timedelta(seconds=hold_seconds))
        if not take_job(connection, job, due, holder=holder, now=utc_text(now()), held_until=until):
            return False
    try:
        with _held(store, job, due, holder, now, hold_seconds):
            prepare()
        with store.begin() as connection:
            if not finish_job(connection, job, due, holder=holder, at=utc_text(now()), outcome=DONE):
                raise TakenOver
            write(connection)
    except TakenOver:
        return False
    except Exception:
        with store.begin() as connection:
            finish_job(connection, job, due, holder=holder, at=utc_text(now()), outcome=FAILED)
        raise
    return True


@contextmanager
def _held(
    store: Store, job: str, due: str, holder: str, now: Callable[[], datetime], hold_seconds: float
) -> Iterator[None]:
    """Hold the job for longer, again and again, while the work is done."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(hold_seconds / 3):
            with store.begin() as connection:
                until = utc_text(now() + timedelta(seconds=hold_seconds))
                if not hold_job(connection, job, due, holder=holder, held_until=until):
                    return

    thread = threading.Thread(target=hold, name=f"hold-{job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

"""One of several processes that do the same hundred jobs: each job's effect is one entry of the trail."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from auditor.scheduling.once import do_once
from auditor.store.database import Connection, open_store
from auditor.store.trail import append_trail

JOBS = 100
FIRST_DUE = datetime(2026, 6, 30, tzinfo=UTC)


def main(url: str, hold_seconds: float) -> None:
    """Go round until every job is done; say each that was done here."""
    store = open_store(url)
    left = set(range(JOBS))
    end = time.monotonic() + 240
    while left and time.monotonic() < end:
        for number in sorted(left):
            due_at = FIRST_DUE + timedelta(minutes=number)

            def write(connection: Connection, number: int = number) -> None:
                append_trail(connection, at="2026-06-30T00:00:00Z", act="effect", subject=str(number))
                time.sleep(0.02)

            if do_once(
                store, "hundred", due_at, prepare=lambda: time.sleep(0.02), write=write, hold_seconds=hold_seconds
            ):
                print(number, flush=True)
        with store.read() as connection:
            from auditor.store.due_jobs import list_due_jobs

            done = {row.due_at for row in list_due_jobs(connection, most=1000) if row.done_at is not None}
        left = {n for n in left if (FIRST_DUE + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ") not in done}
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))

"""Writer: one thread that checks and keeps what waits, group by group.

A group is whatever came while the last one was under way: one transaction and one flush to the disk for all of it, and
one word to whoever waits. A single document waits for nobody, and a thousand of them share few flushes. More threads
would only take the interpreter from each other; more processors are used by more processes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.errors import Busy, both
from auditor.intake.receipt import Receipt
from auditor.intake.receiving import Offered, keep_all
from auditor.settings import Settings
from auditor.store.database import Store

_RETRY_SECONDS = 5


@dataclass
class Job:
    """One document on its way. `make` checks it; `waits` is whatever `tell` needs to reach whoever sent it."""

    make: Callable[[], Offered]
    waits: Any
    offered: Offered | None = None
    outcome: Receipt | Exception | None = None


class Writer:
    """Keeps documents in the order in which they were handed in; `tell` is called on its thread with those done."""

    def __init__(self, store: Store, settings: Settings, tell: Callable[[Sequence[Job]], None]) -> None:
        self._store, self._settings, self._tell = store, settings, tell
        self._most = settings.whole("intake_group_documents")
        self._wake = threading.Condition()
        self._came: deque[Job] = deque()
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="intake-writer", daemon=True)
        self._thread.start()

    def hand_in(self, job: Job) -> None:
        """Hand a document in; `tell` has its receipt when it is on the disk, or the error. Raises `Busy`."""
        with self._wake:
            if self._ending:
                told = both("核查端正在停止，请稍后重试", "the checker is being stopped; try again later")
                raise Busy(told, _RETRY_SECONDS)
            self._came.append(job)
            if len(self._came) == 1:
                self._wake.notify()

    def close(self) -> None:
        """Keep all that waits, then end."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while group := self._next():
            self._check(group)
            self._keep([job for job in group if job.outcome is None])
            self._tell(group)

    def _next(self) -> list[Job]:
        """Wait for documents and return those of the next group; none when there will be no more."""
        with self._wake:
            while not self._came and not self._ending:
                self._wake.wait()
            return [self._came.popleft() for _ in range(min(self._most, len(self._came)))]

    def _check(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                job.offered = job.make()
            except Exception as error:  # whatever it is, it must reach who waits, and must not end the only writer
                job.outcome = error

    def _keep(self, jobs: Sequence[Job]) -> None:
        offered = [job.offered for job in jobs if job.offered is not None]
        try:
            kept: list[Receipt | Exception] = keep_all(self._store, offered, self._settings) if offered else []
        except Exception as error:  # as above
            kept = [error] * len(offered)
        for job, outcome in zip(jobs, kept, strict=True):
            job.outcome = outcome

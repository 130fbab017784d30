"""Writer: two threads behind each other, one that checks what came and one that keeps it, group by group.

A group is whatever came while the last one was under way: one transaction and one flush to the disk for all of it, and
one word to whoever waits. A single document waits for nobody, and a thousand of them share few flushes. The next group
is checked while the last one is being written.
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
    """Keeps documents in the order in which they were handed in; `tell` is called on its threads with those done."""

    def __init__(self, store: Store, settings: Settings, tell: Callable[[Sequence[Job]], None]) -> None:
        self._store, self._settings, self._tell = store, settings, tell
        self._most = settings.whole("intake_group_documents")
        self._wake = threading.Condition()
        self._came: deque[Job] = deque()
        self._checked: deque[Job] = deque()
        self._ending = False
        self._all_checked = False
        self._checks = threading.Thread(target=self._check_all, name="intake-check", daemon=True)
        self._keeps = threading.Thread(target=self._keep_all, name="intake-writer", daemon=True)
        self._checks.start()
        self._keeps.start()

    def hand_in(self, job: Job) -> None:
        """Hand a document in; `tell` has its receipt when it is on the disk, or the error. Raises `Busy`."""
        with self._wake:
            if self._ending:
                told = both("核查端正在停止，请稍后重试", "the checker is being stopped; try again later")
                raise Busy(told, _RETRY_SECONDS)
            self._came.append(job)
            self._wake.notify_all()

    def close(self) -> None:
        """Keep all that waits, then end."""
        with self._wake:
            self._ending = True
            self._wake.notify_all()
        self._checks.join()
        self._keeps.join()

    def _check_all(self) -> None:
        while group := self._next(self._came, lambda: self._ending):
            for job in group:
                try:
                    job.offered = job.make()
                except Exception as error:  # whatever it is, it must reach who waits, and must not end the thread
                    job.outcome = error
            self._done([job for job in group if job.outcome is not None])
            with self._wake:
                self._checked.extend(job for job in group if job.outcome is None)
                self._wake.notify_all()
        with self._wake:
            self._all_checked = True
            self._wake.notify_all()

    def _keep_all(self) -> None:
        while group := self._next(self._checked, lambda: self._all_checked):
            try:
                kept: list[Receipt | Exception] = keep_all(
                    self._store, [job.offered for job in group if job.offered is not None], self._settings
                )
            except Exception as error:  # as above: there is no other writer
                kept = [error] * len(group)
            for job, outcome in zip(group, kept, strict=True):
                job.outcome = outcome
            self._done(group)

    def _next(self, line: deque[Job], is_over: Callable[[], bool]) -> list[Job]:
        """Wait for documents and return those of the next group; none when there will be no more."""
        with self._wake:
            while not line and not is_over():
                self._wake.wait()
            return [line.popleft() for _ in range(min(self._most, len(line)))]

    def _done(self, jobs: Sequence[Job]) -> None:
        if jobs:
            self._tell(jobs)

"""Writer: one thread that keeps what waits, group by group: one transaction and one flush for all of a group.

A group is whatever came while the last one was being written, so that a single document waits for nobody and a
thousand of them share few flushes.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

from auditor.errors import Busy, both
from auditor.intake.arrival import Receipt
from auditor.intake.receiving import Offered, keep_all
from auditor.settings import Settings
from auditor.store.database import Store

_RETRY_SECONDS = 5


class Writer:
    """Keeps documents in the order in which they were handed in."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._most = settings.whole("intake_group_documents")
        self._waiting: deque[tuple[Offered, Future[Receipt]]] = deque()
        self._wake = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="intake-writer", daemon=True)
        self._thread.start()

    def keep(self, offered: Offered) -> Future[Receipt]:
        """Hand a document in; the future has its receipt when it is on the disk, or the error."""
        future: Future[Receipt] = Future()
        with self._wake:
            if self._ending:
                told = both("核查端正在停止，请稍后重试", "the checker is being stopped; try again later")
                raise Busy(told, _RETRY_SECONDS)
            self._waiting.append((offered, future))
            self._wake.notify()
        return future

    def close(self) -> None:
        """Keep all that waits, then end."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while group := self._next():
            self._keep([offered for offered, _ in group], [future for _, future in group])

    def _next(self) -> list[tuple[Offered, Future[Receipt]]]:
        """Wait for documents and return those of the next group; none when there will be no more."""
        with self._wake:
            while not self._waiting and not self._ending:
                self._wake.wait()
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _keep(self, offered: list[Offered], futures: list[Future[Receipt]]) -> None:
        awaited = [future.set_running_or_notify_cancel() for future in futures]  # a sender who left still counts
        try:
            kept = keep_all(self._store, offered, self._settings)
        except Exception as error:  # whatever it is, it must reach who waits, and must not end the only writer
            kept = list[Receipt | Exception]([error]) * len(offered)
        for future, each, waits in zip(futures, kept, awaited, strict=True):
            if waits and isinstance(each, Exception):
                future.set_exception(each)
            elif waits and isinstance(each, Receipt):
                future.set_result(each)

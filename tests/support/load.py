"""A load on a checker of this machine: ready requests over connections that stay open, each answer read and timed."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

ANSWER_SECONDS = 120


@dataclass
class Outcome:
    """What came back: how many of each status, how long each took in seconds, and how long all took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    retried: int = 0
    took: float = 0.0
    processor_seconds: float = 0.0
    """Of the load generator."""

    def quantile(self, share: float) -> float:
        """Return the time within which that share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def put_load(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Send every request once to 127.0.0.1, again where the answer is "not now"; return when all are answered.

    One thread and bare sockets: the load takes its part of the processors that it measures, so it has to be small.
    """
    outcome, waiting = Outcome(), deque(requests)
    began, began_processor = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as ready:
        for _ in range(min(connections, len(requests))):
            _Line(socket.create_connection(("127.0.0.1", port)), waiting, outcome, ready)
        while ready.get_map():
            events = ready.select(ANSWER_SECONDS)
            if not events:
                raise TimeoutError(f"no answer within {ANSWER_SECONDS} seconds")
            for key, mask in events:
                key.data.go_on(mask)
    outcome.took = time.perf_counter() - began
    outcome.processor_seconds = time.process_time() - began_processor
    return outcome


class _Line:
    """One connection: sends a request, reads its answer, takes the next."""

    def __init__(
        self, to: socket.socket, waiting: deque[bytes], outcome: Outcome, ready: selectors.BaseSelector
    ) -> None:
        to.setblocking(False)
        to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._to, self._waiting, self._outcome, self._ready = to, waiting, outcome, ready
        self._answer = self._request = self._left = b""
        self._began = 0.0
        ready.register(to, selectors.EVENT_READ, self)
        self._next()

    def go_on(self, mask: int) -> None:
        """Write what is left to write, read what came."""
        if mask & selectors.EVENT_WRITE:
            self._write()
            return
        got = self._to.recv(65_536)
        if not got:
            raise ConnectionError(f"closed after {self._answer!r}")
        self._answer += got
        status = _status_of_whole(self._answer)
        if status is None:
            return
        self._answer = b""
        if status in (429, 503):
            self._outcome.retried += 1
            time.sleep(0.005)
            self._left = self._request
            self._write()
            return
        self._outcome.statuses[status] += 1
        self._outcome.seconds.append(time.perf_counter() - self._began)
        self._next()

    def _next(self) -> None:
        if not self._waiting:
            self._ready.unregister(self._to)
            self._to.close()
            return
        self._request = self._left = self._waiting.popleft()
        self._began = time.perf_counter()
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._left = self._left[self._to.send(self._left) :]
        wants = selectors.EVENT_WRITE if self._left else selectors.EVENT_READ
        if self._ready.get_key(self._to).events != wants:
            self._ready.modify(self._to, wants, self)


def _status_of_whole(answer: bytes) -> int | None:
    """Return the status of an answer that is whole, `None` of a part of one."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return None
    at = head.lower().index(b"content-length:")
    length = int(head[at + 15 :].partition(b"\r\n")[0])
    return int(head[9:12]) if len(body) >= length else None

"""Several server processes on one address: a parent that starts them, starts one anew that dies, and ends them.

Each process opens the store for itself, on any system with `fork`. Nothing is shared between them but the address and
the database.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable

_REST_SECONDS = 1.0
"""Between two starts of one process: what dies at once must not take the processor."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Processes:
    """`count` processes that run `work(ready)`; `work` returns when it is told to end by SIGTERM."""

    def __init__(self, count: int, work: Callable[[Callable[[], None]], None]) -> None:
        self._count, self._work = count, work
        self._children: dict[int, float] = {}
        self._ending = False

    def run(self, ready: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM; `ready` is called when every process accepts requests."""
        before = {sig: signal.signal(sig, self.end) for sig in _SIGNALS}
        told, tell = os.pipe()
        try:
            for _ in range(self._count):
                self._start(tell)
            if self._wait_for_all(told):
                ready()
            self._watch(tell)
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)
            os.close(told)
            os.close(tell)

    def _start(self, tell: int) -> None:
        child = os.fork()
        if child:
            self._children[child] = time.monotonic()
            return
        code = 1
        try:
            for sig in _SIGNALS:
                signal.signal(sig, signal.SIG_DFL)
            self._work(lambda: _write(tell))
            code = 0
        finally:
            os._exit(code)

    def _wait_for_all(self, told: int) -> bool:
        """Wait until each has said that it accepts requests; false when they are to end before that."""
        heard = 0
        while heard < self._count and not self._ending:
            if select.select([told], [], [], 0.2)[0]:
                heard += len(os.read(told, self._count))
            elif self._reap():  # one could not start: neither could the others
                self.end()
        return not self._ending

    def _watch(self, tell: int) -> None:
        while self._children:
            for began in self._reap():
                if not self._ending:
                    time.sleep(max(0.0, _REST_SECONDS - (time.monotonic() - began)))
                    self._start(tell)
            time.sleep(0.1)

    def _reap(self) -> list[float]:
        """Return when those began that have ended since the last call."""
        began = []
        for child in list(self._children):
            if os.waitpid(child, os.WNOHANG)[0]:
                began.append(self._children.pop(child))
        return began

    def end(self, *_signal: object) -> None:
        """Tell every process to finish what it has and end."""
        self._ending = True
        for child in self._children:
            os.kill(child, signal.SIGTERM)


def _write(pipe: int) -> None:
    os.write(pipe, b".")

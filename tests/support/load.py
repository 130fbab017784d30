"""A load on a checker of this machine: ready requests over connections that stay open, each answer read and timed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
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

    def quantile(self, share: float) -> float:
        """Return the time within which that share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def put_load(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Send every request once to 127.0.0.1, again where the answer is "not now"; return when all are answered."""
    return asyncio.run(_all(port, requests, connections))


async def _all(port: int, requests: Sequence[bytes], connections: int) -> Outcome:
    outcome = Outcome()
    waiting = iter(requests)
    began = time.perf_counter()
    await asyncio.gather(*(_one_connection(port, waiting, outcome) for _ in range(min(connections, len(requests)))))
    outcome.took = time.perf_counter() - began
    return outcome


async def _one_connection(port: int, waiting: object, outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:  # type: ignore[attr-defined]
        began = time.perf_counter()
        while True:
            writer.write(request)
            status = await asyncio.wait_for(_answer(reader), ANSWER_SECONDS)
            if status not in (429, 503):
                break
            outcome.retried += 1
            await asyncio.sleep(0.05)
        outcome.statuses[status] += 1
        outcome.seconds.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, _, rest = head.partition(b"\r\n")
    length = next(
        int(line.split(b":")[1]) for line in rest.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return int(status.split(b" ")[1])

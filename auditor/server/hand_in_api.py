"""What the checkers of units bring: signed figures, and answers to what was asked of them.

POST /api/v1/hand-ins   a signed file -> 201 {"document", "unit", "duty", "period", "carried"}, 200 when it was there
POST /api/v1/questions  a signed poll -> 200 {"questions": [base64 of a signed file, …]}
POST /api/v1/answers    a signed file -> 200 {"question"}

The signature in the body says who speaks; there is no other sign-in. An answer goes out after the commit.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from litestar import Request, Response, post

from auditor.core.days import utc_text
from auditor.errors import Busy, both
from auditor.server.agent_api import read_body
from auditor.settings import Settings
from auditor.store.database import Store
from auditor.supervision.drill_down import open_questions, take_answer
from auditor.supervision.handing_up import Received, receive
from auditor.supervision.signed import MAX_BYTES

_Answer = TypeVar("_Answer")
_POLL_BYTES = 65_536
_MOST_WAITING = 8
_RETRY_SECONDS = 30


class Tiers:
    """The room below, asked from the event loop: few at a time, since a file of a tier may be large."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="tiers")
        self._waiting = 0

    def close(self) -> None:
        """Let the work that runs end."""
        self._threads.shutdown(wait=True)

    @property
    def body_seconds(self) -> int:
        """How long a body may take to arrive."""
        return self._settings.whole("intake_body_seconds")

    async def take(self, request: Request[Any, Any, Any], most: int, work: Callable[[bytes], _Answer]) -> _Answer:
        """Read a body and work on it. Raises `Busy` before the body is read when too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise Busy(both("等待处理的报送过多，请稍后重试", "too many hand-ins wait"), _RETRY_SECONDS)
        self._waiting += 1
        try:
            body = await read_body(request, most, self.body_seconds)
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(body))
        finally:
            self._waiting -= 1

    def receive(self, body: bytes) -> Received:
        """Verify and keep a file. Raises as `handing_up.receive` does."""
        with self._store.begin() as connection:
            return receive(connection, body, at=utc_text(datetime.now(UTC)))

    def questions(self, body: bytes) -> list[bytes]:
        """Return what is asked of the unit that signed."""
        window = self._settings.whole("clock_window_seconds")
        with self._store.read() as connection:
            return open_questions(connection, body, now=datetime.now(UTC), window_seconds=window)

    def answer(self, body: bytes) -> str:
        """Keep an answer; return the id of its question."""
        with self._store.begin() as connection:
            return take_answer(connection, body, at=utc_text(datetime.now(UTC))).id


@post("/api/v1/hand-ins", status_code=201)
async def hand_ins(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Take one hand-in."""
    tiers: Tiers = request.app.state.tiers
    done = await tiers.take(request, MAX_BYTES, tiers.receive)
    told = {"document": done.digest, "unit": done.body.unit, "duty": done.body.duty, "period": done.body.period,
            "carried": len(done.carried)}  # fmt: skip
    return Response(told, status_code=201 if done.is_new else 200)


@post("/api/v1/questions", status_code=200)
async def questions(request: Request[Any, Any, Any]) -> Response[dict[str, list[str]]]:
    """Hand out what is asked of a unit."""
    tiers: Tiers = request.app.state.tiers
    found = await tiers.take(request, _POLL_BYTES, tiers.questions)
    return Response({"questions": [base64.b64encode(data).decode("ascii") for data in found]}, status_code=200)


@post("/api/v1/answers", status_code=200)
async def answers(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """Take an answer."""
    tiers: Tiers = request.app.state.tiers
    return Response({"question": await tiers.take(request, MAX_BYTES, tiers.answer)}, status_code=200)


HAND_IN_ROUTES = (hand_ins, questions, answers)

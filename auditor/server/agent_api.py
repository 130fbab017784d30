"""What agents ask: to be enrolled, and to have their inventories taken.

POST /api/v1/enrolments    {"token", "name", "version"} -> 201 {"agent_id", "key"}
GET  /api/v1/watchlist     signed -> 200 with an ETag and what agents should look for, 304 when that is known
POST /api/v1/inventories   signed, perhaps gzip -> 200 {"status", "receipt", "document", "kept"}, after the commit

`document` is the SHA-256 of the document as it was sent, unpacked; `kept` that of what is kept, keys cut off.
Bodies are read within bounds; the store is asked on threads of our own, and no more wait for it than the
setting `intake_waiting_documents` allows.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get, post

from agent.inventory.watchlist import digest_of_watchlist, encode_watchlist
from auditor.errors import Busy, NotAuthentic, Refused, TooLarge, TooSlow, both
from auditor.intake.arrival import BY_AGENT, Receipt
from auditor.intake.enrolment import Enrolled, authenticate, enrol
from auditor.intake.receiving import Offered, offer
from auditor.intake.writer import Job, Writer
from auditor.server.limits import FailureLimit, RateLimit
from auditor.settings import Settings
from auditor.store.database import Store

_Answer = TypeVar("_Answer")
WATCHLIST_PATH = "/api/v1/watchlist"
INVENTORIES_PATH = "/api/v1/inventories"
_ENROLMENT_BYTES = 8_192
_THREADS = 2
_RETRY_SECONDS = 5
_FAILURES, _FAILURE_SECONDS = 20, 60


class EnrolmentRequest(msgspec.Struct):
    """What an agent says of itself when it enrols."""

    token: str
    name: str = ""
    version: str | None = None


class Intake:
    """The rooms below, asked from the event loop: a bounded queue before a few threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="intake")
        self._writer = Writer(store, settings, self._tell)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting = 0
        self._watched: bytes | None = None
        self._rate = RateLimit(settings.whole("agent_requests_per_minute"))
        self.failures = FailureLimit(_FAILURES, _FAILURE_SECONDS)

    async def enrol(self, request: EnrolmentRequest) -> Enrolled:
        """Return the id and key of a new agent. Raises `NotAuthentic`, `Busy`."""
        return await self._ask(
            lambda: enrol(
                self._store, token=request.token, name=request.name, version=request.version, now=datetime.now(UTC)
            )
        )

    async def watchlist(self, headers: dict[str, str], path: str) -> bytes:
        """Check the signature, return the watchlist of the catalogue. Raises `NotAuthentic`, `Busy`."""
        return await self._ask(lambda: self._watchlist(headers, path))

    async def receive(self, headers: Mapping[str, str], path: str, body: bytes) -> Receipt:
        """Check the signature, take the document. Raises `NotAuthentic`, `Refused`, `Busy`."""
        return await self.take(lambda: self._offer(headers, path, body))

    async def take(self, make: Callable[[], Offered]) -> Receipt:
        """Make a document on the thread that checks, and keep it. Raises `Refused`, `Busy`, and what `make` does."""
        with self._place():
            self._loop = asyncio.get_running_loop()
            waits: asyncio.Future[Receipt] = self._loop.create_future()
            self._writer.hand_in(Job(make, waits))
            return await waits

    async def ask(self, work: Callable[[], _Answer]) -> _Answer:
        """Do work on one of our threads, within the queue. Raises `Busy`."""
        return await self._ask(work)

    @property
    def is_nearly_full(self) -> bool:
        """Whether so much waits that whoever has not begun yet had better come later."""
        return self._waiting * 2 > self._settings.whole("intake_waiting_documents")

    def close(self) -> None:
        """Let the work that runs end."""
        self._threads.shutdown(wait=True)
        self._writer.close()

    @property
    def waiting(self) -> int:
        """How many requests wait for the store."""
        return self._waiting

    @property
    def max_body_bytes(self) -> int:
        """Most bytes of a body that are read."""
        return max(self._settings.whole("intake_max_packed_bytes"), self._settings.whole("intake_max_bytes"))

    @property
    def body_seconds(self) -> int:
        """How long a body may take to arrive."""
        return self._settings.whole("intake_body_seconds")

    def _watchlist(self, headers: dict[str, str], path: str) -> bytes:
        window = self._settings.whole("clock_window_seconds")
        now = datetime.now(UTC)
        authenticate(self._store, headers, method="GET", path=path, body=b"", now=now, window_seconds=window)
        if self._watched is None:
            from rules.watchlist import shipped_watchlist  # reads the indicators; a checker without agents need not

            self._watched = encode_watchlist(shipped_watchlist())
        return self._watched

    def _offer(self, headers: Mapping[str, str], path: str, body: bytes) -> Offered:
        now = datetime.now(UTC)
        window = self._settings.whole("clock_window_seconds")
        agent = authenticate(self._store, headers, method="POST", path=path, body=body, now=now, window_seconds=window)
        wait = self._rate.wait_seconds(agent.id, time.monotonic())
        if wait:
            raise Busy(both("该采集端上报过于频繁，请稍后重试", "this agent sends too often; try again later"), wait)
        return offer(
            self._store,
            body,
            encoding=headers.get("content-encoding", "identity").strip().lower(),
            origin=BY_AGENT,
            agent=agent.id,
            unit=agent.unit,
            now=now,
            settings=self._settings,
        )

    def _tell(self, jobs: Sequence[Job]) -> None:
        """Reach those who wait, all of a group in one call. Whoever left is not told; what it sent is kept."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_answer_all, jobs)

    async def _ask(self, work: Callable[[], _Answer]) -> _Answer:
        with self._place():
            return await self._run(work)

    async def _run(self, work: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Take one of the places in the queue while the work is done. Raises `Busy`."""
        if self._waiting >= self._settings.whole("intake_waiting_documents"):
            told = both("等待入库的采集文件过多，请稍后重试", "too many documents wait for the store")
            raise Busy(told, _RETRY_SECONDS)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


def _answer_all(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.waits.done():
            continue
        if isinstance(job.outcome, Exception):
            job.waits.set_exception(job.outcome)
        else:
            job.waits.set_result(job.outcome)


@post("/api/v1/enrolments", status_code=201)
async def enrolments(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """Enrol an agent: 201 with its id and key, 403 when the token is not good, 429 after many such."""
    intake: Intake = request.app.state.intake
    address = request.client.host if request.client else ""
    wait = intake.failures.wait_seconds(address, time.monotonic())
    if wait:
        told = both("登记失败次数过多，请稍后重试", "too many refusals")
        return Response({"error": told}, status_code=429, headers={"Retry-After": str(wait)})
    body = await read_body(request, _ENROLMENT_BYTES, intake.body_seconds)
    try:
        enrolled = await intake.enrol(msgspec.json.decode(body, type=EnrolmentRequest))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        zh = "登记请求应为含 token 的 JSON 对象"
        told = both(zh, f"expected a JSON object with a token: {error}")
        return Response({"error": f"enrolment refused: {told}"}, status_code=400)
    except NotAuthentic as error:
        intake.failures.note(address, time.monotonic())
        return Response({"error": str(error)}, status_code=403)
    return Response({"agent_id": enrolled.agent, "key": base64.b64encode(enrolled.key).decode()}, status_code=201)


@post(INVENTORIES_PATH, status_code=200)
async def inventories(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take one inventory; the answer goes out when it is on the disk."""
    intake: Intake = request.app.state.intake
    body = await read_body(request, intake.max_body_bytes, intake.body_seconds)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    receipt = await intake.receive(headers, request.scope["path"], body)
    return Response(receipt_json(receipt), media_type="application/json")


def receipt_json(receipt: Receipt) -> bytes:
    """Return the answer to a document that is on the disk."""
    told = {"status": receipt.status, "receipt": receipt.text, "document": receipt.sent, "kept": receipt.document}
    return msgspec.json.encode(told)


async def read_body(request: Request[Any, Any, Any], most: int, within_seconds: float) -> bytes:
    """Return the body. Raises `TooLarge` as soon as it, or what it says of its length, exceeds `most` bytes,
    `TooSlow` when it is not there in time."""
    try:
        async with asyncio.timeout(within_seconds):
            return await _read_whole(request, most)
    except TimeoutError as error:
        raise TooSlow("", f"expected the whole request within {within_seconds:g} seconds") from error


async def _read_whole(request: Request[Any, Any, Any], most: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise TooLarge("", f"expected at most {most} bytes, got {told}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge("", f"expected at most {most} bytes, got more")
    if told.isdecimal() and len(body) != int(told):
        raise Refused("", f"expected {told} bytes, the request breaks off after {len(body)}")
    return bytes(body)


@get(WATCHLIST_PATH)
async def watchlist(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Hand out what the catalogue wants looked for: 200 with its digest as ETag, 304 to who has it already."""
    intake: Intake = request.app.state.intake
    headers = {name.lower(): value for name, value in request.headers.items()}
    content = await intake.watchlist(headers, request.url.path)
    tag = f'"{digest_of_watchlist(content)}"'
    if headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers={"ETag": tag}, media_type="application/json")
    return Response(content, headers={"ETag": tag}, media_type="application/json")


AGENT_ROUTES = (enrolments, inventories, watchlist)

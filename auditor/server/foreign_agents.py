"""The ends for agents that people already run: GLPI Agent, FusionInventory, OCS Inventory, on the same port.

POST …     PROLOG, CONTACT or an inventory, in XML or JSON, plain or packed → the answer of that agent's own server
GET  …     with GLPI-Request-ID: what became of an inventory that was answered `pending`

Open without a name on loopback and for the networks of `foreign_networks`; else HTTP Basic or a client certificate.
What came without a name
neither removes what an enrolled agent saw nor closes a finding: the document is marked, and the intake sees to it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get, post

from auditor.core.other_tools import BY_CREDENTIALS, BY_OPEN_END
from auditor.errors import AuditorError, Busy, NotAuthentic, Refused, StoreError, TooLarge, TooSlow, both
from auditor.intake.arrival import Receipt
from auditor.intake.foreign.accounts import REALM, Caller, Doorkeeper
from auditor.intake.foreign.agent_protocol import (
    Asks,
    Language,
    Message,
    Reply,
    at_fault,
    invited,
    json_reply,
    pending,
    read_inventory,
    read_message,
    taken,
)
from auditor.intake.foreign.taking import offer_inventory
from auditor.intake.foreign.told import Came
from auditor.intake.receiving import Offered
from auditor.intake.unpacking import bounds_of
from auditor.proof.digest import sha256_hex
from auditor.server.agent_api import Intake, read_body
from auditor.server.connections import CLIENT_CERTIFICATE
from auditor.server.limits import FailureLimit
from auditor.settings import Settings
from auditor.store.database import Store

PATHS = [
    "/ocsinventory",
    "/front/inventory.php",
    "/glpi/front/inventory.php",
    "/plugins/fusioninventory",
    "/plugins/fusioninventory/index.php",
    "/glpi/plugins/fusioninventory",
    "/glpi/plugins/fusioninventory/index.php",
    "/plugins/glpiinventory",
    "/glpi/plugins/glpiinventory",
    "/marketplace/glpiinventory",
    "/glpi/marketplace/glpiinventory",
    "/inventory",
]
"""Where those agents are pointed at by habit; each takes all of them."""
_REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}")
WAIT_SECONDS = 60
"""Less than the agents wait for an answer (180 s)."""
_ASK_AGAIN_SECONDS = 30
_BUSY_MINUTES = 10
_MOST_PENDING = 1_000
_FAILURES, _FAILURE_SECONDS = 20, 60


class ForeignEnds:
    """What the handlers share: who may report, what is under way, and the intake behind."""

    def __init__(self, settings: Settings, store: Store, intake: Intake) -> None:
        self.settings, self.store, self.intake = settings, store, intake
        self.doorkeeper = Doorkeeper(settings)
        self.failures = FailureLimit(_FAILURES, _FAILURE_SECONDS)
        self.pending: OrderedDict[str, asyncio.Future[Receipt]] = OrderedDict()
        self.bounds = bounds_of(settings)

    @property
    def hours(self) -> int:
        """How often agents are asked to report."""
        return self.settings.whole("foreign_report_hours")

    def came(self) -> Came:
        """Say how a message came: now, over HTTP."""
        now = datetime.now(UTC)
        return Came(at=now, now=now, zone=self.settings.zone, live=True, max_depth=self.bounds.max_depth)

    async def message(self, body: bytes, headers: Mapping[str, str], came: Came) -> Message:
        """Read a message on a thread of the intake. Raises `Refused`, `Busy`."""
        return await self.intake.ask(lambda: read_message(body, headers, self.bounds, came))

    def offered(self, message: Message, came: Came, caller: Caller) -> Offered:
        """Make the document of a message and check it. Raises `Refused`."""
        (inventory,) = read_inventory(message, came).inventories
        account = caller.account
        return offer_inventory(
            self.store,
            inventory,
            sha256_hex(message.raw),
            BY_OPEN_END if account is None else BY_CREDENTIALS,
            came,
            account.unit if account is not None else None,
            self.settings,
        )

    async def keep(self, message: Message, came: Came, caller: Caller, request_id: str) -> bool:
        """Keep an inventory; false when it takes so long that the agent shall ask again, which those of XML cannot.

        Raises what went wrong.
        """
        work = asyncio.ensure_future(self.intake.take(lambda: self.offered(message, came, caller)))
        patience = WAIT_SECONDS if message.language is Language.JSON else None
        done, _ = await asyncio.wait({work}, timeout=patience)
        if done:
            work.result()
            return True
        self.pending[request_id] = work
        while len(self.pending) > _MOST_PENDING:
            self.pending.popitem(last=False)
        return False


@post(PATHS, status_code=200, include_in_schema=False)
async def foreign_messages(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take one message of an agent of another tool and answer it in its own language."""
    ends: ForeignEnds = request.app.state.foreign_ends
    headers = _headers(request)
    address = request.client.host if request.client else ""
    is_json = "json" in headers.get("content-type", "") or bool(headers.get("glpi-agent-id"))
    request_id = _request_id(headers)
    try:
        caller = await _admitted(ends, address, headers, _certificate(request))
        body = await read_body(request, ends.intake.max_body_bytes, ends.intake.body_seconds)
        came = ends.came()
        message = await ends.message(body, headers, came)
        is_json = message.language is Language.JSON
        if message.asks is not Asks.INVENTORY:
            busy = _BUSY_MINUTES if ends.intake.is_nearly_full else None
            return _answer(invited(message, hours=ends.hours, busy_minutes=busy), request_id=request_id)
        kept = await ends.keep(message, came, caller, request_id)
        if not kept:
            return _answer(pending(_ASK_AGAIN_SECONDS, message.packing), request_id=request_id)
        return _answer(taken(message, hours=ends.hours), request_id=request_id)
    except AuditorError as error:
        return _fault(error, is_json=is_json, request_id=request_id)


@get(PATHS, status_code=200, include_in_schema=False)
async def foreign_questions(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Say what became of an inventory that was answered `pending`."""
    ends: ForeignEnds = request.app.state.foreign_ends
    headers = _headers(request)
    request_id = _request_id(headers)
    address = request.client.host if request.client else ""
    try:
        await _admitted(ends, address, headers, _certificate(request))
        work = ends.pending.get(request_id)
        if work is None:
            raise Refused("GLPI-Request-ID", both("没有这个请求", "no such request is under way"))
        if not work.done():
            return _answer(pending(_ASK_AGAIN_SECONDS), request_id=request_id)
        del ends.pending[request_id]
        work.result()
        ok = json_reply({"status": "ok", "expiration": ends.hours}, "identity")
        return _answer(ok, request_id=request_id)
    except AuditorError as error:
        return _fault(error, is_json=True, request_id=request_id)


FOREIGN_ROUTES = [foreign_messages, foreign_questions]


def _certificate(request: Request[Any, Any, Any]) -> str:
    return str(request.scope["state"].get(CLIENT_CERTIFICATE, ""))


async def _admitted(ends: ForeignEnds, address: str, headers: Mapping[str, str], certificate: str) -> Caller:
    """Return who reports; the hash of a password is worked out on a thread. Raises `NotAuthentic`, `Busy`."""
    if certificate:
        return ends.doorkeeper.admit_certificate(certificate)
    if not headers.get("authorization"):
        return ends.doorkeeper.admit(address, headers)
    wait = ends.failures.wait_seconds(address, time.monotonic())
    if wait:
        raise Busy(both("口令错误次数过多，请稍后重试", "too many wrong passwords"), wait)
    try:
        return await ends.intake.ask(lambda: ends.doorkeeper.admit(address, headers))
    except NotAuthentic:
        ends.failures.note(address, time.monotonic())
        raise


def _headers(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}


def _request_id(headers: Mapping[str, str]) -> str:
    """Return the agent's own number of the request, or a new one."""
    told = headers.get("glpi-request-id", "")
    return told.upper() if _REQUEST_ID.fullmatch(told) else secrets.token_hex(4).upper()


def _answer(reply: Reply, *, request_id: str, status: int = 200, **headers: str) -> Response[bytes]:
    told = {"GLPI-Request-ID": request_id, "Cache-Control": "no-store", **headers}
    return Response(reply.body, media_type=reply.media_type, status_code=status, headers=told)


def _fault(error: AuditorError, *, is_json: bool, request_id: str) -> Response[bytes]:
    reply = at_fault(str(error), is_json=is_json)
    match error:
        case NotAuthentic():
            realm = {"WWW-Authenticate": f'Basic realm="{REALM}", charset="UTF-8"'}
            return _answer(reply, request_id=request_id, status=401, **realm)
        case Busy():
            again = {"Retry-After": str(error.retry_after_seconds)}
            return _answer(reply, request_id=request_id, status=503, **again)
        case StoreError():
            raise error  # the log of the checker has the reason, the agent need not
        case TooLarge():
            return _answer(reply, request_id=request_id, status=413)
        case TooSlow():
            return _answer(reply, request_id=request_id, status=408)
        case _:
            return _answer(reply, request_id=request_id, status=400)

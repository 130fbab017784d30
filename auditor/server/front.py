"""Front: takes the inventories of agents in front of the framework, which has the rest.

Thousands of machines report within the same minute, and what the framework does for one request costs more than keeping
a document that says nothing new. Answers, headers, metrics and log lines are the same as those of the framework's way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar

from auditor.errors import AuditorError, Refused, TooLarge, TooSlow
from auditor.server.agent_api import INVENTORIES_PATH, Intake, receipt_json
from auditor.server.faults import answer_to_bug, answer_to_fault
from auditor.server.headers import headers_of_all
from auditor.server.metering import note_answer

log = logging.getLogger("zhengban.server")


class Gone(Exception):
    """Whoever asked has closed the connection before the request was there."""


class Front:
    """An application that takes inventories itself and hands everything else to another one."""

    def __init__(self, app: Litestar) -> None:
        self._app, self._meter = app, app.state.meter
        self._intake: Intake = app.state.intake
        always = headers_of_all(is_secure=app.state.door.is_secure) | {"Content-Type": "application/json"}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or let the application do it."""
        if scope["type"] == "http" and scope["path"] == INVENTORIES_PATH and scope["method"] == "POST":
            await self._take(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _take(self, scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            status, body, more = await self._answer(scope["path"], headers, receive)
        except Gone:
            return
        told = [*self._headers, (b"content-length", str(len(body)).encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})
        note_answer(self._meter, scope, status, time.perf_counter() - began)

    async def _answer(
        self, path: str, headers: Mapping[str, str], receive: Any
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        try:
            body = await self._body(headers, receive)
            return 200, receipt_json(await self._intake.receive(headers, path, body)), []
        except AuditorError as fault:
            status, error, again = answer_to_fault(fault)
        except Gone:
            raise
        except Exception as bug:
            status, error, again = answer_to_bug("POST", path, bug)
        more = [(b"retry-after", str(again).encode())] if again is not None else []
        return status, msgspec.json.encode({"error": error}), more

    async def _body(self, headers: Mapping[str, str], receive: Any) -> bytes:
        """Return the body. Raises `TooLarge`, `TooSlow`, `Refused`, `Gone`."""
        most, told = self._intake.max_body_bytes, headers.get("content-length", "")
        if told.isdecimal() and int(told) > most:
            raise TooLarge("", f"expected at most {most} bytes, got {told}")
        try:
            async with asyncio.timeout(self._intake.body_seconds):
                return await _whole(receive, most, told)
        except TimeoutError as error:
            raise TooSlow("", f"expected the whole request within {self._intake.body_seconds:g} seconds") from error


async def _whole(receive: Any, most: int, told: str) -> bytes:
    message = await receive()
    body = message.get("body", b"")
    while message["type"] == "http.request" and message.get("more_body") and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] != "http.request":
        raise Gone
    if len(body) > most:
        raise TooLarge("", f"expected at most {most} bytes, got more")
    if told.isdecimal() and len(body) != int(told):
        raise Refused("", f"expected {told} bytes, the request breaks off after {len(body)}")
    return bytes(body)

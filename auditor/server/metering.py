"""Counts and logs each answer: method, kind of address, status, time; never a name, a path or an address."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from auditor.server.health import Meter, kind_of

log = logging.getLogger("zhengban.access")


def metered(meter: Meter) -> Callable[[Any], Any]:
    """Return a layer around the application."""

    def around(app: Any) -> Any:
        async def handle(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began, status = time.perf_counter(), 500

            async def sent(message: Any) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, sent)
            finally:
                note_answer(meter, scope, status, time.perf_counter() - began)

        return handle

    return around


def note_answer(meter: Meter, scope: Any, status: int, seconds: float) -> None:
    """Count and log one answer."""
    meter.note(scope["method"], scope["path"], status, seconds)
    if log.isEnabledFor(logging.INFO):
        told = {"method": scope["method"][:10], "kind": kind_of(scope["path"]), "status": status}
        log.info("answered", extra={"facts": {**told, "seconds": round(seconds, 4)}})

"""Connections: HTTP/1.1 as uvicorn speaks it with the parser of Node.js, within bounds that neither of them has.

A request's head has so many bytes and so many seconds, a request as a whole has the seconds of the setting
`intake_body_seconds` and some more; then the connection is closed. Whoever only holds connections open holds them as
long as that and costs a few kilobytes each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CLIENT_CERTIFICATE = "client_certificate"
"""Key of the common name of whoever showed a certificate, among a request's own state."""
HEAD_BYTES = 65_536
MOST_HEADERS = 200
HEAD_SECONDS = 20.0
GRACE_SECONDS = 10.0
"""Beyond what a route allows a body, so that its own answer comes first."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class TooMuchHead(Exception):
    """Raised in the parser's callbacks: it ends the request with 400."""


class Connection(HttpToolsProtocol):
    """One connection. `body_seconds` is set by `bounded`."""

    body_seconds = 120.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first request has to come in time."""
        super().connection_made(transport)
        self._head_bytes, self._headers_seen, self._in_body = 0, 0, False
        self._deadline: asyncio.TimerHandle | None = None
        self._certificate = common_name(transport.get_extra_info("peercert"))
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; whatever is not whole yet has its time."""
        began_in_body = self._in_body
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._in_body and not began_in_body and self._is_open:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(_TOO_LARGE)
                return
        if self._is_open and self._deadline is None:
            self._wait(self.body_seconds + GRACE_SECONDS if self._in_body else HEAD_SECONDS)

    @property
    def _is_open(self) -> bool:
        """Whether a request has begun that is not whole."""
        return self._head_bytes > 0 or self._headers_seen > 0 or self._in_body or self._begun

    _begun = False

    def on_message_begin(self) -> None:
        """Count anew."""
        super().on_message_begin()
        if self._certificate:
            self.scope["state"][CLIENT_CERTIFICATE] = self._certificate
        self._head_bytes, self._headers_seen, self._in_body, self._begun = 0, 0, False, True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header, or one trailer after the body."""
        self._headers_seen += 1
        if self._headers_seen > MOST_HEADERS:
            raise TooMuchHead
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: what has to come now is the body."""
        self._in_body = True
        self._wait(None)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._head_bytes, self._headers_seen, self._in_body, self._begun = 0, 0, False, False
        self._wait(None)
        super().on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._deadline = None
        answered = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        self._refuse(b"" if answered else _TOO_SLOW)

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def common_name(certificate: Mapping[str, Any] | None) -> str:
    """Return the common name of the subject of a certificate that was checked, empty without one."""
    names = (pair for part in (certificate or {}).get("subject", ()) for pair in part)
    return next((str(value) for name, value in names if name == "commonName"), "")


def bounded(body_seconds: float) -> type[asyncio.Protocol]:
    """Return the class of connections whose requests have so many seconds to arrive."""
    return type("BoundedConnection", (Connection,), {"body_seconds": float(body_seconds)})

"""Headers on every answer: a browser takes script, style, pictures from this host alone, and shows us in no frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.datastructures import MutableScopeHeaders

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR_SECONDS = 31_536_000


def headers_of_all(*, is_secure: bool) -> dict[str, str]:
    """Return the headers of an answer that nobody may keep."""
    lasting = {"Strict-Transport-Security": f"max-age={_YEAR_SECONDS}"} if is_secure else {}
    return {**_ALWAYS, **lasting, "Cache-Control": "no-store"}


def header_writer(*, is_secure: bool) -> Callable[[Any, Any], Awaitable[None]]:
    """Return what writes the headers into an answer as it leaves; static files alone may be kept by a browser."""

    async def write(message: Any, scope: Any) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        if is_secure:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}")
        if not scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")

    return write

"""Faults as pages, for whoever asked for a page; programmes get the JSON of `faults.py`."""

from __future__ import annotations

from litestar import Response
from litestar.exceptions import HTTPException

from auditor.console.pages import told
from auditor.errors import AuditorError
from auditor.server.account_routes import NOBODY, frame_of
from auditor.server.console_pages import AnyRequest
from auditor.server.faults import tell_bug, tell_fault, tell_http_fault
from auditor.server.signin import current


def show_http_fault(request: AnyRequest, fault: HTTPException) -> Response[str]:
    """Show what the framework or a guard found."""
    return _shown(request, tell_http_fault(request, fault))


def tell_or_show_http_fault(request: AnyRequest, fault: HTTPException) -> Response[str] | Response[dict[str, str]]:
    """Answer where no route is: a page for a browser, which names HTML among what it takes, else JSON."""
    is_browser = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    return show_http_fault(request, fault) if is_browser else tell_http_fault(request, fault)


def show_fault(request: AnyRequest, fault: AuditorError) -> Response[str]:
    """Show what the reader can put right."""
    return _shown(request, tell_fault(request, fault))


def show_bug(request: AnyRequest, fault: Exception) -> Response[str]:
    """Log a bug, and say that it is one."""
    return _shown(request, tell_bug(request, fault))


def _shown(request: AnyRequest, answer: Response[dict[str, str]]) -> Response[str]:
    frame = frame_of(request, current(request) or NOBODY)
    zh, _slash, en = answer.content["error"].partition(" / ")
    text = zh if frame.language == "zh_CN" or not en else en
    html = told.not_there(frame) if answer.status_code == 404 else told.fault(frame, text)
    return Response(html, status_code=answer.status_code, headers=dict(answer.headers), media_type="text/html")

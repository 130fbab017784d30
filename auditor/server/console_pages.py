"""A request for a page → a look at the store → HTML. What every route of the console shares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from auditor.console.frame import Frame
from auditor.console.pages import told
from auditor.console.viewer import Viewer
from auditor.errors import AuditorError
from auditor.server.console_state import Console, Look, NothingYet, NotThere

AnyRequest = Request[Any, Any, Any]
LANGUAGE_COOKIE = "zhengban_language"
LANGUAGES = ("zh_CN", "en")
MOST_QUERY = 400
"""Signs of one part of a query that are read."""
NOTICES: Mapping[str, tuple[str, str]] = {
    "applied": ("已应用。可在导入批次中撤回。", "Applied. It can be taken back among the import batches."),
    "taken-back": ("已撤回。", "Taken back."),
    "rules-applied": ("规则已应用。下一次核查起生效，可撤回。", "In force from the next audit on; can be taken back."),
    "rules-taken-back": ("已撤回最近一次规则。", "The last rules were taken back."),
    "paper-added": ("凭证已保存。", "The paper was kept."),
    "token-made": ("登记令牌已生成。", "The token was made."),
    "revoked": ("已撤销。", "Revoked."),
    "asked": ("已开始。", "It has begun."),
    "signed": ("已签字。双方签字后，差异转为问题项。", "Signed. With both signatures what differs becomes findings."),
    "same-draw": ("重新抽取的结果一致。", "Drawn again: the same computers."),
    "noted-many": ("已办理，逐项记入经过。可在“批量办理记录”中整批撤销。",
                   "Done, and in each history. It can be taken back whole among the acts on many."),
    "taken": ("已验证并接收。", "Verified and taken."),
    "there": ("此前已收到同一文件，未重复计入。", "The same file was there before; it counts once."),
    "noted": ("已办理，并记入办理经过。", "Done, and in the history."),
}  # fmt: skip
Html = Response[str]


def console_of(request: AnyRequest) -> Console:
    """Return what the console keeps between requests."""
    found: Console = request.app.state.console
    return found


def query_of(request: AnyRequest) -> dict[str, str]:
    """Return the parts of the query, the last of those of one name, cut to a bound."""
    return {name[:40]: value[:MOST_QUERY] for name, value in request.query_params.items()}


def language_of(request: AnyRequest, viewer: Viewer) -> str:
    """Return the language of the page: as the reader chose, else that of the account."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, viewer.language)
    return chosen if chosen in LANGUAGES else "zh_CN"


def show(request: AnyRequest, viewer: Viewer, make: Callable[[Look], str | None]) -> Html:
    """Return the page that `make` writes; `None` means that there is nothing that the reader may see."""
    query = query_of(request)
    frame = Frame(viewer, language_of(request, viewer), request.url.path, query)
    if (wanted := query.get("language")) in LANGUAGES:
        return _with_language(frame.here(), str(wanted))
    console = console_of(request)
    notice = NOTICES.get(query.get("done", ""))
    try:
        with console.look(viewer, language=frame.language, path=frame.path, query=query, notice=notice) as look:
            frame = look.frame
            html = make(look)
    except NotThere:
        return Response(told.not_there(frame), status_code=404, media_type="text/html")
    except NothingYet:
        return Response(told.nothing_yet(frame), status_code=200, media_type="text/html")
    except AuditorError as error:
        return Response(told.fault(frame, str(error)), status_code=400, media_type="text/html")
    if html is None:
        return Response(told.not_there(frame), status_code=404, media_type="text/html")
    return Response(html, media_type="text/html")


async def show_on_thread(request: AnyRequest, viewer: Viewer, make: Callable[[Look], str | None]) -> Html:
    """Return the page as `show` does. For paths that take both GET and POST: the framework would put a plain function
    of such a path on a thread twice."""
    return await asyncio.to_thread(show, request, viewer, make)  # with the context: the trail learns the account


def see_other(where: str) -> Html:
    """Send the browser on to a page after an act."""
    return Response("", status_code=303, headers={"Location": where}, media_type="text/plain")


def _with_language(where: str, language: str) -> Html:
    cookie = Cookie(key=LANGUAGE_COOKIE, value=language, path="/", max_age=31_536_000, httponly=True, samesite="lax")
    return Response("", status_code=303, headers={"Location": where}, cookies=[cookie], media_type="text/plain")

"""Who asks: found from the cookie of a session or the token of a programme, once for each request.

`identify` guards a whole router: it finds the viewer and refuses a changing request that another site may have made.
`requires(act)` guards a route: a page sends whoever is not signed in to `/sign-in`, the interface answers 401; without
the right both answer 403. `viewer` hands the viewer to a handler.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler

from auditor.accounts.sessions import OPEN, session_of, viewer_of_session, viewer_of_token
from auditor.console.viewer import Act, Viewer, may
from auditor.errors import both
from auditor.settings import Settings
from auditor.store.accounts import Session
from auditor.store.database import Store
from auditor.store.trail import act_as

AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Coroutine[Any, Any, None]]
SIGN_IN_PATH = "/sign-in"
API_PREFIX = "/api/"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
FORM_SECONDS = 120
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KNOWN = "zhengban"
"""Key of what was found, among the request's own state."""


class Doorkeeper:
    """What signing in needs: the store, the settings, and whether cookies go over TLS alone."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.is_secure = bool(settings.text("tls_cert") or settings.text("trusted_proxies"))

    @property
    def cookie_name(self) -> str:
        """Name of the session's cookie; with TLS no other host and no plain page can set one of this name."""
        return "__Host-zhengban" if self.is_secure else "zhengban"

    def cookie(self, value: str) -> Cookie:
        """Return the cookie of a session; an empty value takes it away."""
        return Cookie(
            key=self.cookie_name,
            value=value,
            path="/",
            httponly=True,
            secure=self.is_secure,
            samesite="lax",
            max_age=None if value else 0,
        )


class MustSignIn(HTTPException):
    """A page was asked for by somebody who is not signed in, or not wholly."""

    status_code = 303

    def __init__(self, where: str) -> None:
        super().__init__(detail="sign in")
        self.where = where


def to_sign_in(_: AnyRequest, fault: MustSignIn) -> Response[bytes]:
    """Send the browser to where it can go on."""
    return Response(b"", status_code=303, headers={"Location": fault.where}, media_type="text/plain")


async def identify(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Find who asks. Raises a fault of 401 for a token that is not good, of 403 for a request of another site."""
    door: Doorkeeper = connection.app.state.door
    now = datetime.now(UTC)
    given = connection.headers.get("authorization", "")
    if given:
        scheme, _blank, value = given.partition(" ")
        found = await _on_a_thread(viewer_of_token, door.store, value.strip(), door.settings, now)
        if scheme.lower() != "bearer" or found is None:
            told = both("令牌无效、已过期或已撤销", "expected a token that is in force")
            raise NotAuthorizedException(told, headers={"WWW-Authenticate": "Bearer"})
        _note(connection, found, None)
        return
    value = connection.cookies.get(door.cookie_name, "")
    held = await _on_a_thread(session_of, door.store, value, door.settings, now) if value else None
    session = held[0] if held is not None else None
    if connection.scope.get("method") not in _SAFE and isinstance(connection, Request):
        await _refuse_other_sites(connection, session)
    if held is not None:
        _note(connection, viewer_of_session(held[0], held[1], door.settings), held[0])


def current(connection: AnyConnection) -> Viewer | None:
    """Return who is signed in, wholly; `None` for nobody."""
    found, session = _found(connection)
    return found if session is None or session.stage == OPEN else None


def waiting(connection: AnyConnection) -> tuple[Viewer, Session] | None:
    """Return whose session it is with the session, whatever its stage; `None` for nobody and for a programme."""
    found, session = _found(connection)
    return (found, session) if found is not None and session is not None else None


async def viewer(request: AnyRequest) -> Viewer:
    """Return who is signed in: a dependency of handlers. Raises what `requires` does."""
    return _must_be_in(request)


def requires(act: Act | str) -> Guard:
    """Return a guard that lets in whoever a role allows the act."""

    async def guard(connection: AnyConnection, _: BaseRouteHandler) -> None:
        if not may(_must_be_in(connection), act):
            raise PermissionDeniedException(both("没有这项权限", "this is not among the rights of the account"))

    return guard


def is_api(connection: AnyConnection) -> bool:
    """Return whether a programme asks, not a browser for a page."""
    return str(connection.scope["path"]).startswith(API_PREFIX)


def local_path(text: str | None) -> str:
    """Return a path of this host to go on to, `/` for anything else."""
    text = text or "/"
    parts = urlsplit(text) if text.isprintable() and len(text) < 2000 else None
    fits = parts is not None and not parts.scheme and not parts.netloc
    return text if fits and text.startswith("/") and not text.startswith("//") and "\\" not in text else "/"


def _must_be_in(connection: AnyConnection) -> Viewer:
    known = current(connection)
    if known is not None:
        return known
    if is_api(connection):
        told = both("应先登录或出示令牌", "expected a session or a token")
        raise NotAuthorizedException(told, headers={"WWW-Authenticate": "Bearer"})
    half = waiting(connection)
    if half is not None:
        raise MustSignIn(f"{SIGN_IN_PATH}/{half[1].stage}")
    query = str(connection.scope.get("query_string", b""), "latin-1")
    asked = str(connection.scope["path"]) + (f"?{query}" if query else "")
    raise MustSignIn(SIGN_IN_PATH if asked == "/" else f"{SIGN_IN_PATH}?next={quote(asked, safe='/')}")


def _note(connection: AnyConnection, found: Viewer, session: Session | None) -> None:
    connection.scope["state"][_KNOWN] = (found, session)
    act_as(found.account)


def _found(connection: AnyConnection) -> tuple[Viewer | None, Session | None]:
    found: tuple[Viewer, Session | None] = connection.scope["state"].get(_KNOWN, (None, None))
    return found


async def _refuse_other_sites(request: AnyRequest, session: Session | None) -> None:
    """Raises a fault of 403 when the browser says that another site asks, or a session's own word is missing."""
    told = both("请求来自其他网站或页面已过期，请返回重试", "the request is of another site, or its page is too old")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDeniedException(told)
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise PermissionDeniedException(told)
    if session is None:
        return
    said = request.headers.get(CSRF_HEADER.lower())
    if said is None and not is_api(request):
        said = str((await form_of(request)).get(CSRF_FIELD, ""))
    if not hmac.compare_digest((said or "").encode("utf-8", "replace"), session.csrf.encode("ascii")):
        raise PermissionDeniedException(told)


async def form_of(request: AnyRequest) -> dict[str, Any]:
    """Return the fields of a form, the last of those of one name. Raises a fault of 408 when it does not arrive."""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            form = await request.form()
    except TimeoutError as error:
        raise HTTPException(both("表单未及时传完", "the form did not arrive in time"), status_code=408) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise HTTPException(both("表单不成立", "expected a form"), status_code=400) from error
    return dict(form.multi_items())


async def _on_a_thread(work: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, partial(work, *given))

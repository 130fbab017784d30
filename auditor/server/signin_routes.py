"""Signing in and out, and one's own account: forms over HTTP; what they do stands in `auditor/accounts`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import Response, get, post

from auditor.accounts import totp
from auditor.accounts.managing import (
    begin_second_factor,
    change_password,
    end_api_token,
    issue_api_token,
    pending_secret,
    second_factor_on,
)
from auditor.accounts.sessions import CHANGE, ENROL, SECOND
from auditor.accounts.signing_in import LOCAL, SignedIn, code_is_right, give_code, moved_on, sign_in
from auditor.console.frame import Frame
from auditor.console.pages import signing_in as pages
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, Busy, NotAuthentic, both
from auditor.server.console_pages import AnyRequest, Html, language_of, query_of
from auditor.server.signin import SIGN_IN_PATH, Doorkeeper, MustSignIn, current, form_of, local_path, waiting
from auditor.store.accounts import Account, Session, end_session, end_sessions, find_account, list_api_tokens
from auditor.store.trail import append_trail

NOBODY = Viewer("", "", frozenset(), (), "zh_CN")
_STEPS = {SECOND, CHANGE, ENROL}
_ISSUER = "Zhengban"


def door_of(request: AnyRequest) -> Doorkeeper:
    """Return what signing in needs."""
    found: Doorkeeper = request.app.state.door
    return found


@get(SIGN_IN_PATH, sync_to_thread=False)
def ask(request: AnyRequest) -> Html:
    """Ask for login and password; whoever is in already goes on."""
    onward = local_path(request.query_params.get("next"))
    if current(request) is not None:
        return _onward(onward)
    return _page(pages.sign_in(_frame(request), onward=onward))


@post(SIGN_IN_PATH)
async def answer(request: AnyRequest) -> Html:
    """Check login and password."""
    form = await form_of(request)
    onward, door = local_path(str(form.get("next", ""))), door_of(request)
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    try:
        work = partial(sign_in, door.store, door.settings, login=login, password=password, now=datetime.now(UTC))
        found = await _on_a_thread(work)
    except (NotAuthentic, Busy) as error:
        page = pages.sign_in(_frame(request), onward=onward, fault=str(error), login=login[:100])
        return _page(page, 503 if isinstance(error, Busy) else 401)
    return _let_in(door, found, onward)


@get(SIGN_IN_PATH + "/{step:str}", sync_to_thread=True)
def ask_step(request: AnyRequest, step: str) -> Html:
    """Ask for what has to be done before anything else."""
    _, session, account = _half_in(request, step)
    return _page(_step_page(request, session, account))


@post(SIGN_IN_PATH + "/{step:str}")
async def answer_step(request: AnyRequest, step: str) -> Html:
    """Take a code, a new password, or the first code of a new second factor."""
    form = await form_of(request)
    door, session, account = await _on_a_thread(partial(_half_in, request, step))
    try:
        found = await _on_a_thread(partial(_do_step, door, session, account, form))
    except (AuditorError, NotAuthentic) as error:
        return _page(await _on_a_thread(partial(_step_page, request, session, account, str(error))), 401)
    return _let_in(door, found, "/")


@post("/sign-out", sync_to_thread=True)
def sign_out(request: AnyRequest) -> Html:
    """End this session."""
    door, held = door_of(request), waiting(request)
    if held is not None:
        with door.store.begin() as connection:
            end_session(connection, held[1].digest)
            append_trail(connection, at=_now(), act="session.ended", subject=held[0].account)
    return _out(door)


@post("/sign-out-everywhere", sync_to_thread=True)
def sign_out_everywhere(request: AnyRequest) -> Html:
    """End every session of the account."""
    door, held = door_of(request), waiting(request)
    if held is not None:
        with door.store.begin() as connection:
            end_sessions(connection, held[0].account)
            append_trail(connection, at=_now(), act="session.ended", subject=f"{held[0].account} everywhere")
    return _out(door)


@get("/account", sync_to_thread=True)
def account_page(request: AnyRequest, viewer: Viewer) -> Html:
    """Show one's own account."""
    return _page(_account(request, viewer))


@post("/account/password")
async def new_password(request: AnyRequest, viewer: Viewer) -> Html:
    """Change one's own password; other sessions end."""
    form = await form_of(request)
    door, held = door_of(request), waiting(request)

    def work() -> None:
        _same_twice(form)
        change_password(
            door.store,
            door.settings,
            viewer.account,
            new=str(form.get("new", "")),
            old=str(form.get("old", "")),
            now=datetime.now(UTC),
            but_session=held[1].digest if held is not None else None,
        )

    return await _account_act(request, viewer, work, both("口令已更换", "the password was changed"))


@post("/account/second-factor")
async def second_factor(request: AnyRequest, viewer: Viewer) -> Html:
    """Draw a secret; with a code of it, let it count."""
    form = await form_of(request)
    door, code = door_of(request), str(form.get("code", ""))

    def work() -> None:
        if not code:
            begin_second_factor(door.store, viewer.account)
            return
        _confirm_code(door, viewer.account, code)

    told = both("动态口令已启用", "one-time codes are on") if code else None
    return await _account_act(request, viewer, work, told)


@post("/account/tokens")
async def new_token(request: AnyRequest, viewer: Viewer) -> Html:
    """Make a token for programmes that reads what its account may read."""
    form = await form_of(request)
    door = door_of(request)
    days = str(form.get("days", ""))

    def work() -> str:
        _, text = issue_api_token(
            door.store,
            door.settings,
            viewer.account,
            name=str(form.get("name", "")),
            acts=(Act.READ, Act.READ_LEDGER),
            days=int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0,
            now=datetime.now(UTC),
        )
        return text

    return await _account_act(request, viewer, work, None)


@post("/account/tokens/{token:str}/revoke")
async def revoke_token(request: AnyRequest, viewer: Viewer, token: str) -> Html:
    """Take the right of one of one's own tokens away."""
    door = door_of(request)
    work = partial(end_api_token, door.store, token, account=viewer.account, now=datetime.now(UTC))
    return await _account_act(request, viewer, work, both("令牌已撤销", "the token was revoked"))


SIGN_IN_ROUTES = (
    ask,
    answer,
    ask_step,
    answer_step,
    sign_out,
    sign_out_everywhere,
    account_page,
    new_password,
    second_factor,
    new_token,
    revoke_token,
)


def _frame(request: AnyRequest, who: Viewer = NOBODY) -> Frame:
    return Frame(who, language_of(request, who), request.url.path, query_of(request), None, None)


def _page(html: str, status: int = 200) -> Html:
    return Response(html, status_code=status, media_type="text/html")


def _onward(where: str) -> Html:
    return Response("", status_code=303, headers={"Location": where}, media_type="text/plain")


def _let_in(door: Doorkeeper, found: SignedIn, onward: str) -> Html:
    stage = found.session.stage
    answer = _onward(f"{SIGN_IN_PATH}/{stage}" if stage in _STEPS else onward)
    answer.set_cookie(door.cookie(found.cookie))
    return answer


def _out(door: Doorkeeper) -> Html:
    answer = _onward(SIGN_IN_PATH)
    answer.set_cookie(door.cookie(""))
    return answer


def _half_in(request: AnyRequest, step: str) -> tuple[Doorkeeper, Session, Account]:
    """Return the session that waits for this step. Sends whoever has none, or waits for another, where it can go on."""
    held = waiting(request)
    if held is None or step not in _STEPS:
        raise MustSignIn(SIGN_IN_PATH)
    if held[1].stage != step:
        raise MustSignIn(f"{SIGN_IN_PATH}/{held[1].stage}" if held[1].stage in _STEPS else "/")
    door = door_of(request)
    with door.store.read() as connection:
        account = find_account(connection, held[1].account)
    if account is None:
        raise MustSignIn(SIGN_IN_PATH)
    return door, held[1], account


def _step_page(request: AnyRequest, session: Session, account: Account, fault: str | None = None) -> str:
    frame = _frame(request, Viewer("", "", frozenset(), (), account.language, csrf=session.csrf))
    if session.stage == SECOND:
        return pages.second(frame, fault=fault)
    if session.stage == CHANGE:
        return pages.change(frame, fault=fault)
    secret = _secret(door_of(request), account)
    address = totp.secret_address(secret, account.login or "", _ISSUER)
    return pages.enrol(frame, secret=totp.secret_text(secret), address=address, fault=fault)


def _do_step(door: Doorkeeper, session: Session, account: Account, form: dict[str, Any]) -> SignedIn:
    now, code = datetime.now(UTC), str(form.get("code", ""))
    if session.stage == SECOND:
        return give_code(door.store, door.settings, session, code, now)
    if session.stage == CHANGE:
        _same_twice(form)
        old, new = str(form.get("old", "")), str(form.get("new", ""))
        change_password(door.store, door.settings, account.id, new=new, old=old, now=now, but_session=session.digest)
    else:
        _confirm_code(door, account.id, code)
    with door.store.begin() as connection:
        return moved_on(connection, session, door.settings, now)


def _same_twice(form: dict[str, Any]) -> None:
    if form.get("new") != form.get("again"):
        raise AuditorError(both("两次输入的新口令不一致", "the new password was typed differently the second time"))


def _secret(door: Doorkeeper, account: Account) -> bytes:
    found = pending_secret(door.store, account)
    return found if found is not None else begin_second_factor(door.store, account.id)


def _confirm_code(door: Doorkeeper, id: str, code: str) -> None:
    with door.store.begin() as connection:
        account = find_account(connection, id)
        now = datetime.now(UTC)
        if account is None or not code_is_right(door.store, connection, account, code, now):
            raise NotAuthentic(both("动态口令不正确", "the code is wrong"))
        second_factor_on(connection, id, now=now)


async def _account_act(request: AnyRequest, viewer: Viewer, work: Callable[[], str | None], done: str | None) -> Html:
    """Do something with one's own account and show it again; a fault is told on the page."""
    try:
        text = await _on_a_thread(work)
    except (AuditorError, NotAuthentic) as error:
        return _page(await _on_a_thread(partial(_account, request, viewer, fault=str(error))), 400)
    return _page(await _on_a_thread(partial(_account, request, viewer, done=done, new_token=text or "")))


def _account(
    request: AnyRequest, viewer: Viewer, *, fault: str | None = None, done: str | None = None, new_token: str = ""
) -> str:
    door = door_of(request)
    with door.store.read() as connection:
        account = find_account(connection, viewer.account)
        tokens = list_api_tokens(connection, viewer.account)
    if account is None:
        raise MustSignIn(SIGN_IN_PATH)
    secret = pending_secret(door.store, account)
    return pages.account(
        _frame(request, viewer),
        login=account.login or "",
        roles=sorted(viewer.roles),
        units=viewer.units,
        is_local=account.source == LOCAL,
        has_code=account.totp_confirmed,
        tokens=[
            pages.TokenLine(each.id, each.name, tuple(sorted(each.acts)), each.expires_at, each.revoked_at is not None)
            for each in tokens
        ],
        new_token=new_token,
        secret=totp.secret_text(secret) if secret is not None else "",
        address=totp.secret_address(secret, account.login or "", _ISSUER) if secret is not None else "",
        fault=fault,
        done=done,
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _on_a_thread(work: Callable[..., Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, work)

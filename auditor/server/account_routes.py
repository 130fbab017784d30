"""Signing in and out, and what everybody does with their own account: password, second factor, sessions, tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.accounts import managing, totp
from auditor.accounts.sessions import CHANGE, ENROL, OPEN, SECOND
from auditor.accounts.signing_in import SignedIn, code_is_right, give_code, moved_on, sign_in
from auditor.console.frame import Frame
from auditor.console.pages import accounts as pages
from auditor.console.viewer import RIGHTS, Viewer
from auditor.core.days import utc_text
from auditor.errors import AuditorError, Busy, NotAuthentic, both
from auditor.server.console_pages import LANGUAGE_COOKIE, LANGUAGES, AnyRequest, Html, language_of, query_of, see_other
from auditor.server.limits import FailureLimit
from auditor.server.signin import SIGN_IN_PATH, Doorkeeper, MustSignIn, current, form_of, local_path, waiting
from auditor.settings import Settings
from auditor.store.accounts import Session, end_session, end_sessions, find_account, list_api_tokens, sessions_of
from auditor.store.trail import acting, append_trail

_Answer = TypeVar("_Answer")
NOBODY = Viewer("", "", frozenset(), (), "zh_CN")
MOST_FORM = 64 * 1024
_FAILURES, _FAILURE_SECONDS = 30, 60
DONE: Mapping[str, tuple[str, str]] = {
    "password": ("口令已修改，其他登录均已退出。", "The password was changed; every other session has ended."),
    "second": ("动态口令已启用。", "The second factor is on."),
    "sessions": ("其他登录均已退出。", "Every other session has ended."),
    "token-ended": ("令牌已撤销。", "The token was revoked."),
    "added": ("账号已建立。", "The account was made."),
    "changed": ("已保存，该账号须重新登录。", "Saved; the account has to sign in again."),
    "reset": ("口令已重置，该账号登录后须修改。", "The password was reset; it has to be changed at the next sign-in."),
    "unlocked": ("已解锁。", "Unlocked."),
    "ended": ("账号已停用。", "The account has ended."),
    "erased": ("账号已注销，操作日志保留编号。", "The account was erased; the trail keeps its id."),
    "second-off": ("动态口令已停用，可重新启用。", "The second factor is off and can be set up anew."),
}  # fmt: skip


class SignInLimit:
    """How often one address may fail before it has to wait; shared by the requests of a process."""

    def __init__(self) -> None:
        self._failures = FailureLimit(_FAILURES, _FAILURE_SECONDS)

    def wait_seconds(self, request: AnyRequest) -> int:
        """Return how long the address has to wait."""
        return self._failures.wait_seconds(_address(request), time.monotonic())

    def note(self, request: AnyRequest) -> None:
        """Count one failure."""
        self._failures.note(_address(request), time.monotonic())


def door_of(request: AnyRequest) -> Doorkeeper:
    """Return the store and settings of signing in."""
    found: Doorkeeper = request.app.state.door
    return found


async def on_thread(work: Callable[[], _Answer], *, account: str | None = None) -> _Answer:
    """Do work with the store on a thread, in the name of an account."""

    def told() -> _Answer:
        with acting(account):
            return work()

    return await asyncio.get_running_loop().run_in_executor(None, told)


def frame_of(request: AnyRequest, viewer: Viewer) -> Frame:
    """Return the frame of a page that belongs to no unit."""
    query = query_of(request)
    language = query.get("language", "")
    chosen = language if language in LANGUAGES else _chosen(request, viewer)
    return Frame(viewer, chosen, request.url.path, query, notice=DONE.get(query.get("done", "")))


def field(form: Mapping[str, Any], name: str, most: int = 500) -> str:
    """Return a text of a form, empty when it is none."""
    value = form.get(name)
    return value[:most] if isinstance(value, str) else ""


def page(html: str, status: int = 200) -> Html:
    """Return a page."""
    return Response(html, status_code=status, media_type="text/html")


@get(SIGN_IN_PATH)
async def sign_in_page(request: AnyRequest) -> Html:
    """Ask for login and password; whoever is in already goes on. `language` in the query is kept as a cookie."""
    where = local_path(request.query_params.get("next"))
    if current(request) is not None:
        return see_other(where)
    answer = page(pages.sign_in(frame_of(request, NOBODY), where=where, fault=""))
    if (language := request.query_params.get("language", "")) in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="lax", path="/")
    return answer


@post(SIGN_IN_PATH, status_code=303, request_max_body_size=MOST_FORM)
async def sign_in_now(request: AnyRequest) -> Html:
    """Take login and password: on to the next step, 401 when they are wrong, 429 after many such from one address."""
    form = await form_of(request)
    where = local_path(field(form, "next", 2000))
    door, limit = door_of(request), _limit(request)
    frame = frame_of(request, NOBODY)
    wait = limit.wait_seconds(request)
    if wait:
        told = both("登录失败次数过多，请稍后重试", "too many refusals; try again later")
        answer = page(pages.sign_in(frame, where=where, fault=told), 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    login, password, now = field(form, "login"), field(form, "password", 2000), datetime.now(UTC)
    try:
        done = await on_thread(lambda: sign_in(door.store, door.settings, login=login, password=password, now=now))
    except NotAuthentic as error:
        limit.note(request)
        return page(pages.sign_in(frame, where=where, fault=str(error)), 401)
    except Busy as error:
        return page(pages.sign_in(frame, where=where, fault=str(error)), 503)
    return _went_on(door, done, where)


@get("/sign-in/{stage:str}")
async def stage_page(request: AnyRequest, stage: FromPath[str]) -> Html:
    """Ask for the code, the new password or the first code, as the session is waiting for."""
    held = waiting(request)
    where = local_path(request.query_params.get("next"))
    if held is None or held[1].stage not in (stage, OPEN):
        return see_other(SIGN_IN_PATH if held is None else f"{SIGN_IN_PATH}/{held[1].stage}?next={quote(where)}")
    if held[1].stage == OPEN:
        return see_other(where)
    return await _stage_answer(request, held[0], stage, where, "", 200)


@post("/sign-in/{stage:str}", status_code=303, request_max_body_size=MOST_FORM)
async def stage_now(request: AnyRequest, stage: FromPath[str]) -> Html:
    """Take what the session was waiting for."""
    held = waiting(request)
    if held is None or held[1].stage != stage:
        raise MustSignIn(SIGN_IN_PATH)
    viewer, session = held
    form = await form_of(request)
    where, door, now = local_path(field(form, "next", 2000)), door_of(request), datetime.now(UTC)
    if stage == SECOND and _limit(request).wait_seconds(request):
        return await _stage_answer(request, viewer, stage, where, _too_often(), 429)
    try:
        done = await on_thread(lambda: _next_step(door, session, form, now), account=viewer.account)
    except NotAuthentic as error:
        _limit(request).note(request)
        return await _stage_answer(request, viewer, stage, where, str(error), 401)
    except AuditorError as error:
        return await _stage_answer(request, viewer, stage, where, str(error), 400)
    return _went_on(door, done, where)


@post("/sign-out", status_code=303, request_max_body_size=MOST_FORM)
async def sign_out(request: AnyRequest) -> Html:
    """End the session."""
    held, door = waiting(request), door_of(request)
    if held is not None:
        await on_thread(lambda: _end(door, held[1]), account=held[0].account)
    answer = see_other(SIGN_IN_PATH)
    answer.cookies.append(door.cookie(""))
    return answer


@get("/account")
async def account_page(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Show the account of whoever reads."""
    return await _account_answer(request, viewer)


@post("/account/password", status_code=303, request_max_body_size=MOST_FORM)
async def password_now(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Change the password of whoever asks."""
    form, door = await form_of(request), door_of(request)
    held = waiting(request)

    def work() -> None:
        _same_twice(form)
        managing.change_password(
            door.store, door.settings, viewer.account, new=field(form, "new", 2000), old=field(form, "old", 2000),
            now=datetime.now(UTC), but_session=held[1].digest if held is not None else None,
        )  # fmt: skip

    return await _done(request, viewer, work, "password")


@post("/account/second-factor", status_code=303, request_max_body_size=MOST_FORM)
async def second_factor_now(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Draw a secret, or let it count when a code of it is given."""
    form, door = await form_of(request), door_of(request)
    if "code" not in form:
        return await _done(request, viewer, lambda: managing.begin_second_factor(door.store, viewer.account), "")
    return await _done(request, viewer, lambda: _first_code(door, viewer.account, field(form, "code", 20)), "second")


@post("/account/sessions/end", status_code=303, request_max_body_size=MOST_FORM)
async def end_others(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """End every other session of whoever asks."""
    door, held = door_of(request), waiting(request)

    def work() -> None:
        with door.store.begin() as connection:
            end_sessions(connection, viewer.account, but=held[1].digest if held is not None else None)
            append_trail(connection, at=utc_text(datetime.now(UTC)), act="sessions.ended", subject=viewer.account)

    return await _done(request, viewer, work, "sessions")


@post("/account/tokens", status_code=200, request_max_body_size=MOST_FORM)
async def token_now(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Issue a token for a programme; it is shown this once. It may do what is ticked and the account may, no more."""
    form = await request.form()
    door, now = door_of(request), datetime.now(UTC)
    acts = [str(value) for value in form.getall("acts", [])]
    name, days = str(form.get("name", ""))[:100], str(form.get("days", ""))
    try:
        _id, text = await on_thread(
            lambda: managing.issue_api_token(
                door.store, door.settings, viewer.account, name=name, acts=acts,
                days=int(days) if days.isdecimal() and len(days) < 6 else 0, now=now,
            ),
            account=viewer.account,
        )  # fmt: skip
    except AuditorError as error:
        return await _account_answer(request, viewer, fault=str(error), status=400)
    return await _account_answer(request, viewer, token=text)


@post("/account/tokens/{id:str}/end", status_code=303, request_max_body_size=MOST_FORM)
async def end_token(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> Html:
    """Revoke a token of whoever asks."""
    door = door_of(request)
    work = lambda: managing.end_api_token(door.store, id, account=viewer.account, now=datetime.now(UTC))  # noqa: E731
    return await _done(request, viewer, work, "token-ended")


ACCOUNT_ROUTES = (
    sign_in_page, sign_in_now, stage_page, stage_now, sign_out, account_page, password_now, second_factor_now,
    end_others, token_now, end_token,
)  # fmt: skip


def _next_step(door: Doorkeeper, session: Session, form: Mapping[str, Any], now: datetime) -> SignedIn:
    match session.stage:
        case "second":
            return give_code(door.store, door.settings, session, field(form, "code", 20), now)
        case "change":
            _same_twice(form)
            new, old = field(form, "new", 2000), field(form, "old", 2000)
            managing.change_password(
                door.store, door.settings, session.account, new=new, old=old, now=now, but_session=session.digest
            )
        case _:
            _first_code(door, session.account, field(form, "code", 20))
    with door.store.begin() as connection:
        return moved_on(connection, session, door.settings, now)


def _first_code(door: Doorkeeper, id: str, code: str) -> None:
    now = datetime.now(UTC)
    with door.store.begin() as connection:
        account = managing.the_account(connection, id)
        if account.totp_confirmed or not code_is_right(door.store, connection, account, code, now):
            raise AuditorError(
                both("动态口令不正确，请核对手机时间", "the code is wrong; look at the telephone's clock")
            )
        managing.second_factor_on(connection, account.id, now=now)


def _same_twice(form: Mapping[str, Any]) -> None:
    if field(form, "new", 2000) != field(form, "again", 2000):
        raise AuditorError(both("两次输入的新口令不一致", "the new password was not the same twice"))


async def _stage_answer(request: AnyRequest, viewer: Viewer, stage: str, where: str, fault: str, status: int) -> Html:
    frame = frame_of(request, Viewer("", "", frozenset(), (), viewer.language, viewer.csrf))
    told = await on_thread(lambda: _secret_told(door_of(request), viewer.account)) if stage == ENROL else None
    if stage not in (SECOND, CHANGE, ENROL):
        raise MustSignIn(SIGN_IN_PATH)
    least = door_of(request).settings.whole("password_min_length")
    return page(pages.stage(frame, stage=stage, where=where, fault=fault, secret=told, least=least), status)


def _secret_told(door: Doorkeeper, id: str) -> tuple[str, str]:
    """Return the secret that waits for its first code, drawn when there is none: for people, and as an address."""
    with door.store.read() as connection:
        account = managing.the_account(connection, id)
    secret = managing.pending_secret(door.store, account) or managing.begin_second_factor(door.store, id)
    return totp.secret_text(secret), totp.secret_address(secret, account.login or id, "Zhengban")


def _went_on(door: Doorkeeper, done: SignedIn, where: str) -> Html:
    stage = done.session.stage
    target = where if stage == OPEN else f"{SIGN_IN_PATH}/{stage}?next={quote(where, safe='/')}"
    answer = see_other(target)
    answer.cookies.append(door.cookie(done.cookie))
    return answer


async def _done(request: AnyRequest, viewer: Viewer, work: Callable[[], Any], done: str) -> Html:
    try:
        await on_thread(work, account=viewer.account)
    except AuditorError as error:
        return await _account_answer(request, viewer, fault=str(error), status=400)
    return see_other(f"/account?done={done}" if done else "/account")


async def _account_answer(
    request: AnyRequest, viewer: Viewer, *, fault: str = "", token: str = "", status: int = 200
) -> Html:
    door, frame, held = door_of(request), frame_of(request, viewer), waiting(request)
    mine = held[1].digest if held is not None else ""

    def make() -> str:
        with door.store.read() as connection:
            account = find_account(connection, viewer.account)
            open_ones = sessions_of(connection, viewer.account)
            tokens = list_api_tokens(connection, viewer.account)
        assert account is not None
        waits = managing.pending_secret(door.store, account)
        secret = None
        if waits is not None:
            secret = totp.secret_text(waits), totp.secret_address(waits, account.login or account.id, "Zhengban")
        return pages.account(
            frame, account=account, sessions=open_ones, mine=mine, tokens=tokens, secret=secret, token=token,
            fault=fault, acts=_acts(viewer), now=utc_text(datetime.now(UTC)), days=_token_days(door.settings),
            least=door.settings.whole("password_min_length"),
        )  # fmt: skip

    return page(await on_thread(make), status)


def _acts(viewer: Viewer) -> list[str]:
    allowed = {str(act) for role, acts in RIGHTS.items() if role in viewer.roles for act in acts}
    return sorted(allowed)


def _token_days(settings: Settings) -> int:
    return settings.whole("api_token_days")


def _end(door: Doorkeeper, session: Session) -> None:
    with door.store.begin() as connection:
        end_session(connection, session.digest)
        append_trail(connection, at=utc_text(datetime.now(UTC)), act="session.ended", subject=session.account)


def _limit(request: AnyRequest) -> SignInLimit:
    found: SignInLimit = request.app.state.sign_in_limit
    return found


def _too_often() -> str:
    return both("登录失败次数过多，请稍后重试", "too many refusals; try again later")


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def _chosen(request: AnyRequest, viewer: Viewer) -> str:
    """Return the language of the cookie, else of the account, else what the browser asks for."""
    if LANGUAGE_COOKIE in request.cookies or viewer.account:
        return language_of(request, viewer)
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh_CN"

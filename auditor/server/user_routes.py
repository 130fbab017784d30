"""Users and the trail, for administrators and whoever reads the trail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from auditor.accounts import managing
from auditor.console.pages import accounts as pages
from auditor.console.viewer import Act, Viewer, may
from auditor.errors import AuditorError, both
from auditor.server.account_routes import MOST_FORM, door_of, field, frame_of, on_thread, page
from auditor.server.console_pages import AnyRequest, Html, see_other
from auditor.server.signin import requires
from auditor.store.accounts import list_accounts
from auditor.store.trail import all_trail, append_trail, first_broken_entry, newest_trail
from auditor.store.units import list_units

TRAIL_PAGE = 100
_ACTS_ON_USERS: dict[str, Act] = {
    "password": Act.MANAGE_USERS,
    "end": Act.MANAGE_USERS,
    "erase": Act.MANAGE_USERS,
    "rights": Act.GRANT_ROLES,
    "unlock": Act.GRANT_ROLES,
    "second-factor-off": Act.GRANT_ROLES,
}
"""What may be done to an account, and which right it takes."""
_DONE = {
    "password": "reset", "end": "ended", "erase": "erased", "rights": "changed", "unlock": "unlocked",
    "second-factor-off": "second-off",
}  # fmt: skip


@get("/users")
async def users(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """List the accounts."""
    _must(viewer, Act.MANAGE_USERS, Act.GRANT_ROLES)
    return await _users_answer(request, viewer)


@post("/users", status_code=303, guards=[requires(Act.MANAGE_USERS)], request_max_body_size=MOST_FORM)
async def add_user(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Make an account; roles and places only by whoever may grant them."""
    form, door = await request.form(), door_of(request)
    grants = may(viewer, Act.GRANT_ROLES)
    values = dict(form.multi_items())

    def work() -> None:
        managing.add_user(
            door.store,
            door.settings,
            login=field(values, "login"),
            name=field(values, "name"),
            roles=[str(role) for role in form.getall("roles", [])] if grants else [],
            units=field(values, "units").replace(",", " ").split() if grants else [],
            person=field(values, "person", 100) or None,
            language=field(values, "user_language", 10) or "zh_CN",
            source=field(values, "source", 10) or "local",
            password=field(values, "password", 2000) or None,
            must_change=True,
            now=datetime.now(UTC),
        )

    return await _done(request, viewer, work, "added")


@get("/users/{id:str}")
async def one_user(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> Html:
    """Show one account with what may be done to it."""
    _must(viewer, Act.MANAGE_USERS, Act.GRANT_ROLES)
    return await _user_answer(request, viewer, id)


@post("/users/{id:str}/{what:str}", status_code=303, request_max_body_size=MOST_FORM)
async def act_on_user(
    request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str], what: FromPath[str]
) -> Html:
    """Do something to an account."""
    if what not in _ACTS_ON_USERS:
        raise AuditorError(both("没有这项操作", "no such act"))
    _must(viewer, _ACTS_ON_USERS[what])
    form, door, now = await request.form(), door_of(request), datetime.now(UTC)
    values: dict[str, Any] = dict(form.multi_items())

    def work() -> None:
        match what:
            case "password":
                new = field(values, "new", 2000)
                managing.change_password(door.store, door.settings, id, new=new, old=None, now=now)
            case "end":
                managing.end_account(door.store, id, now=now)
            case "erase":
                if field(values, "sure") != id:
                    raise AuditorError(both(f"请填写账号编号 {id} 以确认", f"write {id} to confirm"))
                managing.erase(door.store, id, now=now)
            case "unlock":
                managing.unlock(door.store, id, now=now)
            case "second-factor-off":
                managing.second_factor_off(door.store, id, now=now)
            case _:
                managing.set_rights(
                    door.store, door.settings, id, roles=[str(role) for role in form.getall("roles", [])],
                    units=field(values, "units").replace(",", " ").split(),
                    person=field(values, "person", 100) or None, now=now,
                )  # fmt: skip

    return await _done(request, viewer, work, _DONE[what])


@get("/trail", guards=[requires(Act.READ_TRAIL)])
async def trail_page(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Show the trail, the newest first; `act` chooses by how an act begins, `before` goes on."""
    door, frame = door_of(request), frame_of(request, viewer)
    before, act = frame.query.get("before", ""), frame.query.get("act", "")[:40]
    at = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None

    def make() -> str:
        with door.store.read() as connection:
            entries = newest_trail(connection, before=at, most=TRAIL_PAGE + 1, act=act or None)
            names = {each.id: each.name for each in list_accounts(connection)}
            broken = first_broken_entry(connection) if "check" in frame.query else None
        after = entries[TRAIL_PAGE - 1].id if len(entries) > TRAIL_PAGE else None
        checked = "check" in frame.query
        return pages.trail(
            frame, entries=entries[:TRAIL_PAGE], names=names, after=after, act=act, checked=checked, broken=broken
        )

    return page(await on_thread(make))


@get("/trail/export", guards=[requires(Act.READ_TRAIL)])
async def trail_export(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Stream:
    """Hand out the whole trail as JSON lines; that stands in the trail too."""
    door = door_of(request)

    def note() -> None:
        with door.store.begin() as connection:
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            append_trail(connection, at=at, act="trail.exported", subject=viewer.account)

    await on_thread(note, account=viewer.account)

    def lines() -> Iterator[bytes]:
        with door.store.read() as connection:
            for entry in all_trail(connection):
                yield json.dumps(vars(entry), ensure_ascii=False).encode() + b"\n"

    headers = {"Content-Disposition": 'attachment; filename="trail.jsonl"'}
    return Stream(lines(), media_type="application/x-ndjson", headers=headers)


USER_ROUTES = (users, add_user, one_user, act_on_user, trail_page, trail_export)


def _must(viewer: Viewer, *acts: Act) -> None:
    """Raises a fault of 403 unless one of the acts is allowed."""
    from litestar.exceptions import PermissionDeniedException

    if not any(may(viewer, act) for act in acts):
        raise PermissionDeniedException(both("没有这项权限", "this is not among the rights of the account"))


async def _done(request: AnyRequest, viewer: Viewer, work: Callable[[], None], done: str) -> Html:
    try:
        await on_thread(work, account=viewer.account)
    except AuditorError as error:
        return await _users_answer(request, viewer, fault=str(error), status=400)
    return see_other(f"/users?done={done}")


async def _users_answer(request: AnyRequest, viewer: Viewer, *, fault: str = "", status: int = 200) -> Html:
    door, frame = door_of(request), frame_of(request, viewer)

    def make() -> str:
        with door.store.read() as connection:
            return pages.users(
                frame, accounts=list_accounts(connection), units=list_units(connection), fault=fault,
                separated=bool(door.settings.values["separated_administrators"]),
                now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), 
                has_directory=bool(door.settings.text("directory_url")),
            )  # fmt: skip

    return page(await on_thread(make), status)


async def _user_answer(request: AnyRequest, viewer: Viewer, id: str) -> Html:
    door, frame = door_of(request), frame_of(request, viewer)

    def make() -> Response[str]:
        with door.store.read() as connection:
            try:
                account = managing.the_account(connection, id)
            except AuditorError:
                return page(pages.not_there(frame), 404)
            separated = bool(door.settings.values["separated_administrators"])
            return page(pages.user(frame, account=account, units=list_units(connection), separated=separated))

    return await on_thread(make)

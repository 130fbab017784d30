"""Accounts for programmes: made, changed, ended and erased; tokens issued and revoked. What `zhengban users` does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath, JSONBody

from auditor.accounts import managing
from auditor.console.viewer import Act, Viewer, may
from auditor.errors import both
from auditor.server.signin import Doorkeeper, requires

AnyRequest = Request[Any, Any, Any]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=1000)]


class UserAsked(msgspec.Struct):
    """An account to make. Roles and units take the right `roles.grant` as well."""

    login: Text
    name: Text
    roles: Texts = []
    units: Texts = []
    person: Text | None = None
    language: Text = "zh_CN"
    source: Text = "local"
    password: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    """A first one, which its owner has to change."""


class RightsAsked(msgspec.Struct):
    """Roles and units of an account, and the person that it is of."""

    roles: Texts
    units: Texts
    person: Text | None = None


class PasswordAsked(msgspec.Struct):
    """A new password, which its owner has to change."""

    password: Annotated[str, msgspec.Meta(max_length=2000)]


class ApiTokenAsked(msgspec.Struct):
    """A token of the account's own: what for, what it may do, and for how many days."""

    name: Text
    acts: Texts
    days: int = 90


class IdTold(msgspec.Struct):
    """The id of what was made."""

    id: str


class ApiTokenTold(msgspec.Struct):
    """The token; it is shown this once."""

    id: str
    token: str


@post("/api/v1/users", guards=[requires(Act.MANAGE_USERS)], status_code=201, sync_to_thread=True)
def new_user(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[UserAsked]) -> IdTold:
    """Make an account. 400 with everything that is wrong with it."""
    if (data.roles or data.units) and not may(viewer, Act.GRANT_ROLES):
        raise PermissionDeniedException(both("没有授予角色的权限", "granting roles is not among the rights"))
    door, told = _door(request), msgspec.structs.asdict(data)
    return IdTold(managing.add_user(door.store, door.settings, **told, must_change=True, now=datetime.now(UTC)))


@post("/api/v1/users/{id:str}/rights", guards=[requires(Act.GRANT_ROLES)], status_code=204, sync_to_thread=True)
def user_rights(request: AnyRequest, id: FromPath[str], data: JSONBody[RightsAsked]) -> None:
    """Give an account other roles and units; its sessions end."""
    door, told = _door(request), msgspec.structs.asdict(data)
    managing.set_rights(door.store, door.settings, id, **told, now=datetime.now(UTC))


@post("/api/v1/users/{id:str}/password", guards=[requires(Act.MANAGE_USERS)], status_code=204, sync_to_thread=True)
def user_password(request: AnyRequest, id: FromPath[str], data: JSONBody[PasswordAsked]) -> None:
    """Set a password that has to be changed at the next sign-in."""
    door, now = _door(request), datetime.now(UTC)
    managing.change_password(door.store, door.settings, id, new=data.password, old=None, now=now)


@post("/api/v1/users/{id:str}/end", guards=[requires(Act.MANAGE_USERS)], status_code=204, sync_to_thread=True)
def end_user(request: AnyRequest, id: FromPath[str]) -> None:
    """End an account: whoever leaves is ended, not deleted."""
    managing.end_account(_door(request).store, id, now=datetime.now(UTC))


@post("/api/v1/users/{id:str}/erase", guards=[requires(Act.MANAGE_USERS)], status_code=204, sync_to_thread=True)
def erase_user(request: AnyRequest, id: FromPath[str]) -> None:
    """Erase the person behind an account (已注销); the trail keeps its id."""
    managing.erase(_door(request).store, id, now=datetime.now(UTC))


@post("/api/v1/users/{id:str}/unlock", guards=[requires(Act.GRANT_ROLES)], status_code=204, sync_to_thread=True)
def unlock_user(request: AnyRequest, id: FromPath[str]) -> None:
    """Let an account in again that was locked out."""
    managing.unlock(_door(request).store, id, now=datetime.now(UTC))


@post(
    "/api/v1/users/{id:str}/second-factor-off", guards=[requires(Act.GRANT_ROLES)], status_code=204, sync_to_thread=True
)
def second_factor_off(request: AnyRequest, id: FromPath[str]) -> None:
    """Forget the second factor of an account: a telephone was lost."""
    managing.second_factor_off(_door(request).store, id, now=datetime.now(UTC))


@post("/api/v1/tokens", status_code=201, sync_to_thread=True)
def new_token(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[ApiTokenAsked]) -> ApiTokenTold:
    """Issue a token for the account that asks; it never allows more than whoever asks may do now."""
    beyond = sorted(act for act in data.acts if not may(viewer, act))
    if beyond:
        raise PermissionDeniedException(both(f"没有权限：{', '.join(beyond)}", f"not among the rights: {beyond}"))
    door, now = _door(request), datetime.now(UTC)
    id, text = managing.issue_api_token(
        door.store, door.settings, viewer.account, name=data.name, acts=data.acts, days=data.days, now=now
    )
    return ApiTokenTold(id, text)


@post("/api/v1/tokens/{id:str}/revoke", status_code=204, sync_to_thread=True)
def end_token(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> None:
    """Take a token's right away: one of the account's own, or any by whoever manages users."""
    account = None if may(viewer, Act.MANAGE_USERS) else viewer.account
    managing.end_api_token(_door(request).store, id, account=account, now=datetime.now(UTC))


USER_API = (
    new_user, user_rights, user_password, end_user, erase_user, unlock_user, second_factor_off, new_token, end_token,
)  # fmt: skip


def _door(request: AnyRequest) -> Doorkeeper:
    door: Doorkeeper = request.app.state.door
    return door

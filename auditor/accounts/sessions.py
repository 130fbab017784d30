"""Sessions and tokens: from what a browser or a programme shows to who it is.

A cookie holds 256 random bits; the store keeps their digest. A session ends after a time unused, after a time in all,
with its account, and when the account's password or roles change. A new one is drawn at each sign-in and at each step
of it, so that a value known before it is worth nothing after it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from auditor.console.viewer import SEPARATED, Role, Viewer
from auditor.core.days import parse_utc, utc_text
from auditor.proof.digest import sha256_hex
from auditor.settings import Settings
from auditor.store.accounts import (
    Account,
    Session,
    add_session,
    end_session,
    find_account,
    find_api_token,
    find_session,
    touch_session,
)
from auditor.store.database import Connection, Store

OPEN, SECOND, CHANGE, ENROL = "open", "second", "change", "enrol"
"""A session in use; one whose second factor is asked for; one that has to set a new password; one that has to set up
the second factor. But for the first, a session may do nothing else."""
TOKEN_PREFIX = "zbt-"
_LONGEST_VALUE = 200
_TOUCH_SECONDS = 60


def new_session(connection: Connection, account: str, stage: str, now: datetime) -> tuple[str, Session]:
    """Make a session; return what the cookie holds, and the session."""
    value = secrets.token_urlsafe(32)
    session = Session(
        digest=sha256_hex(value.encode("ascii")),
        account=account,
        csrf=secrets.token_urlsafe(24),
        stage=stage,
        created_at=utc_text(now),
        used_at=utc_text(now),
    )
    add_session(connection, session)
    return value, session


def session_of(store: Store, value: str, settings: Settings, now: datetime) -> tuple[Session, Account] | None:
    """Return the session of a cookie with its account; `None` when it is over, ended or never was."""
    digest = _digest(value)
    if digest is None:
        return None
    with store.read() as connection:
        session = find_session(connection, digest)
        account = find_account(connection, session.account) if session is not None else None
    if session is None or account is None:
        return None
    if account.ended_at is not None or _is_over(session, settings, now):
        with store.begin() as connection:
            end_session(connection, digest)
        return None
    if (now - parse_utc(session.used_at)).total_seconds() >= _TOUCH_SECONDS:
        with store.begin() as connection:
            touch_session(connection, digest, at=utc_text(now))
    return session, account


def viewer_of_session(session: Session, account: Account, settings: Settings) -> Viewer:
    """Return who signed in with the session."""
    return replace(viewer_of(account, settings), csrf=session.csrf)


def viewer_of_token(store: Store, value: str, settings: Settings, now: datetime) -> Viewer | None:
    """Return whose token it is; `None` when it is unknown, revoked or over, or its account has ended."""
    digest = _digest(value)
    if digest is None or not value.startswith(TOKEN_PREFIX):
        return None
    with store.read() as connection:
        token = find_api_token(connection, digest)
        account = find_account(connection, token.account) if token is not None else None
    if token is None or account is None or account.ended_at is not None:
        return None
    if token.revoked_at is not None or utc_text(now) > token.expires_at:
        return None
    return replace(viewer_of(account, settings), acts=token.acts)


def viewer_of(account: Account, settings: Settings) -> Viewer:
    """Return what the account is for the console and the interface."""
    roles = effective_roles(account.roles, separated=bool(settings.values["separated_administrators"]))
    return Viewer(
        account=account.id,
        name=account.name,
        roles=frozenset(str(role) for role in roles),
        units=account.units,
        language=account.language,
    )


def effective_roles(roles: frozenset[str], *, separated: bool) -> frozenset[str]:
    """Return the roles that count. While the administrators are separated, an administrator of everything is the
    system administrator alone, and of two separated roles that met in one account before, neither counts."""
    if not separated:
        return roles
    if Role.ADMINISTRATOR in roles:
        roles = (roles - {Role.ADMINISTRATOR}) | {Role.SYSTEM_ADMINISTRATOR}
    return roles - SEPARATED if len(roles & SEPARATED) > 1 else roles


def _digest(value: str) -> str | None:
    if not value or len(value) > _LONGEST_VALUE or not value.isascii():
        return None
    return sha256_hex(value.encode("ascii"))


def _is_over(session: Session, settings: Settings, now: datetime) -> bool:
    idle, whole = oldest_moments(settings, now)
    return session.used_at < idle or session.created_at < whole


def oldest_moments(settings: Settings, now: datetime) -> tuple[str, str]:
    """Return before which last use, and before which beginning, a session is over."""
    idle = now - timedelta(minutes=settings.whole("session_idle_minutes"))
    return utc_text(idle), utc_text(now - timedelta(hours=settings.whole("session_hours")))

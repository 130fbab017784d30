"""Accounts: who may sign in, with which roles and where; their sessions, and the tokens of their programmes.

A session and a token are kept by the digest of what their holder shows, so that a copied database signs nobody in.
Erasing an account takes its name, its login and every secret; its id stays, since the trail speaks of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select

from auditor.store.tables import accounts, api_tokens, former_passwords, sessions

ERASED_NAME = "已注销"


@dataclass(frozen=True)
class Account:
    """One account. Moments are UTC texts; `password` is an argon2id hash and never shown."""

    id: str
    login: str | None
    name: str
    person: str | None
    roles: frozenset[str]
    units: tuple[str, ...]
    language: str
    source: str
    password: str | None
    password_set_at: str | None
    must_change: bool
    sealed_totp: bytes | None
    totp_confirmed: bool
    totp_step: int
    failures: int
    locked_until: str | None
    created_at: str
    last_signed_in_at: str | None
    ended_at: str | None
    erased_at: str | None


@dataclass(frozen=True)
class Session:
    """One browser that is signed in, or about to be: `stage` is open, second or change."""

    digest: str
    account: str
    csrf: str
    stage: str
    created_at: str
    used_at: str


@dataclass(frozen=True)
class ApiToken:
    """One token of a programme; `acts` is all that it may be used for."""

    id: str
    digest: str
    account: str
    name: str
    acts: frozenset[str]
    created_at: str
    expires_at: str
    revoked_at: str | None


def add_account(
    connection: Connection,
    *,
    id: str,
    login: str,
    name: str,
    person: str | None,
    roles: frozenset[str],
    units: Sequence[str],
    language: str,
    source: str,
    at: str,
) -> None:
    """Keep a new account, which cannot sign in before it has a password or the directory knows it."""
    connection.execute(
        accounts.insert().values(
            id=id,
            login=login,
            name=name,
            person=person,
            roles=json.dumps(sorted(roles)),
            units=json.dumps(list(units)),
            language=language,
            source=source,
            created_at=at,
        )
    )


def find_account(connection: Connection, id: str) -> Account | None:
    """Return the account of an id."""
    row = connection.execute(select(accounts).where(accounts.c.id == id)).mappings().first()
    return _account(row) if row is not None else None


def account_of_login(connection: Connection, login: str) -> Account | None:
    """Return the account of a folded login."""
    row = connection.execute(select(accounts).where(accounts.c.login == login)).mappings().first()
    return _account(row) if row is not None else None


def list_accounts(connection: Connection) -> Sequence[Account]:
    """Return every account, erased ones too, in the order in which they were made."""
    rows = connection.execute(select(accounts).order_by(accounts.c.created_at, accounts.c.id)).mappings()
    return [_account(row) for row in rows]


def change_account(connection: Connection, id: str, **values: Any) -> None:
    """Write columns of one account; `roles` and `units` as they are, not as JSON."""
    for name in ("roles", "units"):
        if name in values:
            values[name] = json.dumps(sorted(values[name]) if name == "roles" else list(values[name]))
    for name in ("must_change", "totp_confirmed"):
        if name in values:
            values[name] = int(values[name])
    connection.execute(accounts.update().where(accounts.c.id == id).values(values))


def take_totp_step(connection: Connection, id: str, step: int) -> bool:
    """Note the step of a code that fits; false when it, or a later one, was used already."""
    known = accounts.update().where(accounts.c.id == id, accounts.c.totp_step < step)
    return connection.execute(known.values(totp_step=step)).rowcount == 1


def count_failure(connection: Connection, id: str) -> int:
    """Count one failed sign-in and return how many there are since the last good one."""
    connection.execute(accounts.update().where(accounts.c.id == id).values(failures=accounts.c.failures + 1))
    return int(connection.execute(select(accounts.c.failures).where(accounts.c.id == id)).scalar_one())


def keep_password(connection: Connection, id: str, hashed: str, *, at: str, must_change: bool, kept: int) -> None:
    """Set a password; that before it joins the former ones, of which the newest `kept` stay."""
    before = find_account(connection, id)
    if before is not None and before.password is not None:
        connection.execute(former_passwords.insert().values(account=id, password=before.password, set_at=at))
    change_account(
        connection, id, password=hashed, password_set_at=at, must_change=must_change, failures=0, locked_until=None
    )
    newest = select(former_passwords.c.id).where(former_passwords.c.account == id)
    stay = newest.order_by(former_passwords.c.id.desc()).limit(kept)
    too_old = former_passwords.c.id.not_in([row.id for row in connection.execute(stay)])
    connection.execute(delete(former_passwords).where(former_passwords.c.account == id, too_old))


def former_hashes(connection: Connection, id: str) -> Sequence[str]:
    """Return the hashes of former passwords, newest first."""
    chosen = select(former_passwords.c.password).where(former_passwords.c.account == id)
    return [row.password for row in connection.execute(chosen.order_by(former_passwords.c.id.desc()))]


def erase_account(connection: Connection, id: str, *, at: str) -> None:
    """Take the name, the login, the person and every secret of an account; its id stays."""
    end_sessions(connection, id)
    connection.execute(delete(former_passwords).where(former_passwords.c.account == id))
    connection.execute(delete(api_tokens).where(api_tokens.c.account == id))
    change_account(
        connection,
        id,
        login=None,
        name=ERASED_NAME,
        person=None,
        roles=frozenset(),
        units=(),
        password=None,
        password_set_at=None,
        sealed_totp=None,
        totp_confirmed=False,
        last_signed_in_at=None,
        ended_at=func.coalesce(accounts.c.ended_at, at),
        erased_at=at,
    )


def add_session(connection: Connection, session: Session) -> None:
    """Keep a session."""
    connection.execute(sessions.insert().values(vars(session)))


def find_session(connection: Connection, digest: str) -> Session | None:
    """Return the session of a digest."""
    row = connection.execute(select(sessions).where(sessions.c.digest == digest)).mappings().first()
    return Session(**row) if row is not None else None


def sessions_of(connection: Connection, account: str) -> Sequence[Session]:
    """Return the sessions of an account, the one last used first."""
    chosen = select(sessions).where(sessions.c.account == account).order_by(sessions.c.used_at.desc())
    return [Session(**row) for row in connection.execute(chosen).mappings()]


def touch_session(connection: Connection, digest: str, *, at: str) -> None:
    """Note that a session was used."""
    connection.execute(sessions.update().where(sessions.c.digest == digest).values(used_at=at))


def end_session(connection: Connection, digest: str) -> None:
    """Forget a session."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


def end_sessions(connection: Connection, account: str, *, but: str | None = None) -> int:
    """Forget the sessions of an account, but for one; return how many there were."""
    chosen = delete(sessions).where(sessions.c.account == account)
    return connection.execute(chosen.where(sessions.c.digest != but) if but is not None else chosen).rowcount


def end_old_sessions(connection: Connection, *, created_before: str, used_before: str) -> int:
    """Forget the sessions whose time is over."""
    over = (sessions.c.created_at < created_before) | (sessions.c.used_at < used_before)
    return connection.execute(delete(sessions).where(over)).rowcount


def add_api_token(connection: Connection, token: ApiToken) -> None:
    """Keep a token."""
    connection.execute(api_tokens.insert().values({**vars(token), "acts": json.dumps(sorted(token.acts))}))


def find_api_token(connection: Connection, digest: str) -> ApiToken | None:
    """Return the token of a digest."""
    row = connection.execute(select(api_tokens).where(api_tokens.c.digest == digest)).mappings().first()
    return _token(row) if row is not None else None


def list_api_tokens(connection: Connection, account: str | None = None) -> Sequence[ApiToken]:
    """Return the tokens of an account, or of all."""
    chosen = select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id)
    if account is not None:
        chosen = chosen.where(api_tokens.c.account == account)
    return [_token(row) for row in connection.execute(chosen).mappings()]


def revoke_api_token(connection: Connection, id: str, *, at: str, account: str | None = None) -> bool:
    """Take a token's right away; false when it has none, or is not of that account."""
    known = api_tokens.update().where(api_tokens.c.id == id, api_tokens.c.revoked_at.is_(None))
    if account is not None:
        known = known.where(api_tokens.c.account == account)
    return connection.execute(known.values(revoked_at=at)).rowcount == 1


def _account(row: RowMapping) -> Account:
    values = dict(row)
    values["roles"] = frozenset(json.loads(values["roles"]))
    values["units"] = tuple(json.loads(values["units"]))
    values["must_change"] = bool(values["must_change"])
    values["totp_confirmed"] = bool(values["totp_confirmed"])
    return Account(**values)


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(**{**row, "acts": frozenset(json.loads(row["acts"]))})

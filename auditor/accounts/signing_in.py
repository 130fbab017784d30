"""Signing in: login and password, a second factor where there is one, and what has to be done before anything else.

Whatever was wrong, the answer is the same and takes about as long, so that nobody learns which logins there are. Each
attempt is charged before the password is looked at: of many at once no more are tried than the setting allows. Failures
stand in the trail by the account's id, of unknown logins by a keyed digest.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.accounts import totp
from auditor.accounts.directory import directory_knows
from auditor.accounts.sessions import CHANGE, ENROL, OPEN, SECOND, effective_roles, new_session
from auditor.console.viewer import SEPARATED, Role
from auditor.core.days import parse_utc, utc_text
from auditor.errors import NotAuthentic, both
from auditor.proof.passwords import fits
from auditor.settings import Settings
from auditor.store.accounts import (
    Account,
    Session,
    account_of_login,
    change_account,
    count_failure,
    end_session,
    find_account,
    take_totp_step,
)
from auditor.store.database import Connection, Store
from auditor.store.trail import acting, append_trail

LOCAL, DIRECTORY = "local", "ldap"
LONGEST_LOGIN = 100


@dataclass(frozen=True)
class SignedIn:
    """What the browser gets: the cookie's value, and the session with the stage that it is in."""

    cookie: str
    session: Session


def folded_login(text: str) -> str:
    """Return a login in the form in which it is compared; empty for one that nobody can have."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return folded if folded.isprintable() and len(folded) <= LONGEST_LOGIN else ""


def sign_in(store: Store, settings: Settings, *, login: str, password: str, now: datetime) -> SignedIn:
    """Check login and password. Raises `NotAuthentic`, `Busy` when the directory does not answer."""
    folded = folded_login(login)
    account = _charged(store, settings, folded, now)
    if not _password_is_right(account, password, settings):
        with store.begin() as connection:
            _note_failure(store, connection, account, folded, now)
        raise _refused()
    assert account is not None
    with store.begin() as connection:
        if account.totp_confirmed:  # the charge stays until the code was right as well
            return SignedIn(*new_session(connection, account.id, SECOND, now))
        return _let_in(connection, account, settings, now)


def give_code(store: Store, settings: Settings, session: Session, code: str, now: datetime) -> SignedIn:
    """Check the code of a session that waits for one; the session is replaced. Raises `NotAuthentic`."""
    with store.read() as connection:
        waiting = find_account(connection, session.account)
    charged = _charged(store, settings, waiting.login or "", now) if waiting is not None else None
    with store.begin() as connection:
        if charged is not None and code_is_right(store, connection, charged, code, now):
            end_session(connection, session.digest)
            return _let_in(connection, charged, settings, now)
    with store.begin() as connection:
        _note_failure(store, connection, charged, waiting.login if waiting and waiting.login else "", now)
        if charged is None:
            end_session(connection, session.digest)
    raise _refused()


def code_is_right(store: Store, connection: Connection, account: Account, code: str, now: datetime) -> bool:
    """Return whether the code is the account's, of now, and not used before; it is used up by this."""
    if account.sealed_totp is None:
        return False
    step = totp.step_of(store.sealer.unseal(account.sealed_totp), code, now.timestamp())
    return step is not None and take_totp_step(connection, account.id, step)


def moved_on(connection: Connection, session: Session, settings: Settings, now: datetime) -> SignedIn:
    """Return the session that comes after a step was done: the old one ends. The account is read anew."""
    end_session(connection, session.digest)
    account = find_account(connection, session.account)
    if account is None:
        raise _refused()
    return SignedIn(*new_session(connection, account.id, next_stage(account, settings, now), now))


def next_stage(account: Account, settings: Settings, now: datetime) -> str:
    """Return what an account whose password and code were right has to do next."""
    if account.source == LOCAL and (account.must_change or _is_too_old(account, settings, now)):
        return CHANGE
    return ENROL if must_have_code(account, settings) and not account.totp_confirmed else OPEN


def must_have_code(account: Account, settings: Settings) -> bool:
    """Return whether the setting asks a second factor of the account."""
    if account.source != LOCAL:
        return False
    separated = bool(settings.values["separated_administrators"])
    administers = effective_roles(account.roles, separated=separated) & (SEPARATED | {Role.ADMINISTRATOR})
    wanted = settings.text("second_factor")
    return wanted == "all" or (wanted == "administrators" and bool(administers))


def _charged(store: Store, settings: Settings, login: str, now: datetime) -> Account | None:
    """Return the account that may try now, one attempt charged; `None` for one that is unknown, ended or locked."""
    with store.begin() as connection:
        account = account_of_login(connection, login) if login else None
        if account is None or account.ended_at is not None:
            return None
        if account.locked_until is not None and utc_text(now) < account.locked_until:
            return None
        if count_failure(connection, account.id) >= settings.whole("sign_in_failures"):
            until = now + timedelta(minutes=settings.whole("sign_in_lock_minutes"))
            change_account(connection, account.id, failures=0, locked_until=utc_text(until))
        return account


def _password_is_right(account: Account | None, password: str, settings: Settings) -> bool:
    if account is not None and account.source == DIRECTORY:
        return directory_knows(settings, account.login or "", password)
    return fits(password, account.password if account is not None else None)


def _let_in(connection: Connection, account: Account, settings: Settings, now: datetime) -> SignedIn:
    change_account(connection, account.id, failures=0, locked_until=None, last_signed_in_at=utc_text(now))
    with acting(account.id):
        append_trail(connection, at=utc_text(now), act="session.opened", subject=account.id)
    return SignedIn(*new_session(connection, account.id, next_stage(account, settings, now), now))


def _note_failure(store: Store, connection: Connection, account: Account | None, login: str, now: datetime) -> None:
    known = account or (account_of_login(connection, login) if login else None)
    subject = known.id if known is not None else f"login {store.sealer.fingerprint(login.encode())[:16]}"
    append_trail(connection, at=utc_text(now), act="session.refused", subject=subject)
    locked = find_account(connection, account.id) if account is not None else None
    if locked is not None and locked.locked_until is not None:
        append_trail(connection, at=utc_text(now), act="account.locked", subject=subject)


def _is_too_old(account: Account, settings: Settings, now: datetime) -> bool:
    days = settings.whole("password_max_age_days")
    if not days or account.password_set_at is None:
        return False
    return parse_utc(account.password_set_at) + timedelta(days=days) < now


def _refused() -> NotAuthentic:
    zh = "登录名、口令或动态口令不正确，或账号暂时锁定"
    return NotAuthentic(both(zh, "login, password or code is wrong, or the account is locked for a while"))

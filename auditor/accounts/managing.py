"""Managing accounts: made, given roles and places, ended, erased; every change one entry of the trail.

The store holds no account at first and no default password: the first is made on the command line. While the
administrators are separated (setting), each of the three stands with a person of the register, and no person has two.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from auditor.accounts import totp
from auditor.accounts.password_rules import password_faults
from auditor.accounts.sessions import TOKEN_PREFIX
from auditor.accounts.signing_in import DIRECTORY, LOCAL, folded_login
from auditor.console.viewer import EVERYWHERE, SEPARATED, Act, Role
from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.proof.digest import digest_of, sha256_hex
from auditor.proof.passwords import fits, hash_password
from auditor.settings import Settings
from auditor.store.accounts import (
    Account,
    ApiToken,
    account_of_login,
    add_account,
    add_api_token,
    change_account,
    end_sessions,
    erase_account,
    find_account,
    former_hashes,
    keep_password,
    list_accounts,
    revoke_api_token,
)
from auditor.store.database import Connection, Store
from auditor.store.people import list_people
from auditor.store.trail import append_trail
from auditor.store.units import list_units

_LONGEST_NAME = 100
LANGUAGES = ("zh_CN", "en")


def add_user(
    store: Store,
    settings: Settings,
    *,
    login: str,
    name: str,
    roles: Collection[str],
    units: Sequence[str] = (),
    person: str | None = None,
    language: str = "zh_CN",
    source: str = LOCAL,
    password: str | None = None,
    must_change: bool = False,
    now: datetime,
) -> str:
    """Make an account and return its id. Raises `AuditorError` with everything that is wrong with it."""
    folded, id = folded_login(login), f"u-{secrets.token_hex(8)}"
    with store.begin() as connection:
        faults = _faults(connection, settings, None, roles, units, person)
        if not folded or any(sign.isspace() for sign in folded):
            faults.append(both("登录名应为不含空白的文字", "login: expected text without blanks"))
        elif account_of_login(connection, folded) is not None:
            faults.append(both(f"登录名 {folded} 已有人使用", f"login {folded}: is taken"))
        if not name.strip() or len(name) > _LONGEST_NAME:
            zh = f"姓名应为 1 至 {_LONGEST_NAME} 个字符"
            faults.append(both(zh, f"name: expected 1 to {_LONGEST_NAME} signs"))
        if language not in LANGUAGES:
            faults.append(both("语言应为 zh_CN 或 en", "language: expected zh_CN or en"))
        if source not in (LOCAL, DIRECTORY):
            faults.append(both("来源应为 local 或 ldap", "source: expected local or ldap"))
        if source == LOCAL:
            faults += password_faults(password or "", login=folded, least=settings.whole("password_min_length"))
        _refuse(faults)
        at = utc_text(now)
        add_account(
            connection,
            id=id,
            login=folded,
            name=name.strip(),
            person=person,
            roles=frozenset(roles),
            units=units,
            language=language,
            source=source,
            at=at,
        )
        if source == LOCAL and password is not None:
            keep_password(connection, id, hash_password(password), at=at, must_change=must_change, kept=0)
        append_trail(connection, at=at, act="account.added", subject=f"{id} {_rights(roles, units)}")
    return id


def set_rights(
    store: Store,
    settings: Settings,
    id: str,
    *,
    roles: Collection[str],
    units: Sequence[str],
    person: str | None,
    now: datetime,
) -> None:
    """Give an account other roles, places or another person; its sessions end. Raises `AuditorError`."""
    with store.begin() as connection:
        account = the_account(connection, id)
        _refuse(_faults(connection, settings, account.id, roles, units, person))
        _keep_an_administrator(connection, account, roles)
        change_account(connection, account.id, roles=frozenset(roles), units=tuple(units), person=person)
        end_sessions(connection, account.id)
        told = f"{account.id} {_rights(roles, units)}"
        append_trail(connection, at=utc_text(now), act="account.rights_changed", subject=told)


def change_password(
    store: Store,
    settings: Settings,
    id: str,
    *,
    new: str,
    old: str | None,
    now: datetime,
    but_session: str | None = None,
) -> None:
    """Set a password: `old` when its owner does it, `None` when an administrator sets one that must be changed.

    Every other session of the account ends. Raises `AuditorError`.
    """
    with store.read() as connection:
        account = the_account(connection, id)
        former = [account.password, *former_hashes(connection, account.id)]
    if account.source != LOCAL:
        raise AuditorError(both("目录账号的口令由目录服务管理", "the directory keeps the password of this account"))
    if old is not None and not fits(old, account.password):
        raise AuditorError(both("原口令不正确", "the present password is wrong"))
    kept = settings.whole("password_former_kept")
    faults = list(password_faults(new, login=account.login or "", least=settings.whole("password_min_length")))
    if not faults and any(hashed is not None and fits(new, hashed) for hashed in former[: kept + 1]):
        faults.append(both(f"不得与现在及最近 {kept} 次的口令相同", f"expected none of the present and last {kept}"))
    _refuse(faults)
    hashed = hash_password(new)
    with store.begin() as connection:
        keep_password(connection, account.id, hashed, at=utc_text(now), must_change=old is None, kept=kept)
        end_sessions(connection, account.id, but=but_session)
        act = "password.changed" if old is not None else "password.reset"
        append_trail(connection, at=utc_text(now), act=act, subject=account.id)


def unlock(store: Store, id: str, *, now: datetime) -> None:
    """Let a locked account try again. Raises `AuditorError`."""
    with store.begin() as connection:
        account = the_account(connection, id)
        change_account(connection, account.id, failures=0, locked_until=None)
        append_trail(connection, at=utc_text(now), act="account.unlocked", subject=account.id)


def end_account(store: Store, id: str, *, now: datetime) -> None:
    """End an account: nobody signs in with it any more. Raises `AuditorError`."""
    with store.begin() as connection:
        account = the_account(connection, id)
        _keep_an_administrator(connection, account, ())
        change_account(connection, account.id, ended_at=account.ended_at or utc_text(now))
        end_sessions(connection, account.id)
        append_trail(connection, at=utc_text(now), act="account.ended", subject=account.id)


def erase(store: Store, id: str, *, now: datetime) -> None:
    """Take everything that says who an account was; what it did stays under its id. Raises `AuditorError`."""
    with store.begin() as connection:
        account = the_account(connection, id)
        _keep_an_administrator(connection, account, ())
        erase_account(connection, account.id, at=utc_text(now))
        append_trail(connection, at=utc_text(now), act="account.erased", subject=account.id)


def begin_second_factor(store: Store, id: str) -> bytes:
    """Return a new secret that counts once a code of it was right. Raises `AuditorError` when one counts already."""
    secret = totp.new_secret()
    with store.begin() as connection:
        account = the_account(connection, id)
        if account.totp_confirmed:
            raise AuditorError(both("动态口令已经启用", "the second factor is on already"))
        change_account(connection, account.id, sealed_totp=store.sealer.seal(secret), totp_step=0)
    return secret


def pending_secret(store: Store, account: Account) -> bytes | None:
    """Return the secret that waits for its first code."""
    waits = account.sealed_totp is not None and not account.totp_confirmed
    return store.sealer.unseal(account.sealed_totp) if waits and account.sealed_totp is not None else None


def second_factor_on(connection: Connection, id: str, *, now: datetime) -> None:
    """Let the secret count from now on, after a code of it was right."""
    change_account(connection, id, totp_confirmed=True)
    append_trail(connection, at=utc_text(now), act="second_factor.on", subject=id)


def second_factor_off(store: Store, id: str, *, now: datetime) -> None:
    """Forget the secret: a telephone was lost. Its sessions end. Raises `AuditorError`."""
    with store.begin() as connection:
        account = the_account(connection, id)
        change_account(connection, account.id, sealed_totp=None, totp_confirmed=False, totp_step=0)
        end_sessions(connection, account.id)
        append_trail(connection, at=utc_text(now), act="second_factor.off", subject=account.id)


def issue_api_token(
    store: Store, settings: Settings, account: str, *, name: str, acts: Collection[str], days: int, now: datetime
) -> tuple[str, str]:
    """Return the id and the text of a new token; the text is shown this once. Raises `AuditorError`."""
    most = settings.whole("api_token_days")
    faults = []
    if not 1 <= days <= most:
        faults.append(both(f"有效天数应为 1 至 {most}", f"days: expected 1 to {most}, got {days}"))
    unknown = sorted(set(acts) - {str(act) for act in Act})
    if unknown or not acts:
        zh = f"用途应取自 {'、'.join(Act)}"
        faults.append(both(zh, f"acts: expected some of {', '.join(Act)}, got {', '.join(unknown) or 'none'}"))
    _refuse(faults)
    text, id = f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}", f"t-{secrets.token_hex(6)}"
    with store.begin() as connection:
        token = ApiToken(
            id=id,
            digest=sha256_hex(text.encode("ascii")),
            account=the_account(connection, account).id,
            name=name.strip()[:_LONGEST_NAME],
            acts=frozenset(acts),
            created_at=utc_text(now),
            expires_at=utc_text(now + timedelta(days=days)),
            revoked_at=None,
        )
        add_api_token(connection, token)
        append_trail(connection, at=utc_text(now), act="api_token.issued", subject=f"{id} of {account}")
    return id, text


def end_api_token(store: Store, id: str, *, account: str | None, now: datetime) -> None:
    """Take a token's right away. Raises `AuditorError` when there is none such, or not of the account."""
    with store.begin() as connection:
        if not revoke_api_token(connection, id, at=utc_text(now), account=account):
            raise AuditorError(f"{id}: {both('没有这个有效令牌', 'expected a token that is in force')}")
        append_trail(connection, at=utc_text(now), act="api_token.revoked", subject=id)


def the_account(connection: Connection, named: str) -> Account:
    """Return the account of an id or login that has not been erased. Raises `AuditorError`."""
    found = find_account(connection, named) or account_of_login(connection, folded_login(named))
    if found is None or found.erased_at is not None:
        raise AuditorError(f"{named}: {both('没有这个账号，见', 'no such account; see')} zhengban users list")
    return found


def _faults(
    connection: Connection,
    settings: Settings,
    id: str | None,
    roles: Collection[str],
    units: Sequence[str],
    person: str | None,
) -> list[str]:
    faults = []
    unknown = sorted(set(roles) - {str(role) for role in Role})
    if unknown:
        zh = f"角色应取自 {'、'.join(Role)}"
        faults.append(both(zh, f"roles: expected some of {', '.join(Role)}, got {', '.join(unknown)}"))
    known = {unit.code for unit in list_units(connection)} if set(units) - {EVERYWHERE} else set()
    faults += [
        both(f"没有单位 {unit}", f"unit {unit}: expected one of the register")
        for unit in units
        if unit != EVERYWHERE and unit not in known
    ]
    if person is not None and person not in {each.id for each in list_people(connection)}:
        faults.append(both(f"没有人员 {person}", f"person {person}: expected one of the register"))
    if bool(settings.values["separated_administrators"]):
        faults += _not_separated(connection, id, roles, person)
    return faults


def _not_separated(connection: Connection, id: str | None, roles: Collection[str], person: str | None) -> list[str]:
    """Return why the roles break the separation of the three administrators."""
    mine = set(roles) & SEPARATED
    if Role.ADMINISTRATOR in roles:
        zh = "已启用三员分立，不设总管理员，请分设系统管理员、安全管理员、审计管理员"
        return [both(zh, "the administrators are separated: give one of the three, not administrator")]
    if not mine:
        return []
    if len(mine) > 1:
        return [both("三员分立：一个账号只能担任其中一员", "separated: one account is one of the three at most")]
    if person is None:
        return [both("三员分立：管理员账号须指明人员", "separated: an administrator's account names its person")]
    others = [each for each in list_accounts(connection) if each.person == person and each.id != id]
    if any(each.ended_at is None and each.roles & SEPARATED - mine for each in others):
        return [both("三员分立：该人员已担任另一员", "separated: this person is another of the three already")]
    return []


def _keep_an_administrator(connection: Connection, account: Account, roles: Collection[str]) -> None:
    """Raises `AuditorError` when nobody would be left who may manage users."""
    managing = {str(Role.ADMINISTRATOR), str(Role.SYSTEM_ADMINISTRATOR)}
    if not account.roles & managing or set(roles) & managing or account.ended_at is not None:
        return
    rest = [each for each in list_accounts(connection) if each.id != account.id and each.ended_at is None]
    if not any(each.roles & managing for each in rest):
        told = both("这是最后一个管理员账号，不能去除", "expected another administrator to be left")
        raise AuditorError(f"{account.id}: {told}")


def _rights(roles: Collection[str], units: Sequence[str]) -> str:
    """Return what the trail says of rights: the roles, and a digest of the places."""
    return f"roles {','.join(sorted(roles))} units {digest_of(sorted(units))[:16]}"


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise AuditorError("\n".join(faults))

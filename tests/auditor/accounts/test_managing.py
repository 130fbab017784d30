"""Accounts: no default, separated administrators, the last one kept, erased without breaking the trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made_once import place_store
from signed_in import PASSWORD, new_account
from sqlalchemy import select

from auditor.accounts.managing import add_user, change_password, end_account, erase, set_rights
from auditor.accounts.sessions import viewer_of
from auditor.accounts.signing_in import sign_in
from auditor.console.viewer import Act, Viewer, may, sees_person, sees_unit
from auditor.errors import AuditorError, NotAuthentic
from auditor.settings import Settings, load_settings
from auditor.store.accounts import ERASED_NAME, find_account, list_accounts
from auditor.store.database import Store, open_settings_store
from auditor.store.tables import accounts, api_tokens, former_passwords, people, sessions, trail, units
from auditor.store.trail import acting, append_trail, first_broken_entry, list_trail

NOW = datetime(2026, 6, 30, 1, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(flags={"database": place_store(tmp_path / "zhengban.db"), "separated_administrators": True})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_settings_store(settings)
    with opened.begin() as connection:
        held: dict[str, Any] = {"valid_from": "2026-01-01", "batch": 1}
        connection.execute(units.insert().values(code="JT", name="集团", kind="legal_entity", **held))
        for id, name in (("1001", "张三丰"), ("1002", "李四光")):
            connection.execute(people.insert().values(id=id, name=name, unit="JT", **held))
    yield opened
    opened.close()


def test_a_new_store_lets_nobody_in(store: Store, settings: Settings) -> None:
    with store.read() as connection:
        assert list_accounts(connection) == []
    for login in ("admin", "administrator", "root", "zhengban", ""):
        with pytest.raises(NotAuthentic):
            sign_in(store, settings, login=login, password=login, now=NOW)


def test_the_three_administrators_are_three_persons(store: Store, settings: Settings) -> None:
    def add(role: str | tuple[str, ...], person: str | None) -> str:
        roles = (role,) if isinstance(role, str) else role
        return new_account(store, settings, roles=roles, person=person)[1]

    first = add("system_administrator", "1001")
    for roles, person in (
        ("administrator", "1002"),
        (("security_administrator", "audit_administrator"), "1002"),
        ("security_administrator", "1001"),
        ("security_administrator", None),
        ("security_administrator", "9999"),
    ):
        with pytest.raises(AuditorError):
            add(roles, person)
    second = add("security_administrator", "1002")
    with pytest.raises(AuditorError, match="separated"):
        set_rights(store, settings, second, roles=["audit_administrator"], units=(), person="1001", now=NOW)
    with pytest.raises(AuditorError, match="administrator"):
        end_account(store, first, now=NOW)


def test_an_administrator_of_before_the_separation_is_the_system_administrator(
    store: Store, settings: Settings
) -> None:
    united = load_settings(flags={"database": settings.text("database")})
    _login, id = new_account(store, united, roles=["administrator"], units=["*"])
    with store.read() as connection:
        account = find_account(connection, id)
    assert account is not None
    assert may(viewer_of(account, united), Act.READ_TRAIL)
    assert not may(viewer_of(account, settings), Act.READ_TRAIL)
    assert not may(viewer_of(account, settings), Act.GRANT_ROLES)
    assert may(viewer_of(account, settings), Act.MANAGE_USERS)


def test_a_password_is_not_used_again_and_ends_the_other_sessions(store: Store, settings: Settings) -> None:
    login, id = new_account(store, settings, roles=["inspector"], units=["JT"])
    sign_in(store, settings, login=login, password=PASSWORD, now=NOW)
    with pytest.raises(AuditorError, match="present"):
        change_password(store, settings, id, new=PASSWORD, old=PASSWORD, now=NOW)
    with pytest.raises(AuditorError, match="wrong"):
        change_password(store, settings, id, new="Another-Horse-43!", old="x", now=NOW)
    change_password(store, settings, id, new="Another-Horse-43!", old=PASSWORD, now=NOW)
    with pytest.raises(AuditorError, match="present and last"):
        change_password(store, settings, id, new=PASSWORD, old="Another-Horse-43!", now=NOW)


def test_erasing_takes_the_person_and_leaves_the_chain(store: Store, settings: Settings) -> None:
    login, id = new_account(store, settings, roles=["inspector"], units=["JT"], login="zhangsanfeng", name="张三丰")
    with store.begin() as connection, acting(id):
        append_trail(connection, at="2026-06-30T01:00:00Z", act="file.issued", subject="run 1")
    erase(store, id, now=NOW)
    with store.read() as connection:
        account, entries = find_account(connection, id), list_trail(connection)
        assert first_broken_entry(connection) is None
    assert account is not None
    assert (account.name, account.login, account.password, account.roles) == (ERASED_NAME, None, None, frozenset())
    assert [entry.account for entry in entries if entry.act == "file.issued"] == [id]
    with pytest.raises(NotAuthentic):
        sign_in(store, settings, login=login, password=PASSWORD, now=NOW)
    with store.read() as connection:
        tables = (accounts, sessions, trail, api_tokens, former_passwords)
        assert "zhangsanfeng" not in str([connection.execute(select(table)).all() for table in tables])


@pytest.mark.parametrize("login", ["", "  ", "a b", "a\tb", "a\x00b", "\u202egnp", "a\ud800"])
def test_a_login_is_one_word(store: Store, settings: Settings, login: str) -> None:
    with pytest.raises(AuditorError):
        add_user(store, settings, login=login, name="x", roles=["inspector"], password=PASSWORD, now=NOW)


def test_a_viewer_sees_its_subtree_even_in_a_circle() -> None:
    parents = {"A": None, "B": "A", "C": "B", "X": "Y", "Y": "X"}
    viewer = Viewer("u", "n", frozenset({"group_auditor"}), ("B",), "zh_CN")
    seen = [unit for unit in (*parents, "?", None) if sees_unit(viewer, unit, parents)]
    assert seen == ["B", "C"]
    assert not sees_person(viewer, "C", parents)
    assert sees_person(Viewer("u", "n", frozenset({"unit_auditor"}), ("B",), "zh_CN"), "C", parents)
    assert not may(viewer, "no such act")
    assert not may(Viewer("u", "n", frozenset({"administrator"}), (), "en", acts=frozenset({"read"})), Act.EDIT_LEDGER)

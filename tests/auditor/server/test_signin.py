"""Signing in over HTTP: cookies, locks, the second factor, other sites, tokens, headers, rights, hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_once import place_store
from signed_in import PASSWORD, Browser, browser, new_account, signed_in

from auditor.accounts import totp
from auditor.accounts.managing import begin_second_factor, change_password, issue_api_token, second_factor_on, unlock
from auditor.accounts.sessions import new_session, session_of, viewer_of_token
from auditor.settings import Settings, load_settings
from auditor.store.accounts import change_account, list_accounts
from auditor.store.database import Store, open_settings_store
from auditor.store.tables import api_tokens, sessions
from auditor.store.trail import first_broken_entry, list_trail

EVERYTHING = ["administrator"]


def settings_of(folder: Path, **flags: Any) -> Settings:
    return load_settings(flags={"database": place_store(folder / "zhengban.db"), **flags})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path, sign_in_failures=3)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_settings_store(settings)
    yield opened
    opened.close()


@pytest.fixture
def visitor(store: Store, settings: Settings) -> Iterator[Browser]:
    with browser(store, settings) as reader:
        yield reader


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Somebody without an account before a checker that stands through all hostile requests."""
    settings = settings_of(tmp_path_factory.mktemp("stranger"))
    opened = open_settings_store(settings)
    with browser(opened, settings) as reader:
        yield reader
    opened.close()


def acts(store: Store) -> list[str]:
    with store.read() as connection:
        assert first_broken_entry(connection) is None
        return [entry.act for entry in list_trail(connection)]


def test_a_page_sends_to_sign_in_and_back(store: Store, settings: Settings, visitor: Browser) -> None:
    login, _id = new_account(store, settings, roles=EVERYTHING, units=["*"])
    first = visitor.get("/trail?act=session")
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in?next=/trail%3Fact%3Dsession")
    done = visitor.post("/sign-in", {"login": login.upper(), "password": PASSWORD, "next": "/trail?act=session"})
    assert (done.status_code, done.headers["location"]) == (303, "/trail?act=session")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "secure" not in cookie.lower()
    assert visitor.get("/trail?act=session").status_code == 200
    assert acts(store) == ["account.added", "session.opened"]


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "\n/"])
def test_nobody_is_sent_to_another_site(store: Store, settings: Settings, visitor: Browser, where: str) -> None:
    login, _id = new_account(store, settings, roles=EVERYTHING)
    done = visitor.post("/sign-in", {"login": login, "password": PASSWORD, "next": where})
    assert (done.status_code, done.headers["location"]) == (303, "/")


def test_what_is_wrong_is_not_told_and_locks(store: Store, settings: Settings, visitor: Browser) -> None:
    login, id = new_account(store, settings, roles=EVERYTHING)
    wrong = [visitor.post("/sign-in", {"login": login, "password": "wrong"}) for _ in range(3)]
    locked = visitor.post("/sign-in", {"login": login, "password": PASSWORD})
    unknown = visitor.post("/sign-in", {"login": "nobody", "password": "wrong"})
    assert {answer.status_code for answer in (*wrong, locked, unknown)} == {401}
    assert {answer.text for answer in (*wrong, locked)} == {unknown.text}
    assert acts(store).count("account.locked") == 1
    assert login not in str(acts(store))
    unlock(store, id, now=datetime.now(UTC))
    assert visitor.post("/sign-in", {"login": login, "password": PASSWORD}).status_code == 303


@pytest.mark.slow
def test_an_address_that_fails_often_has_to_wait(visitor: Browser) -> None:
    answers = [visitor.post("/sign-in", {"login": "nobody", "password": "x"}).status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]


def test_the_second_factor_is_asked_and_each_code_is_good_once(
    store: Store, settings: Settings, visitor: Browser
) -> None:
    login, id = new_account(store, settings, roles=EVERYTHING)
    secret = begin_second_factor(store, id)
    with store.begin() as connection:
        second_factor_on(connection, id, now=datetime.now(UTC))
    done = visitor.sign_in(login)
    before = visitor.client.cookies["zhengban"]
    assert done.headers["location"] == "/sign-in/second?next=/"
    assert visitor.get("/account").headers["location"] == "/sign-in/second"
    assert visitor.get("/api/v1/time").status_code == 401
    assert visitor.post("/sign-in/second", {"code": "000000"}).status_code == 401
    code = totp.code_at(secret, int(datetime.now(UTC).timestamp()) // 30)
    assert visitor.post("/sign-in/second", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert visitor.client.cookies["zhengban"] != before
    visitor.client.cookies.clear()
    visitor.sign_in(login)
    assert visitor.post("/sign-in/second", {"code": code}).status_code == 401


def test_a_first_password_has_to_be_changed_and_a_factor_set_up(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, second_factor="all")
    store = open_settings_store(settings)
    login, _id = new_account(store, settings, roles=EVERYTHING, must_change=True)
    with browser(store, settings) as visitor:
        assert visitor.sign_in(login).headers["location"] == "/sign-in/change?next=/"
        fields = {"old": PASSWORD, "new": "Another-Horse-43!", "again": "Another-Horse-43"}
        assert visitor.post("/sign-in/change", fields).status_code == 400
        done = visitor.post("/sign-in/change", {**fields, "again": fields["new"]})
        assert done.headers["location"] == "/sign-in/enrol?next=/"
        visitor.learn("/sign-in/enrol")
        with store.read() as connection:
            sealed = list_accounts(connection)[0].sealed_totp
        assert sealed is not None
        secret = store.sealer.unseal(sealed)
        assert totp.secret_text(secret) in visitor.get("/sign-in/enrol").text
        code = totp.code_at(secret, int(datetime.now(UTC).timestamp()) // 30)
        assert visitor.post("/sign-in/enrol", {"code": code}).status_code == 303
        assert visitor.get("/account").status_code == 200
    store.close()


def test_an_old_password_has_to_be_changed(store: Store, settings: Settings, visitor: Browser) -> None:
    login, id = new_account(store, settings, roles=EVERYTHING)
    with store.begin() as connection:
        change_account(connection, id, password_set_at="2020-01-01T00:00:00Z")
    assert visitor.sign_in(login).headers["location"] == "/sign-in/change?next=/"


def test_other_sites_and_old_pages_change_nothing(store: Store, settings: Settings) -> None:
    with signed_in(store, settings, roles=EVERYTHING) as reader:
        word = reader.csrf
        for word_sent, headers in (
            ("", {}), ("x" * len(word), {}), (word, {"Origin": "https://evil.example"}), (word, {"Origin": "null"}),
            (word, {"Sec-Fetch-Site": "cross-site"}),
        ):  # fmt: skip
            reader.csrf = word_sent
            assert reader.post("/account/sessions/end", headers=headers).status_code == 403
        reader.csrf = word
        assert reader.post("/account/sessions/end", headers={"Origin": "http://testserver.local"}).status_code == 303


def test_signing_out_and_a_new_password_end_sessions(store: Store, settings: Settings) -> None:
    with signed_in(store, settings, roles=EVERYTHING) as reader:
        kept = reader.client.cookies["zhengban"]
        assert reader.post("/sign-out").headers["location"] == "/sign-in"
        reader.client.cookies.set("zhengban", kept)
        assert reader.get("/account").status_code == 303
    now = datetime.now(UTC)
    _login, id = new_account(store, settings, roles=EVERYTHING)
    with store.begin() as connection:
        value, _session = new_session(connection, id, "open", now)
    change_password(store, settings, id, new="Another-Horse-43!", old=None, now=now)
    assert session_of(store, value, settings, now) is None


@pytest.mark.parametrize(("later", "uses", "holds"), [(29, 0, True), (31, 0, False), (590, 29, True), (610, 29, False)])
def test_a_session_ends_by_disuse_and_in_the_end(
    store: Store, settings: Settings, later: int, uses: int, holds: bool
) -> None:
    """`later` minutes after the sign-in, used every `uses` minutes until then."""
    now = datetime.now(UTC)
    _login, id = new_account(store, settings, roles=EVERYTHING)
    with store.begin() as connection:
        value, _session = new_session(connection, id, "open", now)
    for minutes in range(uses, later, uses) if uses else ():
        session_of(store, value, settings, now + timedelta(minutes=minutes))
    assert (session_of(store, value, settings, now + timedelta(minutes=later)) is not None) is holds


def test_a_token_does_what_it_is_for_until_it_ends(store: Store, settings: Settings, visitor: Browser) -> None:
    now = datetime.now(UTC)
    _login, id = new_account(store, settings, roles=EVERYTHING, units=["*"])
    _token, text = issue_api_token(store, settings, id, name="export", acts=["agents.read"], days=1, now=now)
    bearer = {"Authorization": f"Bearer {text}"}
    assert visitor.get("/api/v1/agents", headers=bearer).json() == []
    assert visitor.get("/api/v1/users", headers=bearer).status_code == 403
    assert visitor.get("/api/v1/agents").status_code == 401
    for bad in (
        f"Bearer {text}x",
        f"Basic {text}",
        "Bearer",
        text,
        f"Bearer zbt-{'é' * 10}".encode().decode("latin-1"),
    ):
        assert visitor.get("/api/v1/agents", headers={"Authorization": bad.encode("latin-1")}).status_code == 401
    assert viewer_of_token(store, text, settings, now + timedelta(days=1, seconds=1)) is None
    with store.read() as connection:
        assert text not in str(connection.execute(api_tokens.select()).all())
        assert not connection.execute(sessions.select()).all()


@pytest.mark.parametrize("path", ["/sign-in", "/", "/healthz", "/nope", "/api/v1/units", "/static/console.css"])
def test_every_answer_has_the_headers(visitor: Browser, path: str) -> None:
    headers = visitor.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_over_tls_the_cookie_is_secure(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, trusted_proxies="10.0.0.1")
    store = open_settings_store(settings)
    login, _id = new_account(store, settings, roles=EVERYTHING)
    with browser(store, settings) as visitor:
        done = visitor.post("/sign-in", {"login": login, "password": PASSWORD})
        assert done.headers["set-cookie"].startswith("__Host-zhengban=")
        assert "secure" in done.headers["set-cookie"].lower()
        assert "max-age" in done.headers["strict-transport-security"]
    store.close()


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        ("administrator", {"/users", "/trail", "/agents", "/api/v1/users", "/api/v1/trail", "/api/v1/units"}),
        ("system_administrator", {"/users", "/agents", "/api/v1/users"}),
        ("security_administrator", {"/users", "/agents"}),
        ("audit_administrator", {"/trail", "/api/v1/trail"}),
        ("trail_reader", {"/trail", "/api/v1/trail"}),
        ("unit_auditor", {"/agents", "/api/v1/units"}),
        ("inspector", {"/api/v1/units"}),
    ],
)
def test_each_role_opens_its_own_doors(store: Store, settings: Settings, role: str, open_to: set[str]) -> None:
    paths = ("/users", "/trail", "/agents", "/api/v1/users", "/api/v1/trail", "/api/v1/units")
    with signed_in(store, settings, roles=[role], units=["*"]) as reader:
        answers = {path: reader.get(path).status_code for path in paths}
    assert answers == {path: 200 if path in open_to else 403 for path in paths}


def test_who_makes_accounts_cannot_give_roles_without_the_right(store: Store, settings: Settings) -> None:
    with signed_in(store, settings, roles=["system_administrator"], units=["*"]) as reader:
        fields = {"login": "new", "name": "新", "password": "Another-Horse-43!", "roles": "administrator", "units": "*"}
        assert reader.post("/users", fields).status_code == 303
        with store.read() as connection:
            made = next(each for each in list_accounts(connection) if each.login == "new")
        assert (made.roles, made.units) == (frozenset(), ())
        assert reader.post(f"/users/{made.id}/rights", {"roles": "administrator"}).status_code == 403


def test_an_act_in_the_console_bears_the_account(store: Store, settings: Settings) -> None:
    with signed_in(store, settings, roles=EVERYTHING, units=["*"]) as reader:
        reader.post("/users", {"login": "new", "name": "新", "password": "Another-Horse-43!", "roles": "inspector"})
        reader.get("/trail/export")
    with store.read() as connection:
        entries = list_trail(connection)
        who = next(each.id for each in list_accounts(connection) if each.login != "new")
    told = [(entry.act, entry.account) for entry in entries]
    assert told == [
        ("account.added", None), ("session.opened", who), ("account.added", who), ("trail.exported", who),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_pages_are_in_the_language_of_the_reader(store: Store, settings: Settings, language: str) -> None:
    with signed_in(store, settings, roles=EVERYTHING, units=["*"], language=language) as reader:
        for path, zh, en in (
            ("/account", "我的账号", "My account"), ("/users", "建立账号", "Make an account"),
            ("/trail?check=1", "链完整", "The chain holds"), ("/no/such/page", "", ""),
        ):  # fmt: skip
            text = reader.get(path).text
            assert (zh if language == "zh_CN" else en) in text
            assert not en or (en if language == "zh_CN" else zh) not in text


@pytest.mark.parametrize(
    "content",
    [
        b"", b"login=%ED%A0%80&password=%00", b"login=" + b"a" * 60_000, b"\xff\xfe\xfd", b"login=a%00b&password=%F0",
        b"login[]=a&login[]=b&password[x]=1", b"&&&===;;;", b"next=%0d%0aSet-Cookie:x&login=a&password=b",
        "login=<script>&password=\u202e".encode(),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "", "x" * 500]
)
def test_no_form_breaks_signing_in(stranger: Browser, content: bytes, kind: str) -> None:
    for path in ("/sign-in", "/sign-in/second", "/sign-out", "/account/password", "/users"):
        answer = stranger.client.post(path, content=content, headers={"Content-Type": kind}, follow_redirects=False)
        assert answer.status_code in (303, 400, 401, 403, 413, 429)
        assert "<script>" not in answer.text


def test_a_form_that_is_too_large_is_not_read(visitor: Browser) -> None:
    assert visitor.post("/sign-in", {"login": "a", "password": "x" * 200_000}).status_code == 413


@pytest.mark.parametrize("cookie", ["x", "a" * 5_000, "%00", '"', "é".encode().decode("latin-1")])
def test_no_cookie_breaks_anything(stranger: Browser, cookie: str) -> None:
    answer = stranger.get("/account", headers={"Cookie": f"zhengban={cookie}".encode("latin-1")})
    assert answer.status_code in (303, 400)

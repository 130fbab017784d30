"""Tokens, keys and signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_once import new_store

from auditor.errors import AuditorError, NotAuthentic, StoreError
from auditor.intake.enrolment import Enrolled, authenticate, enrol, issue_token, revoke, sign
from auditor.proof.sealing import key_from_file
from auditor.store.agents import find_agent, list_agents
from auditor.store.bulk import bulk
from auditor.store.database import Store, open_store
from auditor.store.trail import first_broken_entry, list_trail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PATH = "/api/v1/inventories"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "zhengban.db")


def enrolled(store: Store) -> Enrolled:
    token = issue_token(store, unit="hq", now=NOW)
    return enrol(store, token=token, name="hq-015", version="0.1.0", now=NOW)


def test_a_token_makes_an_agent_of_its_unit_known(store: Store) -> None:
    made = enrolled(store)
    with store.read() as connection:
        agent = find_agent(bulk(connection), made.agent)
        acts = [entry.act for entry in list_trail(connection)]
        assert first_broken_entry(connection) is None
    assert agent is not None
    assert (agent.unit, agent.name, len(made.key)) == ("hq", "hq-015", 32)
    assert made.key not in agent.sealed_key
    assert store.sealer.unseal(agent.sealed_key) == made.key
    assert acts == ["token.issued", "agent.enrolled"]


def test_no_token_stands_in_the_database_file(store: Store, tmp_path: Path) -> None:
    token = issue_token(store, now=NOW)
    store.close()
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("token", "later", "why"),
    [
        ("zb-unknown", timedelta(), "^token: 不是本核查端发放的登记码 / expected one that was issued here$"),
        (
            None,
            timedelta(days=7, seconds=1),
            "^token: 登记码已于 2026-06-08T00:00:00Z 过期，请重新申领 / expired at 2026-06-08T00:00:00Z; ask",
        ),
    ],
)
def test_a_token_that_is_not_good_enrols_nobody(store: Store, token: str | None, later: timedelta, why: str) -> None:
    token = token or issue_token(store, now=NOW)
    with pytest.raises(NotAuthentic, match=why):
        enrol(store, token=token, name="x", version=None, now=NOW + later)
    with store.read() as connection:
        assert list_agents(connection) == []


def test_a_token_with_three_uses_enrols_three(store: Store) -> None:
    token = issue_token(store, uses=3, now=NOW)
    made = {enrol(store, token=token, name="x", version=None, now=NOW).agent for _ in range(3)}
    assert len(made) == 3
    with pytest.raises(
        NotAuthentic, match=r"^token: 登记码的次数已用完，请重新申领 / was used already; ask for a new one$"
    ):
        enrol(store, token=token, name="x", version=None, now=NOW)
    with pytest.raises(
        AuditorError, match=r"^token: 登记码至少可用一次且须有有效期，实为 0 次.* / expected at least one use"
    ):
        issue_token(store, uses=0, now=NOW)


@pytest.mark.parametrize("seconds", [0, 899, -899])
def test_a_signed_request_names_its_agent(store: Store, seconds: int) -> None:
    made = enrolled(store)
    at = NOW + timedelta(seconds=seconds)
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"{}", now=at)
    lower = {name.lower(): value for name, value in headers.items()}
    for given in (headers, lower):
        assert authenticate(store, given, method="POST", path=PATH, body=b"{}", now=NOW).id == made.agent


def test_the_signature_is_what_the_published_scheme_says() -> None:
    headers = sign(b"k" * 32, agent="a-1", method="POST", path=PATH, body=b"{}", now=NOW)
    assert headers == {
        "X-Zhengban-Agent": "a-1",
        "X-Zhengban-Time": "1780272000",
        "X-Zhengban-Signature": "sha256=3df67d5461b5fe4c97c392d0ab3c988f463c2a274e52418dbb1e9feda883a9f8",
    }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"method": "PUT"}, "^signature: 签名不符，应以采集端密钥对本次请求签名 / expected one made with"),
        ({"path": "/api/v1/other"}, "^signature: 签名不符，应以采集端密钥对本次请求签名 / expected one made with"),
        ({"body": b"{ }"}, "^signature: 签名不符，应以采集端密钥对本次请求签名 / expected one made with"),
        (
            {"now": NOW + timedelta(seconds=901)},
            "与核查端时间 2026-06-01T00:15:01Z 应相差不超过 900 秒.* / expected a time within 900 seconds of 2026-",
        ),
        ({"now": NOW - timedelta(seconds=901)}, "请校准本机时钟 / .*; set the machine's clock$"),
    ],
)
def test_a_request_that_is_another_is_not_authentic(store: Store, change: dict[str, object], why: str) -> None:
    made = enrolled(store)
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"{}", now=NOW)
    asked: dict[str, object] = {"method": "POST", "path": PATH, "body": b"{}", "now": NOW} | change
    with pytest.raises(NotAuthentic, match=why):
        authenticate(store, headers, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["X-Zhengban-Agent", "X-Zhengban-Time", "X-Zhengban-Signature"])
@pytest.mark.parametrize("value", [None, "", "x", "sha256=", "1780272001", "密"])
def test_a_header_that_is_missing_or_wrong_is_not_authentic(store: Store, name: str, value: str | None) -> None:
    made = enrolled(store)
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"{}", now=NOW)
    given = {key: text for key, text in (headers | {name: value}).items() if text is not None}
    with pytest.raises(NotAuthentic):
        authenticate(store, given, method="POST", path=PATH, body=b"{}", now=NOW)


def test_a_revoked_agent_is_not_heard(store: Store) -> None:
    made = enrolled(store)
    revoke(store, made.agent, now=NOW)
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"{}", now=NOW)
    with pytest.raises(NotAuthentic, match=r": 已于 2026-06-01T00:00:00Z 停用 / was revoked at 2026-06-01T00:00:00Z$"):
        authenticate(store, headers, method="POST", path=PATH, body=b"{}", now=NOW)
    with pytest.raises(AuditorError, match=r": 没有这个已登记的采集端 / expected one that is enrolled$"):
        revoke(store, made.agent, now=NOW)


def test_a_store_with_another_key_says_so(store: Store, tmp_path: Path) -> None:
    made = enrolled(store)
    with pytest.raises(
        StoreError, match=r"none\.key: .* / expected the key of what is sealed in this store; copy it here$"
    ):
        open_store(f"sqlite:///{tmp_path}/zhengban.db", key_file=tmp_path / "none.key")
    key_from_file(tmp_path / "other.key", create=True)
    other = open_store(f"sqlite:///{tmp_path}/zhengban.db", key_file=tmp_path / "other.key")
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"{}", now=NOW)
    with pytest.raises(StoreError, match=r"密钥不符，应为加密时所用的密钥 / expected the key that it was sealed with$"):
        authenticate(other, headers, method="POST", path=PATH, body=b"{}", now=NOW)

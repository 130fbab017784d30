"""Registers and accounts for programmes: the same as the commands do, within the rights and units of the account."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faulty import scan
from signed_in import Browser, browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.intake.receiving import receive
from auditor.settings import load_settings
from auditor.store.database import Store, open_settings_store
from auditor.store.trail import list_trail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
UNITS = "单位编码,单位名称,上级单位编码,单位类型\nhq,总部,,公司\nsub,子公司,hq,公司\nother,另一公司,,公司\n"
MACHINES = "资产编号,单位编码,计算机类型\nA-1,sub,台式机\n"
OTHERS = "资产编号,单位编码,计算机类型\nB-1,other,台式机\n"
As = Callable[..., AbstractContextManager[Browser]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    settings = load_settings(flags={"database": f"sqlite:///{tmp_path}/a.db"})
    opened = open_settings_store(settings)
    yield opened
    opened.close()


@pytest.fixture
def client_of(store: Store) -> Iterator[Callable[..., Any]]:
    """Return what asks as an account of some roles and units, with a token for all acts."""
    settings = load_settings(flags={"database": str(store.engine.url)})
    with browser(store, settings) as client:

        def asking(roles: list[str], units: list[str], acts: list[Act] | None = None) -> Any:
            _login, id = new_account(store, settings, roles=roles, units=units)
            wanted = acts or list(Act)
            _id, token = issue_api_token(store, settings, id, name="x", acts=wanted, days=1, now=datetime.now(UTC))

            def ask(method: str, path: str, body: Any = None) -> Any:
                heads = {"Authorization": f"Bearer {token}"}
                return client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)

            return ask

        yield asking


def a_file(register: str, text: str, **more: Any) -> dict[str, Any]:
    content = base64.b64encode(text.encode("utf-8")).decode("ascii")
    return {
        "register": register, "file_name": f"{register}.csv", "content": content, "valid_from": "2026-01-01", **more
    }  # fmt: skip


def test_a_file_is_previewed_applied_and_taken_back(store: Store, client_of: Callable[..., Any]) -> None:
    ask = client_of(["administrator"], ["*"])
    told = ask("POST", "batches/preview", a_file("units", UNITS))
    assert told.status_code == 200, told.text
    assert told.json()["counts"] == {"new": 3, "changed": 0, "unchanged": 0, "missing": 0}
    assert ask("GET", "units").json() == []

    applied = ask("POST", "batches", a_file("units", UNITS, reason="开账"))
    assert applied.status_code == 201, applied.text
    assert [unit["code"] for unit in ask("GET", "units").json()] == ["hq", "other", "sub"]
    assert [batch["id"] for batch in ask("GET", "batches").json()] == [applied.json()["id"]]

    back = ask("POST", f"batches/{applied.json()['id']}/take-back")
    assert back.status_code == 200 and back.json()["taken_back_at"]
    assert ask("GET", "units").json() == []
    assert ask("POST", f"batches/{applied.json()['id']}/take-back").status_code == 400
    with store.read() as connection:
        entries = [entry for entry in list_trail(connection) if entry.act.startswith("register.")]
    assert len(entries) == 2 and all(entry.account for entry in entries)


def test_all_faults_of_a_file_come_at_once_and_nothing_is_written(client_of: Callable[..., Any]) -> None:
    ask = client_of(["administrator"], ["*"])
    answer = ask("POST", "batches", a_file("units", "单位编码,单位名称,单位类型\n,甲,公司\nx,,公司\n"))
    assert answer.status_code == 400 and len(answer.json()["error"].splitlines()) >= 2, answer.text
    assert ask("POST", "batches", a_file("units", UNITS) | {"content": "???"}).status_code == 400
    assert ask("POST", "batches", a_file("nothing", UNITS)).status_code == 400
    assert ask("GET", "batches").json() == []


def test_an_account_edits_its_own_subtree_alone(client_of: Callable[..., Any]) -> None:
    chief = client_of(["administrator"], ["*"])
    assert chief("POST", "batches", a_file("units", UNITS)).status_code == 201
    own = client_of(["unit_auditor"], ["hq"])
    looks = client_of(["inspector"], ["hq"])
    assert own("POST", "batches/preview", a_file("machines", OTHERS)).status_code == 400
    assert own("POST", "batches", a_file("machines", OTHERS)).status_code == 400
    assert looks("POST", "batches", a_file("machines", MACHINES)).status_code == 403
    mine = own("POST", "batches", a_file("machines", MACHINES))
    assert mine.status_code == 201, mine.text
    theirs = chief("POST", "batches", a_file("machines", OTHERS))
    assert theirs.status_code == 201, theirs.text
    assert theirs.json()["id"] not in {batch["id"] for batch in own("GET", "batches").json()}
    assert own("POST", f"batches/{theirs.json()['id']}/take-back").status_code == 404
    assert looks("POST", f"batches/{mine.json()['id']}/take-back").status_code == 403
    assert own("POST", f"batches/{mine.json()['id']}/take-back").status_code == 200


def test_a_token_does_no_more_than_its_acts(client_of: Callable[..., Any]) -> None:
    ask = client_of(["administrator"], ["*"], [Act.READ])
    assert ask("GET", "units").status_code == 200
    for method, path in (("GET", "batches"), ("GET", "positions"), ("POST", "users"), ("GET", "licences")):
        assert ask(method, path, {} if method == "POST" else None).status_code in (400, 403), path
    assert ask("POST", "tokens", {"name": "more", "acts": ["users.manage"]}).status_code == 403
    assert ask("POST", "tokens", {"name": "same", "acts": ["read"]}).status_code == 201


def test_accounts_are_made_changed_and_erased(client_of: Callable[..., Any]) -> None:
    ask = client_of(["administrator"], ["*"])
    told = {
        "login": "li.si",
        "name": "李四",
        "roles": ["inspector"],
        "units": ["*"],
        "password": "Long-Enough-42-signs",
    }
    made = ask("POST", "users", told)
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    assert ask("POST", "users", told).status_code == 400
    assert ask("POST", f"users/{id}/rights", {"roles": ["trail_reader"], "units": []}).status_code == 204
    assert ask("POST", f"users/{id}/password", {"password": "short"}).status_code == 400
    assert ask("POST", f"users/{id}/password", {"password": "Another-Good-43-one"}).status_code == 204
    for what in ("unlock", "second-factor-off", "end", "erase"):
        assert ask("POST", f"users/{id}/{what}").status_code == 204, what
    (row,) = (row for row in ask("GET", "users").json() if row["id"] == id)
    assert row["ended_at"] and row["erased_at"]
    assert ask("POST", f"users/{id}/end").status_code == 400
    looks = client_of(["inspector"], ["*"])
    assert looks("POST", "users", told).status_code == 403


def test_seen_machines_are_joined_and_parted_within_the_units(store: Store, client_of: Callable[..., Any]) -> None:
    chief = client_of(["administrator"], ["*"])
    assert chief("POST", "batches", a_file("units", UNITS)).status_code == 201
    numbers = [
        receive(
            store, scan(number, 0, NOW), origin="agent", agent=f"a-{number}", unit=unit, now=NOW
        ).machine
        for number, unit in enumerate(("hq", "sub", "other"))
    ]  # fmt: skip
    own = client_of(["unit_auditor"], ["hq"])
    assert [row["number"] for row in own("GET", "seen-machines").json()] == numbers[:2]
    assert [row["number"] for row in chief("GET", f"seen-machines?after={numbers[0]}&limit=1").json()] == [numbers[1]]
    assert own("POST", f"seen-machines/{numbers[0]}/join/{numbers[2]}").status_code == 404
    assert own("POST", f"seen-machines/{numbers[0]}/join/{numbers[1]}").status_code == 204
    assert own("GET", "seen-machines").json()[0]["joined_into"] == numbers[1]
    assert own("POST", f"seen-machines/{numbers[0]}/part").status_code == 204
    assert own("POST", f"seen-machines/{numbers[0]}/part").status_code == 400
    assert client_of(["inspector"], ["*"])("POST", f"seen-machines/{numbers[0]}/part").status_code == 403


def test_the_position_of_a_day_is_told(client_of: Callable[..., Any]) -> None:
    ask = client_of(["administrator"], ["*"])
    assert ask("POST", "batches", a_file("units", UNITS)).status_code == 201
    answer = ask("GET", "positions?as_of=2026-06-01")
    assert answer.status_code == 200 and isinstance(answer.json(), list), answer.text

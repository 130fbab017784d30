"""Findings for programmes: the same life as in the console, within the rights and units of the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filled_store import Filled, filled_store
from signed_in import browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.store.cases import Filter, list_cases
from auditor.supervision.proving import supervision_faults

pytestmark = pytest.mark.slow

Ask = Callable[..., Any]


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return filled_store(tmp_path)


@pytest.fixture
def ask_as(filled: Filled) -> Iterator[Callable[[list[str], list[str]], Ask]]:
    """Return what asks as an account of some roles and units."""
    with browser(filled.store, filled.settings) as client:

        def asking(roles: list[str], units: list[str]) -> Ask:
            _login, id = new_account(filled.store, filled.settings, roles=roles, units=units)
            now = datetime.now(UTC)
            _id, token = issue_api_token(filled.store, filled.settings, id, name="x", acts=list(Act), days=1, now=now)

            def ask(method: str, path: str, body: Any = None) -> Any:
                heads = {"Authorization": f"Bearer {token}"}
                return client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)

            return ask

        yield asking


def test_a_finding_is_listed_looked_at_and_acted_on(filled: Filled, ask_as: Callable[..., Ask]) -> None:
    ask = ask_as(["unit_auditor"], ["*"])
    found, after = [], ""
    while page := ask("GET", f"cases?limit=4&after={after}").json():
        found += page
        after = page[-1]["after"]
    with filled.store.read() as connection:
        assert [one["id"] for one in found] == [case.id for case in list_cases(connection, Filter())]
    first = ask("GET", f"cases/{found[0]['id']}").json()
    assert "confirmed" in first["possible"] and "reopened" not in first["possible"]
    assert first["evidence"] and first["history"][0]["act"] == "opened"
    body = {"act": "assigned", "cases": {str(one["id"]): one["version"] for one in found}, "owner": "钱主任"}
    assert [one["owner"] for one in ask("POST", "cases/acts", body).json()] == ["钱主任"] * len(found)
    again = ask("POST", "cases/acts", body)
    assert again.status_code == 409 and "其他人刚刚处理过" in again.text
    with filled.store.read() as connection:
        assert supervision_faults(connection) == []


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"act": "assigned", "cases": {"1": 0}}, 400, "应写明责任人或期限"),
        ({"act": "noticed", "cases": {"1": 0}}, 400, "expected one of"),
        ({"act": "closed", "cases": {"1": 0}, "text": "x"}, 400, "应附上凭证"),
        ({"act": "excepted", "cases": {"1": 0}, "text": "x", "approver": "y"}, 400, "例外应有截止日期"),
        ({"act": "confirmed", "cases": {}}, 400, ""),
        ({"act": "confirmed", "cases": {"x": 0}}, 404, ""),
        ({"act": "confirmed", "cases": {"99999999999999999999": 0}}, 404, ""),
        ({"act": "confirmed", "cases": {"1": 7}}, 409, ""),
    ],
)
def test_what_is_not_possible_is_refused(
    filled: Filled, ask_as: Callable[..., Ask], body: dict[str, Any], status: int, told: str
) -> None:
    with filled.store.read() as connection:
        before = list_cases(connection, Filter())
    answer = ask_as(["unit_auditor"], ["*"])("POST", "cases/acts", body)
    assert answer.status_code == status and told in answer.text
    with filled.store.read() as connection:
        assert list_cases(connection, Filter()) == before


def test_rights_follow_role_and_subtree(filled: Filled, ask_as: Callable[..., Ask]) -> None:
    other, inspector = ask_as(["unit_auditor"], ["SJ"]), ask_as(["inspector"], ["*"])
    assert {one["unit"] for one in other("GET", "cases").json()} == {"SJ"}
    strange = next(one for one in inspector("GET", "cases").json() if one["unit"] == "JT")
    body = {"act": "confirmed", "cases": {str(strange["id"]): strange["version"]}}
    assert other("GET", f"cases/{strange['id']}").status_code == 404
    assert other("POST", "cases/acts", body).status_code == 404
    assert inspector("POST", "cases/acts", body).status_code == 403
    assert inspector("GET", f"cases/{strange['id']}").status_code == 200


def test_late_units_and_the_list_that_is_released(filled: Filled, ask_as: Callable[..., Ask]) -> None:
    ask = ask_as(["unit_auditor"], ["*"])
    assert ask("GET", "cases/overdue-units").json() == []
    assert ask("POST", "cases/overdue-list").content[:2] == b"PK"
    assert ask_as(["inspector"], ["*"])("POST", "cases/overdue-list").status_code == 403

"""Forms, files, rules and tokens by the interface for programmes: what the console does, with the console's rights."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from filled_store import Filled, filled_store
from signed_in import Browser, browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.readmodels.papers.roster import PAPERS

RULE = {
    "id": "example-house/label-printer", "zh": "物资条码打印", "en": "Label printer", "publisher": "Example",
    "pattern": "物资条码打印 V[\\d.]+", "matches": "物资条码打印 V2.3", "rejects": "物资条码打印插件",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled_store(tmp_path_factory.mktemp("paper-api"))


def signed_in(filled: Filled, units: list[str]) -> Any:
    """A programme with every act, for some units."""
    _login, id = new_account(filled.store, filled.settings, roles=["administrator"], units=units)
    _id, token = issue_api_token(
        filled.store, filled.settings, id, name="x", acts=list(Act), days=1, now=datetime.now(UTC)
    )
    client = browser(filled.store, filled.settings)
    return client, token


@pytest.fixture(scope="module")
def programme(filled: Filled) -> Iterator[Browser]:
    opened, token = signed_in(filled, ["*"])
    with opened as client:
        client.client.headers["Authorization"] = f"Bearer {token}"
        yield client


def task(programme: Browser, number: int) -> dict[str, Any]:
    """Wait for a task."""
    for _ in range(300):
        told: dict[str, Any] = programme.get(f"/api/v1/tasks/{number}").json()
        if told["ended_at"]:
            return told
        time.sleep(0.1)
    raise AssertionError("the task does not end")


def test_what_can_be_issued_is_what_the_command_can_issue(programme: Browser) -> None:
    told = programme.get("/api/v1/forms").json()
    keys = [each["key"] for each in told]
    assert set(PAPERS) | {
        "summary",
        "detail",
        "journal",
        "free_software",
        "report",
        "plan",
        "comparison",
        "trends",
    } == set(keys)
    assert len(keys) == len(set(keys))
    titles = [each["title_zh"] for each in told]
    assert len(titles) == len(set(titles)), "two forms of one title would overwrite each other's file"


def test_forms_are_issued_listed_and_fetched_by_digest(filled: Filled, programme: Browser) -> None:
    asked = {"forms": ["free_software", "idle"], "units": ["SJ"], "formats": ["csv"], "csv_bom": False}
    begun = programme.client.post("/api/v1/issues", json=asked)
    assert begun.status_code == 202
    done = task(programme, begun.json()["id"])
    assert done["fault"] is None and done["done"] == done["total"] - 1 == 2
    assert len(done["files"]) == 2
    listed = programme.get("/api/v1/runs/latest/files").json()
    for file in done["files"]:
        assert file["digest"] in {each["digest"] for each in listed}
        content = programme.client.get(f"/api/v1/files/{file['digest']}").content
        assert hashlib.sha256(content).hexdigest() == file["digest"]
        assert not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "asked",
    [
        {"forms": ["nowhere"]},
        {"forms": []},
        {"forms": ["idle"], "units": ["nowhere"]},
        {"forms": ["comparison"]},
        {"forms": ["idle"], "formats": ["exe"]},
        {"forms": ["idle"], "run": "ffff"},
    ],
)
def test_what_cannot_be_issued_is_refused(programme: Browser, asked: dict[str, Any]) -> None:
    assert programme.client.post("/api/v1/issues", json=asked).status_code == 400


def test_files_of_other_units_are_not_there(filled: Filled, programme: Browser) -> None:
    begun = programme.client.post("/api/v1/issues", json={"forms": ["idle"], "units": ["SJ"], "formats": ["json"]})
    (file,) = task(programme, begun.json()["id"])["files"]
    opened, token = signed_in(filled, ["JT-CW"])
    with opened as other:
        other.client.headers["Authorization"] = f"Bearer {token}"
        assert other.client.get(f"/api/v1/files/{file['digest']}").status_code == 404
        assert file["digest"] not in {each["digest"] for each in other.get("/api/v1/runs/latest/files").json()}
        assert other.client.post("/api/v1/issues", json={"forms": ["idle"], "units": ["SJ"]}).status_code == 400


@pytest.mark.slow
def test_a_rule_is_previewed_applied_and_taken_back(programme: Browser) -> None:
    previewed = programme.client.post("/api/v1/rules", json=RULE)
    assert previewed.status_code == 200 and previewed.json()["titles"] == 1
    assert programme.get("/api/v1/rules").json() == []
    assert programme.client.post("/api/v1/rules", json={**RULE, "pattern": "("}).status_code == 400
    assert programme.client.post("/api/v1/rules?apply=true", json=RULE).status_code == 200
    (now,) = programme.get("/api/v1/rules").json()
    assert programme.client.post("/api/v1/rules/take-back", json={"revision": now["number"] + 1}).status_code == 400
    taken = programme.client.post("/api/v1/rules/take-back", json={"revision": now["number"]})
    assert taken.status_code == 200 and taken.json() == []


def test_what_is_left_of_a_token_is_taken_away_once(programme: Browser, filled: Filled) -> None:
    from auditor.store.agents import list_tokens

    assert programme.client.post("/api/v1/agent-tokens", json={"unit": "SJ", "uses": 3}).status_code == 201
    with filled.store.read() as connection:
        newest = max(token.id for token in list_tokens(connection))
    assert programme.client.post(f"/api/v1/agent-tokens/{newest}/end").status_code == 204
    assert programme.client.post(f"/api/v1/agent-tokens/{10**9}/end").status_code == 404


def test_a_paper_is_kept_once_and_only_for_a_row_that_is_seen(filled: Filled, programme: Browser) -> None:
    content = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
    asked = {"row": 1, "kind": "certificate", "file_name": "C:\\x\\授权书.pdf", "content": content, "number": "PZ-9"}
    kept = programme.client.post("/api/v1/papers", json=asked)
    assert kept.status_code == 201, kept.text
    again = programme.client.post("/api/v1/papers", json=asked)
    assert again.json()["digest"] == kept.json()["digest"]
    for wrong, status in (
        ({"row": 10**6}, 404),
        ({"kind": "rumour"}, 400),
        ({"content": "?"}, 400),
        ({"content": base64.b64encode(b"MZ").decode()}, 400),
    ):
        assert programme.client.post("/api/v1/papers", json={**asked, **wrong}).status_code == status, wrong
    opened, token = signed_in(filled, ["SJ"])
    with opened as other:
        other.client.headers["Authorization"] = f"Bearer {token}"
        assert other.client.post("/api/v1/papers", json=asked).status_code == 404

"""Spot checks, handing in and requests for programmes: what the console does, by the same rights."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filled_store import Filled, filled_store
from signed_in import browser, new_account
from under_way import hand_in_of

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.proof.signing import new_signing_key
from auditor.settings import load_settings
from auditor.store.cases import Filter, list_cases
from auditor.store.handed_in import UnitKey, add_key
from auditor.supervision.proving import supervision_faults

Ask = Callable[..., Any]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A store on either engine whose checker has a key, known as that of SJ."""
    folder, url = tmp_path_factory.mktemp("supervision"), None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # the key of a store on a server lies in the current folder
        if request.param == "postgresql":
            from postgres import shared_server

            url = shared_server().new_database()
        yield _with_key(folder, url)


def _with_key(folder: Path, url: str | None) -> Filled:
    made, key = filled_store(folder, url), new_signing_key(folder / "key.pem")
    flags: dict[str, Any] = {"database": made.settings.text("database"), "submission_key": str(folder / "key.pem")}
    with made.store.begin() as connection:
        add_key(connection, UnitKey("SJ", base64.b64encode(key.public).decode("ascii"), "2026-01-01T00:00:00Z"))
    return replace(made, settings=load_settings(flags=flags))


@pytest.fixture(scope="module")
def ask_as(filled: Filled) -> Iterator[Callable[..., Ask]]:
    """Return what asks as an account of some roles and units."""
    with browser(filled.store, filled.settings) as client:

        def asking(roles: list[str], units: list[str], name: str = "读者") -> Ask:
            _login, id = new_account(filled.store, filled.settings, roles=roles, units=units, name=name)
            now = datetime.now(UTC)
            _id, token = issue_api_token(filled.store, filled.settings, id, name="x", acts=list(Act), days=1, now=now)

            def ask(method: str, path: str, body: Any = None) -> Any:
                heads = {"Authorization": f"Bearer {token}"}
                return client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)

            return ask

        yield asking


@pytest.fixture(scope="module")
def ask(ask_as: Callable[..., Ask]) -> Ask:
    """The auditor of everything."""
    return ask_as(["unit_auditor"], ["*"])


def task(ask: Ask, answer: Any) -> dict[str, Any]:
    """Wait for a task and return what came of it."""
    assert answer.status_code == 202, answer.text
    for _ in range(400):
        told: dict[str, Any] = ask("GET", f"tasks/{answer.json()['id']}").json()
        if told["ended_at"]:
            assert told["fault"] is None
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_check_is_drawn_filled_in_and_signed(filled: Filled, ask: Ask, ask_as: Callable[..., Ask]) -> None:
    drawn = task(ask, ask("POST", "checks", {"seed": "公开摇号-07", "percent": 100, "units": ["SJ"]}))
    number = drawn["made"]
    check = ask("GET", f"checks/{number}").json()
    assert check["seed"] == "公开摇号-07" and check["sample"] == [["SJ", "SJ-001"]]
    assert ask("GET", f"checks/{number}/redraw").json() == {"same": True}
    form = ask("GET", f"checks/{number}/forms/1").json()
    lines = [{"number": line["number"], "present": True} for line in form["lines"]]
    lines[0] |= {"judged": "not_genuine", "told": "破解补丁"}
    lines.append({"number": 0, "name": "私装游戏"})
    wrong = ask("POST", f"checks/{number}/forms/1", {"seen": form["seen"], "lines": [{"number": 999}]})
    assert wrong.status_code == 400 and "没有这一行" in wrong.text
    filled_in = ask("POST", f"checks/{number}/forms/1", {"seen": form["seen"], "lines": lines})
    assert filled_in.status_code == 200 and filled_in.json()["form"]["left"] == 0
    assert ask("POST", f"checks/{number}/forms/1", {"seen": form["seen"], "lines": lines}).status_code == 409
    compared = ask("GET", f"checks/{number}/comparison").json()
    assert {"irregular"} <= {code for line in compared for code in line["differs"]}
    version = ask("GET", f"checks/{number}").json()["check"]["version"]
    stale = ask("POST", f"checks/{number}/sign", {"side": "inspector", "name": "李检", "version": version - 1})
    assert stale.status_code == 409
    for side, name in (("inspector", "李检"), ("inspected", "钱厂")):
        version = ask("GET", f"checks/{number}").json()["check"]["version"]
        done = ask("POST", f"checks/{number}/sign", {"side": side, "name": name, "version": version})
        assert done.status_code == 200, done.text
    assert done.json()["state"] == "signed"
    assert number in {one["number"] for one in ask("GET", "checks").json()}
    with filled.store.read() as connection:
        codes = {case.code for case in list_cases(connection, Filter()) if case.origin == "spot_check"}
        assert {"check.irregular", "check.not_scanned"} <= codes
        assert supervision_faults(connection) == []
    other, inspector = ask_as(["unit_auditor"], ["JT-CW"]), ask_as(["inspector"], ["*"])
    assert other("GET", f"checks/{number}").status_code == 404 and other("GET", "checks").json() == []
    assert other("POST", "checks", {"units": ["SJ"]}).status_code == 400
    assert inspector("GET", f"checks/{number}/forms/1").json()["lines"][0]["person"] is None


def test_a_stocktake_by_a_programme(ask: Ask, ask_as: Callable[..., Ask]) -> None:
    begun = ask_as(["inspector"], ["*"])("POST", "stocktakes", {"units": ["JT"]})
    assert begun.status_code == 201, begun.text
    number = begun.json()["number"]
    form = ask("GET", f"checks/{number}/forms/1").json()
    assert [line["software_code"] for line in form["lines"]] == ["JT-S-001", "JT-S-002"]
    lines = [{"number": line["number"], "present": False} for line in form["lines"]]
    done = ask("POST", f"checks/{number}/forms/1", {"seen": form["seen"], "lines": lines}).json()
    assert done["form"] | {"amiss": 2, "left": 0} == done["form"]
    judged = [{"number": lines[0]["number"], "present": True, "judged": "genuine"}]
    refused = ask("POST", f"checks/{number}/forms/1", {"seen": done["seen"], "lines": judged})
    assert refused.status_code == 400 and "只填有无" in refused.text
    assert ask("GET", f"checks/{number}/comparison").status_code == 404


def test_a_submission_from_draft_to_frozen(filled: Filled, ask: Ask, ask_as: Callable[..., Ask]) -> None:
    asked = {"duty": "summary", "period": "2026", "unit": "JT"}
    assert {waiting["unit"] for waiting in ask("GET", "duties").json()} <= {"JT", "SJ", "WB"}
    number = task(ask, ask("POST", "submissions", asked))["made"]
    told = ask("GET", f"submissions/{number}").json()["submission"]
    own = ask("POST", f"submissions/{number}/review", {"version": told["version"]})
    assert own.status_code == 400 and "不能审核自己" in own.text
    reviewer = ask_as(["group_auditor"], ["*"], "审核人")
    assert reviewer("POST", f"submissions/{number}/review", {"version": 9}).status_code == 409
    told = reviewer("POST", f"submissions/{number}/review", {"version": told["version"], "opinion": "同意"}).json()
    told = ask("POST", f"submissions/{number}/submit", {"version": told["version"]}).json()
    assert told["state"] == "submitted" and [step["name"] for step in told["steps"]] == ["读者", "审核人", "读者"]
    (digest,) = told["files"].values()
    assert ask("GET", f"submissions/{number}/files/{digest}").content[:2] == b"PK"
    assert ask("GET", f"submissions/{number}/files/{'0' * 64}").status_code == 404
    again = ask("POST", "submissions", asked)
    assert again.status_code == 400 and "只能更正" in again.text
    assert ask("POST", "submissions", asked | {"unit": "NO"}).status_code in (400, 404)
    back = ask("POST", f"submissions/{number}/send-back", {"version": told["version"], "opinion": "x"})
    assert back.status_code == 400 and "只能更正" in back.text
    made = task(ask, ask("POST", f"submissions/{number}/sign", {}))["files"]
    figures = json.loads(ask("GET", f"files/{made[0]['digest']}").content)
    assert figures["format"] == "zhengban.hand-in/1" and '"period":"2026"' in figures["body"]
    assert "张三丰" not in figures["body"] and "JT-001" not in figures["body"], "no person and no computer goes up"
    assert ask_as(["unit_auditor"], ["JT"])("POST", f"submissions/{number}/sign", {}).status_code == 404
    other = ask_as(["unit_auditor"], ["SJ"])
    assert other("GET", f"submissions/{number}").status_code == 404 and other("GET", "submissions").json() == []
    with filled.store.read() as connection:
        assert supervision_faults(connection) == []


def test_files_of_units_are_taken_rolled_up_and_asked_about(
    filled: Filled, ask: Ask, ask_as: Callable[..., Ask]
) -> None:
    file = base64.b64encode(hand_in_of(filled)).decode("ascii")
    assert ask_as(["unit_auditor"], ["JT-CW"])("POST", "received", {"content": file}).status_code == 404
    first, second = (ask("POST", "received", {"content": file}).json() for _ in range(2))
    assert first["is_new"] and not second["is_new"] and first["unit"] == "SJ"
    rolled = ask("GET", "roll-ups?duty=summary&period=2026").json()
    assert [unit["unit"] for unit in rolled["units"]] == ["SJ"] and "WB" in rolled["absent"]
    (line,) = ask("GET", "joint-plans?buyer=JT&duty=summary&period=2026").json()
    assert (line["way"], line["unit"], line["quantity"]) == ("unmet", "SJ", "1"), "no price is known"
    assert ask("GET", "joint-plans?buyer=NO").status_code == 404 and ask("GET", "joint-plans").status_code == 400
    question = {"unit": "SJ", "product": "rarlab/winrar", "duty": "summary", "period": "2026"}
    assert ask("POST", "drill-downs", question | {"product": "a/b"}).status_code == 400
    asked = ask("POST", "drill-downs", question).json()
    assert asked["copies"] is None
    reply = ask("POST", "drill-downs/reply", {"content": asked["file"]})
    assert reply.status_code == 200, reply.text
    told = ask("POST", "drill-downs/answers", {"content": reply.json()["file"]}).json()
    assert [copy["computer"] for copy in told["copies"]] == ["SJ-001"]
    assert ask("GET", f"drill-downs/{asked['id']}").json()["copies"] == told["copies"]
    assert asked["id"] in {one["id"] for one in ask("GET", "drill-downs").json()}
    assert ask_as(["unit_auditor"], ["JT-CW"])("GET", f"drill-downs/{asked['id']}").status_code == 404


def test_a_request_goes_its_way(filled: Filled, ask: Ask, ask_as: Callable[..., Ask]) -> None:
    asked = {"unit": "JT", "department": "财务部", "applicant": "周", "lines": [{"name": "WinRAR", "quantity": 2}]}
    told = ask("POST", "requests/demands", asked).json()
    number = told["number"]
    assert told["due"] == "department" and ask("POST", "requests/demands", asked | {"lines": []}).status_code == 400
    for step in ("department", "it", "planned", "delivered"):
        told = ask("POST", f"requests/{number}/steps", {"step": step, "version": told["version"]}).json()
    missing = ask("POST", f"requests/{number}/steps", {"step": "entered", "version": told["version"], "codes": ["X"]})
    assert missing.status_code == 400 and "台账中没有" in missing.text
    stale = ask("POST", f"requests/{number}/steps", {"step": "entered", "version": 1, "codes": ["JT-S-001"]})
    assert stale.status_code == 409
    done = {"step": "entered", "version": told["version"], "codes": ["JT-S-001"]}
    assert ask("POST", f"requests/{number}/steps", done).json()["due"] is None
    assert number not in {one["number"] for one in ask("GET", "requests?standing=open").json()}
    install = {"unit": "JT", "department": "财务部", "applicant": "周", "computer": "JT-001", "software": "AutoCAD",
               "reason": "制图", "person": "张三丰"}  # fmt: skip
    told = ask("POST", "requests/installations", install).json()
    printed = task(ask, ask("POST", f"requests/{told['number']}/print", {}))
    assert len(printed["files"]) == 2
    one = ask("GET", f"requests/{told['number']}").json()
    assert one["seen"] is None and one["request"]["content"]["person"] == "张三丰"
    inspector = ask_as(["inspector"], ["*"])
    assert "person" not in inspector("GET", f"requests/{told['number']}").json()["request"]["content"]
    refuse = {"step": "rejected", "version": told["version"]}
    assert inspector("POST", f"requests/{told['number']}/steps", refuse).status_code == 403
    assert ask("POST", f"requests/{told['number']}/steps", refuse).status_code == 400
    assert ask_as(["unit_auditor"], ["SJ"])("GET", f"requests/{told['number']}").status_code == 404
    assert ask_as(["unit_auditor"], ["SJ"])("POST", "requests/installations", install).status_code == 404


def test_an_act_on_many_is_taken_back(filled: Filled, ask: Ask) -> None:
    found = [case for case in ask("GET", "cases?limit=50").json() if case["unit"]]
    before = {case["id"]: case["owner"] for case in found}
    body = {"act": "assigned", "owner": "临时", "cases": {str(case["id"]): case["version"] for case in found}}
    assert ask("POST", "cases/acts", body).status_code == 200
    (act,) = [one for one in ask("GET", "cases/bulk-acts").json() if one["undone_at"] is None][:1]
    assert act["count"] == len(found)
    assert ask("POST", f"cases/bulk-acts/{act['digest']}/undo", {"count": 1}).status_code == 409
    after = ask("POST", f"cases/bulk-acts/{act['digest']}/undo", {"count": len(found)}).json()
    assert {case["id"]: case["owner"] for case in after} == before
    assert ask("POST", f"cases/bulk-acts/{act['digest']}/undo", {"count": len(found)}).status_code == 400
    assert ask("POST", f"cases/bulk-acts/{'0' * 64}/undo", {"count": 1}).status_code == 404

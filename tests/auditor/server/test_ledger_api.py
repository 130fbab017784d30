"""The ledger, papers, plans and what keeps a checker running, for programmes: what the commands do, unit by unit."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from filled_store import Filled, filled_store
from signed_in import browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.core.days import utc_text
from auditor.store.dated_rows import REGISTERS, rows_as_of
from auditor.store.entitlements import list_entitlements
from auditor.store.outbox import Content, claim, list_outbox, put_message, settle
from auditor.store.trail import list_trail

Ask = Callable[..., Any]
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\nstartxref\n0\n%%EOF\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made = filled_store(tmp_path_factory.mktemp("ledger-api"))
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def asking(filled: Filled) -> Iterator[Callable[..., Ask]]:
    """Return what makes an account with a token for every act, for some roles and units."""
    with browser(filled.store, filled.settings) as client:

        def account(*units: str, roles: tuple[str, ...] = ("administrator",)) -> Ask:
            _login, id = new_account(filled.store, filled.settings, roles=list(roles), units=list(units))
            _id, token = issue_api_token(
                filled.store, filled.settings, id, name="x", acts=list(Act), days=1, now=datetime.now(UTC)
            )

            def ask(method: str, path: str, body: Any = None, expect: int = 200) -> Any:
                heads = {"Authorization": f"Bearer {token}"}
                answer = client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)
                assert answer.status_code == expect, (path, answer.status_code, answer.text)
                return answer.json() if answer.content and answer.headers["content-type"] != BYTES else answer

            return ask

        yield account


BYTES = "application/octet-stream"


@pytest.fixture(scope="module")
def all_units(asking: Callable[..., Ask]) -> Ask:
    return asking("*")


@pytest.fixture(scope="module")
def design(asking: Callable[..., Ask]) -> Ask:
    """An account of the design institute alone."""
    return asking("SJ")


def test_registers_are_read_by_pages_of_keys_within_the_units(all_units: Ask, design: Ask) -> None:
    rows = all_units("GET", "registers/licences")
    assert [row["key"] for row in rows] == ["JT/JT-S-001/1", "JT/JT-S-002/1", "SJ/SJ-S-001/1"]
    assert rows[0]["quantity"] == 1 and rows[0]["metric"] == "per_device"
    assert not {"facts", "serials_fingerprint", "sealed_serials", "batch"} & set(rows[0])
    assert [row["key"] for row in all_units("GET", "registers/licences?after=JT/JT-S-001/1&limit=1")] == [
        "JT/JT-S-002/1"
    ]
    all_units("GET", "registers/licences?after=JT/NO/1", expect=404)
    all_units("GET", "registers/people", expect=404)
    assert [row["key"] for row in design("GET", "registers/licences")] == ["SJ/SJ-S-001/1"]
    assert all_units("GET", "registers/licences?as_of=2025-12-31") == []


def test_an_act_is_previewed_refused_written_and_told_in_the_history(
    filled: Filled, all_units: Ask, design: Ask
) -> None:
    asked = {"register": "transfers", "reason": "集团调剂", "cells": {
        "unit": "JT", "right": "JT-S-002", "to_unit": "SJ", "quantity": 2, "effective_on": "2026-06-01"}}  # fmt: skip
    assert all_units("POST", "ledger/acts", asked) == {
        "number": "HZ0001", "counts": {"new": 1, "changed": 0, "unchanged": 0, "missing": 0}, "batch": None,
    }  # fmt: skip
    assert all_units("GET", "registers/transfers") == []
    too_many = asked | {"cells": asked["cells"] | {"quantity": 6}}  # type: ignore[operator]
    assert "holds 5 of JT/JT-S-002" in all_units("POST", "ledger/acts", too_many | {"apply": True}, expect=400)["error"]
    wrong = asked | {"cells": {"unit": "JT", "right": "JT-S-002", "quantity": "x", "effective_on": "2026-13-01"}}
    told = all_units("POST", "ledger/acts", wrong, expect=400)["error"]
    assert "转入单位编码" in told and "数量" in told and "生效日期" in told
    design("POST", "ledger/acts", asked | {"apply": True}, expect=403)

    done = all_units("POST", "ledger/acts", asked | {"apply": True})
    assert done["batch"] is not None
    assert [row["to_unit"] for row in all_units("GET", "registers/transfers")] == ["SJ"]
    assert [row["to_unit"] for row in design("GET", "registers/transfers")] == ["SJ"]  # it receives
    history = all_units("GET", "licences/JT-S-002/history?unit=JT")
    assert [(event["act"], event["why"]) for event in history][-1] == (
        "transferred",
        f"集团调剂（批次 {done['batch']} transfers）",
    )
    design("GET", "licences/JT-S-002/history?unit=JT", expect=404)
    with filled.store.read() as connection:
        assert len(rows_as_of(connection, REGISTERS["transfers"], None)) == 1
        assert any(entry.act == "register.applied" and entry.account for entry in list_trail(connection))


def test_papers_are_linked_and_unlinked_within_the_units(filled: Filled, all_units: Ask, design: Ask) -> None:
    with filled.store.read() as connection:
        rows = {str(right.code): right.id for right in list_entitlements(connection)}
    assert [row["code"] for row in all_units("GET", "papers/missing")] == ["JT-S-002", "SJ-S-001"]
    content = base64.b64encode(PDF).decode()
    asked = {"row": rows["JT-S-002"], "kind": "contract", "file_name": "合同.pdf", "content": content}
    digest = all_units("POST", "papers", asked, expect=201)["digest"]
    assert [row["code"] for row in all_units("GET", "papers/missing")] == ["SJ-S-001"]
    assert [paper["links"] for paper in all_units("GET", "papers")] == [["right JT/JT-S-002"]]
    assert design("GET", "papers") == []
    design("GET", f"papers/{digest}/file", expect=404)
    assert all_units("GET", f"papers/{digest}/file").content == PDF

    own = {"kind": "right", "code": "SJ-S-001", "unit": "SJ"}
    design("POST", f"papers/{digest}/link", own, expect=404)  # it does not see the paper
    all_units("POST", f"papers/{digest}/link", own | {"code": "SJ-S-999"}, expect=400)
    all_units("POST", f"papers/{digest}/link", own, expect=204)
    assert all_units("GET", "papers/missing") == [] and len(design("GET", "papers")) == 1
    design("POST", f"papers/{digest}/unlink", {"kind": "right", "code": "JT-S-002", "unit": "JT"}, expect=403)
    design("POST", f"papers/{digest}/unlink", own, expect=204)
    design("POST", f"papers/{digest}/unlink", own, expect=404)
    assert all_units("POST", f"papers/{digest}/unlink", own, expect=400)["error"]


def test_what_contradicts_itself_is_told_by_unit(all_units: Ask, design: Ask) -> None:
    csv = (
        "软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,升级自\n"
        "JT-U-1,WinRAR,商业软件,JT,2020-01-01,1,AutoCAD 2020\n"
    )
    content = base64.b64encode(csv.encode()).decode()
    asked = {"register": "licences", "file_name": "a.csv", "content": content, "valid_from": "2026-01-02"}
    batch = all_units("POST", "batches", asked, expect=201)["id"]
    found = all_units("GET", "ledger/contradictions?as_of=2026-06-30")
    assert [(one["where"], one["heading"]) for one in found] == [("JT/JT-U-1", "升级自")]
    assert design("GET", "ledger/contradictions?as_of=2026-06-30") == []
    all_units("POST", f"batches/{batch}/take-back")


def test_what_if_changes_nothing_and_tells_both_worlds(all_units: Ask, design: Ask) -> None:
    before = all_units("GET", "positions?as_of=2026-06-30&product=rarlab/winrar")
    short = {row["unit"]: row["shortage"] for row in before}
    asked = {"as_of": "2026-06-30", "product": "rarlab/winrar", "rights": [
        {"unit": "JT", "product": "rarlab/winrar", "quantity": 1}]}  # fmt: skip
    told = {row["unit"]: row for row in all_units("POST", "positions/what-if", asked)}
    assert told["JT"]["shortage_before"] == short["JT"] and told["JT"]["shortage"] == short["JT"] - 1
    assert {row["unit"] for row in design("POST", "positions/what-if", asked)} == {"SJ", "SJ-SJ"}
    gone = all_units("POST", "positions/what-if", {"as_of": "2026-06-30", "without_products": ["rarlab/winrar"]})
    assert [row["required"] for row in gone if row["product"] == "rarlab/winrar" and row["unit"] == "JT"] == [0]
    wrong = {"rights": [{"unit": "JT", "product": "no/such", "quantity": 1, "metric": "by_the_moon"}]}
    assert "by_the_moon, no/such" in all_units("POST", "positions/what-if", wrong, expect=400)["error"]
    assert all_units("GET", "positions?as_of=2026-06-30&product=rarlab/winrar") == before


def test_a_plan_is_what_the_command_proposes(all_units: Ask, design: Ask) -> None:
    csv = "软件名称,产品编号,单价,起始日期\nWinRAR,rarlab/winrar,200,2026-01-01\n"
    asked = {"register": "prices", "file_name": "p.csv", "content": base64.b64encode(csv.encode()).decode(),
             "valid_from": "2026-01-02"}  # fmt: skip
    all_units("POST", "batches", asked, expect=201)
    plan = all_units("GET", "plans?group=true")
    bought = [step for step in plan["steps"] if step["product"] == "rarlab/winrar"]
    assert {step["way"] for step in bought} == {"buy"} and plan["joint"] is True
    assert plan["cost"] == f"{200 * sum(step['quantity'] for step in bought)}.00"
    without = all_units("GET", "plans?without=buy")
    assert not without["purchases"] and any(one["product"] == "rarlab/winrar" for one in without["unmet"])
    design("GET", "plans?group=true", expect=403)
    assert {step["unit"] for step in design("GET", "plans")["steps"]} <= {"SJ", "SJ-SJ"}
    all_units("GET", "plans?without=steal", expect=400)
    all_units("GET", "plans?run=no-such-run", expect=400)


def test_messages_that_were_given_up_are_listed_and_sent_again(filled: Filled, all_units: Ask) -> None:
    now = utc_text(datetime.now(UTC))
    with filled.store.begin() as connection:
        put_message(connection, [], ["folder"], Content("到期授权", ("正文",)), at=now)
        claimed = claim(connection, worker="w", now=now, until=now, surely_once=frozenset())
        assert claimed is not None
        settle(connection, claimed, worker="w", state="given_up", at=now, fault="550 no such box")
    (told,) = all_units("GET", "messages?undelivered=true")
    assert (told["state"], told["fault"], told["subject"]) == ("given_up", "550 no such box", "到期授权")
    all_units("POST", f"messages/{told['message']}/retry", expect=204)
    all_units("POST", "messages/none/retry", expect=404)
    with filled.store.read() as connection:
        assert [row.state for row in list_outbox(connection)] == ["waiting"]


def test_schedule_trail_size_and_titles_are_told(filled: Filled, all_units: Ask, design: Ask) -> None:
    jobs = {job["name"]: job for job in all_units("GET", "schedule")}
    assert jobs and all(bool(job["expression"]) == bool(job["next_due_at"]) for job in jobs.values())
    assert all_units("GET", "trail/check") == {"holds": True, "first_broken": None}
    told = all_units("GET", "database/forecast?machines=1000&scans_a_day=1")
    assert told["machines"] == 1000 and sum(told["then_bytes"].values()) > sum(told["now_bytes"].values()) > 0
    all_units("GET", "database/forecast", expect=400)  # all documents came on one day
    titles = all_units("GET", "titles")
    assert titles[0]["machines"] >= titles[-1]["machines"] and {row["product"] for row in titles} >= {"rarlab/winrar"}
    assert {row["name"] for row in all_units("GET", "titles?unknown=true")} >= {"物资条码打印 V2.3"}
    design("GET", "titles", expect=403)


def test_an_inspector_reads_and_changes_nothing(asking: Callable[..., Ask]) -> None:
    ask = asking("*", roles=("inspector",))
    ask("GET", "registers/licences")
    for path, body in (
        ("ledger/acts", {"register": "transfers", "cells": {}}),
        (f"papers/{'0' * 64}/link", {"kind": "right", "code": "x"}),
    ):
        ask("POST", path, body, expect=403)
    for path in ("messages", "schedule", "trail/check", "database/forecast"):
        ask("GET", path, expect=403)


def test_registered_machines_come_by_pages_of_codes(all_units: Ask, design: Ask) -> None:
    codes = [machine["code"] for machine in all_units("GET", "machines")]
    assert codes == ["JT-001", "JT-002", "SJ-001", "WB-001"]
    assert [machine["code"] for machine in all_units("GET", "machines?after=JT-001&limit=2")] == codes[1:3]
    assert [machine["code"] for machine in design("GET", "machines?limit=1")] == ["SJ-001"]


def test_a_day_is_a_day(all_units: Ask) -> None:
    assert all_units("GET", f"registers/prices?as_of={date(2026, 6, 30)}") is not None
    all_units("GET", "registers/prices?as_of=2026-13-40", expect=400)

"""Requests in the console: a demand to the ledger, an installation to its confirmation, printed; what is refused."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from console_readers import Reader, readers
from filled_store import Filled, filled_store, windows_document

from agent.inventory.coverage import Outcome
from auditor.intake.receiving import receive
from auditor.store.dossiers import REQUESTS, find_dossier, list_dossiers
from auditor.supervision.proving import supervision_faults
from auditor.supervision.rectification import Actor
from auditor.supervision.requests import INSTALLATION, advance, apply

pytestmark = pytest.mark.slow
"""Each begins with a store of its own; the interface's tests hold the same ways quickly."""

DEMAND = {
    "kind": "demand", "of_unit": "JT", "department": "财务部", "applicant": "周<b>", "phone": "010-1",
    "name-1": "WinRAR", "quantity-1": "3", "purpose-1": "压缩", "domestic-1": "no", "remarks-1": "急用",
}  # fmt: skip
INSTALL = {
    "kind": "installation", "of_unit": "JT", "department": "财务部", "applicant": "周", "computer": "JT-001",
    "act": "install", "software": "AutoCAD 2024", "reason": "制图", "person": "张三丰",
}  # fmt: skip


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return filled_store(tmp_path)


@pytest.fixture
def auditor(filled: Filled) -> Iterator[Reader]:
    with readers(filled, roles=("unit_auditor",), units=("*",), name="孙信息") as reader:
        yield reader


def asked(auditor: Reader, fields: dict[str, str]) -> str:
    answer = auditor.post("/requests", fields)
    assert answer.status_code == 303, answer.text
    found = re.search(r"/requests/([A-Z]{2}-\d+-\d+)", answer.headers["location"])
    assert found is not None
    return found[1]


def step(auditor: Reader, number: str, step: str, name: str = "孙信息", **more: str) -> str:
    """Take a step as the page's form does; return what is told when it is refused."""
    page = auditor.get(f"/requests/{number}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    day = re.search(r'name="on" value="([\d-]+)"', page)
    fields = {"version": version[1] if version else "", "on": day[1] if day else "", "step": step, "name": name, **more}
    answer = auditor.post(f"/requests/{number}/steps", fields)
    return "" if answer.status_code == 303 else str(answer.text)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_demand_goes_to_the_ledger(filled: Filled, auditor: Reader, language: str) -> None:
    number = asked(auditor, DEMAND)
    page = auditor.get(f"/requests/{number}", language=language).text
    assert "周&lt;b&gt;" in page and "急用" in page and ("否" if language == "zh_CN" else ">no<") in page
    assert "申请人不能审核" in step(auditor, number, "department", "周<b>")
    assert "下一步应为本部门领导审核" in step(auditor, number, "it")
    for each, more in (
        ("department", {"opinion": "同意"}),
        ("it", {}),
        ("planned", {"opinion": "2026 年计划"}),
        ("delivered", {}),
    ):
        assert step(auditor, number, each, "钱处长", **more) == ""
    assert "台账中没有这些软件编号" in step(auditor, number, "entered", codes="JT-S-999")
    assert step(auditor, number, "entered", codes="JT-S-001、JT-S-002") == ""
    page = auditor.get(f"/requests/{number}", language=language).text
    assert (
        "JT-S-002" in page
        and "2026 年计划" in page
        and ("录入：孙信息" if language == "zh_CN" else "entered by 孙信息") in page
    )
    assert "/steps" not in page
    assert number not in auditor.get("/requests?standing=open").text and number in auditor.get("/requests").text
    with filled.store.read() as connection:
        assert find_dossier(connection, REQUESTS, number)["state"] == "entered"
        assert supervision_faults(connection) == []


def test_a_request_is_printed_as_its_forms(filled: Filled, auditor: Reader) -> None:
    number = asked(auditor, INSTALL)
    assert step(auditor, number, "department") == ""
    where = auditor.post(f"/requests/{number}/print", {"format": "docx"}).headers["location"]
    for _ in range(200):
        page = auditor.get(where).text
        if found := re.findall(r'href="(/files/[0-9a-f]{64})"', page):
            break
        time.sleep(0.05)
    assert len(found) == 2 and "软件安装维护申请表" in page and "软件安装维护确认单" in page
    assert auditor.get(found[0]).content[:2] == b"PK"


def test_an_installation_is_tied_to_the_journal(filled: Filled, auditor: Reader) -> None:
    content = {"unit": "JT", "department": "财务部", "applicant": "周", "computer": "JT-001", "kind": "install",
               "software": "AutoCAD 2024", "reason": "制图", "existing": "", "person": ""}  # fmt: skip
    at, day = "2026-06-20T01:00:00Z", date(2026, 6, 20)
    with filled.store.begin() as connection:
        row = apply(connection, INSTALLATION, content, on=day, actor=Actor("周"), at=at)
        for each in ("department", "it"):
            row = advance(connection, row, each, name="钱", on=day, at=at)
    assert "尚未见到" in auditor.get(f"/requests/{row['number']}").text
    programs = ["WinRAR 6.24 (64-bit)", "7-Zip 23.01 (x64)", "AutoCAD 2024 - English"]
    later = windows_document("zhangsanfeng-pc", "SN-JT-0001", programs, Outcome.COMPLETE, "2026-07-02T02:00:00Z")
    receive(filled.store, later, origin="file", now=datetime(2026, 7, 2, 3, tzinfo=UTC), unit="JT-CW")
    page = auditor.get(f"/requests/{row['number']}").text
    assert "✓ 2026-07-02" in page and "/journal" in page


def test_what_is_not_possible_is_refused_and_nothing_is_kept(filled: Filled, auditor: Reader) -> None:
    for fields, told in (
        (DEMAND | {"quantity-1": "0"}, "大于 0 的数量"),
        (DEMAND | {"department": ""}, "department: 应填写"),
        (INSTALL | {"act": "burn"}, "install, remove, upgrade"),
        (INSTALL | {"reason": " "}, "reason: 应填写"),
    ):
        answer = auditor.post("/requests", fields)
        assert answer.status_code == 400 and told in answer.text
    assert auditor.post("/requests", DEMAND | {"of_unit": "NO"}).status_code in (400, 404)
    with filled.store.read() as connection:
        assert list_dossiers(connection, REQUESTS) == []
    number = asked(auditor, INSTALL)
    assert "不同意应说明理由" in step(auditor, number, "rejected")
    assert "不能晚于今天" in step(auditor, number, "department", on="2999-01-01")
    assert "应为日期" in step(auditor, number, "department", on="soon")
    assert "其他人刚刚处理过" in step(auditor, number, "department", version="7")
    assert step(auditor, number, "rejected", opinion="已有同类软件") == ""
    assert "其他人刚刚处理过" in step(auditor, number, "department")


def test_rights_follow_role_and_subtree(filled: Filled, auditor: Reader) -> None:
    number = asked(auditor, INSTALL)
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert number not in other.get("/requests").text and other.get(f"/requests/{number}").status_code == 404
        assert other.post("/requests", INSTALL).status_code == 404
        assert other.post(f"/requests/{number}/steps", {"version": "1"}).status_code == 404
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        page = inspector.get(f"/requests/{number}").text
        assert "AutoCAD 2024" in page and "张三丰" not in page and "/steps" not in page
        assert inspector.post(f"/requests/{number}/steps", {"version": "1"}).status_code == 403

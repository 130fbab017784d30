"""Spot checks and stocktakes in the console: drawn, filled in on the spot, signed, compared; and what is refused."""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from console_readers import Reader, readers
from filled_store import Filled, filled_store

from auditor.store.cases import Filter, list_cases
from auditor.store.dossiers import SPOT_CHECKS, find_dossier, list_dossiers
from auditor.store.papers import find_paper
from auditor.store.trail import list_trail
from auditor.supervision.proving import supervision_faults

pytestmark = pytest.mark.slow
"""Each begins with a store of its own; the interface's tests hold the same ways quickly."""

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4z"
    "NDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return filled_store(tmp_path)


@pytest.fixture
def auditor(filled: Filled) -> Iterator[Reader]:
    with readers(filled, roles=("unit_auditor",), units=("*",)) as reader:
        yield reader


def drawn(auditor: Reader, **more: str) -> str:
    """Draw by the console and return the number of the check."""
    fields = {"kind": "machines", "percent": "100", "minimum": "1", "seed": "公开摇号-07", "all_servers": "1", **more}
    answer = auditor.post("/checks", fields)
    assert answer.status_code == 303, answer.text
    job = answer.headers["location"]
    for _ in range(100):
        page = auditor.get(job).text
        if found := re.search(r'href="/checks/(CC-\d+-\d+)"', page):
            return found[1]
        assert "fault" not in page, page
        time.sleep(0.05)
    raise AssertionError(page)


def seen_of(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def lines_of(page: str) -> list[int]:
    return sorted({int(n) for n in re.findall(r'name="present-(\d+)"', page)})


def fill_all(auditor: Reader, number: str, **first: str) -> None:
    """Answer every line of every form with yes; `first` are further fields of the first form."""
    forms = sorted(
        {int(n) for n in re.findall(rf'href="/checks/{number}/forms/(\d+)"', auditor.get(f"/checks/{number}").text)}
    )
    for form in forms:
        page = auditor.get(f"/checks/{number}/forms/{form}").text
        fields = {f"present-{n}": "yes" for n in lines_of(page)} | {"seen": seen_of(page), "then": "next"}
        answer = auditor.post(f"/checks/{number}/forms/{form}", fields | (first if form == 1 else {}))
        assert answer.status_code == 303, answer.text
    assert "待签字" in auditor.get(f"/checks/{number}").text


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_check_is_drawn_filled_in_signed_and_its_findings_are_followed(
    filled: Filled, auditor: Reader, language: str
) -> None:
    number = drawn(auditor)
    page = auditor.get(f"/checks/{number}", language=language).text
    for words in ("公开摇号-07", "sha256-rank/1", "JT-001", "SJ-001", "WB-001", "张三丰"):
        assert words in page
    form = auditor.get(f"/checks/{number}/forms/1", language=language).text
    assert "WinRAR" in form and ("判定" in form) == (language == "zh_CN")
    first = lines_of(form)[0]
    said = {f"judged-{first}": "not_genuine", f"told-{first}": "有破解补丁 <b>"}
    fill_all(auditor, number, **said, **{"extra-name-1": "私装游戏", "extra-judged-1": "to_verify"})
    assert auditor.post(f"/checks/{number}/redraw", {}).headers["location"].endswith("done=same-draw")
    page = auditor.get(f"/checks/{number}", language=language).text
    assert "有破解补丁 &lt;b&gt;" in page and "私装游戏" in page
    for side, name, picture in (("inspector", "李检", ""), ("inspected", "钱厂", base64.b64encode(JPEG).decode())):
        fields = {"side": side, "name": name, "version": version_of(auditor.get(f"/checks/{number}").text)}
        answer = auditor.post(f"/checks/{number}/sign", fields | {"picture": picture})
        assert answer.status_code == 303, answer.text
    page = auditor.get(f"/checks/{number}", language=language).text
    assert "钱厂" in page and f'src="/checks/{number}/signatures/inspected"' in page
    assert auditor.get(f"/checks/{number}/signatures/inspected").content == JPEG
    with filled.store.read() as connection:
        cases = [case for case in list_cases(connection, Filter()) if case.origin == "spot_check"]
        assert {case.code for case in cases} >= {"check.irregular", "check.not_scanned"}
        assert supervision_faults(connection) == []
        check = find_dossier(connection, SPOT_CHECKS, number)
        assert find_paper(connection, check["sign_offs"][1]["paper"]).kind == "signature"
        told = [entry for entry in list_trail(connection) if entry.act.startswith("check.")]
        assert {entry.act for entry in told} == {"check.drawn", "check.filled", "check.signed"}
        assert all(entry.account for entry in told), "the trail knows who acted in the console"
    assert all(f'href="/cases/{case.id}"' in page for case in cases)


def test_a_stocktake_goes_certificate_by_certificate(filled: Filled, auditor: Reader) -> None:
    answer = auditor.post("/checks", {"kind": "papers"})
    number = re.search(r"/checks/(PD-[\d-]+)", answer.headers["location"])
    assert number is not None
    page = auditor.get(f"/checks/{number[1]}").text
    assert "示例集团有限公司" in page and "0 / 3" in page
    form = auditor.get(f"/checks/{number[1]}/forms/1").text
    assert "PZ-1" in form and "JT-S-002" in form
    one, two = lines_of(form)
    fields = {"seen": seen_of(form), f"present-{one}": "yes", f"present-{two}": "no", f"told-{two}": "未找到原件"}
    assert auditor.post(f"/checks/{number[1]}/forms/1", fields).status_code == 303
    assert "2 / 3" in auditor.get(f"/checks/{number[1]}").text
    form = auditor.get(f"/checks/{number[1]}/forms/2").text
    assert auditor.post(f"/checks/{number[1]}/forms/2", {"seen": seen_of(form), "present-3": "yes"}).status_code == 303
    for side, name in (("inspector", "李检"), ("inspected", "钱厂")):
        fields = {"side": side, "name": name, "version": version_of(auditor.get(f"/checks/{number[1]}").text)}
        assert auditor.post(f"/checks/{number[1]}/sign", fields).status_code == 303
    with filled.store.read() as connection:
        (case,) = [case for case in list_cases(connection, Filter()) if case.code == "check.paper_absent"]
    assert f'href="/cases/{case.id}"' in auditor.get(f"/checks/{number[1]}").text


def test_of_two_who_fill_one_form_in_one_is_told_and_forms_beside_go_on(filled: Filled, auditor: Reader) -> None:
    number = drawn(auditor)
    form, other = (auditor.get(f"/checks/{number}/forms/{n}").text for n in (1, 2))
    first = {"seen": seen_of(form), f"present-{lines_of(form)[0]}": "yes"}
    assert auditor.post(f"/checks/{number}/forms/1", first).status_code == 303
    late = auditor.post(f"/checks/{number}/forms/1", first | {f"told-{lines_of(form)[0]}": "x"})
    assert late.status_code == 400 and "其他人刚刚填写过这张表" in late.text
    beside = {"seen": seen_of(other), f"present-{lines_of(other)[0]}": "no"}
    assert auditor.post(f"/checks/{number}/forms/2", beside).status_code == 303


def test_a_workbook_goes_out_and_comes_back(filled: Filled, auditor: Reader) -> None:
    number = drawn(auditor)
    book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"/checks/{number}/workbook").content))
    sheet = book.worksheets[0]
    heads = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if isinstance(sheet.cell(row, heads["行号"]).value, int):
            sheet.cell(row, heads["现场是否有"]).value = "是"
    target = io.BytesIO()
    book.save(target)
    answer = auditor.post(f"/checks/{number}/workbook", {}, files={"file": ("登记表.xlsx", target.getvalue(), "x/x")})
    assert answer.status_code == 303, answer.text
    assert "待签字" in auditor.get(f"/checks/{number}").text
    wrong = auditor.post(f"/checks/{number}/workbook", {}, files={"file": ("登记表.xlsx", b"MZ\x90", "x/x")})
    assert wrong.status_code == 400 and "待签字" in auditor.get(f"/checks/{number}").text


def test_what_is_not_possible_is_refused(filled: Filled, auditor: Reader) -> None:
    number = drawn(auditor)
    seen = seen_of(auditor.get(f"/checks/{number}/forms/1").text)
    for path, fields, told in (
        ("sign", {"side": "inspector", "name": "李检", "version": "1"}, "先填写再签字"),
        ("sign", {"side": "inspector", "name": "李检", "version": "9"}, "其他人刚刚处理过"),
        ("forms/1", {"seen": seen, "told-1": "x"}, "未选有无"),
        ("forms/1", {"seen": "0" * 16, "present-1": "yes"}, "其他人刚刚填写过"),
        ("forms/1", {"seen": seen, "present-1": "no", "judged-1": "genuine"}, "不应有判定"),
    ):
        answer = auditor.post(f"/checks/{number}/{path}", fields)
        assert answer.status_code == 400 and told in answer.text
    with filled.store.read() as connection:
        (check,) = list_dossiers(connection, SPOT_CHECKS)
        assert check["version"] == 1


def test_a_signature_that_is_no_picture_is_refused(filled: Filled, auditor: Reader) -> None:
    number = drawn(auditor)
    fill_all(auditor, number)
    version = version_of(auditor.get(f"/checks/{number}").text)
    for picture in ("%%%", base64.b64encode(b"MZ\x90\x00" + b"\0" * 200).decode()):
        fields = {"side": "inspector", "name": "李检", "version": version, "picture": picture}
        assert auditor.post(f"/checks/{number}/sign", fields).status_code == 400
    with filled.store.read() as connection:
        assert find_dossier(connection, SPOT_CHECKS, number)["sign_offs"] == []


def test_rights_follow_role_and_subtree(filled: Filled, auditor: Reader) -> None:
    number = drawn(auditor)
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert number not in other.get("/checks").text
        assert other.get(f"/checks/{number}").status_code == 404
        assert other.post(f"/checks/{number}/forms/1", {"present-1": "yes"}).status_code == 404
        own = drawn(other)
        assert "JT-001" not in other.get(f"/checks/{own}").text and "SJ-001" in other.get(f"/checks/{own}").text
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        page = inspector.get(f"/checks/{number}").text
        assert "JT-001" in page and "张三丰" not in page
        assert "张三丰" not in str(openpyxl.load_workbook(
            io.BytesIO(inspector.get(f"/checks/{number}/workbook").content)).worksheets[0]["D2"].value)  # fmt: skip
        assert inspector.get(f"/checks/{number}/forms/1").text.count("<fieldset") > 1
    with readers(filled, roles=("trail_reader",), units=("*",)) as reader:
        assert reader.get("/checks").status_code == 403
    assert auditor.get("/checks/CC-1999-001").status_code == 404

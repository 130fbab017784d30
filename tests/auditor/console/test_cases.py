"""Rectification in the console: what is seen, what may be done, by whom, and what is refused."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from console_readers import Reader, readers
from filled_store import Filled, filled_store

from auditor.store.cases import Act, Case, Filter, events_of, find_case, keep_acts, list_cases, urgency_key
from auditor.store.trail import list_trail
from auditor.supervision.proving import supervision_faults

pytestmark = pytest.mark.slow

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return filled_store(tmp_path)


@pytest.fixture
def auditor(filled: Filled) -> Iterator[Reader]:
    with readers(filled, roles=("unit_auditor",), units=("*",)) as reader:
        yield reader


def cases(filled: Filled, **wanted: Any) -> list[Case]:
    with filled.store.read() as connection:
        return list_cases(connection, Filter(**wanted))


def state_of(filled: Filled, number: int) -> str:
    with filled.store.read() as connection:
        return find_case(connection, str(number)).state


def act(reader: Reader, case: Case, doing: str, files: Any = None, **said: str) -> Any:
    return reader.post(f"/cases/{case.id}/{doing}", {"version": str(case.version), **said}, files=files)


def fresh(filled: Filled, case: Case) -> Case:
    with filled.store.read() as connection:
        return find_case(connection, str(case.id))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_finding_goes_its_whole_way(filled: Filled, auditor: Reader, language: str) -> None:
    case = cases(filled)[0]
    page = auditor.get(f"/cases/{case.id}", language=language).text
    assert ("确认属实" if language == "zh_CN" else "Confirm") in page and f"/cases/{case.id}/reopened" not in page
    due = (TODAY + timedelta(days=9)).isoformat()
    until = (TODAY + timedelta(days=3)).isoformat()
    steps: list[tuple[str, dict[str, str], Any, str]] = [
        ("assigned", {"owner": "钱主任", "due_on": due}, None, "to_confirm"),
        ("stated", {"text": "该软件由总部统一采购 <b>"}, None, "to_confirm"),
        ("confirmed", {"text": ""}, None, "confirmed"),
        ("commented", {"text": "已电话核实"}, None, "confirmed"),
        ("noticed", {"due_on": due}, None, "rectifying"),
        ("excepted", {"text": "项目验收前", "approver": "赵总", "until": until}, None, "excepted"),
        ("reopened", {"text": "提前结束"}, None, "confirmed"),
        ("attached", {}, {"file": ("卸载单.pdf", PDF, "application/pdf")}, "confirmed"),
        ("done", {"text": "已卸载"}, None, "to_recheck"),
        ("closed", {"text": "凭采购合同"}, {"file": ("合同.pdf", PDF + b"%2", "application/pdf")}, "closed"),
    ]
    for doing, said, files, after in steps:
        answer = act(auditor, fresh(filled, case), doing, files, **said)
        assert answer.status_code == 303, (doing, answer.text)
        assert state_of(filled, case.id) == after
    page = auditor.get(f"/cases/{case.id}", language=language).text
    for words in ("钱主任", due, "该软件由总部统一采购 &lt;b&gt;", "已电话核实", "赵总", "卸载单.pdf", "合同.pdf"):
        assert words in page
    assert re.search("单位陈述" if language == "zh_CN" else "Statement of the unit", page)
    with filled.store.read() as connection:
        assert supervision_faults(connection) == []
        assert len(events_of(connection, case.id)) == len(steps) + 1
    assert f'href="/cases/{case.id}/notice"' in page
    letter = auditor.get(f"/cases/{case.id}/notice").content
    with ZipFile(BytesIO(letter)) as package:
        assert "该软件由总部统一采购 &lt;b&gt;" in package.read("word/document.xml").decode("utf-8")
    paper = re.search(rf'href="(/cases/{case.id}/papers/[0-9a-f]{{64}})"', page)
    assert paper is not None and auditor.get(paper[1]).content.startswith(PDF)


def test_a_false_positive_tells_the_rules(filled: Filled, auditor: Reader) -> None:
    case = next(one for one in cases(filled) if one.finding.evidence)
    assert act(auditor, case, "dismissed", text="自行开发的同名程序").status_code == 303
    line = case.finding.evidence[0]
    page = auditor.get("/cases/rules").text
    assert line.rule in page and "误报" in page


@pytest.mark.parametrize(
    ("doing", "said", "files", "told"),
    [
        ("stated", {"text": " "}, None, "应写明内容"),
        ("assigned", {}, None, "应写明责任人或期限"),
        ("assigned", {"due_on": "2020-01-01"}, None, "期限不能早于"),
        ("assigned", {"due_on": "tomorrow"}, None, "应为日期"),
        ("excepted", {"text": "x", "approver": "y"}, None, "例外应有截止日期"),
        ("excepted", {"text": "x", "approver": "y", "until": "2999-01-01"}, None, "截止日期应在"),
        ("excepted", {"text": "x", "approver": "", "until": TODAY.isoformat()}, None, "应写明内容"),
        ("closed", {"text": "x"}, None, "请选择文件"),
        ("attached", {}, {"file": ("a.pdf", b"MZ\x90\x00" + b"\0" * 200, "application/pdf")}, "可执行文件"),
        ("done", {"text": "x"}, None, "只有已确认或整改中的可以报整改完成"),
        ("reopened", {"text": "x"}, None, "尚未办结"),
    ],
)
def test_what_is_not_possible_is_refused_and_nothing_is_kept(
    filled: Filled, auditor: Reader, doing: str, said: dict[str, str], files: Any, told: str
) -> None:
    case = cases(filled)[0]
    answer = act(auditor, case, doing, files, **said)
    assert answer.status_code == 400 and told in answer.text
    assert fresh(filled, case) == case


def test_who_acts_on_an_old_page_is_told(filled: Filled, auditor: Reader) -> None:
    case = cases(filled)[0]
    assert act(auditor, case, "confirmed").status_code == 303
    answer = act(auditor, case, "commented", text="x")
    assert answer.status_code == 400 and "其他人刚刚处理过" in answer.text


def test_rights_follow_role_and_subtree(filled: Filled) -> None:
    case = next(one for one in cases(filled) if one.unit and one.unit.startswith("JT"))
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert other.get(f"/cases/{case.id}").status_code == 404
        assert act(other, case, "confirmed").status_code == 404
        assert f'/cases/{case.id}"' not in other.get("/cases").text
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        page = inspector.get(f"/cases/{case.id}").text
        assert "<form" not in page.split("<main", 1)[-1] or "/confirmed" not in page
        assert act(inspector, case, "confirmed").status_code == 403
    assert fresh(filled, case) == case


def test_names_of_persons_are_for_the_units_own_auditor(filled: Filled) -> None:
    named = [one for one in cases(filled) if one.finding.machine and "stray<b>" in one.content]
    assert named
    with readers(filled, roles=("unit_auditor",), units=("*",)) as own:
        assert any("stray&lt;b&gt;" in own.get(f"/cases/{one.id}").text for one in named)
    with readers(filled, roles=("group_auditor",), units=("*",)) as above:
        for one in named:
            assert "stray&lt;b&gt;" not in above.get(f"/cases/{one.id}").text
        assert "stray&lt;b&gt;" not in above.get("/cases").text


def test_many_at_once_show_their_number_first(filled: Filled, auditor: Reader) -> None:
    waiting = cases(filled, states=("to_confirm",))
    asked = auditor.post("/cases/bulk", {"act": "confirmed", "state": "to_confirm", "text": "逐项看过"})
    assert asked.status_code == 200 and f"将对 {len(waiting)} 项问题项" in asked.text
    assert cases(filled, states=("to_confirm",)) == waiting
    fields = {"act": "confirmed", "state": "to_confirm", "text": "逐项看过"}
    wrong = auditor.post("/cases/bulk/apply", fields | {"count": str(len(waiting) + 1)})
    assert wrong.status_code == 400 and "数量已变化" in wrong.text
    assert auditor.post("/cases/bulk/apply", fields | {"count": str(len(waiting))}).status_code == 303
    assert cases(filled, states=("to_confirm",)) == []
    assert len(cases(filled, states=("confirmed",))) == len(waiting)
    assert auditor.post("/cases/bulk", {"act": "dismissed", "text": "x"}).status_code == 404


def test_pages_go_on_by_key_and_filters_hold(filled: Filled, auditor: Reader) -> None:
    all_ = cases(filled)
    with filled.store.read() as connection:
        one_by_one, after = [], None
        while found := list_cases(connection, Filter(), limit=1, after=after):
            one_by_one += found
            after = urgency_key(found[0])
    assert one_by_one == all_
    assert auditor.get("/cases?after=2~9999~0&state=nonsense&only=overdue&severity=x").status_code == 200
    grave = auditor.get("/cases?severity=high").text
    for case in all_:
        assert (f'href="/cases/{case.id}"' in grave) == (case.severity == "high")


def test_a_finding_of_a_run_leads_to_its_rectification(filled: Filled, auditor: Reader) -> None:
    page = auditor.get("/findings/1").text
    link = re.search(r'href="(/cases/\d+)"', page)
    assert link is not None and auditor.get(link[1]).status_code == 200
    assert auditor.get("/cases/999999").status_code == 404


def test_an_act_on_many_is_one_entry_and_is_taken_back_whole(filled: Filled, auditor: Reader) -> None:
    before = cases(filled)
    due = (TODAY + timedelta(days=9)).isoformat()
    fields = {"act": "assigned", "state": "to_confirm", "owner": "钱主任", "due_on": due, "count": str(len(before))}
    assert auditor.post("/cases/bulk/apply", fields).status_code == 303
    page = auditor.get("/cases/bulk-acts").text
    link = re.search(r'href="(/cases/bulk-acts/[0-9a-f]{64})"', page)
    assert link is not None and "读者" in page
    assert f"{len(before)} 项问题项恢复到办理之前" in auditor.get(link[1]).text
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert other.get(link[1]).status_code == 404 and link[1] not in other.get("/cases/bulk-acts").text
    assert act(auditor, fresh(filled, before[0]), "commented", text="x").status_code == 303
    late = auditor.post(f"{link[1]}/undo", {})
    assert late.status_code == 400 and "之后又有办理" in late.text
    assert {case.owner for case in cases(filled)} == {"钱主任"}
    fields["owner"] = "李主任"
    assert auditor.post("/cases/bulk/apply", fields).status_code == 303
    second = re.findall(r'href="(/cases/bulk-acts/[0-9a-f]{64})"', auditor.get("/cases/bulk-acts").text)[0]
    assert auditor.post(f"{second}/undo", {}).status_code == 303
    assert {case.owner for case in cases(filled)} == {"钱主任"}
    again = auditor.post(f"{second}/undo", {})
    assert again.status_code == 400 and "已经撤销" in again.text
    assert "撤销批量办理" in auditor.get(f"/cases/{before[0].id}").text
    with filled.store.read() as connection:
        assert supervision_faults(connection) == []


@pytest.mark.slow
def test_an_act_on_very_many_is_a_task(filled: Filled, auditor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.server.console_cases.MOST_ON_A_PAGE", 1)
    many = len(cases(filled))

    def finished(where: str) -> str:
        for _ in range(200):
            page = str(auditor.get(where).text)
            if 'http-equiv="refresh"' not in page:
                return page
            time.sleep(0.02)
        raise AssertionError(page)

    fields = {"act": "assigned", "owner": "钱主任", "count": str(many)}
    assert auditor.post("/cases/bulk/apply", fields | {"count": "1"}).status_code == 400
    answer = auditor.post("/cases/bulk/apply", fields)
    assert "/jobs/" in answer.headers["location"] and "批量办理" in finished(answer.headers["location"])
    assert {case.owner for case in cases(filled)} == {"钱主任"}
    act_ = re.findall(r'href="(/cases/bulk-acts/[0-9a-f]{64})"', auditor.get("/cases/bulk-acts").text)[0]
    finished(auditor.post(f"{act_}/undo", {}).headers["location"])
    assert {case.owner for case in cases(filled)} == {None}
    with filled.store.read() as connection:
        assert all(entry.account for entry in list_trail(connection) if entry.act.startswith("finding.bulk"))


@pytest.mark.slow
def test_the_list_of_late_units_is_released_by_a_person(filled: Filled, auditor: Reader) -> None:
    assert "没有逾期的问题项" in auditor.get("/cases/overdue").text
    late = next(case for case in cases(filled) if case.unit == "JT")
    with filled.store.begin() as connection:
        keep_acts(connection, [Act(late, "assigned", {"due_on": "2026-01-31"}, {}, "赵审")], at="2026-01-01T00:00:00Z",
                  name="finding.assigned")  # fmt: skip
    page = auditor.get("/cases/overdue").text
    assert "示例集团有限公司" in page and "2026-01-31" in page
    answer = auditor.post("/cases/overdue", {})
    with ZipFile(BytesIO(answer.content)) as package:
        told = package.read("word/document.xml").decode("utf-8")
    assert "示例集团有限公司" in told and "读者" in told and "JT-001" not in told
    with filled.store.read() as connection:
        assert any(entry.act == "overdue_list.released" and entry.account for entry in list_trail(connection))
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        assert inspector.post("/cases/overdue", {}).status_code == 403
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert "2026-01-31" not in other.get("/cases/overdue").text

"""报送, the calendar, requests: in turn, by different people, corrected by a new run alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from supervised import Supervised, organisation

from auditor.core.differences import differences
from auditor.core.model import UnitCode
from auditor.core.terms import Due, occurrences, read_duties
from auditor.errors import AuditorError, WrongUsage
from auditor.store.blobs import get_blob
from auditor.store.dossiers import REQUESTS, SUBMISSIONS, Dossier, find_dossier, list_dossiers
from auditor.store.runs import list_issued
from auditor.supervision import requests as asked
from auditor.supervision import submission as handed
from auditor.supervision.rectification import Actor

QIAN, AT = Actor("钱填表"), "2026-11-20T02:00:00Z"
DAY = date(2026, 3, 1)


@pytest.fixture
def org(tmp_path: Path, url: str) -> Iterator[Supervised]:
    found = organisation(tmp_path, url)
    found.machines({"PC-1": "SC"})
    found.scan("PC-1", "2026-02-01", ["WinRAR 6.24 (64-bit)"])
    yield found
    found.store.close()


def drafted(org: Supervised, run: str, **more: Any) -> Dossier:
    options: dict[str, Any] = {"duty": "annual_report", "period": "2026", "unit": "SC"} | more
    files = {"报告.html": b"<html>" + run.encode()}
    with org.store.begin() as connection:
        return handed.draft(connection, run=run, files=files, actor=QIAN, at=AT, **options)


def submitted(org: Supervised, draft: Dossier) -> Dossier:
    with org.store.begin() as connection:
        return handed.submit(
            connection, handed.review(connection, draft, name="孙审核", at=AT, opinion="同意"), actor=QIAN, at=AT
        )


def test_drafted_reviewed_submitted_and_frozen(org: Supervised) -> None:
    run, _ = org.audit("2026-02-10")
    done = submitted(org, drafted(org, run.id))

    assert (done["number"], done["state"]) == ("BS-2026-001", "submitted")
    assert [(step["step"], step["name"]) for step in done["steps"]] == [
        ("drafted", "钱填表"), ("reviewed", "孙审核"), ("submitted", "钱填表")]  # fmt: skip
    with org.store.read() as connection:
        (issued,) = list_issued(connection, run.id)
        assert get_blob(connection, done["files"]["报告.html"]) == b"<html>" + run.id.encode()
    assert issued.digest == done["files"]["报告.html"]
    with pytest.raises(AuditorError, match="只能更正"):
        drafted(org, run.id)


def test_a_correction_rests_on_a_new_run_and_prints_what_differs(org: Supervised) -> None:
    first, _ = org.audit("2026-02-10")
    done = submitted(org, drafted(org, first.id))
    with pytest.raises(AuditorError, match="须依据新的稽核"):
        drafted(org, first.id, corrects=done["number"])
    org.scan("PC-1", "2026-02-20", ["WinRAR 6.24 (64-bit)", "Beyond Compare 4.4.6"])
    second, _ = org.audit("2026-02-21")
    changed = differences(UnitCode("SC"), (first.result.positions, first.result.findings),
                          (second.result.positions, second.result.findings))  # fmt: skip
    assert changed
    with pytest.raises(AuditorError, match="同一单位"):
        drafted(org, second.id, corrects=done["number"], period="2027")
    after = submitted(org, drafted(org, second.id, corrects=done["number"], changed=changed))

    with org.store.read() as connection:
        sheet = get_blob(connection, after["files"]["差异说明.csv"]).decode("utf-8-sig")
        assert find_dossier(connection, SUBMISSIONS, done["number"])["state"] == "corrected"
        assert get_blob(connection, done["files"]["报告.html"])
    assert sheet.startswith(f"更正 corrects,{done['number']},")
    assert "Beyond Compare" in sheet
    assert differences(UnitCode("SC"), (first.result.positions, first.result.findings),
                       (first.result.positions, first.result.findings)) == []  # fmt: skip


def test_out_of_turn_and_by_the_same_person_is_refused(org: Supervised) -> None:
    run, _ = org.audit("2026-02-10")
    draft = drafted(org, run.id)
    with org.store.begin() as connection:
        with pytest.raises(AuditorError, match="现为待审核，应为已审核"):
            handed.submit(connection, draft, actor=QIAN, at=AT)
        with pytest.raises(AuditorError, match="不能审核自己"):
            handed.review(connection, draft, name="钱填表", at=AT)
        handed.review(connection, draft, name="孙审核", at=AT)
        with pytest.raises(AuditorError, match="应为待审核"):
            handed.review(connection, find_dossier(connection, SUBMISSIONS, draft["number"]), name="李", at=AT)
    with pytest.raises(WrongUsage):
        drafted(org, run.id, duty="poem")


def test_the_calendar_and_who_has_not_handed_in(org: Supervised) -> None:
    run, _ = org.audit("2026-02-10")
    near = date(2026, 11, 15)
    with org.store.read() as connection:
        waiting = {(u, d.duty) for u, d in handed.not_handed_in(connection, org.settings, ["SC", "SY"], on=near)}
    assert {("SC", "annual_report"), ("SY", "annual_report"), ("SC", "detail")} <= waiting
    submitted(org, drafted(org, run.id))
    with org.store.begin() as connection:
        left = handed.not_handed_in(connection, org.settings, ["SC", "SY"], on=near)
        told = handed.call_to_mind(connection, org.settings, ["SC", "SY"], on=near, at=AT)
        assert ("SC", "annual_report") not in {(unit, due.duty) for unit, due in left}
        assert ("SY", Due(date(2026, 11, 30), "annual_report", "2026")) in left
        assert told == len(left)
        assert handed.call_to_mind(connection, org.settings, ["SC", "SY"], on=near, at=AT) == 0


def test_days_of_duties() -> None:
    duties = read_duties("detail=03-31,06-30,09-30,12-31；check=")
    assert "check" not in duties
    told = [(d.period, d.due_on.isoformat()) for d in occurrences(duties, DAY, date(2026, 12, 1)) if d.duty == "detail"]
    assert told == [("2026Q1", "2026-03-31"), ("2026Q2", "2026-06-30"), ("2026Q3", "2026-09-30")]
    for wrong in ("detail=13-01", "detail=02-29", "poem=01-01", "detail"):
        with pytest.raises(ValueError, match=wrong):
            read_duties(wrong)


DEMAND = {"unit": "SC", "department": "技术科", "applicant": "周",
          "lines": [{"type": "压缩", "name": "WinRAR", "quantity": 3, "domestic": False}]}  # fmt: skip
INSTALL = {"unit": "SC", "department": "技术科", "applicant": "周", "computer": "PC-1", "kind": "install",
           "software": "Beyond Compare 4", "reason": "比对图纸"}  # fmt: skip


def test_a_demand_goes_from_the_application_to_the_ledger(org: Supervised) -> None:
    with org.store.begin() as connection:
        request = asked.apply(connection, asked.DEMAND, DEMAND, on=DAY, actor=Actor("周"), at=AT)
        with pytest.raises(AuditorError, match="申请人不能审核"):
            asked.advance(connection, request, "department", name="周", on=DAY, at=AT)
        with pytest.raises(AuditorError, match="下一步应为本部门领导审核（department）"):
            asked.advance(connection, request, "it", name="吴", on=DAY, at=AT)
        for step in ("department", "it", "planned", "delivered"):
            request = asked.advance(connection, request, step, name="吴", on=DAY, at=AT)
        with pytest.raises(AuditorError, match="台账中没有这些软件编号"):
            asked.advance(connection, request, "entered", name="吴", on=DAY, at=AT, told={"codes": ["SC-9"]})
    ledger = "软件编号,软件名称,软件类型,许可数量,许可类型,许可期限\nSC-9,WinRAR,商业软件,3,数量许可,永久\n"
    org.register("licences", ledger,
                 on=DAY, unit="SC")  # fmt: skip
    with org.store.begin() as connection:
        request = find_dossier(connection, REQUESTS, request["number"])
        request = asked.advance(connection, request, "entered", name="吴", on=DAY, at=AT, told={"codes": ["SC-9"]})
        with pytest.raises(AuditorError, match="已办结"):
            asked.advance(connection, request, "rejected", name="吴", on=DAY, at=AT)
    assert [step["step"] for step in request["steps"]] == list(asked.STEPS[asked.DEMAND])


def test_an_installation_without_a_request_is_a_finding_where_the_unit_says_so(org: Supervised) -> None:
    org.scan("PC-1", "2026-03-02", ["WinRAR 6.24 (64-bit)", "Beyond Compare 4.4.6"])
    run, _ = org.audit("2026-03-05")
    (seen,) = asked.installations(run, frozenset({"SC"}), None)
    assert asked.installations(run, frozenset({"JT"}), None) == []
    with org.store.begin() as connection:
        request = asked.apply(connection, asked.INSTALLATION, INSTALL, on=date(2026, 2, 18), actor=Actor("周"), at=AT)
        request = asked.advance(connection, request, "department", name="吴", on=date(2026, 2, 19), at=AT)
        assert len(asked.find_unrequested(connection, run, units=frozenset({"*"}), since=None, at=AT)) == 1
        assert asked.find_unrequested(connection, run, units=frozenset({"*"}), since=None, at=AT) == []
        request = asked.advance(connection, request, "it", name="郑", on=date(2026, 2, 20), at=AT)
        assert asked.seen_by_scan(request, run) == seen
        assert len(list_dossiers(connection, REQUESTS, kind="installation")) == 1
    case = org.case("install.without_request")
    assert (case.unit, case.origin, case.product) == ("SC", "request", seen.product)


def test_an_approved_request_explains_the_installation(org: Supervised) -> None:
    org.scan("PC-1", "2026-03-02", ["WinRAR 6.24 (64-bit)", "Beyond Compare 4.4.6"])
    run, _ = org.audit("2026-03-05")
    with org.store.begin() as connection:
        request = asked.apply(connection, asked.INSTALLATION, INSTALL, on=date(2026, 2, 18), actor=Actor("周"), at=AT)
        for step in ("department", "it"):
            request = asked.advance(connection, request, step, name="吴", on=date(2026, 2, 20), at=AT)
        assert asked.find_unrequested(connection, run, units=frozenset({"SC"}), since=None, at=AT) == []
        assert asked.find_unrequested(connection, run, units=frozenset({"SC"}), since=date(2026, 4, 1), at=AT) == []


@pytest.mark.parametrize(
    ("kind", "content", "why"),
    [
        ("demand", {**DEMAND, "lines": []}, "lines"),
        ("demand", {**DEMAND, "lines": [{"name": "x", "quantity": 0}]}, "大于 0"),
        ("installation", {**INSTALL, "kind": "copy"}, "install, remove, upgrade"),
        ("installation", {**INSTALL, "reason": ""}, "reason"),
    ],
)
def test_an_application_that_lacks_something(org: Supervised, kind: str, content: dict[str, Any], why: str) -> None:
    with org.store.begin() as connection, pytest.raises(AuditorError, match=why):
        asked.apply(connection, kind, content, on=DAY, actor=Actor("周"), at=AT)

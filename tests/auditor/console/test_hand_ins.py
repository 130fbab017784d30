"""Handing in, in the console: drafted, reviewed by another, submitted and frozen, corrected; questions and answers."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from console_readers import Reader, readers
from filled_store import Filled, filled_store

from auditor.proof.signing import new_signing_key
from auditor.settings import load_settings
from auditor.store.dossiers import SUBMISSIONS, find_dossier, list_dossiers
from auditor.store.handed_in import UnitKey, add_key, list_hand_ins, revoke_key
from auditor.supervision.handing_up import EntityTold, HandInBody, PositionTold, hand_in
from auditor.supervision.proving import supervision_faults

pytestmark = pytest.mark.slow
"""Each begins with a store of its own; the interface's tests hold the same ways quickly."""

DRAFT = {"entity": "JT", "duty": "annual_report", "period": "2026", "form_language": "zh_CN"}


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """A store whose checker has a key, which the store knows as that of SJ."""
    made, key = filled_store(tmp_path), new_signing_key(tmp_path / "key.pem")
    settings = load_settings(
        flags={"database": made.settings.text("database"), "submission_key": str(tmp_path / "key.pem")}
    )
    with made.store.begin() as connection:
        public = base64.b64encode(key.public).decode("ascii")
        add_key(connection, UnitKey("SJ", public, "2026-01-01T00:00:00Z"))
    return replace(made, settings=settings)


@pytest.fixture
def auditor(filled: Filled) -> Iterator[Reader]:
    with readers(filled, roles=("unit_auditor",), units=("*",), name="起草人") as reader:
        yield reader


def drafted(auditor: Reader, **more: str) -> str:
    answer = auditor.post("/hand-ins", {**DRAFT, **more})
    assert answer.status_code == 303, answer.text
    for _ in range(200):
        page = auditor.get(answer.headers["location"]).text
        if found := re.search(r'href="/hand-ins/(BS-\d+-\d+)"', page):
            return found[1]
        assert 'class="fault"' not in page, page
        time.sleep(0.05)
    raise AssertionError(page)


def step(reader: Reader, number: str, name: str, **more: str) -> str:
    version = re.search(r'name="version" value="(\d+)"', reader.get(f"/hand-ins/{number}").text)
    fields = {"version": version[1] if version is not None else "0", **more}
    answer = reader.post(f"/hand-ins/{number}/{name}", fields)
    return "" if answer.status_code == 303 else str(answer.text)


def test_drafted_reviewed_by_another_submitted_frozen_and_corrected(filled: Filled, auditor: Reader) -> None:
    assert "年度工作报告" in auditor.get("/hand-ins").text
    number = drafted(auditor)
    page = auditor.get(f"/hand-ins/{number}").text
    assert "须由另一人审核" in page and "软件正版化工作年度报告" in page
    assert "不能审核自己的报表" in step(auditor, number, "review")
    with readers(filled, roles=("unit_auditor",), units=("*",), name="审核人") as reviewer:
        assert step(reviewer, number, "review", opinion="同意 <b>") == ""
    assert step(auditor, number, "submit") == ""
    page = auditor.get(f"/hand-ins/{number}").text
    assert "已冻结" in page and "同意 &lt;b&gt;" in page and "审核人" in page
    file = re.search(rf'href="(/hand-ins/{number}/files/[0-9a-f]{{64}})"', page)
    assert file is not None and auditor.get(file[1]).content[:2] == b"PK"
    again = auditor.post("/hand-ins", DRAFT)
    assert again.status_code == 400 and "只能更正" in again.text
    same = auditor.post("/hand-ins", DRAFT | {"corrects": number, "run": filled.run.id})
    assert same.status_code == 400 and "更正须依据新的稽核" in same.text
    filled.audit(date(2026, 7, 31))
    second = drafted(auditor, corrects=number)
    with readers(filled, roles=("unit_auditor",), units=("*",), name="审核人") as reviewer:
        assert step(reviewer, second, "review") == ""
    assert step(auditor, second, "submit") == ""
    page = auditor.get(f"/hand-ins/{second}").text
    assert f'href="/hand-ins/{number}"' in page and "差异" in page
    assert "已被更正" in auditor.get(f"/hand-ins/{number}").text
    with filled.store.read() as connection:
        assert find_dossier(connection, SUBMISSIONS, number)["state"] == "corrected"
        assert supervision_faults(connection) == []


def test_a_draft_that_is_not_possible_is_refused_at_once(filled: Filled, auditor: Reader) -> None:
    for fields, told in (
        ({"duty": "poem"}, "应为"),
        ({"period": "soon"}, "2026H1"),
        ({"entity": "JT-CW"}, "应为独立法人单位"),
        ({"corrects": "BS-1999-001"}, "没有这个编号"),
    ):
        answer = auditor.post("/hand-ins", DRAFT | fields)
        assert answer.status_code == 400 and told in answer.text
    with filled.store.read() as connection:
        assert list_dossiers(connection, SUBMISSIONS) == []


def test_a_draft_is_sent_back_with_a_reason(filled: Filled, auditor: Reader) -> None:
    number = drafted(auditor, duty="summary")
    assert "expected a text" in step(auditor, number, "send-back")
    assert step(auditor, number, "send-back", opinion="漏报一台服务器") == ""
    assert "漏报一台服务器" in auditor.get(f"/hand-ins/{number}").text
    out_of_turn = auditor.post(f"/hand-ins/{number}/submit", {"version": "2"})
    assert out_of_turn.status_code == 400 and "现为已退回，应为已审核" in out_of_turn.text
    late = auditor.post(f"/hand-ins/{number}/review", {"version": "1"})
    assert late.status_code == 400 and "其他人刚刚处理过" in late.text


def signed(filled: Filled, unit: str = "SJ", corrects: str | None = None, machines: int = 1) -> bytes:
    """A file of a unit below, signed by the key of the store."""
    from auditor.letters.submissions import signing_key

    nought = 0 * filled.run.result.positions[0].required
    position = PositionTold("rarlab/winrar", "per_device", "WinRAR", "archiver", 1, nought + 1, nought, nought,
                            nought + 1, nought, nought, 1, False)  # fmt: skip
    entity = EntityTold(unit, "示例设计院", "JT", machines, 1, 0, 1, (position,), (), (), 0)
    body = HandInBody(unit, "summary", "2026", date(2026, 6, 30), filled.run.id, "t", "2026-07-01T00:00:00Z", (entity,),
                      corrects)  # fmt: skip
    return hand_in(body, signing_key(filled.settings))


def test_files_of_units_below_are_verified_rolled_up_and_asked_about(filled: Filled, auditor: Reader) -> None:
    def take(data: bytes, kind: str = "hand-in") -> str:
        answer = auditor.post(
            "/hand-ins/received", {"kind": kind}, files={"file": ("a.json", data, "application/json")}
        )
        return str(answer.headers["location"]) if answer.status_code == 303 else str(answer.text)

    assert take(signed(filled)).endswith("done=taken")
    assert take(signed(filled)).endswith("done=there")
    assert "更正须写明所更正的文件" in take(signed(filled, machines=2))
    assert "签名单位" in take(signed(filled, unit="JT"))
    assert "签名" in take(signed(filled).replace(b"WinRAR", b"WinZip"))
    page = auditor.get("/hand-ins/received?duty=summary&period=2026").text
    assert "示例设计院" in page and "未报单位有限公司" in page and "WinRAR" in page
    asked = {"of_unit": "SJ", "product": "rarlab/winrar", "duty": "summary", "period": "2026"}
    assert "没有这种软件" in auditor.post("/hand-ins/questions", asked | {"product": "a/b"}).text
    where = auditor.post("/hand-ins/questions", asked).headers["location"].partition("?")[0]
    assert "待该单位答复" in auditor.get(where).text
    question = auditor.get(f"{where}/file").content
    reply = auditor.post("/hand-ins/answers", {}, files={"file": ("q.json", question, "application/json")})
    assert reply.status_code == 200, reply.text
    assert take(reply.content, "answer").endswith("done=taken")
    page = auditor.get(where).text
    assert "SJ-001" in page and "李四光" not in page
    with filled.store.begin() as connection:
        (row,) = list_hand_ins(connection)
        revoke_key(connection, _public(filled), at="2026-07-02T00:00:00Z", by=None)
    assert "吊销" in take(signed(filled, corrects=row.digest))
    with filled.store.read() as connection:
        assert [one.digest for one in list_hand_ins(connection)] == [row.digest]
        assert supervision_faults(connection) == []


def _public(filled: Filled) -> str:
    from auditor.letters.submissions import signing_key

    return base64.b64encode(signing_key(filled.settings).public).decode("ascii")


def test_rights_follow_role_and_subtree(filled: Filled, auditor: Reader) -> None:
    number = drafted(auditor, duty="summary")
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert number not in other.get("/hand-ins").text and other.get(f"/hand-ins/{number}").status_code == 404
        assert other.post(f"/hand-ins/{number}/send-back", {"version": "1", "opinion": "x"}).status_code == 404
        assert other.post("/hand-ins", DRAFT).status_code == 404
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        page = inspector.get(f"/hand-ins/{number}").text
        assert number in page and "/review" not in page
        assert inspector.post(f"/hand-ins/{number}/review", {"version": "1"}).status_code == 403

"""What is done in the console: previewed with its count, applied as one entry, taken back."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_readers import Reader, readers
from filled_store import HOSTILE, Filled, filled_store

from auditor.store.batches import list_batches
from auditor.store.entitlements import list_entitlements
from auditor.store.runs import list_runs, record_issued
from auditor.store.trail import first_broken_entry, list_trail
from rules.overlay import in_force

pytestmark = pytest.mark.slow  # each has a store of its own, filled and audited

LEDGER = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限
JT-S-001,WinRAR,商业软件,JT,2020-01-01,9,永久
JT-S-009,AutoCAD,商业软件,JT,2024-01-01,2,永久
"""
RULE = {
    "group": "g",
    "id": "house/barcode",
    "zh": "物资条码打印",
    "en": "Barcode printing",
    "publisher": "信息中心",
    "kind": "application",
    "category": "other",
    "licence_class": "commercial",
    "terms": "",
    "pattern": r"物资条码打印 v\d+(\.\d+)*",
    "matches": "物资条码打印 V2.3",
    "rejects": "物资条码打印机驱动",
}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    """A store of its own for each test."""
    made = filled_store(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def auditor(filled: Filled) -> Iterator[Reader]:
    """The group's auditor."""
    with readers(filled, roles=("group_auditor", "administrator"), units=("*",)) as reader:
        yield reader


def upload(name: str, text: str) -> dict[str, tuple[str, bytes, str]]:
    """A file as a form sends it."""
    return {"file": (name, text.encode(), "text/csv")}


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the form that applies."""
    form = html[html.index('action="/batches"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.partition("</form>")[0]))


def test_an_import_is_previewed_applied_and_taken_back(filled: Filled, auditor: Reader) -> None:
    with filled.store.read() as connection:
        before = list_entitlements(connection)
    said = {"register": "licences", "valid_from": "2026-07-01", "unit_of_file": "", "reason": "年中<b>盘点"}
    shown = auditor.post("/batches/preview", said, files=upload("新台账.csv", LEDGER))
    text = re.sub(r"<[^>]+>|\s+", " ", shown.text)

    assert shown.status_code == 200
    assert re.search(r"新增 +1 +变更 +1 +不变 +0 +文件中没有 +2", text)
    assert "JT/JT-S-001/1 许可数量 1 9" in re.sub(" +", " ", text)
    assert re.search(r"应用：写入 2 行（一个批次，可撤回）", text)
    with filled.store.read() as connection:
        assert list_entitlements(connection) == before  # nothing was written

    fields = {name: value for name, value in hidden(shown.text).items() if name != "csrf"}
    fields["reason"] = said["reason"]
    assert auditor.post("/batches", fields).headers["location"] == "/batches?done=applied"
    with filled.store.read() as connection:
        (changed,) = (r for r in list_entitlements(connection) if r.code == "JT-S-001")
        batch = list_batches(connection, "licences")[-1]
    assert changed.quantity == 9
    assert batch.reason == "年中<b>盘点" and batch.made_by
    past = auditor.get(f"/ledger/{changed.id}").text
    assert "许可数量：1 → 9" in past and "年中&lt;b&gt;盘点" in past and past.index("变更</b>") < past.index("登记</b>")
    assert "Licences held: 1 → 9" in auditor.get(f"/ledger/{changed.id}", language="en").text

    asked = auditor.get(f"/batches/{batch.id}/take-back").text
    assert f"撤回批次 {batch.id}" in asked and "2 行" in asked
    assert auditor.post(f"/batches/{batch.id}/take-back", {}).headers["location"] == "/batches?done=taken-back"
    with filled.store.read() as connection:
        assert [(r.code, r.quantity) for r in list_entitlements(connection)] == [(r.code, r.quantity) for r in before]
        assert first_broken_entry(connection) is None
    assert auditor.post(f"/batches/{batch.id}/take-back", {}).status_code == 404


def test_a_file_with_faults_tells_them_all_and_cannot_be_applied(auditor: Reader) -> None:
    bad = LEDGER.replace(",9,", ",viele,").replace(",2,", ",-2,")
    said = {"register": "licences", "valid_from": "2026-07-01"}
    shown = auditor.post("/batches/preview", said, files=upload("坏.csv", bad)).text
    assert "viele" in shown and "-2" in shown and "应用：写入" not in shown
    for field, value in (("register", "runs"), ("register", ""), ("valid_from", "morgen")):
        answer = auditor.post("/batches/preview", {**said, field: value}, files=upload("a.csv", LEDGER))
        assert answer.status_code in (400, 404)
    assert auditor.post("/batches/preview", said).status_code == 400


def test_nobody_imports_for_a_unit_of_another_subtree(filled: Filled) -> None:
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as reader:
        said = {"register": "licences", "valid_from": "2026-07-01"}
        shown = reader.post("/batches/preview", said, files=upload("a.csv", LEDGER)).text
        assert "含有不在您范围内的单位：JT" in shown and "应用：写入" not in shown
        batches = reader.get("/batches").text
        assert "take-back" not in batches  # every batch holds rows of others
        assert reader.post("/batches/4/take-back", {}).status_code == 404
    with filled.store.read() as connection:
        assert all(batch.taken_back_at is None for batch in list_batches(connection))


def test_a_rule_is_previewed_applied_and_taken_back(filled: Filled, auditor: Reader) -> None:
    from auditor.audit.catalogue_in_force import layer_folder

    folder = layer_folder(filled.settings)
    queue = auditor.get("/recognition").text
    href = next(link for link in re.findall(r'href="(/recognition/rule\?[^"]+)"', queue))
    assert "建规则" in auditor.get(href.replace("&amp;", "&")).text

    shown = auditor.post("/recognition/rule/preview", RULE).text
    text = re.sub(r"<[^>]+>|\s+", " ", shown)
    assert re.search(r"物资条码打印 V2\.3.* house/barcode +2 ", text)
    assert re.search(r"应用：改变 \d+ 个名称（一版，可撤回）", text)
    assert in_force(folder) is None

    assert auditor.post("/recognition/rule", RULE).headers["location"] == "/recognition/rules?done=rules-applied"
    now = in_force(folder)
    assert now is not None and now.number == 1
    assert auditor.get("/products/house/barcode").status_code == 200
    assert "products/house/barcode.yaml" in auditor.get("/recognition/rules").text
    back = auditor.post("/recognition/rules/take-back", {"revision": "7"})
    assert back.status_code == 400 and in_force(folder) == now  # somebody else changed it meanwhile
    auditor.post("/recognition/rules/take-back", {"revision": "1"})
    assert in_force(folder) is None
    assert auditor.get("/products/house/barcode").status_code == 404
    with filled.store.read() as connection:
        acts = [entry.act for entry in list_trail(connection)]
    assert acts[-2:] == ["rules.applied", "rules.taken_back"]


def test_a_rule_with_faults_is_not_taken(filled: Filled, auditor: Reader) -> None:
    from auditor.audit.catalogue_in_force import layer_folder

    for field, value in (
        ("pattern", "(["), ("matches", "WinRAR"), ("rejects", "物资条码打印 V2.3"), ("kind", "nonsense"),
        ("id", "../../etc/passwd"), ("id", "house"), ("zh", ""), ("zh", HOSTILE * 20),
    ):  # fmt: skip
        said = {**RULE, field: value}
        assert 'class="fault"' in auditor.post("/recognition/rule/preview", said).text, (field, value)
        assert auditor.post("/recognition/rule", said).status_code == 400
    assert in_force(layer_folder(filled.settings)) is None


def ended(reader: Reader, answer: str) -> str:
    """Wait for a task and return its page."""
    for _ in range(300):
        page = str(reader.get(answer).text)
        if 'http-equiv="refresh"' not in page:
            return page
        time.sleep(0.1)
    raise AssertionError("the task does not end")


def test_forms_are_issued_and_fetched_again(filled: Filled, auditor: Reader) -> None:
    said = {"entity": "SJ", "edition": "official", "form_language": "zh_CN", "form": ["free_software", "report"]}
    begun = auditor.post("/forms", said)
    assert begun.status_code == 303
    page = ended(auditor, begun.headers["location"])
    files = re.findall(r'<a href="(/files/[0-9a-f]{64})">([^<]+)</a>', page)
    assert len(files) == 2 and files[1][1].endswith(".html")
    answer = auditor.get(files[1][0])
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert filled.run.id in answer.text
    assert files[1][0] in auditor.get("/forms").text
    with readers(filled, roles=("inspector",), units=("JT-CW",)) as other:
        assert other.get(files[1][0]).status_code == 404  # of a unit that they may not see
        assert other.get(begun.headers["location"]).status_code == 404  # a task of somebody else
    for strange in ({"entity": "XX"}, {"edition": "x"}, {"form": ["x"]}, {"form_language": "fr"}):
        assert auditor.post("/forms", {**said, **strange}).status_code == 400


def test_issued_files_go_on_by_key_and_a_part_sees_its_own(filled: Filled, auditor: Reader) -> None:
    for number in range(60):
        for unit in ("SJ", "WB"):
            with filled.store.begin() as connection:
                record_issued(
                    connection, run=filled.run.id, file_name=f"{unit}/{unit}-{number:02d}.csv",
                    content=f"{unit} {number}".encode(), now="2026-07-01T00:00:00Z",
                )  # fmt: skip
    first = auditor.get("/forms").text
    assert "WB-59.csv" in first and "SJ-59.csv" in first and "SJ-20.csv" not in first
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert "SJ-20.csv" in auditor.get(html.unescape(further)).text
    with readers(filled, roles=("inspector",), units=("SJ",)) as part:
        seen = part.get("/forms").text
        assert "SJ-59.csv" in seen and "WB-59.csv" not in seen


def test_an_audit_is_made_and_compared(filled: Filled, auditor: Reader) -> None:
    begun = auditor.post("/runs", {"as_of": "2026-07-31"})
    page = ended(auditor, begun.headers["location"])
    with filled.store.read() as connection:
        first, second = list_runs(connection)
    assert f"/runs/{second.id}" in page
    shown = re.sub(r"<[^>]+>|\s+", " ", auditor.get(f"/runs/compare?earlier={first.id}&later={second.id}").text)
    assert "2026-06-30" in shown and "2026-07-31" in shown and "目录" in shown
    assert auditor.get(f"/runs/compare?earlier={first.id}&later=ffffff").status_code == 400
    assert auditor.post("/runs", {"as_of": "2999-01-01"}).status_code == 400


def test_a_paper_is_kept_and_proves_its_right(filled: Filled, auditor: Reader) -> None:
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    said = {"row": "1", "kind": "certificate", "number": "Z-1"}
    kept = auditor.post("/papers", said, files={"file": ("..\\..\\证书.pdf", pdf, "application/pdf")})
    assert kept.headers["location"] == "/ledger/1?done=paper-added"
    href = re.findall(r'href="(/papers/[0-9a-f]{64})"', auditor.get("/ledger/1").text)[0]
    answer = auditor.get(href)
    assert answer.content == pdf and "%E8%AF%81%E4%B9%A6.pdf" in answer.headers["content-disposition"]
    bad = auditor.post("/papers", said, files={"file": ("x.pdf", b"MZ\x90", "application/pdf")})
    assert bad.status_code == 400
    with readers(filled, roles=("unit_auditor",), units=("SJ",)) as other:
        assert other.get(href).status_code == 404
        assert other.post("/papers", said, files={"file": ("a.pdf", pdf, "")}).status_code == 404


def test_a_token_is_shown_once_and_can_be_ended(filled: Filled, auditor: Reader) -> None:
    page = auditor.post("/agents/tokens", {"unit_of_token": "SJ", "uses": "3", "days": "2"}).text
    token = re.findall(r"zb-[\w-]{20,}", page)[0]
    again = auditor.get("/agents").text
    assert token not in again and "#1" in again
    auditor.post("/agents/tokens/1/end", {})
    assert "tokens/1/end" not in auditor.get("/agents").text
    assert auditor.post("/agents/tokens", {"uses": "0", "days": "2"}).status_code == 400
    assert auditor.post("/agents/a-none/revoke", {}).status_code == 404

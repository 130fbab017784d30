"""zhengban licences, papers, prices as processes: what an auditor types, and what comes of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from registers import PEOPLE, UNITS
from shell import Shell

from auditor.intake.registers.licence_fields import FIELDS
from auditor.intake.registers.licence_words import choices

pytestmark = pytest.mark.slow

LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限
A-1,WPS Office 2019 专业增强版,商业软件,JT,2020-01-01,5,永久
A-2,本单位自研系统,商业软件,JT,2020-01-01,1,永久
"""
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\nstartxref\n0\n%%EOF\n"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder with three units, two people and two rights."""
    shell = Shell(tmp_path_factory.mktemp("ledger") / "work")
    shell.folder.mkdir()
    for register, text in (("units", UNITS), ("people", PEOPLE)):
        shell(register, "import", shell.file(f"{register}.csv", text), "--apply", "--valid-from", "2020-01-01")
    ledger = shell.file("ledger.csv", LICENCES)
    shell("licences", "import", ledger, "--apply", "--by", "李芳", "--reason", "年度登记", "--valid-from", "2020-01-01")
    return shell


@pytest.mark.parametrize("form", ["xlsx", "csv", "yaml"])
def test_export_and_import_change_nothing(shell: Shell, form: str) -> None:
    shell("licences", "export", "--format", form, "--output", f"out.{form}")
    out, _ = shell("licences", "import", f"out.{form}")

    assert "新增 new 0, 变更 changed 0, 不变 unchanged 2, 文件中没有 missing 0" in out


def test_an_act_is_previewed_applied_listed_and_taken_back(shell: Shell) -> None:
    act = ("licences", "transfer", "A-1", "--unit", "JT", "--to", "CW", "--quantity", "2", "--on", "2026-06-01")
    out, _ = shell(*act)
    assert "预览，未写入" in out
    assert json.loads(shell("licences", "list-transfers", "--format", "json")[0]) == []

    out, _ = shell(*act, "--document", "划字1号", "--apply", "--by", "王敏")
    listed = json.loads(shell("licences", "list-transfers", "--format", "json")[0])
    assert [(row["code"], row["to_unit"], row["quantity"], row["document"]) for row in listed] == [
        ("HZ0001", "CW", 2, "划字1号")
    ]
    _, error = shell(*act[:-3], "4", "--on", "2026-06-02", code=3)
    assert "JT/A-1 在 2026-06-02 由 JT 持有 3（不含保留与绑定），少于 4" in error
    history, _ = shell("licences", "history", "A-1", "--format", "json")
    assert [(row["act"].split(" ")[0], row["by"]) for row in json.loads(history)] == [
        ("登记", "李芳"),
        ("划转", "王敏"),
    ]
    batch = out.split("批次 batch ")[1].split()[0]
    shell("licences", "take-back", batch, "--by", "王敏")
    history, _ = shell("licences", "history", "A-1", "--format", "json")
    assert [row["act"].split(" ")[0] for row in json.loads(history)] == ["登记", "划转", "撤回"]


def test_papers_are_added_all_or_none_linked_and_come_out_as_they_went_in(shell: Shell) -> None:
    shell.file("合同.pdf", PDF)
    shell.file("x.pdf", b"MZ\x90" + PDF)
    _, error = shell("papers", "add", "合同.pdf", "x.pdf", "gone.pdf", code=3)
    assert "x.pdf: 是可执行文件" in error
    assert "gone.pdf" in error
    assert json.loads(shell("papers", "list", "--format", "json")[0]) == []

    missing = json.loads(shell("papers", "missing", "--format", "json")[0])
    shell("papers", "add", "合同.pdf", "--kind", "合同", "--number", "HT-1", "--right", "JT/A-1", "--by", "李芳")
    assert [row["code"] for row in missing] == ["A-1", "A-2"]
    assert [row["code"] for row in json.loads(shell("papers", "missing", "--format", "json")[0])] == ["A-2"]
    shell("papers", "export", "HT-1", "--output", "copy.pdf")
    assert (shell.folder / "copy.pdf").read_bytes() == PDF
    shown = json.loads(shell("papers", "show", "HT-1")[0])
    assert [link["subject"] for link in shown["links"]] == [{"kind": "right", "code": "A-1", "unit": "JT"}]
    _, error = shell("papers", "link", "HT-1", "--right", "JT/A-9", code=3)
    assert "right JT/A-9: 没有登记" in error
    shell("papers", "link", "HT-1", code=2)
    shell("papers", "unlink", "HT-1", "--right", "JT/A-1")
    assert len(json.loads(shell("papers", "missing", "--format", "json")[0])) == 2


def test_the_template_offers_words_and_is_itself_a_ledger_without_rows(shell: Shell) -> None:
    for language, place in (("zh_CN", 0), ("en", -1)):
        shell("licences", "template", "--output", "t.xlsx", "--language", language)
        book = openpyxl.load_workbook(io.BytesIO((shell.folder / "t.xlsx").read_bytes()))
        table, help_page = book.worksheets[0], book.worksheets[1]
        headings = [str(cell.value).rstrip("*") for cell in table[1]]
        assert sorted(headings) == sorted(f.headings[place] for f in FIELDS)
        lists = [rule for rule in table.data_validations.dataValidation if rule.type == "list"]
        assert len(lists) == sum(bool(choices(f.name)) for f in FIELDS)
        told = [row[0].value for row in help_page.iter_rows() if row[0].value]
        assert told[-len(headings) :] == headings
        _, error = shell("licences", "import", "t.xlsx", "--apply", code=3)
        assert "没有可导入的行" in error


def test_serial_numbers_leave_in_full_only_when_asked_and_the_trail_says_so(shell: Shell, tmp_path: Path) -> None:
    text = "软件编号,软件名称,软件类型,单位编码,许可数量,序列号\nS-1,WinRAR,商业软件,JT,1,SERIAL-0001\n"
    out, _ = shell("licences", "import", shell.file("serial.csv", text), "--apply")
    shell("licences", "export", "--output", "masked.csv", "--format", "csv")
    shell("licences", "export", "--output", "full.csv", "--format", "csv", "--with-serials")
    shell("licences", "take-back", out.split("批次 batch ")[1].split()[0])

    assert "SERIAL-0001" not in (shell.folder / "masked.csv").read_text("utf-8-sig")
    assert "********001" in (shell.folder / "masked.csv").read_text("utf-8-sig")
    assert "SERIAL-0001" in (shell.folder / "full.csv").read_text("utf-8-sig")


def test_prices_are_imported_and_listed(shell: Shell) -> None:
    text = "软件名称,单价,起订数量\nWPS Office 专业版,398,1\nWPS Office 专业版,320,100\n"
    shell("prices", "import", shell.file("prices.csv", text), "--apply")
    listed = json.loads(shell("prices", "list", "--format", "json")[0])

    assert sorted((row["from_quantity"], row["price"]) for row in listed) == [(1, "398.00"), (100, "320.00")]


def test_check_ends_1_when_something_contradicts_itself(shell: Shell) -> None:
    assert json.loads(shell("licences", "check", "--format", "json")[0]) == []
    text = "软件编号,软件名称,软件类型,单位编码,许可数量,绑定人员工号\nB-1,WinRAR,商业软件,JT,1,999\n"
    out, _ = shell("licences", "import", shell.file("bound.csv", text), "--apply")
    told = json.loads(shell("licences", "check", "--format", "json", code=1)[0])
    shell("licences", "take-back", out.split("批次 batch ")[1].split()[0])

    assert [(row["where"], row["heading"]) for row in told] == [("JT/B-1", "绑定人员工号")]


def test_a_mapping_file_reads_a_table_of_another_house(shell: Shell) -> None:
    shell.file(
        "m.yaml",
        "columns: {软件编号: Ref, 软件名称: Title, 许可数量: Seats}\nfixed: {软件类型: 商业软件, 单位编码: JT}\n",
    )
    out, _ = shell(
        "licences", "import", shell.file("theirs.csv", "Ref,Title,Seats\nX-1,WinRAR,5\n"), "--mapping", "m.yaml"
    )

    assert "新增 new 1" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "--output", "out.pdf"), "expected one of .xlsx, .csv, .yaml, .yml"),
        (("export", "--output", "out.csv", "--format", "yaml"), "expected the format that the file's name tells"),
        (("template", "--output", "out.csv"), "the template is an .xlsx file"),
    ],
)
def test_a_file_is_what_its_name_says(shell: Shell, arguments: tuple[str, ...], told: str) -> None:
    assert told in shell("licences", *arguments, code=2)[1]


@pytest.mark.parametrize(
    ("name", "begins"), [("out.xlsx", b"PK"), ("out.csv", b"\xef\xbb\xbf"), ("o.yml", b"licences:")]
)
def test_the_name_of_the_file_tells_the_format(shell: Shell, name: str, begins: bytes) -> None:
    shell("licences", "export", "--output", name)
    assert (shell.folder / name).read_bytes().startswith(begins)

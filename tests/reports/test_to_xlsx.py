"""Every cell and every merge of the printed forms, read back with two other libraries."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from report_builders import COVERED, detail_form, empty_forms, free_form, journal_form, plan_form, summary_form

from reports.forms import free_software
from reports.forms.column import Column, Value
from reports.forms.roster import FORMS, Form, form_entry
from reports.forms.sheet import Sheet
from reports.model import DetailLine, FreeLine, JournalSheet
from reports.to_xlsx import file_name, render_xlsx

ALL = (summary_form(), detail_form(), journal_form(), free_form(), plan_form())
CLOSING = "本报告由技术扫描与台账比对生成，供内部自查与核实使用，不构成法律结论；疑似项须经人工确认。"


def opened(form: Form, **options: str) -> openpyxl.Workbook:
    """The printed form as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(form, **options)))


def first_sheet(form: Form, **options: str) -> Any:
    """The first sheet of a printed form."""
    return opened(form, **options).worksheets[0]


def body_start(sheet: Any, columns: tuple[Column, ...], language: str = "zh_CN") -> int:
    """The number of the first row under the header rows, from 1."""
    heading = columns[0].heading(language)
    header = next(row for row in range(1, 30) if sheet.cell(row, 1).value == heading)
    return header + (2 if any(column.group(language) for column in columns) else 1)


def seen(value: object) -> object:
    """A day as a day, whatever a library makes of it."""
    return value.date() if isinstance(value, datetime) else value


def expected_grid(sheet: Sheet) -> list[list[Value]]:
    """The body of a layout with the hidden cells of the merges empty."""
    hidden = {
        (row, column)
        for span in sheet.spans
        for row in range(span.first_row, span.last_row + 1)
        for column in range(span.first_column, span.last_column + 1)
        if (row, column) != (span.first_row, span.first_column)
    }
    return [
        [None if (row, number) in hidden else value for number, value in enumerate(values)]
        for row, values in enumerate(sheet.rows)
    ]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("edition", ["official", "internal"])
@pytest.mark.parametrize("form", ALL, ids=lambda form: type(form).__name__)
def test_every_cell_and_every_merge_reads_back(form: Form, edition: str, language: str) -> None:
    layout = form_entry(form).lay_out(form, language, edition)
    content = render_xlsx(form, language=language, edition=edition)
    by_openpyxl = openpyxl.load_workbook(io.BytesIO(content))
    by_calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))

    assert by_openpyxl.sheetnames == by_calamine.sheet_names == [sheet.name for sheet in layout.sheets]
    for sheet in layout.sheets:
        printed = by_openpyxl[sheet.name]
        start = body_start(printed, sheet.columns, language)
        wide = len(sheet.columns)
        grid = expected_grid(sheet)
        found = [
            [seen(cell.value) for cell in row[:wide]]
            for row in printed.iter_rows(min_row=start, max_row=start + len(grid) - 1)
        ]
        assert found == [[float(v) if isinstance(v, Decimal) else v for v in row] for row in grid]
        other = by_calamine.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)[
            start - 1 : start - 1 + len(grid)
        ]
        assert [[None if value == "" else value for value in row[:wide]] for row in other] == found
        merges = {str(merge) for merge in printed.merged_cells.ranges}
        spans = {
            f"{printed.cell(start + s.first_row, s.first_column + 1).coordinate}:"
            f"{printed.cell(start + s.last_row, s.last_column + 1).coordinate}"
            for s in sheet.spans
        }
        inside = {
            m for m in merges if start <= int("".join(c for c in m.split(":")[0] if c.isdigit())) < start + len(grid)
        }
        assert inside == spans


def test_the_summary_looks_like_the_official_print() -> None:
    sheet = first_sheet(summary_form())

    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [
        "附件7",
        "软件使用情况汇总表",
        "单位名称（盖章）：示例市自然资源局　　填表人：王敏　　联系电话：0571-88000000　　填表日期：2026年11月23日",
    ]
    assert [cell.value for cell in sheet[4] if cell.value is not None] == [
        "人员情况",
        "总人数",
        20,
        "使用计算机人数",
        11,
    ]
    assert [cell.value for cell in sheet[5] if cell.value is not None] == [
        "计算机情况", "服务器数", 1, "台式机数", 9, "便携机数", 2
    ]  # fmt: skip
    assert [seen(cell.value) for cell in sheet[7]] == [
        1, "BG-2019-01", "WPS Office 专业版", "2019", "商业软件", date(2019, 3, 12), 15800, "数量许可", 8, "2019",
        "永久", "****-K7Q2M", 5,
    ]  # fmt: skip
    assert [cell.value for cell in sheet[11]] == [
        3,
        "OEM-01",
        "Windows 10 专业版",
        "10",
        "OEM软件",
        "--",
        *[None] * 6,
        9,
    ]
    assert [cell.value for cell in sheet[12]] == [4, "MF-01", "7-Zip", "--", "免费软件", "--", *[None] * 6, 6]
    assert {"A7:A9", "I7:I9", "J7:J8", "F11:L11", "F12:L12"} <= {str(merge) for merge in sheet.merged_cells.ranges}
    assert sheet.max_column == 13
    assert sheet.cell(sheet.max_row, 1).value == CLOSING


def test_the_detail_has_two_header_rows_and_one_type_over_three() -> None:
    sheet = first_sheet(detail_form())

    assert [cell.value for cell in sheet[4]] == [
        "序号", "部门", "姓名", "计算机编号", "计算机品牌", "软件编号", "软件名称", "软件版本", "许可期限",
        "软件类型", None, None, "安装日期",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[5] if cell.value] == ["商业软件", "OEM软件", "免费软件"]
    merges = {str(merge) for merge in sheet.merged_cells.ranges}
    assert {"J4:L4", "A4:A5", "M4:M5", "B6:B9", "E6:E9"} <= merges
    assert "A6:A9" not in merges


def test_the_journal_has_one_sheet_a_code_with_its_block() -> None:
    book = opened(journal_form())

    assert book.sheetnames == ["BG-2019-01", "OEM-01"]
    sheet = book["BG-2019-01"]
    assert [cell.value for cell in sheet[4] if cell.value] == [
        "软件编号", "软件名称", "软件版本", "软件类型", "许可数量", "可使用版本", "许可期限"
    ]  # fmt: skip
    assert [cell.value for cell in sheet[5] if cell.value] == [
        "BG-2019-01", "WPS Office 专业版", "2019", "商业软件", 8, "2019、2016", "永久"
    ]  # fmt: skip


@pytest.mark.parametrize("form", ALL, ids=lambda form: type(form).__name__)
def test_the_page_is_set_up_for_paper(form: Form) -> None:
    for sheet in opened(form).worksheets:
        header = body_start(sheet, form_entry(form).columns)
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows.endswith(f"${header - 1}")
        assert sheet.print_area.endswith(f"${sheet.max_row}")
        assert "第 &P 页，共 &N 页" in f"{sheet.oddFooter.right.text}"
        assert sheet.cell(header, 1).border.left.style == "thin"
        assert sheet.cell(header, 1).font.name == "仿宋"
        assert sheet.cell(header - 1, len(form_entry(form).columns) - 4).font.name == "宋体"


def test_only_the_internal_edition_has_columns_of_ours() -> None:
    def headings(edition: str) -> list[str]:
        sheet = first_sheet(detail_form(), edition=edition)
        return [cell.value for cell in sheet[4] if cell.value]

    assert headings("internal") == [*headings("official"), "超出", "判定"]
    sheet = first_sheet(detail_form(), edition="internal")
    assert sheet.cell(1, 1).value == "附件7　内部版"
    assert [(sheet.cell(row, 14).value, sheet.cell(row, 15).value) for row in range(6, 11)] == [
        (None, None), ("✓", "授权不足"), (None, None), (None, "正版（不计入正版率）"), (None, "待核实")
    ]  # fmt: skip


@pytest.mark.parametrize("form", empty_forms(), ids=lambda form: type(form).__name__)
def test_an_empty_form_is_a_form_that_says_what_was_not_scanned(form: Form) -> None:
    sheet = first_sheet(form)
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)

    assert form_entry(form).title_zh in text
    for column in form_entry(form).columns:
        assert column.internal or column.zh in text
    assert "本期无应列入本表的记录；下列未扫描计算机不代表未安装软件。" in text
    assert "未扫描或未完整扫描的计算机 3 台：PC-0007（财务处、从未扫描）" in text


HOSTILE = (
    "=cmd|'/C calc'!A0", "+1+1", "-2", "@SUM(A1)", "{=1}", "http://example.invalid/", "<b>&amp;</b>", "007", "1e5",
    "TRUE", "a\x00\x1bb", "exe.\u202egpj", "\ud800", "_x0041_", "\u2028", "😀𠮷", "a\tb\nc", "'x", "",
)  # fmt: skip


def test_hostile_texts_stay_texts() -> None:
    form = replace(
        free_form(), lines=tuple(FreeLine("C", text, None, None, None, None, None, None) for text in HOSTILE)
    )
    content = render_xlsx(form)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    start = body_start(sheet, free_software.COLUMNS)
    cells = [sheet.cell(start + number, 3) for number in range(len(HOSTILE))]
    shown = [
        *HOSTILE[:10], "a\ufffd\ufffdb", "exe.\ufffdgpj", "\ufffd", "_x0041_", "\ufffd", "😀𠮷", "a\tb\nc", "'x", None
    ]  # fmt: skip

    assert [cell.value for cell in cells] == shown
    assert {cell.data_type for cell in cells[:-1]} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert [cell.quotePrefix for cell in cells[:5]] == [True, True, True, True, False]
    other = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    rows = other.to_python(skip_empty_area=False)[start - 1 : start - 1 + len(HOSTILE)]
    assert [row[2] or None for row in rows] == shown
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in parts.namelist() if "rels/sheet" in name or "external" in name.lower()]


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    line = replace(detail_form().machines[0].lines[0], name="长" * 40_000)
    form = replace(detail_form(), machines=(replace(detail_form().machines[0], lines=(line,)),))

    sheet = first_sheet(form)

    value = sheet.cell(6, 7).value
    assert len(value) == 32_767
    assert value.endswith("长……（内容过长，已截断）")
    assert sheet.row_dimensions[6].height == 408.75


def test_sheet_names_that_collide_or_are_not_allowed() -> None:
    codes = ("BG/01", "BG:01", "history", "bg_01", "长" * 40)
    sheets = tuple(JournalSheet(code, "n", None, "commercial", None, None, None, ()) for code in codes)

    book = opened(replace(journal_form(), sheets=sheets))

    assert book.sheetnames == ["BG_01", "BG_01~2", "history~2", "bg_01~3", "长" * 31]
    assert [sheet["A5"].value for sheet in book.worksheets] == list(codes)


def test_a_unit_name_with_an_ampersand_does_not_turn_into_a_footer_code() -> None:
    form = replace(free_form(), head=replace(free_form().head, unit_name="研发 R&D &P", annex=None))

    sheet = first_sheet(form)

    assert sheet.cell(1, 1).value == "可使用免费软件清单"
    assert "研发 R&D &P" in sheet.cell(2, 1).value
    assert sheet.oddFooter.right.text.count("&P") == 1 or sheet.oddFooter.right.text.count("&[Page]") == 1


def test_blank_heads_leave_room_to_write_by_hand() -> None:
    form = replace(free_form(), head=replace(free_form().head, filled_by=None, phone=None, filled_on=None))

    line = first_sheet(form).cell(3, 1).value

    assert "填表日期：　　年　　月　　日" in line
    assert "填表人：　　　　　　　　联系电话：" in line


SCRIPT = """
import hashlib
from report_builders import detail_form, free_form, journal_form, summary_form
from reports.to_xlsx import render_xlsx
for form in (summary_form(), detail_form(), journal_form(), free_form()):
    for language in ("zh_CN", "en"):
        print(hashlib.sha256(render_xlsx(form, language=language, edition="internal")).hexdigest())
"""


def digests(**environment: str) -> str:
    """The digests of all forms, made in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join((str(root), str(root / "tests" / "support")))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def test_the_same_form_gives_the_same_bytes_everywhere() -> None:
    here = digests(TZ="Asia/Shanghai", LANG="zh_CN.UTF-8", PYTHONHASHSEED="1")
    there = digests(TZ="America/New_York", LANG="C", LC_ALL="C", PYTHONHASHSEED="4242")

    assert here == there
    assert len(set(here.split())) == 8


def test_the_workbook_bears_the_as_of_day_and_no_clock() -> None:
    properties = opened(free_form()).properties

    assert properties.created == datetime(2026, 11, 23)  # noqa: DTZ001
    assert properties.modified == datetime(2026, 11, 23)  # noqa: DTZ001


@pytest.mark.slow
def test_a_thousand_computers_keep_their_blocks() -> None:
    machine = detail_form().machines[0]
    lines = tuple(DetailLine("C", f"软件{number}", "1", None, "free", None) for number in range(20))
    form = replace(
        detail_form(),
        coverage=COVERED,
        machines=tuple(replace(machine, computer_code=f"PC-{number:04d}", lines=lines) for number in range(1_000)),
    )

    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(render_xlsx(form))).get_sheet_by_index(0)
    body = rows.to_python(skip_empty_area=False)[5:20_005]

    assert [row[3] for row in body[::20]] == [f"PC-{number:04d}" for number in range(1_000)]
    assert [row[0] for row in body] == [float(number) for number in range(1, 20_001)]
    assert [row[6] for row in body[-2:]] == ["软件18", "软件19"]


def test_names_of_files() -> None:
    assert file_name(summary_form()) == "软件使用情况汇总表_示例市自然资源局_2026-11-23.xlsx"
    assert file_name(summary_form(), "en", "internal").startswith("Summary_of_software_use（internal_edition）_")
    assert len({file_name(form) for form in ALL}) == len(FORMS)
    outside = replace(free_form(), head=replace(free_form().head, unit_name="../../x"))
    assert "/" not in file_name(outside)


def test_a_long_flat_list_written_row_by_row_holds_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.forms.detail.LINES_TOGETHER", 1)
    held = openpyxl.load_workbook(io.BytesIO(render_xlsx(detail_form())))
    monkeypatch.setattr("reports.to_xlsx.LINES_HELD", 1)
    streamed = openpyxl.load_workbook(io.BytesIO(render_xlsx(detail_form())))
    assert len(held.sheetnames) > 1 and streamed.sheetnames == held.sheetnames
    for name in held.sheetnames:
        assert list(streamed[name].values) == list(held[name].values)
        assert {str(each) for each in streamed[name].merged_cells.ranges} == {
            str(each) for each in held[name].merged_cells.ranges
        }
        assert streamed[name].print_title_rows == held[name].print_title_rows

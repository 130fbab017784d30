"""Spreadsheets and CSV files as offices write them → rows with sheet, row and column."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from auditor.errors import AuditorError
from auditor.intake.tables import MAX_COLUMNS, Place, column_letters, read_tables

MORNING = datetime(2019, 3, 5, 8, 30)  # noqa: DTZ001  a spreadsheet knows no zone
CAPTURES = Path(__file__).resolve().parent / "ledgers"


def workbook(fill: Callable[[Worksheet], object]) -> bytes:
    """An XLSX with one sheet 台账."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "台账"
    fill(sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_cells_keep_their_place_below_empty_rows_and_columns() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["C4"], sheet["D4"] = "软件编号", "软件名称"
        sheet["C5"], sheet["D5"] = "A-1", "WPS Office"

    (table,) = read_tables(workbook(fill), "台账.xlsx")

    assert table.sheet == "台账"
    assert table.rows[:3] == ((None,) * 4,) * 3
    assert table.rows[3:] == ((None, None, "软件编号", "软件名称"), (None, None, "A-1", "WPS Office"))


def test_values_are_days_numbers_and_texts() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([date(2019, 3, 5), MORNING, 12, 12.0, 12.5, "0012", "  x ", True, None, "尾"])

    (table,) = read_tables(workbook(fill), "x.xlsx")

    assert table.rows == ((date(2019, 3, 5), "2019-03-05 08:30:00", 12, 12, 12.5, "0012", "x", True, None, "尾"),)


def test_merged_cells_bear_their_value_everywhere() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["C1"], sheet["B3"] = "一", "二", "三"
        sheet.merge_cells("A1:B2")
        sheet.merge_cells("B3:C3")

    (table,) = read_tables(workbook(fill), "x.xlsx")

    assert table.rows == (("一", "一", "二"), ("一", "一", None), (None, "三", "三"))


def test_a_formula_is_the_value_that_was_kept_for_it() -> None:
    """openpyxl keeps no values; the file is put together with one, as a spreadsheet program leaves it."""
    data = workbook(lambda sheet: sheet.append([2, 3, "=A1*B1"]))
    changed = replace_in_sheet(data, b"<f>A1*B1</f><v></v>", b"<f>A1*B1</f><v>6</v>")
    changed = replace_in_sheet(changed, b"<f>A1*B1</f><v />", b"<f>A1*B1</f><v>6</v>")

    (table,) = read_tables(changed, "x.xlsx")

    assert table.rows == ((2, 3, 6),)


def replace_in_sheet(data: bytes, old: bytes, new: bytes) -> bytes:
    """Write a workbook anew with other text in its first sheet."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            content = source.read(entry)
            is_sheet = entry.filename == "xl/worksheets/sheet1.xml"
            made.writestr(entry.filename, content.replace(old, new) if is_sheet else content)
    return target.getvalue()


def test_every_sheet_with_a_value_is_read() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("空")
    book.create_sheet("二").append(["x"])
    target = io.BytesIO()
    book.save(target)

    assert [(table.sheet, table.rows) for table in read_tables(target.getvalue(), "x.xlsx")] == [("二", (("x",),))]


def test_an_xls_of_an_old_program_is_read() -> None:
    (table,) = read_tables((CAPTURES / "ledger-97.xls").read_bytes(), "ledger-97.xls")

    assert table.sheet == "台账"
    assert table.rows[0] == ("采购台账",) * 5
    assert table.rows[1] == ("软件编号", "软件名称", "软件类型", "采购时间", "许可数量")
    assert table.rows[2] == ("XLS-1", "WPS Office 2019 专业增强版", "商业软件", date(2019, 3, 5), 20)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_in_every_encoding_and_with_every_separator(encoding: str, mark: bytes, separator: str) -> None:
    text = (
        separator.join(["编码", "名称"])
        + "\r\n"
        + separator.join(["001", '"信息, 处"' if separator == "," else "信息处"])
    )

    (table,) = read_tables(mark + text.encode(encoding), "单位.csv")

    assert table.sheet == "单位.csv"
    assert table.rows == (("编码", "名称"), ("001", "信息, 处" if separator == "," else "信息处"))


def test_a_title_line_does_not_decide_the_separator() -> None:
    (table,) = read_tables("采购台账\n编码;名称;备注\n1;甲,乙;无\n".encode(), "x.csv")

    assert table.rows[1:] == (("编码", "名称", "备注"), ("1", "甲,乙", "无"))


def test_the_bytes_and_not_the_name_say_what_a_file_is() -> None:
    xlsx = workbook(lambda sheet: sheet.append(["甲"]))

    assert read_tables(xlsx, "x.csv")[0].rows == (("甲",),)
    assert read_tables("甲\t乙\n".encode("gb18030"), "导出.xls")[0].rows == (("甲", "乙"),)


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,,\n,,\n"])
def test_an_empty_file_has_no_table(data: bytes) -> None:
    assert read_tables(data, "x.csv") == []


def other_zip() -> bytes:
    """A zip that is no workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("readme.txt", "x")
    return target.getvalue()


BOOK = workbook(lambda sheet: [sheet.append(["软件编号", "软件名称"]) for _ in range(200)])

SHEET = BOOK.index(b"xl/worksheets/sheet1.xml")
"""Where the packed sheet begins."""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (BOOK[: len(BOOK) // 2], "XLSX, XLS or CSV"),
        (BOOK[:200], "XLSX, XLS or CSV"),
        (BOOK[: SHEET + 60] + b"\xff" * 100 + BOOK[SHEET + 160 :], "XLSX, XLS or CSV"),
        (other_zip(), "xl/workbook.xml"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "XLSX, XLS or CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "XLSX, XLS or CSV"),
        (b"%PDF-1.7 x", "XLSX, XLS or CSV"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "XLSX, XLS or CSV"),
        (b"a,b\n\x81\x30\xff,x\n", "UTF-8, GB18030 or UTF-16"),
        (b"\xff\xfea", "UTF-8, GB18030 or UTF-16"),
        (b'a,b\n"never closed,x\n', "XLSX, XLS or CSV"),
        ((",".join("x" * (MAX_COLUMNS + 1)) + "\n").encode(), "512 columns"),
    ],
)
def test_what_is_no_table_is_refused_by_name(data: bytes, expected: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read_tables(data, "台账.xlsx")

    assert str(refused.value).startswith("台账.xlsx: ")
    assert "应" in str(refused.value)
    assert expected in str(refused.value)


@pytest.mark.parametrize("cell", ["XFD1048576", "SS1", "A1048576", "CV900000"])
def test_one_cell_far_out_does_not_fill_the_memory(cell: str) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "软件编号"
        sheet[cell] = "x"

    with pytest.raises(AuditorError, match="columns and 20000000 cells"):
        read_tables(workbook(fill), "x.xlsx")


def test_a_sheet_packed_to_explode_is_refused_within_bounds() -> None:
    """A gibibyte and more of blanks in a file of a few megabytes, read in a process with little memory."""
    program = """
import io, resource, sys, zipfile
from auditor.errors import AuditorError
from auditor.intake.tables import read_tables
target = io.BytesIO()
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
    made.writestr("xl/workbook.xml", "<workbook/>")
    with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
        for _ in range(1100):
            sheet.write(b" " * (1 << 20))
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
try:
    read_tables(target.getvalue(), "x.xlsx")
except AuditorError as error:
    sys.exit("unpacked" not in str(error))
sys.exit(2)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[3], timeout=120)
    assert done.returncode == 0


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert str(Place("台账", 7, letters)) == f"台账!{letters}7"

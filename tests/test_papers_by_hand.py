"""Further forms and reports of one month against the same tables filled by hand; `golden/by_hand/README.md` says how.

The workbooks are read back by two libraries that are not ours.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest
from january import AS_OF, BY_HAND, UNIT, fill_january
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from auditor.core.model import UnitCode
from auditor.issuing.run_files import files_of
from reports.printing import Printing

pytestmark = pytest.mark.slow
PAPERS = ("expiry", "office_suites", "annual", "statistics", "domestic", "no_paper", "leading_group", "demand_request")
TABLES = (
    ("office_suites", "paper-office-suites.csv", "计算机清单"),
    ("annual", "paper-annual-funds.csv", "二、资金保障"),
    ("annual", "paper-annual-purchases.csv", "三、软件采购"),
    ("statistics", "paper-statistics-scale.csv", ""),
    ("statistics", "paper-statistics-software.csv", "二、软件配置情况"),
    ("domestic", "paper-domestic-copies.csv", "一、按安装份数"),
    ("domestic", "paper-domestic-machines.csv", "二、按计算机台数"),
    ("domestic", "paper-domestic-money.csv", "三、按本季度采购金额（元）"),
    ("no_paper", "paper-no-paper.csv", "台账行"),
)
Grid = list[list[str]]
ENDS = ("说明", "二、软件配置情况", "三、制度与工作情况")
"""What stands in the first column below a table: its foot, or the next part of a form of one page."""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    checker = fill_january(tmp_path_factory.mktemp("papers"))
    _, view = checker.audit(AS_OF)
    files = files_of(view, UnitCode(UNIT), PAPERS, Printing(), ("xlsx",))
    made = {form: content for form, (_, content) in zip(PAPERS, files, strict=True)}
    checker.store.close()
    return made


def text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def read(content: bytes, reader: str) -> dict[str, Grid]:
    if reader == "openpyxl":
        book = load_workbook(io.BytesIO(content))
        return {
            sheet.title: [[text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
        }
    calamine = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: [
            [text(cell) for cell in row] for row in calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)
        ]
        for name in calamine.sheet_names
    }


def by_hand(name: str) -> Grid:
    with (BY_HAND / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def table_under(sheets: dict[str, Grid], heading: list[str], name: str) -> Grid:
    """The rows below a heading, whose cells may be merged, up to the first that is empty or begins another part."""
    for title, grid in sheets.items():
        if name and name not in (title, *(row[0] for row in grid)):
            continue
        for number, row in enumerate(grid):
            places = [at for at, cell in enumerate(row) if cell]
            if [row[at] for at in places] == heading:
                below = [[each[at] for at in places] for each in grid[number + 1 :]]
                end = next((at for at, each in enumerate(below) if not any(each) or each[0] in ENDS), len(below))
                return below[:end]
    raise AssertionError(heading)


@pytest.mark.parametrize("reader", ["openpyxl", "calamine"])
@pytest.mark.parametrize(("paper", "name", "section"), TABLES)
def test_a_table_is_as_it_was_filled_by_hand(
    books: dict[str, bytes], paper: str, name: str, section: str, reader: str
) -> None:
    heading, *rows = by_hand(name)
    assert table_under(read(books[paper], reader), heading, section) == rows


@pytest.mark.parametrize("reader", ["openpyxl", "calamine"])
def test_the_calendar_of_expiring_licences(books: dict[str, bytes], reader: str) -> None:
    heading, *rows = by_hand("paper-expiry.csv")
    sheets = read(books["expiry"], reader)
    for section in ("一、已到期", "二、一年内到期"):
        expected = [row[1:] for row in rows if row[0] == section]
        assert table_under(sheets, heading[1:], section) == expected


@pytest.mark.parametrize("reader", ["openpyxl", "calamine"])
def test_forms_to_be_filled_in_have_numbered_empty_rows(books: dict[str, bytes], reader: str) -> None:
    heading = ["序号", "姓名", "部门", "职务", "领导小组职务", "职责分工", "办公电话", "手机", "备注"]
    rows = table_under(read(books["leading_group"], reader), heading, "")
    assert rows == [[str(number), *[""] * 8] for number in range(1, 13)]


@pytest.mark.parametrize("reader", ["openpyxl", "calamine"])
def test_what_is_short_is_what_has_to_be_asked_for(books: dict[str, bytes], reader: str) -> None:
    """Copies without a right by hand: commercial lines that carry no code, and the one whose right ended."""
    heading = ["序号", "软件类型", "软件名称（及版本）", "软件用途", "功能要求", "申请数量", "是否国产", "备注"]
    asked = {row[2]: row[5] for row in table_under(read(books["demand_request"], reader), heading, "") if row[2]}
    _, *lines = by_hand("detail.csv")
    without = [row[6] for row in lines if row[9] and not row[5]]
    for name in (
        "Navicat",
        "WinRAR",
        "奇安信可信浏览器",
        "奇安信天擎",
        "数科OFD阅读器",
        "永中Office",
        "福昕OFD版式办公套件",
        "金蝶KIS",
    ):
        assert asked[name] == str(sum(each.startswith(name) for each in without)), name
    assert asked["AutoCAD"] == "1", "its right ended on 2023-08-31"

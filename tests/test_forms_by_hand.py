"""The four printed forms of one month against the same forms filled by hand from the raw scans.

`golden/by_hand/README.md` says how each cell was filled. Every workbook is read back by two libraries that are not
ours; the headings are the official ones, the merges follow the row rules of the forms.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from january import AS_OF, BY_HAND, UNIT, fill_january
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from python_calamine import CalamineWorkbook
from whole_way import printed

SUMMARY = ["序号", "软件编号", "软件名称", "软件版本", "软件类型", "采购时间", "采购金额（单位：元）", "许可类型",
           "许可数量", "可使用版本", "许可期限", "序列号", "安装数量"]  # fmt: skip
DETAIL = ["序号", "部门", "姓名", "计算机编号", "计算机品牌", "软件编号", "软件名称", "软件版本", "许可期限",
          "商业软件", "OEM软件", "免费软件", "安装日期"]  # fmt: skip
JOURNAL_HEAD = ["软件编号", "软件名称", "软件版本", "软件类型", "许可数量", "可使用版本", "许可期限"]
JOURNAL = [
    "安装",
    "卸载",
    "计算机编号",
    "计算机品牌",
    "使用人",
    "使用部门",
    "安装/卸载版本",
    "安装/卸载日期",
    "安装数量",
]
FREE = [
    "序号",
    "软件编号",
    "软件名称",
    "软件版本",
    "软件来源",
    "软件厂商",
    "软件厂商客服联系方式",
    "使用部门",
    "使用原因",
]
Grid = list[list[str]]
Spans = set[tuple[int, int, int, int]]
"""Merged cells: first row, first column, last row, last column, from 1."""


class Books:
    """The workbooks of the month as both libraries read them."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, form: str, reader: str) -> dict[str, Grid]:
        """Return the cells of each sheet as texts."""
        content = io.BytesIO(self.files[form])
        if reader == "openpyxl":
            book = load_workbook(content)
            return {sheet.title: [_texts(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
        calamine = CalamineWorkbook.from_filelike(content)
        names = calamine.sheet_names
        return {
            name: [_texts(row) for row in calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for name in names
        }

    def spans(self, form: str, sheet: str) -> Spans:
        """Return the merged ranges of a sheet."""
        found = load_workbook(io.BytesIO(self.files[form]))[sheet].merged_cells.ranges
        return {(r.min_row, r.min_col, r.max_row, r.max_col) for r in found}


def _texts(row: Any) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def by_hand(name: str) -> list[list[str]]:
    """Return heading and rows of a sheet that was filled by hand."""
    with (BY_HAND / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    checker = fill_january(tmp_path_factory.mktemp("january"))
    _, view = checker.audit(AS_OF)
    files = printed(view, UNIT)
    checker.store.close()
    return Books(files)


def body(grid: Grid, first_heading: str, header_rows: int) -> tuple[int, Grid]:
    """Return number of the first row below the headings (from 1) and the rows down to the first empty one."""
    top = next(number for number, row in enumerate(grid) if row[0] == first_heading) + header_rows
    rows = []
    for row in grid[top:]:
        if not any(row):
            break
        rows.append(row)
    return top + 1, rows


READERS = pytest.mark.parametrize("reader", ["openpyxl", "calamine"])


@READERS
def test_the_detail_form_agrees_with_the_hand(books: Books, reader: str) -> None:
    ((_, grid),) = books.read("detail", reader).items()
    first, rows = body(grid, "序号", 2)
    heading, *hand = by_hand("detail.csv")

    assert heading == DETAIL
    above, below = grid[first - 3], grid[first - 2]
    assert [*above[:9], *below[9:12], above[12]] == DETAIL
    assert above[9] == "软件类型"
    assert rows == hand


def test_the_detail_form_merges_person_and_computer_over_its_lines(books: Books) -> None:
    grid = books.read("detail", "openpyxl")["软件使用情况明细表"]
    first, rows = body(grid, "序号", 2)
    hand = by_hand("detail.csv")[1:]
    starts = [number for number, row in enumerate(hand) if row[3]]
    ends = [*(start - 1 for start in starts[1:]), len(hand) - 1]
    wanted = {
        (first + start, column, first + end, column)
        for start, end in zip(starts, ends, strict=True)
        for column in (2, 3, 4, 5)
    }

    assert within(books.spans("detail", "软件使用情况明细表"), first, first + len(rows) - 1) == wanted
    assert {(3, 10, 3, 12)} <= books.spans("detail", "软件使用情况明细表"), "软件类型 splits in three"


@READERS
def test_the_summary_agrees_with_the_hand(books: Books, reader: str) -> None:
    ((_, grid),) = books.read("summary", reader).items()
    first, rows = body(grid, "序号", 1)
    heading, *hand = by_hand("summary.csv")

    assert heading == SUMMARY == grid[first - 2]
    assert rows == hand
    assert [cell for row in grid[2:4] for cell in row if cell] == [
        "人员情况", "总人数", "6", "使用计算机人数", "4",
        "计算机情况", "服务器数", "0", "台式机数", "3", "便携机数", "2",
    ]  # fmt: skip


def test_the_summary_merges_a_purchase_over_its_lines_and_dashes_over_six_columns(books: Books) -> None:
    grid = books.read("summary", "openpyxl")["软件使用情况汇总表"]
    first, rows = body(grid, "序号", 1)
    office = {(first, column, first + 1, column) for column in range(1, 10)}
    zwcad = {(first + 4, column, first + 5, column) for column in range(1, 11)}
    dashes = {(first + number, 6, first + number, 12) for number, row in enumerate(rows) if row[5] == "--"}

    assert len(dashes) == 2 + 6, "two OEM codes and six of the allow-list"
    found = within(books.spans("summary", "软件使用情况汇总表"), first, first + len(rows) - 1)
    assert found == office | zwcad | dashes


@READERS
def test_the_journal_agrees_with_the_hand(books: Books, reader: str) -> None:
    sheets = books.read("journal", reader)
    head_heading, *heads = by_hand("journal-heads.csv")
    heading, *hand = by_hand("journal.csv")

    assert head_heading == JOURNAL_HEAD
    assert heading == ["软件编号", *JOURNAL]
    assert list(sheets) == [head[0] for head in heads], "one sheet a 软件编号"
    for head in heads:
        grid = sheets[head[0]]
        first, rows = body(grid, "安装", 1)
        assert grid[first - 2] == JOURNAL
        assert [cell for cell in grid[2] if cell] == JOURNAL_HEAD
        assert [cell for cell in grid[3] if cell] == [cell for cell in head if cell]
        assert rows == [row[1:] for row in hand if row[0] == head[0]], head[0]


@READERS
def test_the_list_of_free_software_agrees_with_the_hand(books: Books, reader: str) -> None:
    ((_, grid),) = books.read("free_software", reader).items()
    first, rows = body(grid, "序号", 1)
    heading, *hand = by_hand("free.csv")

    assert heading == FREE == grid[first - 2]
    assert rows == hand


def test_the_forms_agree_with_each_other(books: Books) -> None:
    summary = body(books.read("summary", "openpyxl")["软件使用情况汇总表"], "序号", 1)[1]
    detail = body(books.read("detail", "openpyxl")["软件使用情况明细表"], "序号", 2)[1]
    installed: Counter[str] = Counter()
    code = ""
    for row in summary:
        code = row[1] or code
        installed[code] += int(row[12])
    counted = Counter(row[5] for row in detail if row[5])
    last_totals = {
        name: int(rows[-1][8])
        for name, grid in books.read("journal", "openpyxl").items()
        if (rows := body(grid, "安装", 1)[1])
    }

    assert counted == +installed, "the lines of a code on the detail form are its 安装数量"
    assert set(counted) <= set(installed), "every code of the detail form stands in the summary"
    assert last_totals == {name: installed[name] for name in last_totals}, "the last running total is 安装数量"
    assert set(last_totals) == {name for name in installed if name.startswith("SW")}


def test_the_foot_names_what_has_no_code_and_who_was_not_scanned(books: Books) -> None:
    foot = [row[0] for row in books.read("summary", "openpyxl")["软件使用情况汇总表"]]
    (unregistered,) = [text for text in foot if text.startswith("未登记软件")]
    told = re.findall(r"(?:：|、)([^、：]+?)（(\d+) 份）", unregistered)
    hand = by_hand("unregistered.csv")[1:]

    assert sorted(told) == sorted((name, count) for name, count in hand)
    assert f"{len(hand)} 种，共 {sum(int(count) for _, count in hand)} 份" in unregistered
    assert any("SW-002" in text and "超出 1 份" in text for text in foot)
    for form in books.files:
        for grid in books.read(form, "openpyxl").values():
            (missing,) = [row[0] for row in grid if row[0].startswith("未扫描或未完整扫描的计算机")]
            assert re.search(r"NB-002（财务科[^）]*从未", missing), missing
            assert "扫描覆盖率 80.00%：应扫描计算机 5 台，期内有效扫描 4 台" in "".join(row[0] for row in grid)
            assert "PC-009" not in missing, "a scrapped computer is in no scope"


def within(spans: Spans, first: int, last: int) -> Spans:
    """Return the merged ranges that lie in these rows."""
    return {span for span in spans if first <= span[0] and span[2] <= last}


def test_within_takes_ranges_as_openpyxl_writes_them() -> None:
    column, row, last_column, last_row = range_boundaries("B5:B26")
    assert within({(row, column, last_row, last_column)}, 5, 26) == {(5, 2, 26, 2)}


def test_the_hand_needs_nothing_of_the_program() -> None:
    assert {path.suffix for path in Path(BY_HAND).iterdir()} == {".csv", ".md"}

"""The forms that we print come in again: 明细表 and 安装维护明细表, in both languages, and as filled by hand."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from report_builders import detail_form, journal_form

from auditor.errors import Refused
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came, Read
from reports.to_csv import render_csv
from reports.to_xlsx import render_xlsx
from reports.wording import LANGUAGES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PRINTS: tuple[Callable[..., bytes], ...] = (render_xlsx, render_csv)
Line = tuple[str, str | None, str | None]


def read(data: bytes, name: str = "form.xlsx") -> Read:
    found = read_foreign(data, Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name))
    assert found is not None
    return found


def told(found: Read) -> dict[str | None, list[Line]]:
    """What stands on each computer: name, version, day."""
    return {
        one.host.name: [(item.name, item.version, item.installed_on) for item in one.software]
        for one in found.inventories
    }


@pytest.mark.parametrize("edition", ["official", "internal"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("to", PRINTS)
def test_a_printed_detail_comes_in_as_it_went_out(to: Callable[..., bytes], language: str, edition: str) -> None:
    printed = to(detail_form(), language=language, edition=edition)
    found = read(printed, "form.csv" if to is render_csv else "form.xlsx")
    assert told(found) == {
        "PC-0001": [
            ("WPS Office 专业版", "11.8.2.8808", "2022-03-01"),
            ("WPS Office 专业版", "11.8.2.8808", None),
            ("Windows 10 专业版", "10.0.19045", "2021-01-05"),
            ("7-Zip", "23.01", "2023-09-30"),
        ],
        "PC-0002": [("某工具", "1.0", None)],
        "DESKTOP-9XK2": [("Windows 10 专业版", "10.0.19045", "2020-07-01")],
    }
    assert found.problems == ()
    assert {one.host.operating_system.family for one in found.inventories} == {"windows"}
    assert {one.scanner.name for one in found.inventories} == {"form"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("to", PRINTS)
def test_a_printed_journal_leaves_what_is_there_at_its_end(to: Callable[..., bytes], language: str) -> None:
    found = read(to(journal_form(), language=language), "form.csv" if to is render_csv else "form.xlsx")
    assert told(found) == {
        "PC-0001": [
            ("WPS Office 专业版", "11.8", "2026-01-05"),
            ("WPS Office 专业版", "11.8", "2026-03-10"),
            ("WPS Office 专业版", "11.8", "2026-04-02"),
        ]
    }
    assert found.problems == ()


def by_hand(rows: list[list[object]], merges: list[tuple[int, int, int, int]] = []) -> bytes:  # noqa: B006
    """A workbook as somebody types it."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Sheet1")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    for first_row, first, last_row, last in merges:
        sheet.merge_range(first_row, first, last_row, last, rows[first_row][first])
    book.close()
    return target.getvalue()


HEADINGS: list[object] = [
    "序号",
    "部门",
    "姓名",
    "计算机编号",
    "计算机品牌",
    "软件编号",
    "软件名称",
    "软件版本",
    "许可期限",
    "软件类型",
    "",
    "",
    "安装日期",
]


def test_a_form_filled_by_hand_is_read_with_its_merged_cells_and_its_gaps() -> None:
    found = read(
        by_hand(
            [
                ["附件6：软件使用情况明细表"],
                ["单位名称（盖章）：某局"],
                HEADINGS,
                ["", "", "", "", "", "", "", "", "", "商业软件", "OEM软件", "免费软件", ""],
                [
                    1,
                    "办公室",
                    "甲",
                    "BGS-01",
                    "联想",
                    "W-1",
                    "统信UOS 桌面版 20 专业版",
                    "20",
                    "永久",
                    "",
                    "√",
                    "",
                    "2024.3.1",
                ],
                [2, "", "", "", "", "O-1", "WPS Office 专业版", "11.8", "永久", "√", "", "", "2024年3月5日"],
                [3, "财务科", "乙", "", "惠普", "", "用友 U8", "16.0", "", "√", "", "", ""],
                [4, "财务科", "乙", "CW-01", "惠普", "", "", "", "", "", "", "", ""],
                ["填表说明：一台计算机一格"],
            ],
            merges=[(4, 1, 5, 1), (4, 2, 5, 2), (4, 3, 5, 3), (4, 4, 5, 4)],
        )
    )
    assert told(found) == {
        "BGS-01": [("统信UOS 桌面版 20 专业版", "20", "2024-03-01"), ("WPS Office 专业版", "11.8", "2024-03-05")]
    }
    (one,) = found.inventories
    assert (one.host.operating_system.family, one.host.operating_system.distribution) == ("linux", "uos")
    assert [problem.partition(":")[0] for problem in found.problems] == ["Sheet1!7"]  # a line without a computer


def test_a_form_without_a_line_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read(by_hand([["软件使用情况明细表"], HEADINGS]))
    assert "the form has no line of software" in str(refused.value)

"""整改通知书 and 未按期整改单位名单 as Word files."""

from __future__ import annotations

import io
from datetime import date

import pytest
from docx import Document

from reports.docx_template import TemplateFault
from reports.letters_docx import render_notice, render_overdue
from reports.model import EvidenceLine, FindingLine, NoticeLetter, NoticeLine, OverdueUnit, OverdueUnits

FINDING = FindingLine(
    "copy.suspected",
    "high",
    "示例公司",
    (("product", "微软办公 & <专业版>"), ("sign", "AutoKMS"), ("machine", "PC-001")),
    (EvidenceLine("PC-001", "AutoKMS", "traces[3]", "d" * 64, "kms-emulator"),),
)
LETTER = NoticeLetter(
    number="ZG-2026-001",
    unit_name="示例公司",
    issuer="示例集团",
    noticed_on=date(2026, 3, 1),
    due_on=date(2026, 3, 31),
    lines=(
        NoticeLine(7, FINDING, date(2026, 2, 20), (("2026-03-05", "该机为=测试机，{{ 7 * 7 }}"),)),
        NoticeLine(9, FINDING, date(2026, 2, 20)),
    ),
)


def texts(data: bytes) -> str:
    """Everything that the file says, line by line."""
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_a_notice_says_what_to_put_right_by_when_and_what_the_unit_said() -> None:
    told = texts(render_notice(LETTER, language="zh_CN"))

    for words in ("软件正版化整改通知书", "编号：ZG-2026-001", "示例公司：", "2 项问题", "请于 2026年3月31日 前",
                  "微软办公 & <专业版>", "PC-001: AutoKMS (traces[3])", "发现日期：2026年2月20日",
                  "2026-03-05 该机为=测试机，{{ 7 * 7 }}", "（无）", "不构成法律结论"):  # fmt: skip
        assert words in told
    assert "{%" not in told


def test_a_notice_in_english() -> None:
    told = texts(render_notice(LETTER, language="en"))

    assert "Notice of rectification" in told
    assert "31 March 2026" in told
    assert "The unit's statement" in told


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render_notice(LETTER, language="zh_CN") == render_notice(LETTER, language="zh_CN")


def test_a_template_of_the_units_own_may_not_reach_for_more() -> None:
    own = Document()
    own.add_paragraph("{{ unit_name.__class__.__mro__ }}")
    data = io.BytesIO()
    own.save(data)
    with pytest.raises(TemplateFault):
        render_notice(LETTER, language="zh_CN", template=data.getvalue())


@pytest.mark.parametrize("own", [b"PK\x03\x04 no archive", b"%PDF-1.7"])
def test_what_is_no_word_file_is_told(own: bytes) -> None:
    with pytest.raises(TemplateFault):
        render_notice(LETTER, language="zh_CN", template=own)


def test_the_list_of_units_names_no_person_and_no_machine() -> None:
    told = OverdueUnits("示例集团", date(2026, 5, 1), "赵审", (OverdueUnit("示例公司", 2, 5, date(2026, 3, 31)),))
    said = texts(render_overdue(told, language="zh_CN"))

    assert "未按期整改单位名单" in said
    assert "示例公司\n2\n5\n2026年3月31日" in said
    assert "经 赵审 审核发布" in said
    assert "没有逾期" not in said
    assert "没有逾期" in texts(render_overdue(OverdueUnits("集团", date(2026, 5, 1), "赵审", ()), language="zh_CN"))

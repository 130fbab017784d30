"""The columns of the official print: exact words, exact order, and what intake may rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_builders import COVERED, UNSCANNED, detail_form, free_form, journal_form, plan_form, summary_form

from reports.forms import detail, free_software, journal, summary
from reports.forms.column import printed
from reports.forms.roster import FORMS, FormEntry, form_entry
from reports.forms.sheet import Span
from reports.model import VersionLines

OFFICIAL = {
    "plan": "序号 软件名称 软件版本 单价（单位：元） 采购数量 总价（单位：元） 使用期限（年） 备注",
    "summary": "序号 软件编号 软件名称 软件版本 软件类型 采购时间 采购金额（单位：元） "
    "许可类型 许可数量 可使用版本 许可期限 序列号 安装数量",
    "detail": "序号 部门 姓名 计算机编号 计算机品牌 软件编号 软件名称 软件版本 许可期限 "
    "商业软件 OEM软件 免费软件 安装日期",
    "journal": "安装 卸载 计算机编号 计算机品牌 使用人 使用部门 安装/卸载版本 安装/卸载日期 安装数量",
    "free_software": "序号 软件编号 软件名称 软件版本 软件来源 软件厂商 软件厂商客服联系方式 使用部门 使用原因",
}


@pytest.mark.parametrize("entry", FORMS, ids=[entry.key for entry in FORMS])
def test_the_official_edition_has_the_official_columns_in_the_official_order(entry: FormEntry) -> None:
    assert [column.zh for column in printed(entry.columns, "official")] == OFFICIAL[entry.key].split(" ")


def test_the_journal_begins_with_the_software_block() -> None:
    told = " ".join(field.zh for field in journal.HEAD)
    assert told == "软件编号 软件名称 软件版本 软件类型 许可数量 可使用版本 许可期限"
    assert sum(field.width for field in journal.HEAD) == len(journal.COLUMNS)


def test_every_column_has_a_key_of_its_own_and_both_headings() -> None:
    for entry in FORMS:
        keys = [column.key for column in entry.columns]
        assert len(keys) == len(set(keys))
        assert all(column.zh and column.en and column.width >= 6 for column in entry.columns)
        assert [column.internal for column in entry.columns] == sorted(column.internal for column in entry.columns)


def test_the_titles_are_the_ones_that_inspectors_know() -> None:
    assert {entry.title_zh for entry in FORMS} == {
        "软件采购计划表", "软件使用情况汇总表", "软件使用情况明细表", "软件安装维护情况明细表", "可使用免费软件清单"
    }  # fmt: skip


def test_a_form_is_found_by_its_model() -> None:
    forms = (plan_form(), free_form(), summary_form(), detail_form(), journal_form())

    assert [form_entry(form).key for form in forms] == [entry.key for entry in FORMS]


def test_another_edition_is_refused() -> None:
    with pytest.raises(ValueError, match="edition: expected official or internal, got 'draft'"):
        summary.lay_out(summary_form(), "zh_CN", "draft")


def test_summary_rows_go_commercial_oem_free_whatever_the_order_of_the_model() -> None:
    form = summary_form()
    turned = replace(form, purchases=tuple(reversed(form.purchases)))

    rows = summary.lay_out(turned, "zh_CN", "official").sheets[0].rows

    assert [(row[0], row[1]) for row in rows] == [
        (1, "GH-2021-02"), (2, "BG-2019-01"), (2, "BG-2019-01"), (2, "BG-2019-01"), (3, "OEM-01"), (4, "MF-01")
    ]  # fmt: skip


def test_summary_merges() -> None:
    spans = summary.lay_out(summary_form(), "zh_CN", "official").sheets[0].spans

    outer = [Span(0, number, 2, number) for number in range(9)]
    assert set(spans) == {*outer, Span(0, 9, 1, 9), Span(4, 5, 4, 11), Span(5, 5, 5, 11)}


def test_a_purchase_without_any_version_is_still_a_line_with_nothing_installed() -> None:
    form = summary_form()
    bare = replace(form.purchases[0], versions=())

    row = summary.lay_out(replace(form, purchases=(bare,)), "zh_CN", "official").sheets[0].rows[0]

    assert row[8:] == (8, None, None, None, 0)


def test_an_oem_code_with_several_versions_is_one_row_with_their_sum() -> None:
    form = summary_form()
    oem = form.purchases[2]
    twice = replace(oem, versions=(*oem.versions, VersionLines("11", oem.versions[0].terms)))

    rows = summary.lay_out(replace(form, purchases=(twice,)), "zh_CN", "official").sheets[0].rows

    assert [row[-1] for row in rows] == [18]


def test_detail_numbers_software_lines_and_merges_a_computer() -> None:
    sheet = detail.lay_out(detail_form(), "zh_CN", "official").sheets[0]

    assert [row[0] for row in sheet.rows] == [1, 2, 3, 4, 5, 6, None]
    assert set(sheet.spans) == {Span(0, number, 3, number) for number in range(1, 5)}
    assert sheet.rows[5][3] == "DESKTOP-9XK2（未登记）"
    assert [row[9:12] for row in sheet.rows[:5]] == [
        ("✓", None, None), ("✓", None, None), (None, "✓", None), (None, None, "✓"), (None, None, None)
    ]  # fmt: skip


def test_detail_foot_says_what_the_table_cannot() -> None:
    told = [line.text for line in detail.lay_out(detail_form(), "zh_CN", "official").sheets[0].foot]

    assert "“软件类型”未打勾的为待核实软件，共 1 项；待核实不等于正版，也不等于非正版。" in told
    assert "另有组件 41、驱动 12、系统组件 130、未识别 3，不单独列示。" in told
    assert "另列出 1 台计算机，其上未见应列入本表的软件。" in told
    assert told[-1] == "本报告由技术扫描与台账比对生成，供内部自查与核实使用，不构成法律结论；疑似项须经人工确认。"


def test_an_opening_balance_is_no_installation() -> None:
    sheet = journal.lay_out(journal_form(), "zh_CN", "official").sheets[0]

    assert [row[:2] for row in sheet.rows] == [
        ("期初登记", None), ("✓", None), (None, "✓"), ("调整（转入）", None), ("调整（转出）", None), ("✓", None)
    ]  # fmt: skip
    assert set(sheet.spans) == {Span(0, 0, 0, 1), Span(3, 0, 3, 1), Span(4, 0, 4, 1)}
    assert sheet.rows[2][7] == "2026-03-02～2026-03-09"
    assert [row[8] for row in sheet.rows] == [1, 2, 1, 2, 1, 2]


def test_the_summary_foot_names_unregistered_software_over_use_and_unscanned_computers() -> None:
    told = "\n".join(line.text for line in summary.lay_out(summary_form(), "zh_CN", "official").sheets[0].foot)

    assert "未登记软件（已安装而台账中无软件编号）2 种，共 3 份：Navicat Premium 15（2 份）、Bandizip（1 份）" in told
    assert "BG-2019-01 WPS Office 专业版 超出 1 份" in told
    assert "另有虚拟机及类型不明的设备 1 台" in told
    assert "扫描覆盖率 83.33%：应扫描计算机 12 台，期内有效扫描 10 台，其中完整扫描 9 台。" in told
    assert "PC-0009（财务处、扫描结果已过期、最近扫描 2026年8月2日）" in told
    assert "未读取：windows.uninstall_keys/HKU" in told


def test_many_unscanned_computers_get_a_sheet_of_their_own() -> None:
    many = tuple(replace(UNSCANNED[0], computer_code=f"PC-{number:04d}") for number in range(31))
    form = replace(free_form(), coverage=replace(COVERED, in_scope=33, unscanned=many))

    sheets = free_software.lay_out(form, "zh_CN", "official").sheets

    assert [sheet.name for sheet in sheets] == ["可使用免费软件清单", "未扫描计算机"]
    assert [row[1] for row in sheets[1].rows] == [f"PC-{number:04d}" for number in range(31)]
    assert any("名单见工作表“未扫描计算机”" in line.text for line in sheets[0].foot)


def test_candidates_stand_in_the_internal_edition_alone() -> None:
    def told(edition: str) -> str:
        return "".join(line.text for line in free_software.lay_out(free_form(), "zh_CN", edition).sheets[0].foot)

    assert "VLC media player（3 台）" in told("internal")
    assert "VLC" not in told("official")


def test_a_long_detail_form_is_split_by_department_and_flat() -> None:
    form = detail_form()
    first = form.machines[0]
    line = first.lines[0]
    long = replace(first, department="甲部", lines=(line,) * 12_000)
    other = replace(first, department="乙部", computer_code="PC-B", lines=(line,) * 8_000)
    together = detail.lay_out(replace(form, machines=(long, other)), "zh_CN", "official").sheets
    assert len(together) == 1 and together[0].spans
    other = replace(other, lines=(line,) * 8_001)

    sheets = detail.lay_out(replace(form, machines=(long, other)), "zh_CN", "official").sheets

    assert [(sheet.name, len(sheet.rows), sheet.spans) for sheet in sheets[:2]] == [
        ("甲部", 12_000, ()),
        ("乙部", 8_001, ()),
    ]
    assert [sheets[1].rows[0][0], sheets[1].rows[-1][0]] == [12_001, 20_001]
    assert sheets[1].rows[-1][1:4] == ("乙部", first.person, "PC-B")
    assert sheets[0].foot == () and sheets[1].foot


def test_a_department_beyond_the_rows_of_a_spreadsheet_gets_several_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detail, "LINES_TOGETHER", 3)
    monkeypatch.setattr(detail, "MOST_LINES", 4)
    form = detail_form()
    machine = replace(form.machines[0], lines=form.machines[0].lines[:1] * 3)

    sheets = detail.lay_out(replace(form, machines=(machine,) * 2), "zh_CN", "official").sheets

    assert [len(sheet.rows) for sheet in sheets[:2]] == [3, 3]

"""The papers in sections: exact columns, both languages, every format, the same bytes, links that lead somewhere."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import docx
import pytest
from docx.shared import Twips
from openpyxl import load_workbook
from pypdf import PdfReader
from report_builders import COVERED, HEAD, PROOF

from reports.charts import share_chart
from reports.forms.papers import FORM_PAPERS, PAPERS, PaperLayout, lay_out, shown_cell
from reports.forms.sheet import Bar
from reports.model import Name
from reports.paper import Cell, Code, Drawn, Link, Paper, Section, Share
from reports.printing import Printing
from reports.roster import FORMATS, Format, format_named
from reports.wording import LANGUAGES, load_texts, wording

NAMED = {
    "demand_request": "序号 软件类型 软件名称（及版本） 软件用途 功能要求 申请数量 是否国产 备注",
    "leading_group": "序号 姓名 部门 职务 领导小组职务 职责分工 办公电话 手机 备注",
}
INSTALL_REQUEST = (
    "单位 部门 申请人 联系电话 申请日期 使用人 计算机编号 计算机品牌 现有软件名称 现有软件版本 申请类型 新软件名称 "
    "新软件版本 申请理由 本部门领导审核 信息化部门审核 安装人 完成情况 安装时间 使用人确认时间"
)
TITLES = (
    "软件正版化工作领导小组成员信息表",
    "使用正版软件承诺书",
    "软件使用需求申请表",
    "软件正版化工作信息统计表",
    "软件安装维护申请表",
    "软件安装维护确认单",
    "软件正版化检查记录",
    "员工告知书",
)
FACTS: tuple[tuple[str, str | int | Name], ...] = tuple(
    (name, 3)
    for name in (
        *("year", "count", "high", "codes", "unpriced", "in_scope", "scanned", "coverage", "no_paper", "over", "short"),
        *("idle", "registered_not_seen", "seen_not_registered", "stale", "classified", "private", "units", "told"),
        *("missing", "products", "copies", "soon", "near", "days", "machines", "amount", "unit", "as_of", "before"),
        *("quarter_start", "before_run", "after_run", "after", "listed"),
    )
)


def full(layout: PaperLayout) -> Paper:
    """A paper with a row in every table, every fact, and what is hostile in a text."""
    sections = []
    for section in layout.sections:
        row: tuple[Cell, ...] = tuple("=1+1" if n == 1 else n for n in range(len(section.columns)))
        fields = tuple((field.key, Name("甲", "A")) for field in section.fields[:1])
        bars = (Drawn(Code("rate", "office"), 1, 3),) if section.columns else ()
        sections.append(Section(section.key, FACTS, (row,) if section.columns else (), fields, bars))
    return Paper(layout.key, HEAD, tuple(sections), COVERED, PROOF)


def test_the_titles_and_the_columns_that_sources_name() -> None:
    assert tuple(layout.title_zh for layout in FORM_PAPERS) == TITLES
    by_key = {layout.key: layout for layout in PAPERS}
    for key, told in NAMED.items():
        assert " ".join(column.zh for column in by_key[key].sections[0].columns) == told
    assert " ".join(field.zh for field in by_key["install_request"].sections[0].fields) == INSTALL_REQUEST


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_that_has_sentences_has_them_and_no_others_are_kept(language: str) -> None:
    texts = load_texts(language)["papers"]
    for layout in PAPERS:
        wanted = {section.key for section in layout.sections if section.has_text}
        assert set(texts.get(layout.key, {})) == wanted, layout.key


@pytest.mark.parametrize("layout", PAPERS, ids=[layout.key for layout in PAPERS])
@pytest.mark.parametrize("known", [known for known in FORMATS if known.name != "pdf"], ids=lambda known: known.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_in_every_format_is_the_same_twice(layout: PaperLayout, known: Format, language: str) -> None:
    how = Printing(language=language)
    assert known.form(full(layout), how) == known.form(full(layout), how)


@pytest.mark.slow
@pytest.mark.parametrize("layout", PAPERS, ids=[layout.key for layout in PAPERS])
def test_every_paper_as_pdf(layout: PaperLayout) -> None:
    write = format_named("pdf").form
    made = write(full(layout), Printing())
    assert made == write(full(layout), Printing())
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert layout.title_zh[:4] in told


@pytest.mark.parametrize("layout", PAPERS, ids=[layout.key for layout in PAPERS])
def test_a_paper_says_whose_layout_it_is_and_a_report_closes_as_all_do(layout: PaperLayout) -> None:
    printed = [sheet for sheet in lay_out(full(layout), "zh_CN", "official").sheets if not sheet.on_screen]
    foot = [line.text for line in printed[-1].foot]
    assert any("本软件自拟" in line for line in foot)
    assert ("不构成法律结论" in foot[-1]) == layout.is_report


def test_cells_are_shown_in_the_language_and_a_share_with_a_gap_is_never_whole() -> None:
    zh, en = wording("zh_CN"), wording("en")
    assert shown_cell(Name("甲", "A"), en) == "A"
    assert shown_cell(Code("verdict", "short"), zh) == "授权不足"
    assert shown_cell(Share(99_999, 100_000), zh) == "99.99%"
    assert shown_cell(Share(Decimal("1.50"), Decimal("3.00")), zh) == "50.00%"
    assert shown_cell(Share(0, 0), zh) == "—"
    assert shown_cell(Link(7, "x"), zh) == 7


def test_a_number_leads_to_its_rows_in_html() -> None:
    reasons = Section("reasons", rows=((Code("change", "removed"), Link(2, "copies")),))
    facts = (("before_run", "a"), ("before", "b"), ("after_run", "c"), ("after", "d"))
    given = (Section("cover", facts), reasons, Section("copies", (("count", 2),)))
    page = format_named("html").form(Paper("comparison", HEAD, given, COVERED, PROOF), Printing()).decode("utf-8")
    (target,) = re.findall(r'<a href="#([^"]+)">2</a>', page)
    assert f'id="{target}"' in page


def test_html_draws_each_share_once_and_names_its_figures() -> None:
    drawn = share_chart((Bar("办公软件 <甲>", 1, 4), Bar("空", 0, 0)), "图")
    assert 'width="250"' in drawn and "办公软件 &lt;甲&gt;" in drawn
    assert drawn.count('class="part"') == 1


def test_a_form_to_write_on_stands_upright_with_its_fields_side_by_side() -> None:
    layout = next(layout for layout in PAPERS if layout.key == "install_request")
    content = format_named("xlsx").form(full(layout), Printing())
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    assert sheet.page_setup.orientation == "portrait"
    cells = {cell.value: cell.coordinate for row in sheet for cell in row if cell.value is not None}
    assert (cells["单位"], cells["部门"], cells["甲"]) == ("A3", "C3", "B3")
    assert any(str(each).startswith("B8:D8") for each in sheet.merged_cells.ranges)
    document = docx.Document(io.BytesIO(format_named("docx").form(full(layout), Printing())))
    page = document.sections[0]
    assert (page.page_width, page.page_height) == (Twips(11906), Twips(16838))
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["单位", "甲", "部门", ""]


def test_csv_writes_section_by_section_and_no_formula() -> None:
    layout = next(layout for layout in PAPERS if layout.key == "annual")
    content = format_named("csv").form(full(layout), Printing()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert ["三、软件采购"] in rows
    assert rows.count([]) == len(layout.sections) - 1
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert any("'=1+1" in row for row in rows)


def test_json_says_which_paper_it_is() -> None:
    told = json.loads(format_named("json").form(full(PAPERS[0]), Printing()))
    assert told["kind"] == "leading_group"


def test_a_section_that_the_layout_does_not_know_is_a_fault() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        lay_out(Paper("idle", HEAD, (Section("nowhere"),), COVERED, PROOF), "zh_CN", "official")


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("statistics", ["一、单位基本情况", "二、软件配置情况", "三、制度与工作情况"]),
        ("inspection", ["被检查单位", "检查内容"]),
    ],
)
def test_a_form_of_one_page_is_one_sheet_of_a_workbook(key: str, parts: list[str]) -> None:
    layout = next(layout for layout in PAPERS if layout.key == key)
    sheet, *annexes = load_workbook(io.BytesIO(format_named("xlsx").form(full(layout), Printing()))).worksheets
    assert [annex.title for annex in annexes] == [section.zh for section in layout.sections if section.on_screen]
    first = [str(row[0]) for row in sheet.iter_rows(values_only=True) if row[0] is not None]
    places = [first.index(part) for part in parts]
    assert places == sorted(places)
    told = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    for section in (section for section in layout.sections if not section.on_screen):
        assert {column.zh for column in section.columns} <= told
        assert {field.zh for field in section.fields} <= told


def test_a_workbook_draws_shares_as_a_chart_of_its_own_and_no_cover_stands_alone() -> None:
    for key in ("annual", "trends"):
        layout = next(layout for layout in PAPERS if layout.key == key)
        book = load_workbook(io.BytesIO(format_named("xlsx").form(full(layout), Printing())))
        charts = [chart for sheet in book.worksheets for chart in sheet._charts]
        assert charts and {type(chart).__name__ for chart in charts} <= {"BarChart", "LineChart"}, key
        first = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
        assert first[:1] == ["附件7"] and layout.title_zh in first
        assert book.worksheets[0].max_column > 4, "the cover stands before the first table"

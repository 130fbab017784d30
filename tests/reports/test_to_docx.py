"""Forms as DOCX, read back with python-docx: every cell, the merges, repeated headings, a unit's own letterhead."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from report_builders import detail_form, empty_forms, free_form, journal_form, plan_form, summary_form

from reports.forms.grid import body_rows, header_rows
from reports.forms.roster import Form, form_entry
from reports.to_docx import render_docx

ALL = (summary_form(), detail_form(), journal_form(), free_form(), plan_form())


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def grid_of(table: Any) -> list[list[str]]:
    """The table as a grid, merged cells repeated, as python-docx resolves them."""
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("form", ALL, ids=[type(form).__name__ for form in ALL])
def test_every_cell_and_merge(form: Form, language: str) -> None:
    sheets = form_entry(form).lay_out(form, language, "official").sheets
    tables = opened(render_docx(form, language=language)).tables
    bodies = [table for table in tables if table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None]
    assert len(bodies) == len(sheets)
    for sheet, table in zip(sheets, bodies, strict=True):
        heads = len(header_rows(sheet, language))
        found = grid_of(table)[heads:]
        expected = [["?"] * len(sheet.columns) for _ in sheet.rows]
        for number, row in enumerate(body_rows(sheet)):
            for cell in row:
                for down in range(cell.down):
                    for across in range(cell.across):
                        expected[number + down][cell.column + across] = cell.text
        assert found == (expected or [[""] * len(sheet.columns)])


def test_headings_repeat_and_pages_lie_across() -> None:
    document = opened(render_docx(summary_form()))
    (section,) = document.sections
    assert section.page_width > section.page_height
    heads = [row for row in document.tables[-1].rows if row._tr.trPr.find(qn("w:tblHeader")) is not None]
    assert [cell.text for cell in heads[0].cells][:3] == ["序号", "软件编号", "软件名称"]
    footer = section.footer.paragraphs[0]._p.xml
    assert "PAGE" in footer and "NUMPAGES" in footer


def test_fonts_are_named_and_none_is_embedded() -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(summary_form()))) as parts:
        body = parts.read("word/document.xml").decode()
        assert not any("fonts/" in name for name in parts.namelist())
    assert "仿宋_GB2312" in body and "方正小标宋简体" in body


@pytest.mark.parametrize("form", ALL, ids=[type(form).__name__ for form in ALL])
def test_the_same_form_gives_the_same_bytes(form: Form) -> None:
    first = render_docx(form)
    assert first == render_docx(form)
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    day = form.proof.as_of
    assert opened(first).core_properties.created.replace(tzinfo=None) == datetime(day.year, day.month, day.day)  # noqa: DTZ001


def test_a_units_own_letterhead_stays() -> None:
    ground = docx.Document()
    ground.sections[0].header.paragraphs[0].text = "示例市自然资源局文件"
    saved = io.BytesIO()
    ground.save(saved)
    document = opened(render_docx(summary_form(), ground=saved.getvalue()))
    assert document.sections[0].header.paragraphs[0].text == "示例市自然资源局文件"
    assert "软件使用情况汇总表" in [paragraph.text for paragraph in document.paragraphs]


def test_a_ground_that_is_no_docx_is_refused() -> None:
    with pytest.raises(ValueError, match="DOCX"):
        render_docx(summary_form(), ground=b"no zip")


def test_hostile_names_stay_text() -> None:
    form = free_form()
    name = '<w:t>&"\x00\u202e=1+1\nzwei'
    document = opened(render_docx(replace(form, lines=(replace(form.lines[0], name=name),))))
    texts = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert '<w:t>&"\ufffd\ufffd=1+1\nzwei' in texts


def test_an_empty_form_has_one_empty_line() -> None:
    for form in empty_forms():
        assert opened(render_docx(form)).tables

"""The forms as CSV: safe to open, and readable again."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from report_builders import detail_form, empty_forms, free_form, journal_form, summary_form

from reports.forms.roster import Form, form_entry
from reports.model import FreeLine
from reports.to_csv import render_csv


def read(content: bytes) -> list[list[str]]:
    """The lines of a file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_summary_repeats_what_the_print_merges() -> None:
    lines = read(render_csv(summary_form()))

    assert lines[0][:3] == ["序号", "软件编号", "软件名称"]
    assert lines[2] == [
        "1", "BG-2019-01", "WPS Office 专业版", "2019", "商业软件", "2019-03-12", "15800.00", "数量许可", "8", "2019",
        "2027-12-31", "****-P3X9T", "4",
    ]  # fmt: skip
    assert lines[5][5:] == ["--", *[""] * 6, "9"]


def test_every_line_of_the_journal_names_its_code() -> None:
    lines = read(render_csv(journal_form(), language="en"))

    assert lines[0][0] == "Software code"
    assert len(lines[0]) == 16
    assert {line[0] for line in lines[1:]} == {"BG-2019-01"}
    assert lines[1][7:9] == ["Opening balance", ""]


@pytest.mark.parametrize("form", empty_forms(), ids=lambda form: type(form).__name__)
def test_an_empty_form_has_its_headings(form: Form) -> None:
    assert len(read(render_csv(form))) == 1


def test_the_mark_for_utf_8_is_an_option() -> None:
    assert render_csv(free_form()).startswith(b"\xef\xbb\xbf")
    assert render_csv(free_form(), with_bom=False).startswith("序号".encode())
    assert form_entry(free_form()).key == "free_software"


@pytest.mark.parametrize(("text", "written"), [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"),
    ("＝1", "'＝1"),
    ("a,\"b\"\nc", "a,\"b\"\nc"),
    ("\ud800", "\ufffd"),
])  # fmt: skip
def test_no_text_becomes_a_formula(text: str, written: str) -> None:
    form = replace(free_form(), lines=(FreeLine("C", text, None, None, None, None, None, None),))

    assert read(render_csv(form))[1][2] == written


def test_the_internal_edition_has_our_columns() -> None:
    assert read(render_csv(detail_form(), edition="internal"))[0][-2:] == ["超出", "判定"]

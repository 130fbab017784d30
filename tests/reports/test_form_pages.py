"""Forms as HTML pages: well-formed tables whose spans cover the grid exactly, nothing from outside, no script."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from report_builders import detail_form, free_form, journal_form, plan_form, summary_form

from reports.forms.roster import Form, form_entry
from reports.to_html import render_form_html

ALL = (summary_form(), detail_form(), journal_form(), free_form(), plan_form())


class _Tables(HTMLParser):
    """The tables of a page as grids, spans resolved."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[tuple[int, int], str]] = []
        self._row = -1
        self._cell: tuple[int, int, int, int] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append({})
            self._row = -1
        elif tag == "tr":
            self._row += 1
        elif tag in ("td", "th"):
            given = dict(attrs)
            column = 0
            while (self._row, column) in self.tables[-1]:
                column += 1
            self._cell = (self._row, column, int(given.get("rowspan") or 1), int(given.get("colspan") or 1))
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            row, column, down, across = self._cell
            for each in range(row, row + down):
                for other in range(column, column + across):
                    assert (each, other) not in self.tables[-1], "two cells at one place"
                    self.tables[-1][each, other] = self._text
            self._cell = None


def tables_of(page: bytes) -> list[dict[tuple[int, int], str]]:
    parser = _Tables()
    parser.feed(page.decode("utf-8"))
    return parser.tables


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("form", ALL, ids=[type(form).__name__ for form in ALL])
def test_the_grid_is_covered_exactly(form: Form, language: str) -> None:
    sheets = form_entry(form).lay_out(form, language, "official").sheets
    bodies = tables_of(render_form_html(form, language=language))
    for sheet in sheets:
        if sheet.boxes:
            bodies.pop(0)
        grid = bodies.pop(0)
        heads = 2 if any(column.group(language) for column in sheet.columns) else 1
        assert set(grid) == {
            (row, column) for row in range(heads + len(sheet.rows)) for column in range(len(sheet.columns))
        }
        for number, column in enumerate(sheet.columns):
            assert grid[heads - 1, number] == column.heading(language)
    assert bodies == []


def test_nothing_comes_from_outside() -> None:
    page = render_form_html(summary_form()).decode("utf-8")
    assert "<script" not in page and not re.search(r"(?:src|href)=", page) and "url(" not in page


def test_hostile_names_are_escaped() -> None:
    form = free_form()
    broken = replace(form, lines=(replace(form.lines[0], name="<img src=x onerror=alert(1)>\u202e"),))
    page = render_form_html(broken).decode("utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;\ufffd" in page and "<img" not in page

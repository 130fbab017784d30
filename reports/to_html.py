"""The audit report and the forms as HTML files of one piece: no script, nothing from outside.

The report has both languages inside and a switch; a form is printed in one, as its paper is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from reports.charts import line_chart, share_chart
from reports.clean_text import clean, file_stem
from reports.forms.grid import GridCell, body_rows, box_rows, header_rows, shares
from reports.forms.roster import Form, form_entry
from reports.forms.sheet import Book, Sheet
from reports.model import AuditReport, WalkNode
from reports.report_page import report_page
from reports.walk_page import shown_kinds
from reports.wording import LANGUAGES, wording

if TYPE_CHECKING:
    from jinja2 import Environment

ROWS_SHOWN: Final = 500
"""The most rows of a table; what is left out is counted below it."""
CARDS_SHOWN: Final = 300
"""The most findings of one severity; what is left out is counted below them."""


def render_html(report: AuditReport, *, language: str = "zh_CN") -> bytes:
    """Return the report. `language` is what the reader sees first. Raises `ValueError` for an unknown one."""
    wording(language)
    pages = [report_page(report, wording(known)) for known in LANGUAGES]
    template = _environment().get_template("report.html.j2")
    first = wording(language)
    text = template.render(
        pages=pages, first=first, style=_template_text("report.css"), rows_shown=ROWS_SHOWN, cards_shown=CARDS_SHOWN
    )
    return text.encode("utf-8")


def render_form_html(form: Form, *, language: str = "zh_CN", edition: str = "official") -> bytes:
    """Return a form as one page of tables. Raises `ValueError` for an unknown language or edition."""
    return html_of_book(form_entry(form).lay_out(form, language, edition))


def html_of_book(book: Book) -> bytes:
    """Return a layout as one page."""
    sheets = [
        {
            "layout": sheet,
            "boxes": box_rows(sheet),
            "header": header_rows(sheet, book.language),
            "body": tuple(_marked(sheet)),
            "widths": shares(sheet.columns),
            "chart": _chart(sheet),
        }
        for sheet in book.sheets
    ]
    template = _environment().get_template("form.html.j2")
    text = template.render(book=book, words=wording(book.language), sheets=sheets, style=_template_text("form.css"))
    return text.encode("utf-8")


def _chart(sheet: Sheet) -> str | None:
    """A line and the figures of its points over time, else bars; nothing without figures."""
    if not sheet.bars:
        return None
    shown = share_chart(sheet.bars, sheet.title)
    return line_chart(sheet.bars, sheet.title) + shown if sheet.is_series else shown


def _marked(sheet: Sheet) -> Iterator[tuple[tuple[str, ...], tuple[GridCell, ...]]]:
    """Yield each row of the body with the anchors that lead to it."""
    marks: dict[int, tuple[str, ...]] = {}
    for row, mark in sheet.marks:
        marks[row] = (*marks.get(row, ()), mark)
    for number, cells in enumerate(body_rows(sheet)):
        yield marks.get(number, ()), cells


def render_walk(nodes: Sequence[WalkNode], *, language: str = "zh_CN") -> bytes:
    """Return the walk from numbers to papers as one page whose links lead from node to node."""
    words = wording(language)
    template = _environment().get_template("walk.html.j2")
    text = template.render(
        language=words.html_language,
        title=words.text("walk.title"),
        about=words.text("walk.about"),
        kinds=shown_kinds(nodes, words),
    )
    return text.encode("utf-8")


def file_name(report: AuditReport, language: str = "zh_CN") -> str:
    """Return the name of the report's file: title, unit, as-of day."""
    parts = (wording(language).text("report.title"), report.head.unit_name, report.proof.as_of.isoformat())
    return "_".join(stem for part in parts if (stem := file_stem(part))) + ".html"


@cache
def _environment() -> Environment:
    """Escapes everything, knows no undefined name, and shows no character that hides."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["drawing"] = _drawing
    return environment


def _shown(value: Any) -> Any:
    """What an expression prints: nothing for `None`, text made visible, the rest as it is."""
    if value is None:
        return ""
    return clean(value) if type(value) is str else value


def _drawing(text: str) -> Any:
    """Mark SVG of `charts.py` and our own style sheet as markup; both escape what they take in."""
    from markupsafe import Markup

    return Markup(text)


def _template_text(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")

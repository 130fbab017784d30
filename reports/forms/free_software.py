"""可使用免费软件清单: whenever a free product passes its selection testing."""

from __future__ import annotations

from reports.forms.column import Column, Kind, Value
from reports.forms.frame import annex_line, book, foot, head_line
from reports.forms.sheet import Book, Sheet
from reports.model import FreeForm
from reports.wording import Wording, wording

TITLE_ZH, TITLE_EN = "可使用免费软件清单", "Allow-list of free software"

COLUMNS = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("code", "软件编号", "Software code", 14, Kind.CODE),
    Column("name", "软件名称", "Software name", 22),
    Column("version", "软件版本", "Software version", 13),
    Column("source", "软件来源", "Software source", 28),
    Column("vendor", "软件厂商", "Software vendor", 20),
    Column("contact", "软件厂商客服联系方式", "Vendor support contact", 20),
    Column("department", "使用部门", "Department", 16),
    Column("reason", "使用原因", "Reason for use", 22),
)


def lay_out(form: FreeForm, language: str, edition: str) -> Book:
    """Lay the form out; the internal edition names the candidates in its foot."""
    words = wording(language)
    title = TITLE_ZH if language == "zh_CN" else TITLE_EN
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            number,
            line.code,
            line.name,
            line.version,
            line.source,
            line.vendor,
            line.contact,
            line.department,
            line.reason,
        )
        for number, line in enumerate(form.lines, start=1)
    )
    sheet = Sheet(
        name=title,
        annex=annex_line(form.head, words, edition),
        title=title,
        head_line=head_line(form.head, words),
        boxes=(),
        columns=COLUMNS,
        rows=rows,
        spans=(),
        foot=foot(_notes(form, words, edition), form.coverage, form.proof, words, is_empty=not rows),
    )
    return book(form, (sheet,), words, edition)


def _notes(form: FreeForm, words: Wording, edition: str) -> list[str]:
    if edition == "official" or not form.candidates:
        return []
    named = words.listing(
        words.text("foot.candidates_one", name=words.name(name), count=count) for name, count in form.candidates
    )
    return [f"{words.text('foot.candidates', count=len(form.candidates))}{named}"]

"""软件安装维护情况明细表: after every installation or removal; one sheet a 软件编号.

期初登记 and 调整 are neither an installation nor a removal: their word stands over both tick columns.
"""

from __future__ import annotations

from datetime import timedelta

from reports.forms.column import TICK, Column, Kind, Value, number_or_text
from reports.forms.frame import annex_line, book, computer, foot, head_line, software_type
from reports.forms.sheet import Book, Box, Sheet, Span
from reports.model import JournalEntry, JournalForm, JournalSheet
from reports.wording import Wording, wording

TITLE_ZH, TITLE_EN = "软件安装维护情况明细表", "Journal of software installation and maintenance"

HEAD = (
    Column("code", "软件编号", "Software code", 2),
    Column("name", "软件名称", "Software name", 2),
    Column("version", "软件版本", "Software version", 1),
    Column("software_type", "软件类型", "Software type", 1),
    Column("quantity", "许可数量", "Licences held", 1),
    Column("allowed_versions", "可使用版本", "Versions allowed", 1),
    Column("term", "许可期限", "Licence term", 1),
)
"""The software block above the body, in order; `width` is how many columns of the body each takes."""

COLUMNS = (
    Column("installed", "安装", "Installed", 9, Kind.TICK),
    Column("removed", "卸载", "Removed", 9, Kind.TICK),
    Column("computer_code", "计算机编号", "Computer code", 17, Kind.CODE),
    Column("brand", "计算机品牌", "Computer brand", 20),
    Column("person", "使用人", "User", 14, Kind.CODE),
    Column("department", "使用部门", "Department", 18),
    Column("version", "安装/卸载版本", "Version installed/removed", 16),
    Column("happened_on", "安装/卸载日期", "Date installed/removed", 27, Kind.DAY),
    Column("total", "安装数量", "Installed (running total)", 14, Kind.COUNT),
)


def lay_out(form: JournalForm, language: str, edition: str) -> Book:
    """Lay the form out; without any 软件编号 one empty sheet."""
    words = wording(language)
    title = TITLE_ZH if language == "zh_CN" else TITLE_EN
    sheets = tuple(_sheet(form, sheet, title, words, edition) for sheet in form.sheets or (None,))
    return book(form, sheets, words, edition)


def _sheet(form: JournalForm, sheet: JournalSheet | None, title: str, words: Wording, edition: str) -> Sheet:
    entries = sheet.entries if sheet is not None else ()
    return Sheet(
        name=sheet.code if sheet is not None else title,
        annex=annex_line(form.head, words, edition),
        title=title,
        head_line=head_line(form.head, words),
        boxes=_boxes(sheet, words),
        columns=COLUMNS,
        rows=tuple(_line(entry, words) for entry in entries),
        spans=tuple(Span(number, 0, number, 1) for number, entry in enumerate(entries) if not _is_ticked(entry)),
        foot=foot(_notes(entries, words), form.coverage, form.proof, words, is_empty=not entries),
    )


def _boxes(sheet: JournalSheet | None, words: Wording) -> tuple[Box, ...]:
    """Headings in one row, the values below them."""
    values: tuple[Value, ...] = (None,) * len(HEAD)
    if sheet is not None:
        kind = software_type(sheet.software_type, words)
        values = (
            sheet.code,
            sheet.name,
            sheet.version,
            kind,
            number_or_text(sheet.quantity),
            sheet.allowed_versions,
            sheet.term,
        )
    boxes, first = [], 0
    for field, value in zip(HEAD, values, strict=True):
        last = first + int(field.width) - 1
        boxes.append(Box(0, first, last, field.heading(words.language), is_label=True))
        boxes.append(Box(1, first, last, value))
        first = last + 1
    return tuple(boxes)


def _is_ticked(entry: JournalEntry) -> bool:
    return entry.act in {"installed", "removed"}


def _line(entry: JournalEntry, words: Wording) -> tuple[Value, ...]:
    if _is_ticked(entry):
        marks = (TICK if entry.act == "installed" else None, TICK if entry.act == "removed" else None)
    else:
        marks = (words.word("act", entry.act), None)
    code = computer(entry.computer_code, entry.host_name, words)
    return (*marks, code, entry.brand, entry.person, entry.department, entry.version, _day(entry), entry.total)


def _day(entry: JournalEntry) -> Value:
    """The day, or `first～last` of the days on which it may have happened."""
    if entry.happened_after is None:
        return entry.happened_on
    first = entry.happened_after + timedelta(days=1)
    return entry.happened_on if first >= entry.happened_on else f"{first.isoformat()}～{entry.happened_on.isoformat()}"


def _notes(entries: tuple[JournalEntry, ...], words: Wording) -> list[str]:
    notes = [words.text("foot.running_total")]
    if not all(_is_ticked(entry) for entry in entries):
        notes.append(words.text("foot.opening"))
    if any(isinstance(_day(entry), str) for entry in entries):
        notes.append(words.text("foot.interval"))
    return notes

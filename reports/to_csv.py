"""The forms as CSV: one line of headings, one line a record; nothing merged, nothing but the table."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from reports.clean_text import FORMULA_STARTS, clean
from reports.forms import journal
from reports.forms.column import Value
from reports.forms.roster import Form, form_entry
from reports.forms.sheet import Sheet
from reports.model import JournalForm
from reports.paper import Paper


def render_csv(form: Form, *, language: str = "zh_CN", edition: str = "official", with_bom: bool = True) -> bytes:
    """Return the table of a form, UTF-8, RFC 4180.

    The byte order mark lets spreadsheet programs find UTF-8. A text that begins like a formula gets an apostrophe
    before it. The sheets of the journal follow each other; each line begins with the software block of its sheet.
    Merged cells are repeated in every line.
    """
    sheets = form_entry(form).lay_out(form, language, edition).sheets
    if isinstance(form, Paper):
        return _of_paper(sheets, language, with_bom=with_bom)
    tables = [sheet for sheet in sheets if sheet.head_line is not None]
    is_journal = isinstance(form, JournalForm)
    head = [column.heading(language) for column in journal.HEAD] if is_journal else []
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*head, *(column.heading(language) for column in tables[0].columns)])
    for sheet in tables:
        block = _block(sheet) if is_journal else []
        writer.writerows([_safe(value) for value in (*block, *row)] for row in sheet.rows)
    return target.getvalue().encode("utf-8-sig" if with_bom else "utf-8")


def _of_paper(sheets: tuple[Sheet, ...], language: str, *, with_bom: bool) -> bytes:
    """Return a paper section by section: its title, its fields, its table; an empty line between two sections."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    for number, sheet in enumerate(sheets):
        if number:
            writer.writerow([])
        writer.writerow([_safe(sheet.title)])
        writer.writerows([_safe(paragraph)] for paragraph in sheet.text)
        fields = [_safe(box.value) for box in sheet.boxes]
        writer.writerows(fields[at : at + 2] for at in range(0, len(fields), 2))
        if sheet.has_table:
            writer.writerow([column.heading(language) for column in sheet.columns])
            writer.writerows([_safe(value) for value in row] for row in sheet.rows)
    return target.getvalue().encode("utf-8-sig" if with_bom else "utf-8")


def _block(sheet: Sheet) -> list[Value]:
    return [box.value for box in sheet.boxes if not box.is_label]


def _safe(value: Value) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
    text = clean(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and text != "--" else text

"""Word templates that a unit may edit: filled in a sandbox, and made from our own layouts to begin with.

A template comes from outside: it can name what it is given and nothing else, and a mark that is not there is a fault.
The same values and template give the same bytes. What a template of a form may name: `title`, `unit`, `as_of`,
`foot_mark`, `sections` and `extras`, each with `title`, `annex`, `head_line`, `text`, `box`, `label`, `rows`, `foot`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from reports.clean_text import clean
from reports.forms.column import Column
from reports.forms.grid import shown
from reports.forms.papers import PAPERS, lay_out, paper_layout
from reports.forms.roster import FORMS, Form, form_entry
from reports.forms.sheet import Book, FootLine, Sheet
from reports.model import Coverage, DetailForm, FreeForm, Head, JournalForm, JournalSheet, PlanForm, Proof, SummaryForm
from reports.paper import Paper
from reports.to_docx import add_tag, opened, same_bytes, set_up_page, write_sheet

ENDING: Final = ".docx"
_HEAD: Final = Head(unit_code="", unit_name="", annex=None, filled_by=None, phone=None, filled_on=date(2000, 1, 1))
_PROOF: Final = Proof(run="0" * 64, as_of=date(2000, 1, 1), catalogue="0" * 64, release="")
_NOTHING: Final = Coverage(0, 0, 0, 0, 0, 0, 0, 0)
_EXTRAS: Final = (
    "{%p for s in extras %}",
    "{{ s.title }}",
    "{%p for text in s.text %}",
    "{{ text }}",
    "{%p endfor %}",
    "{%p for row in s.rows %}",
    "{{ row | join('　') }}",
    "{%p endfor %}",
    "{%p for line in s.foot %}",
    "{{ line }}",
    "{%p endfor %}",
    "{%p endfor %}",
)
"""What stands on sheets of other columns, such as the computers that were not scanned."""
_EMPTY: Final[Mapping[str, Form]] = {
    "plan": PlanForm(_HEAD, (), (), (), False, 0, _NOTHING, _PROOF),
    "free_software": FreeForm(_HEAD, (), (), _NOTHING, _PROOF),
    "summary": SummaryForm(_HEAD, None, 0, 0, 0, 0, 0, (), (), _NOTHING, _PROOF),
    "detail": DetailForm(_HEAD, (), 0, 0, 0, 0, _NOTHING, _PROOF),
    "journal": JournalForm(_HEAD, (JournalSheet("", "", None, "oem", None, None, None, ()),), _NOTHING, _PROOF),
}


class TemplateFault(ValueError):
    """The template cannot be filled in; the text says why."""


def filled(template: bytes, values: Mapping[str, Any]) -> bytes:
    """Return a template filled in. Raises `TemplateFault`."""
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(values), SandboxedEnvironment(undefined=StrictUndefined, autoescape=True), autoescape=True)
        made = io.BytesIO()
        document.save(made)
    except (TemplateError, zipfile.BadZipFile, LookupError, ArithmeticError, ValueError, TypeError) as error:
        raise TemplateFault(f"Word 模板有误 / the Word template does not fit: {error}") from error
    return _timeless(made.getvalue())


def form_from_template(form: Form, template: bytes, *, language: str, edition: str) -> bytes:
    """Return a form as a unit's own template has it. Raises `TemplateFault`, `ValueError` for an unknown language."""
    return filled(template, values_of(form_entry(form).lay_out(form, language, edition)))


def values_of(book: Book) -> dict[str, Any]:
    """Return what a template of a form may name."""
    columns = book.sheets[0].columns
    printed = [sheet for sheet in book.sheets if not sheet.on_screen]
    is_form = [sheet.continues or sheet.columns == columns for sheet in printed]
    return {
        "title": clean(book.title),
        "unit": clean(book.subject),
        "as_of": book.as_of.isoformat(),
        "foot_mark": clean(book.foot_mark),
        "sections": [_values(sheet) for sheet, own in zip(printed, is_form, strict=True) if own],
        "extras": [_values(sheet) for sheet, own in zip(printed, is_form, strict=True) if not own],
    }


def _values(sheet: Sheet) -> dict[str, Any]:
    boxes = [box for box in sheet.boxes if not box.is_label]
    labels = [shown(box.value) for box in sheet.boxes if box.is_label]
    values = [shown(box.value) for box in boxes]
    return {
        "title": clean(sheet.title),
        "annex": clean(sheet.annex or ""),
        "head_line": clean(sheet.head_line or ""),
        "text": [clean(text) for text in (*sheet.text, *(bar.label for bar in sheet.bars))],
        "box": values,
        "label": dict(zip(labels, values, strict=False)),
        "rows": [_cells(sheet.columns, row) for row in sheet.rows],
        "foot": [clean(line.text) for line in sheet.foot],
    }


def _cells(columns: tuple[Column, ...], row: tuple[Any, ...]) -> list[str]:
    return [shown(value, column.kind) for column, value in zip(columns, row, strict=True)]


def starters(language: str) -> dict[str, bytes]:
    """Return a template of every form and report, by file name, to be edited in Word."""
    forms: dict[str, Form] = dict(_EMPTY)
    forms.update({layout.key: Paper(layout.key, _HEAD, (), _NOTHING, _PROOF) for layout in PAPERS})
    return {f"{key}{ENDING}": _starter(key, form, language) for key, form in forms.items()}


def _starter(key: str, form: Form, language: str) -> bytes:
    book = replace(_bare(form, language), foot_mark="{{ foot_mark }}", title="", subject="")
    printed = [sheet for sheet in book.sheets if not sheet.on_screen]
    document = opened(None)
    set_up_page(document.sections[-1], printed[0], book)
    is_ledger = key in {entry.key for entry in FORMS}
    if is_ledger:
        _loop(document, printed[0], book)
    for number, sheet in enumerate(() if is_ledger else printed):
        add_tag(document, f"{{%p set s = sections[{number}] %}}")
        write_sheet(document, _marked(sheet), book)
    for tag in _EXTRAS:
        add_tag(document, tag)
    return same_bytes(document)


def _bare(form: Form, language: str) -> Book:
    """The layout of a form in which nothing is; sentences without their facts are left out, marks stand there."""
    if not isinstance(form, Paper):
        return form_entry(form).lay_out(form, language, "official")
    layout = paper_layout(form.kind)
    return lay_out(form, language, "official", sections=tuple(replace(s, has_text=False) for s in layout.sections))


def _loop(document: Any, sheet: Sheet, book: Book) -> None:
    add_tag(document, "{%p for s in sections %}")
    write_sheet(document, _marked(sheet), book)
    add_tag(document, "{%p endfor %}")


def _marked(sheet: Sheet) -> Sheet:
    """The sheet with marks in the place of what a run tells."""
    numbers = iter(range(len(sheet.boxes)))
    boxes = tuple(
        box if box.is_label else replace(box, value=f"{{{{ s.box[{next(numbers)}] }}}}") for box in sheet.boxes
    )
    width = len(sheet.columns)
    rows = (
        ("{%tr for row in s.rows %}", *("",) * (width - 1)),
        tuple(f"{{{{ row[{number}] }}}}" for number in range(width)),
        ("{%tr endfor %}", *("",) * (width - 1)),
    )
    foot = ("{%p for line in s.foot %}", "{{ line }}", "{%p endfor %}")
    return replace(
        sheet,
        annex=None if sheet.continues else "{{ s.annex }}",
        title="{{ s.title }}",
        head_line="{{ s.head_line }}" if sheet.head_line is not None else None,
        text=("{%p for text in s.text %}", "{{ text }}", "{%p endfor %}"),
        bars=(),
        boxes=boxes,
        rows=rows if sheet.has_table else (),
        spans=(),
        foot=tuple(FootLine(line) for line in foot),
    )


def _timeless(data: bytes) -> bytes:
    """Return the file with its members in order and without times."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()

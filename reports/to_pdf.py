"""The forms as PDF: set by typst from a layout, with an open Chinese typeface inside. Same form, same bytes.

Nothing of the system is needed but the typeface: no library, no office program. A character without a glyph is an
error that names the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from reports.clean_text import clean
from reports.forms.grid import GridCell, body_rows, box_rows, header_rows, shares
from reports.forms.roster import Form, form_entry
from reports.forms.sheet import Book, Sheet
from reports.typefaces import Face, check_glyphs, chosen


def render_pdf(form: Form, *, language: str = "zh_CN", edition: str = "official", font_folder: str = "") -> bytes:
    """Return the form as PDF.

    `font_folder` names a folder with the typeface, looked into before those of the system. Raises `NoTypeface`,
    `MissingGlyphs`, `ValueError` for an unknown language or edition.
    """
    return pdf_of_book(form_entry(form).lay_out(form, language, edition), font_folder)


def pdf_of_book(book: Book, font_folder: str = "") -> bytes:
    """Return a layout as PDF. Raises `NoTypeface`, `MissingGlyphs`."""
    import typst

    book = replace(book, sheets=tuple(sheet for sheet in book.sheets if not sheet.on_screen))
    face = face_in(font_folder)
    check_glyphs(face, _texts(book))
    sources = {
        "main.typ": files("reports").joinpath("typst", "form.typ").read_bytes(),
        "book.json": json.dumps(_plain(book, face), ensure_ascii=False).encode("utf-8"),
    }
    day = datetime(book.as_of.year, book.as_of.month, book.as_of.day, tzinfo=UTC)
    compiled: Any = typst.compile  # its stubs do not know that it takes files by name
    made = compiled(
        sources,
        format="pdf",
        font_paths=[*_folders(font_folder), face.file.rpartition("/")[0]],
        ignore_system_fonts=True,
        timestamp=int(day.timestamp()),
    )
    return bytes(made)


@cache
def face_in(font_folder: str = "") -> Face:
    """Return the face that is embedded: from the folder, else from the system. Raises `NoTypeface`."""
    import typst

    found: list[Face] = []
    for known in (
        typst.Fonts(font_paths=_folders(font_folder), include_system_fonts=False) if font_folder else None,
        typst.Fonts(include_system_fonts=True),
    ):
        for font in () if known is None else known.fonts():
            if font.path is not None and font.style == "normal" and font.weight == 400:
                found.append(Face(font.family, str(font.path), font.index))
    return chosen(found)


def _folders(font_folder: str) -> list[str]:
    return [font_folder] if font_folder else []


def _texts(book: Book) -> Iterator[tuple[str, str]]:
    """Yield every text of a layout with its place."""
    yield "", clean(f"{book.title}{book.subject}{book.foot_mark}{book.page}")
    for sheet in book.sheets:
        name = clean(sheet.name)
        yield name, clean(f"{sheet.annex or ''}{sheet.title}{sheet.head_line or ''}")
        for paragraph in (*sheet.text, *(bar.label for bar in sheet.bars)):
            yield name, clean(paragraph)
        for row in (*box_rows(sheet), *header_rows(sheet, book.language)):
            yield name, "".join(cell.text for cell in row)
        for number, row in enumerate(body_rows(sheet), start=1):
            yield f"{name} 第 {number} 行 / row {number}", "".join(cell.text for cell in row)
        for line in sheet.foot:
            yield name, clean(line.text)


def _plain(book: Book, face: Face) -> dict[str, Any]:
    """Return a layout as the template reads it."""
    before, _, rest = book.page.partition("&P")
    between, _, after = rest.partition("&N")
    language, _, region = book.language.partition("_")
    return {
        "title": clean(book.title),
        "subject": clean(book.subject),
        "day": [book.as_of.year, book.as_of.month, book.as_of.day],
        "family": face.family,
        "lang": language,
        "region": region or "GB",
        "mark": clean(book.foot_mark),
        "page": [before, between, after],
        "groups": [[_plain_sheet(sheet, book.language) for sheet in group] for group in _groups(book)],
    }


def _groups(book: Book) -> list[list[Sheet]]:
    """Return the sheets, those together that follow each other on one page."""
    groups: list[list[Sheet]] = []
    for sheet in book.sheets:
        if sheet.continues and groups:
            groups[-1].append(sheet)
        else:
            groups.append([sheet])
    return groups


def _plain_sheet(sheet: Sheet, language: str) -> dict[str, Any]:
    body = [[_plain_cell(cell) for cell in row] for row in body_rows(sheet)]
    if not body:
        body = [[_plain_cell(GridCell(number, " ")) for number in range(len(sheet.columns))]]
    return {
        "paper": sheet.paper.lower(),
        "portrait": sheet.portrait,
        "continues": sheet.continues,
        "has_table": sheet.has_table,
        "text": [clean(paragraph) for paragraph in sheet.text],
        "bars": [
            {"label": clean(bar.label), "part": min(bar.numerator, bar.denominator), "whole": bar.denominator}
            for bar in sheet.bars
        ],
        "annex": None if sheet.annex is None else clean(sheet.annex),
        "title": clean(sheet.title),
        "head": None if sheet.head_line is None else clean(sheet.head_line),
        "widths": shares(sheet.columns),
        "boxes": [[_plain_cell(cell) for cell in row] for row in box_rows(sheet)],
        "header": [[_plain_cell(cell) for cell in row] for row in header_rows(sheet, language)],
        "body": body,
        "foot": [{"text": clean(line.text), "strong": line.strong} for line in sheet.foot],
    }


def _plain_cell(cell: GridCell) -> dict[str, Any]:
    return {
        "column": cell.column,
        "text": cell.text,
        "down": cell.down,
        "across": cell.across,
        "kind": cell.kind.value,
        "label": cell.is_label,
    }

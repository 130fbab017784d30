"""The forms as DOCX, to be filled in further and printed: real tables, repeated headings, fonts named, none embedded.

Faces are those of GB/T 9704-2012, top and bottom margins too, for a table that lies across; left and right are 25 mm,
since thirteen columns need the width. A unit's own document may be given as the ground: its letterhead, styles and
footers stay, and the form follows them. The same form and ground give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from reports.clean_text import clean
from reports.forms.column import Kind
from reports.forms.grid import GridCell, body_rows, box_rows, header_rows, shares
from reports.forms.roster import Form, form_entry
from reports.forms.sheet import Bar, Book, Sheet

if TYPE_CHECKING:
    from docx.document import Document

_NAMESPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_FONTS: Final = {"zh_CN": ("黑体", "仿宋_GB2312", "方正小标宋简体"), "en": ("Times New Roman",) * 3}
"""Headings, body, title: the faces of GB/T 9704-2012."""
_PAPER: Final = {"A4": (16838, 11906), "A3": (23811, 16838)}
"""Width and height of paper that lies across, in twentieths of a point."""
_MM: Final = 56.6929
_MARGINS: Final = {"top": 28, "bottom": 26, "left": 25, "right": 25}
"""Millimetres."""
_ALIGN: Final = {Kind.TEXT: "left", Kind.MONEY: "right"}
_CELL_HALF_POINTS: Final = 18
"""9 points (小五): thirteen columns between the margins of GB/T 9704."""
_LINE: Final = 567
"""Least height of a row to be written in by hand: a centimetre, in twentieths of a point."""
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)


def render_docx(
    form: Form, *, language: str = "zh_CN", edition: str = "official", ground: bytes | None = None
) -> bytes:
    """Return the form as a document.

    `ground`: a unit's own DOCX that the form is written into. Raises `ValueError` for an unknown language or edition,
    or a ground that is no DOCX.
    """
    return docx_of_book(form_entry(form).lay_out(form, language, edition), ground)


def docx_of_book(book: Book, ground: bytes | None = None) -> bytes:
    """Return a layout as a document, one section a sheet."""
    document = opened(ground)
    day = datetime(book.as_of.year, book.as_of.month, book.as_of.day)  # noqa: DTZ001
    facts = document.core_properties
    facts.title, facts.subject, facts.author = clean(book.title)[:255], clean(book.subject)[:255], ""
    facts.created = facts.modified = day
    facts.last_modified_by, facts.revision = "", 1
    for number, sheet in enumerate(sheet for sheet in book.sheets if not sheet.on_screen):
        if not sheet.continues or number == 0:
            section = document.sections[-1] if number == 0 else document.add_section()
            set_up_page(section, sheet, book)
        write_sheet(document, sheet, book)
    return same_bytes(document)


def opened(ground: bytes | None) -> Document:
    """Return the unit's own document, or an empty one. Raises `ValueError` when it cannot be opened."""
    from docx import Document as open_document

    try:
        return open_document(None if ground is None else io.BytesIO(ground))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"DOCX：模板不是可打开的 DOCX 文件 / the template is no DOCX that can be opened: {error}"
        ) from error


def same_bytes(document: Document) -> bytes:
    """Return the document as a file whose parts bear no time of today."""
    saved, out = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, _OLDEST)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, parts.read(name))
    return out.getvalue()


def set_up_page(section: Any, sheet: Sheet, book: Book) -> None:
    """Set paper, margins and footer of a section."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    wide, high = _size_of(sheet)
    section.orientation = WD_ORIENT.PORTRAIT if sheet.portrait else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = round(wide * 635), round(high * 635)
    section.top_margin, section.bottom_margin = Mm(_MARGINS["top"]), Mm(_MARGINS["bottom"])
    section.left_margin, section.right_margin = Mm(_MARGINS["left"]), Mm(_MARGINS["right"])
    footer = section.footer
    footer.is_linked_to_previous = False
    for paragraph in footer.paragraphs:
        paragraph.clear()
    before, _, rest = book.page.partition("&P")
    between, _, after = rest.partition("&N")
    fields = (
        ("t", f"{clean(book.foot_mark)}　　{before}"),
        ("f", "PAGE"),
        ("t", between),
        ("f", "NUMPAGES"),
        ("t", after),
    )
    _append(footer.paragraphs[0]._p, _footer_runs(fields, _FONTS[book.language][1]))


def _size_of(sheet: Sheet) -> tuple[int, int]:
    """Return width and height of the paper as it lies."""
    long, short = _PAPER[sheet.paper]
    return (short, long) if sheet.portrait else (long, short)


def write_sheet(document: Document, sheet: Sheet, book: Book) -> None:
    """Write one sheet at the end of a document."""
    heading, body, title = _FONTS[book.language]
    if sheet.annex:
        _add(document, _paragraph(sheet.annex, heading, 32))
    if sheet.continues:
        _add(document, _paragraph(sheet.title, heading, 32, is_heading=True))
    else:
        _add(document, _paragraph(sheet.title, title, 44, align="center"))
    if sheet.head_line is not None:
        _add(document, _paragraph(sheet.head_line, body, 21))
    for paragraph in sheet.text:
        _add(document, _paragraph(paragraph, body, 32 if sheet.portrait else 24))
    inner = _size_of(sheet)[0] - round((_MARGINS["left"] + _MARGINS["right"]) * _MM)
    for bar in sheet.bars:
        _add(document, _paragraph(bar.label, body, 18))
        _add(document, _bar(bar, inner * 6 // 10))
    widths = [round(inner * share / 100) for share in shares(sheet.columns)]
    if sheet.boxes:
        _add(document, _table(box_rows(sheet), (), widths, heading, body, _LINE if sheet.portrait else 0))
        _add(document, _paragraph("", body, 2))
    if sheet.has_table:
        rows = tuple(body_rows(sheet)) or (tuple(GridCell(number, "") for number in range(len(widths))),)
        _add(document, _table(header_rows(sheet, book.language), rows, widths, heading, body))
    for line in sheet.foot:
        _add(document, _paragraph(line.text, body, 18, is_bold=line.strong))


def add_tag(document: Document, tag: str) -> None:
    """Write a mark of a template as a paragraph of its own."""
    _add(document, _paragraph(tag, _FONTS["zh_CN"][1], _CELL_HALF_POINTS))


def _bar(bar: Bar, wide: int) -> str:
    """Return the bar of a share: a table of one row, its first cell as wide as the share and filled."""
    part = wide * min(bar.numerator, bar.denominator) // bar.denominator if bar.denominator > 0 else 0
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{each}" w:type="dxa"/>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/></w:pPr></w:p></w:tc>'
        for each, fill in ((part, "2F6F9F"), (wide - part, "EEF1F5"))
        if each > 0
    )
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in (part, wide - part) if each > 0)
    return (
        f'<w:tbl {_NAMESPACE}><w:tblPr><w:tblW w:w="{wide}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f"<w:tblDescription w:val={quoteattr(clean(bar.label))}/></w:tblPr>"
        f'<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:trHeight w:val="130" w:hRule="exact"/></w:trPr>{cells}</w:tr>'
        "</w:tbl>"
    )


def _table(
    heads: tuple[tuple[GridCell, ...], ...],
    rows: tuple[tuple[GridCell, ...], ...],
    widths: list[int],
    heading: str,
    body: str,
    least_height: int = 0,
) -> str:
    """Return a table. Cells that a merge from above covers are written as continued, as the format wants it."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    written = _rows(heads, widths, heading, is_head=bool(rows), least_height=least_height)
    written += _rows(rows, widths, body, is_head=False)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tbl {_NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{written}</w:tbl>"
    )


def _rows(
    rows: Iterable[tuple[GridCell, ...]], widths: list[int], font: str, *, is_head: bool, least_height: int = 0
) -> str:
    written = []
    covered: dict[int, tuple[int, int]] = {}  # column → rows that are still covered, columns across
    for row in rows:
        cells: dict[int, str] = {}
        for column, (left, across) in list(covered.items()):
            cells[column] = _cell(GridCell(column, "", across=across), widths, font, merge="continue")
            if left == 1:
                del covered[column]
            else:
                covered[column] = (left - 1, across)
        for cell in row:
            cells[cell.column] = _cell(cell, widths, font, merge="restart" if cell.down > 1 else None)
            if cell.down > 1:
                covered[cell.column] = (cell.down - 1, cell.across)
        facts = "<w:cantSplit/>" + (f'<w:trHeight w:val="{least_height}"/>' if least_height else "")
        facts += "<w:tblHeader/>" if is_head else ""
        written.append(f"<w:tr><w:trPr>{facts}</w:trPr>{''.join(cells[column] for column in sorted(cells))}</w:tr>")
    return "".join(written)


def _cell(cell: GridCell, widths: list[int], font: str, *, merge: str | None) -> str:
    wide = sum(widths[cell.column : cell.column + cell.across])
    span = f'<w:gridSpan w:val="{cell.across}"/>' if cell.across > 1 else ""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    align = "center" if cell.is_label else _ALIGN.get(cell.kind, "center")
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{span}{merged}<w:vAlign w:val="center"/></w:tcPr>'
        f"{_inner(cell.text, font, _CELL_HALF_POINTS, align, is_bold=cell.is_label)}</w:tc>"
    )


def _paragraph(
    text: str, font: str, half_points: int, *, align: str = "left", is_bold: bool = False, is_heading: bool = False
) -> str:
    return _inner(text, font, half_points, align, is_bold=is_bold, is_heading=is_heading, namespace=f" {_NAMESPACE}")


def _inner(
    text: str,
    font: str,
    half_points: int,
    align: str,
    *,
    is_bold: bool,
    is_heading: bool = False,
    namespace: str = "",
) -> str:
    """Return a paragraph; a heading stands off what is before it and stays with what follows."""
    mark = "" if text else f'<w:rPr><w:sz w:val="{half_points}"/></w:rPr>'
    kept, before = ("<w:keepNext/>", 240) if is_heading else ("", 0)
    facts = f'{kept}<w:spacing w:before="{before}" w:after="0"/><w:jc w:val="{align}"/>{mark}'
    return f"<w:p{namespace}><w:pPr>{facts}</w:pPr>{_run(text, font, half_points, is_bold=is_bold)}</w:p>"


def _run(text: str, font: str, half_points: int, *, is_bold: bool = False) -> str:
    """Return a run; a line feed in the text is a line break."""
    if not text:
        return ""
    name = quoteattr(font)
    bold = "<w:b/>" if is_bold else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(text).split("\n"))
    lines = lines.replace("\t", " ")
    return (
        f"<w:r><w:rPr><w:rFonts w:ascii={name} w:hAnsi={name} w:eastAsia={name} w:cs={name}/>{bold}"
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>{lines}</w:r>'
    )


def _footer_runs(fields: Iterable[tuple[str, str]], font: str) -> list[str]:
    runs = []
    for kind, text in fields:
        if kind == "t":
            if text:
                runs.append(_run(text, font, 18).replace("<w:r>", f"<w:r {_NAMESPACE}>", 1))
            continue
        for inner in (
            '<w:fldChar w:fldCharType="begin"/>',
            f'<w:instrText xml:space="preserve"> {text} </w:instrText>',
            '<w:fldChar w:fldCharType="end"/>',
        ):
            runs.append(f"<w:r {_NAMESPACE}>{inner}</w:r>")
    return runs


def _add(document: Document, xml: str) -> None:
    """Put an element before the section's own at the end of the body."""
    from docx.oxml import parse_xml

    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml))


def _append(paragraph: Any, runs: list[str]) -> None:
    from docx.oxml import parse_xml

    for run in runs:
        paragraph.append(parse_xml(run))

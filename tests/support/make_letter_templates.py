"""Write the Word templates of the letters in `reports/docx`: `python tests/support/make_letter_templates.py`.

A unit may lay its own template over each (setting `notice_template`): any Word file with the same marks in it. Fonts
are named after GB/T 9704 (方正小标宋, 仿宋_GB2312) and never embedded.
"""

from __future__ import annotations

from pathlib import Path

from docx import Document as new_document
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table

FOLDER = Path(__file__).resolve().parents[2] / "reports" / "docx"
NOTICE_COLUMNS = (
    ("{{ t.heading_number }}", "{{ line.number }}", 1.2),
    ("{{ t.heading_finding }}", "{{ line.text }}", 4.8),
    ("{{ t.heading_evidence }}", "{{ line.evidence }}", 4.4),
    ("{{ t.heading_action }}", "{{ line.action }}", 3.0),
    ("{{ t.heading_statement }}", "{{ line.statement }}", 3.0),
)
OVERDUE_COLUMNS = (
    ("{{ t.heading_number }}", "{{ line.number }}", 1.2),
    ("{{ t.heading_unit }}", "{{ line.unit }}", 6.4),
    ("{{ t.heading_overdue }}", "{{ line.overdue }}", 2.8),
    ("{{ t.heading_open }}", "{{ line.open }}", 2.8),
    ("{{ t.heading_oldest }}", "{{ line.oldest }}", 3.2),
)


def _document() -> Document:
    document = new_document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.3), Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(3.0), Cm(2.6)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋_GB2312")
    style.paragraph_format.space_after = Pt(4)
    return document


def _line(document: Document, text: str, *, size: int = 12, bold: bool = False, centre: bool = False) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "方正小标宋简体")


def _table(document: Document, columns: tuple[tuple[str, str, float], ...]) -> None:
    table: Table = document.add_table(rows=4, cols=len(columns))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    table.rows[1].cells[0].merge(table.rows[1].cells[-1]).text = "{%tr for line in lines %}"
    table.rows[3].cells[0].merge(table.rows[3].cells[-1]).text = "{%tr endfor %}"
    for number, (heading, value, width) in enumerate(columns):
        table.columns[number].width = Cm(width)
        for row, text in ((0, heading), (2, value)):
            cell = table.rows[row].cells[number]
            cell.width = Cm(width)
            cell.text = text
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.font.size, run.bold = Pt(10), row == 0
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(head.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))


def notice() -> Document:
    """The 整改通知书."""
    document = _document()
    _line(document, "{{ t.notice_title }}", size=20, bold=True, centre=True)
    _line(document, "{{ number }}", centre=True)
    _line(document, "{{ unit_name }}：", bold=True)
    _line(document, "{{ opening }}")
    _table(document, NOTICE_COLUMNS)
    _line(document, "")
    _line(document, "{{ t.notice_objection }}")
    for mark in ("{{ due }}", "{{ issuer }}", "{%p if contact %}", "{{ contact }}", "{%p endif %}", "{{ issued }}"):
        _line(document, mark)
    _line(document, "{{ t.receipt }}")
    _line(document, "{{ closing }}", size=9)
    return document


def overdue() -> Document:
    """The 未按期整改单位名单."""
    document = _document()
    _line(document, "{{ t.overdue_title }}", size=20, bold=True, centre=True)
    _line(document, "{{ as_of }}", centre=True)
    _line(document, "{{ internal }}")
    _table(document, OVERDUE_COLUMNS)
    for mark in ("{%p if not lines %}", "{{ t.nobody_overdue }}", "{%p endif %}", "{{ issuer }}"):
        _line(document, mark)
    _line(document, "{{ closing }}", size=9)
    return document


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    notice().save(str(FOLDER / "rectification_notice.docx"))
    overdue().save(str(FOLDER / "overdue_units.docx"))

"""Golden files of every form: a small paper of each, and each file of it told as text that can be read in a diff.

`python tests/support/golden.py` writes them anew; read the diff before it is committed. XLSX, DOCX and PDF are told by
what stands in them and how the page is set up, since their bytes differ between releases of the libraries; HTML, CSV
and JSON are the bytes themselves.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.path.insert(0, str(Path(__file__).resolve().parent))

from report_builders import COVERED, HEAD, PROOF, audit_report, detail_form, free_form, journal_form, plan_form
from report_builders import summary_form as summary

from reports.forms.column import Column, Kind
from reports.forms.papers import PAPERS, PaperLayout, SectionLayout
from reports.model import Facts, Name
from reports.paper import Cell, Code, Drawn, Link, Paper, Section, Share
from reports.printing import Printing
from reports.roster import FORMATS, format_named
from reports.wording import LANGUAGES

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "forms"
LEDGERS = {
    "plan": plan_form,
    "free_software": free_form,
    "summary": summary,
    "detail": detail_form,
    "journal": journal_form,
}
_OF_COLUMN: dict[str, Cell] = {
    "product": Name("WPS Office 专业增强版", "WPS Office Professional Plus"),
    "name": "WPS Office 2019 专业增强版",
    "machine": "PC-0001",
    "department": "财务处",
    "unit": "示例市自然资源局",
    "code": "BG-2019-01",
    "paper": "SQ-2019-0312",
    "version": "11.8.2.8808",
    "verdict": Code("verdict", "short"),
    "before": Code("verdict", "genuine"),
    "after": Code("verdict", "short"),
    "why": Code("change", "ledger"),
    "category": Code("category", "office"),
    "what": Code("rate", "office"),
    "type": Code("software_type", "commercial"),
    "severity": Code("severity", "high"),
    "share": Share(97, 120),
    "domestic": Code("yes_no", "yes"),
    "record": "0d3f0d3f0d3f0d3f software[12]",
    "rule": "kingsoft/wps-office#uninstall",
    "term": "永久",
    "supplier": "示例软件经销有限公司",
    "source": "uninstall_keys",
    "suites": Name("WPS Office、Microsoft Office", "WPS Office, Microsoft Office"),
    "coverage": Share(10, 12),
    "three": Share(97, 120),
    "run": "5f2c5f2c5f2c5f2c",
}
_FACTS: dict[str, str | int | Name] = {
    "unit": "示例市自然资源局",
    "year": "2026",
    "as_of": "2026-11-23",
    "before": "2026-10-31",
    "after": "2026-11-23",
    "before_run": "1a2b" * 4,
    "after_run": "5f2c" * 4,
    "quarter_start": "2026-10-01",
    "amount": "15,800.00",
    "coverage": "83.33%",
}
_COUNTS = tuple(
    [
        "count",
        "high",
        "codes",
        "unpriced",
        "in_scope",
        "scanned",
        "no_paper",
        "over",
        "short",
        "idle",
        "missing",
        "stale",
        "registered_not_seen",
        "seen_not_registered",
        "classified",
        "private",
        "units",
        "told",
        "products",
        "copies",
        "soon",
        "near",
        "days",
        "machines",
        "listed",
    ]
)


def paper_of(layout: PaperLayout) -> Paper:
    """A paper of a kind, with two rows in every table that is not left to be filled in by hand."""
    return Paper(layout.key, HEAD, tuple(_section(section) for section in layout.sections), COVERED, PROOF)


def _section(section: SectionLayout) -> Section:
    facts: Facts = (*_FACTS.items(), *((name, 3) for name in _COUNTS))
    rows = () if section.blank_rows else tuple(_row(section.columns, number) for number in (1, 2))
    fields: tuple[tuple[str, Cell], ...] = tuple((f.key, "示例市自然资源局") for f in section.fields if f.key == "unit")
    is_rate = bool({"share", "three"} & {column.key for column in section.columns})
    drawn = tuple(Drawn(Code("rate", what), n, 120) for n, what in ((97, "office"), (60, "antivirus"), (0, "other")))
    series = tuple(Drawn(day, n, 120) for n, day in ((60, "2026-10-31"), (97, "2026-11-23")))
    is_series = section.key == "runs"
    marks = ((0, "office"), (0, "office-genuine"), (1, "office-short")) if section.key in ("groups", "copies") else ()
    return Section(
        section.key,
        facts,
        rows if section.columns else (),
        fields,
        (series if is_series else drawn) if is_rate else (),
        is_series=is_series,
        marks=marks,
    )


def _row(columns: tuple[Column, ...], number: int) -> tuple[Cell, ...]:
    made: list[Cell] = []
    for at, column in enumerate(columns):
        if column.key == "number":
            made.append(number)
            continue
        value: Cell = _OF_COLUMN.get(column.key)
        if column.kind is Kind.COUNT:
            value = 7 * number + at
        elif column.kind is Kind.MONEY:
            value = Decimal("15800.00") * number
        elif column.kind is Kind.DAY:
            value = date(2026, 11, number)
        elif value is None:
            value = f"{column.zh} {number}"
        made.append(
            Link(value, "copies", "office-short") if column.key == "copies" and isinstance(value, int) else value
        )
    return tuple(made)


def subjects() -> dict[str, Any]:
    """Every form, the report of the audit and every paper, by its key."""
    made: dict[str, Any] = {key: build() for key, build in LEDGERS.items()}
    made["report"] = audit_report()
    made.update({layout.key: paper_of(layout) for layout in PAPERS})
    return made


def names() -> list[tuple[str, str, str]]:
    """Form, format, language of every golden file; JSON is the same in each language."""
    return [
        (key, known.name, language)
        for key in subjects()
        for known in FORMATS
        if (known.report if key == "report" else known.form) is not None
        for language in (LANGUAGES if known.name != "json" else LANGUAGES[:1])
    ]


def path_of(key: str, known: str, language: str) -> Path:
    """Where a golden file lies."""
    ending = known if known in ("html", "csv", "json") else f"{known}.txt"
    return FOLDER / key / f"{language}.{ending}"


def told(key: str, known: str, language: str) -> str:
    """One file told as its golden file tells it."""
    form, how = subjects()[key], Printing(language=language)
    write = format_named(known).report if key == "report" else format_named(known).form
    assert write is not None
    content = write(form, how)
    match known:
        case "xlsx":
            return "\n".join(_of_xlsx(content)) + "\n"
        case "docx":
            return "\n".join(_of_docx(content)) + "\n"
        case "pdf":
            return "\n".join(_of_pdf(content)) + "\n"
    return content.decode("utf-8")


def _of_xlsx(content: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), rich_text=True)
    for sheet in book.worksheets:
        page = sheet.page_setup
        yield f"== {sheet.title} · {page.orientation} paper {page.paperSize} fit {page.fitToWidth}×{page.fitToHeight}"
        yield f"print {sheet.print_area} · repeat {sheet.print_title_rows} · freeze {sheet.freeze_panes}"
        yield f"foot {sheet.oddFooter.left.text} | {sheet.oddFooter.right.text}"
        yield "merged " + " ".join(sorted(str(each) for each in sheet.merged_cells.ranges))
        yield f"charts {len(sheet._charts)}"
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{cell.coordinate} {cell.number_format} {cell.value!r}"


def _of_docx(content: bytes) -> Iterator[str]:
    import docx
    from docx.oxml.ns import qn

    document = docx.Document(io.BytesIO(content))
    for section in document.sections:
        size = (round(section.page_width.mm or 0), round(section.page_height.mm or 0))  # type: ignore[union-attr]
        edge = [round(each.mm) for each in (section.top_margin, section.bottom_margin, section.left_margin) if each]
        yield f"== {section.orientation} {size} margins {edge} · {''.join(p.text for p in section.footer.paragraphs)}"
    for block in document.element.body:
        if block.tag == qn("w:p"):
            run = block.find(".//" + qn("w:rFonts"))
            size = block.find(".//" + qn("w:sz"))
            text = "".join(each.text or "" for each in block.iter(qn("w:t")))
            if text:
                yield f"{run.get(qn('w:eastAsia'))} {size.get(qn('w:val'))} {text}"
        elif block.tag == qn("w:tbl"):
            widths = " ".join(each.get(qn("w:w")) for each in block.iter(qn("w:gridCol")))
            yield f"table {widths}"
            for row in block.iter(qn("w:tr")):
                head = "head " if row.find(".//" + qn("w:tblHeader")) is not None else ""
                yield f"  {head}{' | '.join(_docx_cell(cell, qn) for cell in row.iter(qn('w:tc')))}"


def _docx_cell(cell: Any, qn: Any) -> str:
    text = "".join(each.text or "" for each in cell.iter(qn("w:t")))
    span, merge = cell.find(".//" + qn("w:gridSpan")), cell.find(".//" + qn("w:vMerge"))
    across = f"→{span.get(qn('w:val'))}" if span is not None else ""
    return text + across + ("" if merge is None else "↓" if merge.get(qn("w:val")) == "restart" else "↑")


def _of_pdf(content: bytes) -> Iterator[str]:
    """The pages' sizes and all signs in their order; where lines break is the typeface's business."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    yield f"== {round(float(pages[0].mediabox.width))}×{round(float(pages[0].mediabox.height))} points"
    text = "".join("".join(page.extract_text().split()) for page in pages)
    yield from (text[at : at + 100] for at in range(0, len(text), 100))


def main() -> None:
    """Write every golden file anew, and remove those of forms that are gone."""
    wanted = {path_of(*name): name for name in names()}
    for path in FOLDER.rglob("*.*") if FOLDER.exists() else ():
        if path not in wanted:
            path.unlink()
    for path, name in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(told(*name).encode("utf-8"))
    print(f"{len(wanted)} golden files under {FOLDER}")


if __name__ == "__main__":
    main()

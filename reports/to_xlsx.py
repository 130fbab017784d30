"""The forms as XLSX. The same form gives the same bytes: no clock, no locale, no hash order.

Every cell is written with the type that its value has; a text is never taken for a formula, an address or a number.
Fonts are named, none is embedded.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reports.clean_text import FORMULA_STARTS, clean, cut, file_stem, sheet_names
from reports.forms.column import Column, Kind, Value
from reports.forms.grid import header_rows
from reports.forms.one_page import one_page
from reports.forms.roster import Form, form_entry
from reports.forms.row_heights import lines_of, lines_of_rows, measure_of
from reports.forms.sheet import Book, Box, FlatRows, Sheet, Span
from reports.wording import wording

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CELL_UNITS: Final = 32_767
"""The most that a cell holds, in UTF-16 units."""
LINES_HELD: Final = 20_000
"""As many lines are written with all of the workbook in memory; more go out row by row."""
SAMPLE: Final = 500
"""From as many rows the usual height of a long list is taken."""
TEXTS_KNOWN: Final = 65_536
CHART_ROW_PIXELS: Final = 20
LINE_HEIGHT_POINTS: Final = 15.75
HIGHEST_ROW_POINTS: Final = 408.75
_PAPER: Final = {"A3": 8, "A4": 9}
_FONTS: Final = {"zh_CN": ("宋体", "仿宋"), "en": ("Times New Roman", "Times New Roman")}
"""Headings, body."""
_ALIGN: Final = {Kind.TEXT: "left", Kind.MONEY: "right"}
_NUMBER_FORMAT: Final = {Kind.MONEY: "#,##0.00", Kind.DAY: "yyyy-mm-dd", Kind.COUNT: "0"}


def render_xlsx(form: Form, *, language: str = "zh_CN", edition: str = "official") -> bytes:
    """Return the workbook of a form.

    `edition`: `official` has exactly the columns of the guide, `internal` adds ours. Raises `ValueError` for an
    unknown language or edition.
    """
    return render_book(form_entry(form).lay_out(form, language, edition))


def file_name(form: Form, language: str = "zh_CN", edition: str = "official") -> str:
    """Return the name of the form's file: title, unit, as-of day."""
    words = wording(language)
    title = form_entry(form).title(language)
    mark = f"（{words.text('frame.internal')}）" if edition == "internal" else ""
    parts = (title + mark, form.head.unit_name, form.proof.as_of.isoformat())
    return "_".join(stem for part in parts if (stem := file_stem(part))) + ".xlsx"


def render_book(book: Book) -> bytes:
    """Return the workbook of a layout."""
    import xlsxwriter

    book = replace(book, sheets=_joined(one_page(book.sheets, book.language)))
    target = io.BytesIO()
    # A long list has no merge that reaches down: it is written row by row and never held as a whole.
    is_long = sum(len(sheet.rows) for sheet in book.sheets) > LINES_HELD
    workbook = xlsxwriter.Workbook(
        target,
        {
            "constant_memory" if is_long and not any(sheet.spans for sheet in book.sheets) else "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.set_properties(
        {
            "title": clean(book.title),
            "subject": clean(book.subject),
            "created": datetime(book.as_of.year, book.as_of.month, book.as_of.day),  # noqa: DTZ001
        }
    )
    names = sheet_names(tuple(sheet.name for sheet in book.sheets))
    for sheet, name in zip(book.sheets, names, strict=True):
        _SheetWriter(workbook, workbook.add_worksheet(name), book, sheet).write()
    workbook.close()
    return target.getvalue()


def _joined(sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """Put sections that have sentences alone before the table that follows them: no page holds but a heading."""
    made: list[Sheet] = []
    waiting: Sheet | None = None
    for sheet in sheets:
        joined = sheet
        if waiting is not None and sheet.continues and not sheet.on_screen:
            joined = _after(waiting, sheet)
        elif waiting is not None:
            made.append(waiting)
        is_plain = not (sheet.has_table or sheet.boxes or sheet.bars or sheet.foot)
        waiting = joined if is_plain else None
        if not is_plain:
            made.append(joined)
    return tuple(made if waiting is None else [*made, waiting])


def _after(plain: Sheet, sheet: Sheet) -> Sheet:
    """The sheet with the sentences of the plain one before its own, under the title of that one."""
    text = (*plain.text, sheet.title, *sheet.text)
    head = {"title": plain.title, "annex": plain.annex, "head_line": plain.head_line, "continues": plain.continues}
    return replace(sheet, text=text, **head)  # type: ignore[arg-type]


class _SheetWriter:
    """Writes one sheet from top to bottom; `_row` is the next free row."""

    def __init__(self, workbook: Workbook, worksheet: Worksheet, book: Book, sheet: Sheet) -> None:
        self._workbook = workbook
        self._worksheet = worksheet
        self._book = book
        self._sheet = sheet
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._facts: dict[int, dict[str, Any]] = {}
        self._row = 0
        self._last = len(sheet.columns) - 1
        self._head_font, self._body_font = _FONTS[book.language]
        self._cut_mark = wording(book.language).text("frame.cut")

    def write(self) -> None:
        """Write everything, then the page set-up, which needs to know where things stand."""
        for number, column in enumerate(self._sheet.columns):
            _checked(self._worksheet.set_column(number, number, column.width))
        self._write_title()
        self._write_boxes(self._sheet.boxes)
        header = self._row
        if self._sheet.has_table:
            self._write_header()
        body = self._row
        if self._sheet.has_table:
            self._write_body()
        self._write_boxes(self._sheet.tail)
        self._write_foot()
        self._set_up_page(header, body)

    def _write_title(self) -> None:
        sheet = self._sheet
        if sheet.annex:
            self._write_line(sheet.annex, self._format(font_name=self._head_font, font_size=12), 18)
        title = self._format(font_name=self._head_font, font_size=20, bold=True, align="center")
        self._write_line(sheet.title, title, 36)
        if sheet.head_line is not None:
            line = self._format(font_name=self._body_font, font_size=12, valign="vcenter", text_wrap=True)
            self._write_line(sheet.head_line, line, 24)
        for paragraph in sheet.text:
            style = self._format(font_name=self._body_font, font_size=12, valign="vcenter", text_wrap=True)
            self._write_line(paragraph, style, 18)
        if sheet.bars:
            self._write_chart()

    def _write_chart(self) -> None:
        """Put a chart of the program's own over rows kept free; its numbers stand right of what is printed."""
        sheet, first, at = self._sheet, self._row, self._last + 2
        rows = max(10, len(sheet.bars) + 5)
        number = self._format(font_size=9, num_format="0.00%", font_color="#767c85")
        name = self._format(font_size=9, font_color="#767c85")
        for row, bar in enumerate(sheet.bars):
            self._cell(first + row, at, bar.label.partition("　")[0], name)
            share = Decimal(bar.numerator) / bar.denominator if bar.denominator > 0 else None
            self._cell(first + row, at + 1, share, number)
        chart = self._workbook.add_chart({"type": "line" if sheet.is_series else "bar"})
        last = first + len(sheet.bars) - 1
        place = self._worksheet.name
        chart.add_series(
            {
                "categories": [place, first, at, last, at],
                "values": [place, first, at + 1, last, at + 1],
                "data_labels": {"value": True},
                "fill": {"color": "#2F6F9F"},
                "line": {"color": "#2F6F9F"},
                "marker": {"type": "circle", "size": 6} if sheet.is_series else {"type": "none"},
            }
        )
        chart.set_legend({"none": True})
        values = {"min": 0, "max": 1, "num_format": "0%", "major_gridlines": {"visible": True}}
        chart.set_x_axis({} if sheet.is_series else values)
        chart.set_y_axis(values if sheet.is_series else {"reverse": True})
        wide = sum(self._worksheet_pixels(column.width) for column in sheet.columns)
        chart.set_size({"width": min(wide, 900), "height": rows * CHART_ROW_PIXELS})
        for row in range(first, first + rows):
            _checked(self._worksheet.set_row(row, CHART_ROW_PIXELS * 0.75))
        _checked(self._worksheet.insert_chart(first, 0, chart, {"object_position": 2, "description": sheet.title}))
        self._row = first + rows

    @staticmethod
    def _worksheet_pixels(width: float) -> int:
        return round(width * 7 + 5)

    def _write_boxes(self, boxes: tuple[Box, ...]) -> None:
        if not boxes:
            return
        start = self._row
        label = self._format(
            font_name=self._head_font, font_size=11, bold=True, align="center", border=1, text_wrap=True
        )
        value = self._centred()
        heights: dict[int, float] = {}
        for box in boxes:
            self._merge(start + box.row, box.first, start + box.row, box.last, label if box.is_label else value)
            self._cell(start + box.row, box.first, box.value, label if box.is_label else value)
            wide = sum(column.width for column in self._sheet.columns[box.first : box.last + 1])
            heights[box.row] = max(
                heights.get(box.row, 0),
                _height(box.value, wide, LINE_HEIGHT_POINTS + (12 if self._sheet.portrait else 6)),
            )
        for row, height in heights.items():
            _checked(self._worksheet.set_row(start + row, height))
        self._row = start + len(heights)

    def _write_header(self) -> None:
        """Write the headings row by row and register what is merged afterwards, as writing in order needs it."""
        columns, language, first = self._sheet.columns, self._book.language, self._row
        style = self._format(
            font_name=self._head_font, font_size=11, bold=True, align="center", border=1, text_wrap=True
        )
        rows = header_rows(self._sheet, language)
        lines = max(lines_of(column.heading(language), column.width) for column in columns)
        for down, row in enumerate(rows):
            texts = {cell.column: cell.text for cell in row}
            for number in range(len(columns)):
                self._cell(first + down, number, texts.get(number), style)
            height = max(20, (LINE_HEIGHT_POINTS * lines + 6) / len(rows))
            _checked(self._worksheet.set_row(first + down, height))
        for down, row in enumerate(rows):
            for cell in row:
                if cell.down > 1 or cell.across > 1:
                    last = (first + down + cell.down - 1, cell.column + cell.across - 1)
                    self._worksheet.merge.append([first + down, cell.column, *last])
        self._row = first + len(rows)

    def _write_body(self) -> None:
        columns, start = self._sheet.columns, self._row
        styles = [self._body_style(column) for column in columns]
        if isinstance(self._sheet.rows, FlatRows):
            self._write_flat_rows(self._sheet.rows, styles)
            return
        spans = sorted(self._sheet.spans, key=lambda span: (span.first_row, span.first_column), reverse=True)
        hidden_until = [-1] * len(columns)
        lines = lines_of_rows(self._sheet)
        for row, values in enumerate(self._sheet.rows):
            while spans and spans[-1].first_row == row:
                self._write_span(start, spans.pop(), values, styles, hidden_until)
            for number, value in enumerate(values):
                if row > hidden_until[number]:
                    self._cell(start + row, number, value, styles[number])
            self._set_height(start + row, lines[row])
        self._row = start + len(self._sheet.rows)
        if not self._sheet.rows:
            self._write_empty_line(styles)

    def _write_flat_rows(self, rows: FlatRows, styles: list[Format]) -> None:
        """Write rows without merges. Most are of one height, which the sheet has of itself; the others say theirs."""
        number, measure = self._row, measure_of(self._sheet.columns)
        usual = Counter(map(measure, islice(rows, SAMPLE))).most_common(1)[0][0]
        self._worksheet.set_default_row(_row_points(usual))
        writers = self._writers()
        other: Callable[[int, int, Any, Format], None] = self._cell
        for values in rows:
            for column, value in enumerate(values):
                writers.get(type(value), other)(number, column, value, styles[column])
            if (lines := measure(values)) != usual:
                self._set_height(number, lines)
            number += 1
        self._row = number

    def _writers(self) -> Mapping[type, Callable[[int, int, Any, Format], None]]:
        """Return what writes a value of each type; a text that was written before is not cleaned again."""
        sheet = self._worksheet
        write_string, write_blank, write_number = sheet.write_string, sheet.write_blank, sheet.write_number
        known: dict[str, tuple[str, bool]] = {}

        def text(row: int, column: int, value: str, style: Format) -> None:
            fit = known.get(value)
            if fit is None:
                if len(known) >= TEXTS_KNOWN:
                    known.clear()
                fit = known[value] = _fit(value, self._cut_mark)
            if fit[1] or not value:
                self._cell(row, column, value, style)
            elif code := write_string(row, column, fit[0], style):
                _checked(code)

        def blank(row: int, column: int, value: None, style: Format) -> None:
            if code := write_blank(row, column, value, style):
                _checked(code)

        def number(row: int, column: int, value: int, style: Format) -> None:
            if code := write_number(row, column, value, style):
                _checked(code)

        return {str: text, type(None): blank, int: number, Decimal: self._cell, date: self._cell}

    def _write_span(
        self, start: int, span: Span, values: tuple[Value, ...], styles: list[Format], hidden_until: list[int]
    ) -> None:
        """Merge one span, write its value and remember that its other cells are not to be written."""
        is_wide = span.last_column > span.first_column
        style = self._centred() if is_wide else styles[span.first_column]
        self._merge(start + span.first_row, span.first_column, start + span.last_row, span.last_column, style)
        self._cell(start + span.first_row, span.first_column, values[span.first_column], style)
        for number in range(span.first_column, span.last_column + 1):
            hidden_until[number] = span.last_row

    def _write_empty_line(self, styles: list[Format]) -> None:
        for number, style in enumerate(styles):
            self._cell(self._row, number, None, style)
        self._set_height(self._row, 1)
        self._row += 1

    def _write_foot(self) -> None:
        if self._sheet.foot:
            _checked(self._worksheet.set_row(self._row, 6))
            self._row += 1
        for line in self._sheet.foot:
            style = self._format(
                font_name=self._body_font, font_size=10, bold=line.strong, text_wrap=True, valign="top"
            )
            self._write_line(line.text, style, 13.5)

    def _write_line(self, text: str, style: Format, line_height: float) -> None:
        """Write a text over the whole width, as high as it needs."""
        wide = sum(column.width for column in self._sheet.columns)
        self._merge(self._row, 0, self._row, self._last, style)
        self._cell(self._row, 0, text, style)
        _checked(self._worksheet.set_row(self._row, _height(text, wide, line_height)))
        self._row += 1

    def _merge(self, first_row: int, first: int, last_row: int, last: int, style: Format) -> None:
        if (first_row, first) != (last_row, last):
            _checked(self._worksheet.merge_range(first_row, first, last_row, last, "", style))

    def _cell(self, row: int, column: int, value: Value, style: Format) -> None:
        """Write one value with its own type."""
        sheet = self._worksheet
        match value:
            case None | "":
                _checked(sheet.write_blank(row, column, None, style))
            case str():
                text, is_formula = _fit(value, self._cut_mark)
                if is_formula:
                    style = self._as_text(style)
                _checked(sheet.write_string(row, column, text, style))
            case int():
                _checked(sheet.write_number(row, column, value, style))
            case Decimal():
                _checked(sheet.write_number(row, column, float(value), style))
            case date():
                _checked(sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style))  # noqa: DTZ001

    def _body_style(self, column: Column) -> Format:
        facts = {"font_name": self._body_font, "font_size": 11, "border": 1, "text_wrap": True}
        facts["align"] = _ALIGN.get(column.kind, "center")
        if facts["align"] != "center":
            facts["indent"] = 1
        if column.kind in _NUMBER_FORMAT:
            facts["num_format"] = _NUMBER_FORMAT[column.kind]
        return self._format(**facts)

    def _as_text(self, style: Format) -> Format:
        """The same format with the mark that keeps a text a text when somebody edits the cell."""
        return self._format(**{**self._facts[id(style)], "quote_prefix": True})

    def _centred(self) -> Format:
        return self._format(font_name=self._body_font, font_size=11, align="center", border=1, text_wrap=True)

    def _format(self, **facts: Any) -> Format:
        facts.setdefault("valign", "vcenter")
        key = tuple(sorted(facts.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(facts)
            self._facts[id(self._formats[key])] = facts
        return self._formats[key]

    def _set_height(self, row: int, lines: int) -> None:
        _checked(self._worksheet.set_row(row, _row_points(lines)))

    def _set_up_page(self, header: int, body: int) -> None:
        sheet = self._worksheet
        if self._sheet.portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(_PAPER[self._sheet.paper])
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        _checked(sheet.print_area(0, 0, self._row - 1, self._last))
        if self._sheet.has_table:
            _checked(sheet.repeat_rows(header, body - 1))
            sheet.freeze_panes(body, 0)
        mark = clean(self._book.foot_mark).replace("&", "&&")
        _checked(sheet.set_footer(f"&L&9{mark}&R&9{self._book.page}"))
        _checked(sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._row}"}))


@lru_cache(maxsize=65_536)
def _fit(text: str, cut_mark: str) -> tuple[str, bool]:
    """Return a text as a cell holds it, and whether it begins like a formula."""
    fit = cut(clean(text), CELL_UNITS, cut_mark)
    return fit, fit.startswith(FORMULA_STARTS)


def _row_points(lines: int) -> float:
    return min(LINE_HEIGHT_POINTS * lines + 4, HIGHEST_ROW_POINTS)


def _height(value: Value, wide: float, line_height: float) -> float:
    lines = lines_of(value, wide) if isinstance(value, str) else 1
    return min(line_height * lines + 2, HIGHEST_ROW_POINTS)


def _checked(code: int | None) -> None:
    """Raise when the library says that it did not write; it never raises of itself. A bug of ours."""
    if code not in (0, None):
        raise ValueError(f"the cell was not written: code {code}")

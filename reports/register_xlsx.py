"""A register as a workbook to work in: a frozen header row, lists to choose from, text that stays text, a page of help.

Unlike the printed forms it has no title row, so that it can be filtered and sorted at once. The same register gives the
same bytes.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from reports.clean_text import clean, sheet_names, width
from reports.forms.column import Kind, Value
from reports.forms.row_heights import lines_of
from reports.register_sheet import RegisterColumn, RegisterSheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CELL_UNITS: Final = 32_767
HINT_CHARACTERS: Final = 250
TITLE_CHARACTERS: Final = 32
LIST_CHARACTERS: Final = 255
"""What a spreadsheet program takes for the message of a cell, its title, and a list written out."""
ROW_POINTS: Final = 15.0
HIGHEST_ROW_POINTS: Final = 90.0
_FORMATS: Final = {Kind.MONEY: "#,##0.00", Kind.DAY: "yyyy-mm-dd", Kind.COUNT: "0"}
_WORDS: Final[dict[str, dict[str, Any]]] = {
    "zh_CN": {"font": "宋体", "help": "填写说明", "needed": "必填", "no": "", "list": "选项",
              "head": ("列名", "是否必填", "怎样填写", "示例"), "wrong": "请从列表中选择"},
    "en": {"font": "Arial", "help": "How to fill in", "needed": "needed", "no": "", "list": "Choices",
           "head": ("Column", "Needed", "What to write", "Example"), "wrong": "Please choose from the list"},
}  # fmt: skip


def render_register(sheet: RegisterSheet) -> bytes:
    """Return the workbook of a register."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    created = datetime(sheet.as_of.year, sheet.as_of.month, sheet.as_of.day)  # noqa: DTZ001  a workbook has no zone
    book.set_properties({"title": clean(sheet.title), "created": created})
    _Writer(book, sheet).write()
    book.close()
    return target.getvalue()


class _Writer:
    """Writes the table, the page of help, and the lists that are too long for one cell's rule."""

    def __init__(self, book: Workbook, sheet: RegisterSheet) -> None:
        self._book = book
        self._sheet = sheet
        self._words: dict[str, Any] = _WORDS[sheet.language]
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        table, help_page, lists = sheet_names((sheet.title, str(self._words["help"]), str(self._words["list"])))
        self._table = book.add_worksheet(table)
        self._help = book.add_worksheet(help_page)
        self._lists_name = lists
        self._lists: Worksheet | None = None
        self._listed = 0

    def write(self) -> None:
        """Write everything."""
        self._write_header()
        for number, values in enumerate(self._sheet.rows, start=1):
            self._write_row(number, values)
        self._offer_choices()
        self._set_up()
        self._write_help()

    def _write_header(self) -> None:
        plain = self._format(bold=True, border=1, align="center", text_wrap=True, bg_color="#E8EEF4")
        needed = self._format(
            bold=True, border=1, align="center", text_wrap=True, bg_color="#E8EEF4", font_color="#C00000"
        )
        for number, column in enumerate(self._sheet.columns):
            heading = f"{column.heading}*" if column.needed else column.heading
            _checked(self._table.set_column(number, number, column.width, self._body(column, bordered=False)))
            _checked(self._table.write_string(0, number, heading, needed if column.needed else plain))
        lines = max(lines_of(f"{column.heading}*", column.width - 2) for column in self._sheet.columns)
        _checked(self._table.set_row(0, ROW_POINTS * lines + 8))

    def _write_row(self, number: int, values: tuple[Value, ...]) -> None:
        high = 1
        for place, (column, value) in enumerate(zip(self._sheet.columns, values, strict=True)):
            style = self._body(column)
            if isinstance(value, str):
                high = max(high, lines_of(value, column.width))
            self._cell(number, place, value, style)
        _checked(self._table.set_row(number, min(ROW_POINTS * high + 3, HIGHEST_ROW_POINTS)))

    def _cell(self, row: int, place: int, value: Value, style: Format) -> None:
        """Write one value with its own type; a number too long for a spreadsheet's arithmetic stays text."""
        sheet = self._table
        match value:
            case None | "":
                _checked(sheet.write_blank(row, place, None, style))
            case str():
                _checked(sheet.write_string(row, place, _fitting(value), style))
            case int() if abs(value) < 10**15:
                _checked(sheet.write_number(row, place, value, style))
            case Decimal() if abs(value) < 10**12:
                _checked(sheet.write_number(row, place, float(value), style))
            case date():
                _checked(sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), style))  # noqa: DTZ001
            case _:
                _checked(sheet.write_string(row, place, str(value), style))

    def _offer_choices(self) -> None:
        last = len(self._sheet.rows) + self._sheet.spare_rows
        if last < 1:
            return
        for number, column in enumerate(self._sheet.columns):
            rule: dict[str, Any] = {"validate": "any"}
            if column.choices:
                rule = {"validate": "list", "source": self._source(column.choices), "error_type": "warning"}
                rule["error_message"] = self._words["wrong"]
            if column.hint:
                rule["input_title"] = column.heading[:TITLE_CHARACTERS]
                rule["input_message"] = column.hint[:HINT_CHARACTERS]
            if len(rule) > 1:
                _checked(self._table.data_validation(1, number, last, number, rule))

    def _source(self, choices: tuple[str, ...]) -> list[str] | str:
        if len(",".join(choices)) <= LIST_CHARACTERS:
            return list(choices)
        if self._lists is None:
            self._lists = self._book.add_worksheet(self._lists_name)
            self._lists.hide()
        place = self._listed
        self._listed += 1
        for row, choice in enumerate(choices):
            _checked(self._lists.write_string(row, place, choice))
        letter = chr(ord("A") + place)
        return f"='{self._lists_name}'!${letter}$1:${letter}${len(choices)}"

    def _set_up(self) -> None:
        table = self._table
        frozen = next((n for n, column in enumerate(self._sheet.columns) if not column.needed and n > 1), 2)
        table.freeze_panes(1, min(frozen, 4))
        if self._sheet.rows:
            _checked(table.autofilter(0, 0, len(self._sheet.rows), len(self._sheet.columns) - 1))
        table.set_landscape()
        table.set_paper(8)  # A3, as many sheets side by side as it takes: the first columns stand on each
        _checked(table.repeat_rows(0))
        _checked(table.repeat_columns(0, min(frozen, 4) - 1))
        _checked(table.set_footer("&R&9&P / &N"))
        _checked(table.ignore_errors({"number_stored_as_text": "A1:XFD1048576"}))

    def _write_help(self) -> None:
        page, words = self._help, self._words
        wide = (24.0, 10.0, 62.0, 40.0)
        head = self._format(bold=True, border=1, align="center", bg_color="#E8EEF4")
        cell = self._format(border=1, text_wrap=True, valign="top")
        title = self._format(bold=True, font_size=14)
        line = self._format(text_wrap=True, valign="top")
        for number, width_of in enumerate(wide):
            _checked(page.set_column(number, number, width_of))
        _checked(page.write_string(0, 0, clean(self._sheet.title), title))
        row = 1
        for note in self._sheet.notes:
            _checked(page.merge_range(row, 0, row, 3, clean(note), line))
            _checked(page.set_row(row, ROW_POINTS * lines_of(note, sum(wide)) + 3))
            row += 1
        row += 1
        for number, heading in enumerate(words["head"]):
            _checked(page.write_string(row, number, heading, head))
        page.freeze_panes(row + 1, 0)
        for column in self._sheet.columns:
            row += 1
            told = (column.heading, words["needed"] if column.needed else words["no"], _help(column), column.example)
            for number, text in enumerate(told):
                _checked(page.write_string(row, number, clean(text), cell) if text
                         else page.write_blank(row, number, None, cell))  # fmt: skip
            high = max(lines_of(text, wide[number]) for number, text in enumerate(told))
            _checked(page.set_row(row, ROW_POINTS * high + 3))
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)

    def _body(self, column: RegisterColumn, *, bordered: bool = True) -> Format:
        facts: dict[str, Any] = {"num_format": _FORMATS.get(column.kind, "@"), "text_wrap": True, "valign": "vcenter"}
        facts["align"] = {Kind.TEXT: "left", Kind.MONEY: "right"}.get(column.kind, "center")
        if facts["align"] != "center":
            facts["indent"] = 1
        return self._format(**facts, **({"border": 1} if bordered else {}))

    def _format(self, **facts: Any) -> Format:
        facts = {"font_name": self._words["font"], "font_size": 10, "valign": "vcenter"} | facts
        key = tuple(sorted(facts.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(facts)
        return self._formats[key]


def _help(column: RegisterColumn) -> str:
    if not column.choices:
        return column.hint
    listed = "、".join(column.choices)
    return f"{column.hint}：{listed}" if column.hint and listed not in column.hint else column.hint or listed


def _fitting(text: str) -> str:
    """Return a text that the cell holds whole; callers spread longer ones over rows. A formula's start stays text."""
    text = clean(text)
    if len(text.encode("utf-16-le")) > 2 * CELL_UNITS:
        raise ValueError(f"a cell holds {CELL_UNITS} units, got {width(text)}")
    return text


def _checked(code: int | None) -> None:
    """Raise when the library says that it did not write; it never raises of itself. A bug of ours."""
    if code not in (0, None):
        raise ValueError(f"the cell was not written: code {code}")

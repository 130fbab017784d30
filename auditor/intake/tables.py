"""XLSX, XLS, ODS and CSV files → rows of cells that know their sheet, row and column.

Merged cells carry their value on every cell that they cover, as a person reads them. CSV is read as UTF-8
with or without a mark, else as GB18030; the separator is the one of `, ; tab |` that the first line has most.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import Any

from auditor.errors import AuditorError

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 512
SHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
Value = str | int | float | bool | date | None


@dataclass(frozen=True)
class Place:
    """Where a value stands: sheet, row counted from 1, column as letters."""

    sheet: str
    row: int
    column: str = ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.column}{self.row}"


@dataclass(frozen=True)
class Table:
    """One sheet: rows of values, each row as wide as the sheet; row 0 is the sheet's first row."""

    sheet: str
    rows: tuple[tuple[Value, ...], ...]


def read_tables(data: bytes, file_name: str) -> list[Table]:
    """Return every sheet of a file that has a value. Raises `AuditorError` that says what was expected."""
    if len(data) > MAX_FILE_BYTES:
        raise AuditorError(f"{file_name}: {len(data)} bytes; expected at most {MAX_FILE_BYTES}")
    if PurePath(file_name).suffix.lower() in SHEETS:
        return [table for table in _sheets(data, file_name) if table.rows]
    return [Table(PurePath(file_name).name, tuple(_csv_rows(data, file_name)))]


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheets(data: bytes, file_name: str) -> Iterator[Table]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            cells = _bounded(sheet.to_python(skip_empty_area=False), file_name)
            rows = [[_plain(cell) for cell in row] for row in cells]
            _spread(rows, getattr(sheet, "merged_cell_ranges", None) or ())
            yield Table(name, tuple(tuple(row) for row in rows))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise AuditorError(f"{file_name}: expected a spreadsheet: {error}") from error


def _bounded(rows: Iterable[list[Any]], file_name: str) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number >= MAX_ROWS or len(row) > MAX_COLUMNS:
            raise AuditorError(f"{file_name}: expected at most {MAX_ROWS} rows and {MAX_COLUMNS} columns")
        yield row


def _spread(rows: list[list[Value]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Give every cell of a merged range the value of its first."""
    for (top, left), (bottom, right) in ranges:
        if top < len(rows) and left < len(rows[top]):
            value = rows[top][left]
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [value] * len(row[left : right + 1])


def _plain(cell: Any) -> Value:
    """Bring a cell to a plain value: a day for a moment at midnight, a whole number for a float without rest."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, str):
        return cell.strip() or None  # calamine says "" for an empty cell
    return cell  # type: ignore[no-any-return]


def _csv_rows(data: bytes, file_name: str) -> Iterator[tuple[Value, ...]]:
    text = _decoded(data, file_name)
    first = text.split("\n", 1)[0]
    separator = max(",;\t|", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)):
            if number >= MAX_ROWS or len(row) > MAX_COLUMNS:
                raise AuditorError(f"{file_name}: expected at most {MAX_ROWS} rows and {MAX_COLUMNS} columns")
            yield tuple(cell.strip() or None for cell in row)
    except csv.Error as error:
        raise AuditorError(f"{file_name}: expected a table of comma-separated values: {error}") from error


def _decoded(data: bytes, file_name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AuditorError(f"{file_name}: expected text in UTF-8 or GB18030")

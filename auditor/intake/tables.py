"""XLSX, XLS and CSV files → rows of cells that know their sheet, row and column.

Merged cells carry their value on every cell that they cover, as a person reads them. CSV is read as UTF-8
with or without a mark, else as GB18030; the separator is the one of `, ; tab |` that the first line has most, and an
apostrophe before `= + - @` is the mark of a text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import IO, Any

from auditor.errors import AuditorError, both

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 512
MAX_CELLS = 20_000_000
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
ZIP = b"PK\x03\x04"
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
HTML = (b"<!doctype", b"<html", b"<?xml", b"<table", b"%pdf", b"{\\rtf")
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n")
"""What a spreadsheet program takes for a formula."""
_CELL = re.compile(rb' r="([A-Z]{1,4})([0-9]{1,8})"')
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
    """Return every sheet of a file that has a value. What a file is, its bytes say, not its name.

    Raises `AuditorError` that says what was expected.
    """
    if len(data) > MAX_FILE_BYTES:
        size = both(f"应不超过 {MAX_FILE_BYTES} 字节", f"expected at most {MAX_FILE_BYTES} bytes, got {len(data)}")
        raise AuditorError(f"{file_name}: {size}")
    if data.startswith(ZIP):
        _check_workbook(data, file_name)
    if data.startswith((ZIP, COMPOUND_FILE)):
        return [table for table in _sheets(data, file_name) if any(any(row) for row in table.rows)]
    if (b"\0" in data[:4096] and not data.startswith(UTF_16)) or data[:200].lstrip().lower().startswith(HTML):
        raise AuditorError(f"{file_name}: {_expected('')}")
    table = Table(PurePath(file_name).name, tuple(_csv_rows(data, file_name)))
    return [table] if any(any(row) for row in table.rows) else []


def _expected(why: object) -> str:
    told = f": {why}" if str(why) else ""
    return both("应为 XLSX、XLS 或 CSV 表格", f"expected a table: XLSX, XLS or CSV{told}")


def _check_workbook(data: bytes, file_name: str) -> None:
    """Refuse what would not fit into memory before it is read: unpacked size, and the cell farthest out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise AuditorError(f"{file_name}: {_expected('no xl/workbook.xml inside')}")
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                told = both("解压后过大", f"expected at most {MAX_UNPACKED_BYTES} bytes unpacked")
                raise AuditorError(f"{file_name}: {told}")
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    with packed.open(entry) as sheet:
                        _check_extent(sheet, file_name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise AuditorError(f"{file_name}: {_expected(error)}") from error


def _check_extent(sheet: IO[bytes], file_name: str) -> None:
    """Look at the address of every cell and row; what the sheet says of its own size is not believed."""
    rest, rows, columns, unpacked = b"", 0, 0, 0
    while block := sheet.read(1 << 20):
        unpacked += len(block)
        if unpacked > MAX_UNPACKED_BYTES:
            raise AuditorError(f"{file_name}: {_too_large()}")
        text = rest + block
        for letters, number in _CELL.findall(text):
            columns = max(columns, _column_number(letters))
            rows = max(rows, int(number))
        rest = text[-40:]
        if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
            raise AuditorError(f"{file_name}: {_too_large()}")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large() -> str:
    zh = f"应不超过 {MAX_ROWS} 行、{MAX_COLUMNS} 列、{MAX_CELLS} 个单元格"
    return both(zh, f"expected at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_CELLS} cells")


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
    except AuditorError:
        raise
    except (python_calamine.CalamineError, OSError, ValueError, EOFError) as error:
        raise AuditorError(f"{file_name}: {_expected(error)}") from error


def _bounded(rows: Iterable[list[Any]], file_name: str) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number >= MAX_ROWS or len(row) > MAX_COLUMNS:
            raise AuditorError(f"{file_name}: {_too_large()}")
        yield row


def _spread(rows: list[list[Value]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Give every cell of a merged range the value of its first."""
    for (top, left), (bottom, right) in ranges:
        if top < len(rows) and left < len(rows[top]):
            value = rows[top][left]
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [value] * len(row[left : right + 1])


def _plain(cell: Any) -> Value:
    """Bring a cell to a plain value: a day for a moment at midnight, a whole number for a float without rest.

    Another moment is a text to the second; whoever asks for a day takes its day.
    """
    if isinstance(cell, datetime):
        whole = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
        return whole.date() if whole.time() == time.min else whole.isoformat(sep=" ")
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, str):
        return cell.strip() or None  # calamine says "" for an empty cell
    return cell  # type: ignore[no-any-return]


def _csv_rows(data: bytes, file_name: str) -> Iterator[tuple[Value, ...]]:
    text = _decoded(data, file_name)
    first = next((line for line in text.splitlines()[:20] if any(sign in line for sign in ",;\t|")), "")
    separator = max(",;\t|", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)):
            if number >= MAX_ROWS or len(row) > MAX_COLUMNS:
                raise AuditorError(f"{file_name}: {_too_large()}")
            yield tuple(_unquoted(cell.strip()) or None for cell in row)
    except csv.Error as error:
        raise AuditorError(f"{file_name}: {_expected(error)}") from error


def _unquoted(cell: str) -> str:
    """Take away the apostrophe that keeps a text from being run as a formula: it is none of the text."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def _decoded(data: bytes, file_name: str) -> str:
    encodings = ("utf-16",) if data.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    told = both("文字编码应为 UTF-8、GB18030 或 UTF-16", "expected text in UTF-8, GB18030 or UTF-16")
    raise AuditorError(f"{file_name}: {told}")

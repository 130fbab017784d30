"""Tables → rows of a register: the header row found by its headings, every cell read, all faults at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from auditor.errors import AuditorError
from auditor.intake.tables import Place, Table, Value, column_letters

HEADER_WITHIN_ROWS = 15
MAX_FAULTS_SHOWN = 200
_SIGNS = re.compile(r"[\s　（）()：:*＊_\-/]+")


class Unreadable(ValueError):
    """A cell cannot be read: the message says what was expected."""


@dataclass(frozen=True)
class Field:
    """One column of a register: the name it has inside, the headings it may bear, how its cell is read.

    `read` gets the cell, never an empty one, and raises `Unreadable`.
    """

    name: str
    headings: tuple[str, ...]
    read: Callable[[Value], Any]
    required: bool = False


@dataclass(frozen=True)
class RegisterRow:
    """One row as read: values by field name, and where it stands."""

    place: Place
    values: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file: where, what, and what was expected."""

    place: Place
    heading: str
    what: str

    def __str__(self) -> str:
        told = f" {self.heading}" if self.heading else ""
        return f"{self.place}{told}: {self.what}"


@dataclass
class Reading:
    """What a file says: good rows, and every fault."""

    rows: list[RegisterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class RegisterFaults(AuditorError):
    """A file has faults and nothing of it was imported; the message lists them all."""

    def __init__(self, file_name: str, faults: Sequence[Fault], good_rows: int) -> None:
        self.faults = tuple(faults)
        shown = [f"{file_name}: {fault}" for fault in self.faults[:MAX_FAULTS_SHOWN]]
        if len(self.faults) > MAX_FAULTS_SHOWN:
            shown.append(f"… {len(self.faults) - MAX_FAULTS_SHOWN} more faults")
        rows = len({(fault.place.sheet, fault.place.row) for fault in self.faults})
        shown.append(
            f"{len(self.faults)} faults in {rows} rows, {good_rows} rows are good; nothing was imported "
            f"(--skip-bad-rows imports the good ones)"
        )
        super().__init__("\n".join(shown))


def read_register(tables: Sequence[Table], fields: Sequence[Field], file_name: str) -> Reading:
    """Read every sheet that has a header row of the register.

    Rows below the header that have no required value are passed over (blank rows, signature lines). Raises
    `AuditorError` when no sheet has a header: it names the headings that were looked for.
    """
    reading = Reading()
    found = False
    for table in tables:
        header = _header(table, fields)
        if header is None:
            continue
        found = True
        last, columns = header
        for number in range(last + 1, len(table.rows)):
            _read_row(table, number, columns, fields, reading)
    if not found:
        wanted = "、".join(f.headings[0] for f in fields if f.required)
        raise AuditorError(f"{file_name}: no header row; expected one with the columns {wanted}")
    return reading


def folded_heading(text: Value) -> str:
    """Return a heading without width, blanks and brackets, so that spellings compare."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", str(text or "")).casefold())


def _header(table: Table, fields: Sequence[Field]) -> tuple[int, dict[str, int]] | None:
    """Find the row that names every required column; a second header row below it may name the rest."""
    for number in range(min(HEADER_WITHIN_ROWS, len(table.rows))):
        columns = _columns(table.rows[number], fields)
        if all(f.name in columns for f in fields if f.required):
            last = number
            if number + 1 < len(table.rows) and _is_second_header(table.rows[number], table.rows[number + 1]):
                columns |= {k: v for k, v in _columns(table.rows[number + 1], fields).items() if k not in columns}
                last += 1
            return last, columns
    return None


def _is_second_header(first: Sequence[Value], second: Sequence[Value]) -> bool:
    """Merged headings over two rows repeat most of the first row."""
    same = sum(a is not None and a == b for a, b in zip(first, second, strict=False))
    return same >= 2 and same * 2 >= sum(value is not None for value in second)


def _columns(row: Sequence[Value], fields: Sequence[Field]) -> dict[str, int]:
    by_heading = {folded_heading(heading): f.name for f in fields for heading in (f.name, *f.headings)}
    columns: dict[str, int] = {}
    for index, cell in enumerate(row):
        name = by_heading.get(folded_heading(cell)) if cell is not None else None
        if name is not None:
            columns.setdefault(name, index)
    return columns


def _read_row(table: Table, number: int, columns: dict[str, int], fields: Sequence[Field], reading: Reading) -> None:
    row = table.rows[number]
    place = Place(table.sheet, number + 1)
    cells = {name: row[index] if index < len(row) else None for name, index in columns.items()}
    cells = {name: None if is_blank(cell) else cell for name, cell in cells.items()}
    required = [f for f in fields if f.required]
    if all(cells.get(f.name) is None for f in required) or _is_footnote(row):
        return
    values: dict[str, Any] = {}
    faults = []
    for f in fields:
        cell = cells.get(f.name)
        where = Place(table.sheet, number + 1, column_letters(columns[f.name]) if f.name in columns else "")
        if cell is None:
            if f.required:
                faults.append(Fault(where, f.headings[0], "is empty; expected a value"))
            continue
        try:
            values[f.name] = f.read(cell)
        except Unreadable as error:
            faults.append(Fault(where, f.headings[0], f"{error}, got {str(cell)[:60]!r}"))
    reading.faults += faults
    if not faults:
        reading.rows.append(RegisterRow(place, values))


def is_blank(cell: Value) -> bool:
    """A dash that stands for "nothing" on the printed forms is no value."""
    return cell is None or (isinstance(cell, str) and cell.strip() in ("", "-", "--", "—", "——", "/", "无"))


def _is_footnote(row: Sequence[Value]) -> bool:
    """One text over the whole width (merged) is a note below the table."""
    told = {cell for cell in row if cell is not None}
    return len(told) == 1 and len([cell for cell in row if cell is not None]) > 3


# --- readers of cells -------------------------------------------------------------------------------------------

MAX_TEXT = 1000
MAX_QUANTITY = 10_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def text(cell: Value) -> str:
    """Any value as text, control and direction characters left out."""
    told = cell.isoformat() if isinstance(cell, date) else str(cell)
    told = _CONTROL.sub("", told).strip()
    if len(told) > MAX_TEXT:
        raise Unreadable(f"expected at most {MAX_TEXT} characters")
    return told


def code(cell: Value) -> str:
    """A key: letters, digits, hyphen, underscore, point; no blanks."""
    told = text(cell)
    if not re.fullmatch(r"[\w.\-]{1,64}", told):
        raise Unreadable("expected letters, digits, '-', '_' or '.', at most 64")
    return told


def whole(cell: Value) -> int:
    """A whole number from 0 to `MAX_QUANTITY`."""
    told = text(cell).replace(",", "").replace("，", "")
    told = re.sub(r"(套|个|台|份|用户|人)$", "", told)
    if not re.fullmatch(r"\d{1,12}(\.0+)?", told):
        raise Unreadable("expected a whole number")
    number = int(float(told))
    if number > MAX_QUANTITY:
        raise Unreadable(f"expected at most {MAX_QUANTITY}")
    return number


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")


def day(cell: Value) -> date:
    """A day: a date cell, `2019-03-05`, `2019/3/5`, `2019年3月5日`, `20190305`; a month is its first day."""
    if isinstance(cell, date):
        return cell
    told = unicodedata.normalize("NFKC", text(cell)).replace(" ", "").split("T")[0]
    told = re.sub(r"\d{1,2}:\d{2}(:\d{2})?$", "", told)
    hit = _DAY.fullmatch(told) or _DIGITS.fullmatch(told)
    if hit is None:
        raise Unreadable("expected a day such as 2019-03-05 or 2019年3月5日")
    year, month, number = int(hit[1]), int(hit[2]), int(hit[3] or 1)
    try:
        found = date(year, month, number)
    except ValueError as error:
        raise Unreadable("expected a day that exists") from error
    if not 1980 <= found.year <= 2200:
        raise Unreadable("expected a year from 1980 to 2200")
    return found


def one_of(words: dict[str, Any]) -> Callable[[Value], Any]:
    """Return a reader of a closed list of words."""

    def read(cell: Value) -> Any:
        told = folded_heading(text(cell))
        for word, value in words.items():
            if folded_heading(word) == told:
                return value
        raise Unreadable(f"expected one of {'、'.join(words)}")

    return read


def yes_no(cell: Value) -> bool:
    """是/否, yes/no, 1/0, √."""
    told = text(cell).casefold()
    if told in ("是", "yes", "y", "true", "1", "√", "✓"):
        return True
    if told in ("否", "no", "n", "false", "0", "×"):
        return False
    raise Unreadable("expected 是 or 否")


def several(cell: Value) -> tuple[str, ...]:
    """Texts separated by 、 , ; or line breaks."""
    return tuple(
        part.strip()
        for part in re.split(r"[、,，;；\n]+", text(cell) if not isinstance(cell, str) else cell)
        if part.strip()
    )

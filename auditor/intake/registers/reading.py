"""Tables → rows of a register: the header row found by its headings, every cell read, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.errors import AuditorError, both
from auditor.intake.registers.cells import Unreadable, folded_heading, is_blank
from auditor.intake.tables import Place, Table, Value, column_letters

HEADER_WITHIN_ROWS = 15
MAX_FAULTS_SHOWN = 200
TOTALS = ("合计", "总计", "小计", "total")
SIGNATURE = re.compile(r"(填表|填报|制表|审核|负责|联系|单位|日期|备注|说明|注)\w{0,6}\s*[:：]")
IN_BRACKETS = re.compile(r"[（(](?:单位[:：])?(?:套|个|台|份|元|人|年|必填|可选|选填|可不填)[）)]$")
"""Said beside a heading and no part of it; 万元 is: such a column is not read as yuan."""
NOT_READ = frozenset(map(folded_heading, ("序号", "No.", "安装数量", "Installed", "超出", "Over", "可疑")))
"""Columns of our own prints that say nothing to a register."""


@dataclass(frozen=True)
class Field:
    """One column of a register: the name it has inside, the headings it may bear, how its cell is read.

    `read` gets the cell, never an empty one, and raises `Unreadable`. Where a block of merged cells was flattened
    (saved as CSV), a row that has only fields which `continue` a block takes those that `carry` from the row above.
    """

    name: str
    headings: tuple[str, ...]
    read: Callable[[Value], Any]
    required: bool = False
    carries: bool = False
    continues: bool = False
    reads_nothing: bool = False
    """`None` is a value of this field: 许可数量 不限."""


@dataclass(frozen=True)
class RegisterRow:
    """One row as read: values by field name, and where it stands."""

    place: Place
    values: dict[str, Any]
    columns: Mapping[str, str] = field(default_factory=dict)
    """Letters of the column of each field."""

    def at(self, name: str) -> Place:
        """Where a field of the row stands."""
        return Place(self.place.sheet, self.place.row, self.columns.get(name, ""))


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file, or worth telling: where, what, and what was expected."""

    place: Place
    heading: str
    what: str

    def __str__(self) -> str:
        told = f" {self.heading}" if self.heading else ""
        return f"{self.place}{told}: {self.what}"


@dataclass
class Reading:
    """What a file says: good rows, every fault, and what was understood in a way that somebody should know."""

    rows: list[RegisterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


class RegisterFaults(AuditorError):
    """A file has faults and nothing of it was imported; the message lists them all."""

    def __init__(self, file_name: str, faults: Sequence[Fault], good_rows: int) -> None:
        self.faults = tuple(faults)
        shown = [f"{file_name}: {fault}" for fault in self.faults[:MAX_FAULTS_SHOWN]]
        if len(self.faults) > MAX_FAULTS_SHOWN:
            more = len(self.faults) - MAX_FAULTS_SHOWN
            shown.append(both(f"……另有 {more} 处错误", f"… {more} more faults"))
        rows = len({(fault.place.sheet, fault.place.row) for fault in self.faults})
        zh = f"{rows} 行共 {len(self.faults)} 处错误，{good_rows} 行无误；一行也未导入"
        en = f"faults: {len(self.faults)}, rows with faults: {rows}, good rows: {good_rows}; nothing was imported"
        shown.append(f"{zh}（加 --skip-bad-rows 只导入无误的行）")
        shown.append(f"{en} (--skip-bad-rows imports the good ones)")
        super().__init__("\n".join(shown))


def read_register(
    tables: Sequence[Table], fields: Sequence[Field], file_name: str, *, fixed: Mapping[str, Value] | None = None
) -> Reading:
    """Read every sheet that has a header row of the register.

    `fixed` are cells, by name of the field, that every row has unless it says otherwise. Rows below the header that
    have no required value are passed over (blank rows, signature lines), and so are totals. Raises `AuditorError` when
    no sheet has a header: it names the headings that are missing.
    """
    reading = Reading()
    found = False
    fixed = fixed or {}
    needed = [f.name for f in fields if f.required and f.name not in fixed]
    for table in tables:
        header = _header(table, fields, needed)
        if header is not None:
            found = True
            _read_table(table, *header, fields, fixed, reading)
    if not found:
        raise AuditorError(_no_header(tables, fields, needed, file_name))
    return reading


def no_such_unit(unit: str) -> str:
    """Say that a unit is not registered, or that none is named."""
    if not unit:
        return both("没有单位，应有“单位编码”列或 --unit", "no unit; expected the column 单位编码 or --unit")
    return both(f"单位登记中没有编码“{unit}”", f"no unit has the code {unit!r}; expected a registered unit")


def _header(table: Table, fields: Sequence[Field], needed: Sequence[str]) -> tuple[int, dict[str, int]] | None:
    """Find the row that names every required column; a second header row below it may name the rest."""
    for number in range(min(HEADER_WITHIN_ROWS, len(table.rows))):
        columns = _columns(table.rows[number], fields)
        below = table.rows[number + 1] if number + 1 < len(table.rows) else ()
        two_rows = bool(columns) and _is_second_header(table.rows[number], below)
        if two_rows:
            columns = _columns(below, fields) | columns
        if columns and all(name in columns for name in needed):
            return number + two_rows, columns
    return None


def _is_second_header(first: Sequence[Value], second: Sequence[Value]) -> bool:
    """Merged headings over two rows repeat most of the first row."""
    same = sum(a is not None and a == b for a, b in zip(first, second, strict=False))
    return same >= 2 and same * 2 >= sum(value is not None for value in second)


def _columns(row: Sequence[Value], fields: Sequence[Field]) -> dict[str, int]:
    """Return the column of each field that a row of headings names, the first where two do."""
    by_heading = {folded_heading(heading): f.name for f in fields for heading in (*f.headings, f.name)}
    columns: dict[str, int] = {}
    for index, cell in enumerate(row):
        name = next((by_heading[told] for told in _spellings(cell) if told in by_heading), None)
        if name is not None:
            columns.setdefault(name, index)
    return columns


def _spellings(cell: Value) -> Iterator[str]:
    """A heading as it stands, without a unit in brackets, and the Chinese word of our own listings (`编码 code`)."""
    if isinstance(cell, str):
        yield folded_heading(cell)
        yield folded_heading(IN_BRACKETS.sub("", cell.strip()))
        yield folded_heading(cell.split(" ")[0])


def _no_header(tables: Sequence[Table], fields: Sequence[Field], needed: Sequence[str], file_name: str) -> str:
    """Name the row that comes nearest to a header and what it lacks."""
    required = [f for f in fields if f.name in needed]
    best: tuple[int, Place | None, list[str]] = (0, None, [f.headings[0] for f in required])
    for table in tables:
        for number, row in enumerate(table.rows[:HEADER_WITHIN_ROWS]):
            columns = _columns(row, fields)
            lacking = [f.headings[0] for f in required if f.name not in columns]
            if len(columns) > best[0]:
                best = (len(columns), Place(table.sheet, number + 1), lacking)
    wanted = "、".join(best[2])
    if best[1] is not None:
        return f"{file_name}: {best[1]}: {both(f'表头缺少列：{wanted}', f'the header row lacks the columns {wanted}')}"
    told = both(f"没有表头行，应有列：{wanted}", f"no header row; expected one with the columns {wanted}")
    return f"{file_name}: {told}"


def _read_table(
    table: Table,
    last: int,
    columns: dict[str, int],
    fields: Sequence[Field],
    fixed: Mapping[str, Value],
    reading: Reading,
) -> None:
    taken = set(columns.values())
    for index, cell in enumerate(table.rows[last]):
        if cell is not None and index not in taken and not NOT_READ & {*_spellings(cell)}:
            what = both("不认识的列，未读取", "this column is not known and was not read")
            reading.notes.append(Fault(Place(table.sheet, last + 1, column_letters(index)), str(cell)[:60], what))
    above: dict[str, Value] = {}
    for number in range(last + 1, len(table.rows)):
        row = table.rows[number]
        told = {name: row[index] for name, index in columns.items() if index < len(row)}
        cells = {name: cell for name, cell in told.items() if not is_blank(cell)}
        if _is_note(row):
            above = {}
            continue
        if above and _continues(cells, fields):
            cells = {f.name: above[f.name] for f in fields if f.carries and f.name in above} | cells
        above = cells if any(f.name in cells for f in fields if f.required) else {}
        if not above:
            continue
        letters = {name: column_letters(index) for name, index in columns.items()}
        read_row(Place(table.sheet, number + 1), {**fixed, **cells}, letters, fields, reading)


def _continues(cells: Mapping[str, Value], fields: Sequence[Field]) -> bool:
    return bool(cells) and all(f.continues for f in fields if f.name in cells)


def read_row(
    place: Place, cells: Mapping[str, Value], letters: Mapping[str, str], fields: Sequence[Field], reading: Reading
) -> RegisterRow | None:
    """Read the cells of one row; a row with a fault is not taken, its faults are."""
    row = RegisterRow(place, {}, letters)
    faults = []
    for f in fields:
        found: Any = None
        try:
            found = f.read(cells[f.name]) if f.name in cells and not is_blank(cells[f.name]) else None
        except Unreadable as error:
            faults.append(Fault(row.at(f.name), f.headings[0], error.told(cells[f.name])))
            continue
        if found in (None, "", ()) and not (f.name in cells and f.reads_nothing):
            if f.required:  # a text may hold nothing that can be seen
                faults.append(Fault(row.at(f.name), f.headings[0], both("为空，应填写", "is empty; expected a value")))
            continue
        row.values[f.name] = found
    reading.faults += faults
    if faults:
        return None
    reading.rows.append(row)
    return row


def _is_note(row: Sequence[Value]) -> bool:
    """One text over the whole width (merged) or a signature is a note below the table; a total is no row either."""
    told = [cell for cell in row if cell is not None]
    if not told:
        return False
    if len(told) == 1 and SIGNATURE.match(str(told[0])):
        return True
    return (len(set(told)) == 1 and len(told) > 3) or folded_heading(told[0]) in TOTALS

"""Snipe-IT's licence CSV, known by its headings → rows of the ledger.

Source: the headings that Snipe-IT's licence importer reads; a licence there is one name with one serial number, and a
    line for each seat that is handed out repeats it.
Not taken: Full Name, Email, Username, Licensed To …: personal data, and no named user of ours. A cost with the sign of
    another currency is no amount in yuan and stands in 备注.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.core.model import Unit, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import (
    MAX_TEXT,
    Unreadable,
    amount,
    day,
    folded_heading,
    is_blank,
    last_day,
    listed,
    text,
    whole,
)
from auditor.intake.registers.licence_words import TYPES
from auditor.intake.registers.mapping import DateOrder, order_of, with_year_first
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, read_register
from auditor.intake.tables import Table, Value
from rules.ledger_names import LedgerNames

DATES = ("purchase date", "expiration date", "termination date")
KNOWN_BY = ("item name", "seats", "reassignable")
"""Headings that no other ledger has together."""
PERSONAL = ("Full Name", "Email", "Username", "Licensed To Name", "Licensed to Email")
LONGEST_NOTE = MAX_TEXT - 300
_AS_IT_IS = ("quantity", "serials", "purchased_on", "ends_on", "contract", "supplier")
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")


def is_snipe_it(tables: Sequence[Table]) -> bool:
    """Whether one table bears the headings of Snipe-IT's licences in its first row."""
    return any(
        {folded_heading(name) for name in KNOWN_BY} <= {folded_heading(cell) for cell in table.rows[0]}
        for table in tables
        if table.rows
    )


def _long(cell: Value) -> str:
    """A note of any length, cut to what the ledger keeps."""
    told = text(str(cell)[:LONGEST_NOTE])
    return told if len(str(cell)) <= LONGEST_NOTE else f"{told}…"


def _fields(order: DateOrder) -> tuple[Field, ...]:
    def dated(read: Callable[[Value], Any]) -> Callable[[Value], Any]:
        return lambda cell: read(with_year_first(cell, order))

    return (
        Field("name", ("item name", "license name", "licence name"), _long, required=True),
        Field("quantity", ("seats",), whole, required=True),
        Field("serials", ("serial number", "serial", "product key", "license key"), listed),
        Field("category", ("category",), text),
        Field("manufacturer", ("manufacturer",), text),
        Field("purchased_on", ("purchase date",), dated(day)),
        Field("cost", ("purchase cost",), text),
        Field("contract", ("purchase order",), text),
        Field("order", ("order number",), text),
        Field("ends_on", ("expiration date", "termination date"), dated(last_day)),
        Field("maintained", ("maintained",), text),
        Field("reassignable", ("reassignable",), text),
        Field("company", ("company",), text),
        Field("supplier", ("supplier",), text),
        Field("remarks", ("notes",), _long),
        *(Field(folded_heading(heading), (heading,), _ignored) for heading in PERSONAL),
    )


def _ignored(cell: Value) -> None:
    return None


@dataclass(frozen=True)
class SnipeContext:
    """What the rows are put in order with."""

    units: Iterable[Unit]
    names: LedgerNames
    unit: UnitCode | None
    code_for: Callable[[str], str]
    """Name and serial number → a 软件编号 that is the same at each import and tells nothing of the number."""


def read_snipe_it(tables: Sequence[Table], file_name: str, context: SnipeContext) -> Reading:
    """Return the rows as rows of our ledger. Raises `AuditorError` when the headings lack a needed one."""
    order, told = _order_of_dates(tables)
    reading = read_register(tables, _fields(order), file_name)
    if told is not None and reading.rows:
        reading.notes.append(Fault(reading.rows[0].at("purchased_on"), "purchase date", told))
    finished: dict[tuple[str, tuple[str, ...]], RegisterRow] = {}
    foreign: list[RegisterRow] = []
    for row in reading.rows:
        key = (row.values["name"].casefold(), row.values.get("serials", ()))
        made = RegisterRow(row.place, _values(row, context, foreign, reading), row.columns)
        first = finished.setdefault(key, made)
        if first is not made and first.values["quantity"] != made.values["quantity"]:
            zh, en = (
                f"与 {first.place} 为同一许可，数量以该行为准",
                f"the same licence as {first.place}, whose seats count",
            )
            reading.notes.append(Fault(row.at("quantity"), "seats", both(zh, en)))
    reading.rows = list(finished.values())
    _tell_what_was_left(reading, foreign, context)
    return reading


def _order_of_dates(tables: Sequence[Table]) -> tuple[DateOrder, str | None]:
    cells: list[Value] = []
    for table in tables:
        wanted = [
            index for index, cell in enumerate(table.rows[0]) if folded_heading(cell) in map(folded_heading, DATES)
        ]
        cells += [row[index] for row in table.rows[1:] for index in wanted if index < len(row)]
    order = order_of(cells)
    if order is not None or not any(isinstance(cell, str) and "/" in cell for cell in cells):
        return order or DateOrder.MONTH_FIRST, None
    zh, en = "日期的月日次序不能确定，按“月/日/年”读取", "month and day cannot be told apart; read month first"
    return DateOrder.MONTH_FIRST, both(zh, en)


def _values(row: RegisterRow, context: SnipeContext, foreign: list[RegisterRow], reading: Reading) -> dict[str, Any]:
    given = row.values
    values: dict[str, Any] = {name: given[name] for name in _AS_IT_IS if name in given}
    values |= {
        "name": given["name"],
        "code": context.code_for("\n".join((given["name"].casefold(), *given.get("serials", ())))),
        "software_type": TYPES["商业软件"],
        "unit": _unit(row, context, foreign),
    }
    maker = given.get("manufacturer")
    known = context.names.find(given["name"]) or (context.names.find(f"{maker} {given['name']}") if maker else None)
    if known is not None:
        values["product"] = known.product
    beside = [("category", "类别"), ("manufacturer", "厂商"), ("order", "订单号"), ("maintained", "维护")]
    told = [f"{zh}：{given[name]}" for name, zh in beside if name in given]
    if "cost" in given:
        try:
            values["amount"] = amount(given["cost"])
        except Unreadable:
            told.append(f"购价：{given['cost']}")
    if (free := _flag(row, "reassignable", reading)) is not None:
        values["transferable"] = free
    remarks = "；".join(told)[: MAX_TEXT - LONGEST_NOTE - 2]
    values["remarks"] = "\n".join(part for part in (remarks, given.get("remarks")) if part)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _flag(row: RegisterRow, name: str, reading: Reading) -> bool | None:
    told = row.values.get(name)
    if is_blank(told):
        return None
    if str(told).casefold() in (*_YES, *_NO):
        return str(told).casefold() in _YES
    what = both(f"“{told}”不是是或否，未采用", f"{told!r} is neither yes nor no; not taken")
    reading.notes.append(Fault(row.at(name), name, what))
    return None


def _unit(row: RegisterRow, context: SnipeContext, foreign: list[RegisterRow]) -> str | None:
    company = row.values.get("company")
    if company is None:
        return context.unit
    for unit in context.units:
        if company.casefold() in (unit.code.casefold(), unit.name.casefold()):
            return unit.code
    foreign.append(row)
    return context.unit


def _tell_what_was_left(reading: Reading, foreign: Sequence[RegisterRow], context: SnipeContext) -> None:
    if not reading.rows:
        return
    first = reading.rows[0]
    columns: Mapping[str, str] = first.columns
    if any(folded_heading(heading) in columns for heading in PERSONAL):
        zh, en = "个人信息（姓名、邮箱、用户名）未导入", "names and addresses of people were not taken"
        reading.notes.append(Fault(first.at(""), "Full Name …", both(zh, en)))
    if foreign and context.unit is not None:
        zh = f"{len(foreign)} 行的 company 不是已登记的单位，归入 {context.unit}"
        en = f"{len(foreign)} rows name a company that is no registered unit; put under {context.unit}"
        reading.notes.append(Fault(foreign[0].at("company"), "company", both(zh, en)))

"""借出, 访问, 申报数量: what floating licences, access licences and head counts are counted from.

A row without a 编号 is named by what it says, so the same row imported again is the same row: a check-out that ends
later, an access that was taken away.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from fractions import Fraction
from typing import Any, TypeVar

from auditor.core.days import utc_text
from auditor.core.model import PersonId, ProductId, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import MAX_QUANTITY, Unreadable, code, day, last_day, text, whole
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit
from auditor.intake.tables import Value
from auditor.proof.digest import digest_of
from auditor.store.access import RegisteredAccess, RegisteredCheckOut, RegisteredQuantity
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames

Act = TypeVar("Act", RegisteredCheckOut, RegisteredAccess, RegisteredQuantity)
_MOMENT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[\sT]*(\d{1,2})[:：时](\d{2})(?:[:：分](\d{2}))?\s*秒?"
    r"(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?"
)


def moment(cell: Value) -> datetime:
    """A moment: `2026-06-30 09:30`, `2026/6/30 9:30:00`, with `Z` or `+08:00` behind it where it is another zone's.

    Without a zone it is of the unit's own, which the caller adds. A day alone begins at midnight.
    """
    told = cell if isinstance(cell, str) else str(cell)
    hit = _MOMENT.fullmatch(unicodedata.normalize("NFKC", told).strip())
    if hit is None:
        found = day(cell)
        return datetime.combine(found, time.min)
    zone = (hit[7] or "").replace("Z", "+00:00")
    year, month, dated, hour, minute, second = (int(part or 0) for part in hit.groups()[:6])
    try:
        return datetime.fromisoformat(f"{year:04d}-{month:02d}-{dated:02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}")
    except ValueError as error:
        raise Unreadable("存在的时间", "a moment that exists") from error


def measure(cell: Value) -> Fraction:
    """A quantity from 0: `120`, `1,250`, `0.5`."""
    told = re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", text(cell)))
    told = re.sub(r"(个|台|人|位|用户|核)$", "", told)
    if not re.fullmatch(r"\d{1,13}(\.\d{1,6})?", told) or Fraction(told) > MAX_QUANTITY:
        raise Unreadable(f"0 至 {MAX_QUANTITY} 的数量", f"a quantity from 0 to {MAX_QUANTITY}")
    return Fraction(told)


_NAME = Field("name", ("软件名称", "Software name"), text, required=True)
_PRODUCT = Field("product", ("产品编号", "Product id"), text)
_UNIT = Field("unit", ("单位编码", "部门编码", "Unit code"), code)
_TERM = (
    Field("starts_on", ("起始日期", "生效日期", "Starts on"), day),
    Field("ends_on", ("截止日期", "到期日期", "Ends on"), last_day),
)
CHECK_OUT_FIELDS = (
    _NAME,
    Field("starts_at", ("借出时间", "签出时间", "开始时间", "Start"), moment, required=True),
    Field("ends_at", ("归还时间", "签入时间", "结束时间", "End"), moment),
    Field("quantity", ("数量", "席位数", "Quantity"), whole),
    _UNIT,
    Field("person", ("使用人工号", "工号", "用户", "User"), code),
    Field("machine", ("计算机编号", "Computer code"), code),
    _PRODUCT,
    Field("code", ("借出编号", "编号", "No."), code),
)
ACCESS_FIELDS = (
    _NAME,
    Field("person", ("工号", "使用人工号", "用户", "User"), code, required=True),
    Field("machine", ("终端编号", "计算机编号", "设备编号", "Device"), code, required=True),
    Field("version", ("服务器版本", "软件版本", "Server version"), text),
    _UNIT,
    *_TERM,
    _PRODUCT,
    Field("code", ("访问编号", "编号", "No."), code),
)
QUANTITY_FIELDS = (
    _NAME,
    Field("quantity", ("数量", "申报数量", "Quantity"), measure, required=True),
    _UNIT,
    *_TERM,
    _PRODUCT,
    Field("code", ("申报编号", "编号", "No."), code),
)


@dataclass(frozen=True)
class Told:
    """What rows are read against."""

    units: Set[UnitCode]
    catalogue: Catalogue
    names: LedgerNames
    zone: tzinfo


def check_outs_from(reading: Reading, told: Told) -> list[tuple[RegisterRow, RegisteredCheckOut]]:
    """Return the check-outs of a reading; equal rows are several check-outs."""
    made = []
    for row in reading.rows:
        values = row.values
        product, _ = _product(row, told, reading)
        start, end = (_utc(values.get(name), told.zone) for name in ("starts_at", "ends_at"))
        if start is not None and end is not None and end < start:
            what = both(f"{end} 早于借出时间 {start}", f"{end} lies before {start}; expected it after the check-out")
            reading.faults.append(Fault(row.at("ends_at"), "归还时间", what))
        act = RegisteredCheckOut(
            values.get("code", ""), values["name"], product, start or "", end, max(values.get("quantity", 1), 1),
            _unit(row, told, reading), _person(values), values.get("machine"),
        )  # fmt: skip
        made.append((row, act))
    return _numbered("JC", made, ("product", "name", "starts_at", "unit", "person", "machine"))


def access_from(reading: Reading, told: Told) -> list[tuple[RegisterRow, RegisteredAccess]]:
    """Return who reaches what, of a reading."""
    made = []
    for row in reading.rows:
        values = row.values
        product, line = _product(row, told, reading)
        _check_term(row, reading)
        act = RegisteredAccess(
            values.get("code", ""), values["name"], product, PersonId(values["person"]), values["machine"], line,
            _unit(row, told, reading), values.get("starts_on"), values.get("ends_on"),
        )  # fmt: skip
        made.append((row, act))
    return _numbered("FW", made, ("product", "name", "person", "machine", "line", "unit"))


def quantities_from(reading: Reading, told: Told) -> list[tuple[RegisterRow, RegisteredQuantity]]:
    """Return the stated quantities of a reading."""
    made = []
    for row in reading.rows:
        values = row.values
        product, _ = _product(row, told, reading)
        _check_term(row, reading)
        act = RegisteredQuantity(
            values.get("code", ""), values["name"], product, values["quantity"], _unit(row, told, reading),
            values.get("starts_on"), values.get("ends_on"),
        )  # fmt: skip
        made.append((row, act))
    return _numbered("SB", made, ("product", "name", "unit", "starts_on"))


def _product(row: RegisterRow, told: Told, reading: Reading) -> tuple[ProductId | None, str | None]:
    """Return product and line; a name that the catalogue does not know is kept, noted, and counts nothing."""
    values = row.values
    known = told.names.find(values["name"], values.get("version"))
    named = values.get("product")
    if named is not None and named not in told.catalogue.products:
        what = both(f"软件知识库中没有产品“{named}”", f"the catalogue has no product {named!r}")
        reading.faults.append(Fault(row.at("product"), "产品编号", what))
        return None, None
    product = named or (known.product if known is not None else None)
    if product is None:
        what = both(f"软件知识库中没有“{values['name']}”，已保留，未计", "not in the catalogue; kept, and not counted")
        reading.notes.append(Fault(row.at("name"), "软件名称", what))
        return None, None
    lines = {line.id for line in told.catalogue.products[product].lines}
    stated = values.get("version")
    line = stated if stated in lines else known.line if known is not None and known.product == product else None
    return ProductId(product), line


def _unit(row: RegisterRow, told: Told, reading: Reading) -> UnitCode | None:
    unit = row.values.get("unit")
    if unit is not None and unit not in told.units:
        reading.faults.append(Fault(row.at("unit"), "单位编码", no_such_unit(unit)))
    return UnitCode(unit) if unit is not None else None


def _person(values: Mapping[str, Any]) -> PersonId | None:
    return PersonId(values["person"]) if "person" in values else None


def _utc(found: datetime | None, zone: tzinfo) -> str | None:
    if found is None:
        return None
    return utc_text((found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC))


def _check_term(row: RegisterRow, reading: Reading) -> None:
    start, end = row.values.get("starts_on"), row.values.get("ends_on")
    if start is not None and end is not None and end < start:
        told = both(f"{end} 早于起始日期 {start}", f"{end} lies before {start}; expected it after the start")
        reading.faults.append(Fault(row.at("ends_on"), "截止日期", told))


def _numbered(
    prefix: str, made: list[tuple[RegisterRow, Act]], names: tuple[str, ...]
) -> list[tuple[RegisterRow, Act]]:
    """Name the rows that have no number by what they say; the second of equal ones is `…-2`."""
    seen: Counter[str] = Counter()
    numbered = []
    for row, act in made:
        if not act.code:
            name = f"{prefix}-{digest_of([str(getattr(act, one) or '') for one in names])[:16]}"
            seen[name] += 1
            numbered.append((row, replace(act, code=name if seen[name] == 1 else f"{name}-{seen[name]}")))
        else:
            numbered.append((row, act))
    return numbered

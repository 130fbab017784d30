"""A header mapping: another house's headings and words → ours, as a small YAML file.

columns: {软件名称: Product Title, 许可数量: Seats}     # ours: theirs
values: {软件类型: {Perpetual: 商业软件}}                # their word → ours
fixed: {软件类型: 商业软件, 单位编码: JT}                # what every row has unless it says otherwise
dates: month_first                                    # or day_first; year first is always read
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec

from auditor.errors import AuditorError, both
from auditor.intake.registers.cells import day, folded_heading, last_day, text
from auditor.intake.registers.reading import Field
from auditor.intake.tables import Value
from rules.yaml_file import YamlFaults, parse_yaml, plain_value

_SLASHED = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s.*)?")


class DateOrder(StrEnum):
    """Which number of `03/04/2019` is the month."""

    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


@dataclass(frozen=True)
class HeaderMapping:
    """What a mapping file says; columns by our heading or field name."""

    columns: Mapping[str, str | int | float] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | int | float | bool]] = field(default_factory=dict)
    fixed: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    dates: DateOrder | None = None


def read_mapping(data: bytes, file_name: str) -> HeaderMapping:
    """Return the mapping of a file. Raises `AuditorError`."""
    try:
        return msgspec.convert(plain_value(parse_yaml(data)) or {}, HeaderMapping, strict=False)
    except YamlFaults as error:
        told = "\n".join(f"{file_name}!{line}: {what}" for line, what in error.faults)
        raise AuditorError(told) from error
    except msgspec.ValidationError as error:
        told = both("应有 columns、values、fixed、dates", "expected columns, values, fixed and dates")
        raise AuditorError(f"{file_name}: {told}: {error}") from error


def mapped_fields(
    fields: Sequence[Field], mapping: HeaderMapping, file_name: str
) -> tuple[tuple[Field, ...], dict[str, Value]]:
    """Return the columns as the mapping names them, and the cells that every row has.

    Raises `AuditorError` that names every column of the mapping that the register does not have.
    """
    by_name = {folded_heading(key): f.name for f in fields for key in (*f.headings, f.name)}
    given = [(part, key) for part in ("columns", "values", "fixed") for key in getattr(mapping, part)]
    strange = [f"{part}.{key}" for part, key in given if folded_heading(key) not in by_name]
    if strange:
        known = "、".join(f.headings[0] for f in fields)
        told = both(f"没有该列，应为 {known} 之一", f"no such column; expected one of {known}")
        raise AuditorError("\n".join(f"{file_name}: {name}: {told}" for name in strange))
    theirs = {by_name[folded_heading(key)]: str(heading) for key, heading in mapping.columns.items()}
    words = {by_name[folded_heading(key)]: told for key, told in mapping.values.items()}
    taken = {folded_heading(heading) for heading in theirs.values()}
    made = []
    for f in fields:
        own = tuple(heading for heading in f.headings if folded_heading(heading) not in taken)
        headings = (theirs[f.name],) if f.name in theirs else own
        made.append(replace(f, headings=headings, read=_reader(f, words.get(f.name, {}), mapping.dates)))
    return tuple(made), {by_name[folded_heading(key)]: _fixed(value) for key, value in mapping.fixed.items()}


def _fixed(value: Any) -> Value:
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _reader(f: Field, words: Mapping[str, Any], dates: DateOrder | None) -> Callable[[Value], Any]:
    known = {folded_heading(word): value for word, value in words.items()}

    def read(cell: Value) -> Any:
        cell = known.get(folded_heading(cell), cell)
        if dates is not None and f.read in (day, last_day):
            cell = with_year_first(cell, dates)
        return f.read(cell)

    return read


def with_year_first(cell: Value, order: DateOrder) -> Value:
    """Return `03/04/2019` as `2019-03-04` or `2019-04-03`; anything else as it is."""
    found = _SLASHED.fullmatch(text(cell)) if isinstance(cell, str) else None
    if found is None:
        return cell
    month, number = (found[1], found[2]) if order is DateOrder.MONTH_FIRST else (found[2], found[1])
    return f"{found[3]}-{month}-{number}"


def order_of(cells: Sequence[Value]) -> DateOrder | None:
    """Return the order that a whole column tells of: a number above 12 is a day. `None`: it tells neither or both."""
    found = [hit for cell in cells if isinstance(cell, str) and (hit := _SLASHED.fullmatch(cell)) is not None]
    day_first, month_first = any(int(hit[1]) > 12 for hit in found), any(int(hit[2]) > 12 for hit in found)
    if day_first == month_first:
        return None
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST

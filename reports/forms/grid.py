"""A layout cell by cell, as table formats want it: hidden cells gone, spans as counts, values as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.clean_text import clean
from reports.forms.column import Column, Kind, Value
from reports.forms.sheet import Sheet


@dataclass(frozen=True)
class GridCell:
    """One visible cell. `column` counts from 0; `down` and `across` are how many rows and columns it covers."""

    column: int
    text: str
    down: int = 1
    across: int = 1
    kind: Kind = Kind.TEXT
    is_label: bool = False
    link: str | None = None
    """Anchor of the rows that the number counts."""


def shown(value: Value, kind: Kind = Kind.TEXT) -> str:
    """Return a value as a reader sees it: money with two places and commas, days as `YYYY-MM-DD`."""
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:,.2f}" if kind is Kind.MONEY else str(value)
        case int():
            return f"{value:,.2f}" if kind is Kind.MONEY else str(value)
    return clean(value)


def header_rows(sheet: Sheet, language: str) -> tuple[tuple[GridCell, ...], ...]:
    """Return the one or two rows of headings; a group stands over its columns."""
    columns = sheet.columns
    depth = 2 if any(column.group(language) for column in columns) else 1
    upper: list[GridCell] = []
    lower: list[GridCell] = []
    for number, column in enumerate(columns):
        group = column.group(language)
        if group is None:
            upper.append(GridCell(number, column.heading(language), down=depth, is_label=True))
            continue
        if number == 0 or columns[number - 1].group(language) != group:
            together = sum(other.group(language) == group for other in columns)
            upper.append(GridCell(number, group, across=together, is_label=True))
        lower.append(GridCell(number, column.heading(language), is_label=True))
    return (tuple(upper), tuple(lower)) if depth == 2 else (tuple(upper),)


def box_rows(sheet: Sheet) -> tuple[tuple[GridCell, ...], ...]:
    """Return the block between head line and table, row by row."""
    rows: dict[int, list[GridCell]] = {}
    for box in sheet.boxes:
        cell = GridCell(
            box.first, shown(box.value), across=box.last - box.first + 1, kind=Kind.CODE, is_label=box.is_label
        )
        rows.setdefault(box.row, []).append(cell)
    return tuple(tuple(rows[row]) for row in sorted(rows))


def body_rows(sheet: Sheet) -> Iterator[tuple[GridCell, ...]]:
    """Yield the visible cells of each row of the body; a row may have none of its own when all are merged."""
    spans = {(span.first_row, span.first_column): span for span in sheet.spans}
    links = {(row, number): anchor for row, number, anchor in sheet.links}
    hidden_until = [-1] * len(sheet.columns)
    for row, values in enumerate(sheet.rows):
        cells = []
        for number, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            if row <= hidden_until[number]:
                continue
            span = spans.get((row, number))
            if span is None:
                link = links.get((row, number))
                cells.append(GridCell(number, shown(value, column.kind), kind=column.kind, link=link))
                continue
            for covered in range(number, span.last_column + 1):
                hidden_until[covered] = span.last_row
            across = span.last_column - number + 1
            kind = column.kind if across == 1 else Kind.CODE
            cells.append(GridCell(number, shown(value, column.kind), span.last_row - row + 1, across, kind))
        yield tuple(cells)


def shares(columns: tuple[Column, ...]) -> tuple[float, ...]:
    """Return the width of each column as a share of the whole, in percent."""
    whole = sum(column.width for column in columns)
    return tuple(round(100 * column.width / whole, 3) for column in columns)

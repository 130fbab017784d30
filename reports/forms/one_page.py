"""The sections of a one-page form on one sheet: small tables become cells above and below the widest one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reports.forms.column import Value
from reports.forms.sheet import Box, Sheet


def one_page(sheets: tuple[Sheet, ...], language: str) -> tuple[Sheet, ...]:
    """Return the sheets, those that belong together as one; the others follow as they are."""
    mine = [sheet for sheet in sheets if sheet.together]
    if len(mine) < 2:
        return sheets
    widest = max(range(len(mine)), key=lambda number: len(mine[number].columns) * mine[number].has_table)
    first, main, last = mine[0], mine[widest], mine[-1]
    wide = len(main.columns)
    above = [row for sheet in mine[:widest] for row in _rows(sheet, wide, language, heads=sheet is not first)]
    if widest:
        above.append([Box(0, 0, wide - 1, main.title, is_label=True)])
    below = [row for sheet in mine[widest + 1 :] for row in _rows(sheet, wide, language, heads=True)]
    joined = replace(
        main, name=first.name, title=first.title, annex=first.annex, head_line=first.head_line, continues=False,
        text=(*first.text, *(main.text if widest else ())), boxes=_numbered(above), tail=_numbered(below),
        foot=last.foot,
    )  # fmt: skip
    return (joined, *(sheet for sheet in sheets if not sheet.together))


def _numbered(rows: list[list[Box]]) -> tuple[Box, ...]:
    return tuple(replace(box, row=number) for number, row in enumerate(rows) for box in row)


def _rows(sheet: Sheet, wide: int, language: str, *, heads: bool) -> Iterator[list[Box]]:
    """A section as rows of cells: its heading, its fields, its headings and lines."""
    if heads:
        yield [Box(0, 0, wide - 1, sheet.title, is_label=True)]
    own = len(sheet.columns)
    for number in sorted({box.row for box in sheet.boxes}):
        mine = [box for box in sheet.boxes if box.row == number]
        yield [replace(box, first=_at(box.first, own, wide), last=_at(box.last + 1, own, wide) - 1) for box in mine]
    if sheet.has_table:
        yield _line([column.heading(language) for column in sheet.columns], wide, is_label=True)
        for row in sheet.rows:
            yield _line(row, wide, is_label=False)


def _line(values: tuple[Value, ...] | list[str], wide: int, *, is_label: bool) -> list[Box]:
    own = len(values)
    return [
        Box(0, _at(number, own, wide), _at(number + 1, own, wide) - 1, value, is_label)
        for number, value in enumerate(values)
    ]


def _at(column: int, own: int, wide: int) -> int:
    """Where a column of a table of `own` columns begins on one of `wide`."""
    return column * wide // own

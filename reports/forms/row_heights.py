"""How many lines of text each row of a table needs: no spreadsheet program works that out for merged cells."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from reports.clean_text import width
from reports.forms.column import Column, Kind, Value
from reports.forms.sheet import Sheet

ROOM_LOST: Final = 2.5
"""What the edges and the indent of a cell take of its width, in digits."""
_PARTS: Final = re.compile(r"[\u2e80-\uffef]|[^\s\-\u2e80-\uffef]*[-\s]+|[^\s\-\u2e80-\uffef]+")
"""A Chinese character, or what a spreadsheet program breaks only behind: a word with its blank or hyphen."""
TEXTS_KNOWN: Final = 16_384
LOOKED_AT: Final = 4_000
"""No row is high enough for more characters than these."""


@lru_cache(maxsize=65_536)
def lines_of(text: str, wide: float) -> int:
    """How many lines a text takes, wrapped in a cell of this width; words and parts at hyphens stay together."""
    room = max(wide - ROOM_LOST, 1)
    return sum(_wrapped(line, room) for line in text[:LOOKED_AT].split("\n"))


def _wrapped(line: str, room: float) -> int:
    whole = width(line)
    if whole <= room:
        return 1
    lines, used = 1, 0.0
    for part in _PARTS.findall(line):
        wide = width(part)
        if used and used + width(part.rstrip()) > room:
            lines, used = lines + 1, 0.0
        if wide > room:  # broken where the line ends
            lines += math.ceil(wide / room) - 1
            used = wide % room
        else:
            used += wide
    return max(lines, math.ceil(whole / room))


def lines_of_rows(sheet: Sheet) -> list[int]:
    """How many lines each row needs; a merged block that needs more than its rows have gets it in its last one."""
    columns = sheet.columns
    merged = [number for number, column in enumerate(columns) if column.merge is not None]
    wide = {(span.first_row, span.first_column) for span in sheet.spans if span.last_column > span.first_column}
    lines = [
        max((_lines(row, number, columns, values, wide) for number in range(len(columns))), default=1)
        for row, values in enumerate(sheet.rows)
    ]
    last_rows = {(span.first_row, span.first_column): span.last_row for span in sheet.spans}
    for number in merged:
        hidden_until = -1
        for row, values in enumerate(sheet.rows):
            if row <= hidden_until:
                continue
            hidden_until = last_rows.get((row, number), row)
            value = values[number]
            if isinstance(value, str):
                missing = lines_of(value, columns[number].width) - sum(lines[row : hidden_until + 1])
                lines[hidden_until] += max(missing, 0)
    return lines


def measure_of(columns: tuple[Column, ...]) -> Callable[[Sequence[Value]], int]:
    """Return what tells how many lines a row without merges needs; what a column said before is not measured again."""
    texts = [(number, column.width) for number, column in enumerate(columns) if column.kind in (Kind.TEXT, Kind.CODE)]
    told: list[tuple[int, float, dict[Value, int]]] = [(number, wide, {}) for number, wide in texts]

    def measure(values: Sequence[Value]) -> int:
        most = 1
        for number, wide, known in told:
            value = values[number]
            need = known.get(value)
            if need is None:
                if len(known) >= TEXTS_KNOWN:
                    known.clear()
                need = known[value] = lines_of(value, wide) if isinstance(value, str) else 1
            most = max(most, need)
        return most

    return measure


def _lines(
    row: int, number: int, columns: tuple[Column, ...], values: tuple[Value, ...], wide: set[tuple[int, int]]
) -> int:
    """The lines of one cell; 1 where a merge decides."""
    value = values[number]
    is_single = columns[number].merge is None and (row, number) not in wide
    return lines_of(value, columns[number].width) if isinstance(value, str) and is_single else 1

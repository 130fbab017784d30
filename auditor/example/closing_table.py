"""The table that closes the first run: what the audit said of each legal entity, in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

ROWS = (
    ("unit", "单位 unit"),
    ("coverage", "扫描覆盖率 coverage"),
    ("operating_system", "正版率·操作系统 operating systems"),
    ("office", "正版率·办公软件 office"),
    ("antivirus", "正版率·杀毒软件 antivirus"),
    ("three_classes", "正版率·三类合计 three classes"),
    ("shortage", "授权不足（套） shortage"),
    ("surplus", "授权闲置（套） surplus"),
    ("findings", "问题项 findings"),
    ("unrecognised", "未识别名称 unrecognised titles"),
)


def closing_table(answers: Sequence[Mapping[str, object]]) -> str:
    """Return one line a figure and one column a legal entity; a share shows numerator, denominator and percent."""
    cells = [[heading, *(_shown(answer.get(name)) for answer in answers)] for name, heading in ROWS]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])


def _shown(value: object) -> str:
    """A share `3/4` becomes `3/4 (75.0 %)`; a share of nothing has no percentage."""
    if value is None:
        return "—"
    top, slash, bottom = str(value).partition("/")
    if not slash or not (top.isdecimal() and bottom.isdecimal()):
        return str(value)
    return f"{top}/{bottom} ({100 * int(top) / int(bottom):.1f} %)" if int(bottom) else f"{top}/{bottom}"


def _width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))

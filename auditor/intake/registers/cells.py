"""Readers of cells: a value as people type it → a text, a key, a number, a day. A cell that cannot be read says
in both languages what was expected.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from auditor.core.entitlement import LARGEST_QUANTITY
from auditor.errors import both
from auditor.intake.tables import Value

MAX_TEXT = 1000
MAX_QUANTITY = LARGEST_QUANTITY
MAX_MEMBERS = 100_000
MAX_AMOUNT = Decimal("1e12")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Characters that no reader sees, that turn the line, or that no file can hold."""
_SIGNS = re.compile(r"[\s（）()：:*＊_\-/、]+")
_COUNTED = re.compile(r"(套|个|台|份|点|人|位|用户|终端|节点|授权|许可)$")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*[日号]?|\s*月)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HOUR = re.compile(r"[ T]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?Z?$")


class Unreadable(ValueError):
    """A cell cannot be read: what was expected, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        zh = f" {zh}" if zh[:1].isascii() and not zh[:1].isdigit() else zh
        super().__init__(both(f"应为{zh}", f"expected {en}"))
        self.zh = zh
        self.en = en

    def told(self, cell: Value) -> str:
        """Return what was expected and what stands there."""
        got = str(cell)[:60]
        return both(f"应为{self.zh}，实为“{got}”", f"expected {self.en}, got {got!r}")


def folded_heading(cell: Value) -> str:
    """Return a heading without width, case, blanks and brackets, so that spellings compare."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", str(cell or "")).casefold())


def is_blank(cell: Value) -> bool:
    """A dash that stands for "nothing" on the printed forms is no value."""
    if not isinstance(cell, str):
        return cell is None
    return _CONTROL.sub("", cell).strip() in ("", "-", "--", "—", "——", "/", "无")


def text(cell: Value) -> str:
    """Any value as text, control and direction characters left out."""
    told = cell.isoformat() if isinstance(cell, date) else str(cell)
    told = _CONTROL.sub("", told.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(told) > MAX_TEXT:
        raise Unreadable(f"不超过 {MAX_TEXT} 个字符的文字", f"at most {MAX_TEXT} characters")
    return told


def code(cell: Value) -> str:
    """A key: letters, digits, hyphen, underscore, point; no blanks."""
    told = text(cell)
    if not re.fullmatch(r"[\w.\-]{1,64}", told):
        raise Unreadable(
            "由字母、数字、-、_、. 组成的编号，不超过 64 个字符", "letters, digits, '-', '_' or '.', at most 64"
        )
    return told


def whole(cell: Value) -> int:
    """A whole number from 0 to `MAX_QUANTITY`, perhaps with 套, 个, 台 … behind it."""
    told = re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", text(cell)))
    told = _COUNTED.sub("", told)
    if not re.fullmatch(r"\d{1,18}(\.0+)?", told):
        raise Unreadable("整数", "a whole number")
    number = int(told.partition(".")[0])
    if number > MAX_QUANTITY:
        raise Unreadable(f"不超过 {MAX_QUANTITY} 的整数", f"a whole number of at most {MAX_QUANTITY}")
    return number


def amount(cell: Value) -> Decimal:
    """Yuan and fen: `12000`, `12,000.00`, `1.2万元`, `￥800`, `RMB 800元整`."""
    told = unicodedata.normalize("NFKC", text(cell)).upper()
    told = re.sub(r"[,\s¥元整]|RMB|CNY|人民币", "", told)
    factor = Decimal(10_000) if told.endswith("万") else Decimal(1)
    try:
        value = Decimal(told.removesuffix("万")) * factor
    except InvalidOperation as error:
        raise Unreadable("金额（元），如 12000 或 1.2万", "an amount in yuan such as 12000 or 1.2万") from error
    if not value.is_finite() or not 0 <= value <= MAX_AMOUNT:
        raise Unreadable("0 至 1 万亿元的金额", "an amount from 0 to 1,000,000,000,000 yuan")
    return value.quantize(Decimal("0.01"))


def day(cell: Value) -> date:
    """A day: a date cell, `2019-03-05`, `2019/3/5 0:00`, `2019年3月5日`, `20190305`; a month is its first day."""
    return _day(cell, last=False)


def last_day(cell: Value) -> date:
    """A day on which something ends: as `day`, but a month is its last day."""
    return _day(cell, last=True)


def days_in(told: str) -> list[re.Match[str]]:
    """Return where days stand in a text, `2024.1.1-2026.12.31` or `20240101至20261231`."""
    return list(re.finditer(rf"{_DAY.pattern}|(?<!\d){_DIGITS.pattern}(?!\d)", told))


def _day(cell: Value, *, last: bool) -> date:
    if isinstance(cell, date):
        return _checked(cell)
    told = _HOUR.sub("", unicodedata.normalize("NFKC", text(cell)))
    hit = _DAY.fullmatch(told) or _DIGITS.fullmatch(told)
    if hit is None:
        raise Unreadable("日期，如 2019-03-05 或 2019年3月5日", "a day such as 2019-03-05 or 2019年3月5日")
    year, month = int(hit[1]), int(hit[2])
    try:
        number = int(hit[3]) if hit[3] else (calendar.monthrange(year, month)[1] if last else 1)
        return _checked(date(year, month, number))
    except Unreadable:
        raise
    except ValueError as error:  # calendar and date both complain of a month 13
        raise Unreadable("存在的日期", "a day that exists") from error


def _checked(found: date) -> date:
    if not 1980 <= found.year <= 2200:
        raise Unreadable("1980 至 2200 年间的日期", "a day from 1980 to 2200")
    return found


def one_of(words: Mapping[str, Any]) -> Callable[[Value], Any]:
    """Return a reader of a closed list of words; an unknown one is answered with one for each value."""
    known = {folded_heading(word): value for word, value in words.items()}
    zh, en = _first_words(words, is_ascii=False), _first_words(words, is_ascii=True)

    def read(cell: Value) -> Any:
        told = folded_heading(text(cell))
        if told not in known:
            near = [word for word in words if folded_heading(word) in get_close_matches(told, known, n=1)]
            asked_zh, asked_en = (f"（是否应为“{near[0]}”？）", f" (perhaps {near[0]}?)") if near else ("", "")
            raise Unreadable(f"{'、'.join(zh)} 之一{asked_zh}", f"one of {', '.join(en)}{asked_en}")
        return known[told]

    return read


def _first_words(words: Mapping[str, Any], *, is_ascii: bool) -> list[str]:
    """Return of each value the first word that is ASCII, or is not; its first where it has none such."""
    found: dict[Any, str] = {}
    for word, value in [*((w, v) for w, v in words.items() if w.isascii() is is_ascii), *words.items()]:
        found.setdefault(value, word)
    return list(found.values())


def yes_no(cell: Value) -> bool:
    """是/否, yes/no, 1/0, √."""
    told = text(cell).casefold()
    if told in ("是", "yes", "y", "true", "1", "√", "✓", "有"):
        return True
    if told in ("否", "no", "n", "false", "0", "×", "x"):
        return False
    raise Unreadable("是或否", "是 (yes) or 否 (no)")


def several(cell: Value) -> tuple[str, ...]:
    """Texts separated by 、 , ; or line breaks, each once."""
    return tuple(dict.fromkeys(listed(cell)))


def listed(cell: Value) -> tuple[str, ...]:
    """As `several`, and what stands twice is twice: two masked numbers may look alike."""
    told = cell if isinstance(cell, str) else text(cell)
    parts = (_CONTROL.sub("", part).strip() for part in re.split(r"[、,，;；\r\n]+", told))
    found = tuple(part for part in parts if not is_blank(part))
    if len(found) > MAX_MEMBERS or any(len(part) > MAX_TEXT for part in found):
        raise Unreadable(f"不超过 {MAX_MEMBERS} 项，每项不超过 {MAX_TEXT} 个字符",
                         f"at most {MAX_MEMBERS} members of at most {MAX_TEXT} characters")  # fmt: skip
    return found

"""A day as installers write it into the registry: `20240131`, seconds since 1970, or a local form.

Only what can mean one day is a day: `03/04/2024` stays unread, since nobody says which of the two is the month.
"""

from __future__ import annotations

import datetime
import re

FIRST_YEAR = 1980
LAST_YEAR = 2099

_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?", re.DOTALL)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:\s.*)?", re.DOTALL)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:\s.*)?", re.DOTALL)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?([A-Za-z]{3})\s+(\d{1,2}),?\s+(?:[\d:]+\s+(?:[AP]M\s+)?(?:[A-Z]{2,5}\s+)?)?(\d{4})(?:\s+[\d:]+(?:\s+[AP]M)?)?(?:\s+[A-Z]{2,5})?"
)
_DAY_NAMED = re.compile(r"(?:[A-Za-z]{3},?\s+)?(\d{1,2})[\s-]([A-Za-z]{3})[\s-](\d{4})(?:\s.*)?", re.DOTALL)
_SECONDS = re.compile(r"\d{9,10}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def day_of(written: str | int) -> str | None:
    """Return the day that a text or number stands for as `YYYY-MM-DD`, `None` when it is none or not one alone.

    Seconds since 1970 give the day in UTC. Days before 1980 and after 2099 are mistakes.
    """
    text = str(written).strip()
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return _day(compact.group(1), compact.group(2), compact.group(3))
    if _SECONDS.fullmatch(text):
        return _day_of_seconds(int(text))
    if isinstance(written, int):
        return None
    for pattern, order in ((_YEAR_FIRST, (1, 2, 3)), (_DOTTED, (3, 2, 1))):
        found = pattern.fullmatch(text)
        if found is not None:
            return _day(*(found.group(number) for number in order))
    return _day_with_slashes(text) or _day_with_a_name(text)


def _day_with_slashes(text: str) -> str | None:
    """Month and day can be told apart only when one of them is larger than 12, or both are the same."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    first, second = int(found.group(1)), int(found.group(2))
    if first > 12:
        return _day(found.group(3), found.group(2), found.group(1))
    if second > 12 or first == second:
        return _day(found.group(3), found.group(1), found.group(2))
    return None


def _day_with_a_name(text: str) -> str | None:
    """`Sat Apr 15 10:20:30 2023`, as programs in C print it, and `Sat 15 Apr 2023 10:20:30 AM CST`."""
    found, month, number = _NAMED.fullmatch(text), 1, 2
    if found is None:
        found, month, number = _DAY_NAMED.fullmatch(text), 2, 1
    if found is None or found.group(month).lower() not in _MONTHS:
        return None
    return _day(found.group(3), str(_MONTHS.index(found.group(month).lower()) + 1), found.group(number))


def _day_of_seconds(seconds: int) -> str | None:
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=seconds // 86400)
    return _day(str(day.year), str(day.month), str(day.day))


def _day(year: str, month: str, day: str) -> str | None:
    try:
        found = datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found.isoformat() if FIRST_YEAR <= found.year <= LAST_YEAR else None

"""Updates as programs of Windows print them: `wmic qfe` in any form, `dism /get-packages`, `systeminfo`, `Get-HotFix`.

Read by form, not by words, so that every language is read: an article is `KB` and six to eight digits, a package of
DISM the five parts of its identity, a day stands in the same line or block.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Set

from agent.formats.written_day import FIRST_YEAR, LAST_YEAR, day_of

MAX_UPDATES = 20_000

_PAIR = re.compile(r"^\s*(?P<name>[A-Za-z]+)\s*=(?P<value>.*)$")
_PACKAGE = re.compile(r"(?<![^\s~|:])(?P<identity>[^\s~|:]{1,300}~[0-9a-fA-F]{16}~[^~\s|]*~[^~\s|]*~[0-9][0-9.]*)")
_KB = re.compile(r"(?<![A-Za-z0-9])(?P<id>KB\d{6,8})(?!\d)", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T].*)?", re.DOTALL)
_DAY_IN_LINE = re.compile(r"(?<!\d)(\d{1,2}/\d{1,2}/\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})(?!\d)")
_TICKS = re.compile(r"01[0-9a-f]{14}", re.IGNORECASE)
_FIELD = re.compile(r"\s[:：]\s?(?P<value>.*)$")
_KINDS = re.compile(
    r"(?<!\w)(?P<kind>(?:Security |Critical )?Update|Hotfix|Service Pack|安全更新程序|安全更新|更新)(?!\w)"
)


@dataclass(frozen=True)
class WrittenUpdate:
    """One update as it was printed; `installed_at` is UTC where the source records a moment."""

    identifier: str
    title: str | None = None
    installed_raw: str | None = None
    release_type: str | None = None
    installed_at: str | None = None


def parse_update_text(text: str) -> Iterator[WrittenUpdate]:
    """Yield what a listing names, in its order, each once and at most `MAX_UPDATES`."""
    done: Set[str] = set()
    for found in _readings(text):
        key = found.identifier.upper()
        if key not in done and len(done) < MAX_UPDATES:
            done.add(key)
            yield found


def month_first(written: str | None) -> str | None:
    """Return the day of `1/15/2011` or `01d8a9f2c4e6b000` as `YYYY-MM-DD`, of any other form what is one day alone."""
    if written is None:
        return None
    text = written.strip()
    slashed = _SLASHED.fullmatch(text)
    if slashed is not None and int(slashed.group(1)) <= 12:
        return _day(int(slashed.group(3)), int(slashed.group(1)), int(slashed.group(2)))
    if _TICKS.fullmatch(text):
        days = int(text, 16) // (10_000_000 * 86400)
        found = datetime.date(1601, 1, 1) + datetime.timedelta(days=days)
        return _day(found.year, found.month, found.day)
    return day_of(text)


def _readings(text: str) -> Iterator[WrittenUpdate]:
    if re.search(r"^[ \t]*HotFixID[ \t]*=", text, re.MULTILINE):
        return _of_pairs(text)
    if _PACKAGE.search(text):
        return _of_packages(text)
    return _of_lines(text)


def _of_pairs(text: str) -> Iterator[WrittenUpdate]:
    """`HotFixID=…` in blocks; a name that comes again begins the next block."""
    here: Dict[str, str] = {}
    for line in re.split(r"[\r\n]+", text) + ["HotFixID="]:
        pair = _PAIR.match(line)
        if pair is None:
            continue
        if pair.group("name") in here or line == "HotFixID=":
            if here.get("HotFixID"):
                yield WrittenUpdate(
                    here["HotFixID"],
                    here.get("Description") or None,
                    here.get("InstalledOn") or None,
                )
            here = {}
        here[pair.group("name")] = pair.group("value").strip()


def _of_packages(text: str) -> Iterator[WrittenUpdate]:
    """DISM as a list (identity, state, release type, time, a line each) or as a table with bars."""
    lines = re.split(r"\r\n|\n|\r", text)
    for number, line in enumerate(lines):
        found = _PACKAGE.search(line)
        if found is None:
            continue
        if "|" in line:
            cells = [cell.strip() for cell in line.split("|")]
        else:
            cells = [found.group("identity"), *_values_below(lines, number + 1)]
        release, moment = (cells + [""] * 4)[2:4]
        yield WrittenUpdate(found.group("identity"), installed_raw=moment or None, release_type=release or None)


def _values_below(lines: List[str], start: int) -> Iterator[str]:
    """Yield the values of the lines up to the next empty one."""
    for line in lines[start : start + 3]:
        found = _FIELD.search(line)
        if found is None or not line.strip():
            return
        yield found.group("value").strip()


def _of_lines(text: str) -> Iterator[WrittenUpdate]:
    """A line with an article's number: `[01]: KB5034441`, a row of `wmic qfe` or `Get-HotFix`."""
    for line in re.split(r"[\r\n]+", text):
        for found in _KB.finditer(line):
            day, kind = _DAY_IN_LINE.search(line, found.end()), _KINDS.search(line)
            yield WrittenUpdate(
                found.group("id").upper(),
                installed_raw=day.group(1) if day is not None else None,
                release_type=kind.group("kind") if kind is not None else None,
            )


def _day(year: int, month: int, day: int) -> str | None:
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        return None
    return found.isoformat() if FIRST_YEAR <= found.year <= LAST_YEAR else None

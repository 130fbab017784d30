"""The forms themselves, as printed or as filled by hand: 软件使用情况明细表 and 软件安装维护情况明细表.

Format: the layouts of `reports/forms/detail.py` and `journal.py` (国版办发〔2016〕13号), in Chinese or in English.
    Title, head and foot lines stand around the table; 部门 to 计算机品牌 may be merged over the lines of a computer.
Gaps:   a form names software as the ledger does and says nothing of publisher and source; what it tells adds to a
    machine and never removes. A computer whose lines name no operating system is taken for one with Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType

from auditor.errors import both
from auditor.intake.registers.cells import folded_heading
from auditor.intake.tables import Table, Value
from reports.forms import detail, journal
from reports.forms.column import Column

Told = dict[str, str]
Placed = tuple[str, Told]
_HEAD_ROWS = 20
_TITLE_ROWS = 6
_UNREGISTERED = ("（未登记）", " (not registered)")
_NAMELESS = ("", "未登记计算机", "unregistered computer")
"""What stands in the place of the code of a machine that has neither code nor name."""
_SYSTEM = re.compile(
    r"^(Windows (XP|Vista|7|8|10|11|Server)|macOS|OS X)|统信|麒麟|Kylin|UOS|deepin|深度操作系统|Linux|Debian|Ubuntu|"
    r"openEuler|欧拉|Anolis|龙蜥|中科方德",
    re.IGNORECASE,
)
_MARKS = {
    detail.TITLE_ZH: ("computer_code", "code", "name", "term"),
    journal.TITLE_ZH: ("computer_code", "installed", "removed", "total"),
}
"""Columns that no other table has together."""
_MOVED_OUT = ("转出", "(out)")
"""What 调整 is called when the books take a copy away from a 软件编号."""


def is_form(sheets: Sequence[Table]) -> bool:
    """Whether a workbook is one of the forms: some sheet bears its title above the headings."""
    return any(_is(sheet, detail) or _is(sheet, journal) for sheet in sheets)


def read_form(sheets: Sequence[Table]) -> tuple[dict[str, list[Placed]], list[str]]:
    """Return by computer what stands on it, each with its place; and what could not be read, a line each."""
    found: dict[str, list[Placed]] = {}
    problems: list[str] = []
    here: dict[tuple[str, str], list[Placed]] = {}
    for sheet in sheets:
        if _is(sheet, journal):
            _read_journal(sheet, here, problems)
        else:
            for computer, placed in _detail_lines(sheet, problems):
                found.setdefault(computer, []).append(placed)
    for (computer, _), copies in here.items():
        if not copies:
            continue
        found.setdefault(computer, []).extend(copies)
    return found, problems


def _is(sheet: Table, form: ModuleType) -> bool:
    """Whether the title of a form stands at the left above the table, or, as in CSV, its headings say which it is."""
    if _columns(sheet, form.COLUMNS, _MARKS[form.TITLE_ZH])[1]:
        return True
    above = [folded_heading(row[0]) for row in sheet.rows[:_TITLE_ROWS] if row and isinstance(row[0], str)]
    titles = (folded_heading(form.TITLE_ZH), folded_heading(form.TITLE_EN))
    return any(title in cell for cell in above for title in titles)


def _detail_lines(sheet: Table, problems: list[str]) -> Iterator[tuple[str, Placed]]:
    head, columns = _columns(sheet, detail.COLUMNS, ("computer_code", "name"))
    for place, row in _lines(sheet, head, columns):
        computer, name = _computer(row.get("computer_code")), row.get("name")
        if name is None:
            continue
        if computer is None:
            problems.append(f"{place}: {both('没有计算机编号', 'expected the code of the computer')}")
            continue
        told = {"software": name, "version": row.get("version"), "installed_on": row.get("installed_on")}
        yield computer, (place, {key: value for key, value in told.items() if value is not None})


def _read_journal(sheet: Table, here: dict[tuple[str, str], list[Placed]], problems: list[str]) -> None:
    """Follow the lines of a 软件编号: what was installed and not removed is there at the end.

    The software stands above the lines of its sheet; in CSV, which has one table, before each line.
    """
    top, boxes = _columns(sheet, journal.HEAD[:2], ("code", "name"))
    head, columns = _columns(sheet, journal.COLUMNS, ("computer_code", "installed"))
    above = {} if top == head else next((row for _, row in _lines(sheet, top, boxes)), {})
    for place, row in _lines(sheet, head, {**(boxes if top == head else {}), **columns}):
        about = above or row
        computer, name = _computer(row.get("computer_code")), about.get("name")
        if computer is None or name is None:
            problems.append(f"{place}: {both('没有计算机编号或软件名称', 'expected a computer and a software')}")
            continue
        copies = here.setdefault((computer, about.get("code") or name), [])
        if _goes(row):
            del copies[-1:]
            continue
        day = row.get("happened_on", "").rpartition("～")[2] or None  # of an interval its last day
        told = {"software": name, "version": row.get("version"), "installed_on": day}
        copies.append((place, {part: value for part, value in told.items() if value is not None}))


def _goes(row: Told) -> bool:
    """Whether a line takes a copy away: 卸载 is ticked alone, or the word over both columns says so."""
    installed, removed = row.get("installed"), row.get("removed")
    return (removed is not None and installed is None) or any(word in (installed or "") for word in _MOVED_OUT)


def system_of(names: Iterable[str]) -> str:
    """Return what operating system the lines of a computer name, `Windows` when none does."""
    return next((name for name in names if _SYSTEM.search(name)), "Windows")


def _columns(sheet: Table, wanted: Sequence[Column], needed: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return the row of headings and the place of each column; no columns where the sheet lacks what is needed."""
    for number, row in enumerate(sheet.rows[:_HEAD_ROWS]):
        folded = [folded_heading(cell) for cell in row]
        found = {
            column.key: folded.index(heading)
            for column in wanted
            for heading in (folded_heading(column.zh), folded_heading(column.en))
            if heading in folded
        }
        if all(name in found for name in needed):
            return number, found
    return 0, {}


def _lines(sheet: Table, head: int, columns: Mapping[str, int]) -> Iterator[tuple[str, Told]]:
    """Yield the lines below the headings; a heading told again and a line that is merged over all are none."""
    headings = {folded_heading(cell) for cell in sheet.rows[head]}
    for number, row in enumerate(sheet.rows[head + 1 :], start=head + 2):
        cells = {name: row[at] for name, at in columns.items() if at < len(row)}
        said = {_text(cell) for cell in cells.values()} - {None}
        is_merged = len(said) == 1 and len(cells) > 2
        is_heading = bool(row) and row[0] is not None and folded_heading(row[0]) in headings
        if said and not is_merged and not is_heading:
            told = {name: text for name, cell in cells.items() if (text := _text(cell)) is not None}
            yield f"{sheet.sheet}!{number}", told


def _text(cell: Value) -> str | None:
    told = " ".join(str(cell if cell is not None else "").split())
    return None if told in ("", "-", "—", "/") else told


def _computer(told: str | None) -> str | None:
    if told is None:
        return None
    for ending in _UNREGISTERED:
        told = told.removesuffix(ending)
    return None if told in _NAMELESS else told

"""软件使用情况明细表: at least every half-year; every computer of every person and what is installed on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.forms.column import TICK, Column, Kind, Value, printed
from reports.forms.frame import annex_line, book, computer, foot, head_line
from reports.forms.sheet import Book, FlatRows, FootLine, Sheet, Span, spans_of_block
from reports.model import DetailForm, DetailLine, DetailMachine
from reports.wording import Wording, wording

TITLE_ZH, TITLE_EN = "软件使用情况明细表", "Detail of software use"

_ZH, _EN = "软件类型", "Software type"
COLUMNS = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("department", "部门", "Department", 16, merge=0),
    Column("person", "姓名", "Name", 10, Kind.CODE, merge=0),
    Column("computer_code", "计算机编号", "Computer code", 17, Kind.CODE, merge=0),
    Column("brand", "计算机品牌", "Computer brand", 18, merge=0),
    Column("code", "软件编号", "Software code", 14, Kind.CODE),
    Column("name", "软件名称", "Software name", 28),
    Column("version", "软件版本", "Software version", 15),
    Column("term", "许可期限", "Licence term", 13, Kind.CODE),
    Column("commercial", "商业软件", "Commercial", 10, Kind.TICK, group_zh=_ZH, group_en=_EN),
    Column("oem", "OEM软件", "OEM", 10, Kind.TICK, group_zh=_ZH, group_en=_EN),
    Column("free", "免费软件", "Free", 10, Kind.TICK, group_zh=_ZH, group_en=_EN),
    Column("installed_on", "安装日期", "Installed on", 12, Kind.DAY),
    Column("over", "超出", "Over", 7, Kind.TICK, internal=True),
    Column("verdict", "判定", "Verdict", 22, internal=True),
)


TICKED = ("commercial", "oem", "free")
_NO_TICK: tuple[Value, ...] = (None, None, None)
_TICKS: dict[str, tuple[Value, ...]] = {
    name: tuple(TICK if name == kind else None for kind in TICKED) for name in TICKED
}
LINES_TOGETHER = 20_000
"""As many lines stand on one sheet with merged cells; more are split by department and stand flat."""
MOST_LINES = 1_000_000
"""The most lines of one sheet: a spreadsheet has 1,048,576 rows, some are title and foot."""


def lay_out(form: DetailForm, language: str, edition: str) -> Book:
    """Lay the form out, one block a computer, in the order of the model; 序号 counts the software lines."""
    words = wording(language)
    columns = printed(COLUMNS, edition)
    title = TITLE_ZH if language == "zh_CN" else TITLE_EN
    parts = _parts(form.machines)
    is_flat = len(parts) > 1
    sheets, number = [], 1
    for at, (department, machines) in enumerate(parts):
        lines = sum(len(machine.lines) for machine in machines)
        rows: Sequence[tuple[Value, ...]] = _flat_rows(machines, columns, words, number)
        spans: tuple[Span, ...] = ()
        if not is_flat:
            rows, spans = tuple(rows), _spans(machines, columns)
        number += lines
        is_last = at == len(parts) - 1
        sheets.append(
            Sheet(
                name=(department or title) if is_flat else title,
                annex=annex_line(form.head, words, edition),
                title=title,
                head_line=head_line(form.head, words),
                boxes=(),
                columns=columns,
                rows=rows,
                spans=spans,
                foot=_foot(form, words, edition, is_empty=not rows) if is_last else (),
            )
        )
    return book(form, tuple(sheets), words, edition)


def _parts(machines: Sequence[DetailMachine]) -> list[tuple[str | None, list[DetailMachine]]]:
    """Return the computers together up to `LINES_TOGETHER` lines, else by department in the order of the form.

    A department with more lines than a spreadsheet has rows gets several parts.
    """
    if sum(max(len(machine.lines), 1) for machine in machines) <= LINES_TOGETHER:
        return [(None, list(machines))]
    by_department: dict[str | None, list[DetailMachine]] = {}
    for machine in machines:
        by_department.setdefault(machine.department, []).append(machine)
    parts: list[tuple[str | None, list[DetailMachine]]] = []
    for department, mine in by_department.items():
        lines = MOST_LINES + 1
        for machine in mine:
            lines += max(len(machine.lines), 1)
            if lines > MOST_LINES:
                parts.append((department, []))
                lines = max(len(machine.lines), 1)
            parts[-1][1].append(machine)
    return parts


def _flat_rows(machines: Sequence[DetailMachine], columns: tuple[Column, ...], words: Wording, number: int) -> FlatRows:
    """Return the rows; each names person and computer, so that a long list can be filtered and sorted."""
    count = sum(max(len(machine.lines), 1) for machine in machines)
    return FlatRows(count, lambda: _made_rows(machines, columns, words, number))


def _made_rows(
    machines: Sequence[DetailMachine], columns: tuple[Column, ...], words: Wording, number: int
) -> Iterator[tuple[Value, ...]]:
    wide = len(columns)
    for machine in machines:
        start = _start(machine, words)
        if not machine.lines:
            yield (None, *start, *(None,) * (wide - 1 - len(start)))
        for line in machine.lines:
            yield (number, *start, *_line(line, words))[:wide]
            number += 1


def _spans(machines: Sequence[DetailMachine], columns: tuple[Column, ...]) -> tuple[Span, ...]:
    """Return the merges over each computer's block."""
    spans: list[Span] = []
    row = 0
    for machine in machines:
        spans.extend(spans_of_block(columns, 0, row, len(machine.lines)))
        row += max(len(machine.lines), 1)
    return tuple(spans)


def _start(machine: DetailMachine, words: Wording) -> tuple[Value, ...]:
    code = computer(machine.computer_code, machine.host_name, words)
    return (machine.department, machine.person, code, machine.brand)


def _line(line: DetailLine, words: Wording) -> tuple[Value, ...]:
    verdict = (words.word("verdict", line.verdict) or None) if line.verdict else None
    return (
        line.code,
        words.name(line.name),
        line.version,
        line.term,
        *_TICKS.get(line.software_type, _NO_TICK),
        line.installed_on,
        TICK if line.over else None,
        verdict,
    )


def _foot(form: DetailForm, words: Wording, edition: str, *, is_empty: bool) -> tuple[FootLine, ...]:
    return foot(_notes(form, words, edition), form.coverage, form.proof, words, is_empty=is_empty)


def _notes(form: DetailForm, words: Wording, edition: str) -> list[str]:
    notes = []
    every = (line for machine in form.machines for line in machine.lines)
    unticked = over = 0
    for line in every:
        unticked += line.software_type not in TICKED
        over += line.over
    if form.machines:
        lines = sum(len(machine.lines) for machine in form.machines)
        notes.append(words.text("foot.total_detail", machines=len(form.machines), lines=lines))
    if unticked:
        notes.append(words.text("foot.not_ticked", count=unticked))
    if bare := sum(not machine.lines for machine in form.machines):
        notes.append(words.text("foot.nothing_on", count=bare))
    if over:
        notes.append(
            words.text("foot.over_detail" if edition == "official" else "foot.over_detail_internal", count=over)
        )
    notes.append(
        words.text(
            "foot.components",
            components=form.components,
            drivers=form.drivers,
            system_parts=form.system_parts,
            unrecognised=form.unrecognised,
        )
    )
    return notes

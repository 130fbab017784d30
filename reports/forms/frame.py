"""What all forms have in common: the head line, the foot, the list of computers that were not scanned."""

from __future__ import annotations

from collections.abc import Iterable

from reports.forms.column import Column, Kind
from reports.forms.sheet import Book, FootLine, Sheet
from reports.model import Coverage, DetailForm, FreeForm, Head, JournalForm, PlanForm, Proof, SummaryForm, Unscanned
from reports.paper import Paper
from reports.wording import Wording, share

LISTED_IN_FOOT = 30
"""As many unscanned computers are named in the foot; more get a sheet of their own."""

UNSCANNED_COLUMNS = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("computer_code", "计算机编号", "Computer code", 20, Kind.CODE),
    Column("host_name", "主机名", "Host name", 24),
    Column("department", "部门", "Department", 24),
    Column("reason", "原因", "Reason", 24),
    Column("last_scan_on", "最近扫描", "Last scan", 13, Kind.DAY),
    Column("scopes", "未读取来源", "Sources not read", 34),
)


def head_line(head: Head, words: Wording) -> str:
    """The line under the title: unit (seal), filled in by, telephone, date; blanks to fill in by hand."""
    blank = "　" * 6 if words.language == "zh_CN" else "_" * 12
    return words.text(
        "frame.head_line",
        unit=head.unit_name or blank,
        filled_by=head.filled_by or blank,
        phone=head.phone or blank,
        filled_on=words.day(head.filled_on) or words.text("frame.no_day"),
    )


def annex_line(head: Head, words: Wording, edition: str) -> str | None:
    """The line above the title: the annex as the unit numbers it, and the mark of an internal edition."""
    marks = (head.annex, words.text("frame.internal") if edition == "internal" else None)
    return "　".join(mark for mark in marks if mark) or None


def computer(code: str | None, host_name: str | None, words: Wording) -> str:
    """What stands under 计算机编号: the code, else the host name marked 未登记."""
    if code:
        return code
    return words.text("frame.not_registered", host=host_name) if host_name else words.text("frame.unknown_machine")


def software_type(code: str, words: Wording) -> str:
    """商业软件, OEM软件 or 免费软件: the words of the forms."""
    return words.word("software_type", code)


def foot(
    own: Iterable[str], coverage: Coverage, proof: Proof, words: Wording, *, is_empty: bool = False
) -> tuple[FootLine, ...]:
    """The lines under a form: its own notes, coverage, computers not scanned, proof, the closing sentence."""
    lines = list(own)
    if is_empty:
        lines.insert(0, words.text("foot.empty" if coverage.unscanned else "foot.empty_all_scanned"))
    lines += coverage_lines(coverage, words)
    lines += [proof_line(proof, words), words.text("closing")]
    return (FootLine(words.text("foot.note"), strong=True), *(FootLine(line) for line in lines))


def coverage_lines(coverage: Coverage, words: Wording) -> list[str]:
    """Coverage with numerator and denominator, and which computers were not scanned."""
    lines = [
        words.text(
            "foot.coverage",
            share=share(coverage.scanned, coverage.in_scope),
            in_scope=coverage.in_scope,
            scanned=coverage.scanned,
            fully_scanned=coverage.fully_scanned,
        ),
        words.text(
            "foot.coverage_rest",
            registered_not_seen=coverage.registered_not_seen,
            seen_not_registered=coverage.seen_not_registered,
            stale=coverage.stale,
            classified=coverage.classified,
            private=coverage.private,
        ),
    ]
    return lines + _unscanned_lines(coverage.unscanned, words)


def _unscanned_lines(machines: tuple[Unscanned, ...], words: Wording) -> list[str]:
    if not machines:
        return [words.text("foot.unscanned_none")]
    if len(machines) > LISTED_IN_FOOT:
        sheet = words.text("foot.unscanned_sheet")
        return [words.text("foot.unscanned_elsewhere", count=len(machines), sheet=sheet)]
    named = words.clauses(_unscanned_one(machine, words) for machine in machines)
    return [f"{words.text('foot.unscanned', count=len(machines))}{named}"]


def _unscanned_one(machine: Unscanned, words: Wording) -> str:
    told = [words.word("reason", machine.reason)]
    if machine.department:
        told.insert(0, machine.department)
    if machine.last_scan_on is not None:
        told.append(words.text("foot.last_scan", day=words.day(machine.last_scan_on)))
    if machine.scopes:
        told.append(words.text("foot.scopes", scopes=words.listing(machine.scopes)))
    name = computer(machine.computer_code, machine.host_name, words)
    return words.text("foot.unscanned_one", machine=name, reason=words.listing(told))


def unscanned_sheets(coverage: Coverage, words: Wording) -> tuple[Sheet, ...]:
    """A sheet that names every computer not scanned, when the foot has no room for them; else none."""
    if len(coverage.unscanned) <= LISTED_IN_FOOT:
        return ()
    rows = tuple(
        (
            number,
            computer(machine.computer_code, machine.host_name, words),
            machine.host_name,
            machine.department,
            words.word("reason", machine.reason),
            machine.last_scan_on,
            words.listing(machine.scopes),
        )
        for number, machine in enumerate(coverage.unscanned, start=1)
    )
    name, title = words.text("foot.unscanned_sheet"), words.text("foot.unscanned_title")
    return (Sheet(name, None, title, None, (), UNSCANNED_COLUMNS, rows, (), ()),)


def proof_line(proof: Proof, words: Wording) -> str:
    """Run, as-of day, catalogue digest and release: what the numbers rest on."""
    return words.text(
        "foot.proof",
        run=proof.run,
        as_of=words.day(proof.as_of),
        catalogue=proof.catalogue,
        release=proof.release,
    )


def book(
    form: SummaryForm | DetailForm | JournalForm | FreeForm | PlanForm | Paper,
    sheets: tuple[Sheet, ...],
    words: Wording,
    edition: str,
) -> Book:
    """Bind the sheets of one form, the list of unscanned computers last."""
    title = sheets[0].title
    marked = title if edition == "official" else f"{title} · {words.text('frame.internal')}"
    return Book(
        title=title,
        subject=form.head.unit_name,
        page=words.text("frame.page"),
        foot_mark=f"{marked}　{form.proof.run[:16]}",
        as_of=form.proof.as_of,
        language=words.language,
        sheets=sheets + unscanned_sheets(form.coverage, words),
    )

"""软件采购计划表 (yearly; when what is needed exceeds the licences held), with 需求汇总 and what else is proposed.

The first sheet is the form; the sheets behind it say where its quantities come from, and are the product's own.
"""

from __future__ import annotations

from reports.forms.column import Column, Kind, Value
from reports.forms.frame import annex_line, book, foot
from reports.forms.sheet import Book, Box, FootLine, Sheet
from reports.model import PlanForm, PlanStep
from reports.wording import Wording, wording

TITLE_ZH, TITLE_EN = "软件采购计划表", "Software purchase plan"

COLUMNS = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("name", "软件名称", "Software name", 30),
    Column("version", "软件版本", "Software version", 18),
    Column("unit_price", "单价（单位：元）", "Unit price (yuan)", 16, Kind.MONEY),
    Column("quantity", "采购数量", "Quantity", 11, Kind.COUNT),
    Column("amount", "总价（单位：元）", "Amount (yuan)", 18, Kind.MONEY),
    Column("years", "使用期限（年）", "Term (years)", 14, Kind.COUNT),
    Column("remarks", "备注", "Remarks", 46),
)

DEMAND = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("unit", "单位", "Unit", 26),
    Column("name", "软件名称", "Software name", 30),
    Column("version", "软件版本", "Software version", 16),
    Column("missing", "缺口", "Missing", 9, Kind.COUNT),
    Column("reassign", "重新分配", "Reassigned", 11, Kind.COUNT),
    Column("transfer", "划转", "Transferred", 11, Kind.COUNT),
    Column("uninstall", "卸载", "Removed", 9, Kind.COUNT),
    Column("replace", "替换", "Replaced", 9, Kind.COUNT),
    Column("buy", "采购", "Bought", 9, Kind.COUNT),
    Column("unmet", "未解决", "Not solved", 10, Kind.COUNT),
)

STEPS = (
    Column("number", "序号", "No.", 6, Kind.COUNT),
    Column("way", "措施", "Measure", 14),
    Column("unit", "单位", "Unit", 26),
    Column("name", "软件名称", "Software name", 30),
    Column("version", "软件版本", "Software version", 16),
    Column("quantity", "数量", "Quantity", 9, Kind.COUNT),
    Column("from_unit", "调出单位", "From", 26),
    Column("code", "软件编号", "Software code", 14, Kind.CODE),
    Column("instead", "替代软件", "Replaced by", 30),
)

SIGNERS = ("it", "finance", "head")
"""信息化部门 → 财务部门 → 单位领导."""


def lay_out(form: PlanForm, language: str, edition: str) -> Book:
    """Lay the form out: the plan, the demand behind it, and the measures that cost nothing."""
    words = wording(language)
    title = TITLE_ZH if language == "zh_CN" else TITLE_EN
    sheets = (
        _plan(form, title, words, edition),
        _own_sheet("plan.demand", DEMAND, _demand_rows(form, words), words),
        _own_sheet("plan.steps", STEPS, _step_rows(form, words), words),
    )
    return book(form, sheets, words, edition)


def _plan(form: PlanForm, title: str, words: Wording, edition: str) -> Sheet:
    rows: list[tuple[Value, ...]] = [
        (
            number,
            words.name(line.name),
            line.version,
            line.unit_price,
            line.quantity,
            line.amount,
            line.years,
            _remarks(line.supplier, line.shares, words),
        )
        for number, line in enumerate(form.lines, start=1)
    ]
    total = sum((line.amount for line in form.lines), start=form.nothing)
    rows.append(
        (None, words.text("plan.total"), None, None, sum(line.quantity for line in form.lines), total, None, None)
    )
    signed = [FootLine(words.text("plan.sign", who=words.word("plan_signer", who)), strong=True) for who in SIGNERS]
    notes = [words.text("plan.note"), words.text("plan.joint" if form.joint else "plan.alone")]
    if form.unmet:
        notes.append(words.text("plan.unmet", count=form.unmet))
    return Sheet(
        name=title,
        annex=annex_line(form.head, words, edition),
        title=title,
        head_line=_head_line(form, words),
        boxes=_no_boxes(),
        columns=COLUMNS,
        rows=tuple(rows),
        spans=(),
        foot=(*signed, *foot(notes, form.coverage, form.proof, words)),
    )


def _no_boxes() -> tuple[Box, ...]:
    return ()


def _head_line(form: PlanForm, words: Wording) -> str:
    """单位, 部门, 申请人, 联系电话, 申请日期; blanks to fill in by hand."""
    blank = "　" * 6 if words.language == "zh_CN" else "_" * 12
    head = form.head
    return words.text(
        "plan.head_line",
        unit=head.unit_name or blank,
        department=blank,
        applicant=head.filled_by or blank,
        phone=head.phone or blank,
        day=words.day(head.filled_on) or words.text("frame.no_day"),
    )


def _remarks(supplier: str | None, shares: tuple[tuple[str, int], ...], words: Wording) -> str | None:
    told = [supplier] if supplier else []
    if len(shares) > 1:
        told.append(words.listing(words.text("plan.share", unit=unit, count=count) for unit, count in shares))
    return words.clauses(told) or None


def _own_sheet(key: str, columns: tuple[Column, ...], rows: tuple[tuple[Value, ...], ...], words: Wording) -> Sheet:
    title = words.text(key)
    own = FootLine(words.text("plan.own_layout"))
    return Sheet(title, None, title, None, (), columns, rows, (), (own, FootLine(words.text("closing"))))


def _demand_rows(form: PlanForm, words: Wording) -> tuple[tuple[Value, ...], ...]:
    return tuple(
        (
            number,
            line.unit,
            words.name(line.name),
            line.version,
            line.missing,
            *(dict(line.ways).get(way, 0) for way in ("reassign", "transfer", "uninstall", "replace", "buy")),
            line.unmet,
        )
        for number, line in enumerate(form.demand, start=1)
    )


def _step_rows(form: PlanForm, words: Wording) -> tuple[tuple[Value, ...], ...]:
    return tuple((number, *_step(step, words)) for number, step in enumerate(form.steps, start=1))


def _step(step: PlanStep, words: Wording) -> tuple[Value, ...]:
    instead = words.name(step.instead) if step.instead is not None else None
    way = words.word("plan_way", step.way)
    return (way, step.unit, words.name(step.name), step.version, step.quantity, step.from_unit, step.code, instead)

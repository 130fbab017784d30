"""软件使用情况汇总表: once a year; people, computers, and one block a 软件编号."""

from __future__ import annotations

from decimal import Decimal

from reports.forms.column import NOT_APPLICABLE, Column, Kind, Value, number_or_text, position, printed
from reports.forms.frame import annex_line, book, foot, head_line, software_type
from reports.forms.sheet import Book, Box, Sheet, Span, spans_of_block
from reports.model import Purchase, SummaryForm
from reports.wording import Wording, wording

TITLE_ZH, TITLE_EN = "软件使用情况汇总表", "Summary of software use"

COLUMNS = (
    Column("number", "序号", "No.", 6, Kind.COUNT, merge=0),
    Column("code", "软件编号", "Software code", 14, Kind.CODE, merge=0),
    Column("name", "软件名称", "Software name", 22, merge=0),
    Column("version", "软件版本", "Software version", 12, merge=0),
    Column("software_type", "软件类型", "Software type", 11, Kind.CODE, merge=0),
    Column("purchased_on", "采购时间", "Purchased on", 12, Kind.DAY, merge=0),
    Column("amount", "采购金额（单位：元）", "Amount (yuan)", 13, Kind.MONEY, merge=0),
    Column("licence_type", "许可类型", "Licence type", 11, Kind.CODE, merge=0),
    Column("quantity", "许可数量", "Licences held", 10, Kind.COUNT, merge=0),
    Column("allowed_version", "可使用版本", "Versions allowed", 14, merge=1),
    Column("term", "许可期限", "Licence term", 13, Kind.CODE),
    Column("serials", "序列号", "Serial number", 20),
    Column("installed", "安装数量", "Installed", 10, Kind.COUNT),
    Column("over", "超出", "Over", 8, Kind.COUNT, internal=True),
)
FIRST_OF_PURCHASE, LAST_OF_PURCHASE = position(COLUMNS, "purchased_on"), position(COLUMNS, "serials")
"""The columns 6–12 of the form: one merged `--` on OEM and free rows."""

PEOPLE = (("人员情况", "People"), (("总人数", "Total staff"), ("使用计算机人数", "Staff using a computer")))
COMPUTERS = (("计算机情况", "Computers"), (("服务器数", "Servers"), ("台式机数", "Desktops"), ("便携机数", "Laptops")))

TYPE_ORDER = ("commercial", "oem", "free")


def lay_out(form: SummaryForm, language: str, edition: str) -> Book:
    """Lay the form out: commercial first, then OEM, then free."""
    words = wording(language)
    columns = printed(COLUMNS, edition)
    title = TITLE_ZH if language == "zh_CN" else TITLE_EN
    rows: list[tuple[Value, ...]] = []
    spans: list[Span] = []
    purchases = sorted(form.purchases, key=lambda purchase: TYPE_ORDER.index(purchase.software_type))
    for number, purchase in enumerate(purchases, start=1):
        first = len(rows)
        lines = _lines(purchase, number, words)
        rows.extend(line[: len(columns)] for line in lines)
        spans.extend(_spans(purchase, columns, first, len(lines)))
    sheet = Sheet(
        name=title,
        annex=annex_line(form.head, words, edition),
        title=title,
        head_line=head_line(form.head, words),
        boxes=_boxes(form, language, len(columns)),
        columns=columns,
        rows=tuple(rows),
        spans=tuple(spans),
        foot=foot(_notes(form, words), form.coverage, form.proof, words, is_empty=not rows),
    )
    return book(form, (sheet,), words, edition)


def _lines(purchase: Purchase, number: int, words: Wording) -> list[tuple[Value, ...]]:
    """The lines of one purchase; every line bears all values, the merges hide the repeated ones."""
    kind = software_type(purchase.software_type, words)
    version = purchase.version or (NOT_APPLICABLE if purchase.software_type == "free" else None)
    start = (number, purchase.code, purchase.name, version, kind)
    terms = [(version.allowed_version, term) for version in purchase.versions for term in version.terms]
    if purchase.software_type != "commercial":
        installed = sum(term.installed for _, term in terms)
        over = sum(term.over for _, term in terms)
        return [(*start, NOT_APPLICABLE, None, None, None, None, None, None, installed, over or None)]
    held = (purchase.purchased_on, purchase.amount, purchase.licence_type, number_or_text(purchase.quantity))
    if not terms:
        return [(*start, *held, None, None, None, 0, None)]
    return [
        (*start, *held, allowed, term.term, term.serials, term.installed, term.over or None) for allowed, term in terms
    ]


def _spans(purchase: Purchase, columns: tuple[Column, ...], first: int, lines: int) -> list[Span]:
    if purchase.software_type != "commercial":
        return [Span(first, FIRST_OF_PURCHASE, first, LAST_OF_PURCHASE)]
    spans = list(spans_of_block(columns, 0, first, lines))
    for version in purchase.versions:
        spans += spans_of_block(columns, 1, first, len(version.terms))
        first += len(version.terms)
    return spans


def _boxes(form: SummaryForm, language: str, columns: int) -> tuple[Box, ...]:
    """Block A above the table: people in the first row, computers in the second."""
    values = ((form.headcount, form.computer_users), (form.servers, form.desktops, form.portables))
    places = ((2, 3, 4), (5, 6, 7), (8, 9, 10))
    boxes = []
    for row, ((name, labels), numbers) in enumerate(zip((PEOPLE, COMPUTERS), values, strict=True)):
        boxes.append(Box(row, 0, 1, name[language != "zh_CN"], is_label=True))
        for label, number, (first, last, value) in zip(labels, numbers, places, strict=False):
            boxes.append(Box(row, first, last, label[language != "zh_CN"], is_label=True))
            boxes.append(Box(row, value, value, number))
        rest = places[len(labels) - 1][2] + 1
        boxes.append(Box(row, rest, columns - 1, None))
    return tuple(boxes)


def _notes(form: SummaryForm, words: Wording) -> list[str]:
    notes = [_total(form, words)] if form.purchases else []
    if form.unregistered:
        named = words.listing(
            words.text("foot.unregistered_one", name=words.name(n), count=c) for n, c in form.unregistered
        )
        copies = sum(count for _, count in form.unregistered)
        notes.append(f"{words.text('foot.unregistered', kinds=len(form.unregistered), copies=copies)}{named}")
    over = [
        words.text("foot.over_one", code=purchase.code, name=purchase.name, count=count)
        for purchase in form.purchases
        if (count := sum(term.over for version in purchase.versions for term in version.terms))
    ]
    if over:
        notes.append(f"{words.text('foot.over')}{words.listing(over)}")
    if form.others:
        notes.append(words.text("foot.others", count=form.others))
    if any(term.serials for purchase in form.purchases for version in purchase.versions for term in version.terms):
        notes.append(words.text("foot.serials"))
    return notes


def _total(form: SummaryForm, words: Wording) -> str:
    """The sums of the columns that can be added up."""
    commercial = [purchase for purchase in form.purchases if purchase.software_type == "commercial"]
    amount = sum((purchase.amount for purchase in commercial if purchase.amount is not None), Decimal(0))
    quantities = [number_or_text(purchase.quantity) for purchase in commercial]
    terms = [term for purchase in form.purchases for version in purchase.versions for term in version.terms]
    return words.text(
        "foot.total_summary",
        codes=len(form.purchases),
        amount=f"{amount:,.2f}",
        rights=sum(quantity for quantity in quantities if isinstance(quantity, int)),
        installed=sum(term.installed for term in terms),
    )

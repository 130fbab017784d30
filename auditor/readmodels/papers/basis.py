"""What the numbers of a report rest on: number → group → copy, with computer, record, rule, right and paper in its row.

`groups` stands by class, verdict and product, `copies` by product and verdict, so that each number leads to rows that
follow each other. More than `MOST` copies are counted and not listed: the walk of `zhengban position` has them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditor.core.model import Assignment, UnitCode, Verdict
from auditor.core.verdict import is_counted
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import CLASSES, DOMESTIC, class_of, country_of, machine_name, own_copies
from reports.model import Rate
from reports.paper import Cell, Code, Link, Section

MOST = 20_000
"""The most copies that a report lists."""
DIGEST_SHOWN = 16
ORIGINS = ("domestic", "foreign", "unknown")
_SAME = {
    Verdict.SUSPECTED_THOUGH_COVERED: Verdict.SUSPECTED,
    Verdict.SHORT_EVIDENCE_MISSING: Verdict.SHORT,
}
ORDER = ("genuine", "short", "to_verify", "suspected", "undetermined", "excluded")
"""The groups of verdicts as the tables of rates name them."""


@dataclass(frozen=True)
class Grouping:
    """What copies are told apart by besides class and product."""

    of: Callable[[Assignment], str]
    order: tuple[str, ...]
    word: Callable[[str], Code]


def by_origin(view: RunView) -> Grouping:
    """Return the grouping by the country of the right holder: 国产, 非国产, 社区或不明."""

    return Grouping(lambda each: origin_of(view, each.copy.product), ORIGINS, lambda group: Code("origin", group))


def origin_of(view: RunView, product: str | None) -> str:
    """Return 国产, 非国产, or 社区或不明 where the right holder is a community or not known, by its code."""
    country = country_of(view, product)
    return "unknown" if country is None else "domestic" if country == DOMESTIC else "foreign"


def basis(
    view: RunView, unit: UnitCode, by: Grouping | None = None, *, listed: str = "copies"
) -> tuple[Section, Section]:
    """Return the sections `groups` and `listed` of a legal entity, by verdict unless told otherwise."""
    by = by or BY_VERDICT
    mine = own_copies(view, unit)
    mine.sort(key=lambda each: (each.copy.product, by.order.index(by.of(each))))
    shown = mine[:MOST]
    marks = copy_marks(shown, by)
    copies = Section(
        listed,
        (("count", len(mine)), ("listed", len(shown))),
        basis_rows(view, shown),
        marks=marks,
    )
    return _groups(view, mine, by, {mark: listed for _, mark in marks}), copies


def copy_marks(copies: Sequence[Assignment], by: Grouping | None = None) -> tuple[tuple[int, str], ...]:
    """Return where the copies of each product, and of each of its groups, begin; they stand in that order."""
    by, marks = by or BY_VERDICT, dict[str, int]()
    for number, each in enumerate(copies):
        product = _product_mark(each.copy.product)
        marks.setdefault(product, number)
        marks.setdefault(f"{product}-{by.of(each)}", number)
    return tuple((number, mark) for mark, number in marks.items())


def _groups(view: RunView, mine: Sequence[Assignment], by: Grouping, listed: Mapping[str, str]) -> Section:
    """`listed`: the section of each mark that a number may lead to."""
    counts = Counter((class_of(each.copy.category), by.of(each), each.copy.product) for each in mine)
    order = sorted(counts, key=lambda key: (CLASSES.index(key[0]), by.order.index(key[1]), key[2]))
    marks: dict[str, int] = {}
    rows = []
    for number, key in enumerate(order):
        what, group, product = key
        marks.setdefault(what, number)
        marks.setdefault(f"{what}-{group}", number)
        mark = f"{_product_mark(product)}-{group}"
        count: Cell = Link(counts[key], listed[mark], mark) if mark in listed else counts[key]
        rows.append((Code("rate", what), by.word(group), view.product_name(product), count))
    return Section("groups", (), tuple(rows), marks=tuple((number, mark) for mark, number in marks.items()))


def basis_rows(view: RunView, copies: Sequence[Assignment]) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each copy: computer, department, software, verdict, 软件编号, proof, record, rule."""
    return tuple((number, *_row(view, each)) for number, each in enumerate(copies, start=1))


def _row(view: RunView, each: Assignment) -> tuple[Cell, ...]:
    copy = each.copy
    right = view.rights.get(each.entitlement) if each.entitlement is not None else view.carried(each)
    record, rule = _evidence(view, each)
    return (
        machine_name(view, copy),
        view.tree.name(copy.department),
        view.copy_name(copy),
        copy.version,
        Code("verdict", each.verdict.value),
        each.code,
        right.paper if right is not None else None,
        record,
        rule,
    )


def _evidence(view: RunView, each: Assignment) -> tuple[str, str | None]:
    """Return the records that show the copy, then the signs against it, and the rules that read them."""
    copy, machine = each.copy, view.machines.get(each.copy.machine)
    records, rules = [copy.record] if copy.record else [], []
    for title in copy.titles:
        told = view.facts.recognitions.get(title)
        if told is not None and told.rule:
            rules.append(told.rule)
    for sign in each.signs:
        records.append(sign.record)
        rules.append(sign.rule)
    document = machine.document[:DIGEST_SHOWN] if machine is not None and machine.document else ""
    return f"{document} {'; '.join(dict.fromkeys(records))}".strip(), "; ".join(dict.fromkeys(rules)) or None


def verdict_group(each: Assignment) -> str:
    """Return under which heading of the table of rates a copy is counted."""
    if not is_counted(each.right):
        return "excluded"
    return _SAME.get(each.verdict, each.verdict).value


def _verdict_word(group: str) -> Code:
    return Code("verdict", group if group != "excluded" else "genuine_not_counted")


BY_VERDICT = Grouping(verdict_group, ORDER, _verdict_word)


def linked_rates(rows: tuple[tuple[Cell, ...], ...], found: Sequence[Rate]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table of rates whose numbers lead to their groups; sums and computers have none."""
    return tuple(_linked(row, rate) if rate.what in CLASSES else row for row, rate in zip(rows, found, strict=True))


def _linked(row: tuple[Cell, ...], rate: Rate) -> tuple[Cell, ...]:
    what, share, genuine, counted, *others = row
    names = ("short", "to_verify", "suspected", "undetermined", "excluded")
    return (
        what,
        share,
        linked(genuine, f"{rate.what}-genuine"),
        linked(counted, rate.what),
        *(linked(value, f"{rate.what}-{name}") for name, value in zip(names, others, strict=True)),
    )


def linked(value: Cell, mark: str) -> Cell:
    """Return a number that leads to its groups; nought leads nowhere."""
    return Link(value, "groups", mark) if isinstance(value, int) and value else value


def linked_positions(
    rows: Sequence[tuple[Cell, ...]], products: Sequence[str], copies: Section
) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table of positions whose installed and short numbers lead to the copies."""
    marks = {mark for _, mark in copies.marks}
    made = []
    for row, product in zip(rows, products, strict=True):
        cells, mark = list(row), _product_mark(product)
        for column, wanted in ((3, mark), (6, f"{mark}-short")):
            value = cells[column]
            if isinstance(value, int | str) and value not in (0, "0") and wanted in marks:
                cells[column] = Link(value, "copies", wanted)
        made.append(tuple(cells))
    return tuple(made)


def _product_mark(product: str) -> str:
    return product.replace("/", ".")

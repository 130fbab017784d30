"""What the numbers of a report rest on: number → group → copy, with computer, record, rule, right and paper in its row.

`groups` stands by class, verdict and product, `copies` by product and verdict, so that each number leads to rows that
follow each other. More than `MOST` copies are counted and not listed: the walk of `zhengban position` has them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auditor.core.model import Assignment, UnitCode, Verdict
from auditor.core.verdict import is_counted
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import CLASSES, class_of, machine_name, own_copies
from reports.model import Rate
from reports.paper import Cell, Code, Link, Section

MOST = 20_000
"""The most copies that a report lists."""
DIGEST_SHOWN = 16
_SAME = {
    Verdict.SUSPECTED_THOUGH_COVERED: Verdict.SUSPECTED,
    Verdict.SHORT_EVIDENCE_MISSING: Verdict.SHORT,
}
ORDER = ("genuine", "short", "to_verify", "suspected", "undetermined", "excluded")
"""The groups of verdicts as the tables of rates name them."""


def basis(view: RunView, unit: UnitCode) -> tuple[Section, Section]:
    """Return the sections `groups` and `copies` of a legal entity."""
    mine = own_copies(view, unit)
    mine.sort(key=lambda each: (each.copy.product, ORDER.index(verdict_group(each))))
    shown = mine[:MOST]
    marks: dict[str, int] = {}
    for number, each in enumerate(shown):
        product = _product_mark(each.copy.product)
        marks.setdefault(product, number)
        marks.setdefault(f"{product}-{verdict_group(each)}", number)
    copies = Section(
        "copies",
        (("count", len(mine)), ("listed", len(shown))),
        basis_rows(view, shown),
        marks=tuple((number, mark) for mark, number in marks.items()),
    )
    return _groups(view, mine, frozenset(marks)), copies


def _groups(view: RunView, mine: Sequence[Assignment], listed: frozenset[str]) -> Section:
    counts = Counter((class_of(each.copy.category), verdict_group(each), each.copy.product) for each in mine)
    order = sorted(counts, key=lambda key: (CLASSES.index(key[0]), ORDER.index(key[1]), key[2]))
    marks: dict[str, int] = {}
    rows = []
    for number, key in enumerate(order):
        what, group, product = key
        marks.setdefault(what, number)
        marks.setdefault(f"{what}-{group}", number)
        mark = f"{_product_mark(product)}-{group}"
        count: Cell = Link(counts[key], "copies", mark) if mark in listed else counts[key]
        name = Code("verdict", group) if group != "excluded" else Code("verdict", "genuine_not_counted")
        rows.append((Code("rate", what), name, view.product_name(product), count))
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


def linked_rates(rows: tuple[tuple[Cell, ...], ...], found: Sequence[Rate]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table of rates whose numbers lead to their groups; sums and computers have none."""
    return tuple(_linked(row, rate) if rate.what in CLASSES else row for row, rate in zip(rows, found, strict=True))


def _linked(row: tuple[Cell, ...], rate: Rate) -> tuple[Cell, ...]:
    what, share, genuine, counted, *others = row
    names = ("short", "to_verify", "suspected", "undetermined", "excluded")
    return (
        what,
        share,
        _link(genuine, f"{rate.what}-genuine"),
        _link(counted, rate.what),
        *(_link(value, f"{rate.what}-{name}") for name, value in zip(names, others, strict=True)),
    )


def _link(value: Cell, mark: str) -> Cell:
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

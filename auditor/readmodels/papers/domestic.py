"""国产软件占比季度报告: by copies, by machines, by money; three measures that are never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from auditor.core.entitlement import Entitlement
from auditor.core.model import UnitCode
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.basis import ORIGINS, basis, by_origin, linked, origin_of
from auditor.readmodels.papers.lines import (
    CLASSES,
    bought_between,
    class_of,
    class_of_product,
    day,
    own_copies,
    own_rows,
    paper,
)
from reports.paper import Cell, Code, Drawn, Paper, Section, Share

Sum = int | Decimal


def domestic(view: RunView, unit: UnitCode) -> Paper:
    """Return the shares of one legal entity as of the day, money within its quarter."""
    first = quarter_start(view.facts.on)
    facts = (("as_of", day(view.facts.on)), ("quarter_start", day(first)))
    copies = own_copies(view, unit)
    by_copies = {
        what: _parts((origin_of(view, each.copy.product), 1) for each in copies if class_of(each.copy.category) == what)
        for what in CLASSES
    }
    groups, listed = basis(view, unit, by_origin(view), listed="each")
    by_machines = {what: _machines(view, unit, what) for what in CLASSES}
    bought = [row for row in bought_between(own_rows(view, unit), first, view.facts.on) if row.amount is not None]
    by_money = {
        what: _parts(
            (origin_of(view, row.product), row.amount or Decimal(0))
            for row in bought
            if class_of_product(view, row.product) == what
        )
        for what in CLASSES
    }
    return paper(
        view,
        unit,
        "domestic",
        Section("cover", facts),
        replace(_section("copies", by_copies), rows=_linked(by_copies)),
        _section("machines", by_machines),
        Section("money", rows=_rows(by_money)),
        Section("purchases", (("count", len(bought)),), _purchases(view, bought)),
        groups,
        listed,
    )


def quarter_start(on: date) -> date:
    """Return the first day of the quarter of a day."""
    return date(on.year, on.month - (on.month - 1) % 3, 1)


def _section(key: str, parts: Mapping[str, Sequence[Sum]]) -> Section:
    bars = tuple(Drawn(Code("rate", what), int(found[0]), int(sum(found))) for what, found in parts.items())
    return Section(key, rows=_rows(parts), bars=bars)


def _rows(parts: Mapping[str, Sequence[Sum]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((Code("rate", what), Share(found[0], sum(found)), *found, sum(found)) for what, found in parts.items())


def _linked(parts: Mapping[str, Sequence[Sum]]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows by copies, whose numbers lead to their groups."""
    return tuple(
        (
            *row[:2],
            *(linked(value, f"{what}-{name}") for name, value in zip(ORIGINS, row[2:5], strict=True)),
            linked(row[5], what),
        )
        for what, row in zip(parts, _rows(parts), strict=True)
    )


def _purchases(view: RunView, bought: Sequence[Entitlement]) -> tuple[tuple[Cell, ...], ...]:
    """Return what the sums of money are made of: each purchase of the quarter with class and origin."""
    rows = sorted(bought, key=lambda row: (CLASSES.index(class_of_product(view, row.product)), row.code))
    return tuple(
        (
            number,
            row.code,
            row.name,
            Code("rate", class_of_product(view, row.product)),
            Code("origin", origin_of(view, row.product)),
            row.purchased_on,
            row.amount,
            row.paper,
        )
        for number, row in enumerate(rows, start=1)
    )


def _parts(each: Iterable[tuple[str, Sum]]) -> tuple[Sum, Sum, Sum]:
    """Add up what is domestic, what is not, and what belongs to a community or an unknown holder."""
    sums: dict[str, Sum] = dict.fromkeys(ORIGINS, 0)
    for origin, amount in each:
        sums[origin] += amount
    return sums["domestic"], sums["foreign"], sums["unknown"]


def _machines(view: RunView, unit: UnitCode, what: str) -> tuple[Sum, Sum, Sum]:
    """Count computers that have software of the class: wholly domestic, some foreign, else unknown."""
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for each in own_copies(view, unit):
        if class_of(each.copy.category) == what:
            origins[each.copy.machine].add(origin_of(view, each.copy.product))
    return _parts((next(worst for worst in _WORST if worst in found), 1) for found in origins.values())


_WORST = ("foreign", "unknown", "domestic")
"""What a computer counts as: the first of these that something on it is."""

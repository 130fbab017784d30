"""The tree of units with coverage, whole computers and shortage of each, all below it included."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.readmodels.screens.dashboard import coverage_of_scope, rates_of_scope
from auditor.readmodels.screens.scope import Scope
from auditor.store.database import Connection
from auditor.store.run_index import UnitSpan, short_positions_by_unit
from reports.model import Coverage, Rate


@dataclass(frozen=True)
class UnitRow:
    """One unit with all below it."""

    span: UnitSpan
    depth: int
    coverage: Coverage
    three_classes: Rate
    whole_machine: Rate
    short: int
    """Products with a shortage."""
    children: int


@dataclass(frozen=True)
class UnitsPage:
    """The unit looked at, the way up to it, and what lies straight below; `roots` where the reader may begin."""

    way: tuple[UnitSpan, ...]
    here: UnitRow
    below: tuple[UnitRow, ...]
    roots: tuple[UnitSpan, ...]
    found: tuple[UnitSpan, ...]
    """Units whose name or code holds the text looked for."""


FOUND_SHOWN = 50


def units_page(connection: Connection, scope: Scope, text: str = "") -> UnitsPage:
    """Return the unit looked at with those straight below it."""
    short = short_positions_by_unit(connection, scope.run.id)
    below = [
        span
        for span in scope.spans[scope.span.at : scope.span.last]
        if span.depth == scope.span.depth + 1 and scope.may_see(span.code)
    ]
    seen = [span for span in scope.spans if scope.may_see(span.code)]
    roots = [span for span in seen if span.parent is None or not scope.may_see(span.parent)]
    wanted = text.casefold()
    found = [s for s in seen if wanted and (wanted in s.name.casefold() or wanted in s.code.casefold())]
    return UnitsPage(
        way=way_up(scope),
        here=_row(scope, scope.span, short, 0),
        below=tuple(_row(scope, span, short, 1) for span in below),
        roots=tuple(roots),
        found=tuple(found[:FOUND_SHOWN]),
    )


def way_up(scope: Scope) -> tuple[UnitSpan, ...]:
    """Return the units above the one looked at that the reader may see, the highest first."""
    above = [
        span
        for span in scope.spans
        if span.at < scope.span.at and span.last >= scope.span.last and scope.may_see(span.code)
    ]
    return tuple(above)


def _row(scope: Scope, span: UnitSpan, short: dict[int, int], depth: int) -> UnitRow:
    rates = {rate.what: rate for rate in rates_of_scope(scope.spans, span)}
    children = sum(one.depth == span.depth + 1 for one in scope.spans[span.at : span.last])
    return UnitRow(
        span=span,
        depth=depth,
        coverage=coverage_of_scope(scope.spans, span),
        three_classes=rates["three_classes"],
        whole_machine=rates["whole_machine"],
        short=short.get(span.at, 0),
        children=children,
    )

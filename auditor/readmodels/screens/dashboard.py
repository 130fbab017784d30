"""The first page: coverage, rates, shortages, findings, units without a scan, rights that end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from auditor.core.model import Severity
from auditor.readmodels.screens.positions import PositionRow, position_row
from auditor.readmodels.screens.scope import Scope
from auditor.store.database import Connection
from auditor.store.entitlements import LedgerFilter, ends_of_entitlements
from auditor.store.run_index import (
    FindingFilter,
    UnitSpan,
    count_bearers,
    count_findings,
    count_positions,
    page_of_positions,
)
from reports.model import Coverage, Rate
from rules.product import Product

RATES = ("operating_system", "office", "antivirus", "other", "three_classes", "whole_machine")
SHOWN = 6


@dataclass(frozen=True)
class UnseenUnit:
    """A unit none of whose machines in scope has a valid scan, or that has no machine at all."""

    code: str
    name: str
    in_scope: int


@dataclass(frozen=True)
class EndingRight:
    """A right that ends soon, or ended not long ago."""

    row: int
    code: str
    name: str
    unit: str
    ends_on: str
    days_left: int


@dataclass(frozen=True)
class Dashboard:
    """Everything of the first page."""

    coverage: Coverage
    rates: tuple[Rate, ...]
    short: tuple[PositionRow, ...]
    short_count: int
    severities: Mapping[str, int]
    codes: tuple[tuple[str, str, int], ...]
    """Severity, code, number of the most frequent findings."""
    unseen: tuple[UnseenUnit, ...]
    unseen_count: int
    ending: tuple[EndingRight, ...]
    ending_count: int
    unknown: int


def dashboard(
    connection: Connection, scope: Scope, products: Mapping[str, Product], *, expiring_within_days: int
) -> Dashboard:
    """Return the first page of a scope."""
    units = None if scope.is_whole else scope.units
    found = count_findings(connection, scope.run.id, FindingFilter(units=units))
    severities: Counter[str] = Counter()
    for (severity, _), number in found.items():
        severities[severity] += number
    order = [severity.value for severity in Severity]
    codes = sorted(found.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1]))
    short = page_of_positions(connection, scope.run.id, scope.span.at, only="short", limit=SHOWN)
    unseen = unseen_units(scope)
    ending = ending_rights(connection, scope, expiring_within_days)
    return Dashboard(
        coverage=coverage_of_scope(scope.spans, scope.span),
        rates=rates_of_scope(scope.spans, scope.span),
        short=tuple(position_row(row, scope, products) for row in short),
        short_count=count_positions(connection, scope.run.id, scope.span.at, only="short"),
        severities={severity: severities[severity] for severity in order},
        codes=tuple((severity, code, number) for (severity, code), number in codes[:SHOWN]),
        unseen=tuple(unseen[:SHOWN]),
        unseen_count=len(unseen),
        ending=tuple(ending[:SHOWN]),
        ending_count=len(ending),
        unknown=count_bearers(connection, scope.run.id, "unknown"),
    )


def coverage_of_scope(spans: tuple[UnitSpan, ...], root: UnitSpan) -> Coverage:
    """Return 覆盖率 of a unit with all below it."""
    summed = _sum(span.content["coverage"] for span in spans[root.at - 1 : root.last])
    return Coverage(
        in_scope=summed["in_scope"],
        scanned=summed["scanned"],
        fully_scanned=summed["fully_scanned"],
        registered_not_seen=summed["registered_not_seen"],
        seen_not_registered=summed["seen_not_registered"],
        classified=summed["classified"],
        private=summed["private"],
        stale=summed["stale"],
    )


def rates_of_scope(spans: tuple[UnitSpan, ...], root: UnitSpan) -> tuple[Rate, ...]:
    """Return 正版率 of a unit with all below it: sums of numerators and of denominators, never means of shares."""
    parts = [span.content["rates"] for span in spans[root.at - 1 : root.last]]
    summed = {what: _sum(part.get(what, {}) for part in parts) for what in RATES}
    names = [name for name in Rate.__dataclass_fields__ if name != "what"]
    return tuple(Rate(what=what, **{name: summed[what][name] for name in names}) for what in RATES)


def _sum(parts: Iterable[Mapping[str, int]]) -> defaultdict[str, int]:
    """Add figures of the same name."""
    summed: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        for name, value in part.items():
            summed[name] += value
    return summed


def unseen_units(scope: Scope) -> list[UnseenUnit]:
    """Return the legal entities below that have not reported: none of their machines has a valid scan."""
    found = []
    for span in scope.spans[scope.span.at - 1 : scope.span.last]:
        if span.kind == "legal_entity":
            coverage = coverage_of_scope(scope.spans, span)
            if coverage.scanned == 0:
                found.append(UnseenUnit(span.code, span.name, coverage.in_scope))
    return found


def ending_rights(connection: Connection, scope: Scope, within_days: int) -> list[EndingRight]:
    """Return the rights of the units below that end within some days, or ended within as many, first to end first."""
    day = scope.run.as_of
    first, last = day - timedelta(days=within_days), day + timedelta(days=within_days)
    months = {(first + timedelta(days=n)).isoformat()[:7] for n in range((last - first).days + 1)}
    wanted = LedgerFilter(units=None if scope.is_whole else scope.units, months=tuple(sorted(months)))
    found = [
        EndingRight(row, code, name, unit, ends_on, (date.fromisoformat(ends_on) - day).days)
        for row, unit, code, name, ends_on in ends_of_entitlements(connection, day, wanted)
        if first.isoformat() <= ends_on <= last.isoformat()
    ]
    return sorted(found, key=lambda right: (right.ends_on, right.unit, right.code))

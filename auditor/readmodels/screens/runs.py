"""Audit runs, and two of them side by side: what changed, and which inputs differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.readmodels.screens.dashboard import coverage_of_scope, rates_of_scope
from auditor.readmodels.screens.positions import PositionRow, position_row
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.database import Connection
from auditor.store.run_index import FindingFilter, count_findings, finding_keys, page_of_positions
from auditor.store.runs import IssuedFile, RunRow, page_of_issued, page_of_runs
from reports.model import Coverage, Rate
from rules.product import Product

SHOWN_FIGURES = ("required", "covered", "shortage", "surplus")
MOST_POSITIONS = 20_000


FILES = 50
"""As many issued files stand on one page."""


@dataclass(frozen=True)
class RunsPage:
    """One page of runs, the newest first."""

    rows: tuple[RunRow, ...]
    after: int | None


@dataclass(frozen=True)
class OneRun:
    """One run: what it rests on, what came out for the scope, and the files that were issued from it."""

    run: RunRow
    parts: Mapping[str, str]
    coverage: Coverage
    rates: tuple[Rate, ...]
    findings: Mapping[str, int]
    """By severity."""
    issued: tuple[IssuedFile, ...]
    """The newest first, a page of them."""
    after: int | None = None
    """Where the files go on; `None` at the end."""


@dataclass(frozen=True)
class Moved:
    """One product whose position differs; `before` or `after` is `None` where there is none."""

    product: str
    name: Any
    metric: str
    before: PositionRow | None
    after: PositionRow | None

    def figure(self, when: str, name: str) -> Any:
        """Return a figure before or after, 0 where there is no position."""
        row: PositionRow | None = getattr(self, when)
        return row.figure(name) if row is not None else 0


@dataclass(frozen=True)
class Comparison:
    """Two runs of one scope."""

    earlier: RunRow
    later: RunRow
    coverage: tuple[Coverage, Coverage]
    rates: tuple[tuple[Rate, Rate], ...]
    moved: tuple[Moved, ...]
    moved_count: int
    codes: tuple[tuple[str, int, int], ...]
    """Finding code, new ones, those that are gone."""
    inputs: tuple[tuple[str, bool], ...]
    """Part of the inputs, whether it differs."""


def runs_page(connection: Connection, *, before: int | None = None) -> RunsPage:
    """Return a page of runs."""
    found = page_of_runs(connection, before=before, limit=PAGE + 1)
    return RunsPage(tuple(found[:PAGE]), found[PAGE - 1].sequence if len(found) > PAGE else None)


def one_run(connection: Connection, scope: Scope, parts: Mapping[str, str], *, before: int | None = None) -> OneRun:
    """Return the run that the scope looks at."""
    units = None if scope.is_whole else scope.units
    severities: Counter[str] = Counter()
    for (severity, _), number in count_findings(connection, scope.run.id, FindingFilter(units=units)).items():
        severities[severity] += number
    issued = page_of_issued(
        connection, scope.run.id, lambda name: may_see_file(scope, name), before=before, limit=FILES + 1
    )
    return OneRun(
        scope.run,
        dict(parts),
        coverage_of_scope(scope.spans, scope.span),
        rates_of_scope(scope.spans, scope.span),
        severities,
        tuple(issued[:FILES]),
        issued[FILES - 1].number if len(issued) > FILES else None,
    )


def may_see_file(scope: Scope, file_name: str) -> bool:
    """Whether the unit, which the name of an issued file begins with, may be seen."""
    return scope.may_see(file_name.partition("/")[0])


def comparison(
    connection: Connection,
    earlier: Scope,
    later: Scope,
    products: Mapping[str, Product],
    parts: tuple[Mapping[str, str], Mapping[str, str]],
) -> Comparison:
    """Return what differs between two runs seen from one unit."""
    moved = _moved(_positions(connection, earlier, products), _positions(connection, later, products))
    keys = [
        finding_keys(connection, scope.run.id, None if scope.is_whole else scope.units) for scope in (earlier, later)
    ]
    new = Counter(code for _, code in keys[1] - keys[0])
    gone = Counter(code for _, code in keys[0] - keys[1])
    names = sorted({*parts[0], *parts[1]})
    return Comparison(
        earlier=earlier.run,
        later=later.run,
        coverage=(coverage_of_scope(earlier.spans, earlier.span), coverage_of_scope(later.spans, later.span)),
        rates=tuple(
            zip(rates_of_scope(earlier.spans, earlier.span), rates_of_scope(later.spans, later.span), strict=True)
        ),
        moved=tuple(moved[:PAGE]),
        moved_count=len(moved),
        codes=tuple((code, new[code], gone[code]) for code in sorted({*new, *gone})),
        inputs=tuple((name, parts[0].get(name) != parts[1].get(name)) for name in names),
    )


def _positions(
    connection: Connection, scope: Scope, products: Mapping[str, Product]
) -> dict[tuple[str, str], PositionRow]:
    rows = page_of_positions(connection, scope.run.id, scope.span.at, limit=MOST_POSITIONS)
    return {(row["product"], row["metric"]): position_row(row, scope, products) for row in rows}


def _moved(before: Mapping[tuple[str, str], PositionRow], after: Mapping[tuple[str, str], PositionRow]) -> list[Moved]:
    found = []
    for key in {*before, *after}:
        old, new = before.get(key), after.get(key)
        made = Moved(key[0], (new or old).name, key[1], old, new)  # type: ignore[union-attr]
        if any(made.figure("before", name) != made.figure("after", name) for name in SHOWN_FIGURES):
            found.append(made)
    return sorted(found, key=lambda m: (-abs(_order(m.after) - _order(m.before)), m.product, m.metric))


def _order(row: PositionRow | None) -> float:
    return row.order if row is not None else 0.0

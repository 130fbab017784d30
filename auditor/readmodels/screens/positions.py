"""Positions of a unit with all below it, and the way from each number to its copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.core.entitlement import Entitlement
from auditor.core.model import Assignment
from auditor.readmodels.screens.scope import PAGE, Scope, product_name
from auditor.store.database import Connection
from auditor.store.entitlements import LedgerFilter, page_of_entitlements
from auditor.store.papers import papers_of_rights
from auditor.store.run_index import (
    MachineEntry,
    assignments_of,
    bearer,
    count_positions,
    page_of_positions,
    positions_of_product,
)
from reports.model import Name
from rules.product import Product

SHOWN_FIGURES = ("raw", "exempt", "required", "covered", "to_order", "shortage", "owned", "surplus", "net")

RIGHTS_SHOWN = 100


@dataclass(frozen=True)
class PositionRow:
    """One line: figures are whole numbers, or fractions as texts; `owned=None` is unlimited."""

    number: int
    unit: str
    unit_name: str
    product: str
    name: str | Name
    metric: str
    category: str
    raw: int
    figures: Mapping[str, Any]
    order: float
    """The shortage as a number, for the key of the page."""

    def figure(self, name: str) -> Any:
        """Return a figure; 0 when the line does not name it."""
        return self.raw if name == "raw" else self.figures.get(name, 0)


@dataclass(frozen=True)
class PositionPage:
    """One page of positions."""

    rows: tuple[PositionRow, ...]
    total: int
    after: tuple[float, int] | None


@dataclass(frozen=True)
class CopyRow:
    """One copy on one machine, and what became of it."""

    entry: MachineEntry
    assignment: Assignment
    place: int
    """In the list of its machine's copies, from 0."""


@dataclass(frozen=True)
class RightOfPosition:
    """One row of the ledger that concerns a product, with the papers that prove it."""

    right: Entitlement
    papers: tuple[str, ...]
    uses: int


@dataclass(frozen=True)
class Why:
    """All that a position rests on."""

    row: PositionRow
    by_unit: tuple[PositionRow, ...]
    """The units straight below that share in it."""
    rights: tuple[RightOfPosition, ...]
    copies: tuple[CopyRow, ...]
    machines: int
    after: int | None


def position_page(
    connection: Connection,
    scope: Scope,
    products: Mapping[str, Product],
    *,
    only: str = "all",
    category: str | None = None,
    text: str = "",
    after: tuple[float, int] | None = None,
) -> PositionPage:
    """Return a page of positions, the largest shortage first; `text` is looked for in the names of products."""
    wanted = products_called(products, text) if text else None
    rows = page_of_positions(
        connection, scope.run.id, scope.span.at, only=only, category=category, products=wanted, after=after,
        limit=PAGE + 1,
    )  # fmt: skip
    shown = tuple(position_row(row, scope, products) for row in rows[:PAGE])
    total = count_positions(connection, scope.run.id, scope.span.at, only=only, category=category, products=wanted)
    more = (shown[-1].order, shown[-1].number) if len(rows) > PAGE else None
    return PositionPage(shown, total, more)


def products_called(products: Mapping[str, Product], text: str) -> frozenset[str]:
    """Return the products in whose id or names a text stands."""
    wanted = text.strip().casefold()
    return frozenset(
        id
        for id, product in products.items()
        if any(wanted in name.casefold() for name in (id, product.zh, product.en, *product.aliases))
    )


def position_row(row: Mapping[str, Any], scope: Scope, products: Mapping[str, Product]) -> PositionRow:
    """Return one line of the index as a screen shows it."""
    unit = scope.spans[row["unit_at"] - 1]
    figures = row["content"]
    return PositionRow(
        number=row["number"],
        unit=unit.code,
        unit_name=unit.name,
        product=row["product"],
        name=product_name(products, row["product"], figures.get("name")),
        metric=row["metric"],
        category=row["category"],
        raw=row["raw"],
        figures=figures,
        order=row["shortage"],
    )


def why(
    connection: Connection, scope: Scope, products: Mapping[str, Product], product: str, *, metric: str, after: int = 0
) -> Why | None:
    """Return what the position of a product rests on in a scope; `None` when there is none."""
    lines = [position_row(row, scope, products) for row in positions_of_product(connection, scope.run.id, product)]
    here = [line for line in lines if line.unit == scope.span.code]
    row = next((line for line in here if line.metric == metric), here[0] if here else None)
    if row is None:
        return None
    children = [line for line in lines if scope.by_code[line.unit].parent == scope.span.code]
    found = bearer(connection, scope.run.id, "product", product)
    mine = [number for number in found.numbers if scope.holds(number)] if found is not None else []
    copies, more = copies_page(connection, scope, mine, after=after, product=product)
    return Why(row, tuple(children), rights_of_product(connection, scope, product), tuple(copies), len(mine), more)


def copies_page(
    connection: Connection,
    scope: Scope,
    numbers: list[int],
    *,
    after: int,
    product: str | None = None,
    right: int | None = None,
) -> tuple[list[CopyRow], int | None]:
    """Return the copies on the machines after a number, and the number to go on after."""
    left = [number for number in numbers if number > after]
    rows: list[CopyRow] = []
    for entry, assignments in assignments_of(connection, scope.run.id, left[:PAGE]):
        rows += [
            CopyRow(entry, one, place)
            for place, one in enumerate(assignments)
            if (product is None or one.copy.product == product) and (right is None or one.entitlement == right)
        ]
    return rows, left[PAGE - 1] if len(left) > PAGE else None


def rights_of_product(connection: Connection, scope: Scope, product: str) -> tuple[RightOfPosition, ...]:
    """Return the rows of the ledger for a product that the reader may see, with their papers and uses."""
    wanted = LedgerFilter(units=None if scope.sees_all else scope.visible, product=product)
    rights = page_of_entitlements(connection, scope.run.as_of, wanted, limit=RIGHTS_SHOWN)
    papers = papers_of_rights(connection, rights)
    found = []
    for right in rights:
        uses = bearer(connection, scope.run.id, "right", str(right.id))
        found.append(RightOfPosition(right, papers.get(right.id, ()), len(uses.numbers) if uses is not None else 0))
    return tuple(found)

"""Products of the catalogue, and one of them with its licensing, rules and where it is installed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.readmodels.screens.machines import MachinePage, bearing_page
from auditor.readmodels.screens.positions import PositionRow, position_row, products_called
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.database import Connection
from auditor.store.run_index import bearers_within, list_bearers, names_borne, positions_of_product
from rules.catalogue import Catalogue
from rules.product import Product


@dataclass(frozen=True)
class ProductRow:
    """One product with the computers of the scope that bear it."""

    product: Product
    machines: int


@dataclass(frozen=True)
class ProductPage:
    """One page of products, by id."""

    rows: tuple[ProductRow, ...]
    total: int
    after: str | None


@dataclass(frozen=True)
class OneProduct:
    """One product: what the catalogue says, its positions in the scope, the computers that bear it."""

    product: Product
    position: tuple[PositionRow, ...]
    machines: MachinePage


def product_page(
    connection: Connection, scope: Scope, catalogue: Catalogue, *, text: str = "", only: str = "", after: str = ""
) -> ProductPage:
    """Return a page of products; `only="seen"`: those that some computer of the scope bears."""
    chosen = products_called(catalogue.products, text) if text else frozenset(catalogue.products)
    if only == "seen":
        chosen &= _borne(connection, scope)
    ids = sorted(chosen)
    left = ids[bisect_right(ids, after) :] if after else ids
    shown = left[:PAGE]
    counted = {b.name: _within(b.numbers, scope) for b in list_bearers(connection, scope.run.id, "product", shown)}
    rows = tuple(ProductRow(catalogue.products[id], counted.get(id, 0)) for id in shown)
    return ProductPage(rows, len(ids), shown[-1] if len(left) > PAGE else None)


def _borne(connection: Connection, scope: Scope) -> frozenset[str]:
    """Products on some computer of the scope; for the whole run nobody has to look which computers."""
    if scope.is_whole:
        return names_borne(connection, scope.run.id, "product")
    span = scope.span
    found = bearers_within(connection, scope.run.id, "product", span.first_machine, span.last_machine)
    return frozenset(name for _, name in found)


def one_product(
    connection: Connection, scope: Scope, catalogue: Catalogue, id: str, *, after: int = 0
) -> OneProduct | None:
    """Return one product; `None` when the catalogue does not have it."""
    product = catalogue.products.get(id)
    if product is None:
        return None
    lines = [position_row(row, scope, catalogue.products) for row in positions_of_product(connection, scope.run.id, id)]
    mine = tuple(line for line in lines if line.unit == scope.span.code)
    return OneProduct(product, mine, bearing_page(connection, scope, "product", id, after=after))


def _within(numbers: Sequence[int], scope: Scope) -> int:
    return bisect_right(numbers, scope.span.last_machine) - bisect_left(numbers, scope.span.first_machine)

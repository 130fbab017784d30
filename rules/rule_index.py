"""Which rules a text can meet by its first letters: worked out of the products, or as a compiled catalogue holds it.

Rules are numbered through all products in their order. A name that begins so can only meet few of them; of a compiled
catalogue only those rules, and their products, are read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from rules.matching import beginning_lengths, numbers_by_beginning
from rules.packed import Buffer, PackedTable
from rules.product import PLATFORMS, Product, Rule

KINDS = ("name", "identifier")
"""What patterns are on."""


class RuleRow(NamedTuple):
    """Where a rule stands, and its patterns."""

    product: str
    place: int
    """Its number among the rules of the product, from 0."""
    name: str
    """Empty when the rule has no such pattern."""
    identifier: str


@dataclass(frozen=True)
class Beginnings:
    """How texts can begin that patterns of one kind match, for the titles of one platform."""

    numbers: Mapping[str, Sequence[int]]
    """Beginning → numbers of the rules."""
    lengths: Mapping[str, Sequence[int]]
    """The first letters → how long the beginnings are that begin with them, ascending."""


class RuleIndex:
    """The rules of a catalogue by number, and the beginnings by platform and kind."""

    def __init__(self, rows: Callable[[], list[RuleRow]], beginnings: Callable[[str, str], Beginnings]) -> None:
        """Both are asked when they are needed."""
        self._rows = rows
        self._beginnings = beginnings

    @cached_property
    def rows(self) -> list[RuleRow]:
        """All rules."""
        return self._rows()

    def beginnings(self, platform: str, kind: str) -> Beginnings:
        """Return how texts of one kind can begin; `kind` is one of KINDS."""
        return self._beginnings(platform, kind)


class IndexedProducts(PackedTable[Product]):
    """Products of a compiled catalogue, with the index of their rules."""

    def __init__(
        self, directory: Mapping[str, Any], pieces: Buffer, read: Callable[[Any], Product], index: RuleIndex
    ) -> None:
        super().__init__(directory, pieces, read)
        self.index = index


def index_of(products: Mapping[str, Product], known: Mapping[str, Sequence[str]]) -> RuleIndex:
    """Return the index of the rules of `products`; `known`: beginnings by pattern that were worked out before."""
    if isinstance(products, IndexedProducts):
        return products.index
    ruled = [(id, place, rule) for id, found in products.items() for place, rule in enumerate(found.rules)]

    def beginnings(platform: str, kind: str) -> Beginnings:
        asked = {n: getattr(rule, kind) or "" for n, (_, _, rule) in enumerate(ruled) if _may_meet(rule, platform)}
        numbers = numbers_by_beginning({n: pattern for n, pattern in asked.items() if pattern}, known)
        return Beginnings(numbers, beginning_lengths(numbers))

    rows = [RuleRow(id, place, rule.name or "", rule.identifier or "") for id, place, rule in ruled]
    return RuleIndex(lambda: rows, beginnings)


def _may_meet(rule: Rule, platform: str) -> bool:
    """Sources are not told apart here: few rules ask for one, and each index costs more than they do."""
    return not rule.platforms or platform in rule.platforms


def plain_index(index: RuleIndex) -> tuple[list[RuleRow], dict[str, Mapping[str, Sequence[int]]]]:
    """Return the rows and, by the names under which they are compiled, the tables of an index."""
    tables: dict[str, Mapping[str, Sequence[int]]] = {}
    for platform in PLATFORMS:
        for kind in KINDS:
            found = index.beginnings(platform, kind)
            tables |= dict(zip(table_names(platform, kind), (found.numbers, found.lengths), strict=True))
    return index.rows, tables


def table_names(platform: str, kind: str) -> tuple[str, str]:
    """Return the names of the tables of beginnings and of their lengths."""
    return f"{kind}s that begin, {platform}", f"lengths of {kind}s, {platform}"

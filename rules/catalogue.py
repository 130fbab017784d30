"""Catalogue: all that is known, in memory, looked up by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rules.name_list import NameList
from rules.product import COUNTED, Product, Publisher
from rules.publishers import PublisherNames

if TYPE_CHECKING:
    from rules.indicator import Indicator


@dataclass(frozen=True)
class Catalogue:
    """Products, publishers and indicators by id, each in the order of the ids.

    `digest` is the SHA-256 of the sources, in hexadecimal: two catalogues with one digest recognise alike.
    """

    digest: str
    products: Mapping[str, Product]
    publishers: Mapping[str, Publisher]
    indicators: Mapping[str, Indicator]
    beginnings: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False, repr=False)
    """How a match of each pattern can begin, worked out when the catalogue was compiled; may be empty."""

    listed: NameList = field(default_factory=NameList.empty, compare=False, repr=False)
    """What package collections say of programs that no product file describes."""

    overridden: tuple[str, ...] = field(default=(), compare=False)
    """What the organisation's layer took the place of: `product microsoft/office`. Known while loading from sources."""

    @cached_property
    def publisher_names(self) -> PublisherNames:
        """All spellings of the publishers."""
        return PublisherNames(self.publishers.values())

    def affected(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the products that `microsoft/office` or `adobe/*` mean, in order.

        A whole publisher means those of its products that need a right: no activation tool is after a free reader.
        """
        whole = {pattern[:-1] for pattern in patterns if pattern.endswith("/*")}
        named = set(patterns)
        return tuple(
            product.id
            for product in self.products.values()
            if product.id in named or (f"{product.publisher}/" in whole and _needs_a_right(product))
        )


def _needs_a_right(product: Product) -> bool:
    classes = {product.licensing.licence_class, *(edition.licence_class for edition in product.editions)}
    return bool(classes & COUNTED)

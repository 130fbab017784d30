"""Names of the catalogue that an unknown name resembles: suggestions for people, never a verdict."""

from __future__ import annotations

from difflib import get_close_matches

from rules.catalogue import Catalogue
from rules.names import name_key

LEAST_LIKENESS = 0.75
MOST = 3


class Suggestions:
    """The names of a catalogue, made ready to be resembled."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._products: dict[str, str] = {}
        for product in catalogue.products.values():
            for name in (product.zh, product.en, *product.aliases):
                self._products.setdefault(name_key(name), product.id)

    def like(self, name: str) -> tuple[str, ...]:
        """Return ids of products whose names resemble this one, the likest first, at most three."""
        near = get_close_matches(name_key(name)[:80], self._products, n=MOST * 2, cutoff=LEAST_LIKENESS)
        return tuple(dict.fromkeys(self._products[key] for key in near))[:MOST]

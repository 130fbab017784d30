"""Which entries of the catalogue count: read ones, not generated ones.

An entry counts with a rule whose example is a name seen in a source that it cites, with a `rejects` that some other
real title bears, and with a class that rests on a page or says that it is unverified (the loader sees to that).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.examples import example_title
from rules.names import name_key
from rules.product import Product
from rules.recognition import Recogniser


@dataclass(frozen=True)
class Wanting:
    """An entry that does not count, and what it lacks."""

    product: str
    lacks: tuple[str, ...]
    """Of `source`, `matches`, `rejects`."""


def wanting(catalogue: Catalogue) -> Iterator[Wanting]:
    """Yield every product that does not count. The catalogue must come from sources: a compiled one has no examples."""
    borne = _names_borne(catalogue)
    recogniser = Recogniser(catalogue)
    for product in catalogue.products.values():
        lacks = []
        if not product.sources and not product.licensing.terms:
            lacks.append("source")
        if not any(rule.matches for rule in product.rules):
            lacks.append("matches")
        if not _rejects_a_real_title(product, borne, recogniser):
            lacks.append("rejects")
        if lacks:
            yield Wanting(product.id, tuple(lacks))


def _names_borne(catalogue: Catalogue) -> dict[str, set[str]]:
    """Names that rules give as seen, with the rules that give them."""
    borne: dict[str, set[str]] = {}
    for product in catalogue.products.values():
        for rule in product.rules:
            for example in rule.matches:
                borne.setdefault(name_key(example.name), set()).add(f"{product.id}#{rule.id}")
    return borne


def _rejects_a_real_title(product: Product, borne: dict[str, set[str]], recogniser: Recogniser) -> bool:
    for rule in product.rules:
        own = {f"{product.id}#{rule.id}"}
        for example in rule.rejects:
            if borne.get(name_key(example.name), set()) - own:
                return True
            if recogniser.recognise(example_title(rule, example)).rule not in (None, *own):
                return True
    return False

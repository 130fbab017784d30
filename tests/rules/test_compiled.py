"""Catalogue ↔ one file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rules.compiled import CompiledCatalogueFault, catalogue_from_bytes, compiled_bytes
from rules.loading import load_catalogue

SAMPLE = Path(__file__).parent / "catalogue"


def test_what_is_compiled_comes_back_without_its_examples() -> None:
    catalogue = load_catalogue([SAMPLE])
    back = catalogue_from_bytes(compiled_bytes(catalogue))

    assert back.digest == catalogue.digest
    assert back.publishers == catalogue.publishers
    assert back.indicators == catalogue.indicators
    bare = {
        product.id: replace(product, rules=tuple(replace(rule, matches=(), rejects=()) for rule in product.rules))
        for product in catalogue.products.values()
    }
    assert back.products == bare


def test_the_same_catalogue_gives_the_same_bytes() -> None:
    assert compiled_bytes(load_catalogue([SAMPLE])) == compiled_bytes(load_catalogue([SAMPLE]))


def test_what_was_damaged_or_is_something_else_is_refused() -> None:
    data = compiled_bytes(load_catalogue([SAMPLE]))

    with pytest.raises(CompiledCatalogueFault, match="its digest does not agree"):
        catalogue_from_bytes(data[:-1])
    with pytest.raises(CompiledCatalogueFault, match="another release"):
        catalogue_from_bytes(data.replace(b'"shape": "', b'"shape": "0', 1))
    for other in (b"", b"PK\x03\x04", b"{}\n", b"[1]\nx"):
        with pytest.raises(CompiledCatalogueFault):
            catalogue_from_bytes(other)

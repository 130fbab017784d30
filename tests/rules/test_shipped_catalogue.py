"""The catalogue that comes with the program: whole, broad enough for a Chinese office, quick to open."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from rules.catalogue import Catalogue
from rules.compiled import shipped_catalogue
from rules.examples import stray_examples
from rules.loading import load_catalogue, shipped_folder
from rules.product import Category


@cache
def shipped() -> Catalogue:
    return load_catalogue([shipped_folder()])


def test_it_knows_what_stands_in_a_chinese_office() -> None:
    categories = {product.category for product in shipped().products.values()}

    assert len(shipped().products) >= 200
    assert categories >= {
        Category.OPERATING_SYSTEM,
        Category.OFFICE,
        Category.ANTIVIRUS,
        Category.INDUSTRIAL,
        Category.BROWSER,
        Category.ARCHIVER,
        Category.INPUT_METHOD,
        Category.MEETING,
        Category.MAIL,
        Category.DATABASE,
        Category.DEVELOPMENT,
        Category.PDF,
        Category.RUNTIME,
        Category.DRIVER,
    }


def test_no_rule_takes_an_example_of_another_product() -> None:
    assert list(stray_examples(shipped())) == []


def test_every_indicator_concerns_a_product_or_says_that_it_names_none() -> None:
    for indicator in shipped().indicators.values():
        assert bool(shipped().affected(indicator.affects)) is bool(indicator.affects), indicator.id


def test_a_compiled_file_is_kept_read_and_put_right(tmp_path: Path) -> None:
    first = shipped_catalogue(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.name == f"catalogue-{first.digest}.zbc"

    again = shipped_catalogue(tmp_path)
    assert list(again.products) == list(first.products)
    assert again.products == {id: _without_examples(first, id) for id in first.products}

    file.write_bytes(b"damaged")
    assert shipped_catalogue(tmp_path).digest == first.digest
    assert file.stat().st_size > 1000


def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert shipped_catalogue(tmp_path / "file").digest == shipped().digest


def _without_examples(catalogue: Catalogue, product_id: str) -> object:
    product = catalogue.products[product_id]
    return replace(product, rules=tuple(replace(rule, matches=(), rejects=()) for rule in product.rules))

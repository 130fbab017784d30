"""The catalogue that comes with the program: whole, broad enough for a Chinese office, quick to open."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from rules.catalogue import Catalogue
from rules.compiled import shipped_catalogue
from rules.examples import stray_examples
from rules.loading import load_catalogue
from rules.product import Category, Kind, LicenceClass
from rules.recognition import Recogniser
from rules.source_files import shipped_folder
from rules.title import Title


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


@pytest.mark.slow
def test_no_rule_takes_an_example_of_another_product() -> None:
    assert list(stray_examples(shipped())) == []


def windows(name: str, publisher: str = "Microsoft Corporation", version: str | None = None) -> Title:
    return Title("windows", "uninstall_keys", name, publisher, version)


OFFICE_2016 = [
    *(f"Microsoft {part} MUI (English) 2016" for part in (
        "Access", "DCF", "Excel", "Groove", "InfoPath", "Lync", "OneNote", "Outlook", "PowerPoint", "Publisher",
        "Word", "Office OSM", "Office OSM UX", "Office Shared", "Office Shared 32-bit", "Skype for Business")),
    "Microsoft Access Setup Metadata MUI (English) 2016",
    "Microsoft Office Shared Setup Metadata MUI (English) 2016",
    "Microsoft Office 32-bit Components 2016",
    "Microsoft Office Proofing (English) 2016",
    "Microsoft Office Proofing Tools 2016 - English",
    "Outils de vérification linguistique 2016 de Microsoft Office\u00a0- Français",
    "Microsoft Office Proof (Chinese (Simplified)) 2016",
    "Microsoft Word MUI (Chinese (Simplified)) 2016",
    "Microsoft Excel MUI (Chinese (Simplified)) 2016",
]  # fmt: skip


def test_a_suite_and_its_25_components_are_one_product() -> None:
    """Names that the volume licence installer of Office 2016 enters; see also Microsoft's list of its product codes."""
    recogniser = Recogniser(shipped())
    assert len(OFFICE_2016) == 25
    found = [recogniser.recognise(windows(name)) for name in ["Microsoft Office Professional Plus 2016", *OFFICE_2016]]

    standing = [each for each in found if each.kind in (Kind.SUITE, Kind.APPLICATION)]
    assert [(each.product, each.edition, each.line) for each in standing] == [
        ("microsoft/office", "professional-plus", "2016")
    ]
    assert all(each.licence_class is LicenceClass.BUNDLED for each in found[1:])


@pytest.mark.parametrize(
    ("name", "publisher", "product", "licence_class"),
    [
        ("Adobe Acrobat Reader DC", "Adobe Systems Incorporated", "adobe/acrobat-reader", "free"),
        ("Adobe Acrobat XI Pro", "Adobe Systems", "adobe/acrobat", "commercial"),
        ("HEU KMS Activator", "", "activation-tools/heu-kms-activator", "unknown"),
        ("KMSpico v9.1.3", "", "activation-tools/kmspico", "unknown"),
        ("TreeSize Free V4.9", "JAM Software", "jam-software/treesize", "free"),
        ("TreeSize V8.0.2 (64 bit)", "JAM Software", "jam-software/treesize", "commercial"),
        ("GoLand 243.21565.34", "JetBrains s.r.o.", "jetbrains/goland", "trial"),
        ("GoLand 2023.3.2", "JetBrains s.r.o.", "jetbrains/goland", "commercial"),
    ],
)
def test_reader_from_editor_trial_from_full_activator_from_what_it_activates(
    name: str, publisher: str, product: str, licence_class: str
) -> None:
    found = Recogniser(shipped()).recognise(windows(name, publisher))
    assert (found.product, found.licence_class) == (product, licence_class)


def test_every_indicator_concerns_a_product_or_says_that_it_names_none() -> None:
    for indicator in shipped().indicators.values():
        assert bool(shipped().affected(indicator.affects)) is bool(indicator.affects), indicator.id


@pytest.mark.slow
def test_a_compiled_file_is_kept_read_and_put_right(tmp_path: Path) -> None:
    first = shipped_catalogue(tmp_path)
    (file,) = tmp_path.glob("*.zbc")
    assert file.name == f"catalogue-{first.digest}.zbc"

    again = shipped_catalogue(tmp_path)
    assert list(again.products) == list(first.products)
    assert again.products == {id: _without_examples(first, id) for id in first.products}

    file.write_bytes(b"damaged")
    assert shipped_catalogue(tmp_path).digest == first.digest
    assert file.stat().st_size > 1000


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert shipped_catalogue(tmp_path / "file").digest == shipped().digest


def _without_examples(catalogue: Catalogue, product_id: str) -> object:
    product = catalogue.products[product_id]
    return replace(product, rules=tuple(replace(rule, matches=(), rejects=()) for rule in product.rules))

"""The parts of a product file that say what else a licence allows, what shows it, and what could stand in its place."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from rules.compiled import catalogue_from_bytes, compiled_bytes
from rules.loading import load_catalogue
from rules.product_rights import Alternatives, FurtherRight, FurtherUse, LicenceSource, Proof
from rules.source_files import CatalogueFaults

SAMPLE = Path(__file__).parent / "catalogue"
OFFICE = (SAMPLE / "products" / "microsoft" / "office.yaml").read_text(encoding="utf-8")
ADDED = """\
evidence: [volume_record, invoice]
rights:
  - use: downgrade
    sources: [volume]
    editions: [professional-plus]
    lines: ['2019']
    to_editions: [professional-plus, standard]
    to_lines: ['2016', '2013']
    terms: https://example.org/terms
    terms_read_on: 2026-11-27
    note: any older release
alternatives:
  domestic: [kingsoft/wps-office]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def write_office(folder: Path, added: str) -> None:
    (folder / "products" / "microsoft" / "office.yaml").write_text(OFFICE + added, encoding="utf-8")


def test_rights_proofs_and_alternatives_are_read_and_survive_compiling(folder: Path) -> None:
    write_office(folder, ADDED)
    read = load_catalogue([folder])
    compiled = catalogue_from_bytes(compiled_bytes(read))

    for catalogue in (read, compiled):
        office = catalogue.products["microsoft/office"]
        assert office.evidence == (Proof.VOLUME_RECORD, Proof.INVOICE)
        assert office.alternatives == Alternatives(domestic=("kingsoft/wps-office",))
        assert office.rights == (
            FurtherRight(
                FurtherUse.DOWNGRADE,
                "https://example.org/terms",
                date(2026, 11, 27),
                (LicenceSource.VOLUME,),
                ("professional-plus",),
                ("2019",),
                ("professional-plus", "standard"),
                ("2016", "2013"),
                "any older release",
            ),
        )


def test_a_product_without_them_has_none() -> None:
    office = load_catalogue([SAMPLE]).products["microsoft/office"]
    assert (office.evidence, office.rights, office.alternatives) == ((), (), None)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("volume_record", "receipt", "evidence: expected words of PROOFS, got 'receipt'"),
        ("use: downgrade", "use: resale", "rights[0].use: expected one of FURTHER_USES, got 'resale'"),
        ("sources: [volume]", "sources: [gift]", "rights[0].sources: expected words of LICENCE_SOURCES, got 'gift'"),
        ("lines: ['2019']", "lines: ['2018']", "rights[0].lines: expected words of the product's lines (2013, 2016,"),
        ("standard]\n", "home]\n", "rights[0].to_editions: expected words of the product's editions"),
        ("    terms: https://example.org/terms\n", "", "rights[0].terms: expected a text, got nothing"),
        ("https://example.org/terms", "ask the vendor", "rights[0].terms: expected the address of a page"),
        ("    terms_read_on: 2026-11-27\n", "", "rights[0].terms_read_on: expected the day on which the page was read"),
        ("domestic:", "chinese:", "alternatives.chinese: no such field"),
        ("kingsoft/wps-office", "kingsoft/wps", "alternatives.domestic[0]: expected another product of the catalogue"),
        ("kingsoft/wps-office", "microsoft/office", "alternatives.domestic[0]: expected another product of the"),
    ],
)
def test_every_fault_names_its_field(folder: Path, old: str, new: str, fault: str) -> None:
    assert old in ADDED
    write_office(folder, ADDED.replace(old, new, 1))

    with pytest.raises(CatalogueFaults) as raised:
        load_catalogue([folder])
    found = [str(each) for each in raised.value.faults]
    assert any("/office.yaml: " in line and fault in line for line in found), found

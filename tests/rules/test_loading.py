"""Loading a catalogue: all faults at once, each with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rules.loading import load_catalogue
from rules.product import Category, Kind, LicenceClass
from rules.source_files import CatalogueFaults, source_files, sources_digest

SAMPLE = Path(__file__).parent / "catalogue"

WINRAR = (SAMPLE / "products" / "rarlab" / "winrar.yaml").read_text(encoding="utf-8")


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(CatalogueFaults) as raised:
        load_catalogue([folder])
    return [str(fault).removeprefix(f"{folder}/") for fault in raised.value.faults]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def write_winrar(folder: Path, text: str) -> None:
    (folder / "products" / "rarlab" / "winrar.yaml").write_text(text, encoding="utf-8")


def test_reads_the_sample_catalogue() -> None:
    catalogue = load_catalogue([SAMPLE])

    assert list(catalogue.products) == [
        "kingsoft/wps-office",
        "microsoft/office",
        "microsoft/windows",
        "rarlab/winrar",
        "tencent/qq",
    ]
    winrar = catalogue.products["rarlab/winrar"]
    assert (winrar.kind, winrar.category) == (Kind.APPLICATION, Category.ARCHIVER)
    assert winrar.licensing.licence_class is LicenceClass.COMMERCIAL
    assert (winrar.licensing.metric, winrar.licensing.trial_days) == ("per_device", 40)
    assert winrar.rules[0].matches[1].gives == {"version": "6.24.0", "class": "commercial"}
    assert catalogue.publisher_names.publisher_id("win.rar GmbH") == "rarlab"


def test_faults_read_as_the_house_writes_them(copy: Path) -> None:
    broken = WINRAR.replace("per_device", "per-device").replace("rejects: [", "rejects: [] # [")
    write_winrar(copy, broken)

    with pytest.raises(CatalogueFaults) as raised:
        load_catalogue([copy])
    lines = str(raised.value).replace(f"{copy}/", "").splitlines()
    assert lines[0].startswith(
        "products/rarlab/winrar.yaml: licensing.metric: expected one of METRICS, got 'per-device'"
    )
    assert lines[1:] == [
        "products/rarlab/winrar.yaml: recognise[0].rejects: name at least one text that must not match",
        "2 faults in 1 of 6 files; no catalogue was loaded",
    ]
    assert [fault.line for fault in raised.value.faults] == [8, 20]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: rarlab/winrar", "id: rarlab/winrar2", "id: expected 'rarlab/winrar', the path of the file"),
        ("id: rarlab/winrar", "id: RARLAB/WinRAR", "id: expected <publisher>/<product> in lower case"),
        ("publisher: rarlab", "publisher: nobody", "publisher: expected one of publishers.yaml, got 'nobody'"),
        ("kind: application", "kind: app", "kind: expected one of KINDS, got 'app'"),
        ("category: archiver", "", "category: expected a text, got nothing"),
        ("class: commercial", "class: paid", "licensing.class: expected one of LICENCE_CLASSES, got 'paid'"),
        ("  metric: per_device\n", "", "licensing.metric: a commercial product is counted"),
        ("unverified: true", "unverified: maybe", "licensing.unverified: expected true or false, got 'maybe'"),
        ("  unverified: true\n", "", "licensing.terms: expected terms and terms_read_on"),
        ("unverified: true", "terms: https://x.test/", "licensing.terms: expected terms and terms_read_on"),
        (
            "unverified: true",
            "{terms: https://x.test/, terms_read_on: 2026-02-30}"[1:-1].replace(", ", "\n  "),
            "licensing.terms_read_on: expected a day that exists as YYYY-MM-DD, got '2026-02-30'",
        ),
        ("trial_days: 40", "trial_days: forty", "licensing.trial_days: expected a whole number from 1 to 3650"),
        ("trial_days: 40", "trail_days: 40", "licensing.trail_days: no such field"),
        ("WinRAR (?P<version>", "WinRAR (?P<release>", "recognise[0].name: expected groups of edition, line, version"),
        ("WinRAR (?P<version>", "WinRAR (?!x)(?P<version>", "recognise[0].name: not an RE2 pattern"),
        ("collector: uninstall_keys", "collector: registry", "recognise[0].collector: expected words of COLLECTORS"),
        ("- WinRAR 5.91", "- WinRAR", "recognise[0].matches[0]: 'WinRAR' does not match"),
        ("[WinRAR Theme Pack,", "[WinRAR 6.24,", "recognise[0].rejects[0]: 'WinRAR 6.24' matches, and must not"),
        ("gives: {version: 6.24.0,", "gives: {version: 6.25.0,", "gives version '6.24.0', expected '6.25.0'"),
        ("gives: {version:", "gives: {colour:", "expected edition, line, version, class, kind, got 'colour'"),
        ("publisher: win.rar GmbH", "publisher: WinZip Ltd.", "its publisher ('WinZip Ltd.' is no spelling of rarlab)"),
    ],
)
def test_every_fault_names_its_field(copy: Path, old: str, new: str, fault: str) -> None:
    assert old in WINRAR
    write_winrar(copy, WINRAR.replace(old, new, 1))

    found = faults_of(copy)
    assert any(line.startswith("products/rarlab/winrar.yaml: ") and fault in line for line in found), found


def test_a_product_that_stands_twice_names_both_places(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "products" / "rarlab"
    other.mkdir(parents=True)
    (other / "winrar.yaml").write_text(WINRAR, encoding="utf-8")

    with pytest.raises(CatalogueFaults) as raised:
        load_catalogue([copy, tmp_path / "other"])
    first, second = copy / "products/rarlab/winrar.yaml", other / "winrar.yaml"
    assert str(raised.value.faults[0]) == f"{second}: id: 'rarlab/winrar' stands twice, first in {first}"


def test_two_publishers_cannot_share_a_spelling(copy: Path) -> None:
    with (copy / "publishers.yaml").open("a", encoding="utf-8") as file:
        file.write("- {id: other, zh: 其他, en: Other, spellings: [WIN.RAR gmbh]}\n")

    assert faults_of(copy) == [
        f"publishers.yaml: [4]: the spelling 'WIN.RAR gmbh' belongs to 'rarlab' already, in {copy}/publishers.yaml: [0]"
    ]


def test_a_file_that_is_no_yaml_and_another_fault_come_together(copy: Path) -> None:
    write_winrar(copy, "id: [")
    (copy / "products" / "tencent" / "qq.yaml").write_text("- a list\n", encoding="utf-8")

    found = faults_of(copy)
    assert found[0].startswith("products/rarlab/winrar.yaml: line 2: not YAML")
    assert any("expected a mapping of fields, got a list" in line for line in found)


def test_a_folder_that_is_none_is_a_clear_fault(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFaults, match="expected a folder with products/"):
        load_catalogue([tmp_path / "nowhere"])


def test_the_digest_follows_every_byte_and_nothing_else(copy: Path) -> None:
    before = sources_digest(source_files([SAMPLE]))
    assert sources_digest(source_files([copy])) == before
    write_winrar(copy, WINRAR + "# one remark\n")
    assert sources_digest(source_files([copy])) != before

"""What a start reads: the compiled form piece by piece, with the same answers, and no source that did not change."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_once import shipped

from rules.compiled import catalogue_from_bytes, compiled_bytes
from rules.loading import load_catalogue
from rules.packed import PackedFault, PackedTable, packed_table
from rules.product import Product
from rules.publishers import PublisherNames
from rules.source_files import SourceFile, shipped_folder
from rules.source_stamp import source_stamp
from rules.tabular import recognise_lines

SAMPLE = Path(__file__).parent / "catalogue"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
LISTS = ("titles.tsv", "chinese/titles-zh.tsv")
HOUR_AGO_NS = 3_600_000_000_000


def table(count: int) -> PackedTable[list[int]]:
    directory, pieces = packed_table({f"k{n:04}": [n] for n in range(count)})
    return PackedTable(directory, pieces, list)


@pytest.mark.parametrize("count", [0, 1, 95, 96, 97, 1000])
def test_a_packed_table_is_the_dictionary_that_was_packed(count: int) -> None:
    whole = {f"k{n:04}": [n] for n in range(count)}
    assert table(count) == whole
    assert list(table(count)) == list(whole)
    assert len(table(count)) == count
    found = table(count)
    for n in reversed(range(-1, count + 1)):
        assert found.get(f"k{n:04}") == whole.get(f"k{n:04}")
    assert "" not in table(count)
    assert "zzz" not in table(count)
    with pytest.raises(KeyError):
        table(count)["k9999"]


def test_an_entry_is_one_object_however_it_is_asked_for() -> None:
    found = table(300)
    first = found["k0200"]
    assert found["k0200"] is first
    assert found.get("k0200") is first
    assert next(value for value in found.values() if value == [200]) is first


def test_pieces_that_the_directory_does_not_fit_are_refused() -> None:
    directory, pieces = packed_table({"a": 1})
    with pytest.raises(PackedFault):
        PackedTable(directory, pieces + b"x", int)
    with pytest.raises(PackedFault):
        _ = PackedTable(directory, bytes(len(pieces)), int)["a"]


def test_spellings_come_back_as_they_were_worked_out() -> None:
    catalogue = load_catalogue([SAMPLE])
    back = catalogue_from_bytes(compiled_bytes(catalogue))
    assert back.publisher_names.ids == PublisherNames(catalogue.publishers.values()).ids


def lines() -> Iterator[tuple[str, ...]]:
    found = [CORPUS / name for name in LISTS if (CORPUS / name).is_file()]
    if not found:  # no corpus beside this checkout: the examples' own words
        yield ("name\tpublisher", "WinRAR 6.24 (64-bit)\twin.rar GmbH", "WPS Office\tKingsoft", "Unheard Of 3\tNobody")
    for file in found:
        yield tuple(file.read_text("utf-8").splitlines())


@pytest.mark.slow
def test_every_title_has_of_the_compiled_form_the_answer_that_the_sources_give() -> None:
    """Each title is asked alone as well: by a catalogue that nobody has asked anything."""
    sources, compiled = load_catalogue([Path(str(shipped_folder()))]), compiled_bytes(shipped())
    for heads, *rows in lines():
        by_sources = list(recognise_lines([heads, *rows], sources))
        assert list(recognise_lines([heads, *rows], catalogue_from_bytes(compiled))) == by_sources
        for row, answer in list(zip(rows, by_sources, strict=True))[::200]:
            assert list(recognise_lines([heads, row], catalogue_from_bytes(compiled))) == [answer]


def test_one_title_reads_few_products() -> None:
    read: list[str] = []
    catalogue = catalogue_from_bytes(compiled_bytes(shipped()))
    products = catalogue.products
    assert isinstance(products, PackedTable)
    make = products._read

    def reading(value: Any) -> Product:
        read.append(value[0])
        product: Product = make(value)
        return product

    products._read = reading
    (answer,) = recognise_lines(["name", "WinRAR"], catalogue)
    assert answer["product"]["id"] == "rarlab/winrar"
    assert 0 < len(read) < 10


def aged(folder: Path) -> Path:
    """A catalogue folder whose files were all written an hour ago."""
    product = folder / "products" / "house" / "tool.yaml"
    product.parent.mkdir(parents=True)
    product.write_text("zh: 一\n", "utf-8")
    return product


def test_a_digest_is_kept_for_sources_that_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    product = aged(tmp_path / "data")
    monkeypatch.setattr("rules.source_stamp.shipped_folder", lambda: tmp_path / "data")
    later = os.stat(product).st_ctime_ns + HOUR_AGO_NS
    monkeypatch.setattr("rules.source_stamp.time.time_ns", lambda: later)
    layer = [SourceFile("x", ("products", "house", "other.yaml"), b"zh: x\n", 1)]

    stamp = source_stamp(tmp_path / "cache", [])
    assert stamp is not None
    assert stamp.digest() is None
    stamp.keep("a" * 64)
    again, layered = source_stamp(tmp_path / "cache", []), source_stamp(tmp_path / "cache", layer)
    assert again is not None and again.digest() == "a" * 64
    assert layered is not None and layered.digest() is None

    told = os.stat(product)
    product.write_text("zh: 二\n", "utf-8")  # as many bytes, and the old time put back
    os.utime(product, ns=(told.st_atime_ns, told.st_mtime_ns))
    changed = source_stamp(tmp_path / "cache", [])
    assert changed is not None and changed.digest() is None


def test_a_file_that_changed_just_now_is_read_and_a_damaged_stamp_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = aged(tmp_path / "data")
    monkeypatch.setattr("rules.source_stamp.shipped_folder", lambda: tmp_path / "data")
    moment = os.stat(product).st_ctime_ns
    monkeypatch.setattr("rules.source_stamp.time.time_ns", lambda: moment + 1_000_000)
    young = source_stamp(tmp_path / "cache", [])
    assert young is not None
    young.keep("a" * 64)
    assert not (tmp_path / "cache").exists()

    monkeypatch.setattr("rules.source_stamp.time.time_ns", lambda: moment + HOUR_AGO_NS)
    old = source_stamp(tmp_path / "cache", [])
    assert old is not None
    old.keep("a" * 64)
    old.file.write_bytes(b"\xff damaged")
    assert old.digest() is None


def test_a_start_from_the_compiled_form_takes_no_reader_of_sources() -> None:
    told = (
        "import sys; from rules.compiled import catalogue_from_bytes; from rules.tabular import recognise_lines\n"
        "catalogue = catalogue_from_bytes(sys.stdin.buffer.read())\n"
        "assert list(recognise_lines(['name', 'WinRAR'], catalogue))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], input=compiled_bytes(shipped()), capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    assert "rules.recognition" in loaded
    assert not {"rules.loading", "rules.yaml_file", "rules.product_file", "rules.indicator", "rules.fact"} & loaded

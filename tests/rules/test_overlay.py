"""The organisation's layer: applied, replayed, taken back, never altered behind its back; and signed releases of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rules.difference import entry_changes, title_changes
from rules.loading import load_sources
from rules.overlay import OverlayFault, apply_layer, in_force, layer_sources, revisions, take_back
from rules.recognition import recognise
from rules.release import ReleaseFault, release_bytes, release_sources
from rules.source_files import CatalogueFaults, SourceFile, source_files
from rules.title import Title

BELOW = source_files([Path(__file__).parent / "catalogue"])
HOUSE = b"""id: rarlab/winrar
names: {zh: WinRAR, en: WinRAR}
publisher: rarlab
kind: application
category: archiver
licensing: {class: free, unverified: true}
recognise:
  - {id: house, platform: windows, name: 'WinRAR( \\d+\\.\\d+)?', matches: [WinRAR 6.24], rejects: [WinRAR Theme]}
"""
TITLE = Title("windows", "uninstall_keys", "WinRAR 6.24 (64-bit)")
OTHER = Title("windows", "uninstall_keys", "WinRAR 6.24")


def layer(data: bytes = HOUSE, path: str = "products/rarlab/winrar.yaml") -> list[SourceFile]:
    return [SourceFile(f"house/{path}", tuple(path.split("/")), data, layer=1)]


def test_a_file_of_a_higher_layer_takes_the_place_of_the_one_below() -> None:
    below, both = load_sources(BELOW), load_sources([*BELOW, *layer()])

    assert below.overridden == () and both.overridden == ("product rarlab/winrar",)
    assert recognise(OTHER, both).rule == "rarlab/winrar#house"
    assert below.digest != both.digest
    assert [(change.noun, change.id, change.what) for change in entry_changes(below, both)] == [
        ("product", "rarlab/winrar", "changed")
    ]
    told = [
        (c.title, c.before.product, c.after.product, c.after.licence_class)
        for c in title_changes([TITLE, OTHER], below, both)
    ]
    assert told == [(TITLE, "rarlab/winrar", None, "unknown"), (OTHER, "rarlab/winrar", "rarlab/winrar", "free")]


def test_within_a_layer_an_id_stands_once() -> None:
    with pytest.raises(CatalogueFaults, match="'rarlab/winrar' stands twice"):
        load_sources([*BELOW, *layer(), *layer()])


def test_applied_replayed_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "layer"
    assert in_force(folder) is None and layer_sources(folder) == ()

    first, changed = apply_layer(folder, layer())
    assert changed and first.number == 1
    assert apply_layer(folder, layer()) == (first, False)
    second, _ = apply_layer(folder, layer(HOUSE.replace(b"class: free", b"class: personal_free")))
    assert in_force(folder) == second

    assert take_back(folder) == first
    assert [source.data for source in layer_sources(folder)] == [HOUSE]
    assert apply_layer(folder, layer()) == (first, False)
    assert take_back(folder) is None and layer_sources(folder) == ()
    assert [revision.number for revision in revisions(folder)] == [1, 2]
    with pytest.raises(OverlayFault, match="there is nothing to take back"):
        take_back(folder)


def test_a_layer_that_was_altered_is_refused(tmp_path: Path) -> None:
    revision, _ = apply_layer(tmp_path, layer())
    file = tmp_path / f"0001-{revision.digest}.json"
    file.write_bytes(file.read_bytes().replace(b"WinRAR", b"WinBAR"))
    with pytest.raises(OverlayFault, match="was altered"):
        layer_sources(tmp_path)


def sign(message: bytes) -> bytes:
    return hashlib.sha256(b"key" + message).digest()


def verify(signature: bytes, message: bytes) -> bool:
    return signature == sign(message)


def test_a_release_holds_the_files_and_nothing_else_passes() -> None:
    data = release_bytes(layer(), sign, b"public", "2026-06")

    assert data == release_bytes(layer(), sign, b"public", "2026-06")
    name, sources = release_sources(data, verify, shown="june.zbr")
    assert (name, [source.data for source in sources]) == ("2026-06", [HOUSE])
    assert sources[0].layer == 1 and sources[0].inside == ("products", "rarlab", "winrar.yaml")
    for altered, why in (
        (data[:-1] + bytes([data[-1] ^ 1]), "digest does not agree"),
        (data.replace(b"2026-06", b"2026-07"), "not by the trusted key"),
        (b"{}\n" + data, "got something else"),
        (b"", "got something else"),
    ):
        with pytest.raises(ReleaseFault, match=why):
            release_sources(altered, verify, shown="june.zbr")


def test_a_release_cannot_reach_out_of_its_folder() -> None:
    data = release_bytes(layer(path="products/../../x.yaml"), sign, b"", "x")
    with pytest.raises(ReleaseFault, match="expected the path of a rule file"):
        release_sources(data, verify, shown="x")


def test_a_suite_that_holds_itself_is_named_with_the_way(tmp_path: Path) -> None:
    one = HOUSE.replace(b"recognise:", b"parts: [rarlab/other]\nrecognise:")
    other = HOUSE.replace(b"rarlab/winrar", b"rarlab/other").replace(
        b"recognise:", b"parts: [rarlab/winrar]\nrecognise:"
    )
    with pytest.raises(CatalogueFaults, match="the suite holds itself: rarlab/other → rarlab/winrar → rarlab/other"):
        load_sources([*BELOW, *layer(one), *layer(other, "products/rarlab/other.yaml")])

"""Licence fields of packages."""

from __future__ import annotations

import pytest
from corpus import corpus_folder

from rules.licence_words import licence_class_of
from rules.product import LicenceClass


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("GPL-2.0-or-later", LicenceClass.OPEN_SOURCE),
        ("GPLv2+ and LGPLv2+ and MIT", LicenceClass.OPEN_SOURCE),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", LicenceClass.OPEN_SOURCE),
        ("GPL-2.0 WITH Classpath-exception-2.0", LicenceClass.OPEN_SOURCE),
        ("ASL 2.0", LicenceClass.OPEN_SOURCE),
        ("MulanPSL-2.0", LicenceClass.OPEN_SOURCE),
        ("Freeware", LicenceClass.FREE),
        ("Shareware", LicenceClass.TRIAL),
        ("MIT and Proprietary", None),
        ("Proprietary", None),
        ("CC-BY-NC-ND-4.0", None),
        ("BSD-3-Clause-No-Military-License", None),
        ("custom", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_is_certain(words: str | None, told: LicenceClass | None) -> None:
    assert licence_class_of(words) is told


def test_no_restricted_licence_of_the_recorded_list_passes_for_an_open_one() -> None:
    folder = corpus_folder("licence-categories")
    if folder is None:
        pytest.skip("no corpus beside this checkout")
    lines = (folder / "scancode-licensedb.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    closed = {"Commercial", "Proprietary Free", "Source-available"}
    passed = [row[1] for row in rows if row[2] in closed and row[1] and licence_class_of(row[1])]
    assert passed == []


def test_stated_licences_of_a_recorded_collection() -> None:
    folder = corpus_folder("licence-categories")
    if folder is None:
        pytest.skip("no corpus beside this checkout")
    lines = (folder / "scoop-extras-licences.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [(cells[2], cells[3]) for line in lines if len(cells := line.split("\t")) > 3]
    open_ones = [words for words, category in rows if category == "open-source"]
    told = sum(licence_class_of(words) is LicenceClass.OPEN_SOURCE for words in open_ones)
    assert told / len(open_ones) >= 0.98
    others = [words for words, category in rows if category != "open-source"]
    assert [words for words in others if licence_class_of(words) is LicenceClass.OPEN_SOURCE] == []

"""Ways round a pattern: the cleaned name, the version that tells an edition, the channel that parts lines of a list."""

from __future__ import annotations

import pytest

from rules.compiled import shipped_catalogue
from rules.recognition import Recogniser
from rules.title import Title

RECOGNISER = Recogniser(shipped_catalogue(None))


def windows(name: str) -> Title:
    return Title("windows", "uninstall_keys", name)


def test_a_name_with_an_ending_that_no_pattern_foresaw_is_asked_without_it() -> None:
    found = RECOGNISER.recognise(windows("Audacity 3.6.4 (x64) (de-DE)"))
    assert (found.product, found.version) == ("audacity/audacity", "3.6.4")


def test_a_rule_that_foresees_no_version_in_the_name_is_not_asked_without_it() -> None:
    assert RECOGNISER.recognise(windows("钉钉 2.1.19")).product is None


@pytest.mark.parametrize(
    ("version", "edition"), [("140.0.4", None), ("140.3.1", "esr"), ("128.12.0", "esr"), ("141.0", None)]
)
def test_an_extended_support_release_is_told_by_its_version(version: str, edition: str | None) -> None:
    found = RECOGNISER.recognise(Title("macos", "applications", "Firefox.app", None, version))
    assert (found.product, found.edition) == ("mozilla/firefox", edition)


def test_a_version_that_is_no_release_is_another_line_of_a_list() -> None:
    release, alpha = (RECOGNISER.recognise(windows(name)) for name in ("7-Zip 20.02 (x64)", "7-Zip 20.02 alpha (x64)"))
    assert release.product == alpha.product
    assert (release.group, alpha.group) == ("igor-pavlov/7-zip", "igor-pavlov/7-zip:alpha")

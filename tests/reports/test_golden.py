"""Every form and report in every format and language, beside its golden file: `python tests/support/golden.py`."""

from __future__ import annotations

import pytest
from golden import FOLDER, names, path_of, told


@pytest.mark.parametrize(
    ("key", "known", "language"),
    [pytest.param(*name, marks=[pytest.mark.slow] if name[1] == "pdf" else []) for name in names()],
)
def test_it_is_as_its_golden_file_tells(key: str, known: str, language: str) -> None:
    expected = path_of(key, known, language).read_bytes().decode("utf-8")
    assert told(key, known, language) == expected


def test_there_is_no_golden_file_of_a_form_that_is_gone() -> None:
    assert {path for path in FOLDER.rglob("*.*")} == {path_of(*name) for name in names()}

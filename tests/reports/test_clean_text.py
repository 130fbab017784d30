"""No text of a machine breaks a file, hides, or turns a line around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.clean_text import clean, cut, file_stem, sheet_names, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("exe.\u202egpj", "exe.\ufffdgpj"),
        ("\ud83d alone", "\ufffd alone"),
        ("𠮷野家 😀", "𠮷野家 😀"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ufffe\uffff\ufeff", "\ufffd\ufffd\ufffd"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_always_be_written(text: str) -> None:
    clean(text).encode("utf-8")
    assert clean(clean(text)) == clean(text)


def test_a_text_is_cut_between_characters() -> None:
    assert cut("字" * 10, 10, "…") == "字" * 10
    assert cut("字" * 11, 10, "…") == "字" * 9 + "…"
    assert cut("😀" * 6, 10, "…") == "😀" * 4 + "…"  # two units each; half a pair is never kept


def test_width_counts_wide_characters_twice() -> None:
    assert width("WPS 文字") == 8


def test_names_of_sheets_fit_and_differ() -> None:
    wished = ("A/B", "a_b", "", "History", "'q'", "编" * 40, "编" * 40, "😀" * 20, "x" * 31, "X" * 31, "a\x00[b]")

    names = sheet_names(wished)

    assert names[:5] == ("A_B", "a_b~2", "_", "History~2", "q")
    assert names[5] == "编" * 31
    assert names[6] == "编" * 29 + "~2"
    assert names[7] == "😀" * 15
    assert names[9] == "X" * 29 + "~2"
    assert len({name.casefold() for name in names}) == len(wished)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)


def test_a_file_name_has_no_path_in_it() -> None:
    assert file_stem("../../etc/某 单位:*?") == "etc_某_单位"
    assert file_stem("\u202e") == ""

"""Names read with the wrong code page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.mojibake import repaired


@pytest.mark.parametrize(
    ("meant", "written", "read"),
    [
        ("微信", "utf-8", "cp1252"),
        ("金山毒霸", "utf-8", "latin-1"),
        ("企业微信", "utf-8", "gb18030"),
        ("腾讯会议 3.0", "utf-8", "gb18030"),
        ("微信输入法", "gbk", "latin-1"),
        ("搜狗拼音输入法 9.1", "gbk", "cp1252"),
        ("Расчет зарплаты Плюс", "cp1251", "cp1252"),
    ],
)
def test_what_can_only_have_been_meant_is_put_right(meant: str, written: str, read: str) -> None:
    assert repaired(meant.encode(written).decode(read)) == meant


@pytest.mark.parametrize(
    "text",
    ["Größe Übersicht", "Français", "Éditeur à côté", "ÅÄÖ", "搜狗输入法", "ООО «ЯНДЕКС»", "日本語", "Ação", "7-Zip"],
)
def test_what_is_right_stays(text: str) -> None:
    assert repaired(text) == text


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12))
def test_chinese_names_stay(text: str) -> None:
    """Chance characters whose GB18030 bytes are UTF-8 as a whole do not occur in names of two characters and more."""
    assert repaired(text) == text or len(text) < 4

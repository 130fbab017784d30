"""Names cleaned, and their keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.clean_name import clean_name
from rules.names import name_key, normal_name


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Adobe® Reader® XI", "Adobe Reader XI"),
        ("Intel(R) Chipset™ Device  Software", "Intel Chipset Device Software"),
        ("ＷＰＳ　Ｏｆｆｉｃｅ（１２．１）", "WPS Office(12.1)"),
        ("微软\u200b拼音\ufeff", "微软拼音"),
        ("  two   blanks\tand a tab ", "two blanks and a tab"),
        ("(C) Company", "Company"),
    ],
)
def test_the_normal_form(text: str, normal: str) -> None:
    assert normal_name(text) == normal


@pytest.mark.parametrize(
    ("text", "version", "name", "found"),
    [
        ("7-Zip 19.00 (x64 edition)", None, "7-Zip", "19.00"),
        ("7-Zip 20.02 alpha (x64)", None, "7-Zip", "20.02"),
        ("Everything 1.4.1.988 Lite (x64)", None, "Everything Lite", "1.4.1.988"),
        ("Mozilla Firefox 68.8.0 ESR (x64 en-US)", None, "Mozilla Firefox ESR", "68.8.0"),
        ("NoSQLBooster for MongoDB 4.7.5 (only current user)", None, "NoSQLBooster for MongoDB", "4.7.5"),
        ("MarcEdit 7.8 (User) User Installation (Self Contained)", None, "MarcEdit", "7.8"),
        ("Telegram Desktop version 2.3.1", None, "Telegram Desktop", "2.3.1"),
        ("Transmission 3.00 (bb6b5a062e) (x64)", None, "Transmission", "3.00"),
        ("Wondershare DemoCreator(Build 6.2.0)", None, "Wondershare DemoCreator", "6.2.0"),
        ("CAD快速看图v6.5.1.103", None, "CAD快速看图", "6.5.1.103"),
        ("华宇拼音输入法 版本 7.3.0.296", None, "华宇拼音输入法", "7.3.0.296"),
        ("爱思助手7.0", None, "爱思助手", "7.0"),
        ("WinRAR 6.01 (32-位)", None, "WinRAR", "6.01"),
        ("搜狗输入法 13.1正式版", None, "搜狗输入法", "13.1"),
        ("Visual Studio Code (User)", None, "Visual Studio Code", None),
        ("KMPlayer 64X", None, "KMPlayer", None),
        ("Zoom 5", "5.11.1", "Zoom", "5"),
        ("AutoCAD 2021", "24.0.47.0", "AutoCAD 2021", None),
        ("哔哩哔哩.app", None, "哔哩哔哩", None),
        ("Google Chrome Beta", None, "Google Chrome Beta", None),
        ("360", "360.1", "360", None),
        ("1.2.3", None, "1.2.3", None),
    ],
)
def test_clean_names(text: str, version: str | None, name: str, found: str | None) -> None:
    assert (clean_name(text, version).name, clean_name(text, version).version) == (name, found)


WORDS = st.sampled_from(
    ["Tool", "工具", "1.2.3", "v2", "(x64)", "(User)", "64-bit", "beta", "2021", "-", "版本", "Lite", "\u3000"]
)


@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join))
def test_a_clean_name_is_as_clean_as_it_gets(text: str) -> None:
    once = clean_name(text).name
    assert clean_name(once).name == once


@given(st.text(max_size=700))
def test_whatever_the_text_cleaning_ends_and_only_takes_away(text: str) -> None:
    assert len(clean_name(text).name) <= len(normal_name(text)) <= 500


@pytest.mark.parametrize(("one", "other"), [("7-Zip", "7 ZIP"), ("Node.js", "node js"), ("ＱＱ影音", "QQ 影音")])
def test_spellings_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("C", "C++"), ("C", "C#"), ("Notepad", "Notepad++")])
def test_signs_that_make_another_name_stay(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)

"""Sentences for people: in both languages, with the same facts, in the language that the system speaks."""

from __future__ import annotations

import string

import pytest

from agent.texts import TEXTS, language_in, language_of, say


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_both_languages_say_the_same_facts(code: str) -> None:
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    chinese, english = TEXTS[code]
    assert facts(chinese) == facts(english)
    assert english.isascii() if hasattr(english, "isascii") else True
    if code != "doctor.fault" and facts(chinese) != {"name", "reason"}:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        (["scan", "--language", "zh_CN"], {"LANG": "C"}, "zh_CN"),
        (["scan", "--language=en"], {"LANG": "zh_CN"}, "en"),
        (["doctor", "--language"], {"LANG": "C"}, "en"),
        ([], {"ZHENGBAN_AGENT_LANGUAGE": "zh_CN", "LANG": "C"}, "zh_CN"),
        (["--language", "xx"], {"LANG": "zh_TW"}, "zh_CN"),
    ],
)
def test_speaks_the_readers_language(arguments: list[str], environment: dict[str, str], language: str) -> None:
    assert language_in(arguments, environment) == language


def test_a_wish_beats_the_system() -> None:
    assert language_of("en", {"LANG": "zh_CN"}) == "en"
    assert say("zh_CN", "send.nothing") == "没有待发清单。"

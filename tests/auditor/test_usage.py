"""The argument parser's sentences: known ones in both languages, others untouched."""

from __future__ import annotations

import pytest

from auditor.usage import usage_told


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        ("Missing option '--unit'.", "缺少选项 --unit"),
        ("No such option: --aply Did you mean --apply?", "没有选项 --aply"),
        ("Option '--range' requires 2 arguments.", "选项 --range 应带 2 个值"),
        ("Invalid value for '--days': Input should be less than or equal to 9", "--days 的值无效，应不大于 9"),
        ("Invalid value for '--days': something of its own", "--days 的值无效"),
        ("Invalid value: Input should be greater than 0", "值无效，应大于 0"),
    ],
)
def test_a_known_sentence_is_told_in_both_languages(said: str, zh: str) -> None:
    assert usage_told(said) == f"{zh} / {said}"


@pytest.mark.parametrize("said", ["", "Something that no list has", "Missing argument"])
def test_what_is_not_known_stays_as_it_is(said: str) -> None:
    assert usage_told(said) == said

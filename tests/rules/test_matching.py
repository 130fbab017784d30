"""The matcher's door: anchored, without case, linear in time, and exact about how specific a pattern is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.matching import (
    Pattern,
    PatternIndex,
    PatternSet,
    beginning_lengths,
    literal_length,
    numbers_by_beginning,
    pattern_fault,
)
from rules.pattern_shape import beginnings_of, shape_of


def test_a_pattern_sees_the_whole_text_without_case_and_gives_its_groups() -> None:
    pattern = Pattern(r"WinRAR (?P<version>\d+(\.\d+)*)( \((32|64)-bit\))?")

    assert pattern.groups_of("winrar 6.24 (64-bit)") == {"version": "6.24"}
    assert pattern.groups_of("WinRAR 6.24 Theme") is None
    assert pattern.groups_of("my WinRAR 6.24") is None


@pytest.mark.parametrize("text", ["^a|ab$", "a|ab", "^a|ab", r"a|ab"])
def test_written_anchors_change_nothing(text: str) -> None:
    assert Pattern(text).groups_of("ab") == {}
    assert Pattern(text).groups_of("abc") is None


def test_an_escaped_dollar_is_no_anchor() -> None:
    assert Pattern(r"US\$").groups_of("us$") == {}
    assert Pattern(r"back\\$").groups_of("back\\") == {}


def test_a_set_gives_all_that_match_and_only_those() -> None:
    patterns = PatternSet(["a.*", "b", "ab", ".*b", "微信|企业微信"])

    assert patterns.matching("AB") == [0, 2, 3]
    assert patterns.matching("企业微信") == [4]
    assert patterns.matching("c") == []
    assert PatternSet([]).matching("x") == []


def test_a_set_answers_like_its_patterns_one_by_one() -> None:
    texts = [f"Product {n} v{n % 7}.{n} (x64)" for n in range(60)]
    patterns = [rf"Product {n}\d? v\d+\.\d+.*" for n in range(30)] + [rf".*{n}\.\d+.*x64\)" for n in range(7)]
    asked = PatternSet(patterns)
    for text in texts:
        assert asked.matching(text) == [n for n, p in enumerate(patterns) if Pattern(p).groups_of(text) is not None]


def test_no_pattern_can_hang() -> None:
    begun = time.process_time()
    assert Pattern(r"(a*)*(a|aa)+(a*)*b").groups_of("a" * 500) is None
    assert PatternSet([r"(a|a)*(a|a)*(a|a)*b"] * 20).matching("a" * 500) == []
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(?!x)y", "not an RE2 pattern"),
        (r"(a)\1", "not an RE2 pattern"),
        ("(a", "not an RE2 pattern"),
        ("(?P<name>a)", "expected groups of"),
        ("a" * 1001, "at most 1000"),
        ("a{1001}", "not an RE2 pattern"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, fault: str) -> None:
    assert fault in (pattern_fault(pattern) or "")


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("abc", 3),
        ("abc?", 2),
        ("a(bc)?d", 2),
        ("a(bc|d)e", 3),
        ("(abc|)", 0),
        (r"WinRAR \d+(\.\d+)*", 7),
        (r"a[^\]x]+b", 2),
        ("a{3}b{0,2}", 3),
        (r"(?P<line>20\d\d)x", 3),
        ("(?i:ab)c", 3),
        (r"\p{Han}+微信", 2),
        (r"a\.b\$", 4),
        ("^ab$", 2),
    ],
)
def test_how_many_literals_every_match_holds(pattern: str, length: int) -> None:
    assert literal_length(pattern) == length


@pytest.mark.parametrize(
    ("pattern", "beginnings"),
    [
        ("WinRAR .*", {"winrar "}),
        ("QQ", {"qq"}),
        ("(腾讯|Tencent )?QQ", {"腾讯qq", "tencent ", "qq"}),
        ("a?b.*", {"ab", "b"}),
        ("a+b", {"a"}),
        ("(ab)*c", {"ab", "c"}),
        (r"\d+ days", {""}),
        ("[ab]c", {""}),
        (".*Proof", {""}),
        (r"C\+\+ .*", {"c++ "}),
        ("(?i:abc)d", {"abcd"}),
        ("Ärger", {""}),
        ("x{0,2}abc", {"x", "abc"}),
        ("abc|", {""}),
    ],
)
def test_how_a_match_can_begin(pattern: str, beginnings: set[str]) -> None:
    assert shape_of(pattern).beginnings() == beginnings


@pytest.mark.parametrize(
    ("pattern", "beginnings"),
    [
        ("Microsoft Office (a|b) 20\\d\\d", {"microsof"}),
        ("微信|企业微信", {"微信", "企业微信"}),
        ("ab?c", {"a"}),
        ("ab{2}", {"a"}),
        ("ab+", {"ab"}),
        (r"ab[|]c", {"ab"}),
        (r"ab\|c", {"ab"}),
        ("ab(c|(d|e))f|g", {"abcf", "abdf", "abef", "g"}),
    ],
)
def test_the_short_way_to_a_beginning(pattern: str, beginnings: set[str]) -> None:
    assert beginnings_of(pattern) == beginnings


PIECES = st.sampled_from(
    ["a", "b", "Q", "微", r"\d", "[ab]", ".", "(a|bc)", "(b|)", "(?:ab)?", "a*", "(ab|c)+", "b{2}", "c?"]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=5).map("".join)


@given(st.lists(PATTERNS, min_size=1, max_size=6), st.text(alphabet="abcABCq1微", max_size=6))
def test_an_index_answers_as_a_set_of_all_would(patterns: list[str], text: str) -> None:
    numbers = numbers_by_beginning(dict(enumerate(patterns)), {})
    index = PatternIndex(patterns.__getitem__, numbers, beginning_lengths(numbers))
    assert index.matching(text) == PatternSet(patterns).matching(text)

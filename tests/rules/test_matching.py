"""The matcher's door: anchored, without case, linear in time, and exact about how specific a pattern is."""

from __future__ import annotations

import time

import pytest

from rules.matching import Pattern, PatternSet, literal_length, pattern_fault


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

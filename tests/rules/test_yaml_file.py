"""Reading YAML that somebody else wrote."""

from __future__ import annotations

from datetime import date

import pytest

from rules.yaml_file import YamlFaults, YamlLimits, parse_yaml, plain_value


def test_values_keep_their_type_their_line_and_their_words() -> None:
    document = parse_yaml(b"a: 1\nb: [x, 6.10, NO]\nc: 2026-01-15\n")

    assert plain_value(document) == {"a": 1, "b": ["x", 6.1, False], "c": date(2026, 1, 15)}
    assert isinstance(document.value, dict)
    second = document.value["b"]
    assert isinstance(second.value, tuple)
    assert [(item.words, item.line) for item in second.value] == [("x", 2), ("6.10", 2), ("NO", 2)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "'a' stands twice, first on line 1"),
        (b"a: {b: 1, b: 2}\n", 1, "'b' stands twice"),
        (b"a: [1,\n", 2, "not YAML"),
        (b"a: !!python/object/apply:os.system [id]\n", 1, "is not read"),
        (b"a: !secret x\n", 1, "is not read"),
        (b"a: *nobody\n", 1, "*nobody has no anchor"),
        (b"a: &a [*a]\n", 1, "*a has no anchor"),
        (b"---\na: 1\n---\nb: 2\n", 3, "expected one document"),
        (b"a: \xff\n", 1, "expected UTF-8"),
        (b"a: 1\n? [b]\n: 2\n", 2, "expected a text as key"),
        (b"[" * 100, 1, "nested deeper than 32"),
        (b"[" * 5000, 1, "nest"),  # the library may stop before us
        (b"x" * (1 << 20) + b"y", 1, "at most 1048576 are read"),
        (b"a: \x07\n", 1, "not YAML"),
    ],
)
def test_a_fault_names_its_line(text: bytes, line: int, words: str) -> None:
    with pytest.raises(YamlFaults) as raised:
        parse_yaml(text)
    assert raised.value.faults[0][0] == line
    assert words in raised.value.faults[0][1]


def test_all_faults_of_a_file_come_at_once() -> None:
    with pytest.raises(YamlFaults) as raised:
        parse_yaml(b"a: 1\na: 2\nb: !x 1\nb: 2\n")
    assert [line for line, _ in raised.value.faults] == [2, 3, 4]


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 6)}]" for n in range(1, 9)]

    with pytest.raises(YamlFaults, match="more than 200000 values"):
        parse_yaml("\n".join(lines).encode())


def test_the_number_of_aliases_is_bounded() -> None:
    with pytest.raises(YamlFaults, match="more than 2 aliases"):
        parse_yaml(b"a: &a x\nb: [*a, *a, *a]\n", YamlLimits(aliases=2))


def test_nothing_is_nothing() -> None:
    assert plain_value(parse_yaml(b"")) is None
    assert plain_value(parse_yaml(b"# only a remark\n")) is None

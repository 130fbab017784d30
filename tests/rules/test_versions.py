"""Order and ranges of versions."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from corpus import corpus_folder
from hypothesis import given
from hypothesis import strategies as st

from rules.loading import load_catalogue
from rules.version_scheme import Scheme
from rules.versions import SCHEMES, compare_lines, dotted_version, parse_range

SAMPLE = Path(__file__).parent / "catalogue"
ORDERED = {
    "dotted": ["1.0 alpha", "1.0 beta 2", "1.0 rc1", "1.0", "1.0.1", "1.2", "1.10", "V2.0", "10.0.19045", "10.0.22000"],
    "dpkg": ["1.0~rc1-1", "1.0-1", "1.0-1+b2", "1.0-1.1", "1.0-2", "1.0+dfsg-1", "1.2-1", "1.10-1", "1:0.9-1"],
    "rpm": ["1.0~rc1-1", "1.0-1", "1.0-1.el8", "1.0-2", "1.0^git1-1", "1.0.a-1", "1.0.1-1", "1.10-1", "1:0.1-1"],
    "semver": ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10"],
    "nuget": ["1.0.0-ALPHA", "1.0.0-alpha.2", "1.0.0-beta.10", "1.0.0", "1.0.0.1", "1.2", "1.10"],
    "rubygems": ["0.9", "1.0.a1", "1.0.a10", "1.0.b", "1.0", "1.0.1", "1.2", "1.10"],
    "maven": ["1-alpha-1", "1-beta", "1-m3", "1-rc1", "1-SNAPSHOT", "1", "1-sp", "1-foo", "1-2", "1.1", "1.10"],
    "alpine": ["1.0_alpha2", "1.0_rc1", "1.0", "1.0-r1", "1.0_p1", "1.0a", "1.01", "1.1", "1.10", "2"],
    "hackage": ["0", "0.1.26", "1.0", "1.0.0", "1.0.1", "1.10"],
    "pep440": ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1", "1!0.1"],
}
PIECES = st.text(alphabet="0123456789.-~^+:abrcvA_ 版", max_size=14)


@pytest.mark.parametrize("name", sorted(ORDERED))
def test_each_scheme_orders_its_own_ladder(name: str) -> None:
    scheme = SCHEMES[name]
    for (low, one), (high, other) in itertools.product(enumerate(ORDERED[name]), repeat=2):
        assert scheme.compare(one, other) == (low > high) - (low < high), (one, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("dotted", "1.0", "1"),
        ("dotted", "v6.24.0", "6.24"),
        ("dotted", "06.1", "6.01"),
        ("dpkg", "0:1.0-1", "1.0-1"),
        ("dpkg", "1.0", "1.0-0"),
        ("rpm", "1.0", "1_0"),
        ("semver", "1.0.0+build5", "1.0.0"),
        ("pep440", "1.0", "1.0.0"),
    ],
)
def test_what_a_scheme_holds_for_the_same(name: str, one: str, other: str) -> None:
    assert SCHEMES[name].compare(one, other) == 0


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())
@given(one=PIECES, two=PIECES, three=PIECES)
def test_every_order_is_total(scheme: Scheme, one: str, two: str, three: str) -> None:
    assert scheme.compare(one, one) == 0
    assert scheme.compare(one, two) == -scheme.compare(two, one)
    low, middle, high = sorted((one, two, three), key=scheme.key)
    assert scheme.compare(low, middle) <= 0 and scheme.compare(middle, high) <= 0 and scheme.compare(low, high) <= 0


def recorded(file: str) -> list[tuple[str, str, str]]:
    folder = corpus_folder("version-ordering")
    if folder is None:
        return []
    lines = (folder / "raw" / file).read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3 and row[1] in "<=>"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("debian-versions.txt", "dpkg"),
        ("semver-versions.txt", "semver"),
        ("nuget-versions.txt", "nuget"),
        ("rubygems-versions.txt", "rubygems"),
        ("maven-versions.txt", "maven"),
        ("hackage-versions.txt", "hackage"),
        ("alpine-versions.txt", "alpine"),
    ],
)
def test_agrees_with_recorded_orders(file: str, name: str) -> None:
    signs = {-1: "<", 0: "=", 1: ">"}
    wrong = [row for row in recorded(file) if signs[SCHEMES[name].compare(row[0], row[2])] != row[1]]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "version", "holds"),
    [
        (">=12,<13", "12.4.1", True),
        (">=12,<13", "13", False),
        (">=12,<13", "11.9.9", False),
        (">=10.0.22000", "10.0.22631.2861", True),
        (">=10.0.22000", "10.0.19045.3803", False),
        ("==16", "16.0.0", True),
        ("!=16", "16.0.0", False),
    ],
)
def test_ranges(text: str, version: str, holds: bool) -> None:
    assert parse_range(text).holds(version) is holds


@pytest.mark.parametrize("text", ["", "12", ">=", ">=12,", "~>12", ">=x"])
def test_a_range_that_is_none_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected conditions like"):
        parse_range(text)


@pytest.mark.parametrize(
    ("text", "source", "dotted"),
    [
        ("10.0.22631.2861", "", "10.0.22631.2861"),
        ("V3.1.249", "", "3.1.249"),
        ("7,1,0,2", "", "7.1.0.2"),
        ("1:4.13+dfsg1-1+b1", "dpkg", "4.13"),
        ("11.1.0.11719.XA", "dpkg", "11.1.0.11719"),
        ("2:8.2.2121-1.el8", "rpm", "8.2.2121"),
        ("7.1.0-Release.10199111", "", "7.1.0"),
        ("unknown", "", None),
        (None, "", None),
    ],
)
def test_the_dotted_form(text: str | None, source: str, dotted: str | None) -> None:
    assert dotted_version(text, source) == dotted


def test_lines_order_as_the_product_file_says() -> None:
    office = load_catalogue([SAMPLE]).products["microsoft/office"]

    assert compare_lines(office, "2013", "2019") == -1
    assert compare_lines(office, "2019", "2016") == 1
    assert compare_lines(office, "2016", "2016") == 0
    assert compare_lines(office, "2016", "2024") is None

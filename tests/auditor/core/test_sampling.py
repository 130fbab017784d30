"""Samples: the same for everybody who has seed and list, by any SHA-256 program."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.core.sampling import Candidate, SamplingRule, draw, rank, size_of

MACHINES = [Candidate("A", f"PC-{n:03d}", is_server=n < 3) for n in range(40)] + [Candidate("B", "B-1")]
RULE = SamplingRule(Fraction(5), 6, True)


def test_the_rank_is_what_a_shell_says() -> None:
    told = subprocess.run(["sh", "-c", "printf '%s\\n%s' \"$0\" \"$1\" | sha256sum", "种子", "PC-001"],
                          capture_output=True, text=True, check=True).stdout.split()[0]  # fmt: skip
    assert rank("种子", "PC-001") == told


def test_every_server_and_the_minimum_of_each_unit() -> None:
    drawn = draw(MACHINES, RULE, "s")

    assert {c.name for c in drawn if c.is_server} == {"PC-000", "PC-001", "PC-002"}
    assert len([c for c in drawn if c.stratum == "A" and not c.is_server]) == 6
    assert [c.name for c in drawn if c.stratum == "B"] == ["B-1"]


@pytest.mark.parametrize(
    ("percent", "minimum", "population", "size"),
    [("5", 0, 100, 5), ("5", 0, 101, 6), ("0", 0, 10, 0), ("0", 6, 4, 4), ("100", 0, 7, 7), ("0.1", 0, 10, 1)],
)
def test_how_many(percent: str, minimum: int, population: int, size: int) -> None:
    assert size_of(SamplingRule(Fraction(percent), minimum), population) == size


@given(st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=40), st.text(max_size=10), st.integers(0, 100))
def test_order_and_repetition_do_not_matter_and_more_per_cent_never_drops_one(
    names: set[str], seed: str, percent: int
) -> None:
    names = {name for name in names if name.isprintable()}
    machines = [Candidate("A", name) for name in sorted(names)]
    rule = SamplingRule(Fraction(percent))
    drawn = draw(machines, rule, seed)
    assert drawn == draw([*reversed(machines), *machines], rule, seed)
    assert set(drawn) <= set(draw(machines, SamplingRule(Fraction(100)), seed))
    assert set(drawn) <= set(draw(machines, SamplingRule(Fraction(min(100, percent + 10))), seed))

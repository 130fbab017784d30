"""Numbers in the words of a machine."""

from __future__ import annotations

import pytest

from agent.formats.whole_number import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), (" 42\n", 42), ("007", 7), ("9" * 15, 999999999999999)],
)
def test_reads_digits(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text", [None, "", " ", "-1", "+1", "1.0", "1e3", "²", "٣", "１", "9" * 16, "9" * 5000, "1_0", "0x1"]
)
def test_refuses_everything_else(text: str | None) -> None:
    assert whole_number(text) is None


def test_digits_may_be_bounded_further() -> None:
    assert whole_number("256", 3) == 256
    assert whole_number("1000", 3) is None

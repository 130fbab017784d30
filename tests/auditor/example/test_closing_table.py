"""The table that closes the first run."""

from __future__ import annotations

import pytest

from auditor.example.closing_table import ROWS, closing_table

ANSWER = {"unit": "甲公司", "coverage": "3/4", "office": "0/0", "three_classes": "2/3", "shortage": 7}


def cells(table: str, heading: str) -> str:
    return next(line for line in table.splitlines() if line.startswith(heading)).removeprefix(heading).strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("unit", "甲公司"),
        ("coverage", "3/4 (75.0 %)"),
        ("office", "0/0"),
        ("three_classes", "2/3 (66.7 %)"),
        ("shortage", "7"),
        ("findings", "—"),
    ],
)
def test_a_figure_keeps_numerator_and_denominator(name: str, shown: str) -> None:
    assert cells(closing_table([ANSWER]), dict(ROWS)[name]) == shown


def test_columns_stand_below_each_other_though_chinese_takes_two() -> None:
    lines = closing_table([ANSWER, {**ANSWER, "unit": "AB", "shortage": 9}]).splitlines()
    seven = next(line for line in lines if line.endswith("9"))
    head = lines[0]
    before = head[: head.rindex("AB")]
    assert sum(2 if ord(sign) > 0x2E80 else 1 for sign in before) == sum(
        2 if ord(sign) > 0x2E80 else 1 for sign in seven[: seven.rindex("9")]
    )

"""Bars: the parts of a whole fill it, and nothing is drawn that is not there."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from report_builders import COVERAGE

from reports.charts import WIDE, bar, coverage_bar, line_chart, rate_bar
from reports.forms.sheet import Bar
from reports.model import Rate


def drawn(svg: str) -> list[tuple[str, int, int]]:
    """Class, start and width of every part."""
    return [(name, int(x), int(w)) for name, x, w in re.findall(r'class="part (\w+)" x="(\d+)" width="(\d+)"', svg)]


def test_the_bar_of_a_rate() -> None:
    svg = rate_bar(Rate("office", 7, 10, suspected=1, to_verify=1, short=1), "办公软件：70.00%")

    assert drawn(svg) == [("genuine", 0, 700), ("short", 700, 100), ("to_verify", 800, 100), ("suspected", 900, 100)]
    assert 'aria-label="办公软件：70.00%"' in svg


def test_what_was_not_scanned_stays_empty() -> None:
    assert drawn(coverage_bar(COVERAGE, "")) == [("genuine", 0, 750), ("to_verify", 750, 83)]


def test_nothing_to_share_draws_nothing() -> None:
    assert drawn(rate_bar(Rate("office", 0, 0), "—")) == []


def test_the_label_is_escaped() -> None:
    assert "<b>" not in bar((), 0, '"<b>\u202e')


@given(st.lists(st.integers(min_value=0, max_value=10_000_000), min_size=1, max_size=6).filter(sum))
def test_parts_touch_and_fill_the_whole(counts: list[int]) -> None:
    parts = drawn(bar(tuple(("genuine", count) for count in counts), sum(counts), ""))

    ends = [0] + [start + wide for _, start, wide in parts]
    assert [start for _, start, _ in parts] == ends[:-1]
    assert ends[-1] == WIDE


def test_a_line_has_a_point_for_each_share_and_none_where_nothing_was_counted() -> None:
    points = (Bar("2026-01-31　50%", 1, 2), Bar("2026-02-28　—", 0, 0), Bar("2026-03-31　<100%>", 2, 2))
    drawn = line_chart(points, "趋势")
    assert drawn.count('class="point"') == 2
    assert 'points="60,102 980,14"' in drawn
    assert "&lt;100%&gt;" in drawn and "2026-02-28" in drawn

"""The picture of the capacity page is drawn from its table: measured points filled, what is worked out hollow."""

from __future__ import annotations

from make_capacity_picture import TARGET, picture, points


def test_the_picture_is_that_of_the_table() -> None:
    assert TARGET.read_text("utf-8") == picture()
    told = points()
    assert [(power, measured) for power, measured, _ in told] == [(4, True), (5, True), (6, True), (7, False)]
    assert picture().count('fill="#fff"') == 1
    assert told[3][2] == told[2][2] * 10

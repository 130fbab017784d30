"""Pieces of a file in blocks: the same bytes, fewer looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.part_reader import BLOCK_BYTES, in_blocks

DATA = bytes(range(256)) * 700


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 3 * BLOCK_BYTES)), max_size=20))
def test_the_same_bytes_whatever_is_asked_for(pieces: list[tuple[int, int]]) -> None:
    read = in_blocks(lambda start, length: DATA[start : start + length])
    assert [read(start, length) for start, length in pieces] == [
        DATA[start : start + length] for start, length in pieces
    ]


def test_small_looks_at_one_place_cost_one() -> None:
    asked = []

    def part(start: int, length: int) -> bytes:
        asked.append((start, length))
        return DATA[start : start + length]

    read = in_blocks(part)
    for start in range(0, 1000, 10):
        read(start, 4)
    assert asked == [(0, BLOCK_BYTES)]

"""Whole numbers in the words of a machine, which may be anything."""

from __future__ import annotations

MOST_DIGITS = 15
"""Fits into 64 bits, and into what JSON readers keep exactly."""


def whole_number(text: str | None, most_digits: int = MOST_DIGITS) -> int | None:
    """Return a number written in the digits 0 to 9, `None` for anything else or more digits than make sense."""
    word = (text or "").strip()
    return int(word) if 0 < len(word) <= most_digits and word.isdecimal() and word.isascii() else None

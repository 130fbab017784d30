"""What every way to order versions is: a key that orders totally, whatever the text."""

from __future__ import annotations

from typing import Any

Key = tuple[Any, ...]
LONGEST_VERSION = 256


class Scheme:
    """One way to order versions."""

    name: str

    def key(self, text: str) -> Key:
        """Return what orders the version; never raises."""
        raise NotImplementedError

    def compare(self, one: str, other: str) -> int:
        """Return -1, 0 or 1 as `one` is older than, the same as or newer than `other`."""
        left, right = self.key(one), self.key(other)
        return (left > right) - (left < right)


def by_value(digits: str) -> tuple[int, str]:
    """Order digits by value without making huge numbers: by length, then by digits."""
    bare = digits.lstrip("0")
    return len(bare), bare

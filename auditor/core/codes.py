"""The 软件编号 that copies had, told by the ends of keys: a million copies are some thousands of lists of machines.

The plain form is JSON: end of the key → code → machines, rising. `m00000012` is written as the step from the number
before it; any other key of a machine is written as it is, after the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

Packed = list[int | str]
Plain = dict[str, dict[str, Packed]]
_NUMBERED = re.compile(r"m\d{8}")


class Codes(Mapping[str, str]):
    """Copy key → 软件编号; equal to the dictionary of the same ones."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self._last: tuple[str, dict[str, str]] = ("", {})

    def of_tail(self, tail: str) -> dict[str, str]:
        """Return the codes of copies whose keys end so, by the key of the machine."""
        if self._last[0] != tail:
            told = {key: code for code, packed in self.plain.get(tail, {}).items() for key in unpacked(packed)}
            self._last = (tail, told)
        return self._last[1]

    def __getitem__(self, key: str) -> str:
        machine, _, tail = key.partition("|")
        return self.of_tail(tail)[machine]

    def __iter__(self) -> Iterator[str]:
        for tail, codes in self.plain.items():
            for packed in codes.values():
                yield from (f"{machine}|{tail}" for machine in unpacked(packed))

    def __bool__(self) -> bool:
        return bool(self.plain)

    def __len__(self) -> int:
        return sum(len(packed) for codes in self.plain.values() for packed in codes.values())


def packed(machines: Iterable[str]) -> Packed:
    """Return keys of machines, each once, as the plain form has them."""
    keys = sorted(machines)
    if all(map(_NUMBERED.fullmatch, keys)):
        return steps([int(key[1:]) for key in keys])
    numbered = [int(key[1:]) for key in keys if _NUMBERED.fullmatch(key)]
    return [*steps(numbered), *(key for key in keys if not _NUMBERED.fullmatch(key))]


def steps(numbers: Iterable[int]) -> Packed:
    """Return rising numbers as the first one and the steps from each to the next."""
    found: Packed = []
    before = 0
    for number in numbers:
        found.append(number - before)
        before = number
    return found


def unpacked(told: Packed) -> Iterator[str]:
    """Yield the keys of machines of the plain form."""
    number = 0
    for entry in told:
        if isinstance(entry, str):
            yield entry
        else:
            number += entry
            yield f"m{number:08d}"

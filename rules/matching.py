"""The linear-time matcher's door: the only importer of re2. Patterns come from outside, so none may be able to hang.

A pattern is anchored at both ends and does not see case. A set asks thousands of patterns at once: its automaton is
walked once for each text, whatever the number of patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import re2

from rules.pattern_shape import BEGINNING, beginnings_of, shape_of

GROUPS = frozenset({"version", "line", "edition"})
_PATTERN_MEMORY_BYTES = 8 << 20
_SET_MEMORY_BYTES = 512 << 20
_LONGEST_PATTERN = 1000
_KEPT_TEXTS = 64
_KEPT_BEGINNINGS = 16_384
_FEW = 2
"""So many patterns are asked one by one; more of them as a set."""
_FIRST = 3
"""Letters by which the beginnings are sorted."""


def _options(memory_bytes: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = memory_bytes
    return options


def _bare(pattern: str) -> str:
    """Drop anchors that the author wrote although they are implied."""
    start = pattern.removeprefix("^")
    body = start.removesuffix("$")
    escaped = (len(body) - len(body.rstrip("\\"))) % 2 == 1
    return start if escaped else body


class Pattern:
    """One pattern, anchored at both ends, without case."""

    def __init__(self, pattern: str) -> None:
        self._compiled = re2.compile(_bare(pattern).encode(), _options(_PATTERN_MEMORY_BYTES))
        self._groups = {name.decode(): index for name, index in self._compiled.groupindex.items()}
        self._kept: dict[str, Mapping[str, str] | None] = {}

    def matches(self, text: bytes) -> bool:
        """Whether the whole text, in UTF-8, matches."""
        return self._compiled.fullmatch(text) is not None

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups."""
        return frozenset(self._groups)

    def groups_of(self, text: str) -> Mapping[str, str] | None:
        """Return the named groups that took part, `None` when the whole text does not match; keeps the last ones."""
        if text not in self._kept:
            if len(self._kept) >= _KEPT_TEXTS:
                self._kept.clear()
            self._kept[text] = self._groups_in(text)
        return self._kept[text]

    def _groups_in(self, text: str) -> Mapping[str, str] | None:
        hit = self._compiled.fullmatch(text.encode("utf-8", "replace"))
        if hit is None:
            return None
        found = ((name, hit.group(index)) for name, index in self._groups.items())
        return {name: taken.decode("utf-8", "replace") for name, taken in found if taken is not None}


@lru_cache(maxsize=65_536)
def compiled(pattern: str) -> Pattern:
    """Return the pattern, compiled once a process."""
    return Pattern(pattern)


def pattern_fault(pattern: str) -> str | None:
    """Return why a pattern cannot be used, `None` when it can."""
    if len(pattern) > _LONGEST_PATTERN:
        return f"expected a pattern of at most {_LONGEST_PATTERN} characters, got {len(pattern)}"
    try:
        unknown = Pattern(pattern).groups - GROUPS
    except re2.error as error:
        words = error.args[0] if error.args else error
        return f"not an RE2 pattern: {words.decode() if isinstance(words, bytes) else words}"
    if unknown:
        return f"expected groups of {', '.join(sorted(GROUPS))}, got {', '.join(sorted(unknown))}"
    return None


class PatternSet:
    """Many patterns asked at once."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._set = re2.Set.FullMatchSet(_options(_SET_MEMORY_BYTES))
        for pattern in self._patterns:
            self._set.Add(_bare(pattern).encode())
        # The automaton answers "nothing" when its memory is used up; a pattern that always matches tells the two apart.
        self._always: int = self._set.Add(b"(?s).*")
        self._set.Compile()

    def matching(self, text: str) -> list[int]:
        """Return the numbers of all patterns that match the whole text, ascending."""
        return sorted(self.matching_bytes(text.encode("utf-8", "replace")))

    def matching_bytes(self, text: bytes) -> list[int]:
        """Return the numbers of all patterns that match the whole text, in any order."""
        found: list[int] = self._set.Match(text) or []
        if len(found) == 1 and found[0] == self._always:
            return []
        if self._always not in found:
            whole = text.decode("utf-8", "replace")
            return [n for n, pattern in enumerate(self._patterns) if Pattern(pattern).groups_of(whole) is not None]
        return [number for number in found if number != self._always]


class PatternIndex:
    """Many patterns of which any one text can meet few: a set for each way in which a text can begin.

    A set is made ready when the first text that begins so comes: patterns for products that nobody has cost nothing.
    Most beginnings are of one pattern: it is asked itself, as compiled for its groups. Answers as one PatternSet of
    all would.
    """

    def __init__(
        self, pattern: Callable[[int], str], numbers: Mapping[str, Sequence[int]], lengths: Mapping[str, Sequence[int]]
    ) -> None:
        """`pattern` tells one by its number; `numbers_by_beginning` and `beginning_lengths` make the two tables."""
        self._pattern = pattern
        self._numbers = numbers
        self._lengths = lengths
        self._sets: dict[str, PatternSet] = {}
        self._single: dict[int, Pattern] = {}
        self._told_lengths: dict[str, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        """Whether there is a pattern at all."""
        return bool(self._numbers)

    def matching(self, text: str) -> list[int]:
        """Return the numbers of all patterns that match the whole text, ascending."""
        folded = text[:BEGINNING].lower()
        found: list[int] = []
        encoded = text.encode("utf-8", "replace")
        for length in self._lengths_for(folded):
            numbers = self._numbers.get(folded[:length])
            if numbers is None:
                continue
            if len(numbers) > _FEW:
                hits = self._set(folded[:length], numbers).matching_bytes(encoded)
                found += [numbers[hit] for hit in hits]
                continue
            for number in numbers:
                if (self._single.get(number) or self._alone(number)).matches(encoded):
                    found.append(number)
        return sorted(set(found)) if len(found) > 1 else found

    def begins(self, text: str) -> bool:
        """Whether a pattern that says how a text begins says that it begins so."""
        folded = text[:BEGINNING].lower()
        return any(length and folded[:length] in self._numbers for length in self._lengths_for(folded))

    def _alone(self, number: int) -> Pattern:
        known = self._single[number] = compiled(self._pattern(number))
        return known

    def _lengths_for(self, folded: str) -> tuple[int, ...]:
        """How long the beginnings are that share the first letters of a text: the others need not be asked."""
        first = folded[:_FIRST]
        told = self._told_lengths.get(first)
        if told is None:
            if len(self._told_lengths) >= _KEPT_BEGINNINGS:
                self._told_lengths.clear()
            ways = (self._lengths.get(first[:length], ()) for length in range(len(first) + 1))
            told = self._told_lengths[first] = tuple(chain.from_iterable(ways))
        return told

    def _set(self, start: str, numbers: Sequence[int]) -> PatternSet:
        known = self._sets.get(start)
        if known is None:
            known = self._sets[start] = PatternSet([self._pattern(number) for number in numbers])
        return known


def numbers_by_beginning(patterns: Mapping[int, str], known: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return the numbers of the patterns by how a match can begin.

    `known`: beginnings by pattern that were worked out before; others are worked out here.
    """
    found: dict[str, list[int]] = {}
    for number, pattern in patterns.items():
        for start in known.get(pattern) or pattern_beginnings(pattern):
            found.setdefault(start, []).append(number)
    return found


def beginning_lengths(starts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return by the first letters of beginnings how long those are that share them, ascending."""
    lengths: dict[str, set[int]] = {}
    for start in starts:
        lengths.setdefault(start[:_FIRST], set()).add(len(start))
    return {first: tuple(sorted(found)) for first, found in lengths.items()}


def pattern_beginnings(pattern: str) -> tuple[str, ...]:
    """Return how a match of the pattern can begin, in lower case and order; `""` when with anything."""
    return tuple(sorted(beginnings_of(_bare(pattern))))


def literal_length(pattern: str) -> int:
    """Return how many literal characters every match must hold: the measure of how specific a pattern is."""
    return shape_of(_bare(pattern)).least

"""The linear-time matcher's door: the only importer of re2. Patterns come from outside, so none may be able to hang.

A pattern is anchored at both ends and does not see case. A set asks thousands of patterns at once: its automaton is
walked once for each text, whatever the number of patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

GROUPS = frozenset({"version", "line", "edition"})
_PATTERN_MEMORY_BYTES = 8 << 20
_SET_MEMORY_BYTES = 512 << 20
_LONGEST_PATTERN = 1000


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

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups."""
        return frozenset(self._groups)

    def groups_of(self, text: str) -> dict[str, str] | None:
        """Return the named groups that took part, `None` when the whole text does not match."""
        hit = self._compiled.fullmatch(text.encode("utf-8", "replace"))
        if hit is None:
            return None
        found = {name: hit.group(index) for name, index in self._groups.items()}
        return {name: taken.decode("utf-8", "replace") for name, taken in found.items() if taken is not None}


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
        found: list[int] = self._set.Match(text.encode("utf-8", "replace"))
        if self._always not in found:
            return [n for n, pattern in enumerate(self._patterns) if Pattern(pattern).groups_of(text) is not None]
        return sorted(number for number in found if number != self._always)


def literal_length(pattern: str) -> int:
    """Return how many literal characters every match must hold: the measure of how specific a pattern is."""
    length, _ = _alternatives(_bare(pattern), 0)
    return length


def _alternatives(text: str, at: int) -> tuple[int, int]:
    """Least length over the branches up to the closing bracket or the end, and the place after it."""
    least: int | None = None
    branch = 0
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            least = branch if least is None else min(least, branch)
            branch, at = 0, at + 1
            continue
        piece, at = _piece(text, at)
        times, at = _quantifier(text, at)
        branch += piece * times
    return (branch if least is None else min(least, branch)), at


def _piece(text: str, at: int) -> tuple[int, int]:
    match text[at]:
        case "(":
            return _group(text, at + 1)
        case "[":
            closing = at + 2 if text[at + 1 : at + 2] in ("]", "^") else at + 1
            while closing < len(text) and text[closing] != "]":
                closing += 2 if text[closing] == "\\" else 1
            return 0, closing + 1
        case "\\":
            return _escape(text, at + 1)
        case "." | "^" | "$":
            return 0, at + 1
        case _:
            return 1, at + 1


def _group(text: str, at: int) -> tuple[int, int]:
    if text.startswith("?P<", at):
        at = text.find(">", at) + 1 or len(text)
    elif text.startswith("?", at):
        while at < len(text) and text[at] not in ":)":
            at += 1
        at += text[at : at + 1] == ":"
    length, at = _alternatives(text, at)
    return length, at + 1


def _escape(text: str, at: int) -> tuple[int, int]:
    sign = text[at : at + 1]
    if sign in ("p", "P") and text.startswith("{", at + 1):
        return 0, (text.find("}", at) + 1 or len(text))
    return (0 if sign.isalnum() else 1), at + 1


def _quantifier(text: str, at: int) -> tuple[int, int]:
    sign = text[at : at + 1]
    if sign in ("?", "*", "+"):
        lazy = text[at + 1 : at + 2] == "?"
        return (1 if sign == "+" else 0), at + 1 + lazy
    if sign == "{" and text[at + 1 : at + 2].isdigit():
        closing = text.find("}", at)
        if closing > 0:
            return int(text[at + 1 : closing].split(",", maxsplit=1)[0]), closing + 1
    return 1, at

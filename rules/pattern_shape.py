"""What can be said of a pattern without running it: how many literals a match holds, and how it can begin.

Always on the safe side: a class, an escape or anything unusual counts for nothing and may be any character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BEGINNING = 8
"""Characters at the beginning that are told apart."""
_MOST_BEGINNINGS = 48


@dataclass(frozen=True)
class Shape:
    """Of a part of a pattern."""

    least: int
    """Literal characters in every match."""
    starts: frozenset[tuple[str, bool]]
    """(beginning in lower case, whether the match so far is exactly this); not exact: anything may follow."""

    def then(self, other: Shape) -> Shape:
        """Return the shape of this part followed by another."""
        if not any(exact for _, exact in self.starts):
            return Shape(self.least + other.least, self.starts)
        joined: set[tuple[str, bool]] = set()
        for start, exact in self.starts:
            if not exact:
                joined.add((start, False))
                continue
            for follows, stays_exact in other.starts:
                whole = start + follows
                joined.add((whole[:BEGINNING], stays_exact and len(whole) < BEGINNING))
        return Shape(self.least + other.least, _bounded(joined))

    def or_else(self, other: Shape) -> Shape:
        """Return the shape of either part."""
        return Shape(min(self.least, other.least), _bounded(set(self.starts | other.starts)))

    def repeated(self, least_times: int) -> Shape:
        """Return the shape of this part `least_times` or more, at least once."""
        return Shape(self.least * least_times, frozenset((start, False) for start, _ in self.starts))

    def beginnings(self) -> frozenset[str]:
        """Return how a match can begin; `""` alone when it can begin with anything.

        What another of them begins is left out: a text that begins so begins like that one too.
        """
        found = {start for start, _ in self.starts}
        return frozenset(s for s in found if not any(s[:length] in found for length in range(len(s))))


NOTHING = Shape(0, frozenset({("", True)}))
ANYTHING = Shape(0, frozenset({("", False)}))


def _bounded(starts: set[tuple[str, bool]]) -> frozenset[tuple[str, bool]]:
    """Too many beginnings are cut, all to one length: a few letters that are certain tell more than none."""
    length = BEGINNING
    while len(starts) > _MOST_BEGINNINGS and length > 0:
        length -= 1
        starts = {(start, exact) if len(start) <= length else (start[:length], False) for start, exact in starts}
    return frozenset(starts)


_LEAD = re.compile(r"[A-Za-z0-9 _\u4e00-\u9fff-]*")
_ESCAPES_AND_CLASSES = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_INNERMOST_GROUP = re.compile(r"\([^()]*\)")


def beginnings_of(pattern: str) -> frozenset[str]:
    """Return how a match of a whole pattern can begin, without reading more of it than is needed."""
    lead = _LEAD.match(pattern)
    literal = lead.group() if lead is not None else ""
    rest = pattern[len(literal) :]
    if rest[:1] in ("?", "*", "{"):
        literal = literal[:-1]
    if literal and not _has_branches(rest):
        return frozenset({literal.lower()[:BEGINNING]})
    return shape_of(pattern).beginnings()


def _has_branches(text: str) -> bool:
    """Whether a bar stands outside all groups."""
    if "|" not in text:
        return False
    bare, before = _ESCAPES_AND_CLASSES.sub("", text), None
    while bare != before:
        before, bare = bare, _INNERMOST_GROUP.sub("", bare)
    return "|" in bare


def shape_of(pattern: str) -> Shape:
    """Return the shape of a whole pattern without its anchors."""
    return _alternatives(pattern, 0)[0]


def _alternatives(text: str, at: int) -> tuple[Shape, int]:
    """Read up to the closing bracket or the end; the place there is returned too."""
    before: Shape | None = None
    branch = NOTHING
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            before = branch if before is None else before.or_else(branch)
            branch, at = NOTHING, at + 1
            continue
        piece, at = _piece(text, at)
        piece, at = _quantified(piece, text, at)
        branch = branch.then(piece)
    return (branch if before is None else before.or_else(branch)), at


def _piece(text: str, at: int) -> tuple[Shape, int]:
    match text[at]:
        case "(":
            return _group(text, at + 1)
        case "[":
            closing = at + 2 if text[at + 1 : at + 2] in ("]", "^") else at + 1
            while closing < len(text) and text[closing] != "]":
                closing += 2 if text[closing] == "\\" else 1
            return ANYTHING, closing + 1
        case "\\":
            return _escape(text, at + 1)
        case "." | "^" | "$":
            return ANYTHING, at + 1
        case sign:
            return _literal(sign), at + 1


def _literal(sign: str) -> Shape:
    """Letters outside ASCII that have a case begin nothing: how they fold is the matcher's affair."""
    plain = sign.isascii() or sign.lower() == sign == sign.upper()
    return Shape(1, frozenset({(sign.lower(), True)}) if plain else ANYTHING.starts)


def _group(text: str, at: int) -> tuple[Shape, int]:
    if text.startswith("?P<", at) or text.startswith("?<", at):
        at = text.find(">", at) + 1 or len(text)
    elif text.startswith("?", at):
        while at < len(text) and text[at] not in ":)":
            at += 1
        at += text[at : at + 1] == ":"
    shape, at = _alternatives(text, at)
    return shape, at + 1


def _escape(text: str, at: int) -> tuple[Shape, int]:
    sign = text[at : at + 1]
    if sign in ("p", "P") and text.startswith("{", at + 1):
        return ANYTHING, (text.find("}", at) + 1 or len(text))
    return (ANYTHING if sign.isalnum() else _literal(sign)), at + 1


def _quantified(piece: Shape, text: str, at: int) -> tuple[Shape, int]:
    sign = text[at : at + 1]
    if sign in ("?", "*", "+"):
        at += 1 + (text[at + 1 : at + 2] == "?")
        match sign:
            case "?":
                return NOTHING.or_else(piece), at
            case "*":
                return NOTHING.or_else(piece.repeated(1)), at
            case _:
                return piece.repeated(1), at
    if sign == "{" and text[at + 1 : at + 2].isdigit():
        closing = text.find("}", at)
        if closing > 0:
            times = int(text[at + 1 : closing].split(",", maxsplit=1)[0])
            return (piece.repeated(times) if times else NOTHING.or_else(piece.repeated(1))), closing + 1
    return piece, at

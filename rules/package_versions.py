"""Orders of versions in the package bases of languages and of Alpine.

Sources: NuGet (learn.microsoft.com, "Package versioning"), RubyGems (Gem::Version), Maven (maven.apache.org/pom.html,
"Version Order Specification"), Alpine (apk-package(5), "Package version").
"""

from __future__ import annotations

import re
from functools import cmp_to_key
from itertools import zip_longest

from rules.version_scheme import LONGEST_VERSION, Key, Scheme, by_value

_NUGET = re.compile(r"[vV]?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")


class NugetVersion(Scheme):
    """semver with up to four numbers; letters do not see case. Nonsense orders first, by its letters."""

    name = "nuget"

    def key(self, text: str) -> Key:
        hit = _NUGET.match(text[:LONGEST_VERSION].strip())
        if hit is None or not text.isascii():
            return (0, text[:LONGEST_VERSION].casefold())
        numbers = [by_value(part) for part in hit[1].split(".")]
        while len(numbers) > 1 and numbers[-1] == (0, ""):
            numbers.pop()
        if hit[2] is None:
            return (1, tuple(numbers), 1, ())
        parts = tuple(self._identifier(part) for part in hit[2].casefold().split("."))
        return (1, tuple(numbers), 0, parts)

    @staticmethod
    def _identifier(part: str) -> tuple[int, tuple[int, str]]:
        return (0, by_value(part)) if part.isdigit() else (1, (0, part))


_GEM_SEGMENTS = re.compile(r"[0-9]+|[a-z]+", re.IGNORECASE)


class GemVersion(Scheme):
    """Numbers and letters in turn, a letter before every number; zeros at the end of either half do not count."""

    name = "rubygems"

    def key(self, text: str) -> Key:
        segments = _GEM_SEGMENTS.findall(text[:LONGEST_VERSION].replace("-", ".pre."))
        first = next((n for n, segment in enumerate(segments) if not segment[0].isdigit()), len(segments))
        kept = self._without_zeros(segments[:first]) + self._without_zeros(segments[first:])
        ranks = [(2, by_value(segment)) if segment[0].isdigit() else (0, (0, segment)) for segment in kept]
        return (*ranks, (1, (-1, "")))

    @staticmethod
    def _without_zeros(segments: list[str]) -> list[str]:
        kept = list(segments)
        while kept and not kept[-1].strip("0") and kept[-1][0].isdigit():
            kept.pop()
        return kept


_MAVEN_PIECES = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|(?=[.-]|$))")
_MAVEN_RELEASES = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_MAVEN_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_MAVEN_LETTERS = {"a": "alpha", "b": "beta", "m": "milestone"}
_MavenToken = tuple[str, str]
"""Separator and text in lower case."""


class MavenVersion(Scheme):
    """The order of Maven's specification: tokens, the shorter version filled up with what says nothing."""

    name = "maven"

    def key(self, text: str) -> Key:
        return (_maven_order(tuple(self._tokens(text[:LONGEST_VERSION].strip().lower()))),)

    def _tokens(self, text: str) -> list[_MavenToken]:
        found: list[_MavenToken] = []
        for hit in _MAVEN_PIECES.finditer(text):
            separator, word = hit[1], hit[2]
            if not hit.group():
                continue
            if not separator and found:
                separator = "-"
            followed_by_digit = text[hit.end() : hit.end() + 1].isdigit()
            if followed_by_digit and word in _MAVEN_LETTERS:
                word = _MAVEN_LETTERS[word]
            word = _MAVEN_ALIASES.get(word, word)
            if not hit[2]:
                word = "0"
            found.append((separator, word.lstrip("0") or "0" if word[:1].isdigit() else word))
        return self._trimmed(found)

    @staticmethod
    def _trimmed(tokens: list[_MavenToken]) -> list[_MavenToken]:
        """Drop what says nothing at the end, and before every hyphen."""
        kept: list[_MavenToken] = []
        for token in reversed(tokens):
            ends = not kept or kept[-1][0] == "-"
            if ends and token[1] in ("", "0"):
                continue
            kept.append(token)
        return kept[::-1]


def _maven_rank(token: _MavenToken) -> tuple[int, tuple[int, str]]:
    separator, word = token
    if word[:1].isdigit():
        return (3 if separator == "-" else 4), by_value(word)
    if word in _MAVEN_RELEASES:
        return 1, (_MAVEN_RELEASES.index(word), "")
    return 1, (len(_MAVEN_RELEASES), word)


def _maven_compare(one: tuple[_MavenToken, ...], other: tuple[_MavenToken, ...]) -> int:
    for left, right in zip_longest(one, other):
        here, there = left or _filling(right), right or _filling(left)
        if _maven_rank(here) != _maven_rank(there):
            return -1 if _maven_rank(here) < _maven_rank(there) else 1
    return 0


def _filling(beside: _MavenToken) -> _MavenToken:
    """What a missing token stands for: zero beside a number, the release itself beside a word."""
    separator, word = beside
    return (separator, "0") if word[:1].isdigit() else (separator, "")


_maven_order = cmp_to_key(_maven_compare)

_APK = re.compile(
    r"(?P<numbers>\d+(?:\.\d+)*)(?P<letter>(?:[a-z]+\d*)?)(?P<suffixes>(?:_[a-z]+\d*)*)"
    r"(?P<commit>~[0-9a-f]+)?(?P<revision>-.*)?$"
)
_APK_SUFFIX = re.compile(r"_([a-z]+)(\d*)")
_APK_SUFFIXES = ("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p")


def _apk_suffix(word: str) -> int:
    return _APK_SUFFIXES.index(word) if word in _APK_SUFFIXES else -1


class ApkVersion(Scheme):
    """Numbers, a letter, suffixes (alpha … before the release, cvs … p behind it), `-r` and the build.

    A number that begins with 0 behind the first dot is a fraction: 1.01 is older than 1.1. What apk would refuse
    orders before every version, by its letters.
    """

    name = "alpine"

    def key(self, text: str) -> Key:
        hit = _APK.match(text[:LONGEST_VERSION].strip())
        if hit is None or not text.isascii():
            return (0, text[:LONGEST_VERSION])
        first, *rest = hit["numbers"].split(".")
        numbers = [(1, by_value(first)), *(self._part(part) for part in rest)]
        suffixes = [(_apk_suffix(word), by_value(n)) for word, n in _APK_SUFFIX.findall(hit["suffixes"])]
        plain = (_APK_SUFFIXES.index(""), (0, ""))
        return (
            1,
            (*numbers, (-1, (0, ""))),
            (hit["letter"].rstrip("0123456789"), by_value(hit["letter"].lstrip("abcdefghijklmnopqrstuvwxyz"))),
            (*suffixes, plain),
            hit["commit"] or "",
            self._revision(hit["revision"] or "-r"),
        )

    @staticmethod
    def _revision(text: str) -> tuple[int, str]:
        """What is no build at all comes before every build, and is one with its like."""
        return by_value(text[2:]) if re.fullmatch(r"-r\d*", text) else (-1, "")

    @staticmethod
    def _part(digits: str) -> tuple[int, tuple[int, str]]:
        return (0, (0, digits)) if digits[0] == "0" else (1, by_value(digits))


class HackageVersion(Scheme):
    """Numbers, as a list: the longer is newer, 1.0.0 than 1.0."""

    name = "hackage"

    def key(self, text: str) -> Key:
        return tuple(by_value(digits) for digits in re.findall("[0-9]+", text[:LONGEST_VERSION]))


PACKAGE_SCHEMES: tuple[Scheme, ...] = (NugetVersion(), GemVersion(), MavenVersion(), ApkVersion(), HackageVersion())

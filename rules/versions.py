"""Order and ranges of versions, one class for each scheme. The only importer of packaging.

Every scheme gives a key that orders totally: any two texts compare, also nonsense, and texts that the scheme holds for
the same version have the same key. So a broken version costs its own place and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion, Version

from rules.package_versions import PACKAGE_SCHEMES
from rules.product import Product
from rules.version_scheme import LONGEST_VERSION, Key, Scheme, by_value

_DOTTED_PIECES = re.compile(r"\d+|[^\W\d_]+")
_RELEASES = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "preview": 2, "pre": 2, "rc": 3, "cr": 3}
_NO_RELEASES = frozenset({"release", "final", "ga", "v", "version", "版本"})


class DottedVersion(Scheme):
    """Numbers between dots, as most installers write them: `10.0.19045`, `V3.1`, `8.5 beta 2`, `2024r2`.

    Trailing zeros do not count. A word of a trial release (alpha, beta, rc) is older than nothing, any other is newer.
    """

    name = "dotted"

    def key(self, text: str) -> Key:
        pieces: list[tuple[int, tuple[int, str]]] = []
        for piece in _DOTTED_PIECES.findall(text[:LONGEST_VERSION].casefold()):
            if piece in _NO_RELEASES:
                continue
            if piece[0].isdigit():
                pieces.append((2, by_value(_ascii_digits(piece))))
            elif piece in _RELEASES:
                pieces.append((0, (_RELEASES[piece], "")))
            else:
                pieces.append((1, (0, piece)))
        return (*_without_trailing_zeros(pieces), _END_OF_NUMBERS)


_END_OF_NUMBERS = (1, (-1, ""))
_ZERO = (2, (0, ""))


def _without_trailing_zeros(pieces: list[tuple[int, tuple[int, str]]]) -> list[tuple[int, tuple[int, str]]]:
    """Drop the zeros at the end of every run of numbers: 1.0 beta is 1 beta."""
    kept: list[tuple[int, tuple[int, str]]] = []
    zeros: list[tuple[int, tuple[int, str]]] = []
    for piece in pieces:
        if piece == _ZERO:
            zeros.append(piece)
            continue
        if piece[0] == 2:
            kept += zeros
        zeros = []
        kept.append(piece)
    return kept


def _ascii_digits(text: str) -> str:
    return text if text.isascii() else "".join(str(int(digit)) if digit.isdecimal() else "" for digit in text)


_DPKG_PIECES = re.compile(r"(\D*)(\d*)")


class DpkgVersion(Scheme):
    """Debian's order (deb-version(7)): epoch, upstream, revision; `~` comes before the end."""

    name = "dpkg"

    def key(self, text: str) -> Key:
        epoch, colon, rest = text[:LONGEST_VERSION].strip().partition(":")
        if not colon or not epoch.isdecimal():
            epoch, rest = "0", text[:LONGEST_VERSION].strip()
        upstream, hyphen, revision = rest.rpartition("-")
        if not hyphen:
            upstream, revision = rest, "0"
        return (by_value(_ascii_digits(epoch)), self._part(upstream), self._part(revision))

    def _part(self, text: str) -> Key:
        pieces = [
            ((*(self._letter(sign) for sign in words), 0), by_value(_ascii_digits(digits)))
            for words, digits in _DPKG_PIECES.findall(text)
        ]
        while len(pieces) > 1 and pieces[-1] == ((0,), (0, "")):
            pieces.pop()
        return (*pieces, ((0,), (0, "")))

    @staticmethod
    def _letter(sign: str) -> int:
        if sign == "~":
            return -1
        return ord(sign) if sign.isascii() and sign.isalpha() else ord(sign) + 0x110000


_RPM_PIECES = re.compile(r"[0-9]+|[a-zA-Z]+|~|\^")


class RpmVersion(Scheme):
    """rpm's order (rpmvercmp): epoch, version, release; numbers above letters, `~` before the end and `^` behind."""

    name = "rpm"

    def key(self, text: str) -> Key:
        epoch, colon, rest = text[:LONGEST_VERSION].strip().partition(":")
        if not colon or not epoch.isdecimal():
            epoch, rest = "0", text[:LONGEST_VERSION].strip()
        version, _, release = rest.partition("-")
        return (by_value(_ascii_digits(epoch)), self._part(version), self._part(release))

    @staticmethod
    def _part(text: str) -> Key:
        ranks: list[tuple[int, Any]] = []
        for piece in _RPM_PIECES.findall(text):
            if piece == "~":
                ranks.append((0, ""))
            elif piece == "^":
                ranks.append((2, ""))
            elif piece[0].isdigit():
                ranks.append((4, by_value(piece)))
            else:
                ranks.append((3, piece))
        return (*ranks, (1, ""))


_SEMANTIC = re.compile(r"[vV=\s]*([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")


class SemanticVersion(Scheme):
    """semver 2.0.0, lenient in the number of parts; what stands behind `+` does not count. Nonsense orders first."""

    name = "semver"

    def key(self, text: str) -> Key:
        hit = _SEMANTIC.match(text[:LONGEST_VERSION].strip())
        if hit is None:
            return (0, DottedVersion().key(text), text)
        numbers = [by_value(part) for part in hit[1].split(".")]
        while numbers and numbers[-1] == (0, ""):
            numbers.pop()
        if hit[2] is None:
            return (1, tuple(numbers), 1, ())
        return (1, tuple(numbers), 0, tuple(self._identifier(part) for part in hit[2].split(".")))

    @staticmethod
    def _identifier(part: str) -> tuple[int, tuple[int, str]]:
        return (0, by_value(part)) if part.isdecimal() else (1, (0, part))


class PythonVersion(Scheme):
    """PEP 440. Nonsense orders before every version, among itself as dotted."""

    name = "pep440"

    def key(self, text: str) -> Key:
        try:
            return (1, Version(text[:LONGEST_VERSION]))
        except InvalidVersion:
            return (0, DottedVersion().key(text), text)


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        DottedVersion(),
        DpkgVersion(),
        RpmVersion(),
        SemanticVersion(),
        PythonVersion(),
        *PACKAGE_SCHEMES,
    )
}
_SOURCE_SCHEMES = {"dpkg": "dpkg", "rpm": "rpm", "python_packages": "pep440", "apk": "alpine", "gems": "rubygems"}


def scheme_of(source: str) -> Scheme:
    """Return the scheme in which a collector's versions order."""
    return SCHEMES[_SOURCE_SCHEMES.get(source, "dotted")]


_CONDITION = re.compile(r"\s*(>=|<=|==|!=|>|<|=)\s*([^\s,<>=!]+)\s*$")
_HOLDS: dict[str, Callable[[int], bool]] = {
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    "==": lambda order: order == 0,
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
}


@dataclass(frozen=True)
class VersionRange:
    """Conditions that must all hold."""

    conditions: tuple[tuple[str, str], ...]

    def holds(self, version: str, scheme: Scheme | None = None) -> bool:
        """Return whether the version lies in the range, dotted when no scheme is given."""
        ordered = scheme or SCHEMES["dotted"]
        return all(_HOLDS[sign](ordered.compare(version, bound)) for sign, bound in self.conditions)


@lru_cache(maxsize=4096)
def parse_range(text: str) -> VersionRange:
    """Read `>=12,<13`. Raises ValueError that says what was expected."""
    conditions = []
    for part in text.split(","):
        hit = _CONDITION.match(part)
        if hit is None or not any(sign.isdigit() for sign in hit[2]):
            raise ValueError(f"expected conditions like '>=12,<13', got {text!r}")
        conditions.append((hit[1], hit[2]))
    return VersionRange(tuple(conditions))


_DOTTED_IN = re.compile(r"\d+(?:[.,_]\d+)*")


def dotted_version(text: str | None, source: str = "") -> str | None:
    """Return the version in dotted form, the packager's epoch and revision left out; `None` when no digit is there."""
    if not text:
        return None
    words = text[:LONGEST_VERSION].strip()
    if source in ("dpkg", "rpm"):
        epoch, colon, rest = words.partition(":")
        words = rest if colon and epoch.isdecimal() else words
        words = words.rpartition("-")[0] or words
    hit = _DOTTED_IN.search(words)
    return re.sub("[,_]", ".", hit.group()) if hit else None


def compare_lines(product: Product, one: str, other: str) -> int | None:
    """Return -1, 0 or 1 as line `one` is older than, the same as or newer than `other` of the product.

    By rank, else by their order in the product file; `None` when one of them is not a line of the product, since an
    order by the look of the text would be a guess (2019 and LTSC 2021, V10 and 20).
    """
    ranks = {line.id: (number if line.rank is None else line.rank) for number, line in enumerate(product.lines)}
    if one == other:
        return 0
    if one not in ranks or other not in ranks:
        return None
    return (ranks[one] > ranks[other]) - (ranks[one] < ranks[other])

"""Licence words as an SPDX expression: only what is one already, or what a distribution's own list says it stands for.

A word that no list knows makes the whole unreadable: an expression that leaves a part out would claim too much.
Sources: the SPDX License List; short names of machine-readable copyright files (DEP-5,
debian.org/doc/packaging-manuals/ copyright-format/1.0); Fedora's names from before it took SPDX over
(docs.fedoraproject.org, "Callaway" names).
"""

from __future__ import annotations

import re
from functools import lru_cache

from agent.formats.spdx_ids import EXCEPTIONS, LICENCES

MAX_LENGTH = 2000
MAX_WORDS = 100
_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_NUMBERED = re.compile(r"^(A?GPL|LGPL|GFDL)(?:-v?|v)(\d)(?:\.(\d))?(\+|-only|-or-later)?$", re.IGNORECASE)
_NO_INVARIANTS = re.compile(r"^GFDL-NIV-(1\.[123])(\+)?$", re.IGNORECASE)
_OPERATORS = {"and": "AND", "or": "OR", "with": "WITH", "&": "AND", "|": "OR"}
_OTHER_NAMES = {
    "expat": "MIT",
    "apache-2": "Apache-2.0",
    "asl-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-4-clause": "BSD-4-Clause",
    "mpl-2": "MPL-2.0",
    "mplv1.1": "MPL-1.1",
    "mplv2.0": "MPL-2.0",
    "psf-2": "PSF-2.0",
    "cc0": "CC0-1.0",
    "isc": "ISC",
    "boost": "BSL-1.0",
    "ofl": "OFL-1.1",
    "ofl-1.1": "OFL-1.1",
}
"""Names with one meaning alone. `BSD`, `GPL`, `Artistic` without number have several and are not here; nor has `GPL2`
one, which some distributions use for `or later` as well."""


@lru_cache(maxsize=4096)
def spdx_expression(words: str) -> str | None:
    """Return licence words as an SPDX expression, `None` when any part of them is no known licence.

    Accepts expressions, old forms with `+` (`GPL-2+`, `LGPLv2.1+`), `and`, `or`, `with` in any case. A list
    that does not say how its parts stand to each other (commas) is not read.
    """
    if not words or len(words) > MAX_LENGTH:
        return None
    tokens = _TOKEN.findall(words)
    if not tokens or len(tokens) > MAX_WORDS:
        return None
    reader = _Reader(tokens)
    found = reader.either()
    return found if found is not None and reader.at == len(tokens) else None


def together(expressions: list[str]) -> str:
    """Return what holds when every one of these expressions holds, each once, in the order given."""
    parts = list(dict.fromkeys(expressions))
    if len(parts) == 1:
        return parts[0]
    return " AND ".join("(%s)" % part if " OR " in part else part for part in parts)


class _Reader:
    """A reader of one expression; `None` means that it is none."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def either(self) -> str | None:
        return self._joined("OR", self._all)

    def _all(self) -> str | None:
        return self._joined("AND", self._one)

    def _joined(self, operator: str, part: object) -> str | None:
        assert callable(part)
        first = part()
        parts = [first]
        while self._operator() == operator:
            self.at += 1
            parts.append(part())
        return None if None in parts else (" %s " % operator).join(str(each) for each in parts)

    def _one(self) -> str | None:
        token = self._take()
        if token == "(":
            inner = self.either()
            return "(%s)" % inner if inner is not None and self._take() == ")" else None
        licence = None if token is None or token in _OPERATORS else _licence(token)
        if licence is None or self._operator() != "WITH":
            return licence
        self.at += 1
        word, known = (self._take() or "").lower(), _listed(EXCEPTIONS)
        exception = known.get(word)
        if (
            self.at < len(self.tokens) and self.tokens[self.at].lower() == "exception"
        ):  # DEP-5: `with Texinfo exception`
            self.at += 1
            exception = exception or known.get(word + "-exception")
        return None if exception is None else "%s WITH %s" % (licence, exception)

    def _operator(self) -> str | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        return _OPERATORS.get(token.lower())

    def _take(self) -> str | None:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else None


@lru_cache(maxsize=None)
def _listed(text: str) -> dict[str, str]:
    """Return the identifiers of a list by their lower-case form."""
    return {word.lower(): word for word in text.split()}


def _licence(word: str) -> str | None:
    """Return the identifier that one word stands for."""
    numbered = _NUMBERED.match(word)
    free = _NO_INVARIANTS.match(word)
    if free is not None:
        end = "-or-later" if free.group(2) else "-only"
        return _listed(LICENCES).get("gfdl-%s-no-invariants%s" % (free.group(1), end))
    if numbered is not None:
        family, major, minor, mark = numbered.groups()
        end = "-or-later" if mark in ("+", "-or-later") else "-only"
        return _listed(LICENCES).get(("%s-%s.%s%s" % (family, major, minor or "0", end)).lower())
    low = word.lower()
    if low in _OTHER_NAMES:
        return _OTHER_NAMES[low]
    known = _listed(LICENCES).get(low)
    if known is None and low.endswith("+"):
        plain = _listed(LICENCES).get(low[:-1])
        return None if plain is None else plain + "+"
    if known is None and low.startswith("licenseref-") and re.fullmatch(r"[a-z0-9.-]+", low):
        return word
    return known

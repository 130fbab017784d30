"""The group of a title: which titles are one thing in a list, whether or not the catalogue knows it.

Known: the product, its edition, the release line of what is bought by line, and what the name says beyond the
product's own names (`mozilla/firefox:esr`, `microsoft/sql-server@2016`), so that channels, free siblings and parts
that one file of the catalogue describes together stay apart. Unknown: the publisher and the clean name, or the name of
the name list; a package's or shop's own key.
"""

from __future__ import annotations

import re

from rules.clean_name import CleanName, clean_name
from rules.names import name_key
from rules.origin import STORE_SOURCES
from rules.product import COUNTED, Kind, Product
from rules.publishers import publisher_key
from rules.title import Title

STANDING = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM, Kind.GAME})
_PLAIN_REST = re.compile(r"(?:\d+|bit|x64|x86|amd64|arm64|version|v(?=\d)|build(?=\d)|enus|zhcn|user|app|位|版本)*")
_SAYS_NOTHING = re.compile(
    r"(edition|版|the|by|for(windows|mac|(autodesk)?autocad)?|desktop|client|客户端|pc|电脑|桌面|\d)+"
)
"""Words beside a name that make no other thing of it; a program for AutoCAD is one, whatever year of it it serves."""


def unknown_group(title: Title, name: str, publisher: str | None) -> str:
    """Return the identity of what no rule knows."""
    if title.source in STORE_SOURCES and title.identifier:
        return f"unknown:{title.source}:{title.identifier.casefold()}"
    holder = publisher or (publisher_key(title.publisher) if title.publisher else "")
    return f"unknown:{holder or '-'}:{name_key(name)}"


class KnownIdentity:
    """What makes copies of one product one thing in a list."""

    def __init__(self, product: Product) -> None:
        self._product = product
        names = {name_key(name) for name in (product.zh, product.en, *product.aliases)}
        self._names = sorted(names, key=lambda key: (-len(key), key))
        self._publisher = name_key(product.publisher)
        self._lines = {known.id: name_key(known.id) for known in product.lines}
        self._bought = bool(COUNTED & {product.licensing.licence_class, *(e.licence_class for e in product.editions)})
        self._editions = {known.id: _longest_first(known.zh, known.en, known.id) for known in product.editions}

    def is_plain(self, name: str) -> bool:
        """Whether the name says nothing but a name of the product, numbers and an architecture: no need to clean it."""
        key = name_key(name)
        for own in self._names:
            if own in key:
                return _PLAIN_REST.fullmatch(key.replace(own, "", 1)) is not None
        return False

    def group(self, cleaned: CleanName | None, *, kind: Kind, edition: str | None, line: str | None) -> str:
        """Return the identity of a copy; `cleaned` is `None` when a key decided and the name says nothing more."""
        own = self._product.id
        if cleaned is not None and kind not in STANDING:
            return f"{own}:{name_key(cleaned.name)}"
        group = own if edition is None else f"{own}/{edition}"
        if line in self._lines and self._bought:
            group += f"@{line}"
        more = "" if cleaned is None else self._beyond(cleaned.name, edition, line) or cleaned.channel
        return f"{group}:{more}" if more else group

    def _beyond(self, name: str, edition: str | None, line: str | None) -> str:
        """What the name says beside names of the product, its publisher, edition and line; empty when nothing."""
        left = name_key(name)
        for own in (*self._names, *self._editions.get(edition or "", ()), self._publisher):
            left = left.replace(own, "", 1)
            if not left:
                return ""
        if line is not None:
            left = left.replace(self._lines.get(line) or name_key(line), "", 1)
        return "" if not left or _SAYS_NOTHING.fullmatch(left) else left


def _longest_first(*words: str) -> tuple[str, ...]:
    """The words, and what cleaning a name leaves of them, as keys."""
    found = {name_key(text) for word in words for text in (word, clean_name(word).name)}
    return tuple(sorted(found, key=lambda key: (-len(key), key)))

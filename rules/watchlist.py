"""Catalogue → Watchlist: the files, host names and words that its indicators want looked for."""

from __future__ import annotations

from collections.abc import Iterator

from agent.inventory.watchlist import WatchedFile, WatchedHost, WatchedWord, Watchlist
from rules.catalogue import Catalogue
from rules.condition import listed


def watchlist_of(catalogue: Catalogue) -> Watchlist:
    """Return what agents should look for, ordered by indicator and place; the same catalogue gives the same list."""
    files: dict[WatchedFile, None] = {}
    hosts: dict[WatchedHost, None] = {}
    words: dict[WatchedWord, None] = {}
    for id, test, containing in _tests(catalogue):
        if test.startswith("@place "):
            files |= {WatchedFile(id, place, containing): None for place in listed(test)}
        elif test.startswith("@host "):
            hosts |= {WatchedHost(id, name.lower()): None for name in listed(test)}
        elif test.startswith("@word "):
            words |= {WatchedWord(id, word): None for word in listed(test)}
    return Watchlist(tuple(files), tuple(hosts), tuple(words))


def _tests(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield (id of the indicator, test, text that a file has to hold) of every condition."""
    for indicator in catalogue.indicators.values():
        for sign in indicator.signs:
            for condition in sign.where:
                yield indicator.id, condition.test, sign.containing

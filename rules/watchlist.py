"""Indicators → Watchlist: the files, host names and words that they want looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.inventory.watchlist import WatchedFile, WatchedHost, WatchedWord, Watchlist
from rules.catalogue import Catalogue
from rules.condition import listed
from rules.fields import FileFaults
from rules.indicator import Indicator
from rules.indicator_file import read_indicators
from rules.source_files import CatalogueFaults, shipped_folder, source_files
from rules.yaml_file import parse_yaml


def watchlist_of(catalogue: Catalogue) -> Watchlist:
    """Return what agents should look for, ordered by indicator and place; the same catalogue gives the same list."""
    return watchlist_of_indicators(catalogue.indicators.values())


def shipped_watchlist() -> Watchlist:
    """Return that of the indicators that come with the program, without reading a product. Raises CatalogueFaults."""
    found: dict[str, Indicator] = {}
    sources = [source for source in source_files([shipped_folder()]) if source.inside[0] == "indicators"]
    for source in sources:
        faults = FileFaults(source.shown)
        found |= {indicator.id: indicator for _, indicator in read_indicators(parse_yaml(source.data), faults)}
        if faults.found:
            raise CatalogueFaults(faults.found, len(sources))
    return watchlist_of_indicators(found[id] for id in sorted(found))


def watchlist_of_indicators(indicators: Iterable[Indicator]) -> Watchlist:
    """Return what the indicators want looked for, in their order, each entry once."""
    files: dict[WatchedFile, None] = {}
    hosts: dict[WatchedHost, None] = {}
    words: dict[WatchedWord, None] = {}
    for id, test, containing in _tests(indicators):
        if test.startswith("@place "):
            files |= {WatchedFile(id, place, containing): None for place in listed(test)}
        elif test.startswith("@host "):
            hosts |= {WatchedHost(id, name.lower()): None for name in listed(test)}
        elif test.startswith("@word "):
            words |= {WatchedWord(id, word): None for word in listed(test)}
    return Watchlist(tuple(files), tuple(hosts), tuple(words))


def _tests(indicators: Iterable[Indicator]) -> Iterator[tuple[str, str, str]]:
    """Yield (id of the indicator, test, text that a file has to hold) of every condition."""
    for indicator in indicators:
        for sign in indicator.signs:
            for condition in sign.where:
                yield indicator.id, condition.test, sign.containing

"""The name list: what public package collections say of programs that no product file describes.

One line a program: the name under which it is known, its publisher's short name, the licence that its packager states,
and the keys under which machines show it. It names a title and says a class "as the packager states"; no right is
counted by it, since nobody of ours has read the terms. A product file always goes before it.

File: `names/<collection>.tsv`. Lines that begin with `#` tell the origin; `# platform: macos` says where it holds. Then
six columns, tab separated: id, name, publisher, licence, keys, identifiers; the last two are lists, blank separated. A
seventh may follow: the version that the collection had on the day of its state, where another program bears the name.
The files are written by `zhengban catalogue names` from local clones, never by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rules.licence_words import licence_class_of
from rules.names import name_key
from rules.product import PLATFORMS, LicenceClass
from rules.publishers import publisher_key

COLUMNS = 6
SHORTEST_KEY = 2
DISTINCTIVE = 7
"""Letters of a name's key from which it may be taken although the publisher is spelled otherwise."""
_TABS = (COLUMNS - 1, COLUMNS)
_PLATFORM = re.compile(r"# platform: (\w+)")
_NUMBERS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_PROPRIETARY = re.compile(r"(?:proprietary|commercial|eula|专有软件|商业软件)\b.*", re.IGNORECASE)


class NameListFault(ValueError):
    """The text is no name list; the words say which line and what was expected."""


@dataclass(frozen=True)
class Listed:
    """One program of a collection."""

    id: str
    """`<collection>/<its own id>`."""
    name: str
    publisher: str
    """Short name of the publisher in the collection; empty when the collection does not say it."""
    licence: str
    """The licence in the packager's words; empty when not stated."""
    version: str = ""
    """The version that the collection had; empty when it does not say it, or nobody else bears the name."""

    def holder(self, publisher: str | None) -> str | None:
        """The key of the publisher when the machine says none or the same; `None` when it says another."""
        if self.publisher and (not publisher or _same_publisher(self.publisher, publisher)):
            return publisher_key(self.publisher)
        return None

    @property
    def licence_class(self) -> LicenceClass:
        """The packager's class: `proprietary` stands for commercial until somebody has read the terms."""
        said = licence_class_of(self.licence)
        if said is not None:
            return said
        return LicenceClass.COMMERCIAL if _PROPRIETARY.fullmatch(self.licence) else LicenceClass.UNKNOWN


@dataclass(frozen=True)
class NameKeys:
    """The lines of a list by what a machine shows."""

    lines: Mapping[str, Mapping[str, Sequence[str]]]
    """Platform → key → lines, the collection's name before each."""
    identified: Mapping[str, Mapping[str, str]]
    """Platform → identifier → line."""
    licences: Mapping[str, str]
    """Key → the licence that the collections agree on; empty when they do not."""


class NameList:
    """The collections of a catalogue. The tables are taken apart when the first title asks."""

    def __init__(self, tables: Callable[[], Mapping[str, str]], keys: NameKeys | None = None) -> None:
        """`tables` gives the text of each collection by name, when needed; `keys` what was made of it before."""
        self._tables = tables
        self._keys = keys

    @staticmethod
    def empty() -> NameList:
        """Return a list that knows nothing."""
        return NameList(dict)

    @property
    def tables(self) -> Mapping[str, str]:
        """The text of each collection by name."""
        return self._tables()

    def find(
        self,
        keys: Iterable[str],
        *,
        platform: str,
        publisher: str | None = None,
        version: str | None = None,
        identifier: str | None = None,
        language: str = "",
    ) -> Listed | None:
        """Return the program that bears one of the keys, the likeliest key first; `None` when none or several do.

        `publisher` is the machine's word for it: a short name is taken only when the two agree. `language` (`en-US`)
        decides where a collection lists a program once a language.
        """
        by_key = self.keys.lines.get(platform)
        if by_key is None:
            return None
        for key in keys:
            lines = by_key.get(key) if len(key) >= SHORTEST_KEY else None
            found = None if lines is None else _one_of(_read(lines), key, publisher, version, language)
            if found is not None:
                return self._with_licence(found, key)
        line = self.keys.identified[platform].get(identifier.casefold()) if identifier else None
        return None if line is None else self._with_licence(_listed(line), "")

    def _with_licence(self, found: Listed, key: str) -> Listed:
        """What the collection leaves open another one may say of the same name."""
        if found.licence:
            return found
        said = self.keys.licences.get(name_key(found.name)) or self.keys.licences.get(key) or ""
        return replace(found, licence=said)

    @property
    def keys(self) -> NameKeys:
        """The lines by what a machine shows."""
        if self._keys is None:
            self._keys = _keys_of(self._tables())
        return self._keys


def _keys_of(tables: Mapping[str, str]) -> NameKeys:
    lines: dict[str, dict[str, list[str]]] = {}
    identified: dict[str, dict[str, str]] = {}
    licences: dict[str, str] = {}
    for collection, text in tables.items():
        platform, found = _lines_of(collection, text)
        keyed, known = lines.setdefault(platform, {}), identified.setdefault(platform, {})
        for line in found:
            _enter(f"{collection}/{line}", keyed, known, licences)
    return NameKeys(lines, identified, licences)


def _enter(line: str, keyed: dict[str, list[str]], identified: dict[str, str], licences: dict[str, str]) -> None:
    _, _, _, licence, keys, identifiers, *_ = line.split("\t")
    for key in keys.split():
        keyed.setdefault(key, []).append(line)
        if licence:
            held = licences.setdefault(key, licence)
            if held != licence:
                licences[key] = held if licence_class_of(held) is licence_class_of(licence) else ""
    for identifier in identifiers.split():
        identified.setdefault(identifier, line)


def faults_of(collection: str, text: str) -> list[tuple[int, str]]:
    """Return what is wrong with a table: (line, what was expected)."""
    found: list[tuple[int, str]] = []
    try:
        _lines_of(collection, text)
    except NameListFault as fault:
        found.append((1, str(fault)))
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not COLUMNS <= len(cells) <= COLUMNS + 1:
            found.append((number, f"expected {COLUMNS} columns, got {len(cells)}"))
        elif not cells[0] or not cells[1] or " " in cells[0]:
            found.append((number, "expected an id without blanks and a name"))
        elif cells[0] in seen:
            found.append((number, f"{cells[0]!r} stands twice"))
        seen.add(cells[0])
    return found


def _lines_of(collection: str, text: str) -> tuple[str, Iterator[str]]:
    told = _PLATFORM.search(text[:2_000])
    if told is None or told[1] not in PLATFORMS:
        raise NameListFault(
            f"names/{collection}.tsv: expected a line '# platform: ' with one of {', '.join(PLATFORMS)}"
        )
    return told[1], (line for line in text.split("\n") if line.count("\t") in _TABS and line[0] != "#")


def _read(lines: Sequence[str]) -> list[Listed]:
    return [_listed(line) for line in lines]


def _listed(line: str) -> Listed:
    id, name, publisher, licence, _, _, *version = line.split("\t")
    return Listed(id, name, publisher, licence, *version)


def _one_of(found: list[Listed], key: str, publisher: str | None, version: str | None, language: str) -> Listed | None:
    """The one of several that the publisher, the number of the version or the whole name tells."""
    agreeing = [one for one in found if _publishers_agree(one, key, publisher)]
    if len(agreeing) < 2:
        return agreeing[0] if agreeing else None
    said = [one for one in agreeing if publisher and one.publisher and _same_publisher(one.publisher, publisher)]
    left = _best(said or agreeing, lambda one: _version_fits(one, version))
    left = _best(left, lambda one: int(bool(language) and one.name.endswith(f"({language})")))
    left = _best(left, lambda one: _channel_fits(one, version))
    left = _best(left, lambda one: _numbers_fit(one.name, version))
    left = _best(left, lambda one: name_key(one.name) == key)
    left = _best(left, lambda one: "@" not in one.id)
    if len({name_key(one.name) for one in left}) > 1:
        return None
    return min(left, key=lambda one: (len(one.id), one.id))


def _best(found: list[Listed], fit: Callable[[Listed], int]) -> list[Listed]:
    """Those that fit best."""
    fits = [fit(one) for one in found]
    return [one for one, how in zip(found, fits, strict=True) if how == max(fits)]


_CHANNELS = re.compile(
    r"(?<![a-z])(alpha|beta|rc|preview|nightly|daily|dev(?:elopment)?|esr|lts|snapshot|canary|insiders?|eap|playtest)"
    r"(?![a-z])"
)
_SHORT_CHANNEL = re.compile(r"\d(a|b|rc)\d+$")
_CHANNEL_WORDS = {"a": "alpha", "b": "beta", "insider": "insiders", "development": "dev"}
_RELEASED = frozenset({"esr", "lts"})


def _channels_in(text: str) -> set[str]:
    """The channels of release that a name, an id or a version says: beta, nightly, esr …"""
    folded = re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", text.casefold())
    found = set(_CHANNELS.findall(folded))
    short = _SHORT_CHANNEL.search(text.casefold())
    if short is not None:
        found.add(short[1])
    return {_CHANNEL_WORDS.get(word, word) for word in found}


def _channel_fits(one: Listed, version: str | None) -> int:
    """3: the very channel that the version says; 2: both not yet released; 1: one says nothing; 0: another channel."""
    said, own = _channels_in(version or ""), _channels_in(f"{one.name} {one.id.replace('@', ' ')}")
    if said & own or said == own:
        return 3
    if said - _RELEASED and own - _RELEASED:
        return 2
    return 0 if own else 1


_EQUAL = 9
_TELLING = 20
"""A first number from which it alone tells two programs apart: 140 and 116, not 2 and 3."""


def _version_fits(one: Listed, version: str | None) -> int:
    """How many first numbers of its version the program shares with the title, `_EQUAL` when all; 0: tells nothing.

    A program that is not yet released is meant only by its very version: what follows it may be the release.
    """
    if not version or not one.version:
        return 0
    if version.partition(",")[0] == one.version:
        return _EQUAL
    if _channels_in(version) or _channels_in(one.id.replace("@", " ")) - _RELEASED:
        return 0
    shared = _shared_numbers(_NUMBERS.findall(version), _NUMBERS.findall(one.version))
    return len(shared) if len(shared) > 1 or (shared and int(shared[0][:9]) >= _TELLING) else 0


def _shared_numbers(one: list[str], other: list[str]) -> list[str]:
    """The first numbers in which two versions agree."""
    found = []
    for mine, its in zip(one[:4], other[:4], strict=False):
        if mine != its:
            break
        found.append(mine)
    return found


def _numbers_fit(name: str, version: str | None) -> int:
    """2: a number in the name is how the version begins; 1: the name has none; 0: another one."""
    numbers = _NUMBER.findall(name)
    if not numbers:
        return 1
    begun = version is not None and any(f"{version}.".startswith(f"{number}.") for number in numbers)
    return 2 if begun else 0


def _publishers_agree(one: Listed, key: str, publisher: str | None) -> bool:
    if not publisher or not one.publisher:
        return True
    return len(key) >= DISTINCTIVE or _same_publisher(one.publisher, publisher)


def _same_publisher(short: str, publisher: str) -> bool:
    """Whether a collection's short name (`TheDocumentFoundation`) and a legal one mean the same holder."""
    one, other = name_key(short), publisher_key(publisher)
    return len(one) > 1 and len(other) > 1 and (one in other or other in one)

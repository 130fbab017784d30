"""One mapping of a YAML file, read field by field; every fault is noted with its path and reading goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules.yaml_file import YamlValue

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in one file: where, what, and what was expected."""

    file: str
    line: int
    """Counted from 1; 0 when the file as a whole is meant."""
    where: str
    """Path of the field, `licensing.metric`; empty when the text itself cannot be read."""
    what: str

    def __str__(self) -> str:
        where = self.where or (f"line {self.line}" if self.line else "")
        return f"{self.file}: {where}: {self.what}" if where else f"{self.file}: {self.what}"


class FileFaults:
    """The faults of one file, and the line of every path that was read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []
        self._lines: dict[str, int] = {}

    def seen(self, where: str, line: int) -> None:
        """Remember the line on which the path stands."""
        self._lines[where] = line

    def note(self, where: str, what: str, line: int | None = None) -> None:
        """Keep one fault; the line is that of the path when it is not given."""
        self.found.append(Fault(self.file, self._lines.get(where, 0) if line is None else line, where, what))


class Fields:
    """The members of one mapping; `close` names those that nobody asked for."""

    def __init__(self, value: YamlValue | None, where: str, faults: FileFaults) -> None:
        self.where = where
        self.faults = faults
        self._asked: set[str] = set()
        self._members: Mapping[str, YamlValue] = {}
        if value is not None:
            faults.seen(where, value.line)
        if value is None or value.value is None:
            return
        if isinstance(value.value, Mapping):
            self._members = value.value
        else:
            faults.note(where, f"expected a mapping of fields, got {shown(value)}", value.line)

    def __contains__(self, key: str) -> bool:
        return key in self._members

    def path(self, key: str) -> str:
        """Return the path of a member: `recognise[0].name`."""
        return f"{self.where}.{key}" if self.where else key

    def fault(self, key: str, what: str) -> None:
        """Note a fault of the member `key`, or of the mapping when it has none."""
        value = self._members.get(key)
        self.faults.note(self.path(key), what, value.line if value else None)

    def value(self, key: str) -> YamlValue | None:
        """Return the member, `None` when it is missing or null."""
        self._asked.add(key)
        found = self._members.get(key)
        if found is None:
            return None
        self.faults.seen(self.path(key), found.line)
        return None if found.value is None and not found.words else found

    def text(self, key: str, *, needed: bool = False, longest: int = 2000) -> str | None:
        """Return a text as it was written, numbers and days included."""
        found = self.value(key)
        if found is None:
            if needed:
                self.fault(key, "expected a text, got nothing")
            return None
        return self._words(key, found, longest)

    def _words(self, where: str, found: YamlValue, longest: int = 2000) -> str | None:
        if found.words is None:
            self.faults.note(self.path(where), f"expected a text, got {shown(found)}", found.line)
            return None
        words = found.words.strip()
        if not words or len(words) > longest:
            self.faults.note(self.path(where), f"expected 1 to {longest} characters, got {len(words)}", found.line)
            return None
        return words

    def texts(self, key: str, *, most: int = 1000, one_may_stand_alone: bool = False) -> tuple[str, ...]:
        """Return a list of different texts, in their order."""
        found: list[str] = []
        for item_key, item in self._items(key, most, one_may_stand_alone):
            words = self._words(item_key, item)
            if words is None:
                continue
            if words in found:
                self.faults.note(self.path(item_key), f"{words!r} stands twice", item.line)
            else:
                found.append(words)
        return tuple(found)

    def children(self, key: str, *, most: int = 1000) -> list[Fields]:
        """Return a list of mappings."""
        return [Fields(item, self.path(item_key), self.faults) for item_key, item in self._items(key, most, False)]

    def items(self, key: str, *, most: int = 1000) -> list[tuple[str, YamlValue]]:
        """Return the members of a list, each with its path."""
        return [(self.path(item_key), item) for item_key, item in self._items(key, most, False)]

    def _items(self, key: str, most: int, one_may_stand_alone: bool) -> Iterator[tuple[str, YamlValue]]:
        found = self.value(key)
        if found is None:
            return
        if not isinstance(found.value, tuple):
            if one_may_stand_alone and found.words is not None:
                yield key, found
            else:
                self.fault(key, f"expected a list, got {shown(found)}")
            return
        if len(found.value) > most:
            self.fault(key, f"expected at most {most} entries, got {len(found.value)}")
        for number, item in enumerate(found.value[:most]):
            self.faults.seen(self.path(f"{key}[{number}]"), item.line)
            yield f"{key}[{number}]", item

    def child(self, key: str, *, needed: bool = False) -> Fields:
        """Return the mapping under `key`; an empty one when it is missing."""
        found = self.value(key)
        if found is None and needed:
            self.fault(key, "expected a mapping of fields, got nothing")
        return Fields(found, self.path(key), self.faults)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a mapping of texts to texts, in its order."""
        child = self.child(key)
        read = [(name, child.text(name)) for name in child._members]
        return tuple((name, text) for name, text in read if text is not None)

    def day(self, key: str) -> date | None:
        """Return a day that exists, written YYYY-MM-DD."""
        words = self.text(key)
        if words is None:
            return None
        try:
            if len(words) != 10:
                raise ValueError
            return date.fromisoformat(words)
        except ValueError:
            self.fault(key, f"expected a day that exists as YYYY-MM-DD, got {words!r}")
            return None

    def flag(self, key: str) -> bool | None:
        """Return true or false."""
        found = self.value(key)
        if found is None or isinstance(found.value, bool):
            return None if found is None else bool(found.value)
        self.fault(key, f"expected true or false, got {shown(found)}")
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        found = self.value(key)
        if found is None:
            return None
        number = found.value
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            self.fault(key, f"expected a whole number from {least} to {most}, got {shown(found)}")
            return None
        return number

    def choice(self, key: str, vocabulary: type[E], title: str, *, needed: bool = False) -> E | None:
        """Return a word of a vocabulary."""
        word = self.word(key, tuple(vocabulary), title, needed=needed)
        return None if word is None else vocabulary(word)

    def word(self, key: str, words: tuple[str, ...], title: str, *, needed: bool = False) -> str | None:
        """Return one of `words`, which the fault calls `title`."""
        found = self.text(key, needed=needed)
        if found is None or found in words:
            return found
        self.fault(key, f"expected one of {title}, got {found!r} ({title}: {', '.join(words)})")
        return None

    def close(self) -> None:
        """Note every member that was never asked for."""
        for key, value in self._members.items():
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.faults.note(self.path(key), f"no such field (fields: {known})", value.line)


def shown(value: YamlValue) -> str:
    """Return a value as a fault shows it."""
    if value.words is not None:
        return repr(value.words[:80])
    return "a list" if isinstance(value.value, tuple) else "a mapping"

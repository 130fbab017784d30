"""Shapes: what a file may say, checked with every fault at once, and the JSON Schema that is made from the same table.

A fault says where (path and line), what was expected and what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from rules.yaml_file import YamlValue

LONGEST_TEXT = 1_000
LONGEST_LIST = 200_000


YES_WORDS = frozenset({"true", "yes", "True", "TRUE", "Yes", "YES", "y", "Y", "是"})
NO_WORDS = frozenset({"false", "no", "False", "FALSE", "No", "NO", "n", "N", "否"})


def plain_name(name: str) -> str:
    """Return a name in small letters with underscores: `asOf`, `As-Of` and `as of` are `as_of`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s\-]+", "_", apart).casefold()


class Unfit(Exception):
    """A scalar does not say what was expected."""


@dataclass
class Faults:
    """Every fault found so far: (line, path, what)."""

    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, value: YamlValue, path: str, expected: str) -> None:
        """Note that something else was expected; long words are cut."""
        told = value.words
        stands = "a list" if isinstance(value.value, tuple) else "a mapping" if told is None else repr(told[:60])
        self.found.append((value.line, path or "(file)", f"expected {expected}, got {stands}"))


class Shape:
    """One kind of value."""

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        """Return the value in our own terms; note what is wrong."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the shape."""
        raise NotImplementedError


@dataclass(frozen=True)
class Scalar(Shape):
    """A single value, read from the words as they stand in the file."""

    expected: str
    reader: Callable[[str], Any]
    json: Mapping[str, Any]

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if value.words is None or value.value is None:
            faults.add(value, path, self.expected)
            return None
        try:
            return self.reader(value.words)
        except (Unfit, ValueError, ZeroDivisionError, OverflowError):
            faults.add(value, path, self.expected)
            return None

    def schema(self) -> dict[str, Any]:
        return dict(self.json)


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; one value that is not a list stands for a list of one.

    `keyed`: the two members of an item that a mapping of names to values stands for.
    """

    item: Shape
    keyed: tuple[str, str] | None = None

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if isinstance(value.value, tuple):
            if len(value.value) > LONGEST_LIST:
                faults.add(value, path, f"at most {LONGEST_LIST} entries")
                return []
            return [self.item.read(one, f"{path}[{n}]", faults) for n, one in enumerate(value.value)]
        if self.keyed is not None and isinstance(value.value, Mapping) and self._is_keyed(value.value):
            name, member = self.keyed
            shape = self.item.members[member].shape if isinstance(self.item, Record) else self.item
            return [{name: key, member: shape.read(v, f"{path}.{key}", faults)} for key, v in value.value.items()]
        return [self.item.read(value, path, faults)]

    def _is_keyed(self, told: Mapping[str, YamlValue]) -> bool:
        return isinstance(self.item, Record) and not any(self.item.member_of(name) for name in told)

    def schema(self) -> dict[str, Any]:
        told = {"type": "array", "items": self.item.schema(), "maxItems": LONGEST_LIST}
        return {"anyOf": [told, self.item.schema()]} if isinstance(self.item, Scalar) else told


@dataclass(frozen=True)
class Pair(Shape):
    """A list of exactly these."""

    items: tuple[Shape, ...]

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if not isinstance(value.value, tuple) or len(value.value) != len(self.items):
            faults.add(value, path, f"a list of {len(self.items)}")
            return None
        pairs = zip(self.items, value.value, strict=True)
        return tuple(shape.read(one, f"{path}[{n}]", faults) for n, (shape, one) in enumerate(pairs))

    def schema(self) -> dict[str, Any]:
        count = len(self.items)
        return {"type": "array", "prefixItems": [s.schema() for s in self.items], "minItems": count, "maxItems": count}


@dataclass(frozen=True)
class Field:
    """One member of a record."""

    shape: Shape
    told: str
    """What it means, for the schema and whoever writes a file."""
    required: bool = False


@dataclass(frozen=True)
class Record(Shape):
    """A mapping with known members. `short`: the member that a bare text stands for, `listed`: that a bare list does.

    A member may be spelled otherwise: in capitals, with hyphens, or as `also` says. One without a value is not given;
    `true` for a mapping that needs no member is the empty one.
    """

    members: Mapping[str, Field]
    short: str | None = None
    listed: str | None = None
    also: Mapping[str, str] = field(default_factory=dict)

    def member_of(self, name: str) -> str | None:
        """Return the member that a name means."""
        plain = plain_name(name)
        return plain if plain in self.members else self.also.get(plain)

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if self.listed is not None and isinstance(value.value, tuple):
            return {self.listed: self.members[self.listed].shape.read(value, path, faults)}
        if value.words in YES_WORDS and not any(told.required for told in self.members.values()):
            return {}
        if self.short is not None and value.words is not None and value.value is not None:
            return {self.short: self.members[self.short].shape.read(value, path, faults)}
        if not isinstance(value.value, Mapping):
            faults.add(value, path, "a mapping")
            return {}
        found = {}
        for told_name, member in value.value.items():
            where = f"{path}.{told_name}" if path else told_name
            name = self.member_of(told_name)
            if name is None:
                known = ", ".join(self.members)
                faults.found.append((member.line, where, f"no such member; expected one of: {known}"))
                continue
            if name in found:
                faults.found.append((member.line, where, f"{name} is told twice"))
                continue
            if not self._is_absent(member, self.members[name]):
                found[name] = self.members[name].shape.read(member, where, faults)
        for name, told in self.members.items():
            if told.required and name not in found:
                where = f"{path}.{name}" if path else name
                faults.found.append((value.line, where, "is missing"))
        return found

    def _is_absent(self, value: YamlValue, told: Field) -> bool:
        """Nothing stands there, or the word no where a mapping is expected."""
        is_none = value.value is None and value.words in (None, "", "~", "null", "Null", "NULL")
        return is_none or (isinstance(told.shape, Record) and told.shape.short is None and value.words in NO_WORDS)

    def schema(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {**f.shape.schema(), "description": f.told} for name, f in self.members.items()},
        }
        required = [name for name, f in self.members.items() if f.required]
        if required:
            told["required"] = required
        return {"anyOf": [told, self.members[self.short].shape.schema()]} if self.short is not None else told


@dataclass(frozen=True)
class Named(Shape):
    """A mapping from free names to values of one shape."""

    item: Shape

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if not isinstance(value.value, Mapping):
            faults.add(value, path, "a mapping")
            return {}
        return {name: self.item.read(one, f"{path}.{name}", faults) for name, one in value.value.items()}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.item.schema()}


# --- scalars -------------------------------------------------------------------------------------------------------


def _text(words: str) -> str:
    if not words or len(words) > LONGEST_TEXT:
        raise Unfit
    return words


TEXT = Scalar(f"a text of 1 to {LONGEST_TEXT} characters", _text, {"type": ["string", "number"]})


def _day(words: str) -> date:
    """Read `2026-06-30`, also `2026/6/30`, `2026.6.30` and `2026年6月30日`."""
    found = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", words.strip())
    if found is None:
        raise Unfit
    year, month, day = (int(part) for part in found.groups())
    return date(year, month, day)


DAY = Scalar("a day such as 2026-06-30", _day, {"type": "string", "format": "date"})


def _moment(words: str) -> datetime:
    return datetime.fromisoformat(words)


MOMENT = Scalar("a moment such as 2026-06-30T09:30", _moment, {"type": "string"})


def _yes(words: str) -> bool:
    if words not in YES_WORDS | NO_WORDS:
        raise Unfit
    return words in YES_WORDS


YES = Scalar("true or false", _yes, {"type": "boolean"})


def _plain_digits(words: str) -> str:
    """Return a number without the commas that part its thousands."""
    return words.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", words) else words


def _number(words: str) -> Fraction:
    words = _plain_digits(words)
    if len(words) > 40 or "e" in words.casefold():
        raise Unfit
    return Fraction(words)


NUMBER = Scalar("a number or fraction such as 2, 0.5 or 1/2", _number, {"type": ["number", "string"]})


def whole(low: int, high: int) -> Scalar:
    """Return the shape of a whole number within bounds."""

    def read(words: str) -> int:
        plain = re.sub(r"\.0+$", "", _plain_digits(words))
        number = int(plain) if len(plain) <= 20 else high + 1
        if not low <= number <= high:
            raise Unfit
        return number

    return Scalar(f"a whole number from {low} to {high}", read, {"type": "integer", "minimum": low, "maximum": high})


def one_of(*words: str, also: Mapping[str, str] | None = None) -> Scalar:
    """Return the shape of a choice. `also`: other words for some of them."""
    others = {plain_name(name): word for name, word in (also or {}).items()}

    def read(told: str) -> str:
        plain = plain_name(told)
        if plain in words:
            return plain
        if plain not in others:
            raise Unfit
        return others[plain]

    return Scalar("one of " + ", ".join(words), read, {"enum": list(words)})

"""Shapes: what a file may say, checked with every fault at once, and the JSON Schema that is made from the same table.

A fault says where (path and line), what was expected and what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from rules.yaml_file import YamlValue

LONGEST_TEXT = 1_000
LONGEST_LIST = 200_000


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
    """A list; one value that is not a list stands for a list of one where `lenient`."""

    item: Shape
    lenient: bool = False

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if isinstance(value.value, tuple):
            if len(value.value) > LONGEST_LIST:
                faults.add(value, path, f"at most {LONGEST_LIST} entries")
                return []
            return [self.item.read(one, f"{path}[{n}]", faults) for n, one in enumerate(value.value)]
        if self.lenient:
            return [self.item.read(value, path, faults)]
        faults.add(value, path, "a list")
        return []

    def schema(self) -> dict[str, Any]:
        told = {"type": "array", "items": self.item.schema(), "maxItems": LONGEST_LIST}
        return {"anyOf": [told, self.item.schema()]} if self.lenient else told


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
    """A mapping with known members. `short`: the member that a bare text stands for."""

    members: Mapping[str, Field]
    short: str | None = None

    def read(self, value: YamlValue, path: str, faults: Faults) -> Any:
        if self.short is not None and value.words is not None and value.value is not None:
            return {self.short: self.members[self.short].shape.read(value, path, faults)}
        if not isinstance(value.value, Mapping):
            faults.add(value, path, "a mapping")
            return {}
        found = {}
        for name, member in value.value.items():
            where = f"{path}.{name}" if path else name
            if name not in self.members:
                known = ", ".join(self.members)
                faults.found.append((member.line, where, f"no such member; expected one of: {known}"))
                continue
            found[name] = self.members[name].shape.read(member, where, faults)
        for name, told in self.members.items():
            if told.required and name not in value.value:
                where = f"{path}.{name}" if path else name
                faults.found.append((value.line, where, "is missing"))
        return found

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
DAY = Scalar("a day such as 2026-06-30", date.fromisoformat, {"type": "string", "format": "date"})


def _moment(words: str) -> datetime:
    return datetime.fromisoformat(words)


MOMENT = Scalar("a moment such as 2026-06-30T09:30", _moment, {"type": "string"})


def _yes(words: str) -> bool:
    if words not in ("true", "false", "yes", "no"):
        raise Unfit
    return words in ("true", "yes")


YES = Scalar("true or false", _yes, {"type": "boolean"})


def _number(words: str) -> Fraction:
    if len(words) > 40 or "e" in words.casefold():
        raise Unfit
    return Fraction(words)


NUMBER = Scalar("a number or fraction such as 2, 0.5 or 1/2", _number, {"type": ["number", "string"]})


def whole(low: int, high: int) -> Scalar:
    """Return the shape of a whole number within bounds."""

    def read(words: str) -> int:
        number = int(words) if len(words) <= 20 else high + 1
        if not low <= number <= high:
            raise Unfit
        return number

    return Scalar(f"a whole number from {low} to {high}", read, {"type": "integer", "minimum": low, "maximum": high})


def one_of(*words: str) -> Scalar:
    """Return the shape of a choice."""

    def read(told: str) -> str:
        if told not in words:
            raise Unfit
        return told

    return Scalar("one of " + ", ".join(words), read, {"enum": list(words)})

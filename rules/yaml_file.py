"""YAML from outside → plain values with the line of each. The only importer of yaml in this room.

Safe types only. Bytes, depth, aliases and the size of the expanded document are bounded, so no file can fill the
memory or the stack; a key that stands twice is a fault. Every scalar keeps the words it was written with, so that a
version written `6.10` without quotes stays `6.10`, and the country `NO` does not become false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml


@dataclass(frozen=True)
class YamlLimits:
    """What one document may cost."""

    size_bytes: int = 1 << 20
    depth: int = 32
    aliases: int = 64
    values: int = 200_000
    """Values after every alias is followed."""


@dataclass(frozen=True)
class YamlValue:
    """One value with its line, counted from 1."""

    line: int
    value: str | int | float | bool | date | tuple[YamlValue, ...] | Mapping[str, YamlValue] | None
    words: str | None = None
    """A scalar as written; `None` for lists and mappings."""
    size: int = field(default=1, compare=False)


class YamlFaults(Exception):
    """The document cannot be read; `faults` are (line, what) in the order of the lines."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("; ".join(f"line {line}: {what}" for line, what in self.faults))


STANDARD_LIMITS = YamlLimits()
_SAFE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))


def parse_yaml(data: bytes, limits: YamlLimits = STANDARD_LIMITS) -> YamlValue:
    """Return the one document in `data`; raises YamlFaults with every fault that could be found."""
    if len(data) > limits.size_bytes:
        raise YamlFaults([(1, f"the file has {len(data)} bytes, at most {limits.size_bytes} are read")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlFaults([(line, "expected UTF-8 text")]) from error
    return _Composer(text, limits).document()


def plain_value(value: YamlValue) -> Any:
    """Return the value without lines: texts, numbers, lists and dicts."""
    match value.value:
        case tuple() as items:
            return [plain_value(item) for item in items]
        case Mapping() as members:
            return {key: plain_value(member) for key, member in members.items()}
        case other:
            return other


class _Composer:
    """Events → values, depth first, with the bounds checked as they are reached."""

    def __init__(self, text: str, limits: YamlLimits) -> None:
        self._text = text
        self._loader: Any = None
        self._limits = limits
        self._anchors: dict[str, YamlValue] = {}
        self._aliases = 0
        self._faults: list[tuple[int, str]] = []

    def document(self) -> YamlValue:
        try:
            self._loader = yaml.CSafeLoader(self._text)
            try:
                found = self._only_document()
            finally:
                self._loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            raise YamlFaults([*self._faults, (line, f"not YAML: {error.problem or error.context}")]) from error
        except yaml.YAMLError as error:
            raise YamlFaults([*self._faults, (1, f"not YAML: {str(error).splitlines()[0]}")]) from error
        if self._faults:
            raise YamlFaults(self._faults)
        return found

    def _only_document(self) -> YamlValue:
        self._loader.get_event()  # StreamStart
        if self._loader.check_event(yaml.StreamEndEvent):
            return YamlValue(1, None, "")
        self._loader.get_event()  # DocumentStart
        found = self._value(0)
        self._loader.get_event()  # DocumentEnd
        if not self._loader.check_event(yaml.StreamEndEvent):
            line = self._loader.peek_event().start_mark.line + 1
            self._faults.append((line, "expected one document, a second one starts here"))
        return found

    def _value(self, depth: int) -> YamlValue:
        event = self._loader.get_event()
        line = event.start_mark.line + 1
        if depth > self._limits.depth:
            raise YamlFaults([*self._faults, (line, f"nested deeper than {self._limits.depth} levels")])
        if isinstance(event, yaml.AliasEvent):
            return self._followed(str(event.anchor), line)
        if isinstance(event, yaml.ScalarEvent):
            found = self._scalar(event, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._sequence(event, line, depth)
        else:
            found = self._mapping(event, line, depth)
        if found.size > self._limits.values:
            raise YamlFaults([*self._faults, (line, f"more than {self._limits.values} values")])
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _followed(self, anchor: str, line: int) -> YamlValue:
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            raise YamlFaults([*self._faults, (line, f"more than {self._limits.aliases} aliases")])
        if anchor not in self._anchors:
            raise YamlFaults([*self._faults, (line, f"the alias *{anchor} has no anchor before it")])
        return self._anchors[anchor]

    def _sequence(self, event: Any, line: int, depth: int) -> YamlValue:
        self._refuse_tag(event.tag, line)
        items: list[YamlValue] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            items.append(self._value(depth + 1))
        self._loader.get_event()
        return YamlValue(line, tuple(items), size=1 + sum(item.size for item in items))

    def _mapping(self, event: Any, line: int, depth: int) -> YamlValue:
        self._refuse_tag(event.tag, line)
        members: dict[str, YamlValue] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            key = self._value(depth + 1)
            member = self._value(depth + 1)
            if key.words is None:
                self._faults.append((key.line, "expected a text as key"))
            elif key.words in members:
                first = members[key.words].line
                self._faults.append((key.line, f"the key {key.words!r} stands twice, first on line {first}"))
            else:
                members[key.words] = member
        self._loader.get_event()
        return YamlValue(line, members, size=1 + sum(member.size for member in members.values()))

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag is not None and tag not in ("!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
            self._faults.append((line, f"the tag {tag} is not read"))

    def _scalar(self, event: Any, line: int) -> YamlValue:
        words: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, words, event.implicit)
        if tag == "tag:yaml.org,2002:str":
            return YamlValue(line, words, words)
        if tag not in _SAFE_TAGS:
            self._faults.append((line, f"the tag {tag} is not read"))
            return YamlValue(line, words, words)
        try:
            read = self._loader.yaml_constructors[tag](self._loader, yaml.ScalarNode(tag, words))
        except (ValueError, KeyError, IndexError, OverflowError):
            return YamlValue(line, words, words)
        return YamlValue(line, read, words)

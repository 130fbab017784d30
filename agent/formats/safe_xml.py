"""XML from outside: read with the standard parser, no DOCTYPE, no entities, bounded depth and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator
from xml.parsers import expat

MAX_DEPTH = 100
MAX_ELEMENTS = 500_000


class XmlFault(ValueError):
    """The bytes are not well-formed XML, or use what we refuse."""


@dataclass
class Element:
    """One element. `text` is the text directly behind its start, before the first child, trimmed."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Element]:
        """Yield the direct children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """Return the first direct child of that name."""
        return next(self.all(name), None)


def read_xml(data: bytes) -> Element:
    """Return the root element. Raises `XmlFault`, before any entity could be expanded."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlFault(str(error))
    if builder.root is None:
        raise XmlFault("no element")
    return builder.root


class _Builder:
    """Makes elements out of the parser's events."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def refuse(self, name: str, *_: object) -> None:
        raise XmlFault("a DOCTYPE (%s) is not accepted" % name)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise XmlFault("more than %d elements or deeper than %d" % (MAX_ELEMENTS, MAX_DEPTH))
        element = Element(name, attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        element = self.open.pop()
        element.text = element.text.strip()

    def characters(self, text: str) -> None:
        if self.open and not self.open[-1].children:
            self.open[-1].text += text

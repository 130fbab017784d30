"""XML from outside: read with the standard parser, no DOCTYPE, no entities, bounded depth and size."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator
from xml.parsers import expat

MAX_DEPTH = 100
MAX_ELEMENTS = 500_000
_ENCODING = re.compile(rb"\s*<\?xml[^>]*?encoding=[\"']([A-Za-z0-9._-]+)[\"']")
_EAST_ASIAN = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
}


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
    data, encoding = _readable(data)
    parser = expat.ParserCreate(encoding)
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


def _readable(data: bytes) -> tuple[bytes, str | None]:
    """Return the bytes in an encoding that the parser knows: East Asian ones, which it does not, become UTF-8."""
    declared = _ENCODING.match(data[:200])
    name = declared.group(1).decode("ascii").lower() if declared is not None else ""
    if name not in _EAST_ASIAN:
        return data, None
    return data.decode(_EAST_ASIAN[name], "replace").encode("utf-8"), "utf-8"


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

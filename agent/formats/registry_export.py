"""Registry exports (`.reg`): regedit 5 in UTF-16, and REGEDIT4 in the code page of the machine that wrote it.

Read: every value type, `hex(…)` over several lines, texts over several lines, escapes, the default value
    `@`, deletions (`[-key]`, `"name"=-`). Keys above an exported key are there, without values.
Code page: UTF-8 when it is valid; else GB18030 when most of its double-byte characters are everyday
    Chinese ones; else Windows-1252.
Not in an export: when a key was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator

from agent.formats.console_text import decode_text
from agent.formats.registry_value import (
    EXPAND_SZ,
    MAX_KEY_DEPTH,
    MULTI_SZ,
    SZ,
    HiveKey,
    Value,
    Values,
    decode_value,
)

MAX_KEYS = 500_000
MAX_VALUES = 4_000_000
MAX_LINES_OF_ONE_TEXT = 1000
MAX_FAULTS_OF_ONE_KEY = 50

_ROOTS = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKU": "HKEY_USERS",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
_HEADER_5 = "Windows Registry Editor Version 5"
_HEADER_4 = "REGEDIT4"
_NAMED = re.compile(r'[ \t]*(?:@|"((?:[^"\\]|\\.)*)")[ \t]*=[ \t]*(.*)', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t]*(?:;.*)?', re.DOTALL)
_OPEN_QUOTE = re.compile(r'"(?:[^"\\]|\\.)*\\?', re.DOTALL)
_CLOSING = re.compile(r'(?:[^"\\]|\\.)*"[ \t]*(?:;.*)?$')
_KEY_LINE = re.compile(r"[ \t]*\[-?HK", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DWORD = re.compile(r"dword:([0-9a-f]{1,8})[ \t]*(?:;.*)?", re.IGNORECASE)
_HEX = re.compile(r"hex(?:\(([0-9a-f]{1,8})\))?:([0-9a-f, \t]*)(?:;.*)?", re.IGNORECASE)


class DamagedExport(Exception):
    """The bytes are no registry export, or one beyond the limits: where, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__("%s: %s" % (where, why))
        self.where = where
        self.why = why


@dataclass
class _Node:
    path: str
    values: Values = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class RegistryExport:
    """One `.reg` file. Keys are looked up by full path (`HKLM\\…` or `HKEY_LOCAL_MACHINE\\…`), in any case."""

    def __init__(self, data: bytes) -> None:
        """Read a whole export. A line that makes no sense costs that line. Raises `DamagedExport`.

        Of one with more keys or values than anybody has, what comes first is read, and each of its keys says so.
        """
        text, self._code_page = decode_export(data)
        self._nodes: dict[str, _Node] = {}
        self._value_count = 0
        self._cut: tuple[str, ...] = ()
        try:
            self._read(_Lines(text))
        except DamagedExport as cut:
            self._cut = ("the rest of the export was not read: %s" % cut,)

    def key(self, path: str) -> HiveKey | None:
        """Return the key at `path`, `None` when the export does not hold it."""
        node = self._nodes.get(_full(path).upper())
        if node is None:
            return None
        name = node.path.rsplit("\\", 1)[-1]
        return HiveKey(name, node.values, tuple(node.children.values()), None, (*node.faults, *self._cut))

    def paths(self) -> Iterator[str]:
        """Yield the full path of every key, in the order in which the export names them."""
        for node in self._nodes.values():
            yield node.path

    def _read(self, lines: _Lines) -> None:
        node: _Node | None = None
        for line in lines:
            stripped = line.strip()
            if not stripped or stripped[0] == ";":
                continue
            if stripped[0] == "[":
                node = self._enter(stripped)
            elif node is not None:
                self._take(node, lines.joined(line))

    def _enter(self, line: str) -> _Node | None:
        """Return the node of a `[key]` line; a deletion takes the key away and returns `None`."""
        path = line[1 : line.rfind("]")] if "]" in line else line[1:]
        if path.startswith("-"):
            self._delete(_full(path[1:]))
            return None
        path = _full(path)
        if not path or path.count("\\") > MAX_KEY_DEPTH:
            return None
        return self._node(path)

    def _node(self, path: str) -> _Node:
        """Return the node for `path`, made together with all that stand above it."""
        node = self._nodes.get(path.upper())
        if node is not None:
            return node
        parts = path.split("\\")
        for depth in range(1, len(parts) + 1):
            here = "\\".join(parts[:depth])
            if here.upper() in self._nodes:
                continue
            if len(self._nodes) >= MAX_KEYS:
                raise DamagedExport(here, "more than %d keys" % MAX_KEYS)
            self._nodes[here.upper()] = _Node(here)
            if depth > 1:
                above = self._nodes["\\".join(parts[: depth - 1]).upper()]
                above.children[parts[depth - 1].upper()] = parts[depth - 1]
        return self._nodes[path.upper()]

    def _delete(self, path: str) -> None:
        todo = [path.upper()]
        above, _, name = path.upper().rpartition("\\")
        if above in self._nodes:
            self._nodes[above].children.pop(name, None)
        while todo:
            gone = self._nodes.pop(todo.pop(), None)
            if gone is not None:
                todo.extend((gone.path + "\\" + child).upper() for child in gone.children.values())

    def _take(self, node: _Node, line: str) -> None:
        """Put one `"name"=value` line into a key."""
        named = _NAMED.fullmatch(line)
        if named is None:
            _fault(node, "not a value: %.60s" % line.strip())
            return
        name = "" if named.group(1) is None else _ESCAPE.sub(r"\1", named.group(1))
        text = named.group(2).rstrip()
        if text == "-":
            node.values.pop(name, None)
            return
        value = self._value(text)
        if value is None:
            _fault(node, "value %s cannot be read: %.60s" % (name or "@", text))
            return
        self._value_count += 1
        if self._value_count > MAX_VALUES:
            raise DamagedExport(node.path, "more than %d values" % MAX_VALUES)
        node.values[name] = value

    def _value(self, text: str) -> Value | None:
        """Return what the right side of a line says, `None` when it cannot be read."""
        quoted = _QUOTED.fullmatch(text)
        if quoted is not None:
            return _ESCAPE.sub(r"\1", quoted.group(1))
        number = _DWORD.fullmatch(text)
        if number is not None:
            return int(number.group(1), 16)
        hexed = _HEX.fullmatch(text)
        if hexed is None:
            return None
        kind = int(hexed.group(1) or "3", 16)
        digits = hexed.group(2).replace(",", " ").split()
        if any(len(pair) > 2 for pair in digits):
            return None
        data = bytes(int(pair, 16) for pair in digits)
        if self._code_page is not None and kind in (SZ, EXPAND_SZ, MULTI_SZ):
            data = data.decode(self._code_page, "replace").encode("utf-16-le", "replace")
        return decode_value(kind, data)


class _Lines:
    """The lines of an export, with a look ahead for values that go on."""

    def __init__(self, text: str) -> None:
        self._lines = re.split(r"\r\n|\n|\r", text)
        self._next = 0
        self._open_until = 0
        """No line before this one, from the last text that was left open, closes a text."""

    def __iter__(self) -> Iterator[str]:
        while self._next < len(self._lines):
            self._next += 1
            yield self._lines[self._next - 1]

    def joined(self, line: str) -> str:
        """Return a value's line together with the lines that continue it."""
        named = _NAMED.fullmatch(line)
        if named is None:
            return line
        if named.group(2).startswith('"'):
            return self._quoted(line, named.group(2))
        pieces = [line.rstrip()]
        while pieces[-1].endswith("\\") and self._next < len(self._lines):
            more = self._lines[self._next].strip()
            if more.startswith(("[", '"', "@")):
                break
            self._next += 1
            pieces[-1] = pieces[-1][:-1]
            pieces.append(more)
        return "".join(pieces)

    def _quoted(self, line: str, text: str) -> str:
        """Return a text value whose line breaks are part of the text; an unclosed one is left as it is."""
        if _QUOTED.fullmatch(text.rstrip()) or not _OPEN_QUOTE.fullmatch(text):
            return line
        start = max(self._next, self._open_until)
        for end in range(start, min(self._next + MAX_LINES_OF_ONE_TEXT, len(self._lines))):
            if _KEY_LINE.match(self._lines[end]):
                break
            self._open_until = end + 1
            if _CLOSING.match(self._lines[end]):
                pieces = [line] + self._lines[self._next : end + 1]
                self._next = end + 1
                return "\r\n".join(pieces)
        return line


def decode_export(data: bytes) -> tuple[str, str | None]:
    """Return the text of an export, and the code page when its `hex` texts are written in one (REGEDIT4).

    Raises `DamagedExport` when it does not start with a line that regedit knows.
    """
    text, encoding = decode_text(data)
    start = text.lstrip("\ufeff \t\r\n")[:64]
    if start.upper().startswith(_HEADER_5.upper()):
        return text, None
    if start.upper().startswith(_HEADER_4):
        return text, encoding
    raise DamagedExport("first line", "no registry export")


def _full(path: str) -> str:
    """Return a path with the long name of its root, without blank ends and doubled separators."""
    parts = [part for part in path.strip().split("\\") if part]
    if parts:
        parts[0] = _ROOTS.get(parts[0].upper(), parts[0])
    return "\\".join(parts)


def _fault(node: _Node, what: str) -> None:
    if len(node.faults) < MAX_FAULTS_OF_ONE_KEY:
        node.faults.append(what)

"""Scheduled tasks of Windows as they lie on the disk: XML since Vista, `.job` before, actions in the registry since 7.

XML:     Task Scheduler schema, `Actions/Exec` and `Settings/Enabled`.
.job:    header of 68 bytes, a word, then the program as UTF-16 with its length before it ([MS-TSCH] 2.4).
Actions: a version word, the context, then actions that begin with a magic word; 0x6666 starts a program. As public
    notes on TaskCache describe it; what does not fit is not read.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Iterator

from agent.formats.safe_xml import Element, XmlFault, read_xml

MAX_ACTIONS = 32
_EXEC = 0x6666
_JOB_HEADER = 68


@dataclass(frozen=True)
class TaskAction:
    """One program that a task starts, with its arguments, which are for telling its script alone."""

    command: str
    arguments: str | None = None


@dataclass(frozen=True)
class Task:
    """What a task file says. `uri` is the task's own full name where it gives one."""

    actions: tuple[TaskAction, ...]
    enabled: bool | None = None
    uri: str | None = None


def parse_task(data: bytes) -> Task | None:
    """Return the task of an XML or `.job` file, `None` when it is neither."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data.lstrip()[:1] == b"<" or data.startswith(b"\xef\xbb\xbf"):
        return _of_xml(data)
    return _of_job(data)


def parse_actions(data: bytes) -> Iterator[TaskAction]:
    """Yield the programs of a value `Actions` of TaskCache; stops at the first piece that it does not know."""
    reader = _Pieces(data)
    version = reader.word()
    if version is None or not 1 <= version <= 3:
        return
    if version >= 2 and reader.text() is None:
        return
    for _ in range(MAX_ACTIONS):
        if reader.word() != _EXEC or reader.text() is None:
            return
        command, arguments, folder = reader.text(), reader.text(), reader.text()
        if command is None or folder is None:
            return
        if version == 3 and reader.word() is None:
            return
        yield TaskAction(command, arguments or None)


class _Pieces:
    """Words and counted texts one after the other; `None` for what does not fit any more."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def word(self) -> int | None:
        if self._at + 2 > len(self._data):
            return None
        self._at += 2
        return int(struct.unpack_from("<H", self._data, self._at - 2)[0])

    def text(self) -> str | None:
        if self._at + 4 > len(self._data):
            return None
        (size,) = struct.unpack_from("<I", self._data, self._at)
        start, self._at = self._at + 4, self._at + 4 + size
        if size % 2 or self._at > len(self._data):
            return None
        return self._data[start : self._at].decode("utf-16-le", "replace")


def _of_xml(data: bytes) -> Task | None:
    try:
        root = read_xml(_as_utf8(data))
    except XmlFault:
        return None
    if _bare(root.name) != "Task":
        return None
    actions = [child for child in root.children if _bare(child.name) == "Actions"]
    starts = [each for above in actions for each in above.children if _bare(each.name) == "Exec"]
    enabled = _first_text(root, "Settings", "Enabled")
    return Task(
        tuple(TaskAction(_text(each, "Command") or "", _text(each, "Arguments")) for each in starts[:MAX_ACTIONS]),
        None if enabled is None else enabled.lower() in ("true", "1"),
        _first_text(root, "RegistrationInfo", "URI"),
    )


def _as_utf8(data: bytes) -> bytes:
    """Return the file as UTF-8 without its declaration: some say UTF-16 and are not, and the other way round."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8-sig", "replace")
    return re.sub(r"^<\?xml[^>]{0,200}\?>", "", text.lstrip()).encode("utf-8", "replace")


def _of_job(data: bytes) -> Task | None:
    if len(data) < _JOB_HEADER + 4 or struct.unpack_from("<H", data, 2)[0] != 1:
        return None
    (at,) = struct.unpack_from("<H", data, 20)
    if at + 2 > len(data) or at < _JOB_HEADER:
        return None
    (length,) = struct.unpack_from("<H", data, at)
    name = data[at + 2 : at + 2 + length * 2].decode("utf-16-le", "replace").rstrip("\0")
    after = at + 2 + length * 2
    arguments = None
    if after + 2 <= len(data):
        (size,) = struct.unpack_from("<H", data, after)
        arguments = data[after + 2 : after + 2 + size * 2].decode("utf-16-le", "replace").rstrip("\0") or None
    return Task((TaskAction(name, arguments),)) if name.isprintable() and name else None


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _text(element: Element, name: str) -> str | None:
    child = next((child for child in element.children if _bare(child.name) == name), None)
    return None if child is None else child.text.strip() or None


def _first_text(root: Element, above: str, name: str) -> str | None:
    parent = next((child for child in root.children if _bare(child.name) == above), None)
    return None if parent is None else _text(parent, name)

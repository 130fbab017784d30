"""What `reg query` prints, made into an export, so that both are read the same way.

Printed: a line for each key, below it `    name    REG_TYPE    value` for each value, with blanks (Vista and later)
    or tabs (XP). The default value's name stands in brackets, in the language of the system. Texts are the console's.
Read: texts, numbers, lists (`\\0` between their members) and bytes. A name or text that holds the separator itself
    cannot be told apart: the first type word decides.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.formats.console_text import decode_text

MAX_LINES = 2_000_000

_EXPORTS = ("[", "Windows Registry Editor", "REGEDIT4")
_KEY = re.compile(r"(?:\[)?(?P<path>HKEY_(?:LOCAL_MACHINE|USERS|CURRENT_USER|CLASSES_ROOT)(?:\\[^\r\n]*?)?)\]?\s*")
_VALUE = re.compile(
    r"(?:\s{4}|\t)(?P<name>.*?)(?:\s{4}|\t)(?P<kind>REG_[A-Z_]+)(?:(?:\s{4}|\t)(?P<value>.*))?", re.DOTALL
)
_DEFAULT = re.compile(r"[<(（].*[>)）]")
_HEX_NUMBER = re.compile(r"0x([0-9a-f]{1,16})", re.IGNORECASE)


def is_query(data: bytes) -> bool:
    """Tell whether bytes look like the output of `reg query`; an export, whose keys stand in brackets, does not."""
    head = _lines(data[:65536])[:50]
    if any(line.lstrip().startswith(_EXPORTS) for line in head):
        return False
    return any(_KEY.fullmatch(line) for line in head)


def export_of_query(data: bytes) -> bytes:
    """Return an export (version 5, UTF-16) that holds the same keys and values."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    for line in _lines(data)[:MAX_LINES]:
        key, value = _KEY.fullmatch(line), _VALUE.fullmatch(line)
        if key is not None:
            lines += ["", "[%s]" % key.group("path").rstrip("\\")]
        elif value is not None and len(lines) > 2:
            lines.extend(_written(value.group("name"), value.group("kind"), (value.group("value") or "").rstrip()))
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le", "replace")


def _lines(data: bytes) -> list[str]:
    return re.split(r"\r\n|\n|\r", decode_text(data)[0])


def _written(name: str, kind: str, value: str) -> Iterator[str]:
    """Yield the line of an export for one value; one that makes no sense yields none."""
    left = "@=" if _DEFAULT.fullmatch(name) else '"%s"=' % _escaped(name)
    number = _HEX_NUMBER.match(value)
    if kind in ("REG_SZ", "REG_EXPAND_SZ"):
        yield '%s"%s"' % (left, _escaped(value))
    elif kind == "REG_DWORD" and number is not None:
        yield "%sdword:%08x" % (left, int(number.group(1), 16) & 0xFFFFFFFF)
    elif kind == "REG_QWORD" and number is not None:
        yield "%shex(b):%s" % (left, _bytes(int(number.group(1), 16).to_bytes(8, "little")))
    elif kind == "REG_MULTI_SZ":
        yield "%shex(7):%s" % (left, _bytes((value.replace("\\0", "\0") + "\0\0").encode("utf-16-le", "replace")))
    elif kind == "REG_BINARY" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", value):
        yield "%shex:%s" % (left, _bytes(bytes.fromhex(value)))


def _bytes(data: bytes) -> str:
    return ",".join("%02x" % byte for byte in data)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

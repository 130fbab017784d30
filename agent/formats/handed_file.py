"""A file as its source wrote it, under whatever a transport put around it: what editors, consoles and mail change.

Taken off are byte-order marks, UTF-16 (with or without a mark), carriage returns (`\\r\\n`, the `\\r\\r\\n` that wmic
makes of it, and the lone `\\r` of old systems), blank lines before the first one, and NULs and Ctrl-Z behind the last.
An ANSI code page stays as it is: which one it is, only the words tell (`console_text`). Binary files are untouched.
"""

from __future__ import annotations

import re

_SAMPLE_BYTES = 4096
_SHARE = 8
"""At least one byte in eight is the zero of an ASCII letter; of the other side hardly one is (U+4E00 has such)."""
_LONGEST_GAP = 20
_BLANKS = " " * 100
_LONG_BLANK = re.compile(r"[ \t]{100,}")
_ENDS = b"\0\x1a"
_DECLARED = re.compile(r"(<\?xml[^>]{0,100}?encoding=[\"'])[A-Za-z0-9._-]{1,40}([\"'])")


def as_written(data: bytes) -> bytes:
    """Return a text file with plain line ends and without marks, and every other file as it is."""
    wide = utf16_of(data)
    if wide is not None:
        text = data.decode(wide, "replace").lstrip("\ufeff")
        data = _DECLARED.sub(r"\1utf-8\2", text, count=1).encode("utf-8", "replace")
    elif b"\0" in data.rstrip(_ENDS + b" \t\r\n"):
        return data
    plain = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    plain = re.sub(rb"\r+\n", b"\n", plain.rstrip(_ENDS))
    if b"\n" not in plain:
        plain = plain.replace(b"\r", b"\n")
    return re.sub(rb"\A(?:[ \t]*\n)+", b"", plain)


def utf16_of(data: bytes) -> str | None:
    """Return the UTF-16 encoding of a text, by its mark or by zero bytes on one side alone; `None` for another."""
    if data.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff"):
        return "utf-16-be"
    head = data.rstrip(_ENDS)[:_SAMPLE_BYTES]
    even, odd = head[0::2], head[1::2]
    if any(not low and not high for low, high in zip(even, odd)):  # U+0000: no text
        return None
    zeros = even.count(b"\0"), odd.count(b"\0")
    if not any(zeros) or max(zeros) * _SHARE < len(head) or min(zeros) * _SHARE > max(zeros):
        return None
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def as_printed(text: str) -> str:
    """Return a decoded text with plain line ends, without marks and without what ends a file of old systems."""
    plain = re.sub(r"\r+\n", "\n", text.lstrip("\ufeff").rstrip("\0\x1a"))
    return plain if "\n" in plain else plain.replace("\r", "\n")


def bounded_lines(text: str, longest: int = 4000) -> str:
    """Return a printed text whose lines and gaps have a length that a pattern gets through in no time.

    A pattern that runs holds up the whole process: nobody could take a scan's time away from it.
    """
    kept: list[str] = []
    gap = 0
    for whole in text.split("\n"):
        line = _LONG_BLANK.sub(_BLANKS, whole[:longest])
        gap = 0 if line.strip() else gap + 1
        if gap <= _LONGEST_GAP:
            kept.append(line)
    return "\n".join(kept)

"""Lines of a byte stream as text, whatever wrote them: UTF-8, UTF-16 with a mark, GB18030 where UTF-8 does not fit."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

LONGEST_LINE_BYTES = 1 << 20
"""A longer line is cut there; its rest is passed over."""


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """Yield every line without its end. No line is lost and none raises: what fits nowhere becomes U+FFFD."""
    first = stream.readline(LONGEST_LINE_BYTES)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = (first + stream.read()).decode("utf-16", "replace")
        yield from text.splitlines()
        return
    line = first
    while line:
        if not line.endswith(b"\n") and len(line) >= LONGEST_LINE_BYTES:
            _pass_over_rest(stream)
        yield decoded(line.rstrip(b"\r\n"))
        line = stream.readline(LONGEST_LINE_BYTES)


def _pass_over_rest(stream: BinaryIO) -> None:
    while (rest := stream.readline(LONGEST_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def decoded(line: bytes) -> str:
    """Return the text of one line."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace")
    return text if all(sign.isprintable() or sign in "\t" for sign in text) else line.decode("utf-8", "replace")

"""Texts made of blocks with empty lines between them, and of fields `Name: value`, as many tools print their lists."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator

MAX_BLOCKS = 1_000_000
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def blocks_of(text: str) -> Iterator[str]:
    """Yield the blocks of a text in order, none of them empty. Line ends of every system are taken."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    start = 0
    for gap in islice(_EMPTY_LINES.finditer(text), MAX_BLOCKS):
        if text[start : gap.start()].strip():
            yield text[start : gap.start()]
        start = gap.end()
    if text[start:].strip():
        yield text[start:]


def fields_of(block: str) -> dict[str, str]:
    """Return the fields of a block by their names in lower case; the first of a name counts.

    A name may stand to the right (`      Name: x`). Deeper lines without a name continue the value before them.
    """
    found: dict[str, str] = {}
    last = None
    for line in block.split("\n"):
        name, colon, value = line.partition(":")
        word = name.strip().lower()
        if colon and word and (value[:1] in ("", " ", "\t") or not line[:1].isspace()) and len(word) < 60:
            last = word if word not in found else None
            if last is not None:
                found[last] = value.strip()
        elif last is not None and line[:1].isspace() and line.strip():
            found[last] = ("%s %s" % (found[last], line.strip())).strip()
    return found


def aligned_fields_of(block: str) -> dict[str, str]:
    """Return the fields of a block whose colons stand below each other: no other line begins a field."""
    column = block.partition("\n")[0].find(":")
    lines = block.split("\n")
    kept = [line if line[column : column + 1] == ":" else line.replace(":", " ") for line in lines]
    return fields_of("\n".join(kept)) if column > 0 else {}

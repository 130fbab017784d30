"""The version information of a program of Windows: product, company, versions, as its maker wrote them.

Layout: VS_VERSIONINFO with StringFileInfo as Microsoft documents them. Of several languages Chinese goes first, then
English, then the first; the bytes of a text are UTF-16.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Dict, Iterator

from agent.formats.pe_file import ProgramFile

RT_VERSION = 16
MAX_TEXT = 512
MAX_BLOCKS = 2000

_FIXED = 0xFEEF04BD
_LANGUAGES = ("0804", "0404", "0409")


@dataclass(frozen=True)
class ProgramVersion:
    """What a program says of itself; `None` where it says nothing."""

    product: str | None = None
    company: str | None = None
    description: str | None = None
    product_version: str | None = None
    file_version: str | None = None
    original_name: str | None = None
    language: str | None = None
    """The language of the texts, as four hexadecimal digits."""


def version_of(program: ProgramFile) -> ProgramVersion | None:
    """Return the version information, `None` when the program has none. Raises `DamagedProgram`."""
    data = program.resource(RT_VERSION)
    return None if data is None else parse_version(data)


def parse_version(data: bytes) -> ProgramVersion | None:
    """Return what a version resource says, `None` when it is none."""
    top = _block(data, 0, len(data))
    if top is None or top.key != "VS_VERSION_INFO":
        return None
    tables: Dict[str, Dict[str, str]] = {}
    for block in _children(data, top):
        if block.key == "StringFileInfo":
            for table in _children(data, block):
                texts = {each.key.lower(): each.text(data) for each in _children(data, table)}
                tables.setdefault(table.key.lower(), texts)
    language = next((key for wanted in _LANGUAGES for key in tables if key.startswith(wanted)), next(iter(tables), ""))
    texts = tables.get(language, {})
    fixed = _fixed_version(data, top)
    return ProgramVersion(
        product=texts.get("productname") or None,
        company=texts.get("companyname") or None,
        description=texts.get("filedescription") or None,
        product_version=texts.get("productversion") or fixed[1],
        file_version=fixed[0] or texts.get("fileversion") or None,
        original_name=texts.get("originalfilename") or None,
        language=language[:4] or None,
    )


@dataclass(frozen=True)
class _Block:
    """One node: its key, where its value and its children lie."""

    key: str
    value_start: int
    value_length: int
    is_text: bool
    end: int

    def text(self, data: bytes) -> str:
        length = min(self.value_length * (2 if self.is_text else 1), MAX_TEXT * 2)
        raw = data[self.value_start : min(self.value_start + length, self.end)]
        return raw[: len(raw) & ~1].decode("utf-16-le", "replace").split("\0", 1)[0].strip()


def _block(data: bytes, at: int, end: int) -> _Block | None:
    if at + 6 > end:
        return None
    length, value_length, kind = struct.unpack_from("<HHH", data, at)
    stop = at + length
    if length < 6 or stop > end:
        return None
    key_end = at + 6
    while key_end + 2 <= stop and data[key_end : key_end + 2] != b"\0\0":
        key_end += 2
    key = data[at + 6 : key_end].decode("utf-16-le", "replace")
    return _Block(key, _aligned(key_end + 2), value_length, kind == 1, stop)


def _children(data: bytes, block: _Block) -> Iterator[_Block]:
    """Yield the nodes below one; a node that does not fit ends them."""
    size = block.value_length * (2 if block.is_text else 1)
    at = _aligned(block.value_start + (size if block.key == "VS_VERSION_INFO" else 0))
    for _ in range(MAX_BLOCKS):
        found = _block(data, at, block.end)
        if found is None:
            return
        yield found
        at = _aligned(found.end)


def _fixed_version(data: bytes, top: _Block) -> tuple[str | None, str | None]:
    """Return file and product version of VS_FIXEDFILEINFO."""
    if top.value_length < 24 or top.value_start + 24 > len(data):
        return (None, None)
    magic, _, file_high, file_low, product_high, product_low = struct.unpack_from("<6I", data, top.value_start)
    if magic != _FIXED:
        return (None, None)
    return (_dotted(file_high, file_low), _dotted(product_high, product_low))


def _dotted(high: int, low: int) -> str | None:
    return "%d.%d.%d.%d" % (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF) if high or low else None


def _aligned(at: int) -> int:
    return (at + 3) & ~3

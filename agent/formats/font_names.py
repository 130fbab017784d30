"""What a font says of itself: family, maker, version, licence; from the table `name` of a TrueType or OpenType file.

Layout as in the OpenType specification (sfnt tables, `ttcf` collections, naming table format 0 and 1). Chinese names go
first, then English ones. Only the pieces that are wanted are read, through `read(start, length)`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, Tuple

ReadPart = Callable[[int, int], bytes]
MAX_TABLES = 100
MAX_NAMES = 2000
MAX_NAME_BYTES = 512 * 1024
MAX_FACES = 64
MAX_TEXT = 500

_COPYRIGHT, _FAMILY, _VERSION, _MAKER, _LICENCE = 0, 1, 5, 8, 13
_CHINESE, _ENGLISH = (0x0804, 0x0404), (0x0409,)
_SFNT = (b"\0\1\0\0", b"OTTO", b"true")


class DamagedFont(ValueError):
    """The bytes are no font, or its tables lead nowhere."""


@dataclass(frozen=True)
class FontNames:
    """The words of one face; `None` where it has none."""

    family: str | None = None
    maker: str | None = None
    copyright: str | None = None
    version: str | None = None
    licence: str | None = None
    english_family: str | None = None


def names_of(read: ReadPart) -> tuple[FontNames, ...]:
    """Return the words of every face of a font file, at most `MAX_FACES`. Raises `DamagedFont`."""
    head = read(0, 12)
    if head[:4] != b"ttcf":
        return (_face(read, 0),)
    if len(head) < 12:
        raise DamagedFont("cut short")
    (count,) = struct.unpack_from(">I", head, 8)
    offsets = read(12, min(count, MAX_FACES) * 4)
    return tuple(_face(read, struct.unpack_from(">I", offsets, at)[0]) for at in range(0, len(offsets) & ~3, 4))


def _face(read: ReadPart, at: int) -> FontNames:
    head = read(at, 12)
    if len(head) < 12 or head[:4] not in _SFNT:
        raise DamagedFont("no font")
    (count,) = struct.unpack_from(">H", head, 4)
    table = read(at + 12, min(count, MAX_TABLES) * 16)
    for place in range(0, len(table) - 15, 16):
        if table[place : place + 4] == b"name":
            start, length = struct.unpack_from(">II", table, place + 8)
            return _of_table(read(start, min(length, MAX_NAME_BYTES)))
    raise DamagedFont("no table of names")


def _of_table(data: bytes) -> FontNames:
    if len(data) < 6:
        raise DamagedFont("the table of names is cut short")
    texts: Dict[Tuple[int, int], str] = {}
    for identity, language, text in _records(data):
        texts.setdefault((identity, language), text)
    return FontNames(
        family=_best(texts, _FAMILY, _CHINESE + _ENGLISH),
        maker=_best(texts, _MAKER, _ENGLISH),
        copyright=_best(texts, _COPYRIGHT, _ENGLISH),
        version=_best(texts, _VERSION, _ENGLISH),
        licence=_best(texts, _LICENCE, _ENGLISH),
        english_family=_best(texts, _FAMILY, _ENGLISH),
    )


def _records(data: bytes) -> Iterator[Tuple[int, int, str]]:
    """Yield (name id, language, text); names of the Macintosh platform stand for English."""
    _, count, storage = struct.unpack_from(">HHH", data, 0)
    for number in range(min(count, MAX_NAMES)):
        at = 6 + number * 12
        if at + 12 > len(data):
            return
        platform, encoding, language, identity, length, offset = struct.unpack_from(">6H", data, at)
        raw = data[storage + offset : storage + offset + length][: MAX_TEXT * 2]
        if platform in (0, 3):
            text = raw.decode("gb18030" if (platform, encoding) == (3, 3) else "utf-16-be", "replace")
            yield identity, language if platform == 3 else 0x0409, text.strip("\0 \t\r\n")
        elif platform == 1 and encoding == 0:
            yield identity, 0x10000, raw.decode("mac_roman", "replace").strip("\0 \t\r\n")


def _best(texts: Dict[Tuple[int, int], str], identity: int, languages: Tuple[int, ...]) -> str | None:
    for language in (*languages, 0x10000):
        if texts.get((identity, language)):
            return texts[(identity, language)]
    return next((text for (each, _), text in texts.items() if each == identity and text), None)

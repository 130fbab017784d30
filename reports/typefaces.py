"""Which typefaces may be embedded in a file, where they lie, and which characters they have.

Embedded are only families under the SIL Open Font License: Noto CJK and Source Han (思源). Others (宋体, 仿宋, 黑体)
are named in DOCX and XLSX and never embedded. A character that no embedded face has is an error, never an empty box.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

EMBEDDED: Final = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "Noto Serif SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
)
"""Families that may be embedded, best first: a serif face stands for 宋体."""


class NoTypeface(ValueError):
    """No face of `EMBEDDED` is there; the text says what to install, in both languages."""


class MissingGlyphs(ValueError):
    """A text has characters that the face lacks; the text names them and the place."""


@dataclass(frozen=True)
class Face:
    """One face of a font file. `index` is its number in a collection (.ttc)."""

    family: str
    file: str
    index: int = 0


def chosen(faces: Iterable[Face]) -> Face:
    """Return the best face that may be embedded. Raises `NoTypeface`."""
    by_family: dict[str, Face] = {}
    for face in faces:
        by_family.setdefault(face.family, face)
    for family in EMBEDDED:
        if family in by_family:
            return by_family[family]
    raise NoTypeface(
        "PDF：未找到可嵌入的中文字体，请安装思源宋体或 Noto CJK（Debian/Ubuntu/统信/麒麟：fonts-noto-cjk），"
        "或用设置 font_folder 指明字体所在目录 / no CJK typeface that may be embedded: install Source Han Serif or "
        "Noto CJK (Debian: fonts-noto-cjk), or name its folder in the setting font_folder"
    )


def check_glyphs(face: Face, texts: Iterable[tuple[str, str]]) -> None:
    """Check that the face has every character of the texts, each given with its place (sheet and row).

    Raises `MissingGlyphs` that names the first ten.
    """
    known = characters_of(face.file, face.index)
    missing = [
        f"{place}: U+{ord(character):04X}"
        for place, text in texts
        for character in dict.fromkeys(text)
        if character > " " and not any(first <= ord(character) <= last for first, last in _near(known, character))
    ]
    if missing:
        more = f" … ({len(missing)})" if len(missing) > 10 else ""
        raise MissingGlyphs(
            f"PDF：字体 {face.family} 缺字 / the typeface has no glyph for: {'; '.join(missing[:10])}{more}"
        )


def _near(ranges: Sequence[tuple[int, int]], character: str) -> Sequence[tuple[int, int]]:
    """Return the one range that may hold a character."""
    from bisect import bisect_right

    at = bisect_right(ranges, (ord(character), 0x110000)) - 1
    return ranges[at : at + 1] if at >= 0 else ()


@cache
def characters_of(file: str, index: int = 0) -> tuple[tuple[int, int], ...]:
    """Return the ranges of characters that a face has, ascending: its `cmap`, formats 12 and 4 (OpenType 1.9).

    Raises `NoTypeface` for a file that is no font.
    """
    data = Path(file).read_bytes()
    try:
        start = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
        return _ranges(data, _table(data, start, b"cmap"))
    except struct.error as error:
        raise NoTypeface(f"{file}: 不是可读的字体文件 / not a font file that can be read") from error


def _table(data: bytes, start: int, wanted: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, start + 4)
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
        if tag == wanted:
            return int(offset)
    raise struct.error("no such table")


def _ranges(data: bytes, cmap: int) -> tuple[tuple[int, int], ...]:
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    found: dict[int, int] = {}
    for number in range(count):
        _, _, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", data, cmap + offset)
        found[form] = cmap + offset
    if 12 in found:
        return _of_groups(data, found[12])
    if 4 in found:
        return _of_segments(data, found[4])
    raise struct.error("no Unicode table")


def _of_groups(data: bytes, place: int) -> tuple[tuple[int, int], ...]:
    (count,) = struct.unpack_from(">I", data, place + 12)
    groups = (struct.unpack_from(">III", data, place + 16 + 12 * number) for number in range(count))
    return tuple(sorted((first, last) for first, last, _ in groups))


def _of_segments(data: bytes, place: int) -> tuple[tuple[int, int], ...]:
    (double,) = struct.unpack_from(">H", data, place + 6)
    ends = struct.unpack_from(f">{double // 2}H", data, place + 14)
    starts = struct.unpack_from(f">{double // 2}H", data, place + 16 + double)
    return tuple(sorted((first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF))

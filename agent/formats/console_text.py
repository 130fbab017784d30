"""The text of a file whose encoding nobody wrote down: an export, or what a console command printed into a file.

UTF-16 with its mark or recognisable by its zero bytes; UTF-8 when it is valid. Else one of the code pages that
Windows prints in, told by what the bytes would say in each: Japanese (Shift-JIS), Chinese (GB18030), Cyrillic
(Windows-1251, and CP866 of its consoles); else Windows-1252, which keeps at least what is ASCII. A guess from a few
letters may be wrong; the ASCII part never is. Not told apart: Korean and Big5, whose bytes are everyday Chinese in
GB18030 as well.
"""

from __future__ import annotations

import re

from agent.formats.handed_file import utf16_of

_SAMPLE_BYTES = 200_000
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CYRILLIC_RUN = 3
"""Western texts have accented letters one by one between ASCII ones; Cyrillic words are runs of high bytes."""
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9d]")
_SMALL_CYRILLIC = re.compile("[а-яё]")
_SECOND_LEVEL = b"\xd8"


def decode_text(data: bytes) -> tuple[str, str]:
    """Return the text and the name of the encoding that it was read with. Bytes that make no sense become U+FFFD."""
    wide = utf16_of(data)
    if wide is not None:
        return data.decode(wide, "replace").lstrip("\ufeff"), wide
    try:
        return data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        code_page = _code_page(data[:_SAMPLE_BYTES])
    return data.decode(code_page, "replace"), code_page


def _code_page(data: bytes) -> str:
    """Return the code page that makes most sense of the bytes."""
    text = _decoded(data, "cp932")
    if text is not None and len(_KANA.findall(text)) * 4 >= len(re.sub("[\x00-\x7f]+", "", text)) > 0:
        half_width = sum(1 for letter in text if "\uff61" <= letter <= "\uff9f")
        if half_width * 2 < len(_KANA.findall(text)):
            return "cp932"
    text = _decoded(data, "gb18030")
    if text is not None and _is_everyday_chinese(text):
        return "gb18030"
    return _cyrillic(data) or "cp1252"


def _decoded(data: bytes, code_page: str) -> str | None:
    """Return the text, without a character that the end of a sample may have cut; `None` when bytes make no sense."""
    for cut in (0, 1, 2, 3):
        try:
            return data[: len(data) - cut].decode(code_page)
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4:
                return None
    return None


def _is_everyday_chinese(text: str) -> bool:
    """Western letters read as double bytes turn into rare characters; real Chinese is mostly in the first level.

    Cyrillic bytes, read in pairs, are nearly always ideographs of the second level of GB 2312 (rows 56 and up).
    """
    wide = re.sub(r"[\x00-\x7f]+", "", text)
    codes = [letter.encode("gb2312", "ignore") for letter in wide]
    return bool(wide) and sum(1 for code in codes if code and code < _SECOND_LEVEL) * 2 >= len(wide)


def _cyrillic(data: bytes) -> str | None:
    """Return the Cyrillic code page of a text most of whose high bytes stand in words of their own."""
    runs = _HIGH_RUN.findall(data)
    letters = b"".join(run for run in runs if len(run) >= _CYRILLIC_RUN)
    if not letters or len(letters) * 2 < sum(map(len, runs)):
        return None
    small = {code_page: 0 for code_page in ("cp1251", "cp866")}
    for code_page in small:
        text = letters.decode(code_page, "replace")
        small[code_page] = len(_SMALL_CYRILLIC.findall(text))
    best = max(small, key=lambda code_page: small[code_page])
    return best if small[best] * 3 >= len(letters) * 2 else None

"""Names that were read with the wrong code page, put right where nothing else can have been meant.

Three ways to damage a name leave enough to be certain: the bytes of UTF-8 read as a Western or Chinese code page (UTF-8
accepts hardly any other bytes), the bytes of GBK read as a Western code page (pairs that are all everyday characters),
and the bytes of the Russian code page read as a Western one (whole words of high letters, in the case of Russian). What
lost a byte on the way stays as it is: a guess would give the program a wrong name for ever.
"""

from __future__ import annotations

import re

_HIGH = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_HIGH_RUN = re.compile(_HIGH.pattern + "{3,}")
_RUSSIAN_WORD = re.compile("[\u0410-\u042f\u0401]?[\u0430-\u044f\u0451]{2,}|[\u0410-\u042f\u0401]{2,}")
_HAN = re.compile("[\u4e00-\u9fff]")
_CHINESE = re.compile("[\u0000-\u007f\u00b7\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]+")
"""What a damaged Chinese name may turn out to be; a sound one (学习通) can have bytes that read as Greek in UTF-8."""
_WESTERN = ("cp1252", "latin-1")
_EVERYDAY = range(0xB0, 0xD8)
"""First bytes of the 3,755 everyday characters of GB 2312, level one."""


def repaired(text: str) -> str:
    """Return the text as it was meant, or unchanged when that is not certain."""
    if text.isascii():
        return text
    if _HIGH_RUN.search(text) is not None:
        return _from_western(text) or text
    if len(_HAN.findall(text)) >= 3:
        told = _utf8_of(text, "gb18030")
        return told if told is not None and _CHINESE.fullmatch(told) else text
    return text


def _from_western(text: str) -> str | None:
    for page in _WESTERN:
        told = _utf8_of(text, page)
        if told is not None:
            return told
        data = _bytes_of(text, page)
        if data is not None:
            return _chinese_of(data) or _russian_of(data, text)
    return None


def _bytes_of(text: str, page: str) -> bytes | None:
    try:
        return text.encode(page)
    except UnicodeEncodeError:
        return None


def _utf8_of(text: str, page: str) -> str | None:
    data = _bytes_of(text, page)
    if data is None:
        return None
    try:
        told = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return told if told != text and all(sign.isprintable() for sign in told) else None


def _chinese_of(data: bytes) -> str | None:
    """GBK, when at least two pairs stand there and all of them are everyday characters."""
    pairs, at = 0, 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
            continue
        if data[at] not in _EVERYDAY or at + 1 >= len(data) or data[at + 1] < 0xA1:
            return None
        pairs, at = pairs + 1, at + 2
    try:
        return data.decode("gbk") if pairs >= 2 else None
    except UnicodeDecodeError:
        return None


def _russian_of(data: bytes, text: str) -> str | None:
    """The Russian code page, when every word with a high letter has nothing else and is written as Russian is."""
    try:
        told = data.decode("cp1251")
    except UnicodeDecodeError:
        return None
    damaged = [word for word, was in zip(told.split(), text.split(), strict=False) if _HIGH.search(was)]
    fits = all(_RUSSIAN_WORD.fullmatch(word.strip("\"'«».,:;()-")) for word in damaged)
    return told if fits and sum(map(len, damaged)) >= 6 else None

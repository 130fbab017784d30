"""Text of machines made fit for print: nothing in it may break a file, hide, or turn the line around."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

REPLACEMENT: Final = "\ufffd"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n")
"""A spreadsheet program takes a cell that begins so for a formula, after an opening quote as well."""

UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of writing
    "\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"  # halves of a pair
)
_UNFIT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|\[\]\s\x00-\x1f]+')


def clean(text: str) -> str:
    """Return the text with every character that no reader can see, or no file can hold, shown as U+FFFD."""
    return UNFIT.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def width(text: str) -> int:
    """Return the width in digits: a wide (Chinese) character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def cut(text: str, units: int, mark: str) -> str:
    """Return the text in at most `units` UTF-16 units, ended by `mark` when something was cut off."""
    if len(text) <= units // 2:
        return text
    coded = text.encode("utf-16-le")
    if len(coded) <= 2 * units:
        return text
    return coded[: 2 * (units - len(mark))].decode("utf-16-le", errors="ignore") + mark


def file_stem(text: str, length: int = 60) -> str:
    """Return the text as part of a file name: no separator, no blank, no character that a file system refuses."""
    return _UNFIT_IN_A_NAME.sub("_", clean(text)).replace(REPLACEMENT, "_").strip("._ ")[:length]


def sheet_names(wished: tuple[str, ...], length: int = 31) -> tuple[str, ...]:
    """Return one name of a sheet for each wish, in order: fit for a spreadsheet, and no two alike.

    At most 31 UTF-16 units, none of `[]:*?/\\`, no apostrophe at an end, not the reserved `History`; names that
    differ in case alone are alike.
    """
    taken = {"history"}
    names = []
    for wish in wished:
        plain = cut(re.sub(r"[\[\]:*?/\\\n\t]", "_", clean(wish)).strip("' ") or "_", length, "")
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            mark = f"~{number}"
            name = cut(plain, length - len(mark), "") + mark
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)

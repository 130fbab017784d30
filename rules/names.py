"""Names as machines write them: the one normal form that every pattern is matched against, and its key."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rules.mojibake import repaired

_MARKS = re.compile("[\u2122\u00ae\u00a9\u2120]|\\((?:r|tm|c)\\)", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"\s+")
_NO_PART_OF_KEY = re.compile(r"[^\w+#]|_")
LONGEST_NAME = 500
"""Characters of a name that are looked at."""


@lru_cache(maxsize=32_768)
def normal_name(text: str) -> str:
    """Return the form that patterns see: put right, NFKC, single blanks, no trademark signs or invisible characters."""
    if text.isascii() and "(" not in text and "  " not in text and text.isprintable():
        return text.strip()[:LONGEST_NAME]
    bare = _INVISIBLE.sub("", _MARKS.sub("", repaired(text[: LONGEST_NAME * 2])))
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", bare)).strip()[:LONGEST_NAME]


@lru_cache(maxsize=32_768)
def name_key(text: str) -> str:
    """Return the letters and digits of a name, case folded: what two spellings of it share. `+` and `#` are kept."""
    folded = normal_name(text).casefold()
    return _NO_PART_OF_KEY.sub("", folded) or folded

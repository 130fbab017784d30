"""Product keys in texts: five groups of five. Only the last group may be kept.

Dashes of every kind count, and masks (`XXXXX`, `*****`) are groups as well.
"""

from __future__ import annotations

import re

DASH = r"[-\u2010-\u2015\u2212\uff0d]"
_PARTIAL = r"(?:[A-Z0-9*]{5}" + DASH + r"){0,4}(?P<last5>[A-Z0-9]{5})"
WHOLE = r"(?:[A-Za-z0-9]{5}" + DASH + r"){4}([A-Za-z0-9]{5})"
"""A whole key; compiled where it is first wanted, as the other patterns here: most machines show no key."""
_LIKELY = r"[BCDFGHJKMNPQRTVWXY2346789]{5}|(?:[A-Z0-9*]{5}" + DASH + r"){1,4}[A-Z0-9]{5}"


def last_five(text: str) -> str | None:
    """Return the last five characters of a key printed whole, in part or masked; `None` for other text."""
    found = re.fullmatch(_PARTIAL, text.strip().upper())
    return found.group("last5") if found else None


def looks_like_a_key(text: str) -> bool:
    """Tell whether a text is a key by its form alone: the letters that keys are made of, or groups with dashes."""
    return re.fullmatch(_LIKELY, text) is not None


def without_keys(text: str) -> str:
    """Return the text with every whole key cut to its last five characters."""
    return re.sub(WHOLE, r"\1", text)

"""The form in which Windows Installer writes a GUID as the name of a key: 32 digits, its groups turned round.

`{5A66B598-37BD-4C8A-A7CB-A71C32ABCD78}` ↔ `895B66A5DB73A8C47ABC7AC123BADC87`: the first three groups are written
backwards, of the last two every pair of digits.
"""

from __future__ import annotations

import re

_PACKED = re.compile(r"[0-9A-Fa-f]{32}")
_GUID = re.compile(r"\{([0-9A-F]{8})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{12})\}", re.IGNORECASE)


def unpacked(name: str) -> str | None:
    """Return `{…}` in upper case, `None` when the text is no packed GUID."""
    if _PACKED.fullmatch(name) is None:
        return None
    text = name.upper()
    first, second, third = text[7::-1], text[11:7:-1], text[15:11:-1]
    pairs = "".join(text[at + 1] + text[at] for at in range(16, 32, 2))
    return "{%s-%s-%s-%s-%s}" % (first, second, third, pairs[:4], pairs[4:])


def packed(guid: str) -> str | None:
    """Return the 32 digits for `{…}`, `None` when the text is no GUID in braces."""
    found = _GUID.fullmatch(guid.strip())
    if found is None:
        return None
    first, second, third, fourth, fifth = (group.upper() for group in found.groups())
    rest = fourth + fifth
    return first[::-1] + second[::-1] + third[::-1] + "".join(rest[at + 1] + rest[at] for at in range(0, 16, 2))

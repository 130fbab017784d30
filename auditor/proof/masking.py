"""Masking: of a key or serial number only its end is shown or kept outside a seal."""

from __future__ import annotations

import re

SHOWN = 5
_DASH = r"[-\u2010-\u2015\u2212\uff0d]"
_LIKELY = re.compile(rf"(?:{_DASH}[A-Za-z0-9]{{5}}){{4}}")
_PRODUCT_KEY = re.compile(rf"(?:[A-Za-z0-9]{{5}}{_DASH}){{4}}([A-Za-z0-9]{{5}})")


_BEGUN = re.compile(rb"-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-")
_OTHER_DASHES = (b"\xe2\x80", b"\xe2\x88\x92", b"\xef\xbc\x8d")
"""Of `_DASH` in UTF-8, as they begin."""


def may_hold_product_key(data: bytes) -> bool:
    """Tell whether UTF-8 text may hold a product key; a quick look that never overlooks one."""
    return _BEGUN.search(data) is not None or (not data.isascii() and any(dash in data for dash in _OTHER_DASHES))


def cut_product_keys(text: str) -> str:
    """Return `text` with every 5×5 product key cut to its last five characters, wherever it stands."""
    if _LIKELY.search(text) is None:  # much quicker, and nearly always true
        return text
    return _PRODUCT_KEY.sub(r"XXXXX-XXXXX-XXXXX-XXXXX-\1", text)


def masked_serial(serial: str) -> str:
    """Return a serial of the ledger with all but its end starred; of a short one less than half is shown."""
    cut = cut_product_keys(serial)
    if cut != serial:
        return cut
    shown = min(SHOWN, len(serial) // 3)
    return "*" * (len(serial) - shown) + serial[len(serial) - shown :]

"""Readable: a document's bytes with U+FFFD for signs that no text should hold. Nearly always there is none."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[^u])|[\x7f-\x9f\ufffe\uffff]")


def readable(document: bytes) -> bytes:
    """Return the same bytes when there is nothing to mend, else what the checker works with."""
    is_clean = b"\x7f" not in document if document.isascii() else document.decode("utf-8").isprintable()
    if is_clean and _has_plain_escapes(document):
        return document
    return _ESCAPE.sub(_shown, document.decode("utf-8")).encode("utf-8")


def _has_plain_escapes(document: bytes) -> bool:
    """Tell whether every escape is a backslash or a quote."""
    return b"\\" not in document or b"\\" not in document.replace(b"\\\\", b"").replace(b'\\"', b"")


def _shown(found: re.Match[str]) -> str:
    r"""Return what stands for one escape: a blank for white space, U+FFFD for other control characters.

    The pattern takes escapes whole and in order, so `\\u0000` (a backslash, then letters) is left alone.
    """
    escape = found[0]
    if escape in (r"\n", r"\r", r"\t"):
        return " "
    if escape in (r"\b", r"\f") or (escape[:4] in (r"\u00",) and int(escape[2:], 16) < 0x20) or len(escape) == 1:
        return "\ufffd"
    return escape

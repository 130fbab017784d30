"""Keys of pages as they stand in an address: where a list goes on. `12`, `2.0~45`, `SJ~A-7~12`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

_MOST = 400


def key_text(key: Sequence[str | int | float] | int | None) -> str | None:
    """Return a key as text; `None` where a list ends."""
    if key is None:
        return None
    parts = (key,) if isinstance(key, int) else key
    return "~".join(quote(str(part), safe="") for part in parts)


def key_parts(text: str | None, shape: Sequence[type]) -> tuple[str | int | float, ...] | None:
    """Return a key of this shape; `None` for none, or for what nobody wrote for us: the list then begins anew."""
    if not text or len(text) > _MOST:
        return None
    parts = text.split("~")
    if len(parts) != len(shape):
        return None
    try:
        read = tuple(kind(unquote(part)) for kind, part in zip(shape, parts, strict=True))
    except ValueError:
        return None
    whole = all(abs(part) < 2**62 for part in read if isinstance(part, int | float))
    return read if whole else None

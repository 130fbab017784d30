"""Unpacking: the bytes that were sent → the document's bytes, never more than the bounds allow."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from auditor.errors import Refused, TooLarge
from auditor.settings import Settings

_ALWAYS_ALLOWED_BYTES = 1_048_576
"""Below this size the ratio is nobody's concern: a small document may be very regular."""


@dataclass(frozen=True)
class Bounds:
    """How much is taken."""

    max_bytes: int
    max_packed_bytes: int
    max_ratio: int
    max_depth: int
    max_records: int


def bounds_of(settings: Settings) -> Bounds:
    """Return the bounds that the settings name."""
    return Bounds(
        max_bytes=settings.whole("intake_max_bytes"),
        max_packed_bytes=settings.whole("intake_max_packed_bytes"),
        max_ratio=settings.whole("intake_max_ratio"),
        max_depth=settings.whole("intake_max_depth"),
        max_records=settings.whole("intake_max_records"),
    )


def unpack(data: bytes, encoding: str, bounds: Bounds) -> bytes:
    """Return the document. `encoding` is `identity` or `gzip`. Raises `Refused`."""
    if encoding in ("", "identity"):
        if len(data) > bounds.max_bytes:
            raise TooLarge("", f"expected at most {bounds.max_bytes} bytes, got {len(data)}")
        return data
    if encoding != "gzip":
        raise Refused("", f"expected the encoding gzip or identity, got {encoding[:40]!r}")
    if len(data) > bounds.max_packed_bytes:
        raise TooLarge("", f"expected at most {bounds.max_packed_bytes} bytes as sent, got {len(data)}")
    return _gunzip(data, bounds)


def _gunzip(data: bytes, bounds: Bounds) -> bytes:
    limit = min(bounds.max_bytes, max(len(data) * bounds.max_ratio, _ALWAYS_ALLOWED_BYTES))
    reader = zlib.decompressobj(wbits=31)
    try:
        document = reader.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refused("", f"expected gzip: {error}") from error
    if len(document) > limit:
        asked = "unpacked" if limit == bounds.max_bytes else f"unpacked from {len(data)}"
        raise TooLarge("", f"expected at most {limit} bytes {asked}, got more")
    if not reader.eof:
        raise Refused("", f"expected the end of the gzip stream, it breaks off after {len(data)} bytes")
    if reader.unused_data:
        raise Refused("", f"expected the end of the gzip stream, got {len(reader.unused_data)} bytes after it")
    return document

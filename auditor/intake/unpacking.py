"""Unpacking: the bytes that were sent → the document's bytes, never more than the bounds allow."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from auditor.errors import Refused, TooLarge
from auditor.settings import Settings

ENCODINGS = ("gzip", "zstd", "zlib")
_LARGEST_WINDOW = 1 << 27
_WORTH_KEEPING = 3
"""How many times smaller than the document a packed one has to be, to be kept as the sender packed it."""
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
    """Return the document. `encoding`: `identity`, `gzip`, `zstd`, or `zlib` (RFC 1950), as other tools use.

    Raises `Refused`.
    """
    if encoding in ("", "identity"):
        if len(data) > bounds.max_bytes:
            raise TooLarge("", f"expected at most {bounds.max_bytes} bytes, got {len(data)}")
        return data
    if encoding not in ENCODINGS:
        raise Refused("", f"expected the encoding {', '.join(ENCODINGS)} or identity, got {encoding[:40]!r}")
    if len(data) > bounds.max_packed_bytes:
        raise TooLarge("", f"expected at most {bounds.max_packed_bytes} bytes as sent, got {len(data)}")
    limit = min(bounds.max_bytes, max(len(data) * bounds.max_ratio, _ALWAYS_ALLOWED_BYTES))
    document = _inflated(data, encoding, limit) if encoding != "zstd" else _from_zstd(data, limit)
    if len(document) > limit:
        asked = "unpacked" if limit == bounds.max_bytes else f"unpacked from {len(data)}"
        raise TooLarge("", f"expected at most {limit} bytes {asked}, got more")
    return document


def packing_of(data: bytes) -> str:
    """Return how bytes are packed as their beginning says: `gzip`, `zlib`, `zstd`, else `identity`."""
    if data.startswith(b"\x1f\x8b"):
        return "gzip"
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    is_zlib = len(data) > 2 and data[0] == 0x78 and int.from_bytes(data[:2], "big") % 31 == 0
    return "zlib" if is_zlib else "identity"


def packed_for_store(data: bytes, encoding: str, document: bytes) -> bytes | None:
    """Return the document as zlib out of how it was sent, without packing it anew; `None` where that is not to be had,
    or was packed badly. `data` was unpacked by `unpack`, so it is whole and has the right sum.
    """
    if len(data) * _WORTH_KEEPING > len(document) and len(document) > _ALWAYS_ALLOWED_BYTES // 1024:
        return None
    if encoding == "zlib":
        return data
    if encoding != "gzip" or data[3]:  # a name or a comment stands before the stream: nobody of ours writes one
        return None
    return b"\x78\x9c" + data[10:-8] + zlib.adler32(document).to_bytes(4, "big")


def _inflated(data: bytes, encoding: str, limit: int) -> bytes:
    """Return at most one byte more than the limit. Raises `Refused`."""
    reader = zlib.decompressobj(wbits=31 if encoding == "gzip" else 15)
    try:
        document = reader.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refused("", f"expected {encoding}: {error}") from error
    if len(document) > limit:
        return document
    if not reader.eof:
        raise Refused("", f"expected the end of the {encoding} stream, it breaks off after {len(data)} bytes")
    if reader.unused_data:
        told = f"got {len(reader.unused_data)} bytes after it"
        raise Refused("", f"expected the end of the {encoding} stream, {told}")
    return document


def _from_zstd(data: bytes, limit: int) -> bytes:
    """Return at most one byte more than the limit. Raises `Refused`."""
    import zstandard  # only where somebody sends it

    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        document = bytes(reader.stream_reader(data).read(limit + 1))
        if len(document) > limit:
            return document
        whole = reader.decompressobj()  # it fits: now see whether it is whole, which the bounded way does not say
        whole.decompress(data)
    except zstandard.ZstdError as error:
        raise Refused("", f"expected zstd: {error}") from error
    if not whole.eof:
        raise Refused("", f"expected the end of the zstd stream, it breaks off after {len(data)} bytes")
    if whole.unused_data:
        raise Refused("", f"expected the end of the zstd stream, got {len(whole.unused_data)} bytes after it")
    return document

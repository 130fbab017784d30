"""The header of an installed rpm package, as the rpm database keeps it.

Big-endian: count of index entries, length of the data, 16 bytes an entry (tag, type, offset, count), data.
https://rpm-software-management.github.io/rpm/manual/format_header.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Union

MAX_ENTRIES = 0xFFFF
MAX_DATA_BYTES = 0x0FFFFFFF
_INT8, _INT16, _INT32, _INT64, _STRING, _STRING_ARRAY, _I18N = 2, 3, 4, 5, 6, 8, 9
_INTEGERS = {_INT8: ">B", _INT16: ">H", _INT32: ">I", _INT64: ">Q"}
_TEXTS = (_STRING, _STRING_ARRAY, _I18N)
_TAGS = {
    1000: "name", 1001: "version", 1002: "release", 1003: "epoch", 1004: "summary", 1008: "installed_at",
    1009: "size_bytes", 1010: "distribution", 1011: "vendor", 1014: "licence", 1015: "packager", 1016: "group",
    1022: "architecture", 1044: "source_rpm", 5009: "long_size_bytes",
}  # fmt: skip
_NUMBERS = ("epoch", "installed_at", "size_bytes", "long_size_bytes")

Value = Union[str, int]


class HeaderFault(ValueError):
    """The bytes are not the header of a package."""


@dataclass(frozen=True)
class RpmHeader:
    """What a header says of its package; `None` = the tag is missing, empty or of another type."""

    name: str | None = None
    version: str | None = None
    release: str | None = None
    epoch: int | None = None
    architecture: str | None = None
    vendor: str | None = None
    packager: str | None = None
    distribution: str | None = None
    licence: str | None = None
    group: str | None = None
    """The untranslated one of several languages, and so is `summary`."""
    summary: str | None = None
    installed_at: int | None = None
    """Seconds since 1970, UTC."""
    size_bytes: int | None = None
    source_rpm: str | None = None


def read_header(blob: bytes) -> RpmHeader:
    """Return what the header says. A field that cannot be read is `None`; raises `HeaderFault` for the rest.

    Of a tag that stands twice the last one counts: entries after the signed region replace it.
    """
    if len(blob) < 8:
        raise HeaderFault("header of %d bytes" % len(blob))
    entries, data_bytes = struct.unpack_from(">II", blob)
    if not 0 < entries <= MAX_ENTRIES or data_bytes > MAX_DATA_BYTES:
        raise HeaderFault("header claims %d entries and %d bytes" % (entries, data_bytes))
    start = 8 + 16 * entries
    if len(blob) < start + data_bytes:
        raise HeaderFault("header is cut short: %d of %d bytes" % (len(blob), start + data_bytes))
    data = memoryview(blob)[start : start + data_bytes]
    fields: dict[str, Value] = {}
    for tag, kind, offset, count in struct.iter_unpack(">IIII", memoryview(blob)[8:start]):
        field = _TAGS.get(tag)
        value = None if field is None else _value(data, kind, offset, count)
        if field is not None and value is not None and isinstance(value, int) == (field in _NUMBERS):
            fields[field] = value
    return _header(fields)


def _value(data: memoryview, kind: int, offset: int, count: int) -> Value | None:
    """Return the first item of an entry; `None` when it lies outside the data or has another type."""
    if not 0 <= offset < len(data) or not count:
        return None
    if kind in _TEXTS:
        return _text(data, offset)
    layout = _INTEGERS.get(kind)
    if layout is None or offset + struct.calcsize(layout) > len(data):
        return None
    return int(struct.unpack_from(layout, data, offset)[0])


def _text(data: memoryview, offset: int) -> str | None:
    """Return the text up to its NUL byte, `None` when it never ends, is empty or is rpm's `(none)`."""
    step = 256
    while True:
        piece = bytes(data[offset : offset + step])
        end = piece.find(b"\0")
        if end >= 0:
            text = piece[:end].decode("utf-8", "replace").strip()
            return text if text not in ("", "(none)") else None
        if offset + step >= len(data):
            return None
        step *= 16


def _header(fields: dict[str, Value]) -> RpmHeader:
    """Packages of more than 4 GiB carry their size in a tag of its own."""
    long_size = fields.pop("long_size_bytes", None)
    if long_size is not None:
        fields["size_bytes"] = long_size
    return RpmHeader(**fields)  # type: ignore[arg-type]

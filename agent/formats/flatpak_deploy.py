"""The `deploy` file of a Flatpak deployment: a GVariant of type (ssasta{sv}), little-endian framing.

Origin, commit, sub-paths, installed size (big-endian), then facts by name. Children without a fixed size end
where the framing offsets at the end of their container say; those are 1, 2, 4 or 8 bytes wide by the container's size.
https://docs.gtk.org/glib/gvariant-specification-1.0.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

MAX_FACTS = 1000


class DeployFault(ValueError):
    """The bytes are not such a file."""


@dataclass(frozen=True)
class Deploy:
    """What a deployment records; `None` = it does not."""

    origin: str | None
    """Name of the remote: `flathub`."""
    installed_bytes: int | None
    name: str | None = None
    """Untranslated."""
    version: str | None = None
    licence: str | None = None
    runtime: str | None = None


def read_deploy(data: bytes) -> Deploy:
    """Return what a deploy file says. Raises `DeployFault`."""
    width = _width(len(data))
    if len(data) < 3 * width + 2:
        raise DeployFault("deploy file of %d bytes" % len(data))
    ends = [_offset(data, len(data) - width * number, width) for number in (1, 2, 3)]
    if not 0 < ends[0] < ends[1] <= ends[2] <= len(data) - 3 * width or data[ends[0] - 1]:
        raise DeployFault("framing offsets do not fit")
    size_at = -(-ends[2] // 8) * 8
    facts_at = size_at + 8
    if facts_at > len(data) - 3 * width:
        raise DeployFault("cut short")
    facts = _facts(data[facts_at : len(data) - 3 * width])
    return Deploy(
        origin=_text(data[: ends[0]]),
        installed_bytes=int.from_bytes(data[size_at:facts_at], "big") or None,
        name=facts.get("appdata-name"),
        version=facts.get("appdata-version"),
        licence=facts.get("appdata-license"),
        runtime=facts.get("runtime"),
    )


def _facts(data: bytes) -> dict[str, str]:
    """Return those entries of an a{sv} whose value is a text, or an a{ss} of a text in several languages."""
    found: dict[str, str] = {}
    for entry in _items(data, 8):
        key, variant = _pair(entry, 8)
        value, _, kind = variant.rpartition(b"\0")
        text = _text(value) if kind == b"s" else _untranslated(value) if kind == b"a{ss}" else None
        if key and text:
            found[key] = text
    return found


def _untranslated(data: bytes) -> str | None:
    """Return the value of the empty key of an a{ss}."""
    pairs = (_pair(entry, 1) for entry in _items(data, 1))
    return next((_text(value) for key, value in pairs if key is None), None)


def _items(data: bytes, alignment: int) -> Iterator[bytes]:
    """Yield the entries of an array of entries without a fixed size. Raises `DeployFault`."""
    width = _width(len(data))
    if not data:
        return
    table = _offset(data, len(data) - width, width)
    if table > len(data) - width or (len(data) - table) % width:
        raise DeployFault("framing offsets of the facts do not fit")
    start = 0
    for number in range(min((len(data) - table) // width, MAX_FACTS)):
        end = _offset(data, table + number * width, width)
        if not start <= end <= table:
            raise DeployFault("a fact that ends before it begins")
        yield data[start:end]
        start = -(-end // alignment) * alignment


def _pair(entry: bytes, alignment: int) -> tuple[str | None, bytes]:
    """Return key and value of a dictionary entry; the framing offset at its end tells where the key ends."""
    width = _width(len(entry))
    key_end = _offset(entry, len(entry) - width, width) if len(entry) > width else 0
    return _text(entry[:key_end]), entry[-(-key_end // alignment) * alignment : len(entry) - width]


def _text(field: bytes) -> str | None:
    return field.rstrip(b"\0").decode("utf-8", "replace").strip() or None


def _width(size: int) -> int:
    """Return how wide the framing offsets of a container of `size` bytes are."""
    return 1 if size <= 0xFF else 2 if size <= 0xFFFF else 4 if size <= 0xFFFFFFFF else 8


def _offset(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")

"""Outline: what a document says apart from the moment, the durations and the running programs, as one digest.

It is taken from the bytes, without building the document: of a machine on which nothing changed the next document has
the same outline as the last one that was kept, and nothing else of it needs to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from agent.inventory.traces import RunningProgram
from auditor.intake.nesting import is_nested_deeper
from auditor.intake.readable import readable
from auditor.proof.digest import sha256_hex
from auditor.proof.masking import may_hold_product_key

_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_PROGRAMS = msgspec.json.Decoder(tuple[RunningProgram, ...])
_MOMENT = msgspec.json.Decoder(str)
_EMPTY = msgspec.Raw(b"[]")
_RUNS_ON = {"coverage": ("took_ms", "read_at"), "activations": ("grace_minutes",)}
"""Of the rows of a part, what changes by itself: time passing is no change."""
_FEW_PROGRAMS = 5_000
_SHALLOW = 8


@dataclass(frozen=True)
class Outline:
    """One document by its bytes. `content_digest` is that of `auditor.intake.checking.Checked`."""

    content_digest: str
    collected_at: str
    programs: tuple[RunningProgram, ...]


def content_digest_of(document: bytes) -> str:
    """Return the digest of what a document that was checked says apart from what runs on by itself."""
    return _digest(_PARTS.decode(document))


def outline_of(document: bytes) -> Outline | None:
    """Return the outline of a document as it was sent; `None` where only its whole check can tell.

    What it does not look at is in the digest, so it is right for a document whose digest is that of one that was
    checked and kept as it was sent; the rest is written as we write it, holds no key and is mended nowhere.
    """
    try:
        parts = _PARTS.decode(document)
        if msgspec.json.encode(parts) != document or b"grace_minutes" in bytes(parts.get("activations", _EMPTY)):
            return None
        return _outlined(parts, document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _outlined(parts: Mapping[str, msgspec.Raw], document: bytes) -> Outline | None:
    moment, told = bytes(parts.get("collected_at", b"")), bytes(parts.get("programs", _EMPTY))
    if not all(_is_plain(part) for part in (moment, told, bytes(parts.get("coverage", _EMPTY)))):
        return None
    programs = _PROGRAMS.decode(told)
    if len(programs) > _FEW_PROGRAMS or may_hold_product_key(document):
        return None
    return Outline(_digest(parts), _MOMENT.decode(moment), programs)


def _is_plain(part: bytes) -> bool:
    """Tell whether a part is written as we write it, and needs no mending."""
    if is_nested_deeper(part, _SHALLOW) or readable(part) is not part:
        return False
    return msgspec.json.encode(msgspec.json.decode(part)) == part


def _digest(parts: Mapping[str, msgspec.Raw]) -> str:
    lasting: dict[str, Any] = {name: raw for name, raw in parts.items() if name not in ("collected_at", "programs")}
    for name, running in _RUNS_ON.items():
        if name in lasting and any(word.encode() in bytes(lasting[name]) for word in running):
            lasting[name] = _without(bytes(lasting[name]), running)
    return sha256_hex(msgspec.json.encode(lasting, order="sorted"))


def _without(part: bytes, names: tuple[str, ...]) -> list[dict[str, msgspec.Raw]]:
    rows = _ROWS.decode(part)
    for row in rows:
        for name in names:
            row.pop(name, None)
    return rows

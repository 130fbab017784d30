"""Writes small fonts: an sfnt with a table of names, alone or as a collection."""

from __future__ import annotations

import struct


def write_font(names: dict[tuple[int, int], str], *, at: int = 0) -> bytes:
    """Return a TrueType file with nothing but names; keys are (name id, language), `at` is where the file will lie."""
    records, storage = b"", b""
    for (identity, language), text in names.items():
        raw = text.encode("utf-16-be")
        records += struct.pack(">6H", 3, 1, language, identity, len(raw), len(storage))
        storage += raw
    table = struct.pack(">HHH", 0, len(names), 6 + len(records)) + records + storage
    head = b"\0\1\0\0" + struct.pack(">HHHH", 1, 16, 0, 0)
    return head + b"name" + struct.pack(">III", 0, at + len(head) + 16, len(table)) + table


def write_collection(*faces: dict[tuple[int, int], str]) -> bytes:
    """Return a `ttcf` file with these faces."""
    start = 12 + 4 * len(faces)
    offsets, bodies = b"", b""
    for face in faces:
        here = start + len(bodies)
        offsets += struct.pack(">I", here)
        bodies += write_font(face, at=here)
    return b"ttcf" + struct.pack(">II", 0x10000, len(faces)) + offsets + bodies

"""Writes transaction logs of registry hives in the format of Windows 8.1 and later."""

from __future__ import annotations

import struct

from agent.formats.registry_log import marvin

PAGE_BYTES = 4096


def write_log(before: bytes, versions: list[bytes], *, first_number: int) -> bytes:
    """Return a log that turns the hive `before` into each of `versions` in turn, one entry a version."""
    entries = []
    for number, after in enumerate(versions, start=first_number):
        entries.append(write_entry(before, after, number))
        before = after
    return before[:512] + b"".join(entries)


def write_entry(before: bytes, after: bytes, number: int) -> bytes:
    """Return one entry: the pages of `after` that differ from `before`."""
    content = after[4096:]
    old = before[4096:].ljust(len(content), b"\0")
    starts = range(0, len(content), PAGE_BYTES)
    pages = [(at, content[at : at + PAGE_BYTES]) for at in starts if content[at:][:PAGE_BYTES] != old[at:][:PAGE_BYTES]]
    places = b"".join(struct.pack("<II", at, len(page)) for at, page in pages)
    body = places + b"".join(page for _, page in pages)
    size = -(-(40 + len(body)) // 512) * 512
    body = body.ljust(size - 40, b"\0")
    head = struct.pack("<4s5IQ", b"HvLE", size, 0, number, len(content), len(pages), marvin(body))
    return head + struct.pack("<Q", marvin(head)) + body

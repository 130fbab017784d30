"""Writes Prefetch files as Windows lays them out, and packs them with a plain Huffman code and short matches."""

from __future__ import annotations

import struct

_PLACE = {17: 120, 23: 128, 26: 128, 30: 128, 31: 128}
_BLOCK = 65_536
_REACH = 32


def write_prefetch(name: str, ticks: int, version: int) -> bytes:
    """Return a file of one program whose last start is the FILETIME `ticks`."""
    head = bytearray(304)
    struct.pack_into("<I4s", head, 0, version, b"SCCA")
    head[16 : 16 + 2 * len(name)] = name.encode("utf-16-le")
    struct.pack_into("<Q", head, _PLACE.get(version, 128), ticks)
    return bytes(head)


def packed(data: bytes) -> bytes:
    """Return the file as Windows 10 keeps it. Every symbol has a code of 9 bits: simple, and a code all the same."""
    out = b"MAM\x04" + struct.pack("<I", len(data))
    place = 0
    while place < len(data):
        symbols, place = _symbols(data, place)
        out += b"\x99" * 256 + _bits(symbols)
    return out


def _symbols(data: bytes, place: int) -> tuple[list[tuple[int, int, int, bytes]], int]:
    """Return (symbol, distance's bits, their count, bytes of a longer length) of one block and where it ends."""
    begin, found = place, []
    while place < len(data) and place - begin < _BLOCK:
        length, distance = _match(data, place)
        if length < 3:
            found.append((data[place], 0, 0, b""))
            place += 1
            continue
        count = distance.bit_length() - 1
        more, extra = length - 3, b""
        if more >= 15:
            rest = more - 15
            extra = bytes((rest,)) if rest < 255 else b"\xff" + struct.pack("<H", more)
        found.append((256 + (count << 4) + min(more, 15), distance - (1 << count), count, extra))
        place += length
    return found, place


def _match(data: bytes, place: int) -> tuple[int, int]:
    best = (0, 0)
    for distance in (16, 1, 2, 8, _REACH):
        if distance > place:
            continue
        length = 0
        while place + length < len(data) and length < 3000 and data[place + length] == data[place + length - distance]:
            length += 1
        best = max(best, (length, distance))
    return best


def _bits(symbols: list[tuple[int, int, int, bytes]]) -> bytes:
    """Lay codes into 16-bit words as a reader takes them up: two words ahead, longer lengths between the words."""
    out = bytearray(4)
    words = [0, 2]  # where the words go that are being filled, the next one first
    held, count = 0, 0

    def put(value: int, width: int) -> None:
        nonlocal held, count
        for shift in range(width - 1, -1, -1):
            if count == 16:  # full, and one more bit is wanted: now the reader takes a word up
                struct.pack_into("<H", out, words.pop(0), held)
                words.append(len(out))
                out.extend(b"\0\0")
                held, count = 0, 0
            held = held << 1 | (value >> shift & 1)
            count += 1

    for symbol, distance, width, extra in symbols:
        put(symbol, 9)
        out.extend(extra)
        put(distance, width)
    struct.pack_into("<H", out, words[0], held << (16 - count))
    return bytes(out)

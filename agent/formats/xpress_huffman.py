"""LZ77 with Huffman codes as Windows packs small files: [MS-XCA] 2.1 and 2.2, only as much as is asked for.

Every 65,536 bytes of the result begin anew with 256 bytes of code lengths, two of 4 bits each for the 512 symbols:
256 literal bytes, then matches by length (low four bits, 15 means more follows) and by the bits of the distance.
"""

from __future__ import annotations

import struct

_BLOCK = 65_536
_TABLE_BYTES = 256
_SYMBOLS = 512
_LONGEST = 15


class DamagedPacking(Exception):
    """The bytes are no such packing, or end too early."""


def unpacked_start(data: bytes, wanted: int) -> bytes:
    """Return the first `wanted` bytes of what was packed; memory is bounded by `wanted` and one match.

    Raises `DamagedPacking`: a table that is no code, a distance before the beginning, bytes that end too early.
    """
    out = bytearray()
    place = 0
    while len(out) < wanted:
        place = _block(data, place, out, wanted)
    return bytes(out[:wanted])


def _block(data: bytes, place: int, out: bytearray, wanted: int) -> int:
    if len(data) < place + _TABLE_BYTES + 4:
        raise DamagedPacking("ends at byte %d" % len(data))
    codes = _codes(data[place : place + _TABLE_BYTES])
    bits = _Bits(data, place + _TABLE_BYTES)
    until = min(wanted, len(out) + _BLOCK)  # a match may reach beyond the block
    while len(out) < until:
        symbol = bits.symbol(codes)
        if symbol < 256:
            out.append(symbol)
            continue
        length, distance_bits = (symbol - 256) & 15, (symbol - 256) >> 4
        length = bits.longer() if length == 15 else length
        distance = (1 << distance_bits) + bits.number(distance_bits)
        if distance > len(out):
            raise DamagedPacking("a distance of %d after %d bytes" % (distance, len(out)))
        for _ in range(min(length + 3, wanted - len(out))):
            out.append(out[-distance])
    return bits.place


def _codes(table: bytes) -> dict[tuple[int, int], int]:
    """Return (length, code) → symbol of the canonical code."""
    lengths = [half for byte in table for half in (byte & 15, byte >> 4)]
    codes: dict[tuple[int, int], int] = {}
    code = 0
    for length in range(1, _LONGEST + 1):
        code <<= 1
        for symbol in range(_SYMBOLS):
            if lengths[symbol] == length:
                codes[length, code] = symbol
                code += 1
        if code > 1 << length:
            raise DamagedPacking("the code lengths make no code")
    return codes


class _Bits:
    """Bits from the highest down, refilled by 16-bit words; longer lengths stand between the words as bytes."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self.place = place + 4
        high, low = struct.unpack_from("<HH", data, place)
        self._held: int = high << 16 | low
        self._spare = 16

    def symbol(self, codes: dict[tuple[int, int], int]) -> int:
        for length in range(1, _LONGEST + 1):
            symbol = codes.get((length, self._held >> (32 - length)))
            if symbol is not None:
                self._drop(length)
                return symbol
        raise DamagedPacking("no code at byte %d" % self.place)

    def number(self, count: int) -> int:
        if not count:
            return 0
        value = self._held >> (32 - count)
        self._drop(count)
        return value

    def longer(self) -> int:
        """Return a length whose four bits were not enough: a byte, else a word, else a double word."""
        length = self._taken("<B")
        if length < 255:
            return length + 15
        return self._taken("<H") or self._taken("<I")

    def _taken(self, form: str) -> int:
        try:
            (value,) = struct.unpack_from(form, self._data, self.place)
        except struct.error:
            raise DamagedPacking("ends at byte %d" % len(self._data))
        self.place += struct.calcsize(form)
        return int(value)

    def _drop(self, count: int) -> None:
        self._held = self._held << count & 0xFFFFFFFF
        self._spare -= count
        if self._spare < 0:
            # past the last word only zeros follow: the packing may end within its last code
            if self.place + 2 <= len(self._data):
                self._held |= self._taken("<H") << -self._spare
            elif self._spare < -16 * 4:
                raise DamagedPacking("ends at byte %d" % len(self._data))
            self._spare += 16

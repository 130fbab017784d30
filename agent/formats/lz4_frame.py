"""Files packed as LZ4 frames, as apt keeps its lists: unpacked block by block, so that one block alone is in memory.

After the frame format 1.6.4 and the block format of the LZ4 project. Read: blocks that rest on those before them and
blocks that do not, plain blocks, several frames one after the other, frames to be skipped. Not read: frames that need a
dictionary, and the old format of the Linux kernel. Checksums are passed over: apt has its own for the whole list.
"""

from __future__ import annotations

from typing import Callable, Iterator

MAGIC = b"\x04\x22\x4d\x18"
WINDOW_BYTES = 65536
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_BLOCK_BYTES = {4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20}
_PLAIN = 1 << 31

Take = Callable[[int], bytes]


class Lz4Fault(ValueError):
    """The bytes are no LZ4 frame, a damaged one, or one of a kind that is not read."""


def unpacked_blocks(take: Take) -> Iterator[bytes]:
    """Yield the blocks of every frame. `take` returns the next so many bytes, fewer at the end. Raises `Lz4Fault`."""
    magic = take(4)
    while magic:
        if magic == MAGIC:
            yield from _frame(take)
        elif len(magic) == 4 and int.from_bytes(magic, "little") in _SKIPPABLE:
            _exactly(take, _number(take))
        else:
            raise Lz4Fault("no LZ4 frame")
        magic = take(4)


def _frame(take: Take) -> Iterator[bytes]:
    """Yield the blocks behind the magic number of a frame."""
    flags, sizes = _exactly(take, 2)
    if flags >> 6 != 1 or flags & 1:
        raise Lz4Fault("a frame of another version, or with a dictionary")
    largest = _BLOCK_BYTES.get(sizes >> 4 & 7)
    if largest is None:
        raise Lz4Fault("a frame with blocks of no known size")
    _exactly(take, (8 if flags & 8 else 0) + 1)  # size of the content, checksum of the head
    alone, checked = flags & 0x20, flags & 0x10
    window = b""
    size = _number(take)
    while size:
        data = _exactly(take, _bounded(size & ~_PLAIN, largest))
        block = data if size & _PLAIN else unpacked_block(data, b"" if alone else window, largest)
        yield block
        if not alone:
            window = (window + block)[-WINDOW_BYTES:]
        _exactly(take, 4 if checked else 0)
        size = _number(take)
    _exactly(take, 4 if flags & 4 else 0)


def unpacked_block(data: bytes, window: bytes, largest: int) -> bytes:
    """Return one block: runs of literal bytes, and copies out of what came before. Raises `Lz4Fault`.

    Lengths are looked at where they are long: short ones cannot make much of few bytes.
    """
    out = bytearray(window)
    size, most = len(window), len(window) + largest
    at, end = 0, len(data)
    try:
        while True:
            token = data[at]
            at += 1
            count = token >> 4
            if count:
                if count == 15:
                    count, at = _long(data, at, count, most - size)
                out += data[at : at + count]
                at += count
                size += count
            if at >= end:  # the last run stands alone
                break
            back = data[at] | data[at + 1] << 8
            at += 2
            count = token & 15
            if count == 15:
                count, at = _long(data, at, count, most - size)
            count += 4
            if not 0 < back <= size:
                raise Lz4Fault("a copy of what is not there")
            start = size - back
            if back >= count:
                out += out[start : start + count]
            else:  # a copy of itself: the same bytes again and again
                out += (out[start:] * (count // back + 1))[:count]
            size += count
    except IndexError:
        raise Lz4Fault("a block that ends too early")
    if at > end or size > most:
        raise Lz4Fault("a block that does not fit")
    return bytes(out[len(window) :])


def _long(data: bytes, at: int, count: int, room: int) -> tuple[int, int]:
    """Return a length that goes on in the next bytes, and the place behind it. Raises `Lz4Fault`, `IndexError`."""
    more = 255
    while more == 255:
        more = data[at]
        count += more
        at += 1
    if count > room:
        raise Lz4Fault("a length that does not fit")
    return count, at


def _bounded(size: int, largest: int) -> int:
    """Return the size of a packed block, which a packer never makes larger than a plain one."""
    if size > largest:
        raise Lz4Fault("a block of %d bytes" % size)
    return size


def _number(take: Take) -> int:
    return int.from_bytes(_exactly(take, 4), "little")


def _exactly(take: Take, count: int) -> bytes:
    data = take(count) if count else b""
    if len(data) != count:
        raise Lz4Fault("the file ends too early")
    return data

"""A reader of pieces that asks for whole blocks and remembers them: ten small looks cost one opening of a file."""

from __future__ import annotations

from typing import Callable, Dict

ReadPart = Callable[[int, int], bytes]
BLOCK_BYTES = 32 * 1024
MAX_BLOCKS = 64


def in_blocks(read: ReadPart) -> ReadPart:
    """Return a reader that gives what `read` gives; of what was read the last `MAX_BLOCKS` blocks are remembered."""
    blocks: Dict[int, bytes] = {}

    def block(number: int) -> bytes:
        if number not in blocks:
            if len(blocks) >= MAX_BLOCKS:
                blocks.pop(next(iter(blocks)))
            blocks[number] = read(number * BLOCK_BYTES, BLOCK_BYTES)
        return blocks[number]

    def part(start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        first, last = start // BLOCK_BYTES, (start + length - 1) // BLOCK_BYTES
        if last - first > 1:
            return read(start, length)
        found = b"".join(block(number) for number in range(first, last + 1))
        return found[start - first * BLOCK_BYTES :][:length]

    return part

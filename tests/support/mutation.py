"""Damage done to bytes in a repeatable way, to see that a reader fails only as it says."""

from __future__ import annotations

import random
from collections.abc import Iterator


def mutations(data: bytes, count: int, seed: int = 20240601) -> Iterator[bytes]:
    """Yield `count` damaged versions of `data`: bits turned, bytes overwritten, cut short, pieces doubled."""
    chance = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(damaged)) if damaged else 0
            kind = chance.randrange(5)
            if kind == 0 and damaged:
                damaged[at] ^= 1 << chance.randrange(8)
            elif kind == 1 and damaged:
                damaged[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            elif kind == 2:
                damaged[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            elif kind == 3:
                del damaged[at:]
            else:
                damaged[at:at] = damaged[at : at + chance.randint(1, 40)]
        yield bytes(damaged)

"""Long lists in packed files (gzip, xz, bzip2, LZ4), unpacked piece by piece while they are read.

Zstandard is not in the standard library of any Python that we run on; such a file is declared and not read.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator

from agent.formats.lz4_frame import Lz4Fault, Take, unpacked_blocks

PIECE_BYTES = 1 << 18
ENDINGS = (".lz4", ".gz", ".xz", ".bz2")
_MEMORY_BYTES = 128 << 20
"""What a decoder of xz may use; apt's lists need 65 MiB at most."""

Read = Callable[[int, int], "bytes | None"]


class PackedFault(ValueError):
    """The file is not packed as its name says, or damaged."""


def unpacked(name: str, read: Read) -> Read:
    """Return a way to read what is packed in a file whose name has one of `ENDINGS`, from its beginning on.

    `read` gives at most so many bytes of the packed file from a place on. What is returned has to be asked in order,
    and raises `PackedFault` and what `read` raises.
    """
    pieces = _pieces(name, _taker(read))
    waiting = bytearray()

    def following(_at: int, count: int) -> bytes:
        while len(waiting) < count:
            piece = next(pieces, None)
            if piece is None:
                break
            waiting.extend(piece)
        found = bytes(waiting[:count])
        del waiting[:count]
        return found

    return following


def _taker(read: Read) -> Take:
    """Return a way to take the next so many bytes."""
    place = 0

    def take(count: int) -> bytes:
        nonlocal place
        parts = []
        while count:
            part = read(place, count)
            if not part:
                break
            parts.append(part)
            place += len(part)
            count -= len(part)
        return b"".join(parts)

    return take


def _pieces(name: str, take: Take) -> Iterator[bytes]:
    if name.endswith(".lz4"):
        try:
            yield from unpacked_blocks(take)
        except Lz4Fault as fault:
            raise PackedFault(str(fault))
        return
    decoder = _decoder(name)
    while True:
        packed = take(PIECE_BYTES)
        if not packed:
            if not decoder.eof:
                raise PackedFault("the file ends too early")
            return
        yield from _of_piece(decoder, packed)


def _of_piece(decoder: Any, packed: bytes) -> Iterator[bytes]:
    """Yield what a piece of a packed file holds, at most `PIECE_BYTES` at once."""
    try:
        yield decoder.decompress(packed, PIECE_BYTES)
        while not decoder.eof and not getattr(decoder, "needs_input", not getattr(decoder, "unconsumed_tail", b"")):
            yield decoder.decompress(getattr(decoder, "unconsumed_tail", b""), PIECE_BYTES)
    except Exception as error:  # zlib.error, LZMAError, OSError, EOFError: each library has its own
        raise PackedFault(str(error))


def _decoder(name: str) -> Any:
    if name.endswith(".gz"):
        import zlib

        return zlib.decompressobj(31)
    if name.endswith(".xz"):
        import lzma

        return lzma.LZMADecompressor(memlimit=_MEMORY_BYTES)
    import bz2

    return bz2.BZ2Decompressor()

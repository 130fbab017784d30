"""LZ4 frames against what the lz4 command made of a known text, and damage."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
from pathlib import Path

import pytest

from agent.formats.lz4_frame import Lz4Fault, unpacked_block, unpacked_blocks
from agent.formats.packed_list import PackedFault, Read, unpacked

PACKED = sorted((Path(__file__).resolve().parent / "lz4").glob("*.lz4"))


def made_list() -> bytes:
    return b"".join(
        b"Package: name%05d\nArchitecture: amd64\nVersion: %d.%d-%d\nDescription: package number %d of a made list\n\n"
        % (number, number % 7, number % 11, number % 3, number)
        for number in range(2600)
    )


def whole(data: bytes) -> bytes:
    return b"".join(unpacked_blocks(io.BytesIO(data).read))


def reading(data: bytes) -> Read:
    return lambda at, count: data[at : at + count]


@pytest.mark.parametrize("path", PACKED, ids=lambda path: path.stem)
def test_what_the_command_packed(path: Path) -> None:
    assert whole(path.read_bytes()) == made_list()


def test_frames_follow_each_other_and_some_are_skipped() -> None:
    packed = PACKED[0].read_bytes()
    skipped = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    assert whole(skipped + packed + skipped + packed) == made_list() * 2
    assert whole(b"") == b""


@pytest.mark.parametrize(
    "data",
    [
        b"\x04\x22\x4d\x18",
        b"no frame",
        b"\x02\x21\x4c\x18" + bytes(20),  # the old format of the kernel
        b"\x04\x22\x4d\x18\x41\x40\x00" + bytes(8),  # a dictionary
        b"\x04\x22\x4d\x18\x40\x00\x00" + bytes(8),  # blocks of no known size
        b"\x04\x22\x4d\x18\x40\x40\x00\xff\xff\xff\x7f",  # a block of two gigabytes
        b"\x04\x22\x4d\x18\x40\x40\x00\x09\x00\x00\x00\x00",
    ],
)
def test_what_is_no_frame_or_a_damaged_one(data: bytes) -> None:
    with pytest.raises(Lz4Fault):
        whole(data)


@pytest.mark.parametrize(
    "block",
    [
        b"\x1fa\x01\x00" + b"\xff" * 300 + b"\x00",  # a copy of 76,000 bytes into a block of 64 KiB
        b"\x10a\x02\x00",  # a copy from before the beginning
        b"\x10a\x00\x00",
        b"\xf0",
        b"\x50abc",
        b"",
    ],
)
def test_a_block_never_grows_past_its_bounds(block: bytes) -> None:
    with pytest.raises(Lz4Fault):
        unpacked_block(block, b"", 65536)


def test_every_cut_and_every_flipped_byte_ends_in_a_fault_or_in_bytes() -> None:
    packed = PACKED[0].read_bytes()
    dice = random.Random(4)
    for _ in range(60):
        damaged = bytearray(packed[: dice.randrange(len(packed))])
        if damaged and dice.random() < 0.7:
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        try:
            found = whole(bytes(damaged))
        except Lz4Fault:
            continue
        assert len(found) < 64 << 20


@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2", ".lz4"])
def test_a_packed_list_is_read_piece_by_piece(ending: str) -> None:
    text = made_list()
    packed = {
        ".gz": gzip.compress(text),
        ".xz": lzma.compress(text),
        ".bz2": bz2.compress(text),
        ".lz4": PACKED[-1].read_bytes(),
    }[ending]
    read = unpacked("x_Packages" + ending, reading(packed))
    pieces = list(iter(lambda: read(0, 1000), b""))  # in order, whatever place is named
    assert b"".join(piece or b"" for piece in pieces) == text
    assert max(len(piece or b"") for piece in pieces) <= 1000


@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2", ".lz4"])
def test_a_packed_list_that_is_damaged_is_told(ending: str) -> None:
    with pytest.raises(PackedFault):
        unpacked("x_Packages" + ending, reading(b"Package: x\n\n"))(0, 1000)
    packed = {".gz": gzip.compress(made_list()), ".xz": lzma.compress(made_list())}.get(ending)
    if packed is not None:
        with pytest.raises(PackedFault):
            unpacked("x_Packages" + ending, reading(packed[:-40]))(0, 10 << 20)

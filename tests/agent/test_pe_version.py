"""Programs of Windows: version information in several languages, who signed, damage."""

from __future__ import annotations

import struct

import pytest
from mutation import mutations
from pe_writer import signature_by, write_program

from agent.formats.pe_file import DamagedProgram, ProgramFile
from agent.formats.pe_signature import signer_of
from agent.formats.pe_version import ProgramVersion, parse_version, version_of

TEXTS = {
    "CompanyName": "示例软件有限公司",
    "ProductName": "示例绘图 专业版",
    "ProductVersion": "11.1.2",
    "OriginalFilename": "draw.exe",
}


def opened(data: bytes) -> ProgramFile:
    return ProgramFile(lambda start, length: data[start : start + length])


def test_the_words_of_a_program() -> None:
    assert version_of(opened(write_program(TEXTS))) == ProgramVersion(
        product="示例绘图 专业版",
        company="示例软件有限公司",
        product_version="11.1.2",
        file_version="11.1.2.3",
        original_name="draw.exe",
        language="0804",
    )


def test_only_the_pieces_that_are_wanted_are_read() -> None:
    data = write_program(TEXTS) + b"\0" * 5_000_000
    read: list[int] = []

    def part(start: int, length: int) -> bytes:
        read.append(length)
        return data[start : start + length]

    assert version_of(ProgramFile(part)) is not None
    assert sum(read) < 100_000


def test_a_version_without_texts_still_has_its_numbers() -> None:
    found = version_of(opened(write_program({})))
    assert found is not None and (found.product, found.file_version, found.product_version) == (
        None,
        "11.1.2.3",
        "11.1.0.0",
    )


@pytest.mark.parametrize(("organisation", "shown"), [("示例软件有限公司", "示例软件有限公司"), ("", "Code Signing")])
def test_who_signed(organisation: str, shown: str) -> None:
    signature = signature_by(organisation)
    assert signer_of(signature) == shown
    assert opened(write_program(TEXTS, signature=signature)).signature() == signature
    assert opened(write_program(TEXTS)).signature() is None


def test_a_signature_that_makes_no_sense_names_nobody() -> None:
    signature = signature_by("Example Ltd")
    assert [signer_of(piece) for piece in (b"", b"\x30", signature[:200], b"\x30\x84\xff\xff\xff\xff")] == [None] * 4
    for damaged in mutations(signature, 300):
        named = signer_of(damaged)
        assert named is None or isinstance(named, str)


@pytest.mark.parametrize("data", [b"", b"MZ", b"MZ" + b"\0" * 100, b"hello world" * 20])
def test_what_is_no_program(data: bytes) -> None:
    with pytest.raises(DamagedProgram):
        opened(data)


def test_damaged_programs_end_in_a_value_or_the_own_error() -> None:
    sample = write_program(TEXTS, signature=b"\x30\x03\x02\x01\x05")
    for damaged in mutations(sample, 600):
        try:
            program = opened(damaged)
            version_of(program)
            program.signature()
        except (DamagedProgram, struct.error) as error:
            assert isinstance(error, DamagedProgram), error


def test_a_resource_that_is_no_version() -> None:
    assert parse_version(b"") is None
    assert parse_version(b"\x10\0\0\0\0\0a\0b\0\0\0" + b"\0" * 40) is None

"""Recorded files as editors, consoles and mail hand them over, and files that are no files."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from agent.collectors.roster import readers
from agent.formats.console_text import decode_text
from agent.formats.handed_file import as_printed, as_written, utf16_of
from agent.given_file import given_bytes
from agent.reading import best_reading, lines

TEXT = '<?xml version="1.0" encoding="UTF-8"?>\n<名>一二三 value</名>\nlast\n'
BYTES = TEXT.encode()
ARRIVALS = {
    "mark": b"\xef\xbb\xbf" + BYTES,
    "utf-16 little": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 little without a mark": TEXT.encode("utf-16-le"),
    "utf-16 big without a mark": TEXT.encode("utf-16-be"),
    "carriage returns": BYTES.replace(b"\n", b"\r\n"),
    "wmic's carriage returns": BYTES.replace(b"\n", b"\r\r\n"),
    "carriage returns alone": BYTES.replace(b"\n", b"\r"),
    "blank lines first": b"\n \r\n\t\n" + BYTES,
    "ctrl-z": BYTES + b"\x1a",
    "nul": BYTES + b"\0\0",
}


@pytest.mark.parametrize("how", sorted(ARRIVALS))
def test_a_text_arrives_as_its_source_wrote_it(how: str) -> None:
    found = as_written(ARRIVALS[how]).decode()
    assert found.replace("utf-8", "UTF-8", 1) == TEXT
    assert as_printed(decode_text(ARRIVALS[how])[0]).lstrip("\n \t") == TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain\n",
        "系统".encode("gb18030") + b"\n",
        b"regf" + bytes(64) + b"hbin" + bytes(8),
        b"bplist00\xd1\x01\x02" + bytes(30) + b"\x09",
        b"SQLite format 3\0" + bytes(range(256)),
        b"\x04\x22\x4d\x18" + bytes(range(200)),
    ],
)
def test_what_needs_nothing_is_left_alone(data: bytes) -> None:
    assert as_written(data) == data


def test_zero_bytes_tell_utf_16_on_one_side_alone() -> None:
    assert (
        utf16_of("一 plain words that go on and on 一".encode("utf-16-le")) == "utf-16-le"
    )  # U+4E00 has a zero byte on the other side
    assert utf16_of(b"A\0B\0" + b"\0C") is None
    assert utf16_of(bytes(100)) is None and utf16_of(b"A") is None


PACKAGES = (
    "Package: 文档\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: install ok installed\nVersion: 2\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
def test_the_command_read_takes_each_of_them(encoding: str, end: str) -> None:
    inventory = best_reading(readers("dpkg"), PACKAGES.replace("\n", end).encode(encoding), "status")
    assert [(each.name, each.version) for each in inventory.software] == [("文档", "1"), ("b", "2")]


def test_what_reg_query_printed_is_read_like_an_export() -> None:
    uninstall = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
    printed = f"\r\n{uninstall}\\7-Zip\r\n    DisplayName    REG_SZ    7-Zip 19.00\r\n\r\n"
    exported = f'Windows Registry Editor Version 5.00\r\n\r\n[{uninstall}\\7-Zip]\r\n"DisplayName"="7-Zip 19.00"\r\n'
    for text in (printed, exported):
        inventory = best_reading(readers("uninstall_keys"), text.encode(), "x")
        assert [each.name for each in inventory.software] == ["7-Zip 19.00"]


def test_a_file_that_no_reader_knows_is_never_passed_over_in_silence() -> None:
    inventory = best_reading(readers("antivirus"), b"words of nobody\n", "x")
    assert [line for line in lines(inventory) if "problem" in line] != []


def test_a_file_and_a_pipe_that_is_written_to(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"a" * (3 << 20))
    assert given_bytes(str(plain)) == b"a" * (3 << 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))

    def write() -> None:
        with open(str(pipe), "wb") as file:
            file.write(b"first ")
            file.flush()
            time.sleep(0.2)
            file.write(b"second")

    writer = threading.Thread(target=write)
    writer.start()
    handle = os.open(str(pipe), os.O_RDONLY)  # the writer gets through once somebody reads
    try:
        assert given_bytes(str(pipe)).endswith(b"second")
    finally:
        os.close(handle)
        writer.join()


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))
    with pytest.raises(OSError, match="nobody writes"):
        given_bytes(str(pipe))
    silent = os.open(str(pipe), os.O_RDWR)
    try:
        with pytest.raises(OSError, match="nothing was written"):
            given_bytes(str(pipe), patience_seconds=0.2)
    finally:
        os.close(silent)


@pytest.mark.parametrize("place", ["/dev/zero", "/tmp"])
def test_a_device_and_a_folder_are_no_files(place: str) -> None:
    with pytest.raises(OSError, match=r"neither a file nor a pipe|[Dd]irectory"):
        given_bytes(place)


def test_a_missing_file_is_told_as_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        given_bytes(str(tmp_path / "none"))

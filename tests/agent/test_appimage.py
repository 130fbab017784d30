"""AppImages: known by their first bytes, named by their file, found in folders of programs alone."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from machine_folder import found_on, machine_of, problems, scopes, software

from agent.collectors.base import Absent
from agent.collectors.linux.appimage import APPIMAGE, MIN_BYTES, name_and_version, parse_file


def image(machine: int = 62, kind: int = 2, byte_order: int = 1) -> bytes:
    ident = b"\x7fELF\x02" + bytes([byte_order]) + b"\x01\x00" + b"AI" + bytes([kind]) + b"\0" * 5
    return (ident + struct.pack("<HH" if byte_order == 1 else ">HH", 2, machine)).ljust(MIN_BYTES, b"\0")


@pytest.mark.parametrize(
    ("file_name", "name", "version"),
    [
        ("LocalSend-1.14.0-linux-x86-64.AppImage", "LocalSend", "1.14.0"),
        ("WPS_Office-11.1.0.11720-loongarch64.AppImage", "WPS_Office", "11.1.0.11720"),
        ("Cursor-0.42.3-x86_64.AppImage", "Cursor", "0.42.3"),
        ("krita-5.2.2-x86_64.appimage", "krita", "5.2.2"),
        ("nvim.appimage", "nvim", None),
        ("draw.io-24.6.4.AppImage", "draw.io", "24.6.4"),
        ("腾讯会议-v3.19.2-arm64.AppImage", "腾讯会议", "3.19.2"),
        ("obs", "obs", None),
        (".AppImage", ".AppImage", None),
        ("7.AppImage", "7", None),
    ],
)
def test_what_a_file_name_says(file_name: str, name: str, version: str | None) -> None:
    assert name_and_version(file_name) == (name, version)


@pytest.mark.parametrize(
    ("data", "architecture"),
    [
        (image(62), "x86_64"),
        (image(183), "aarch64"),
        (image(258), "loongarch64"),
        (image(62, kind=1), "x86_64"),
        (image(8, byte_order=2), "mips"),
        (image(9999), None),
    ],
)
def test_the_architecture_is_that_of_the_program(data: bytes, architecture: str | None) -> None:
    (record,) = software(list(parse_file(data, "/x/a-1.0.AppImage")))
    assert (record.architecture, record.name, record.version) == (architecture, "a", "1.0")


@pytest.mark.parametrize("data", [b"", b"\x7fELF", image()[:19], image(kind=3), b"AI\x02" + image(), b"#!/bin/sh\n"])
def test_other_files_are_none(data: bytes) -> None:
    assert problems(list(parse_file(data, "a.AppImage"))) == [("a.AppImage", "no AppImage")]


def test_only_folders_of_programs_are_looked_into(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/opt/krita/krita-5.2.2-x86_64.appimage": image(),
        "/opt/krita/deep/er/hidden-1.0.AppImage": image(),
        "/opt/readme": b"x" * MIN_BYTES,
        "/opt/fake.AppImage": b"x" * MIN_BYTES,
        "/usr/local/bin/nvim": image(183),
        "/home/li/Applications/LocalSend-1.14.0.AppImage": image(),
        "/home/li/Downloads/Secret-1.0.AppImage": image(),
        "/etc/passwd": "li:x:1000:1000::/home/li:/bin/bash\n",
    }
    found = found_on(APPIMAGE, tmp_path, files)

    assert scopes(found) == ["appimage:/opt", "appimage:/usr/local/bin", "appimage:~1000/Applications"]
    assert [(s.name, s.version, s.location, s.per_user) for s in software(found)] == [
        ("krita", "5.2.2", "/opt/krita/krita-5.2.2-x86_64.appimage", False),
        ("nvim", None, "/usr/local/bin/nvim", False),
        ("LocalSend", "1.14.0", "~1000/Applications/LocalSend-1.14.0.AppImage", True),
    ]
    assert problems(found) == [("/opt/fake.AppImage", "named like an AppImage and is none")]


def test_a_machine_without_any_is_absent_and_a_fifo_stops_nobody(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, {"/opt/a/readme": "text"})
    os.mkfifo(tmp_path / "opt" / "pipe.AppImage")
    (tmp_path / "opt" / "circle").symlink_to("/opt/circle")
    with pytest.raises(Absent):
        list(APPIMAGE.collect(machine))

"""Fonts: whose they are by their own words, collections, damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from font_writer import write_collection, write_font
from hive_writer import Key
from mutation import mutations
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows.fonts import BELOW, FONTS, parse_file
from agent.formats.font_names import DamagedFont, FontNames, names_of
from agent.inventory.coverage import Outcome
from agent.machine.base import Unreadable

FOUNDRY = {
    (1, 0x0409): "Example Song",
    (1, 0x0804): "示例宋体",
    (8, 0x0409): "Example Type Foundry",
    (5, 0x0409): "Version 2.1",
    (0, 0x0409): "(c) 2020 Example Type Foundry",
    (13, 0x0409): "Commercial use needs a licence",
}
OF_WINDOWS = {(1, 0x0409): "Segoe Sample", (0, 0x0409): "© 2018 Microsoft Corporation. All Rights Reserved."}


def read(data: bytes) -> tuple[FontNames, ...]:
    return names_of(lambda start, length: data[start : start + length])


def test_chinese_names_go_first() -> None:
    assert read(write_font(FOUNDRY)) == (
        FontNames(
            family="示例宋体",
            maker="Example Type Foundry",
            copyright="(c) 2020 Example Type Foundry",
            version="Version 2.1",
            licence="Commercial use needs a licence",
            english_family="Example Song",
        ),
    )


def test_every_face_of_a_collection() -> None:
    assert [face.family for face in read(write_collection(FOUNDRY, OF_WINDOWS))] == ["示例宋体", "Segoe Sample"]


def test_fonts_that_somebody_added(tmp_path: Path) -> None:
    root = Key()
    root.at("SOFTWARE\\" + BELOW).values = {
        "示例宋体 (TrueType)": "song.ttf",
        "Segoe Sample (TrueType)": "segoe.ttf",
        "Broken (TrueType)": "broken.ttf",
        "Gone (TrueType)": "gone.ttf",
        "Courier (All res)": "coure.fon",
    }
    made = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)
    made.file("C:\\Windows\\Fonts\\song.ttf", write_font(FOUNDRY))
    made.file("C:\\Windows\\Fonts\\segoe.ttf", write_font(OF_WINDOWS))
    made.file("C:\\Windows\\Fonts\\broken.ttf", b"nothing")
    inventory = scan_with(made.machine(), FONTS)

    assert [(each.kind, each.name, each.publisher, each.path) for each in inventory.traces] == [
        ("font", "示例宋体", "Example Type Foundry", "C:\\Windows\\Fonts\\song.ttf")
    ]
    (run,) = inventory.coverage
    assert (run.scope, run.outcome, run.faults[0].where) == (
        "fonts:machine",
        Outcome.PARTIAL,
        "C:\\Windows\\Fonts\\broken.ttf",
    )


def test_damaged_fonts() -> None:
    with pytest.raises(Unreadable):
        list(parse_file(b"no font", "x.ttf"))
    for damaged in mutations(write_collection(FOUNDRY, OF_WINDOWS), 400):
        try:
            read(damaged)
        except DamagedFont:
            continue

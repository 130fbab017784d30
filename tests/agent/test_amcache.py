"""Programs of the compatibility inventory: both layouts, what Uninstall lists already, damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from mutation import mutations
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.amcache import AMCACHE, FILE, parse_file
from agent.inventory.software import Software
from agent.machine.base import Unreadable


def inventory_hive() -> bytes:
    root = Key()
    for number, (name, source) in enumerate(
        (("列出的", "AddRemoveProgram"), ("没列出的", "Msi"), ("App", "AppxPackage"), ("", "File"))
    ):
        root.at(f"Root\\InventoryApplication\\0000{number}").values = {
            "Name": name,
            "Version": "1.0",
            "Publisher": "示例",
            "Source": source,
            "InstallDate": "01/02/2024 10:00:00",
            "RootDirPath": "c:\\p",
            "MsiProductCode": "{X}" if source == "Msi" else "",
        }
    return write_hive(root, name="Amcache.hve")


def test_what_uninstall_does_not_list(tmp_path: Path) -> None:
    root = Key()
    root.at("SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\A").values = {
        "DisplayName": "列出的",
        "DisplayVersion": "1.0",
    }
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root).file(FILE, inventory_hive())
    (found,) = scan_with(folder.machine(), AMCACHE).software

    assert (found.name, found.version, found.publisher, found.identifier, found.installed_on, found.origin) == (
        "没列出的",
        "1.0",
        "示例",
        "{X}",
        "2024-01-02",
        "Msi",
    )
    assert AMCACHE.deep


def test_every_program_of_a_file_and_the_older_layout() -> None:
    assert [each.name for each in parse_file(inventory_hive(), "x") if isinstance(each, Software)] == [
        "列出的",
        "没列出的",
        "App",
    ]
    old = Key()
    old.at("Root\\Programs\\0000abc").values = {"0": "旧程序", "1": "2.0", "2": "示例", "6": "AddRemoveProgram"}
    (found,) = [each for each in parse_file(write_hive(old), "x") if isinstance(each, Software)]
    assert (found.name, found.version, found.publisher) == ("旧程序", "2.0", "示例")


def test_other_hives_and_damage() -> None:
    with pytest.raises(Absent):
        list(parse_file(write_hive(Key()), "x"))
    with pytest.raises(Unreadable):
        list(parse_file(b"regf", "x"))
    for damaged in mutations(inventory_hive(), 200):
        try:
            list(parse_file(damaged, "x"))
        except (Absent, Unreadable):
            continue

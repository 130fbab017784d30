"""A published serial is marked and never told; a Genuine Service that ought to be there is told as missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hive_writer import Key
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows.autodesk_licences import AUTODESK_LICENCES
from agent.collectors.windows.autodesk_signs import IN_PROFILES, LICENSING, SCOPE, is_published
from agent.inventory.document import Inventory, encode

UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"


def scanned(tmp_path: Path, root: Key, *files: str) -> Inventory:
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)
    for path in files:
        folder.file(path, b"x")
    return scan_with(folder.machine(), AUTODESK_LICENCES)


def outcome(inventory: Inventory) -> str:
    (run,) = [run for run in inventory.coverage if run.scope == SCOPE]
    return run.outcome.value


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        ("666-69696969", True),
        ("66798989898", True),
        ("400-45454545", True),
        ("066 66666666", True),
        ("666-69696968", False),
        ("000-00000000", False),
        ("", False),
        ("六六六", False),
    ],
)
def test_whole_serials_are_compared(serial: str, expected: bool) -> None:
    assert is_published(serial) is expected


def test_another_serial_with_the_same_tail_is_not_marked(tmp_path: Path) -> None:
    root = Key()
    root.at("SOFTWARE\\Autodesk\\A\\1").values = {"SerialNumber": "123-45696969"}
    inventory = scanned(tmp_path, root)
    assert [each.serial_tail for each in inventory.licence_features] == ["96969"]
    assert inventory.traces == ()


def test_no_document_holds_a_published_serial(tmp_path: Path) -> None:
    root = Key()
    root.at("SOFTWARE\\Autodesk\\A\\1").values = {"SerialNumber": "66696969696", "ProductName": "A"}
    root.at("SOFTWARE\\Autodesk\\A\\2").values = {"SerialNumber": "66669696969", "ProductName": "B"}
    inventory = scanned(tmp_path, root)
    assert [(each.product, each.state) for each in inventory.traces] == [("B", "published")]
    assert b"66669696969" not in encode(inventory)


def test_the_service_is_missing_where_the_licensing_of_the_products_is(tmp_path: Path) -> None:
    inventory = scanned(tmp_path, Key(), LICENSING[0] + "\\version.ini", "C:\\Users\\li\\AppData\\Local\\x")
    assert [(each.kind, each.name, each.state) for each in inventory.traces] == [
        ("service", "Autodesk Genuine Service", "missing")
    ]
    assert outcome(inventory) == "complete"


@pytest.mark.parametrize(
    "place",
    ["C:\\Users\\li" + IN_PROFILES + "\\GenuineService.exe", "C:\\ProgramData\\Autodesk\\Genuine Service\\a"],
)
def test_a_service_in_its_folder_is_not_missing(tmp_path: Path, place: str) -> None:
    inventory = scanned(tmp_path, Key(), LICENSING[0] + "\\version.ini", place)
    assert (inventory.traces, outcome(inventory)) == ((), "complete")


def test_a_registered_service_is_not_missing(tmp_path: Path) -> None:
    root = Key()
    root.at(UNINSTALL + "\\{1}").values = {"DisplayName": "Autodesk Genuine Service"}
    inventory = scanned(tmp_path, root, LICENSING[1] + "\\version.ini")
    assert (inventory.traces, outcome(inventory)) == ((), "complete")


def test_without_products_of_autodesk_nothing_is_missing(tmp_path: Path) -> None:
    inventory = scanned(tmp_path, Key())
    assert (inventory.traces, outcome(inventory)) == ((), "absent")


def test_a_profile_that_cannot_be_read_calls_nothing_missing(tmp_path: Path) -> None:
    root = Key()
    profile = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-21-1-2-3-1001"
    root.at(profile).values = {"ProfileImagePath": "C:\\Users\\li"}
    inventory = scanned(tmp_path, root, LICENSING[0] + "\\version.ini", "C:\\Users\\li\\NTUSER.DAT")
    assert (inventory.traces, outcome(inventory)) == ((), "failed")

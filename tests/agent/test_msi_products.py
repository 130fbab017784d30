"""Windows Installer's own registration: what Uninstall does not list, patches, upgrade codes."""

from __future__ import annotations

from pathlib import Path

from hive_writer import Key, write_hive
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows.msi_products import MSI_PRODUCTS, parse_file
from agent.collectors.windows.uninstall_keys import UNINSTALL_KEYS
from agent.formats.packed_guid import packed
from agent.inventory.software import Software

LISTED = "{11111111-AAAA-BBBB-CCCC-000000000001}"
HIDDEN = "{22222222-AAAA-BBBB-CCCC-000000000002}"
UPGRADE = "{99999999-AAAA-BBBB-CCCC-000000000009}"
PATCHES = ["{33333333-AAAA-BBBB-CCCC-00000000000%d}" % number for number in (1, 2)]
INSTALLER = "Microsoft\\Windows\\CurrentVersion\\Installer"


def code(guid: str) -> str:
    found = packed(guid)
    assert found is not None
    return found


def registry() -> Key:
    root = Key()
    root.at("Microsoft\\Windows\\CurrentVersion\\Uninstall\\" + LISTED).values = {
        "DisplayName": "列出的产品",
        "DisplayVersion": "1",
    }
    for guid, name in ((LISTED, "列出的产品"), (HIDDEN, "未列出的组件")):
        products = root.at(f"{INSTALLER}\\UserData\\S-1-5-18\\Products\\{code(guid)}")
        products.at("InstallProperties").values = {
            "DisplayName": name,
            "DisplayVersion": "3.0",
            "Publisher": "示例",
            "InstallDate": "20240131",
            "EstimatedSize": 4,
        }
    for number, guid in enumerate(PATCHES):
        root.at(f"{INSTALLER}\\UserData\\S-1-5-18\\Products\\{code(HIDDEN)}\\Patches\\{code(guid)}").values = {
            "DisplayName": f"Update {number} (KB500000{number})",
            "Installed": "20240202",
            "State": 1 + number,
        }
    root.at(f"{INSTALLER}\\UpgradeCodes\\{code(UPGRADE)}").values = {code(LISTED): "", code(HIDDEN): "", "noise": "x"}
    return root


def test_only_what_uninstall_does_not_list(tmp_path: Path) -> None:
    machine = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", registry()).machine()
    inventory = scan_with(machine, MSI_PRODUCTS)

    assert inventory.software[0] == Software(
        source="msi_products",
        name="未列出的组件",
        scope="msi_products:machine",
        seen_at=inventory.software[0].seen_at,
        version="3.0",
        publisher="示例",
        identifier=HIDDEN,
        installed_on="2024-01-31",
        size_bytes=4096,
        per_user=False,
        upgrade_code=UPGRADE,
    )
    assert [(each.name, each.parent, each.update, each.installed_on) for each in inventory.software[1:]] == [
        ("Update 0 (KB5000000)", HIDDEN, True, "2024-02-02")
    ]


def test_an_uninstall_entry_bears_its_upgrade_code(tmp_path: Path) -> None:
    machine = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", registry()).machine()
    (found,) = scan_with(machine, UNINSTALL_KEYS).software
    assert (found.identifier, found.upgrade_code) == (LISTED, UPGRADE)


def test_a_hive_file() -> None:
    found = [each for each in parse_file(write_hive(registry()), "SOFTWARE") if isinstance(each, Software)]
    assert [(each.name, each.upgrade_code) for each in found] == [
        ("未列出的组件", UPGRADE),
        ("Update 0 (KB5000000)", None),
    ]

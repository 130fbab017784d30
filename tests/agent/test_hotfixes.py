"""Updates of Windows: packages, the management class, printed listings in several languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from mutation import mutations
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.cim_questions import powershell, wmic
from agent.collectors.windows.hotfixes import HOTFIXES, PACKAGES, QFE, parse_file
from agent.formats.update_listing import month_first
from agent.inventory.coverage import Outcome
from agent.inventory.software import Software

BELOW = PACKAGES[len("HKLM\\SOFTWARE\\") :]
FILETIME = 116_444_736_000_000_000 + 1_706_659_200 * 10_000_000  # 2024-01-31
CHINESE = """
部署映像服务和管理工具
版本: 10.0.19041.844

映像版本: 10.0.19045.3803

程序包标识 : Package_for_KB5034441~31bf3856ad364e35~amd64~~19041.3920.1.0
状态 : 已安装
发布类型 : 安全更新程序
安装时间 : 2024/1/31 9:08

程序包标识 : Microsoft-Windows-WordPad-FoD-Package~31bf3856ad364e35~wow64~zh-CN~10.0.19041.1
状态 : 已安装
发布类型 : 按需功能包
安装时间 : 2019/12/7 9:51

操作成功完成。
"""
TABLE = """
Package Identity | State | Release Type | Install Time
---------------- | ----- | ------------ | ------------
Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.9 | Installed | Security Update | 1/31/2024 9:08 AM
"""
SYSTEMINFO = "Hotfix(s):   3 Hotfix(s) Installed.\n   [01]: KB5033909\n   [02]: KB4562830\n   [03]: KB5034441\n"
GET_HOTFIX = (
    "Source  Description      HotFixID      InstalledBy          InstalledOn\n"
    "PC01    Security Update  KB5034441     NT AUTHORITY\\SYSTEM  1/31/2024 12:00:00 AM\n"
)


def software(data: bytes) -> list[Software]:
    return [each for each in parse_file(data, "x") if isinstance(each, Software)]


def test_packages_that_are_installed(tmp_path: Path) -> None:
    root = Key()
    for name, state in (
        ("Package_for_KB5034441~31bf3856ad364e35~amd64~~19041.3920.1.0", 0x70),
        ("Package_1_for_KB5034441~31bf3856ad364e35~amd64~~19041.3920.1.0", 0x70),
        ("Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.9", 0x70),
        ("Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.1.1.9", 0x50),
        ("Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~10.0.19041.1", 0x70),
    ):
        root.at(BELOW + "\\" + name).values = {
            "CurrentState": state,
            "InstallTimeHigh": FILETIME >> 32,
            "InstallTimeLow": FILETIME & 0xFFFFFFFF,
        }
    inventory = scan_with(WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root).machine(), HOTFIXES)

    assert [(each.name, each.version, each.installed_on, each.update) for each in inventory.software] == [
        ("KB5034441", "19041.3920.1.0", "2024-01-31", True),
        ("RollupFix", "19041.3930.1.9", "2024-01-31", True),
    ]
    assert [(run.scope, run.outcome) for run in inventory.coverage] == [("hotfixes:packages", Outcome.COMPLETE)]
    assert [each.name for each in software(write_hive(root))] == ["KB5034441", "RollupFix"]


def test_the_class_is_asked_where_there_are_no_packages(tmp_path: Path) -> None:
    rows = [
        {
            "HotFixID": "KB980195",
            "Description": "Security Update for Windows XP (KB980195)",
            "InstalledOn": "1/15/2011",
        },
        {"HotFixID": "File 1"},
        {"HotFixID": "Q147222", "InstalledOn": "01d8a9f2c4e6b000"},
    ]
    folder = WindowsFolder(tmp_path).printed(powershell("hotfixes", (QFE,)), json.dumps({QFE.name: rows}))
    inventory = scan_with(folder.machine(), HOTFIXES)

    assert [(each.name, each.installed_on, each.release_type) for each in inventory.software] == [
        ("KB980195", "2011-01-15", "Security Update"),
        ("KB147222", "2022-08-07", None),
    ]
    assert [(run.scope, run.outcome.value) for run in inventory.coverage] == [
        ("hotfixes:packages", "absent"),
        ("hotfixes:qfe", "complete"),
    ]


def test_wmic_answers_a_folder_without_powershell(tmp_path: Path) -> None:
    listing = "\r\n\r\nDescription=安全更新\r\nHotFixID=KB5034441\r\nInstalledOn=1/31/2024\r\n\r\n"
    folder = WindowsFolder(tmp_path).printed(wmic(QFE), listing, "utf-16")
    (found,) = scan_with(folder.machine(), HOTFIXES).software
    assert (found.name, found.installed_on) == ("KB5034441", "2024-01-31")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_dism_in_chinese(encoding: str) -> None:
    found = software(CHINESE.encode(encoding))
    assert [
        (each.name, each.release_type, each.installed_on, each.update, each.system_component) for each in found
    ] == [
        ("KB5034441", "安全更新程序", "2024-01-31", True, None),
        ("Microsoft-Windows-WordPad-FoD-Package", "按需功能包", "2019-12-07", None, True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TABLE, [("RollupFix", "2024-01-31", "Security Update")]),
        (SYSTEMINFO, [("KB5033909", None, None), ("KB4562830", None, None), ("KB5034441", None, None)]),
        (GET_HOTFIX, [("KB5034441", "2024-01-31", "Security Update")]),
    ],
)
def test_other_listings(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.name, each.installed_on, each.release_type) for each in software(text.encode())] == expected


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1/15/2011", "2011-01-15"),
        ("11/12/2023", "2023-11-12"),
        ("13/1/2011", "2011-01-13"),
        ("2024-01-31", "2024-01-31"),
        ("0/0/0000", None),
        ("2/30/2024", None),
        ("1/1/9999", None),
        ("", None),
        (None, None),
    ],
)
def test_days_are_written_month_first(written: str | None, day: str | None) -> None:
    assert month_first(written) == day


def test_a_text_without_updates_is_absent_and_damage_ends() -> None:
    with pytest.raises(Absent):
        list(parse_file(b"nothing", "x"))
    for sample in (CHINESE, TABLE, SYSTEMINFO):
        for damaged in mutations(sample.encode("gb18030", "replace"), 150):
            try:
                list(parse_file(damaged, "x"))
            except Absent:
                continue

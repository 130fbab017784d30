"""Programs that nobody installed: what is owned, what is told, what is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hive_writer import Key
from pe_writer import signature_by, write_program
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.portable_programs import PORTABLE_PROGRAMS, owned_folders, parse_file
from agent.inventory.coverage import Outcome
from agent.inventory.software import Software
from agent.machine.base import Unreadable

UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"


def program(name: str, company: str = "示例软件有限公司", **more: str) -> bytes:
    return write_program({"ProductName": name, "CompanyName": company, "ProductVersion": "2.5", **more})


def folder(tmp_path: Path) -> WindowsFolder:
    root = Key()
    root.at(UNINSTALL + "\\A").values = {"DisplayName": "已安装", "InstallLocation": "C:\\Program Files\\Installed\\"}
    root.at(UNINSTALL + "\\B").values = {
        "DisplayName": "图标",
        "DisplayIcon": '"C:\\Program Files\\Vendor\\App\\app.exe",0',
    }
    made = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)
    made.file("C:\\Program Files\\Installed\\bin\\owned.exe", program("Owned"))
    made.file("C:\\Program Files\\Vendor\\App\\app.exe", program("Owned too"))
    made.file("C:\\Program Files\\Vendor\\Other\\other.exe", program("没有安装的工具"))
    made.file("C:\\Program Files\\Common Files\\x.exe", program("Of Windows"))
    made.file("C:\\绿色软件\\画图\\draw.exe", program("便携画图"))
    made.file("C:\\绿色软件\\画图\\plugin\\help.exe", program("便携画图"))
    made.file("C:\\绿色软件\\画图\\unins000.exe", program("卸载"))
    made.file("C:\\Tools\\broken.exe", b"MZ no program")
    made.file("C:\\Tools\\silent.exe", write_program({}))
    made.file("C:\\Users\\user01\\Downloads\\mine.exe", program("Of a person"))
    return made


def test_what_nobody_owns_is_told_once(tmp_path: Path) -> None:
    inventory = scan_with(folder(tmp_path).machine(), PORTABLE_PROGRAMS)

    assert [(each.name, each.publisher, each.version, each.seen_at) for each in inventory.software] == [
        ("没有安装的工具", "示例软件有限公司", "2.5", "C:\\Program Files\\Vendor\\Other\\other.exe"),
        ("便携画图", "示例软件有限公司", "2.5", "C:\\绿色软件\\画图\\draw.exe"),
    ]
    assert (inventory.software[0].signature, inventory.software[0].signer) == (None, None)
    assert [run.outcome for run in inventory.coverage] == [Outcome.COMPLETE]


def test_owned_folders_are_told_by_place_icon_and_remover(tmp_path: Path) -> None:
    assert owned_folders(folder(tmp_path).machine()) == {
        "c:\\program files\\installed",
        "c:\\program files\\vendor\\app",
    }


def test_one_program_by_itself() -> None:
    data = write_program({"FileDescription": "Key tool"}, signature=signature_by("Example Ltd"))
    found = [each for each in parse_file(data, "tool.exe") if isinstance(each, Software)]
    assert [(each.name, each.version, each.signer, each.signature) for each in found] == [
        ("Key tool", "11.1.0.0", "Example Ltd", None)
    ]
    with pytest.raises(Absent):
        list(parse_file(write_program({}), "silent.exe"))
    with pytest.raises(Unreadable):
        list(parse_file(b"#!/bin/sh", "script.exe"))


def test_no_root_is_absent(tmp_path: Path) -> None:
    (run,) = scan_with(WindowsFolder(tmp_path).machine(), PORTABLE_PROGRAMS).coverage
    assert run.outcome is Outcome.ABSENT

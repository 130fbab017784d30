"""Libraries under the name of Windows' own beside a program, and files that cracks replace."""

from __future__ import annotations

from pathlib import Path

from hive_writer import Key
from pe_writer import signature_by, write_program
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows.foreign_libraries import FOREIGN_LIBRARIES
from agent.inventory.coverage import Outcome

UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"


def test_what_lies_beside_installed_programs(tmp_path: Path) -> None:
    root = Key()
    root.at(UNINSTALL + "\\A").values = {"DisplayName": "画图", "InstallLocation": "C:\\Program Files\\Draw"}
    root.at(UNINSTALL + "\\B").values = {"DisplayName": "gone", "InstallLocation": "C:\\Program Files\\Gone"}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)
    vendor = write_program({"CompanyName": "示例软件"}, signature=signature_by("示例软件有限公司"))
    folder.file("C:\\Program Files\\Draw\\VERSION.dll", write_program({"CompanyName": "nobody"}))
    folder.file(
        "C:\\Program Files\\Draw\\winmm.dll", write_program({}, signature=signature_by("Microsoft Corporation"))
    )
    folder.file("C:\\Program Files\\Draw\\bin\\amtlib.dll", vendor)
    folder.file("C:\\Program Files\\Draw\\bin\\deep\\version.dll", b"too deep")
    folder.file("C:\\Program Files\\Draw\\bin\\shfolder.dll", b"no program at all")
    folder.file("C:\\Program Files\\Other\\version.dll", b"nobody's folder")
    inventory = scan_with(folder.machine(), FOREIGN_LIBRARIES)

    assert [(each.name, each.value, each.publisher, each.signer, each.signature) for each in inventory.traces] == [
        ("VERSION.dll", "system_name", "nobody", None, "unsigned"),
        ("amtlib.dll", "replaced_by_cracks", "示例软件", "示例软件有限公司", None),
        ("shfolder.dll", "system_name", None, None, "unsigned"),
    ]
    assert [run.outcome for run in inventory.coverage] == [Outcome.COMPLETE]


def test_without_folders_of_programs_it_is_absent(tmp_path: Path) -> None:
    (run,) = scan_with(WindowsFolder(tmp_path).machine(), FOREIGN_LIBRARIES).coverage
    assert run.outcome is Outcome.ABSENT

"""A live registry: wine's. What was put into it by `reg` is found again through the batch file and through exports.

wine is no Windows, but its registry, its `reg` and its `cmd` are programs of their own that nobody here wrote.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hive_writer import Key
from recorded_machine import scan_with
from reg_writer import write_export

import agent
from agent.collectors.roster import collectors_for
from agent.collectors.windows.uninstall_keys import parse_file
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

pytestmark = pytest.mark.slow

WINE = shutil.which("wine")
BATCH = Path(agent.__file__).parent / "deploy" / "collect.cmd"
UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the drive C: of a fresh wine whose registry holds a few entries of ours."""
    assert WINE is not None, "wine is not installed: apt-get install wine wine64"
    prefix = tmp_path_factory.mktemp("wine")
    os.environ.update(WINEPREFIX=str(prefix), WINEDEBUG="-all")
    wine("wineboot", "-i")
    root = Key()
    root.at(UNINSTALL + "\\{5A66B598-37BD-4C8A-A7CB-A71C32ABCD78}").values = {
        "DisplayName": '示例 财务软件 "企业版"',
        "DisplayVersion": "13.0.1",
        "Publisher": "示例\\公司",
        "EstimatedSize": 4096,
    }
    root.at("SYSTEM\\CurrentControlSet\\Services\\AutoKMS").values = {
        "Type": 16,
        "Start": 2,
        "ImagePath": "C:\\Windows\\AutoKMS\\AutoKMS.exe",
    }
    drive = prefix / "drive_c"
    (drive / "ours.reg").write_bytes(write_export("HKEY_LOCAL_MACHINE", root))
    wine("reg", "import", "C:\\ours.reg")
    return drive


def wine(*arguments: str) -> None:
    assert WINE is not None
    subprocess.run([WINE, *arguments], check=True, timeout=300, capture_output=True)


def test_an_export_of_a_live_registry(drive: Path) -> None:
    wine("reg", "export", "HKLM\\" + UNINSTALL, "C:\\out.reg")
    found = [each for each in parse_file((drive / "out.reg").read_bytes(), "out.reg") if isinstance(each, Software)]
    assert [(each.name, each.version, each.publisher, each.size_bytes) for each in found] == [
        ('示例 财务软件 "企业版"', "13.0.1", "示例\\公司", 4096 * 1024)
    ]


def test_the_batch_file_on_a_live_registry(drive: Path) -> None:
    shutil.copy(BATCH, drive / "collect.cmd")
    wine("cmd", "/c", "C:\\collect.cmd", "C:\\folder")
    inventory = scan_with(OfflineMachine(str(drive / "folder")), *collectors_for("windows"))
    assert [each.name for each in inventory.software if each.source == "uninstall_keys"] == ['示例 财务软件 "企业版"']
    assert ("AutoKMS", "C:\\Windows\\AutoKMS\\AutoKMS.exe", "automatic") in [
        (each.name, each.path, each.start) for each in inventory.traces if each.kind == "service"
    ]
    assert "failed" not in {run.outcome.value for run in inventory.coverage}

"""The batch file for PCs without Python: what it writes is what the collectors ask for, and it takes no whole key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hive_writer import Key
from recorded_machine import CAPTURES, NOON, scan_with
from windows_folder import WindowsFolder

import agent
from agent.collectors.roster import collectors_for
from agent.collectors.windows import activation, antivirus, hotfixes, scheduled_tasks, services
from agent.collectors.windows.cim_questions import wmic
from agent.collectors.windows.host_hardware import CLASSES
from agent.collectors.windows.licensing_rows import OFFICE_2010, PRODUCTS, SERVICE, wmic_question
from agent.machine.offline import CLOCK, OfflineMachine, command_slug

BATCH = Path(agent.__file__).parent / "deploy" / "collect.cmd"
ASKED = [
    *(wmic_question(name) for name in (PRODUCTS, OFFICE_2010, SERVICE)),
    *(("wmic", "path", name, "get", ",".join(properties), "/value") for name, properties in CLASSES.items()),
    *(wmic(question) for question in (hotfixes.QFE, antivirus.PRODUCTS, antivirus.XP_PRODUCTS)),
    activation.SLMGR,
    activation.SLMGR_TERM,
    activation.OSPP,
    services.WMIC,
    services.SC_QUERY,
    scheduled_tasks.SCHTASKS,
    CLOCK,
]
DLV = """软件授权服务版本: 10.0.19041.1081

名称: Windows(R), Professional edition
描述: Windows(R) Operating System, VOLUME_KMSCLIENT channel
激活 ID: 2de67392-b7a7-462a-b1ca-108dd189f588
应用程序 ID: 55c92734-d682-4d71-983e-d6ec3f16059f
部分产品密钥: T83GX
许可证状态: 已授权
"""
OSPP = """---Processing--------------------------
LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition
LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel
LICENSE STATUS:  ---LICENSED---
Last 5 characters of installed product key: WFG99
"""


def batch() -> str:
    return BATCH.read_bytes().decode("ascii")


@pytest.mark.parametrize("command", ASKED, ids=command_slug)
def test_every_answer_that_a_collector_asks_for_is_written(command: tuple[str, ...]) -> None:
    assert "%%CMDS%%\\%s.txt" % command_slug(command) in batch()


def test_it_is_a_plain_batch_file() -> None:
    data = BATCH.read_bytes()
    assert data.startswith(b"@echo off\r\n") and data.count(b"\n") == data.count(b"\r\n")
    lines = batch().split("\r\n")
    targets = {line.split()[1] for line in lines if line.startswith("goto ")} | set(
        re.findall(r"goto (\w+)$", batch(), re.M)
    )
    called = set(re.findall(r"call :(\w+)", batch()))
    labels = {line[1:] for line in lines if re.fullmatch(r":\w+", line)}
    assert called | targets <= labels
    assert not re.search(
        r"\b(powershell|reg(\.exe)? +(add|delete|import)|sc +(config|stop|start)|net +\w+|del /[sf])\b", batch(), re.I
    )


def test_no_key_that_holds_a_whole_product_key_is_taken_whole() -> None:
    exported = re.findall(r'call :export \w+ "([^"]+)"', batch())
    queried = re.findall(r'call :(?:deep|query) \w+ "([^"]+)" ?(.*)', batch())
    for path in exported:
        for forbidden in ("Registration", "SoftwareProtectionPlatform", "ClickToRun", "\\Setup", "Adobe", "Autodesk"):
            assert forbidden not in path, path
        assert not path.endswith(("CurrentVersion", "%NT%", "%CV%")), path
    names = " ".join(names for _, names in queried).lower()
    assert "digitalproduct" not in names and "serial" not in names and "email" not in names


def test_it_writes_only_below_its_folder() -> None:
    for target in re.findall(r'>>? *("[^"]*"|\S+)', batch()):
        assert target.strip('"').startswith(("%REGS%\\", "%CMDS%\\", "%FILE%", "nul")), target


def test_it_deletes_nothing_but_its_own_empty_files() -> None:
    deleting = [
        line
        for line in batch().split("\r\n")
        if re.search(r"\b(del|erase|rd|rmdir|move|ren)\b", line) and not line.startswith("rem")
    ]
    assert deleting == ['for %%f in ("%CMDS%\\*.txt" "%REGS%\\*.txt") do if %%~zf==0 del /q "%%f"']
    assert 'if exist "%REGS%" goto taken' in batch()


def test_the_folder_of_a_chinese_pc() -> None:
    inventory = scan_with(OfflineMachine(str(CAPTURES / "windows-collected")), *collectors_for("windows"))

    assert (inventory.host.name, inventory.host.operating_system.version) == ("vm", "6.1.7601")
    assert [
        (each.name, each.publisher, each.upgrade_code, each.per_user)
        for each in inventory.software
        if each.source != "operating_system"
    ] == [
        ("360安全卫士", "360安全中心", None, False),
        ("WPS Office (12.1.0.16120)", "Kingsoft Corp.", None, False),
        ("搜狗输入法 13.7正式版", "Sogou.com", None, False),
        ("微信", "腾讯科技(深圳)有限公司", None, False),
        ("WinRAR 6.24 (64-bit)", "win.rar GmbH", None, False),
        ("7-Zip 23.01 (x64 edition)", "Igor Pavlov", "{23170F69-40C1-2702-0000-000004000000}", False),
        ("Microsoft OneDrive", "Microsoft Corporation", None, True),
    ]
    assert [
        (each.name, each.path)
        for each in inventory.traces
        if each.name in ("Service KMSELDI", "multikey", "VerifierDlls")
    ] == [
        ("multikey", "system32\\drivers\\multikey.sys"),
        (
            "VerifierDlls",
            "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\SppExtComObj.exe",
        ),
        ("Service KMSELDI", "C:\\Program Files\\KMSpico\\Service_KMS.exe"),
    ]
    assert [(each.kms_host, each.kms_port) for each in inventory.activations] == [("127.0.0.2", 1688)]
    assert {run.outcome.value for run in inventory.coverage} == {"complete", "absent"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8"])
def test_printed_licences_stand_for_a_silent_service(tmp_path: Path, encoding: str) -> None:
    folder = WindowsFolder(tmp_path).printed(activation.SLMGR, DLV, encoding).printed(activation.OSPP, OSPP, encoding)
    folder.printed(wmic_question(PRODUCTS), "\r\n", encoding)
    inventory = scan_with(folder.machine(), activation.ACTIVATION)

    assert [(each.kind, each.channel, each.state, each.key_last5) for each in inventory.activations] == [
        ("windows", "VOLUME_KMSCLIENT", "licensed", "T83GX"),
        ("office", "VOLUME_KMSCLIENT", "licensed", "WFG99"),
    ]


def test_when_it_was_written(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path).printed(CLOCK, "\r\n\r\nLocalDateTime=20260302200000.123000+480\r\n\r\n", "utf-16")
    assert folder.machine().recorded_at() == NOON
    folder.printed(CLOCK, "LocalDateTime=20261399250000.123000+480")
    assert folder.machine().recorded_at() is None
    assert WindowsFolder(tmp_path / "none").machine().recorded_at() is None


def test_what_ran_and_an_empty_answer(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", Key())
    folder.printed(("processes",), "\r\nExecutablePath=C:\\Windows\\explorer.exe\r\n\r\nExecutablePath=\r\n", "utf-16")
    running = folder.machine().processes()
    assert running is not None and [(each.name, each.path) for each in running] == [
        ("explorer.exe", "C:\\Windows\\explorer.exe")
    ]
    folder.printed(("processes",), "\r\n")
    assert folder.machine().processes() is None

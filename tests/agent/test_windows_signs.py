"""Signs on a Windows machine: Defender, services, firewall, licensing settings and files, dongles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent, Found
from agent.collectors.windows import defender, dongles, firewall_blocks, licensing_settings, services
from agent.collectors.windows.defender import DEFENDER
from agent.collectors.windows.dongles import DONGLES
from agent.collectors.windows.firewall_blocks import FIREWALL_BLOCKS, parse_rule
from agent.collectors.windows.licensing_files import LICENSING_FILES
from agent.collectors.windows.licensing_settings import LICENSING_SETTINGS
from agent.collectors.windows.services import SC_QUERY, SERVICES_COLLECTOR, WMIC, parse_states
from agent.discretion import pseudonym
from agent.formats.command_line import program_of, script_of
from agent.inventory.traces import Trace

NT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
SET = "SYSTEM\\CurrentControlSet"
GERMAN_SC = """
SERVICE_NAME: sppsvc
DISPLAY_NAME: Software Protection
        TYPE               : 10  WIN32_OWN_PROCESS
        STATE              : 1  STOPPED
        WIN32_EXIT_CODE    : 0  (0x0)

SERVICE_NAME: Service KMSELDI
DISPLAY_NAME: Service KMSELDI
        TYP                : 10  WIN32_OWN_PROCESS
        STATUS             : 4  RUNNING
                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)
"""


def traces(found: "list[Found]") -> list[Trace]:
    return [each for each in found if isinstance(each, Trace)]


def machine(tmp_path: Path, root: Key) -> WindowsFolder:
    return WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)


def test_what_defender_passes_over_and_found(tmp_path: Path) -> None:
    root = Key()
    top = root.at("SOFTWARE\\Microsoft\\Windows Defender\\Exclusions")
    top.at("Paths").values = {"C:\\Windows\\AAct_Tools": 0, "C:\\Users\\user01\\x": 0}
    top.at("Processes").values = {"KMSSS.exe": 0}
    history = (
        b"\x01\x02\x03"
        + "HackTool:Win32/AutoKMS!pz\0C:\\Users\\user01\\x.exe\0Trojan:Script/Wacatac.B!ml\0".encode("utf-16-le")
    )
    folder = (
        machine(tmp_path, root)
        .file(defender.HISTORY + "\\0A\\1234", history)
        .file(defender.HISTORY + "\\0A\\5678", history)
    )
    inventory = scan_with(folder.machine(), DEFENDER)

    assert [(each.kind, each.name, each.value) for each in inventory.traces if each.kind == "exclusion"] == [
        ("exclusion", "C:\\Windows\\AAct_Tools", "paths"),
        ("exclusion", pseudonym("user01") + "\\x", "paths"),
        ("exclusion", "KMSSS.exe", "processes"),
    ]
    assert "user01" not in str(inventory)
    assert [each.name for each in inventory.traces if each.kind == "detection"] == [
        "HackTool:Win32/AutoKMS!pz",
        "Trojan:Script/Wacatac.B!ml",
    ]
    assert [each.name for each in traces(list(defender.parse_file(history, "x")))] == [
        "HackTool:Win32/AutoKMS!pz",
        "Trojan:Script/Wacatac.B!ml",
    ]
    with pytest.raises(Absent):
        list(defender.parse_file(b"https://example.com/Tool:x", "x"))


def services_of(root: Key) -> None:
    top = root.at(SET + "\\Services")
    top.at("Service KMSELDI").values = {
        "Type": 0x10,
        "Start": 2,
        "ImagePath": '"C:\\Program Files\\KMSpico\\Service_KMS.exe" -secret word',
        "DisplayName": "Service KMSELDI",
    }
    top.at("sppsvc").values = {
        "Type": 0x10,
        "Start": 4,
        "ImagePath": "%SystemRoot%\\system32\\sppsvc.exe",
        "DisplayName": "@%x%,-1",
    }
    top.at("ClipSVC").values = {"Type": 0x20, "Start": 3, "ImagePath": "%SystemRoot%\\System32\\svchost.exe -k wsappx"}
    top.at("BITS").values = {"Type": 0x20, "Start": 3, "ImagePath": "C:\\windows\\System32\\svchost.exe -k netsvcs"}
    top.at("multikey").values = {
        "Type": 1,
        "Start": 3,
        "ImagePath": "\\??\\C:\\Windows\\system32\\drivers\\multikey.sys",
    }
    top.at("aksusb").values = {"Type": 1, "Start": 3, "ImagePath": "system32\\DRIVERS\\aksusb.sys"}
    top.at("SentinelKeysServer").values = {"Type": 0x10, "Start": 2, "ImagePath": "C:\\s.exe"}
    top.at("AFD").values = {"Type": 1, "Start": 1, "ImagePath": "\\SystemRoot\\system32\\drivers\\afd.sys"}


def test_services_that_run_a_program(tmp_path: Path) -> None:
    root = Key()
    services_of(root)
    inventory = scan_with(machine(tmp_path, root).printed(SC_QUERY, GERMAN_SC).machine(), SERVICES_COLLECTOR)

    assert [(each.name, each.path, each.state, each.start, each.product) for each in inventory.traces] == [
        ("Service KMSELDI", "C:\\Program Files\\KMSpico\\Service_KMS.exe", "running", "automatic", "Service KMSELDI"),
        ("sppsvc", "%SystemRoot%\\system32\\sppsvc.exe", "stopped", "disabled", None),
        ("ClipSVC", "%SystemRoot%\\System32\\svchost.exe", None, "manual", None),
        ("SentinelKeysServer", "C:\\s.exe", None, "automatic", None),
    ]
    assert "secret" not in str(inventory)


def test_services_of_a_hive_and_of_a_listing(tmp_path: Path) -> None:
    root = Key()
    services_of(root)
    hive = Key()
    hive.at("Select").values = {"Current": 2}
    hive.subkeys["ControlSet002"] = root.at(SET)
    assert len(traces(list(services.parse_file(write_hive(hive, name="SYSTEM"), "SYSTEM")))) == 4
    listing = "DisplayName=打印\r\nName=Spooler\r\nPathName=C:\\Windows\\System32\\spoolsv.exe\r\n"
    listing += "StartMode=Auto\r\nState=Running\r\n"
    folder = WindowsFolder(tmp_path).printed(WMIC, listing, "gb18030")
    assert [
        (each.name, each.state, each.start, each.product)
        for each in scan_with(folder.machine(), SERVICES_COLLECTOR).traces
    ] == [("Spooler", "running", "automatic", "打印")]
    assert parse_states("") == {}


def test_dongles_and_what_imitates_them(tmp_path: Path) -> None:
    root = Key()
    services_of(root)
    root.at(SET + "\\MultiKey\\Dumps")
    for device in ("VID_0529&PID_0001", "VID_096e&PID_0006", "VID_046D&PID_C31C"):
        root.at(SET + "\\Enum\\USB\\" + device)
    inventory = scan_with(machine(tmp_path, root).machine(), DONGLES)

    assert [(each.name, each.value, each.path, each.publisher, each.watch) for each in inventory.traces] == [
        ("multikey", "driver", "C:\\Windows\\system32\\drivers\\multikey.sys", None, "E14"),
        ("aksusb", "driver", "system32\\DRIVERS\\aksusb.sys", None, None),
        ("MultiKey", None, "HKLM\\SYSTEM\\CurrentControlSet\\MultiKey", None, "E14"),
        ("VID_0529&PID_0001", "usb", None, "Aladdin (HASP)", None),
        ("VID_096E&PID_0006", "usb", None, "Feitian (飞天诚信)", None),
    ]
    assert [run.outcome.value for run in scan_with(WindowsFolder(tmp_path / "empty").machine(), DONGLES).coverage] == [
        "absent"
    ]
    assert dongles.parse_file is not None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("v2.30|Action=Block|Active=TRUE|Dir=Out|App=C:\\Program Files\\Adobe\\a.exe|Name=挡|", ("挡", "out", None)),
        ("v2.30|Action=Block|Active=FALSE|Dir=In|App=%ProgramFiles%\\b.exe|", ("b.exe", "in", "disabled")),
        ("v2.30|Action=Allow|Active=TRUE|Dir=Out|App=C:\\c.exe|Name=x|", None),
        ("v2.30|Action=Block|Active=TRUE|Dir=In|LPort=445|Name=smb|", None),
        ("v2.30|Action=Block|App=System|Name=x|", None),
        ("", None),
    ],
)
def test_rules_that_block_a_program(rule: str, expected: tuple[str, str, str] | None) -> None:
    found = parse_rule(rule, "x")
    assert (None if found is None else (found.name, found.value, found.start)) == expected


def test_the_firewall_of_a_machine(tmp_path: Path) -> None:
    root = Key()
    root.at(firewall_blocks.KEYS[0][len("HKLM\\") :]).values = {
        "{1}": "v2.30|Action=Block|Active=TRUE|Dir=Out|App=C:\\a.exe|Name=n|",
        "{2}": 7,
    }
    (found,) = scan_with(machine(tmp_path, root).machine(), FIREWALL_BLOCKS).traces
    assert (found.kind, found.path, found.state) == ("firewall_rule", "C:\\a.exe", "block")


def test_settings_of_the_licensing_services(tmp_path: Path) -> None:
    root = Key()
    root.at(NT + "\\Image File Execution Options\\SppExtComObj.exe").values = {
        "VerifierDlls": "SppExtComObjHook.dll",
        "GlobalFlag": 256,
    }
    root.at(NT + "\\Image File Execution Options\\notepad.exe").values = {"Debugger": "other"}
    root.at(NT + "\\SoftwareProtectionPlatform").values = {
        "BackupProductKeyDefault": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
        "SkipRearm": 1,
    }
    folder = machine(tmp_path, root)
    user = Key()
    user.at("Software\\Microsoft\\Office\\16.0\\Common\\Licensing\\Resiliency").values = {
        "TimeOfLastHeartbeatFailure": "2040-01-01T00:00:00Z"
    }
    folder.registry("HKEY_USERS\\S-1-5-21-1-2-3-1001", user, "user")
    inventory = scan_with(folder.machine(), LICENSING_SETTINGS)

    assert [(each.name, each.value, each.scope) for each in inventory.traces] == [
        ("VerifierDlls", "SppExtComObjHook.dll", "licensing_settings:machine"),
        ("GlobalFlag", "256", "licensing_settings:machine"),
        ("SkipRearm", "1", "licensing_settings:machine"),
        ("TimeOfLastHeartbeatFailure", "2040-01-01T00:00:00Z", "licensing_settings:user:S-1-5-21-1-2-3-1001"),
    ]
    assert "AAAAA" not in str(inventory)
    found = traces(list(licensing_settings.parse_file(write_hive(user, name="NTUSER.DAT"), "NTUSER.DAT")))
    assert [each.scope for each in found] == ["licensing_settings:user:current"]


def test_files_that_do_not_belong_there(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path)
    for path, data in (
        ("C:\\Windows\\System32\\kernel32.dll", b""),
        ("C:\\Windows\\System32\\sppsvc.exe", b""),
        ("C:\\Windows\\System32\\slmgr.vbs", b""),
        ("C:\\Windows\\System32\\SppExtComObjHook.dll", b"hook"),
        ("C:\\Windows\\System32\\SppExtComObj.exe", b"Windows' own"),
        ("C:\\Program Files\\KMSpico\\AutoPico.exe", b"x"),
        ("C:\\Program Files\\Microsoft Office\\root\\vfs\\System\\sppc.dll", b"ohook"),
        ("C:\\ProgramData\\Microsoft\\Windows\\ClipSVC\\GenuineTicket\\GenuineTicket.xml", b"<t/>"),
    ):
        folder.file(path, data)
    inventory = scan_with(folder.machine(), LICENSING_FILES)

    assert [(each.watch, each.name, each.state, each.size_bytes) for each in inventory.traces] == [
        ("W15", "SppExtComObjHook.dll", "present", 4),
        ("W18", "KMSpico", "present", None),
        ("W36", "GenuineTicket.xml", "present", 4),
        ("O01", "sppc.dll", "present", 5),
        ("W39", "slwga.dll", "missing", None),
    ]
    assert inventory.traces[0].sha256 == hashlib.sha256(b"hook").hexdigest()
    assert scan_with(WindowsFolder(tmp_path / "empty").machine(), LICENSING_FILES).coverage[0].outcome.value == "absent"


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ('"C:\\Program Files\\a b\\c.exe" -k x', "C:\\Program Files\\a b\\c.exe"),
        ("C:\\Program Files\\a b\\c.exe -k x.exe", "C:\\Program Files\\a b\\c.exe"),
        ("\\??\\C:\\x.sys", "C:\\x.sys"),
        ("cmd /c start", "cmd"),
        ("", ""),
        ('"unclosed', "unclosed"),
    ],
)
def test_the_program_of_a_command_line(command: str, program: str) -> None:
    assert program_of(command) == program


@pytest.mark.parametrize(
    ("program", "arguments", "script"),
    [
        ("cmd.exe", '/c "C:\\ProgramData\\Online_KMS\\run.cmd" password', "C:\\ProgramData\\Online_KMS\\run.cmd"),
        ("powershell", "-File C:\\a.ps1 -Token x", "C:\\a.ps1"),
        ("C:\\Windows\\System32\\rundll32.exe", "C:\\x\\hook.dll,Run", "C:\\x\\hook.dll"),
        ("notepad.exe", "C:\\secret.cmd", None),
        ("cmd.exe", None, None),
        ("cmd.exe", "/c echo", None),
    ],
)
def test_the_script_that_a_program_is_given(program: str, arguments: str | None, script: str | None) -> None:
    assert script_of(program, arguments) == script

"""Scheduled tasks: XML, `.job`, TaskCache, printed tables in any language; what is Windows' own is left out."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from mutation import mutations
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.scheduled_tasks import CACHE, FOLDER, SCHEDULED_TASKS, SCHTASKS, parse_csv, parse_file
from agent.formats.task_file import TaskAction, parse_actions, parse_task
from agent.inventory.traces import Trace

XML = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Author>PC01\\user01</Author><URI>%s</URI></RegistrationInfo>
  <Principals><Principal id="Author"><UserId>PC01\\user01</UserId></Principal></Principals>
  <Settings><Enabled>%s</Enabled></Settings>
  <Actions Context="Author"><Exec><Command>%s</Command><Arguments>%s</Arguments></Exec></Actions>
</Task>"""
CHINESE_CSV = (
    '"主机名","任务名","下次运行时间","状态","登录模式","上次运行时间","上次结果","创建者","要运行的任务","起始于"\r\n'
    '"PC01","\\AutoPico Daily Restart","2024/1/31","就绪","交互","2024/1/30","0",'
    '"PC01\\user01","C:\\Program Files\\KMSpico\\AutoPico.exe /silent","N/A"\r\n'
    '"主机名","任务名","下次运行时间","状态","登录模式","上次运行时间","上次结果","创建者","要运行的任务","起始于"\r\n'
    '"PC01","\\Microsoft\\Windows\\Defrag\\ScheduledDefrag",'
    '"N/A","就绪","","","0","M","%windir%\\system32\\defrag.exe -c","N/A"\r\n'
    '"PC01","\\Renew","N/A","就绪","","","0","M","cmd.exe /c C:\\ProgramData\\Renew\\task.cmd secret","N/A"\r\n'
    '"PC01","\\Handler","N/A","就绪","","","0","M","COM 处理程序","N/A"\r\n'
)


def xml(uri: str, command: str, arguments: str = "", enabled: str = "true") -> bytes:
    return b"\xff\xfe" + (XML % (uri, enabled, command, arguments)).encode("utf-16-le")


def text(value: str) -> bytes:
    raw = value.encode("utf-16-le")
    return struct.pack("<I", len(raw)) + raw


def actions(command: str, arguments: str) -> bytes:
    return (
        struct.pack("<H", 3)
        + text("Author")
        + struct.pack("<H", 0x6666)
        + text("")
        + text(command)
        + text(arguments)
        + text("")
        + b"\0\0"
    )


def job(command: str, arguments: str) -> bytes:
    name, rest = command + "\0", arguments + "\0"
    head = bytearray(70)
    struct.pack_into("<HH", head, 0, 0x0501, 1)
    struct.pack_into("<H", head, 20, 70)
    return (
        bytes(head)
        + struct.pack("<H", len(name))
        + name.encode("utf-16-le")
        + struct.pack("<H", len(rest))
        + rest.encode("utf-16-le")
    )


def test_the_tasks_of_a_machine(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path)
    folder.file(FOLDER + "\\AutoKMS", xml("\\AutoKMS", "C:\\Windows\\AutoKMS\\AutoKMS.exe", "/secret"))
    folder.file(FOLDER + "\\Vendor\\Update", xml("\\Vendor\\Update", '"C:\\Program Files\\V\\u.exe"', enabled="false"))
    folder.file(FOLDER + "\\Microsoft\\Windows\\Defrag", xml("\\x", "%windir%\\system32\\defrag.exe"))
    folder.file(FOLDER + "\\Microsoft\\Hidden", xml("\\x", "C:\\Windows\\KMSAutoS\\k.exe"))
    folder.file(FOLDER + "\\broken", b"\xff\xfe<")
    folder.file(FOLDER + "\\Sync-S-1-5-21-1-2-3-1001", xml("\\x", "C:\\sync.exe"))
    folder.file("C:\\Windows\\Tasks\\old.job", job("C:\\WINDOWS\\old.exe", "-x"))
    root = Key()
    below = CACHE[len("HKLM\\SOFTWARE\\") :]
    root.at(below + "\\Tree\\AutoKMS").values = {"Id": "{1}"}
    root.at(below + "\\Tree\\Unreadable").values = {"Id": "{2}"}
    root.at(below + "\\Tasks\\{1}").values = {"Actions": actions("C:\\Windows\\AutoKMS\\AutoKMS.exe", "")}
    root.at(below + "\\Tasks\\{2}").values = {"Actions": actions("cmd.exe", '/c "C:\\ProgramData\\a b\\t.cmd" word')}
    folder.registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root)
    inventory = scan_with(folder.machine(), SCHEDULED_TASKS)

    assert [
        (each.name, each.path, each.value, each.state, each.scope.partition(":")[2]) for each in inventory.traces
    ] == [
        ("\\AutoKMS", "C:\\Windows\\AutoKMS\\AutoKMS.exe", None, "enabled", "files"),
        ("\\Microsoft\\Hidden", "C:\\Windows\\KMSAutoS\\k.exe", None, "enabled", "files"),
        ("\\Sync-S-1-…", "C:\\sync.exe", None, "enabled", "files"),
        ("\\Vendor\\Update", "C:\\Program Files\\V\\u.exe", None, "disabled", "files"),
        ("\\old.job", "C:\\WINDOWS\\old.exe", None, None, "files"),
        ("\\Unreadable", "cmd.exe", "C:\\ProgramData\\a b\\t.cmd", None, "registry"),
    ]
    assert [(run.outcome.value, [fault.where for fault in run.faults]) for run in inventory.coverage] == [
        ("partial", [FOLDER + "\\broken"]),
        ("complete", []),
    ]
    assert "secret" not in str(inventory) and "user01" not in str(inventory)


def test_a_printed_table_in_chinese(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path).printed(SCHTASKS, CHINESE_CSV, "gb18030")
    inventory = scan_with(folder.machine(), SCHEDULED_TASKS)
    assert [(each.name, each.path, each.value) for each in inventory.traces] == [
        ("\\AutoPico Daily Restart", "C:\\Program Files\\KMSpico\\AutoPico.exe", None),
        ("\\Renew", "cmd.exe", "C:\\ProgramData\\Renew\\task.cmd"),
    ]
    assert "secret" not in str(inventory)


def test_recorded_files() -> None:
    def names(data: bytes) -> list[str]:
        return [each.name for each in parse_file(data, "task") if isinstance(each, Trace)]

    assert names(xml("\\KMSAutoNet", "C:\\k.exe")) == ["\\KMSAutoNet"]
    assert names(job("C:\\k.exe", "")) == ["\\task"]
    root = Key()
    root.at("Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\T").values = {"Id": "{1}"}
    root.at("Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\{1}").values = {
        "Actions": actions("C:\\k.exe", "")
    }
    assert names(write_hive(root)) == ["\\T"]
    with pytest.raises(Absent):
        list(parse_file(b"nothing", "x"))


def test_actions_of_the_registry() -> None:
    assert list(parse_actions(actions("C:\\a.exe", "x"))) == [TaskAction("C:\\a.exe", "x")]
    assert list(parse_actions(b"")) == list(parse_actions(b"\x03\x00\x77\x77")) == []


def test_damaged_tasks_end() -> None:
    for sample in (xml("\\a", "C:\\a.exe"), job("C:\\a.exe", "x")):
        for damaged in mutations(sample, 300):
            parse_task(damaged)
    for damaged in mutations(actions("C:\\a.exe", "x"), 300):
        list(parse_actions(damaged))
    for damaged in mutations(CHINESE_CSV.encode("gb18030"), 100):
        list(parse_csv(damaged.decode("gb18030", "replace"), seen_at="x"))

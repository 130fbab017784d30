"""Usage on Windows: months of no person, from UserAssist and Prefetch, and nothing before staff had notice."""

from __future__ import annotations

import codecs
import json
import struct
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from prefetch_writer import packed, write_prefetch
from recorded_machine import scan_with

from agent.collectors.windows.prefetch import PREFETCH
from agent.collectors.windows.user_assist import USER_ASSIST
from agent.formats.prefetch import DamagedPrefetch, LastStart, parse_prefetch
from agent.formats.user_assist import month_of_last_start, program_of
from agent.formats.xpress_huffman import DamagedPacking, unpacked_start
from agent.inventory.coverage import Outcome
from agent.machine.offline import OfflineMachine

PROJECT = Path(__file__).resolve().parents[2]
X64 = "{6D809377-6AF0-444B-8957-A3773F02200E}"


def ticks(year: int, month: int) -> int:
    return (int(datetime(year, month, 15, tzinfo=timezone.utc).timestamp()) + 11_644_473_600) * 10_000_000


def entry(year: int, month: int) -> bytes:
    return bytes(60) + struct.pack("<Q", ticks(year, month)) + bytes(4)


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        (X64 + "\\WinRAR\\WinRAR.exe", ("WinRAR.exe", "C:\\Program Files\\WinRAR\\WinRAR.exe")),
        ("{7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E}\\a\\b.EXE", ("b.EXE", "C:\\Program Files (x86)\\a\\b.EXE")),
        ("D:\\Program Files\\中望\\zwcad.exe", ("zwcad.exe", "D:\\Program Files\\中望\\zwcad.exe")),
        ("UEME_RUNPATH:C:\\Program Files\\Foxit\\Foxit.exe", ("Foxit.exe", "C:\\Program Files\\Foxit\\Foxit.exe")),
        ("{5CD7AEE2-2219-4A67-B85D-6C9CE15660CB}\\Tool\\tool.exe", ("tool.exe", None)),
        ("Microsoft.Office.WINWORD.EXE.15", ("Microsoft.Office.WINWORD.EXE.15", None)),
        ("Microsoft.WindowsCalculator_8wekyb3d8bbwe!App", ("Microsoft.WindowsCalculator_8wekyb3d8bbwe!App", None)),
        ("UEME_CTLSESSION", None),
        ("UEME_CTLCUACount:ctor", None),
        ("C:\\Users\\某人\\Desktop\\某人.exe", None),
        ("E:\\setup.exe", None),
        ("\\\\server\\share\\a.exe", None),
        ("{374DE290-123F-4565-9164-39C4925E467B}\\setup.exe", None),  # somebody's downloads
        ("{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}\\Word.lnk", None),
        ("C:\\Users\\某人\\AppData\\Local\\Temp\\x.exe", None),
        ("", None),
    ],
)
def test_only_programs_that_name_nobody_are_told(plain: str, told: tuple[str, str | None] | None) -> None:
    assert program_of(codecs.encode(plain, "rot13")) == told


@pytest.mark.parametrize(
    ("data", "month"),
    [
        (entry(2026, 3), "2026-03"),
        (bytes(8) + struct.pack("<Q", ticks(2008, 12)), "2008-12"),
        (bytes(72), None),
        (entry(2026, 3)[:40], None),
        (b"\xff" * 72, None),
        ("text", None),
        (7, None),
    ],
)
def test_the_month_of_the_last_start(data: object, month: str | None) -> None:
    assert month_of_last_start(data) == month


def person(*entries: tuple[str, bytes]) -> bytes:
    count = Key()
    for name, data in entries:
        count.values[codecs.encode(name, "rot13")] = data
    key = Key(subkeys={"{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}": Key(subkeys={"Count": count})})
    for name in ("UserAssist", "Explorer", "CurrentVersion", "Windows", "Microsoft", "Software"):
        key = Key(subkeys={name: key})
    return write_hive(key)


def profiles(*names: str) -> bytes:
    software = Key()
    for number, name in enumerate(names, 1001):
        place = "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-21-1-2-3-%d" % number
        software.at(place).values["ProfileImagePath"] = "C:\\Users\\" + name
    return write_hive(software)


def test_the_months_of_all_persons_become_one(tmp_path: Path) -> None:
    program = X64 + "\\Tool\\tool.exe"
    for name, data in (
        ("liu", person((program, entry(2026, 2)), ("E:\\liu.exe", entry(2026, 9)))),
        ("wang", person((program, entry(2026, 5)))),
        ("zhao", b"regf, and nothing of a hive"),
    ):
        write(tmp_path / "Users" / name / "NTUSER.DAT", data)
    write(tmp_path / "Windows" / "System32" / "config" / "SOFTWARE", profiles("liu", "wang", "zhao"))
    document = scan_with(OfflineMachine(str(tmp_path)), USER_ASSIST)
    assert [(each.name, each.day, each.path) for each in document.traces] == [
        ("tool.exe", "2026-05", "C:\\Program Files\\Tool\\tool.exe")
    ]
    (run,) = document.coverage
    assert (run.scope, run.outcome) == ("user_assist", Outcome.PARTIAL)
    told = repr((document.traces, document.coverage))
    assert not any(name in told for name in ("liu", "wang", "S-1-5"))


@pytest.mark.parametrize("version", [17, 23, 26, 30, 31])
@pytest.mark.parametrize("pack", [False, True])
def test_a_prefetch_file_tells_program_and_month(version: int, pack: bool) -> None:
    data = write_prefetch("WINWORD.EXE", ticks(2026, 4), version)
    assert parse_prefetch(packed(data) if pack else data) == LastStart("WINWORD.EXE", "2026-04")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "SCCA"),
        (b"notAPrefetch", "SCCA"),
        (write_prefetch("A.EXE", 1, 99), "version"),
        (write_prefetch("", 1, 30), "name"),
        (b"MAM\x04\x00\x01\x00\x00", "packed"),
        (b"MAM\x04\x00\x01\x00\x00" + bytes(300), "packed"),
        (b"MAM\x04\x00\x01\x00\x00" + b"\x11" * 300, "packed"),
    ],
)
def test_another_file_is_named_and_not_guessed(data: bytes, why: str) -> None:
    with pytest.raises(DamagedPrefetch, match=why):
        parse_prefetch(data)


def test_repeated_text_is_unpacked_and_no_more_than_asked_for() -> None:
    whole = write_prefetch("A.EXE", ticks(2026, 1), 30) + b"the same again, " * 9000
    assert len(packed(whole)) < len(whole) / 2
    assert unpacked_start(packed(whole)[8:], len(whole)) == whole
    assert unpacked_start(packed(whole)[8:], 100) == whole[:100]
    with pytest.raises(DamagedPacking):
        unpacked_start(packed(whole)[8:400], len(whole))


def test_a_folder_of_prefetch_files(tmp_path: Path) -> None:
    folder = tmp_path / "Windows" / "Prefetch"
    write(tmp_path / "Windows" / "System32" / "config" / "SOFTWARE", profiles())
    write(folder / "ACAD.EXE-01234567.pf", packed(write_prefetch("ACAD.EXE", ticks(2026, 1), 30)))
    write(folder / "ACAD.EXE-89ABCDEF.pf", packed(write_prefetch("ACAD.EXE", ticks(2026, 6), 30)))
    write(folder / "B.EXE-00000000.pf", b"cut")
    write(folder / "Layout.ini", b"")
    document = scan_with(OfflineMachine(str(tmp_path)), PREFETCH)
    assert [(each.name, each.day) for each in document.traces] == [("ACAD.EXE", "2026-06")]
    (run,) = document.coverage
    assert run.outcome is Outcome.PARTIAL and len(run.faults) == 1


@pytest.mark.parametrize("notice", ["", "告知书 2026 年第 1 号"])
def test_nothing_is_read_before_staff_had_notice(tmp_path: Path, notice: str) -> None:
    root = tmp_path / "disk"
    write(root / "Windows" / "Prefetch" / "A.EXE-00000000.pf", write_prefetch("A.EXE", ticks(2026, 1), 30))
    write(root / "Windows" / "System32" / "config" / "SOFTWARE", profiles("liu"))
    write(root / "Users" / "liu" / "NTUSER.DAT", person((X64 + "\\Tool\\tool.exe", entry(2026, 2))))
    command = [sys.executable, "-m", "agent", "scan", "--root", str(root), "--output", "-"]
    command += ["--set", "usage_notice=" + notice]
    done = subprocess.run(command, cwd=str(PROJECT), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    document = json.loads(done.stdout.decode("utf-8"))
    sources = {run["source"] for run in document["coverage"]}
    assert ("prefetch" in sources) is ("user_assist" in sources) is bool(notice)
    used = [each["name"] for each in document["traces"] if each["kind"] == "usage"]
    assert used == (["tool.exe", "A.EXE"] if notice else [])


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

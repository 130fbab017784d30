"""Process accounting: the month of a program's last use, of no person, and nothing before staff had notice."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from recorded_machine import scan_with

from agent.collectors.linux.process_accounting import PROCESS_ACCOUNTING
from agent.formats.process_accounting import is_accounting, months_of_use
from agent.inventory.coverage import Outcome
from agent.machine.offline import OfflineMachine

PROJECT = Path(__file__).resolve().parents[2]
RECORDED = bytes.fromhex(
    # two records that Linux 6.18 on x86-64 wrote: accton and ls, in November 2026
    "0203000000000000000000000000000069700000696f00004676096b00000000"
    "00000000ac09930200005800000000006163637"
    "46f6e00000000000000000000"
    "000300000000000000000000000000006b7000006a7000004676096b00000000"
    "00000000681b50040000920000000000"
    "6c730000000000000000000000000000"
)


def record(name: bytes, begin: int, *, big: bool = False, version: int = 3) -> bytes:
    form, told = (">BBHIIIIIIf", version | 0x80) if big else ("<BBHIIIIIIf", version)
    head = struct.pack(form, 0, told, 0, 0, 1000, 1000, 7, 1, begin, 0.0)
    return head.ljust(48, b"\0") + name.ljust(16, b"\0")


def test_reads_what_a_kernel_wrote() -> None:
    assert len(RECORDED) == 128 and is_accounting(RECORDED)
    assert months_of_use(RECORDED) == {"accton": "2026-11", "ls": "2026-11"}


@pytest.mark.parametrize("big", [False, True])
def test_the_last_use_counts_in_either_byte_order(big: bool) -> None:
    march, may = 1_772_323_200, 1_777_593_600
    named = ((b"acad", may), (b"acad", march), ("数据库".encode(), may))
    data = b"".join(record(name, begin, big=big) for name, begin in named)
    assert months_of_use(data) == {"acad": "2026-05", "数据库": "2026-05"}


def test_what_makes_no_sense_is_left_out() -> None:
    data = record(b"", 5) + record(b"no-time", 0) + record(b"old", 5, version=2) + record(b"cut", 5)[:40]
    assert months_of_use(data) == {}
    assert not is_accounting(b"\x00\x02" + bytes(62)) and not is_accounting(b"\x00\x03")


def write(root: Path, name: str, data: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


def test_joins_the_newest_rotated_file_and_names_one_that_is_none(tmp_path: Path) -> None:
    write(tmp_path, "etc/os-release", b"ID=debian\n")
    write(tmp_path, "var/log/account/pacct", record(b"wps", 1_777_593_600))
    write(tmp_path, "var/log/account/pacct.1", record(b"wps", 1_772_323_200) + record(b"et", 1_772_323_200))
    write(tmp_path, "var/log/pacct", b"no accounting" * 10)
    found = scan_with(OfflineMachine(str(tmp_path)), PROCESS_ACCOUNTING)
    assert [(each.name, each.day) for each in found.traces] == [("et", "2026-03"), ("wps", "2026-05")]
    assert [(run.scope, run.outcome) for run in found.coverage] == [
        ("process_accounting:/var/log/account/pacct", Outcome.COMPLETE),
        ("process_accounting:/var/log/pacct", Outcome.PARTIAL),
    ]


@pytest.mark.parametrize(("notice", "expected"), [("", []), ("告知书 2026-1", ["wps"])])
def test_nothing_is_read_before_staff_had_notice(tmp_path: Path, notice: str, expected: list[str]) -> None:
    write(tmp_path, "etc/os-release", b"ID=debian\n")
    write(tmp_path, "var/log/account/pacct", record(b"wps", 1_777_593_600))
    command = [sys.executable, "-m", "agent", "scan", "--root", str(tmp_path), "--output", "-"]
    command += ["--set", "usage_notice=" + notice]
    done = subprocess.run(command, cwd=str(PROJECT), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    document = json.loads(done.stdout.decode("utf-8"))
    assert [each["name"] for each in document["traces"] if each["kind"] == "usage"] == expected
    assert any(run["source"] == "process_accounting" for run in document["coverage"]) is bool(notice)

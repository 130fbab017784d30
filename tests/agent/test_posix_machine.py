"""The running POSIX system: what is no ordinary file must neither block nor deceive, a command is bounded."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from agent.machine import files
from agent.machine.base import Process, Unreadable
from agent.machine.commands import run_bounded
from agent.machine.files import CIRCLE, FileTree
from agent.machine.here import machine_here
from agent.machine.offline import OfflineMachine
from agent.machine.posix import PosixMachine, processes_of_listing, processes_of_proc

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX alone")


def test_a_fifo_is_unreadable_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(str(tmp_path / "pipe"))
    began = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        PosixMachine().read_bytes(str(tmp_path / "pipe"))
    assert caught.value.why == "not a regular file"
    assert time.monotonic() - began < 1


def test_a_device_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not a regular file"):
        PosixMachine().read_bytes("/dev/zero")


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    os.symlink("b", str(tmp_path / "etc" / "a"))
    os.symlink("a", str(tmp_path / "etc" / "b"))
    with pytest.raises(Unreadable):
        PosixMachine().read_bytes(str(tmp_path / "etc" / "a"))
    recorded = OfflineMachine(str(tmp_path))
    with pytest.raises(Unreadable):
        recorded.read_bytes("/etc/a")
    for machine, place in ((recorded, "/etc"), (PosixMachine(), str(tmp_path / "etc"))):
        assert machine.exists(place + "/a")  # it is there, and nobody can read it
        assert machine.modified_on(place + "/a") is None
        machine.list_folder(place)
        assert sorted(machine.passed_over()) == [(place + "/a", CIRCLE), (place + "/b", CIRCLE)]
        assert machine.passed_over() == ()
    assert [(e.name, e.is_file) for e in recorded.list_folder("/etc") or ()] == [("a", False), ("b", False)]


def test_a_link_of_a_mounted_disk_stays_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "real").write_text("on the disk")
    os.symlink("/etc/real", str(tmp_path / "etc" / "absolute"))
    os.symlink("../../../../../../etc/passwd", str(tmp_path / "etc" / "out"))
    recorded = OfflineMachine(str(tmp_path))
    assert recorded.read_text("/etc/absolute") == "on the disk"
    assert recorded.read_text("/etc/out") is None


def test_a_file_that_grows_while_it_is_read_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 1000)
    stop = threading.Event()

    def grow() -> None:
        with open(str(path), "ab") as file:
            while not stop.is_set():
                file.write(b"y" * 65536)
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(Unreadable, match="larger than"):
            while True:  # each read sees more, until one sees more than the limit
                FileTree("/").read_bytes(str(path), limit=8_000_000)
    finally:
        stop.set()
        writer.join()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives up the rights of root")
def test_a_huge_folder_is_named_and_not_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_MEMBERS", 3)
    for number in range(3):
        (tmp_path / str(number)).touch()
    assert len(FileTree("/").list_folder(str(tmp_path)) or ()) == 3
    (tmp_path / "3").touch()
    with pytest.raises(Unreadable, match="more than 3 members"):
        FileTree("/").list_folder(str(tmp_path))


def test_an_unreadable_file_is_not_an_absent_one() -> None:
    program = (
        "import os, sys\n"
        "from agent.machine.posix import PosixMachine\n"
        "from agent.machine.base import Unreadable\n"
        "os.setuid(65534)\n"
        "machine = PosixMachine()\n"
        "print(machine.privileged(), machine.read_bytes(sys.argv[1] + '/nothing'))\n"
        "for read in (lambda: machine.read_bytes(sys.argv[1] + '/secret'), lambda: machine.list_folder(sys.argv[1])):\n"
        "    try: read()\n"
        "    except Unreadable as error: print(error.why)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        with open(os.path.join(folder, "secret"), "w"):
            os.chmod(os.path.join(folder, "secret"), 0)
        done = subprocess.run([sys.executable, "-c", program, folder], stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode().splitlines() == ["False None", "Permission denied", "Permission denied"]


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    machine = PosixMachine()
    assert machine.read_text(str(tmp_path / "no")) is None
    assert machine.list_folder(str(tmp_path / "no")) is None
    assert machine.modified_on(str(tmp_path / "no")) is None
    assert not machine.exists(str(tmp_path / "no"))
    assert machine.run(["no-such-command-of-anybody"]) is None


def test_a_command_speaks_the_c_locale_and_gets_no_input() -> None:
    machine = PosixMachine()
    assert machine.run(["sh", "-c", "echo $LC_ALL $LANG; cat"]) == "C C\n"


def test_a_command_that_fails_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ended with code 7"):
        PosixMachine().run(["sh", "-c", "exit 7"])


def test_a_command_that_hangs_dies_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    began = time.monotonic()
    with pytest.raises(Unreadable, match=r"no answer within 0\.5 seconds"):
        PosixMachine().run(["sh", "-c", "sleep 77 & echo $! > %s; wait" % note], timeout_seconds=0.5)
    assert time.monotonic() - began < 5
    child = int(note.read_text())
    for _ in range(100):
        if not _runs(child):
            break
        time.sleep(0.05)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        with open("/proc/%d/stat" % process) as stat:
            return stat.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def test_a_command_that_prints_without_end_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable, match="printed more than 100000 bytes"):
        run_bounded(
            ["sh", "-c", "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"], 20, limit=100_000
        )
    assert time.monotonic() - began < 10


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc here")
def test_our_own_program_runs() -> None:
    found = list(machine_here().processes() or ())
    assert os.path.realpath(sys.executable) in [process.path for process in found]
    assert all(process.name for process in found)
    assert not any(process.name.startswith("kworker") for process in found)


def test_reads_a_proc_folder(tmp_path: Path) -> None:
    def process(number: int, stat: str, exe: str | None = None) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "stat").write_text(stat)
        if exe is not None:
            os.symlink(exe, str(folder / "exe"))

    process(1, "1 (systemd) S 0 1 1 0 -1 4194560 1", "/usr/lib/systemd/systemd")
    process(2, "2 (kthreadd) S 0 0 0 0 -1 2129984 0")
    process(30, "30 (sshd) S 1 30 30 0 -1 4194560 1")  # another user's: its executable is not shown
    process(31, "31 (a) b (c) S 1 30 30 0 -1 4194560 1")
    process(32, "32 (gone) Z 1 30 30 0 -1 4194564 1")
    process(33, "33 (wps) S 1 30 30 0 -1 4194560 1", "/opt/kingsoft/wps-office/office6/wps (deleted)")
    process(34, "34 (runc) S 1 30 30 0 -1 4194560 1", "/memfd:runc (deleted)")
    process(35, "broken")
    (tmp_path / "self").mkdir()

    assert sorted(processes_of_proc(str(tmp_path)), key=lambda each: each.name) == [
        Process("a) b (c"),
        Process("runc"),
        Process("sshd"),
        Process("systemd", "/usr/lib/systemd/systemd"),
        Process("wps", "/opt/kingsoft/wps-office/office6/wps"),
    ]


def test_reads_the_listing_of_ps() -> None:
    text = "/sbin/launchd\n/Applications/WPS Office.app/Contents/MacOS/wpsoffice\n\n[kthreadd]\nlogin\n"
    assert list(processes_of_listing(text)) == [
        Process("launchd", "/sbin/launchd"),
        Process("wpsoffice", "/Applications/WPS Office.app/Contents/MacOS/wpsoffice"),
        Process("login"),
    ]

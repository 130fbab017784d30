"""What holds for every collector on a machine that is against it: the scan goes on, and what was lost is named."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence

import pytest
from recorded_machine import scan_with

from agent.collectors.base import Collector
from agent.collectors.roster import collectors_for
from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, encode
from agent.machine.base import Entry, Machine, Process, Unreadable

EVERY = [(family, each) for family in ("linux", "macos", "other") for each in collectors_for(family)]
SECONDS = 5.0
_EXCEPTION = re.compile(r"^[A-Z]\w*(?:Error|Exception|Warning|Iteration|Fault|Exit): ")
NAMES = (
    "a.json",
    "b.plist",
    "c.desktop",
    "d.app",
    "e.swidtag",
    "f.dist-info",
    "g-1.0",
    "h.AppImage",
    "python3.11",
    "i.snap",
    "j_Packages",
    "k_InRelease",
    "regid.x",
    "\udcd6\udcd0.json",
    "\u202egnp.app",
    "l\nm",
)
FOLDERS = ("d.app", "f.dist-info", "python3.11", "regid.x", "l\nm")
"""Each of them holds the same again, and so on without end."""


class Locked(Machine):
    """Everything is there and nothing may be read."""

    def __init__(self, family: str) -> None:
        self.family = family

    def exists(self, path: str) -> bool:
        return True

    def read_bytes(self, path: str, limit: int = 0) -> bytes | None:
        raise Unreadable(path, "Permission denied")

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        raise Unreadable(path, "Permission denied")

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        raise Unreadable(path, "Permission denied")

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        raise Unreadable(command[0], "ended with 1")

    def processes(self) -> Iterator[Process] | None:
        raise Unreadable("/proc", "Permission denied")


class Garbage(Locked):
    """Every folder holds folders without end, pipes and files; every file and answer is garbage."""

    def __init__(self, family: str, data: bytes) -> None:
        super().__init__(family)
        self.data = data

    def read_bytes(self, path: str, limit: int = 0) -> bytes | None:
        if path.endswith("pipe.json"):
            raise Unreadable(path, "not a regular file")
        return self.data

    def read_part(self, path: str, start: int, length: int) -> bytes | None:
        return self.data[start : start + length]

    def list_folder(self, path: str) -> tuple[Entry, ...] | None:
        pipes = (Entry("pipe.json", path + "/pipe.json", False, False, 0),)
        members = (Entry(name, "%s/%s" % (path, name), name in FOLDERS, name not in FOLDERS, 1 << 20) for name in NAMES)
        return pipes + tuple(members)

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        return self.data.decode("utf-8", "replace")

    def processes(self) -> Iterator[Process] | None:
        return iter([Process("", ""), Process("\udcd6", "/\u202e")])


GARBAGE = {
    "nothing": b"",
    "zeros": b"\0" * 5000,
    "no text": bytes(range(256)) * 20,
    "a list": b"[[[[[{}]]]]]",
    "an object": b'{"name": {"a": 1}, "version": [], "installedPackages": {}, "time": 1e999, "source": 7}',
    "a plist": b"<plist><dict><key>CFBundleName</key><array/><key>PackageIdentifier</key><true/></dict></plist>",
    "a binary plist": b"bplist00\xa1\x00\x08" + b"\0" * 6 + b"\x01\x01" + b"\0" * 7 + b"\x01" + b"\0" * 15 + b"\x0a",
    "a database": b"SQLite format 3\0" + b"\xff" * 4000,
    "fields": b"Package: \xe2\x80\xae\nVersion: \nStatus: install ok installed\nInstalled-Time: 9999999999999999\n\n",
    "years": b"%NAME%\na\n%VERSION%\n1\n%INSTALLDATE%\n-62135596801\n%SIZE%\n999999999999999999999\n",
    "an element": b"<SoftwareIdentity name='\xff'/>",
    "gbk": "[Desktop Entry]\nName=中文\nExec=程序\n".encode("gbk"),
}


def check(inventory: Inventory) -> None:
    """The document can be written, and no fault is a program's own."""
    assert encode(inventory)
    faults = [fault for run in inventory.coverage for fault in run.faults]
    assert [fault for fault in faults if _EXCEPTION.match(fault.what)] == []
    assert all(record.name.strip() for record in inventory.software)


@pytest.mark.parametrize(("family", "collector"), EVERY, ids=lambda each: getattr(each, "name", each))
def test_a_machine_that_may_not_be_read_is_never_complete(family: str, collector: Collector) -> None:
    inventory = scan_with(Locked(family), collector)
    check(inventory)
    assert not any(run.outcome is Outcome.COMPLETE and run.found for run in inventory.coverage)


@pytest.mark.parametrize("garbage", sorted(GARBAGE))
@pytest.mark.parametrize(("family", "collector"), EVERY, ids=lambda each: getattr(each, "name", each))
def test_garbage_ends_in_problems_and_soon(family: str, collector: Collector, garbage: str) -> None:
    began = time.perf_counter()
    check(scan_with(Garbage(family, GARBAGE[garbage]), collector))
    took = time.perf_counter() - began
    assert took < SECONDS, f"{collector.name} took {took:.1f} s"

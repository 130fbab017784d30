"""Every reader of a Windows file under damage and excess: it ends soon, in records or in the words that it may use."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from corpus import corpus_folder
from hive_writer import Key, Typed, write_hive
from mutation import mutations
from pe_writer import write_program
from reg_writer import write_export

from agent.collectors.base import Absent, Collector
from agent.collectors.roster import collectors_for
from agent.collectors.windows.appx import REPOSITORY
from agent.collectors.windows.hotfixes import PACKAGES
from agent.machine.base import Unreadable
from agent.reading import best_reading

pytestmark = pytest.mark.slow

READERS = [each for each in collectors_for("windows") if each.parse_file is not None]
SECONDS = 5.0
HOSTILE = ("正常\u202e反转", "a\0b", "\ud800", "x" * 70_000, "\x1b[31m红", "")


def software() -> Key:
    """Return a SOFTWARE hive with something for every reader of registries, in hostile words."""
    root = Key()
    for number, text in enumerate(HOSTILE):
        raw = Typed(1, text.encode("utf-16-le", "surrogatepass") + b"\0\0")
        root.at(f"Microsoft\\Windows\\CurrentVersion\\Uninstall\\k{number}").values = {
            "DisplayName": raw, "DisplayVersion": raw, "InstallDate": ("00000101", "99991231")[number % 2]}  # fmt: skip
        root.at(f"Microsoft\\Office\\14.0\\Registration\\{{{number}}}").values = {
            "ProductID": raw, "DigitalProductID": bytes(range(164)), "ProductName": raw}  # fmt: skip
        root.at(f"Autodesk\\A\\{number}").values = {"SerialNumber": "666-69696969", "ProductName": raw}
        root.at(f"Adobe\\P\\{number}\\Registration").values = {"SERIAL": raw}
        package = (
            PACKAGES[len("HKLM\\SOFTWARE\\") :] + f"\\Package_for_KB500000{number}~31bf3856ad364e35~amd64~~1.{number}"
        )
        root.at(package).values = {"CurrentState": 0x70, "InstallTimeHigh": 0xFFFFFFFF, "InstallTimeLow": raw}
        root.at(f"{REPOSITORY[len('HKLM') + 1 + len('SOFTWARE') + 1 :]}\\A.B_1.{number}_x64__8wekyb3d8bbwe").values = {
            "Path": raw
        }
        root.at(f"Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\t{number}").values = {"Id": "{1}"}
        root.at("Microsoft\\Windows Defender\\Exclusions\\Paths").values[f"C:\\{number}"] = raw
    root.at("Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\{1}").values = {
        "Actions": b"\x03\0" + b"\xff" * 60
    }
    return root


def system() -> Key:
    """Return a SYSTEM hive of the same kind."""
    root = Key()
    root.at("Select").values = {"Current": 1}
    for number, text in enumerate(HOSTILE):
        raw = Typed(1, text.encode("utf-16-le", "surrogatepass") + b"\0\0")
        root.at(f"ControlSet001\\Services\\s{number}").values = {
            "Type": 16,
            "ImagePath": raw,
            "Start": number * 7,
            "DisplayName": raw,
        }
        root.at("ControlSet001\\Services\\multikey").values = {"Type": 1, "ImagePath": raw}
    return root


SAMPLES = {
    "software hive": write_hive(software()),
    "system hive": write_hive(system(), name="SYSTEM"),
    "export": write_export("HKEY_LOCAL_MACHINE\\SOFTWARE", Key(subkeys={"Microsoft": Key(subkeys={"Office": Key()})})),
    "program": write_program({"ProductName": "x"}),
    "text": "Name : x\nHotFixID=KB5000001\ndisplayName=火绒\nproductState=1\n".encode("gb18030"),
}


def damaged(data: bytes) -> Iterator[bytes]:
    yield data
    yield from mutations(data, 25)


@pytest.mark.parametrize("collector", READERS, ids=lambda each: each.name)
@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_any_bytes_end_in_records_or_in_a_word_of_ours(collector: Collector, sample: str) -> None:
    assert collector.parse_file is not None
    for data in damaged(SAMPLES[sample]):
        began = time.perf_counter()
        with contextlib.suppress(Absent, Unreadable):
            list(collector.parse_file(data, "file"))
        assert time.perf_counter() - began < SECONDS


@pytest.mark.parametrize("collector", READERS, ids=lambda each: each.name)
def test_the_command_read_never_blames_the_reader(collector: Collector) -> None:
    """A fault that a reader did not expect would stand in the coverage under the name of its exception."""
    for data in SAMPLES.values():
        inventory = best_reading((collector,), data, "file")
        words = [fault.what for run in inventory.coverage for fault in run.faults]
        assert not [word for word in words if word.partition(":")[0].endswith("Error") and "decode" not in word], words


RECORDINGS = corpus_folder("glpi-agent/raw/win32")
NAMES = {
    ".reg": ("uninstall_keys", "activation", "registered_keys", "host"),
    ".wmi": ("hotfixes", "activation", "host"),
}


@pytest.mark.skipif(RECORDINGS is None, reason="no recordings beside this checkout")
def test_damaged_recordings_of_other_tools() -> None:
    assert RECORDINGS is not None
    for path in sorted(RECORDINGS.glob("*/*")):
        data = path.read_bytes()[:60_000]
        for collector in READERS:
            if collector.name in NAMES[path.suffix]:
                assert collector.parse_file is not None
                for damage in mutations(data, 4, seed=len(data)):
                    with contextlib.suppress(Absent, Unreadable):
                        list(collector.parse_file(damage, path.name))


def test_hostile_words_arrive_as_they_are_and_bounded() -> None:
    (uninstall,) = [each for each in READERS if each.name == "uninstall_keys"]
    names = [each.name for each in best_reading((uninstall,), SAMPLES["software hive"], "SOFTWARE").software]
    assert names[0] == "正常\u202e反转" and names[1] == "a" and max(map(len, names)) <= 70_000


def test_a_registry_of_very_many_entries_is_cut_and_says_so() -> None:
    root = Key()
    above = root.at("Microsoft\\Windows\\CurrentVersion\\Uninstall")
    for number in range(21_000):
        above.subkeys[f"k{number}"] = Key(values={"DisplayName": f"n{number}"})
    (uninstall,) = [each for each in READERS if each.name == "uninstall_keys"]
    began = time.perf_counter()
    inventory = best_reading((uninstall,), write_hive(root), "SOFTWARE")
    assert time.perf_counter() - began < 30.0
    assert len(inventory.software) == 20_000
    assert [fault.what for run in inventory.coverage for fault in run.faults] == [
        "only the first 20000 of 21000 entries were read"
    ]

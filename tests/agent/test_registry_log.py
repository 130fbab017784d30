"""Transaction logs: what is put into a hive that was in use, and what never is."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from log_writer import write_log

from agent.formats.registry_hive import RegistryHive
from agent.formats.registry_log import marvin, replayed
from agent.machine.offline import OfflineMachine

UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"


def hive_of(count: int, *, is_dirty: bool = False) -> bytes:
    """Return a hive with so many installed programs."""
    root = Key()
    for number in range(count):
        root.at(f"{UNINSTALL}\\{number:03d}").values["DisplayName"] = f"程序 {number}"
    return write_hive(root, is_dirty=is_dirty)


def programs(data: bytes) -> int:
    """Return how many programs a hive holds."""
    key = RegistryHive(data).key(UNINSTALL)
    assert key is not None and not key.faults
    return len(key.subkeys)


BEFORE = hive_of(10, is_dirty=True)
"""Its numbers are 2 and 1: entry 1 or later continues it."""


@pytest.mark.parametrize(("data", "low_32_bits"), [(b"", 0xB00892AC), (b"h", 0xF41A608E), (b"he", 0x11107C6B)])
def test_the_hash_is_the_one_of_windows(data: bytes, low_32_bits: int) -> None:
    found = marvin(data)

    assert (found >> 32) ^ (found & 0xFFFFFFFF) == low_32_bits


def test_entries_of_both_logs_are_put_in_one_after_the_other() -> None:
    first = write_log(BEFORE, [hive_of(11), hive_of(40)], first_number=2)
    second = write_log(hive_of(40), [hive_of(200)], first_number=4)
    after = replayed(BEFORE, [second, first])

    assert programs(BEFORE) == 10
    assert programs(after) == 200
    assert not RegistryHive(after).is_dirty
    assert programs(replayed(BEFORE, [first])) == 40


def test_what_does_not_continue_the_hive_is_left_out() -> None:
    old = write_log(hive_of(5), [hive_of(6)], first_number=0)
    gap = write_log(hive_of(11), [hive_of(12)], first_number=9)

    assert replayed(BEFORE, [old]) == BEFORE
    assert programs(replayed(BEFORE, [write_log(BEFORE, [hive_of(11)], first_number=1), gap])) == 11
    assert replayed(BEFORE, []) == BEFORE
    clean = hive_of(10)
    assert replayed(clean, [write_log(clean, [hive_of(11)], first_number=2)]) == clean


def test_a_torn_entry_ends_the_log() -> None:
    log = bytearray(write_log(BEFORE, [hive_of(11), hive_of(40)], first_number=1))
    second = log.index(b"HvLE", 600)
    log[second + 100] ^= 1

    assert programs(replayed(BEFORE, [bytes(log)])) == 11
    assert programs(replayed(BEFORE, [bytes(log[: second + 700])])) == 11
    log[512 + 13] ^= 1
    assert replayed(BEFORE, [bytes(log)]) == BEFORE


def test_hostile_logs_end_and_leave_a_hive() -> None:
    log = write_log(BEFORE, [hive_of(11), hive_of(40)], first_number=1)
    chance = random.Random(7)
    for _ in range(300):
        changed = bytearray(log)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(512, len(changed))] = chance.randrange(256)
        assert programs(replayed(BEFORE, [bytes(changed)])) in (10, 11, 40)
    for data in (b"", b"regf", log[:530], b"\0" * 512 + b"HvLE" + b"\xff" * 100):
        assert replayed(BEFORE, [data]) == BEFORE
    assert replayed(b"regf", [log]) == b"regf"


def test_an_entry_with_right_sums_and_wrong_numbers_is_bounded() -> None:
    body = struct.pack("<II", 0xFFFFF000, 16) + b"x" * 16
    body = body.ljust(512 - 40, b"\0")
    head = struct.pack("<4s5IQ", b"HvLE", 512, 0, 1, 0x7FFFFFFF, 1, marvin(body))
    log = b"\0" * 512 + head + struct.pack("<Q", marvin(head)) + body

    assert replayed(BEFORE, [log]) == BEFORE
    head = struct.pack("<4s5IQ", b"HvLE", 512, 0, 1, len(BEFORE) - 4096, 1, marvin(body))
    assert len(replayed(BEFORE, [b"\0" * 512 + head + struct.pack("<Q", marvin(head)) + body])) == len(BEFORE)


def test_a_disk_of_a_windows_that_was_asleep(tmp_path: Path) -> None:
    config = tmp_path / "Windows" / "System32" / "config"
    config.mkdir(parents=True)
    (config / "SOFTWARE").write_bytes(BEFORE)
    key = OfflineMachine(str(tmp_path)).registry_key("HKLM\\SOFTWARE\\" + UNINSTALL)
    assert key is not None
    assert (len(key.subkeys), len(key.faults)) == (10, 1)

    (config / "SOFTWARE.LOG1").write_bytes(write_log(BEFORE, [hive_of(12)], first_number=2))
    (config / "SOFTWARE.LOG2").mkdir()
    key = OfflineMachine(str(tmp_path)).registry_key("HKLM\\SOFTWARE\\" + UNINSTALL)
    assert key is not None
    assert (len(key.subkeys), key.faults) == (12, ())

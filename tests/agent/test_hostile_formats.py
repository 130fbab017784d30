"""Damaged and hostile files: every mutation of a format ends in a value or the format's own error, and soon."""

from __future__ import annotations

import plistlib
import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from reg_writer import write_export

from agent.collectors.base import Absent
from agent.collectors.windows import activation, office
from agent.collectors.windows.uninstall_keys import parse_file
from agent.formats.cim_answer import DamagedAnswer, parse_cim_json, parse_wmic_list
from agent.formats.plist import DamagedPlist, parse_plist
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import DamagedHive, RegistryHive
from agent.machine.base import Unreadable

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
ROUNDS = 400
SECONDS = 3.0
"""For one file of a few dozen kilobytes, on a slow machine; a healthy one takes a few milliseconds."""


def sample() -> Key:
    """Return a registry with something of everything."""
    root = Key(values={"": "standard", "Large": b"\x5a" * 40_000})
    for number in range(600):
        key = root.at(f"Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\程序{number}")
        key.values = {"DisplayName": f"程序 {number}", "EstimatedSize": number, "List": ("a", "b")}
    return root


def read_hive(data: bytes) -> None:
    """Read every key that can be reached, four levels deep."""
    hive = RegistryHive(data)
    todo = [""]
    while todo:
        path = todo.pop()
        try:
            key = hive.key(path)
        except DamagedHive:
            continue
        if key is not None and path.count("\\") < 4:
            todo.extend(path + "\\" + name if path else name for name in key.subkeys[:50])


def read_export(data: bytes) -> None:
    """Read every key of an export."""
    export = RegistryExport(data)
    for path in export.paths():
        export.key(path)


def read_entries(data: bytes) -> None:
    """Read a file as the command `read uninstall_keys` would."""
    list(parse_file(data, "file"))


def read_answer(data: bytes) -> None:
    """Read both forms of a management answer."""
    text = data.decode("utf-8", "replace")
    parse_wmic_list(text)
    parse_cim_json(text.partition("\r\n")[0])


def mutated(data: bytes, seed: int) -> bytes:
    """Return `data` with a few changes, always the same for one seed: bytes, numbers, cuts, doubled pieces."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        if len(changed) < 16:
            break
        at = chance.randrange(len(changed))
        kind = chance.randrange(5)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1 and at + 4 <= len(changed):
            number = chance.choice([0, 1, 8, 0x20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, chance.randrange(1 << 17)])
            struct.pack_into("<I", changed, at & ~3 if at & ~3 <= len(changed) - 4 else 0, number)
        elif kind == 2:
            changed[at : at + chance.randint(1, 64)] = b""
        elif kind == 3:
            changed[at:at] = changed[at : at + chance.randint(1, 64)]
        elif chance.random() < 0.2:
            del changed[max(at, 16) :]
    return bytes(changed)


def read_licences(data: bytes) -> None:
    """Read a file as the commands `read activation` and `read office` would."""
    list(activation.parse_file(data, "file"))
    list(office.parse_file(data, "file"))


def licences() -> Key:
    """Return a registry that sets activation hosts and lists an Office."""
    root = Key()
    platform = "Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform"
    for path in ("", "\\55c92734-d682-4d71-983e-d6ec3f16059f", "\\0ff1ce15-a989-479d-af46-f275c6370663"):
        root.at(platform + path).values = {"KeyManagementServiceName": "127.0.0.1", "KeyManagementServicePort": "1688"}
    root.at("Microsoft\\Office\\ClickToRun\\Configuration").values = {"ProductReleaseIds": "A,B", "Platform": "x64"}
    return root


HIVE = write_hive(sample())
EXPORT = write_export("HKEY_CURRENT_USER", sample())
INFO = {"CFBundleName": "微信", "CFBundleVersion": "28391", "Deep": {"a": [1, 2.5, True, b"x", {"b": ["c"]}]}}
BINARY = plistlib.dumps(INFO, fmt=plistlib.FMT_BINARY)
XML = plistlib.dumps(INFO)
ANSWER = b'{"Win32_BIOS":[{"SerialNumber":"PF2Z0117"}],"Win32_Processor":[{"NumberOfCores":6}]}\r\nA=1\r\nB={8}\r\n'

CASES: list[tuple[str, bytes, Callable[[bytes], object], tuple[type[Exception], ...]]] = [
    ("hive", HIVE, read_hive, (DamagedHive,)),
    ("export", EXPORT[:40_000], read_export, (DamagedExport,)),
    ("entries", HIVE, read_entries, (Unreadable, Absent)),
    ("licences in a hive", write_hive(licences()), read_licences, (Unreadable, Absent)),
    (
        "licences in an export",
        write_export("HKEY_LOCAL_MACHINE\\SOFTWARE", licences()),
        read_licences,
        (Unreadable, Absent),
    ),
    ("binary plist", BINARY, parse_plist, (DamagedPlist,)),
    ("xml plist", XML, parse_plist, (DamagedPlist,)),
    ("answer", ANSWER, read_answer, (DamagedAnswer,)),
]


@pytest.mark.parametrize(("name", "data", "read", "declared"), CASES, ids=[case[0] for case in CASES])
def test_mutations_end_in_a_value_or_the_declared_error(
    name: str, data: bytes, read: Callable[[bytes], object], declared: tuple[type[Exception], ...]
) -> None:
    read(data)
    refused = taken = 0
    for seed in range(ROUNDS):
        began = time.perf_counter()
        try:
            read(mutated(data, seed))
            taken += 1
        except declared:
            refused += 1
        took = time.perf_counter() - began
        assert took < SECONDS, f"{name}: seed {seed} took {took:.1f} s"
    assert refused > 0 and taken > 0, "the mutations reach nothing, or everything is refused"


def patched(data: bytes, at: int, number: int) -> bytes:
    """Return `data` with a 32-bit number written over it."""
    changed = bytearray(data)
    struct.pack_into("<I", changed, at, number)
    return bytes(changed)


def test_a_list_that_repeats_one_large_value_is_cut() -> None:
    values: dict[str, str | int | bytes | tuple[str, ...]] = {f"{number:04d}": b"" for number in range(4000)}
    root = Key(values={"Large": b"\x5a" * 2_000_000, **values})
    data = bytearray(write_hive(root))
    nk = data.index(b"nk")
    (listed,) = struct.unpack_from("<I", data, nk + 40)
    (first,) = struct.unpack_from("<I", data, 4096 + listed + 4)
    for number in range(4001):
        struct.pack_into("<I", data, 4096 + listed + 4 + 4 * number, first)
    began = time.perf_counter()
    key = RegistryHive(bytes(data)).key("")

    assert key is not None
    assert key.faults == ("values beyond 33554432 bytes were left out",)
    assert time.perf_counter() - began < SECONDS


def test_an_index_that_repeats_one_list_ends() -> None:
    root = Key()
    for number in range(1100):
        root.at(f"{number:04d}")
    data = bytearray(write_hive(root))
    index = data.index(b"ri\x03\x00")
    (leaf,) = struct.unpack_from("<I", data, index + 4)
    tail = struct.pack("<i2sH", -(8 * 8001), b"ri", 16000) + struct.pack("<I", leaf) * 16000
    at = len(data)
    data += tail
    data = bytearray(patched(bytes(data), data.index(b"nk") + 28, at - 4096))
    data = bytearray(patched(bytes(data), data.index(b"nk") + 20, 8_000_000))
    began = time.perf_counter()
    key = RegistryHive(bytes(data)).key("")

    assert key is not None
    assert len(key.subkeys) == 500
    assert time.perf_counter() - began < SECONDS


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><plist><string>&b;</string></plist>'
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (LAUGHS, "entities are refused"),
        (LAUGHS.decode().encode("utf-16"), "entities are refused"),
        (b"", "neither an XML nor a binary property list"),
        (b"{ CFBundleName = WeChat; }", "neither an XML nor a binary property list"),
        (b"bplist00", "the file ends after 8 bytes"),
        (b"bplist00" + bytes(32), "does not fit"),
        (b"bplist00\x08" + b"\0" * 6 + struct.pack(">BBQQQ", 1, 1, 1 << 40, 0, 8), "does not fit"),
        (b"<plist>" + b"<array>" * 100 + b"</array>" * 100 + b"</plist>", "nested deeper than 64"),
        (b"<plist><array>", "damaged"),
        (b" " * (9 << 20), "larger than"),
    ],
)
def test_property_lists_that_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(DamagedPlist, match=why):
        parse_plist(data)


def test_a_binary_list_that_contains_itself_is_refused() -> None:
    body = b"bplist00" + b"\xa1\x00"
    data = body + b"\x08" + b"\0" * 6 + struct.pack(">BBQQQ", 1, 1, 1, 0, len(body))

    with pytest.raises(DamagedPlist, match="contains itself"):
        parse_plist(data)


def test_a_small_binary_list_that_unfolds_into_a_huge_one_is_refused() -> None:
    count = 20_000
    body = b"bplist00" + b"\xaf\x11" + struct.pack(">H", count) + struct.pack(">H", 0) * count
    table = struct.pack(">H", 8) * count
    data = body + table + b"\0" * 6 + struct.pack(">BBQQQ", 2, 2, count, 0, len(body))
    began = time.perf_counter()

    with pytest.raises(DamagedPlist, match="overlap"):
        parse_plist(data)
    assert time.perf_counter() - began < SECONDS


def test_an_export_of_unclosed_texts_ends() -> None:
    lines = ["Windows Registry Editor Version 5.00", "[HKEY_USERS\\A]"] + ['"a"="' + "x" * 40] * 20_000
    began = time.perf_counter()
    export = RegistryExport("\n".join(lines).encode())

    key = export.key("HKU\\A")
    assert key is not None
    assert len(key.faults) <= 50
    assert time.perf_counter() - began < SECONDS

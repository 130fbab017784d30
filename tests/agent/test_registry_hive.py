"""The hive reader on hives made by hand: every kind of value and list, and every kind of damage."""

from __future__ import annotations

import struct

import pytest
from hive_writer import Key, Typed, write_hive

from agent.formats.registry_hive import DamagedHive, RegistryHive
from agent.formats.registry_value import HiveKey


def key_of(hive: RegistryHive, path: str) -> HiveKey:
    """Return a key that must be there."""
    found = hive.key(path)
    assert found is not None, path
    return found


def test_reads_every_kind_of_value() -> None:
    root = Key()
    root.at("A").values = {
        "": "standard",
        "Text": "WPS Office (12.1.0.16729)",
        "中文": "搜狗输入法 14.4.0正式版",
        "Expanded": Typed(2, "%ProgramFiles%\\7-Zip\0".encode("utf-16-le")),
        "List": ("one", "二", ""),
        "Number": 1,
        "Large number": 1 << 40,
        "Big endian": Typed(5, b"\0\0\1\0"),
        "Bytes": b"\x01\x02\x03\x04\x05",
        "Short bytes": b"\xff",
        "Empty": Typed(3, b""),
        "Empty text": Typed(1, b""),
        "Unterminated": Typed(1, "abc".encode("utf-16-le")),
        "Odd": Typed(1, "abc".encode("utf-16-le") + b"\x64"),
        "With a tail": Typed(1, "abc\0def\0".encode("utf-16-le")),
        "Short number": Typed(4, b"\1\2"),
        "Unknown type": Typed(0x20000, b"\1\2\3\4\5\6"),
    }
    values = key_of(RegistryHive(write_hive(root)), "a").values

    assert values == {
        "": "standard",
        "Text": "WPS Office (12.1.0.16729)",
        "中文": "搜狗输入法 14.4.0正式版",
        "Expanded": "%ProgramFiles%\\7-Zip",
        "List": ("one", "二"),
        "Number": 1,
        "Large number": 1 << 40,
        "Big endian": 256,
        "Bytes": b"\x01\x02\x03\x04\x05",
        "Short bytes": b"\xff",
        "Empty": b"",
        "Empty text": "",
        "Unterminated": "abc",
        "Odd": "abc",
        "With a tail": "abc",
        "Short number": b"\1\2",
        "Unknown type": b"\1\2\3\4\5\6",
    }


def test_keys_are_found_in_any_case_and_keep_their_own() -> None:
    root = Key()
    root.at("Microsoft\\Windows\\CurrentVersion\\Uninstall\\微信").values["DisplayName"] = "微信"
    root.at("Microsoft\\Windows\\Straße")
    hive = RegistryHive(write_hive(root))

    assert key_of(hive, "MICROSOFT\\windows\\CurrentVersion\\uninstall").subkeys == ("微信",)
    assert key_of(hive, "\\Microsoft\\Windows\\").subkeys == ("CurrentVersion", "Straße")
    assert key_of(hive, "Microsoft\\Windows\\Straße").name == "Straße"
    assert key_of(hive, "").subkeys == ("Microsoft",)
    assert hive.key("Microsoft\\Windows\\CurrentVersion\\Run") is None
    assert hive.key("\\".join(["a"] * 600)) is None


def test_a_key_says_when_it_was_written() -> None:
    root = Key(written_seconds=1_700_000_000)
    root.subkeys["Old"] = Key(written_seconds=0)
    hive = RegistryHive(write_hive(root))

    assert key_of(hive, "").written_at == "2023-11-14T22:13:20Z"
    assert key_of(hive, "Old").written_at == "1970-01-01T00:00:00Z"
    assert hive.written_at == "2023-11-14T22:13:20Z"


def test_many_subkeys_are_read_through_an_index() -> None:
    root = Key()
    names = [f"{{{number:05d}}}" for number in range(1700)]
    for name in names:
        root.at("Uninstall\\" + name).values["DisplayName"] = name
    hive = RegistryHive(write_hive(root))

    assert list(key_of(hive, "Uninstall").subkeys) == names
    assert key_of(hive, "Uninstall\\{01234}").values == {"DisplayName": "{01234}"}


@pytest.mark.parametrize("size", [0, 1, 4, 5, 16344, 16345, 16348, 100_000])
def test_data_of_any_size_comes_back(size: int) -> None:
    data = bytes(number * 7 % 251 for number in range(size))
    root = Key(values={"Data": data})

    assert key_of(RegistryHive(write_hive(root)), "").values == {"Data": data}


def test_an_unfinished_hive_says_so() -> None:
    assert RegistryHive(write_hive(Key(), is_dirty=True)).is_dirty
    assert not RegistryHive(write_hive(Key())).is_dirty
    assert not RegistryHive(write_hive(Key())).is_truncated


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no regf signature"),
        (b"PK\3\4" + b"\0" * 9000, "no regf signature"),
        (b"regf" + b"\0" * 100, "the file ends after 104 bytes"),
        (b"regf" + b"\0" * 16 + b"\7\0\0\0" + b"\0" * 9000, "version 7.0 is not known"),
        (write_hive(Key())[:4096] + b"\0" * 4096, "key lies in a free cell"),
    ],
)
def test_what_is_no_hive_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(DamagedHive, match=why):
        RegistryHive(data)


def test_a_damaged_key_costs_itself() -> None:
    root = Key()
    for name in ("Alpha", "Beta", "Gamma"):
        root.at(name).values["DisplayName"] = name
    data = bytearray(write_hive(root))
    at = data.index(b"Beta") - 76
    assert data[at : at + 2] == b"nk"
    data[at : at + 2] = b"xx"
    hive = RegistryHive(bytes(data))

    found = key_of(hive, "")
    assert found.subkeys == ("Alpha", "Gamma")
    assert found.faults == (f"sub-key at 0x{at - 4 - 4096:x}: no key where one should be",)
    assert key_of(hive, "Gamma").values == {"DisplayName": "Gamma"}
    with pytest.raises(DamagedHive, match="sub-keys beside it are damaged"):
        hive.key("Beta")


def test_a_damaged_value_costs_itself() -> None:
    root = Key(values={"DisplayName": "微信", "Publisher": "腾讯科技(深圳)有限公司", "NoModify": 1})
    data = bytearray(write_hive(root))
    at = data.index(b"Publisher") - 20
    struct.pack_into("<I", data, at + 4, 0x7FFFFFFF)

    found = key_of(RegistryHive(bytes(data)), "")
    assert found.values == {"DisplayName": "微信", "NoModify": 1}
    assert found.faults == ("value at Publisher: value of 2147483647 bytes is too large",)


def test_a_hive_cut_off_keeps_what_is_there() -> None:
    root = Key()
    root.at("Early").values["DisplayName"] = "Early"
    root.at("Late").values["DisplayName"] = "Late"
    data = write_hive(root)
    hive = RegistryHive(data[: data.index(b"Late") - 70])

    assert hive.is_truncated
    with pytest.raises(DamagedHive):
        hive.key("Early")  # the list of the root's sub-keys lies behind the cut
    assert key_of(hive, "").subkeys == ()
    assert key_of(hive, "").faults


def test_a_list_that_names_its_own_parent_ends() -> None:
    root = Key()
    root.at("A\\B")
    data = bytearray(write_hive(root))
    list_at = data.index(b"lf\x01\0")
    (root_offset,) = struct.unpack_from("<I", data, 36)
    struct.pack_into("<I", data, list_at + 4, root_offset)  # B is now the root again
    hive = RegistryHive(bytes(data))

    assert key_of(hive, "A").subkeys == ("ROOT",)
    assert key_of(hive, "A\\ROOT\\A\\ROOT\\A").name == "A"
    assert hive.key("\\".join(["A", "ROOT"] * 400)) is None

"""Registered product keys: what is decoded, what is wiped, trials, both views; never a whole key."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import corpus_folder
from hive_writer import Key, write_hive
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows.activation import parse_file as parse_activation
from agent.collectors.windows.registered_keys import REGISTERED_KEYS, parse_file
from agent.formats.digital_product_id import channel_of, last_five_of
from agent.inventory.traces import Activation

LETTERS = "BCDFGHJKMPQRTVWXY2346789"


def product_id(key: str, *, version: int = 3, channel: str = "") -> bytes:
    """Return a DigitalProductId that holds `key`, 25 letters without dashes; an N is written as Windows 8 does."""
    place = key.find("N")
    letters = key if place < 0 else LETTERS[place] + key.replace("N", "")
    number = 0
    for letter in letters:
        number = number * 24 + LETTERS.index(letter)
    coded = bytearray(number.to_bytes(15, "little"))
    if place >= 0:
        coded[14] |= 8
    data = bytearray(1272 if version == 4 else 164)
    data[4] = version
    start = 808 if version == 4 else 52
    data[start : start + 15] = coded
    if version == 4:
        data[1016 : 1016 + 2 * len(channel)] = channel.encode("utf-16-le")
    return bytes(data)


KEY = "BCDFGHJKMPQRTVWXY23467892"
KEY_WITH_N = "BCDFGHJNMPQRTVWXY23467894"


@pytest.mark.parametrize(("key", "version"), [(KEY, 3), (KEY, 4), (KEY_WITH_N, 3), (KEY_WITH_N, 4)])
def test_only_the_last_five_are_decoded(key: str, version: int) -> None:
    assert last_five_of(product_id(key, version=version)) == key[-5:]


def test_wiped_and_short_values() -> None:
    assert [last_five_of(data) for data in (b"", bytes(164), bytes(40), bytes(1272))] == [None] * 4
    assert channel_of(product_id(KEY, version=4, channel="OEM:DM")) == "OEM:DM"
    assert channel_of(product_id(KEY)) is None


def registry() -> Key:
    root = Key()
    root.at("Microsoft\\Windows NT\\CurrentVersion").values = {
        "ProductName": "Windows XP",
        "ProductId": "55041-OEM-0011903-00102",
        "DigitalProductId": product_id(KEY),
    }
    office = root.at("WOW6432Node\\Microsoft\\Office\\14.0\\Registration\\{90140000-0057-0000-0000-0000000FF1CE}")
    office.values = {
        "ProductName": "Microsoft Office Professional 2010",
        "ProductNameNonQualified": "Microsoft Office",
        "OEM": 1,
        "ProductID": "82503-OEM-1170032-70636",
        "DigitalProductID": product_id(KEY_WITH_N),
        "TrialType": "0",
    }
    root.at("Microsoft\\Office\\16.0\\Registration\\{A}").values = {"ProductName": "Microsoft Office 365"}
    root.at("Microsoft\\Office\\15.0\\Registration\\{B}").values = {"ProductID": "00201-1", "TrialType": 2}
    return root


def test_windows_and_every_office(tmp_path: Path) -> None:
    machine = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", registry()).machine()
    inventory = scan_with(machine, REGISTERED_KEYS)

    assert [
        (each.kind, each.product, each.product_id, each.key_last5, each.key_channel, each.state)
        for each in inventory.activations
    ] == [
        ("windows", "Windows XP", "55041-OEM-0011903-00102", KEY[-5:], None, None),
        ("office", None, "00201-1", None, None, "trial"),
        ("office", "Microsoft Office Professional 2010", "82503-OEM-1170032-70636", KEY_WITH_N[-5:], "OEM", None),
    ]
    assert KEY not in str(inventory) and KEY_WITH_N not in str(inventory)


def test_files_are_read_by_both_names() -> None:
    for parse in (parse_file, parse_activation):
        found = [each for each in parse(write_hive(registry()), "SOFTWARE") if isinstance(each, Activation)]
        assert len(found) == 3


def test_a_recorded_office() -> None:
    folder = corpus_folder("glpi-agent")
    if folder is None:
        pytest.skip("no corpus")
    data = (folder / "raw" / "win32" / "registry" / "office_2016_01.reg").read_bytes()
    (found,) = [each for each in parse_file(data, "x") if isinstance(each, Activation)]
    assert (found.product, found.product_id, found.key_channel) == (
        "Microsoft Office Professional 2016",
        "00339-10000-00000-AA310",
        "OEM:NONSLP",
    )

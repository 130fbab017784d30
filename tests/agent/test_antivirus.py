"""Protection programs: bits of the state, both places, servers without any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.antivirus import ANTIVIRUS, PRODUCTS, SCOPE, XP_PRODUCTS, parse_file, parse_rows
from agent.collectors.windows.cim_questions import powershell, wmic
from agent.inventory.traces import Trace


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (397568, ("on", "up_to_date")),  # 0x061100
        (393472, ("off", "up_to_date")),  # 0x060100
        (397584, ("on", "out_of_date")),  # 0x061110
        (266240, ("on", "up_to_date")),  # 0x041000
        (0x062000, ("snoozed", "up_to_date")),
        (0x063010, ("off", "out_of_date")),
        (None, (None, None)),
        ("nonsense", (None, None)),
    ],
)
def test_what_the_bits_say(state: object, expected: tuple[str, str]) -> None:
    (found,) = parse_rows([{"displayName": "火绒安全软件", "productState": state}], seen_at="x")  # type: ignore[dict-item]
    assert (found.state, found.value) == expected


def test_two_products_of_a_client(tmp_path: Path) -> None:
    rows = [
        {"displayName": "奇安信天擎", "productState": 266240, "pathToSignedProductExe": "C:\\360\\tq.exe"},
        {"displayName": "Windows Defender", "productState": 393472},
        {"productState": 1},
    ]
    folder = WindowsFolder(tmp_path).printed(
        powershell("antivirus", (PRODUCTS,)), json.dumps({"AntiVirusProduct": rows})
    )
    inventory = scan_with(folder.machine(), ANTIVIRUS)

    assert inventory.traces[0] == Trace(
        kind="antivirus",
        name="奇安信天擎",
        scope=SCOPE,
        seen_at="root\\SecurityCenter2:AntiVirusProduct",
        path="C:\\360\\tq.exe",
        value="up_to_date",
        state="on",
    )
    assert [(each.name, each.state) for each in inventory.traces[1:]] == [("Windows Defender", "off")]


def test_the_older_place_of_xp(tmp_path: Path) -> None:
    text = "displayName=瑞星杀毒软件\r\ncompanyName=瑞星\r\n"
    text += "onAccessScanningEnabled=TRUE\r\nproductUptoDate=FALSE\r\nversionNumber=23\r\n"
    folder = WindowsFolder(tmp_path).printed(wmic(XP_PRODUCTS), text, "gb18030")
    (found,) = scan_with(folder.machine(), ANTIVIRUS).traces
    assert (found.name, found.publisher, found.version, found.state, found.value) == (
        "瑞星杀毒软件",
        "瑞星",
        "23",
        "on",
        "out_of_date",
    )


def test_a_server_and_a_class_that_is_missing(tmp_path: Path) -> None:
    missing = {"faults": {"AntiVirusProduct": "HRESULT 0x8004100e,GetCimInstanceCommand"}}
    folder = WindowsFolder(tmp_path / "a").printed(powershell("antivirus", (PRODUCTS,)), json.dumps(missing))
    assert [run.outcome.value for run in scan_with(folder.machine(), ANTIVIRUS).coverage] == ["absent"]
    denied = {"faults": {"AntiVirusProduct": "HRESULT 0x80041003,GetCimInstanceCommand"}}
    folder = WindowsFolder(tmp_path / "b").printed(powershell("antivirus", (PRODUCTS,)), json.dumps(denied))
    assert [run.outcome.value for run in scan_with(folder.machine(), ANTIVIRUS).coverage] == ["failed"]


def test_a_recorded_listing() -> None:
    listed = "displayName              : 360安全卫士\nproductState             : 397568\n"
    assert [each.name for each in parse_file(listed.encode(), "x") if isinstance(each, Trace)] == ["360安全卫士"]
    with pytest.raises(Absent):
        list(parse_file(b"nothing", "x"))

"""Identity: a table of machines that are the same, and of machines that only look so."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.core.identity import (
    Clue,
    Evidence,
    clean_host_name,
    clean_mac,
    clean_serial,
    clean_uuid,
    evidence_of,
    identify,
    weigh,
)

UUID_A, UUID_B = "4c4c4544-0033-3510-8052-b4c04f564433", "9f1c6f7a-77d1-4a58-b0c4-2d0ed6c21b11"
MAC_A, MAC_B, DOCK = "3c:52:82:11:22:33", "3c:52:82:44:55:66", "00:e0:4c:68:00:01"
OS_A, OS_B = "0f3c9a52d1b84e6f9a7711c2d3e4f5a6", "b1946ac92492d2347c6235b4d2611184"

FULL: dict[str, Any] = {
    "agent": "a-1",
    "serial": "PF3ABCDE",
    "board_serial": "L1HF1234567",
    "uuid_text": UUID_A,
    "macs": (MAC_A,),
    "os_installation": OS_A,
    "host_name": "hq-015",
}
OTHER: dict[str, Any] = {
    "agent": "a-2",
    "serial": "PF3ZZZZZ",
    "board_serial": "L1HF7654321",
    "uuid_text": UUID_B,
    "macs": (MAC_B,),
    "os_installation": OS_B,
    "host_name": "hq-016",
}


# fmt: off
PLACEHOLDERS = (
    "Default string", "DEFAULT_STRING", "To be filled by O.E.M.", "To Be Filled", "System Serial Number", "None", "N/A",
    "Not Specified", "0", "0000", "FFFFFFFF", "xxxxxxxx", "123456789", "1234567890", ".", "..........", "  ", "123",
    "Base Board Serial Number", "Chassis Serial Number", "INVALID", "Unknown", "empty", "Not Applicable", "-------",
    "O.E.M.",
)
# fmt: on


def only(**clues: Any) -> dict[str, Any]:
    return clues


def but(**clues: Any) -> dict[str, Any]:
    return FULL | clues


def foreign(**clues: Any) -> dict[str, Any]:
    return {**FULL, "agent": None, **clues}


SAME = {
    "scanned again": (FULL, FULL),
    "T35 agent and table with the same serial": (FULL, only(serial="pf3abcde ", host_name="HQ-015.corp.example.cn")),
    "T35 agent and table with the serial alone": (FULL, only(serial="PF3ABCDE")),
    "T49 one board, the other system": (FULL, but(agent="a-9", os_installation=OS_B, host_name="uos-015")),
    "renamed": (FULL, but(host_name="fin-001")),
    "installed anew and enrolled anew": (FULL, but(agent="a-9", os_installation=OS_B, host_name="win-7abc")),
    "board swapped, same disk": (FULL, but(uuid_text=UUID_B, board_serial="L1HF7654321", macs=(MAC_B,))),
    "network card swapped": (FULL, but(macs=(MAC_B,))),
    "disk moved no further than the board": (FULL, but(agent=None, os_installation=OS_B)),
    "unprivileged scan: no serials": (FULL, only(agent="a-1", macs=(MAC_A,), os_installation=OS_A, host_name="hq-015")),
    "unprivileged first": (only(agent="a-1", os_installation=OS_A), FULL),
    "container with agent and machine-id": (only(agent="a-1", os_installation=OS_A), only(agent="a-1", host_name="c")),
    "agent alone": (only(agent="a-1"), only(agent="a-1")),
    "uuid printed in the other byte order": (
        only(uuid_text="33221100-5544-7766-8899-aabbccddeeff"),
        only(uuid_text="{00112233-4455-6677-8899-AABBCCDDEEFF}"),
    ),
    "home-built, placeholders everywhere": (
        only(
            serial="Default string", uuid_text="03000200-0400-0500-0006-000700080009", macs=(MAC_A,), host_name="hq-015"
        ),
        only(serial="Default string", macs=(MAC_A,), host_name="hq-015"),
    ),
    "home-built with two own network cards": (only(macs=(MAC_A, MAC_B)), only(macs=(MAC_B, MAC_A))),
    "address and system": (only(macs=(MAC_A,), os_installation=OS_A), only(macs=(MAC_A,), os_installation=OS_A)),
    "foreign agent beside ours": (FULL, foreign(os_installation=None)),
    "mac written with hyphens": (
        only(macs=("3C-52-82-11-22-33",), host_name="hq-015"),
        only(macs=(MAC_A,), host_name="hq-015"),
    ),
    "virtual machine moved to another host": (
        only(uuid_text=UUID_A, serial="VMware-56 4d 11 22", macs=(MAC_A,), os_installation=OS_A),
        only(uuid_text=UUID_A, serial="VMware-56 4d 11 22", macs=(MAC_B,), os_installation=OS_A),
    ),
    "serial with spaces inside": (only(serial="CN0  1234\t5678"), only(serial="CN0 1234 5678")),
    "re-imaged and renamed, not enrolled any more": (FULL, foreign(os_installation=OS_B, host_name="img-0007")),
    "dual boot, the other system renamed too": (FULL, but(agent=None, os_installation=OS_B, host_name="ubuntu-7")),
    "in a docking station today": (FULL, but(macs=(MAC_A, DOCK))),
    "wireless one day, cable the other": (but(macs=(MAC_A, MAC_B)), but(macs=(MAC_B,))),
    "board swapped under warranty, serial written anew": (FULL, but(board_serial="NEW-BOARD-1", uuid_text=UUID_B)),
    "board swapped, serial left as the maker's default": (
        FULL, but(serial="Default string", board_serial="NEW-BOARD-1", macs=(MAC_B,), uuid_text=None),
    ),
    "desktop of a pool, kept from day to day": (
        only(agent="a-1", uuid_text=UUID_A, host_name="vdi-7"), only(agent="a-1", uuid_text=UUID_A, host_name="vdi-9"),
    ),
    "terminal server, one of many sessions": (FULL, but(host_name="ts-01")),
    "enrolled anew on the same machine": (FULL, but(agent="a-77")),
    "a table with the serial in small letters and blanks": (FULL, only(serial="  pf3abcde  ")),
    "a table with the address alone and the name": (FULL, only(macs=("3C.52.82.11.22.33",), host_name="hq-015")),
    "memory stick of a technician: another system, same board": (FULL, but(agent=None, os_installation="f" * 31 + "0")),
    "the agent of another tool by its own device": (
        only(agent="device:PC-1-2026-01-31-12-00-00"), only(agent="device:PC-1-2026-01-31-12-00-00", host_name="pc-1"),
    ),
}  # fmt: skip

DIFFERENT = {
    "nothing in common": (FULL, OTHER),
    "T36 two with the serial Default string": (
        only(serial="Default string", macs=(MAC_A,), host_name="hq-015"),
        only(serial="Default string", macs=(MAC_B,), host_name="hq-016"),
    ),
    "T36 and nothing else": (only(serial="Default string"), only(serial="Default string")),
    "To be filled by O.E.M.": (only(serial="To be filled by O.E.M."), only(serial="To Be Filled By O.E.M.")),
    "System Serial Number": (only(board_serial="System Serial Number"), only(board_serial="System Serial Number")),
    "zeros": (only(serial="0000000000"), only(serial="0000000000")),
    "uuid all F": (only(uuid_text="ffffffff-ffff-ffff-ffff-ffffffffffff"),) * 2,
    "uuid of the board maker's sample": (only(uuid_text="03000200-0400-0500-0006-000700080009"),) * 2,
    "the sample in the other byte order": (
        only(uuid_text="03000200-0400-0500-0006-000700080009"),
        only(uuid_text="00020003-0004-0005-0006-000700080009"),
    ),
    "one docking station": (
        only(serial="PF3ABCDE", macs=(DOCK,), host_name="lt-1"),
        only(serial="PF3ZZZZZ", macs=(DOCK,), host_name="lt-2"),
    ),
    "a docking station alone": (only(macs=(DOCK,)), only(macs=(DOCK,))),
    "cloned disk in another computer": (FULL, OTHER | {"agent": "a-1", "os_installation": OS_A, "host_name": "hq-015"}),
    "cloned virtual machine": (
        only(agent="a-1", uuid_text=UUID_A, macs=(MAC_A,), os_installation=OS_A, host_name="vm"),
        only(agent="a-1", uuid_text=UUID_B, macs=(MAC_B,), os_installation=OS_A, host_name="vm"),
    ),
    "same image, not enrolled": (
        only(os_installation=OS_A, host_name="master-7", macs=(MAC_A,)),
        only(os_installation=OS_A, host_name="master-7", macs=(MAC_B,)),
    ),
    "same name": (only(host_name="hq-015"), only(host_name="HQ-015")),
    "a maker that repeats one uuid": (but(agent="a-1"), OTHER | {"uuid_text": UUID_A}),
    "virtual adapters of the same kind": (
        only(macs=("00:50:56:c0:00:01", "00:50:56:c0:00:08"), host_name="hq-015"),
        only(macs=("00:50:56:c0:00:01", "00:50:56:c0:00:08"), host_name="hq-015"),
    ),
    "random wireless addresses and containers": (
        only(macs=("02:42:ac:11:00:02", "da:a1:19:00:00:01")),
        only(macs=("02:42:ac:11:00:02", "da:a1:19:00:00:01")),
    ),
    "desktops of a pool made from one image": (
        only(uuid_text=UUID_A, os_installation=OS_A, host_name="vdi-7", macs=("00:50:56:aa:bb:01",)),
        only(uuid_text=UUID_B, os_installation=OS_A, host_name="vdi-8", macs=("00:50:56:aa:bb:02",)),
    ),
    "a Linux in Windows (WSL) beside its host": (
        FULL, only(os_installation=OS_B, host_name="hq-015", macs=("00:15:5d:00:00:00",)),
    ),
    "a container beside its host": (FULL, only(os_installation=OS_B, host_name="3f9c", macs=("02:42:ac:11:00:02",))),
    "a guest beside its host": (
        FULL, only(uuid_text=UUID_B, serial="VMware-56 4d 11 22", macs=("00:0c:29:11:22:33",), os_installation=OS_B),
    ),
    "two laptops that share a dock and a name": (
        only(serial="PF3ABCDE", macs=(DOCK,), host_name="lt-1"),
        only(serial="PF3ZZZZZ", macs=(DOCK,), host_name="lt-1"),
    ),
    "successor of a scrapped computer under its name": (FULL, OTHER | {"host_name": "hq-015"}),
    "two servers behind one cluster name": (
        only(serial="SRV-0001", host_name="cluster"), only(serial="SRV-0002", host_name="cluster"),
    ),
    "a serial of fewer than four signs": (only(serial="A1B"), only(serial="A1B")),
    "the maker alone for a serial, name alike": (only(serial="VMware", host_name="vm-1"),) * 2,
    "an address of a tunnel": (only(macs=("00:ff:12:34:56:78",), host_name="a-1x"),) * 2,
    "one operating system, moved to another board": (
        only(os_installation=OS_A, board_serial="L1HF1234567"), only(os_installation=OS_A, board_serial="L1HF7654321"),
    ),
    "another tool's device of another name": (
        only(agent="device:PC-1-2026-01-31-12-00-00"), only(agent="device:PC-2-2026-01-31-12-00-00"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("known", "seen"), SAME.values(), ids=SAME)
def test_the_same_machine_is_found_again(known: dict[str, Any], seen: dict[str, Any]) -> None:
    decision = identify(evidence_of(**seen), {7: evidence_of(**known), 9: evidence_of(serial="ELSE1234")})
    assert decision.machine == 7, decision.because
    assert decision.because.endswith(f"= {decision.score}")


@pytest.mark.parametrize(("known", "seen"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_machine_is_another(known: dict[str, Any], seen: dict[str, Any]) -> None:
    decision = identify(evidence_of(**seen), {7: evidence_of(**known)})
    assert decision.machine is None, decision.because
    assert decision.because.startswith("new")
    assert weigh(evidence_of(**seen), evidence_of(**known)) == weigh(evidence_of(**known), evidence_of(**seen))


def test_a_decision_says_why_and_names_its_rivals() -> None:
    seen = evidence_of(**FULL)
    rivals = {3: evidence_of(serial="PF3ABCDE"), 4: evidence_of(uuid_text=UUID_A, serial="PF3ZZZZZ", agent="a-1")}
    decision = identify(seen, {**rivals, 5: evidence_of(serial="PF3ABCDE", macs=(MAC_A,))})
    assert decision.machine == 5
    assert decision.rivals == (4, 3)
    assert decision.because == "serial +50, mac +40 = 90; also like 4, 3"
    assert identify(seen, {}).because == "new"


def test_equal_scores_go_to_the_older_machine() -> None:
    known = {9: evidence_of(serial="PF3ABCDE"), 2: evidence_of(serial="PF3ABCDE")}
    assert identify(evidence_of(serial="PF3ABCDE"), known).machine == 2


@pytest.mark.parametrize(
    "text",
    PLACEHOLDERS,
)
def test_a_placeholder_is_no_serial(text: str) -> None:
    assert clean_serial(text) is None


@pytest.mark.parametrize("text", ["PF3ABCDE", "5CD1234XYZ", "VMware-56 4d 7f", "C02XK0AAJG5H", "国产1234"])
def test_a_serial_is_a_serial(text: str) -> None:
    assert clean_serial(text) == text.upper()


@pytest.mark.parametrize("text", ["", "not a uuid", "0" * 32, "f" * 32, "12345678-1234-5678-90AB-CDDEEFAABBCC"])
def test_a_placeholder_is_no_uuid(text: str) -> None:
    assert clean_uuid(text) is None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("3C-52-82-11-22-33", MAC_A),
        ("3c5282112233", MAC_A),
        ("01:00:5e:00:00:01", None),
        ("00:00:00:00:00:00", None),
        ("ff:ff:ff:ff:ff:ff", None),
        ("00:ff:12:34:56:78", None),
        ("3c:52:82:11:22", None),
        ("", None),
    ],
)
def test_a_mac_address_is_one_that_belongs_to_one_machine(text: str, cleaned: str | None) -> None:
    assert clean_mac(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("HQ-015.corp.example.cn", "hq-015"),
        ("localhost.localdomain", None),
        ("LOCALHOST", None),
        ("张三的电脑", "张三的电脑"),
        ("", None),
        (None, None),
    ],
)
def test_a_host_name_is_one_that_somebody_gave(text: str | None, cleaned: str | None) -> None:
    assert clean_host_name(text) == cleaned


def test_no_value_is_too_long_for_an_index() -> None:
    evidence: Evidence = evidence_of(host_name="x" * 5000, serial="AB12" * 2000)
    assert all(len(value) <= 200 for clue in Clue for value in evidence.of(clue))

"""Licences of UOS, Kylin and WPS: recorded machines, the state table, and that no code or key is read."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import pytest
from machine_folder import found_on
from recorded_machine import recorded_machine, scan_with

from agent.collectors.base import Problem
from agent.collectors.linux.domestic_activation import DOMESTIC_ACTIVATION, parse_file
from agent.collectors.linux.domestic_records import (
    BUS_BOTH,
    BUS_STATE,
    KYLIN_COMMAND,
    KYLIN_SCOPE,
    UOS_COMMAND,
    UOS_SCOPE,
    WPS_SCOPE,
)
from agent.collectors.linux.uos_reminder import SCOPE as REMINDER
from agent.formats.domestic_licence import (
    DomesticAnswer,
    parse_activation_answer,
    parse_activation_server,
    parse_bus_numbers,
    parse_kylin_term,
    parse_wps_settings,
)
from agent.inventory.document import Inventory, encode
from agent.inventory.traces import Activation
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine, command_slug

CODE = "ABCDE-FGHJK-LMNPQ-RSTVW-T83GX"


def made(folder: Path, files: "dict[str, str]") -> OfflineMachine:
    """Write a recorded machine of these files."""
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def said(command: Sequence[str]) -> str:
    return "commands/%s.txt" % command_slug(command)


def accounts(inventory: Inventory) -> dict[str, tuple[str, int]]:
    return {run.scope: (run.outcome.value, run.found) for run in inventory.coverage}


def test_an_activated_uos() -> None:
    inventory = scan_with(recorded_machine("uos-20-laptop"), DOMESTIC_ACTIVATION)

    assert inventory.activations == (
        Activation("uos", UOS_SCOPE, "uos-activator-cmd -q", status="已激活", state="licensed", expires_raw="终身有效"),
        Activation(
            "uos",
            UOS_SCOPE,
            "com.deepin.license.Info AuthorizationState",
            licence_family="2",
            status_code=1,
            status="已授权",
            state="licensed",
        ),
        Activation(
            "uos",
            UOS_SCOPE,
            "/var/log/uos/uos-activator-kms/uos-activator-kms.log",
            kms_host="kms.corp.example",
            kms_port=8900,
        ),
    )
    assert accounts(inventory) == {UOS_SCOPE: ("complete", 3), REMINDER: ("complete", 0)}


def test_a_kylin_on_trial_with_a_professional_wps() -> None:
    inventory = scan_with(recorded_machine("kylin-v10-desktop"), DOMESTIC_ACTIVATION)

    assert inventory.activations == (
        Activation(
            "kylin",
            KYLIN_SCOPE,
            "/etc/.kyinfo",
            description="term 2024-05-22, TERM 2024-05-22",
            state="unlicensed",
            expires_at="2024-05-22",
        ),
        Activation("kylin", KYLIN_SCOPE, "kylin_activation_check", status="试用", state="trial"),
        Activation("wps", WPS_SCOPE, "/opt/kingsoft/wps-office/office6/cfgs/oem.ini", licence_family="Professional"),
    )
    assert accounts(inventory) == {KYLIN_SCOPE: ("complete", 2), WPS_SCOPE: ("complete", 1)}


@pytest.mark.parametrize("machine", ["debian-12", "arch-dev", "openeuler-server"])
def test_other_systems_have_no_such_source(machine: str) -> None:
    inventory = scan_with(recorded_machine(machine), DOMESTIC_ACTIVATION)
    assert accounts(inventory) == {"domestic_activation": ("absent", 0)}


@pytest.mark.parametrize(
    ("term", "preset", "state", "expires_at"),
    [
        ("2027-12-31", "TERM:2025-12-31", "licensed", "2027-12-31"),
        ("2025-12-31", "TERM: 2025-12-31", "unlicensed", "2025-12-31"),
        ("2099-12-31", None, None, "2099-12-31"),  # preset: proves nothing
        (None, "TERM:2025-12-31", None, "2025-12-31"),
    ],
)
def test_the_two_terms_of_kylin(
    tmp_path: Path, term: str | None, preset: str | None, state: str | None, expires_at: str
) -> None:
    files = {"etc/.kyinfo": "[dist]\nname=Kylin\n[servicekey]\nkey=0467027\n[os]\nto=\n"}
    if term:
        files["etc/.kyinfo"] += "term=%s\n" % term
    if preset:
        files["etc/LICENSE"] = preset + "\n"
    (found,) = scan_with(made(tmp_path, files), DOMESTIC_ACTIVATION).activations
    assert (found.state, found.expires_at) == (state, expires_at)
    assert "0467027" not in str(found)


@pytest.mark.parametrize(("content", "count"), [(CODE, 1), ("", 0)])
def test_the_activation_file_of_kylin_is_looked_at_and_not_read(tmp_path: Path, content: str, count: int) -> None:
    machine = made(tmp_path, {"etc/.kyinfo": "[dist]\n", "etc/.kyactivation": content})
    inventory = scan_with(machine, DOMESTIC_ACTIVATION)
    expected = [("/etc/.kyactivation", "licensed")] * count
    assert [(each.seen_at, each.state) for each in inventory.activations] == expected
    assert b"ABCDE" not in encode(inventory) and b"T83GX" not in encode(inventory)


@pytest.mark.parametrize(
    ("text", "number", "state"),
    [
        ("i -1", -1, None),
        ("i 0\nu 0", 0, "unlicensed"),
        ("i 1\nu 5", 1, "licensed"),
        ("i 2", 2, "expired"),
        ("u 3", 3, "trial"),
        ("i 4", 4, "expired"),
    ],
)
def test_the_states_of_the_bus(tmp_path: Path, text: str, number: int, state: str | None) -> None:
    machine = made(tmp_path, {"etc/os-release": "ID=uos\n", said(BUS_STATE): text})
    (found,) = scan_with(machine, DOMESTIC_ACTIVATION).activations
    assert (found.status_code, found.state) == (number, state)


def test_an_unknown_state_is_a_problem_of_the_scope(tmp_path: Path) -> None:
    inventory = scan_with(made(tmp_path, {"etc/os-release": "ID=uos\n", said(BUS_STATE): "i 9\n"}), DOMESTIC_ACTIVATION)
    assert accounts(inventory) == {UOS_SCOPE: ("partial", 1), REMINDER: ("absent", 0)}
    assert inventory.coverage[0].faults[0].what == "unknown state 9"


def test_a_uos_that_answers_nothing_is_absent_and_a_deepin_too(tmp_path: Path) -> None:
    for number, name in enumerate(("uos", "deepin")):
        machine = made(tmp_path / str(number), {"etc/os-release": "ID=%s\n" % name})
        told = accounts(scan_with(machine, DOMESTIC_ACTIVATION))
        assert told.pop(UOS_SCOPE) == ("absent", 0)
        assert told == ({REMINDER: ("absent", 0)} if name == "uos" else {})


def test_the_activation_code_is_never_asked_for() -> None:
    asked = " ".join((*BUS_BOTH, *BUS_STATE, *UOS_COMMAND, *KYLIN_COMMAND))
    assert "ActiveCode" not in asked and "--auto-start=no" in asked


def test_an_empty_answer_is_a_problem(tmp_path: Path) -> None:
    machine = made(tmp_path, {"etc/.kyinfo": "[dist]\n", said(KYLIN_COMMAND): "\n"})
    inventory = scan_with(machine, DOMESTIC_ACTIVATION)
    assert accounts(inventory) == {KYLIN_SCOPE: ("partial", 0)}


class Refusing(OfflineMachine):
    """A machine whose commands and files cannot be read."""

    recorded = False

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        raise Unreadable(command[0], "ended with code 1")


def test_a_command_that_fails_costs_no_more_than_itself(tmp_path: Path) -> None:
    made(tmp_path, {"etc/os-release": "ID=kylin\n", "etc/.kyinfo": "term=2027-01-01\n"})
    inventory = scan_with(Refusing(str(tmp_path)), DOMESTIC_ACTIVATION)
    assert accounts(inventory) == {KYLIN_SCOPE: ("partial", 1)}
    made(tmp_path, {"etc/os-release": "ID=uos\n"})
    (tmp_path / "etc" / ".kyinfo").unlink()
    told = accounts(scan_with(Refusing(str(tmp_path)), DOMESTIC_ACTIVATION))
    assert told == {UOS_SCOPE: ("partial", 0), REMINDER: ("absent", 0)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("激活状态: 已激活\n到期时间: 终身有效\n", DomesticAnswer("已激活", "licensed", "终身有效")),
        ("激活状态：免费授权\n到期时间：2025-12-14", DomesticAnswer("免费授权", "licensed", "2025-12-14")),
        ("激活状态=试用期;到期时间=2025-12-14", DomesticAnswer("试用期", "trial", "2025-12-14")),
        ("激活状态: 未激活", DomesticAnswer("未激活", "unlicensed")),
        ("激活状态: 已过期", DomesticAnswer("已过期", "expired")),
        ("激活状态: 一切正常", DomesticAnswer("一切正常")),
        ("激活状态: 已激活 %s" % CODE, DomesticAnswer("已激活 T83GX", "licensed")),
        ("System is not activated.", DomesticAnswer("not activated", "unlicensed")),
        ("System is activated.", DomesticAnswer("activated", "licensed")),
        ("inactive", DomesticAnswer("inactive", "unlicensed")),
        ("系统已激活，激活码 %s" % CODE, DomesticAnswer("已激活", "licensed")),
        ("", DomesticAnswer()),
        ("Segmentation fault", DomesticAnswer()),
    ],
)
def test_answers_of_activation_commands(text: str, expected: DomesticAnswer) -> None:
    assert parse_activation_answer(text) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("i 1\n", (1,)), ("i -1", (-1,)), ("i 1\nu 2\n", (1, 2)), ('s "1"', ()), ("i 1\nFailed", ()), ("", ()), ("1", ())],
)
def test_numbers_of_the_bus(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_bus_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("[os]\nto=\nterm=2025-07-29\n", "2025-07-29"),
        ("[os]to=term=2025-07-29", "2025-07-29"),
        ("to=term=2025-07-29", "2025-07-29"),
        ("TERM:2025-07-29\nSERIAL:1", "2025-07-29"),
        ("term=\n", None),
        ("terminal=1\n", None),
        ("long=term=1\n", None),
        ("", None),
    ],
)
def test_the_term_of_kylin(text: str, term: str | None) -> None:
    assert parse_kylin_term(text) == term


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("connect kms.corp.example:8900 ok", ("kms.corp.example", 8900)),
        ("kms1.a:8900\nkms2.b:8901", ("kms2.b", 8901)),
        ("kms.corp.example:99999", None),
        ("at 12:30 nothing", None),
        ("", None),
    ],
)
def test_the_server_in_the_log(text: str, server: tuple[str, int] | None) -> None:
    assert parse_activation_server(text) == server


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Support]\nProductDefinition=Professional\n", ("Professional", None)),
        ("ProductDefinition = 专业版\r\nSn=%s\r\n" % CODE, ("专业版", "T83GX")),
        ("[Setup]\nSn=ABCDE-FGHJK-LMNPQ-RSTVW-TJWML", (None, "TJWML")),
        ("id=12345678-ABCDE-FGHJK-LMNPQ-RSTVW-T83GX-1", (None, None)),
        ("", (None, None)),
    ],
)
def test_settings_of_wps(text: str, expected: tuple[str | None, str | None]) -> None:
    assert parse_wps_settings(text) == expected


def test_recorded_files() -> None:
    def read(text: str, name: str) -> list[tuple[str | None, ...]]:
        return [
            (each.scope, each.state, each.expires_at, each.key_last5)
            for each in parse_file(text.encode("utf-8"), name)
            if isinstance(each, Activation)
        ]

    assert read("term=2027-01-01\n", "/m/etc/.kyinfo") == [(KYLIN_SCOPE, None, "2027-01-01", None)]
    assert read("激活状态: 已激活\n到期时间: 2027-01-01", "uos-activator-cmd_-q.txt") == [
        (UOS_SCOPE, "licensed", "2027-01-01", None)]  # fmt: skip
    assert read("系统未激活", "kylin_activation_check.txt") == [(KYLIN_SCOPE, "unlicensed", None, None)]
    assert read("Sn=" + CODE, "x/oem.ini") == [(WPS_SCOPE, None, None, "T83GX")]
    assert [each.what for each in parse_file(b"", "uos.txt") if isinstance(each, Problem)]


def test_wps_of_the_shop_has_its_own_folder(tmp_path: Path) -> None:
    folder = "/opt/apps/cn.wps.wps-office-pro/files/kingsoft/wps-office"
    settings = "[Setup]\nProductDefinition=Professional\n"
    found = found_on(
        DOMESTIC_ACTIVATION,
        tmp_path,
        {f"{folder}/office6/cfgs/oem.ini": settings, "/opt/apps/org.other/files/kingsoft/wps-office/x": ""},
    )
    (record,) = [item for item in found if isinstance(item, Activation)]
    assert (record.kind, record.seen_at) == ("wps", f"{folder}/office6/cfgs/oem.ini")

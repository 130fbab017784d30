"""Licences of Windows and Office: rows of the services, hosts of the registry, and what is not known."""

from __future__ import annotations

import json
from typing import Any, Sequence

import pytest
from corpus import corpus_folder
from hive_writer import Key, write_hive
from recorded_machine import recorded_machine, scan_with
from reg_writer import write_export

from agent.collectors.base import Absent, Found
from agent.collectors.windows.activation import ACTIVATION, parse_file
from agent.collectors.windows.licensing_rows import POWERSHELL, activation_of_row
from agent.inventory.document import Inventory
from agent.inventory.traces import Activation
from agent.machine.base import Machine, RegistryKey, Unreadable

WINDOWS_ID = "55c92734-d682-4d71-983e-d6ec3f16059f"
OFFICE_ID = "0ff1ce15-a989-479d-af46-f275c6370663"
SPP = "Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform"
NO_CLASS = "HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"


class Windows(Machine):
    """A Windows that runs and answers PowerShell with `answer`, or not."""

    family = "windows"

    def __init__(self, answer: "str | Unreadable | None", registry: "str | None" = None) -> None:
        self.answer = answer
        self.broken_registry = registry

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> "str | None":
        if tuple(command) != POWERSHELL:
            return None
        if isinstance(self.answer, Unreadable):
            raise self.answer
        return self.answer

    def registry_key(self, path: str) -> "RegistryKey | None":
        if self.broken_registry:
            raise Unreadable(path, self.broken_registry)
        return None


def accounts(inventory: Inventory) -> dict[str, tuple[str, int]]:
    return {run.scope: (run.outcome.value, run.found) for run in inventory.coverage}


def facts(inventory: Inventory, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(each, name) for name in names) for each in inventory.activations]


def test_an_office_pc_with_a_key_in_its_firmware() -> None:
    inventory = scan_with(recorded_machine("windows-10-office"), ACTIVATION)

    assert inventory.activations[0] == Activation(
        kind="windows",
        scope="activation:windows",
        seen_at="SoftwareLicensingProduct",
        product="Windows(R), Professional edition",
        description="Windows(R) Operating System, OEM_DM channel",
        application_id=WINDOWS_ID,
        activation_id="bd3762d7-270d-4760-8fb3-d829ca45278a",
        product_id="00330-50000-00001-AAOEM",
        licence_family="Professional",
        channel="OEM_DM",
        key_channel="OEM:DM",
        key_last5="QP7WK",
        status_code=1,
        state="licensed",
        reason="0x4004F040",
        genuine_code=0,
        is_kms_host=False,
        grace_minutes=0,
    )
    assert facts(inventory, "kind", "channel", "key_last5", "state")[1:] == [
        ("office", "RETAIL(MAK)", "6BQ7T", "licensed"),
        ("firmware", None, "QP7WK", None),
    ]
    assert accounts(inventory) == {
        "activation:windows": ("complete", 1),
        "activation:office": ("complete", 1),
        "activation:firmware": ("complete", 1),
        "activation:kms_registry": ("complete", 0),
    }


def test_a_workstation_activated_by_itself() -> None:
    inventory = scan_with(recorded_machine("windows-11-design"), ACTIVATION)

    assert facts(inventory, "scope", "key_last5", "state", "kms_host", "kms_port", "kms_address", "grace_minutes") == [
        ("activation:windows", "T83GX", "licensed", "127.0.0.1", 1688, "127.0.0.1", 259140),
        ("activation:office", "6MWKP", "licensed", "127.0.0.1", 1688, "127.0.0.1", 259152),
        ("activation:office", "7VCBB", "grace", None, None, "127.0.0.1", 30240),
        ("activation:kms_registry", None, None, "127.0.0.1", 1688, None, None),
        ("activation:kms_registry", None, None, "127.0.0.1", 1688, None, None),
        ("activation:kms_registry", None, None, "127.0.0.2", 1688, None, None),
    ]
    assert facts(inventory, "kind", "application_id", "activation_id")[3:] == [
        ("windows", None, None),
        ("office", OFFICE_ID, None),
        ("windows", WINDOWS_ID, "2de67392-b7a7-462a-b1ca-108dd189f588"),
    ]
    assert accounts(inventory)["activation:firmware"] == ("complete", 0)


def test_a_windows_7_that_is_not_genuine_and_its_office_2010() -> None:
    inventory = scan_with(recorded_machine("windows-7-finance"), ACTIVATION)

    assert facts(inventory, "kind", "channel", "key_last5", "status_code", "state", "reason", "seen_at") == [
        ("windows", "VOLUME_KMSCLIENT", "GPDD4", 5, "notification", "0xC004F200", "SoftwareLicensingProduct"),
        ("office", "RETAIL(MAK)", "3KQ8R", 1, "licensed", "0x4004F040", "OfficeSoftwareProtectionProduct"),
        ("windows", None, None, None, None, None, "HKLM\\SOFTWARE\\" + SPP),
    ]
    assert inventory.activations[2].kms_host == "kms.example.org"
    assert accounts(inventory)["activation:firmware"] == ("absent", 0)  # wmic was not asked for it


def test_a_recorded_machine_without_answers_has_no_such_source() -> None:
    inventory = scan_with(recorded_machine("windows-10-home"), ACTIVATION)

    assert inventory.activations == ()
    assert accounts(inventory) == {
        "activation:windows": ("absent", 0),
        "activation:office": ("absent", 0),
        "activation:kms_registry": ("absent", 0),
    }


ROW = {"ApplicationID": WINDOWS_ID, "Name": "Windows", "PartialProductKey": "T83GX", "LicenseStatus": 1}


def answer(**more: Any) -> str:
    return json.dumps({"SoftwareLicensingProduct": [], "SoftwareLicensingService": [{}], "faults": {}, **more})


@pytest.mark.parametrize(
    ("told", "windows", "office", "firmware"),
    [
        (None, ("failed", 0), ("failed", 0), ("absent", 0)),
        (Unreadable("powershell", "ended with code 1"), ("failed", 0), ("failed", 0), ("absent", 0)),
        ("no JSON", ("failed", 0), ("failed", 0), ("absent", 0)),
        (
            answer(faults={"SoftwareLicensingProduct": "CommandNotFoundException"}),
            ("failed", 0),
            ("failed", 0),
            ("absent", 0),
        ),
        ("{}", ("failed", 0), ("failed", 0), ("absent", 0)),
        (answer(), ("complete", 0), ("absent", 0), ("complete", 0)),
        (answer(SoftwareLicensingProduct=ROW), ("complete", 1), ("absent", 0), ("complete", 0)),
        (
            answer(SoftwareLicensingProduct=[ROW], faults={"OfficeSoftwareProtectionProduct": NO_CLASS}),
            ("complete", 1),
            ("absent", 0),
            ("complete", 0),
        ),
        (
            answer(SoftwareLicensingProduct=[ROW], faults={"OfficeSoftwareProtectionProduct": "HRESULT 0x80070005"}),
            ("complete", 1),
            ("failed", 0),
            ("complete", 0),
        ),
        (
            answer(
                SoftwareLicensingProduct=[ROW, {**ROW, "ApplicationID": OFFICE_ID}],
                faults={"OfficeSoftwareProtectionProduct": "HRESULT 0x80070005"},
            ),
            ("complete", 1),
            ("partial", 1),
            ("complete", 0),
        ),
        (
            answer(faults={"SoftwareLicensingProduct": "HRESULT 0x80070422", "SoftwareLicensingService": "x"}),
            ("failed", 0),
            ("failed", 0),
            ("failed", 0),
        ),
        (answer(OfficeSoftwareProtectionProduct=[]), ("complete", 0), ("complete", 0), ("complete", 0)),
    ],
)
def test_what_is_not_known_is_said(
    told: str | Unreadable | None, windows: tuple[str, int], office: tuple[str, int], firmware: tuple[str, int]
) -> None:
    assert accounts(scan_with(Windows(told), ACTIVATION)) == {
        "activation:windows": windows,
        "activation:office": office,
        "activation:firmware": firmware,
        "activation:kms_registry": ("absent", 0),
    }


def test_another_application_has_a_scope_of_its_own() -> None:
    told = answer(SoftwareLicensingProduct=[{**ROW, "ApplicationID": "11111111-2222-3333-4444-555555555555"}])
    inventory = scan_with(Windows(told), ACTIVATION)
    assert facts(inventory, "kind", "scope") == [("other", "activation:other")]


def test_a_registry_that_cannot_be_read_fails_its_scope_alone() -> None:
    inventory = scan_with(Windows(answer(), registry="access denied"), ACTIVATION)
    assert accounts(inventory)["activation:kms_registry"] == ("failed", 0)
    assert accounts(inventory)["activation:windows"] == ("complete", 0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"LicenseStatus": "5", "LicenseStatusReason": "3221549568"}, {"status_code": 5, "reason": "0xC004F200"}),
        ({"LicenseStatus": 9}, {"status_code": 9, "state": None}),
        ({"GracePeriodRemaining": 4294967295}, {"grace_minutes": None}),
        ({"GracePeriodRemaining": -1}, {"grace_minutes": None}),
        ({"EvaluationEndDate": "20260301235959.000000-000"}, {"evaluation_end": "2026-03-01T23:59:59Z"}),
        ({"EvaluationEndDate": "16010101000000.000000-000"}, {"evaluation_end": None}),
        ({"PartialProductKey": "ABCDE-FGHJK-LMNPQ-RSTVW-T83GX"}, {"key_last5": "T83GX"}),
        ({"PartialProductKey": ["T83GX"]}, {"key_last5": None}),
        ({"KeyManagementServiceMachine": "", "KeyManagementServicePort": 1688}, {"kms_host": None, "kms_port": None}),
        ({"KeyManagementServiceMachine": "k", "KeyManagementServicePort": 0}, {"kms_host": "k", "kms_port": None}),
        ({"IsKeyManagementServiceMachine": 1}, {"is_kms_host": True}),
        ({"ADActivationObjectName": "Windows 10"}, {"by_directory": True}),
        ({"ProductKeyChannel": "Volume:GVLK"}, {"channel": "VOLUME_KMSCLIENT", "key_channel": "Volume:GVLK"}),
        ({"ApplicationID": OFFICE_ID.upper()}, {"kind": "office", "application_id": OFFICE_ID}),
    ],
)
def test_a_row_field_by_field(row: dict[str, Any], expected: dict[str, Any]) -> None:
    found = activation_of_row(row, "x", {})
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_host_set_for_the_service_counts_for_windows_alone() -> None:
    service: dict[str, Any] = {"KeyManagementServiceMachine": "kms.corp.example", "KeyManagementServicePort": "1688"}
    windows = activation_of_row({"ApplicationID": WINDOWS_ID}, "x", service)
    office = activation_of_row({"ApplicationID": OFFICE_ID}, "x", service)
    assert (windows.kms_host, windows.kms_port, office.kms_host) == ("kms.corp.example", 1688, None)


def test_the_firmware_key_never_leaves_powershell_whole() -> None:
    assert "$k.Substring($k.Length - 5)" in POWERSHELL[-1]
    assert "OA3xOriginalProductKey," not in POWERSHELL[-1]
    whole = {"FirmwareKeyLast5": "ABCDE-FGHJK-LMNPQ-RSTVW-T83GX"}
    inventory = scan_with(Windows(answer(SoftwareLicensingService=[whole])), ACTIVATION)
    assert facts(inventory, "kind", "key_last5") == [("firmware", "T83GX")]


def activations(found: "list[Found]") -> list[Activation]:
    return [each for each in found if isinstance(each, Activation)]


def test_registry_files() -> None:
    root = Key()
    root.at(SPP).values = {"KeyManagementServiceName": "kms.03k.org", "KeyManagementServicePort": "1688"}
    root.at(SPP + "\\" + OFFICE_ID).values = {"KeyManagementServiceName": "10.0.0.10", "KeyManagementServicePort": 1688}
    root.at(SPP + "\\Policies").values = {"KeyManagementServiceName": "elsewhere"}
    root.at("Microsoft\\OfficeSoftwareProtectionPlatform").values = {"KeyManagementServiceName": 7}
    expected = [("windows", "kms.03k.org", 1688), ("office", "10.0.0.10", 1688)]
    for data in (write_hive(root), write_export("HKEY_LOCAL_MACHINE\\SOFTWARE", root)):
        found = activations(list(parse_file(data, "x")))
        assert [(each.kind, each.kms_host, each.kms_port) for each in found] == expected
    with pytest.raises(Unreadable):
        list(parse_file(b"regf but damaged", "SOFTWARE"))


def test_a_text_without_a_licence_is_absent() -> None:
    with pytest.raises(Absent):
        list(parse_file(b"nothing of the kind", "x.txt"))


def test_a_recorded_listing_of_the_class() -> None:
    folder = corpus_folder("glpi-agent")
    if folder is None:
        pytest.skip("no corpus")
    expected = json.loads(
        (folder / "expected" / "windows-office-license-wmi.office_2016_01.json").read_text(encoding="utf-8")
    )["expected"]
    data = (folder / "raw" / "win32" / "wmi" / "office_2016_01-SoftwareLicensingProduct.wmi").read_bytes()
    (found,) = activations(list(parse_file(data, "office.wmi")))

    assert [(found.product, found.description, found.product_id, found.key_last5)] == [
        (each["name"], each["fullname"], each["productid"], each["key_last5"]) for each in expected
    ]
    assert (found.kind, found.channel, found.state, found.grace_minutes) == (
        "office", "VOLUME_KMSCLIENT", "licensed", 259174)  # fmt: skip
    assert (found.kms_host, found.kms_port, found.kms_address) == ("mydomain.ms.com", 1688, "10.11.12.13")

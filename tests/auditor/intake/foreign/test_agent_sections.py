"""GLPI, FusionInventory and OCS agents: values as they must be, made documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from foreign_documents import FUSION_XML, OCS_XML, WINDOWS, deb, glpi

from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, encode
from agent.inventory.traces import RunningProgram
from auditor.errors import Refused
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(data: bytes, name: str = "") -> Inventory:
    found = read_foreign(data, Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name))
    assert found is not None
    (inventory,) = found.inventories
    return inventory


def outcomes(inventory: Inventory) -> dict[str, str]:
    return {run.scope: run.outcome.value for run in inventory.coverage}


def test_a_fusioninventory_agent_tells_a_windows_pc() -> None:
    told = read(FUSION_XML.encode())

    assert (told.scanner.name, told.scanner.version) == ("FusionInventory-Agent", "2.6-3")
    assert told.scanner.agent_id == "device:cw-022-2026-01-31-12-00-00"
    assert told.collected_at == "2026-03-01T02:00:00Z"  # its own offset from UTC counts
    system = told.host.operating_system
    assert (system.family, system.name, system.version) == ("windows", "Windows 10 专业版", "10.0.19045")
    assert system.installed_on == "2023-05-04"
    assert (told.host.name, told.host.serial, told.host.virtual) == ("cw-022", "CZC0479792", False)
    assert told.host.mac_addresses == ("68:b5:99:e6:84:eb",)
    assert [(p.cores, p.threads) for p in told.host.processors] == [(4, 8)]


def test_its_software_is_told_in_the_words_of_our_own_collector() -> None:
    rar, update, feishu = read(FUSION_XML.encode()).software

    assert (rar.source, rar.name, rar.version, rar.publisher) == (
        "uninstall_keys", "WinRAR 6.24 (64-bit)", "6.24.0", "win.rar GmbH")  # fmt: skip
    assert (rar.identifier, rar.installed_on, rar.install_date_raw) == ("WinRAR archiver", "2025-04-03", "03/04/2025")
    assert (update.update, update.release_type) == (True, "Update")
    assert (feishu.name, feishu.per_user, feishu.scope) == ("飞书", True, "glpi:software:users")


def test_what_such_an_agent_cannot_see_is_never_complete() -> None:
    told = read(FUSION_XML.encode())

    assert outcomes(told) == {
        "glpi:software": "partial",  # one row has no name
        "glpi:software:users": "partial",
        "glpi:unseen": "partial",
        "glpi:licences": "complete",
        "glpi:antivirus": "complete",
        "glpi:processes": "complete",
        "glpi:document": "complete",
    }
    assert "1 records without a name" in told.coverage[0].faults[0].what


def test_keys_are_cut_before_anything_is_made_of_them() -> None:
    told = read(FUSION_XML.encode())

    assert [(a.kind, a.channel, a.key_last5) for a in told.activations] == [
        ("office", "OEM", "6789B"), ("windows", None, "XYZ23")]  # fmt: skip
    written = encode(told).decode()
    assert "BCDFG" not in written and "ABCDE" not in written and "RSTVW" not in written


def test_of_a_command_line_only_the_program_is_taken_and_no_name_of_a_person() -> None:
    told = read(FUSION_XML.encode())

    assert told.programs == (
        RunningProgram("wps.exe", "C:\\Program Files\\WPS\\wps.exe", "glpi:processes"),
        RunningProgram("explorer.exe", "C:\\Windows\\explorer.exe", "glpi:processes", instances=2),
    )
    assert "secret" not in encode(told).decode()


def test_an_antivirus_is_a_trace() -> None:
    (trace,) = read(FUSION_XML.encode()).traces

    assert (trace.kind, trace.name, trace.state, trace.value) == ("antivirus", "360安全卫士", "on", "out_of_date")


def test_an_ocs_agent_writes_in_gb2312_and_does_not_say_when() -> None:
    told = read(OCS_XML.encode("gb2312"))

    assert told.scanner.name == "OCS-Agent"
    assert told.collected_at == "2026-06-01T00:00:00Z"
    assert (told.host.manufacturer, told.host.chassis, told.host.operating_system.name) == (
        "联想",
        "portable",
        "Windows 7 旗舰版",
    )
    (item,) = told.software
    assert (item.source, item.name, item.installed_on) == ("uninstall_keys", "金山毒霸", "2025-04-03")
    assert outcomes(told)["ocs:software"] == "complete"


def test_a_glpi_agent_speaks_json() -> None:
    told = read(glpi([deb("bash", "5.2-1")]))

    assert (told.scanner.name, told.scanner.version) == ("GLPI-Agent", "1.10")
    assert told.collected_at == "2026-03-01T02:00:00Z"
    assert (told.host.operating_system.name, told.host.operating_system.distribution) == (
        "Debian GNU/Linux 12",
        "debian",
    )
    (item,) = told.software
    assert (item.source, item.name, item.identifier, item.section) == ("dpkg", "bash", "bash", "admin")
    assert (told.host.memory_bytes, told.host.chassis) == (8192 * 1_048_576, "portable")


def test_a_partial_document_says_so_of_every_scope_it_has() -> None:
    told = read(glpi([deb("bash")], partial=True))

    assert outcomes(told) == {"glpi:software": "partial", "glpi:unseen": "partial", "glpi:document": "partial"}


def test_a_partial_document_without_software_has_no_scope_of_it() -> None:
    assert outcomes(read(glpi(None, partial=True))) == {"glpi:document": "partial"}


def test_a_whole_document_without_the_section_failed_to_read_it() -> None:
    told = read(glpi(None))

    assert outcomes(told)["glpi:software"] == Outcome.FAILED.value


@pytest.mark.parametrize(("change", "fault"), [
    ({"deviceid": None}, "deviceid: expected text, got nothing"),
    ({"content": []}, "content: expected an object"),
    ({"itemtype": "Printer"}, "itemtype: expected Computer, got printer"),
])  # fmt: skip
def test_what_is_no_inventory_is_refused_with_its_place(change: dict[str, object], fault: str) -> None:
    plain = json.loads(glpi()) | change
    with pytest.raises(Refused, match=fault):
        read(json.dumps(plain).encode())


@pytest.mark.parametrize(("row", "expected"), [
    ({"name": "A", "install_date": "2025-03-04 10:00:00"}, "2025-03-04"),
    ({"name": "A", "install_date": "04/03/2025"}, "2025-03-04"),
    ({"name": "A", "install_date": "31/02/2025"}, None),
    ({"name": "A", "install_date": "01/01/1970"}, None),
    ({"name": "A", "install_date": 20250304}, "2025-03-04"),
    ({"name": "A", "install_date": ["2025"]}, None),
    ({"name": "A"}, None),
])  # fmt: skip
def test_a_day_is_one_that_exists_or_none(row: dict[str, object], expected: str | None) -> None:
    assert read(glpi([row], system=WINDOWS)).software[0].installed_on == expected


def test_one_record_may_stand_without_a_list_and_wrong_types_cost_their_field() -> None:
    plain = json.loads(glpi())
    plain["content"]["softwares"] = {
        "name": "bash",
        "version": {"a": 1},
        "publisher": True,
        "filesize": "many",
        "from": 7,
    }
    plain["content"]["cpus"] = "none"
    plain["content"]["licenseinfos"] = [None, 7, {"name": "Office", "key": ["x"]}]
    told = read(json.dumps(plain).encode())

    (item,) = told.software
    assert (item.name, item.version, item.publisher, item.size_bytes) == ("bash", None, None, None)
    assert told.host.processors == ()
    assert [(a.product, a.key_last5) for a in told.activations] == [("Office", None)]


def test_a_live_message_that_does_not_tell_its_zone_is_dated_by_its_arrival() -> None:
    data = glpi([deb("bash")], partial=True, at="2026-06-01 09:00:00")
    found = read_foreign(data, Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), live=True))

    assert found is not None
    assert found.inventories[0].collected_at == "2026-06-01T00:00:00Z"
    assert read(data).collected_at == "2026-06-01T01:00:00Z"  # a file: local time in the zone of the settings


@pytest.mark.parametrize(
    ("row", "section"),
    [
        ({"name": "Tethering", "from": "Android", "install_date": "31/12/2008"}, "system image"),
        ({"name": "Tethering", "from": "Android", "install_date": "01/01/1970"}, "system image"),
        ({"name": "GLPI Agent", "from": "Android", "install_date": "04/09/2023"}, None),
        ({"name": "Old Tool", "install_date": "31/12/2008"}, None),  # a computer's clock says nothing of an image
    ],
)
def test_what_an_android_device_came_with_bears_the_day_of_its_image(
    row: dict[str, object], section: str | None
) -> None:
    assert read(glpi([row])).software[0].section == section

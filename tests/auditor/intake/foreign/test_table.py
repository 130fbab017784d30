"""Tables of other tools: known headings, mapped headings, what a table cannot say."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from agent.inventory.document import Inventory
from agent.inventory.software import Software
from auditor.errors import AuditorError, Refused
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came, Read
from auditor.intake.registers.mapping import read_mapping

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SCCM = """Netbios_Name0,ARPDisplayName0,ProductVersion0,Publisher0,InstallDate0,SoftwareCode0,ChannelCode0,\
Operating_System_Name_and0
CW-022,AutoCAD 2022 - English,24.1,Autodesk,20250403,{5783F2D7},3,Microsoft Windows NT Workstation 10.0
CW-022,7-Zip 23.01,23.01,Igor Pavlov,,7-Zip,,Microsoft Windows NT Workstation 10.0
CW-023,Visio Professional 2019,16.0,Microsoft Corporation,,VISIO,2,Microsoft Windows NT Workstation 10.0
"""
INTUNE = """ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationVersion,DeviceName,\
OSDescription,OSVersion,Platform,SerialNumber
k1,WPS Office,Kingsoft,11.1,CW-022,Windows,10.0.19045,Windows,CZC047
k2,Pages,Apple,13.1,MAC-1,macOS,14.2,macOS,C02ABC
"""
LANSWEEPER = """AssetName,softwareName,softwareVersion,SoftwarePublisher,Installdate,Serialnumber
CW-022,WinRAR 6.24 (64-bit),6.24.0,win.rar GmbH,03/25/2025,CZC047
CW-023,WinRAR 6.24 (64-bit),6.24.0,win.rar GmbH,03/04/2025,CZC048
"""
JAMF = """Computer Name,Serial Number,Application Title,Application Version,Bundle ID,Path
MAC-1,C02ABC,Keynote.app,13.1,com.apple.Keynote,/Applications/Keynote.app
"""
CHINESE = (
    "计算机名,软件名称,版本,发布者,安装日期\n财务-01,金山毒霸,11,北京猎豹,2025年4月3日\n,无主软件,1,,\n财务-02,,1,,\n"
)


def read(data: str | bytes, name: str = "table.csv", *, machine: str | None = None, mapping: str | None = None) -> Read:
    raw = data if isinstance(data, bytes) else data.encode("utf-8")
    header = read_mapping(mapping.encode("utf-8"), "mapping.yaml") if mapping is not None else None
    came = Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name, machine=machine, mapping=header)
    found = read_foreign(raw, came)
    assert found is not None
    return found


def brief(inventory: Inventory) -> list[tuple[str, str | None, str | None]]:
    return [(item.name, item.version, item.publisher) for item in inventory.software]


def test_sccm_tells_computers_programs_and_channels() -> None:
    first, second = read(SCCM).inventories

    assert (first.scanner.name, first.host.name, second.host.name) == ("SCCM", "CW-022", "CW-023")
    assert brief(first) == [("AutoCAD 2022 - English", "24.1", "Autodesk"), ("7-Zip 23.01", "23.01", "Igor Pavlov")]
    autocad = first.software[0]
    assert (autocad.source, autocad.licence_channel, autocad.installed_on, autocad.identifier) == (
        "uninstall_keys", "Volume", "2025-04-03", "{5783F2D7}")  # fmt: skip
    assert autocad.seen_at == "table.csv!B2"
    assert second.software[0].licence_channel == "OEM"


def test_intune_tells_systems_apart() -> None:
    windows, mac = read(INTUNE).inventories

    assert (windows.scanner.name, windows.host.operating_system.family, windows.host.serial) == (
        "Intune",
        "windows",
        "CZC047",
    )
    assert (mac.host.operating_system.family, mac.software[0].source) == ("macos", "applications")


def test_the_order_of_days_is_that_of_the_whole_column() -> None:
    first, second = read(LANSWEEPER).inventories

    assert (first.scanner.name, first.host.serial) == ("Lansweeper", "CZC047")
    assert [item.software[0].installed_on for item in (first, second)] == ["2025-03-25", "2025-03-04"]


def test_jamf_is_of_macs() -> None:
    (told,) = read(JAMF).inventories

    assert (told.scanner.name, told.host.operating_system.family, told.host.name) == ("Jamf", "macos", "MAC-1")
    assert told.software[0].identifier == "com.apple.Keynote"


def test_chinese_headings_are_known_and_rows_without_a_name_are_told() -> None:
    told = read(CHINESE.encode("gb18030"))

    (inventory,) = told.inventories
    assert (inventory.host.name, inventory.software[0].installed_on) == ("财务-01", "2025-04-03")
    assert [problem.split(": ")[0] for problem in told.problems] == ["table.csv!B3", "table.csv!B4"]


def test_a_workbook_is_read_below_its_title() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("清单")
        for number, row in enumerate(
            [["软件清单"], [], ["Device Name", "Application Name", "Version"], ["CW-1", "WPS", 12]]
        ):
            sheet.write_row(number, 0, row)
    (told,) = read(made.getvalue(), "export.xlsx").inventories

    assert (told.host.name, brief(told)) == ("CW-1", [("WPS", "12", None)])
    assert told.software[0].seen_at == "清单!B4"


def test_a_table_without_computers_is_that_of_one() -> None:
    data = "DisplayName,DisplayVersion,UninstallString\nGit,2.38,C:\\Git\\unins.exe\n"

    assert [i.host.name for i in read(data, "cw-022.csv").inventories] == ["cw-022"]
    assert [i.host.name for i in read(data, "cw-022.csv", machine="CW-099").inventories] == ["CW-099"]


def test_a_table_never_says_that_it_is_whole() -> None:
    (told, _) = read(SCCM).inventories
    assert {run.outcome.value for run in told.coverage} == {"partial"}


def test_a_mapping_names_other_headings_words_and_what_every_row_has() -> None:
    data = "Gerät;Programm;Stand;OS\nPC-1;Photoshop;2024;W\n"
    mapping = (
        "columns: {计算机名: Gerät, 软件名称: Programm, 版本: Stand, 操作系统: OS}\n"
        "values: {操作系统: {W: Windows 11 Pro}}\n"
        "fixed: {发布者: Adobe}\n"
    )
    (told,) = read(data, mapping=mapping).inventories

    assert (told.host.name, brief(told)) == ("PC-1", [("Photoshop", "2024", "Adobe")])
    assert told.host.operating_system.name == "Windows 11 Pro"


def test_a_column_that_we_do_not_have_is_named() -> None:
    with pytest.raises(AuditorError, match=r"columns\.Farbe: 没有该列"):
        read(SCCM, mapping="columns: {Farbe: x}")


def test_numbers_of_devices_without_a_computer_are_refused() -> None:
    with pytest.raises(Refused, match="expected a column of computers"):
        read("displayName,version,deviceCount,publisher\nWPS,11,7,Kingsoft\n")


@pytest.mark.parametrize("data", ["a,b,c\n1,2,3\n", "\n", ""])
def test_headings_that_nobody_knows_are_refused(data: str) -> None:
    with pytest.raises((Refused, AuditorError)):
        read(data)


def test_cells_in_apostrophes_are_read_as_a_script_wrote_them() -> None:
    (told,) = read(
        "computer,name,version,publisher\n'Lab 1','AutoCAD 2022','24.1','Autodesk, Inc.'\n'Lab 1','Paint','1',None\n"
    ).inventories

    assert (told.host.name, brief(told)) == (
        "Lab 1",
        [("AutoCAD 2022", "24.1", "Autodesk, Inc."), ("Paint", "1", None)],
    )


def test_formulas_stay_texts(tmp_path: Path) -> None:
    (told,) = read("computer,name,version\nPC,\"=cmd|'/c calc'!A0\",1\n").inventories
    item: Software = told.software[0]
    assert item.name == "=cmd|'/c calc'!A0"

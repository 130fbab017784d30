"""SQL Server, Visual Studio, Adobe, Autodesk, Chocolatey: editions and licences as they are written down."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent, Problem
from agent.collectors.windows import adobe_licences, autodesk_licences, chocolatey, sql_server, visual_studio
from agent.collectors.windows.adobe_licences import ADOBE_LICENCES
from agent.collectors.windows.autodesk_licences import AUTODESK_LICENCES, HELPER
from agent.collectors.windows.chocolatey import CHOCOLATEY
from agent.collectors.windows.sql_server import SQL_SERVER, release_of
from agent.collectors.windows.visual_studio import VISUAL_STUDIO
from agent.inventory.licence_servers import LicenceFeature
from agent.inventory.software import Software
from agent.machine.base import Unreadable

SQL = "Microsoft\\Microsoft SQL Server"


def sql_registry() -> Key:
    root = Key()
    root.at(SQL + "\\Instance Names\\SQL").values = {
        "MSSQLSERVER": "MSSQL15.MSSQLSERVER",
        "示例": "MSSQL10_50.X",
        "": "",
    }
    root.at(SQL + "\\Instance Names\\RS").values = {"SSRS": "SSRS"}
    root.at(SQL + "\\MSSQL15.MSSQLSERVER\\Setup").values = {
        "Edition": "Enterprise Edition: Core-based Licensing",
        "Version": "15.0.2000.5",
        "PatchLevel": "15.0.4123.1",
        "SQLPath": "C:\\M",
    }
    root.at(SQL + "\\MSSQL10_50.X\\Setup").values = {"Edition": "Express Edition", "Version": "10.50.1600.1"}
    root.at(SQL + "\\SSRS\\Setup").values = {"Edition": "Developer", "Version": "14.0.600.1"}
    return root


def test_instances_of_sql_server(tmp_path: Path) -> None:
    inventory = scan_with(
        WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", sql_registry()).machine(), SQL_SERVER
    )

    assert [(each.name, each.product, each.version, each.edition, each.location) for each in inventory.databases] == [
        (
            "MSSQLSERVER",
            "Microsoft SQL Server 2019",
            "15.0.4123.1",
            "Enterprise Edition: Core-based Licensing",
            "C:\\M",
        ),
        ("示例", "Microsoft SQL Server 2008 R2", "10.50.1600.1", "Express Edition", None),
    ]
    assert [(each.name, each.edition, each.system_component) for each in inventory.software] == [
        ("Microsoft SQL Server 2019 Database Engine", "Enterprise Edition: Core-based Licensing", True),
        ("Microsoft SQL Server 2008 R2 Database Engine", "Express Edition", True),
        ("Microsoft SQL Server 2017 Reporting Services", "Developer", True),
    ]
    assert (
        len([each for each in sql_server.parse_file(write_hive(sql_registry()), "S") if isinstance(each, Software)])
        == 3
    )
    assert [release_of(text) for text in ("16.0.1", "99.1", None, "")] == ["2022", None, None, None]


def test_visual_studio_new_and_old(tmp_path: Path) -> None:
    state = {
        "installationVersion": "17.9.34622.214",
        "installationPath": "C:\\VS",
        "channelId": "VisualStudio.17.Release",
        "installDate": "2024-01-31T01:02:03Z",
        "product": {"id": "Microsoft.VisualStudio.Product.Enterprise", "version": "17.9"},
        "catalogInfo": {"productLineVersion": "2022"},
    }
    root = Key()
    root.at("WOW6432Node\\Microsoft\\DevDiv\\vs\\Servicing\\14.0\\professional").values = {
        "Install": 1,
        "Version": "14.0.25420",
    }
    root.at("WOW6432Node\\Microsoft\\DevDiv\\vs\\Servicing\\14.0\\devenv").values = {"Install": 1}
    root.at("WOW6432Node\\Microsoft\\DevDiv\\vs\\Servicing\\12.0\\ultimate\\2052").values = {"Install": 1}
    root.at("WOW6432Node\\Microsoft\\DevDiv\\vs\\Servicing\\12.0\\premium").values = {"Install": 0}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root)
    folder.file(visual_studio.FOLDER + "\\1a2b\\state.json", json.dumps(state).encode())
    folder.file(visual_studio.FOLDER + "\\bad\\state.json", b"[]")
    inventory = scan_with(folder.machine(), VISUAL_STUDIO)

    assert [(each.name, each.version, each.edition, each.installed_on) for each in inventory.software] == [
        ("Visual Studio Enterprise 2022", "17.9.34622.214", "Enterprise", "2024-01-31"),
        ("Visual Studio Professional 2015", "14.0.25420", "Professional", None),
        ("Visual Studio Ultimate 2013", "12.0", "Ultimate", None),
    ]
    assert [(run.scope, run.outcome.value) for run in inventory.coverage] == [
        ("visual_studio:instances", "partial"),
        ("visual_studio:servicing", "complete"),
    ]
    with pytest.raises(Absent):
        list(visual_studio.parse_file(b"{}", "state.json"))


def config_name(application: str, package: str) -> str:
    return (
        "-".join(base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in (application, package))
        + "-80.operatingconfig"
    )


def test_adobe(tmp_path: Path) -> None:
    root = Key()
    root.at("WOW6432Node\\Adobe\\Adobe Acrobat\\11.0\\Registration").values = {
        "SERIAL": "1118-1234-5678-9012-3456-7890"
    }
    root.at("Adobe\\Photoshop\\60.0").values = {"ApplicationPath": "C:\\P"}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root)
    payload = json.dumps({"asnpData": {"profile": {"licenseExpiryTimestamp": 1735603200000}}})
    folder.file(
        adobe_licences.CONFIGS + "\\" + config_name("Photoshop1{}2018072004", "ABCDEF-12345"),
        json.dumps({"payload": payload, "metadata": {"deploymentMode": "FRL_CONNECTED"}}).encode(),
    )
    folder.file(adobe_licences.CONFIGS + "\\broken.operatingconfig", b"no json")
    database = tmp_path / "cache.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE domain_data (domain TEXT, subDomain TEXT, key TEXT, value TEXT)")
        connection.execute("INSERT INTO domain_data VALUES ('d', 'Photoshop-CS6-Win-GM', 'SN', 'cipher')")
        connection.execute("INSERT INTO domain_data VALUES ('d', 'Photoshop-CS6-Win-GM', 'FLMap', 'x')")
    connection.close()
    folder.file(adobe_licences.STORES[1], database.read_bytes())
    inventory = scan_with(folder.machine(), ADOBE_LICENCES)

    assert [
        (each.feature, each.version, each.edition, each.expires_on, each.serial_tail)
        for each in inventory.licence_features
    ] == [
        ("Adobe Acrobat", "11.0", None, None, "67890"),
        ("Photoshop1{}2018072004", "1", "FRL_CONNECTED", "2024-12-31", "12345"),
        ("Photoshop-CS6-Win-GM", None, None, None, None),
    ]
    assert "1118-1234" not in str(inventory) and "cipher" not in str(inventory)
    assert [run.outcome.value for run in inventory.coverage] == ["complete", "partial", "complete"]


def test_autodesk(tmp_path: Path) -> None:
    root = Key()
    root.at("Autodesk\\AutoCAD\\R24.0\\ACAD-4101:804").values = {
        "ProductName": "AutoCAD 2021 - 简体中文",
        "SerialNumber": "666-69696969",
        "Release": "24.0.47.0",
    }
    root.at("Autodesk\\Other").values = {"SerialNumber": "none"}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root)
    folder.file(autodesk_licences.CHOICES + "\\001M1_2021.0.0.F\\LGS.data", b"_NETWORK")
    listed = [
        {
            "feature_id": "ACD",
            "def_prod_key": "001M1",
            "sel_prod_key": "001M1",
            "def_prod_ver": "2021.0.0.F",
            "sel_lic_method": "NETWORK",
            "sel_lic_servers": ["@srv01"],
            "sel_serial_number": "400-45454545",
        }
    ]
    folder.printed(HELPER, "list:\n" + json.dumps(listed))
    inventory = scan_with(folder.machine(), AUTODESK_LICENCES)

    assert [
        (each.feature, each.kind, each.product, each.version, each.server, each.serial_tail)
        for each in inventory.licence_features
    ] == [
        ("AutoCAD\\R24.0\\ACAD-4101:804", None, "AutoCAD 2021 - 简体中文", "24.0.47.0", None, "96969"),
        ("001M1", "floating", None, "2021.0.0.F", None, None),
        ("ACD", "floating", "001M1", "2021.0.0.F", "srv01", "54545"),
    ]
    assert "666-69696969" not in str(inventory) and "400-45454545" not in str(inventory)
    assert [(each.name, each.state, each.value, each.scope) for each in inventory.traces] == [
        ("SerialNumber", "published", None, autodesk_licences.REGISTRY),
        ("SerialNumber", "published", None, autodesk_licences.LISTED),
    ]
    (choice,) = [
        each
        for each in autodesk_licences.parse_file(b"_USER", "LGS/001L1_2020.0.0.F/LGS.data")
        if isinstance(each, LicenceFeature)
    ]
    assert (choice.feature, choice.kind) == ("001L1", "named_user")
    with pytest.raises(Absent):
        list(autodesk_licences.parse_file(b"something else", "x"))


NUSPEC = b"""\xef\xbb\xbf<?xml version="1.0"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd"><metadata>
<id>7zip</id><version>23.1</version><authors>Igor Pavlov</authors><licenseUrl>http://www.7-zip.org/license.txt</licenseUrl>
</metadata></package>"""


def test_chocolatey(tmp_path: Path) -> None:
    folder = WindowsFolder(tmp_path)
    folder.file(chocolatey.FOLDER + "\\lib\\7zip\\7zip.nuspec", NUSPEC)
    folder.file(chocolatey.FOLDER + "\\lib\\bad\\bad.nuspec", b"hello")
    folder.file(chocolatey.FOLDER + "\\lib\\empty\\readme.txt", b"")
    inventory = scan_with(folder.machine(), CHOCOLATEY)

    assert [(each.name, each.version, each.publisher, each.licence, each.origin) for each in inventory.software] == [
        ("7zip", "23.1", "Igor Pavlov", "http://www.7-zip.org/license.txt", "chocolatey")
    ]
    (run,) = inventory.coverage
    assert (run.outcome.value, len(run.faults)) == ("partial", 1)
    assert [type(each) for each in chocolatey.parse_file(NUSPEC.replace(b"<id>7zip</id>", b""), "x")] == [Problem]
    with pytest.raises(Unreadable):
        list(chocolatey.parse_file(b'<!DOCTYPE x [<!ENTITY a "b">]><package/>', "x"))

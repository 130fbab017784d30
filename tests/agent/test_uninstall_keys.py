"""Uninstall keys: every field, every way to go wrong, the recorded machines, and what other agents make of the same."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from corpus import corpus_folder
from hive_writer import Key, Typed, write_hive
from reg_writer import write_export

from agent.collectors.base import Absent, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.uninstall_entries import parse_entry
from agent.collectors.windows.uninstall_keys import UNINSTALL_KEYS, collect, parse_file
from agent.formats.registry_value import HiveKey
from agent.inventory.software import Software
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"
GLPI = corpus_folder("glpi-agent")
HIVES = corpus_folder("registry-hives")


def software(found: list[Found]) -> list[Software]:
    """Return the records among what was found."""
    return [item for item in found if isinstance(item, Software)]


def collected(name: str) -> list[Found]:
    """Return what the collector finds on a recorded machine."""
    return list(collect(OfflineMachine(str(CAPTURES / name))))


def entry(**values: str | int | bytes | tuple[str, ...]) -> Software | Problem | None:
    """Return what one key with these values is read as."""
    return parse_entry(HiveKey("WinRAR archiver", dict(values)), "WinRAR archiver", "HKLM\\…", "uninstall_keys:HKLM64")


def read_entry(**values: str | int | bytes | tuple[str, ...]) -> Software:
    """Return the record of one key with these values."""
    found = entry(**values)
    assert isinstance(found, Software)
    return found


def test_every_field_of_an_entry() -> None:
    found = parse_entry(
        HiveKey(
            "{90160000-0011-0000-1000-0000000FF1CE}",
            {
                "DisplayName": "Microsoft Office 专业增强版 2016",
                "displayversion": "16.0.4266.1001",
                "Publisher": "Microsoft Corporation",
                "InstallDate": "20230817",
                "InstallLocation": '"C:\\Program Files\\Microsoft Office\\" ',
                "EstimatedSize": 2684354,
                "Language": 2052,
                "SystemComponent": 1,
                "ParentKeyName": "Office16.PROPLUS",
            },
        ),
        "{90160000-0011-0000-1000-0000000FF1CE}",
        "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{90160000-…}",
        "uninstall_keys:HKLM32",
    )

    assert found == Software(
        source="uninstall_keys",
        name="Microsoft Office 专业增强版 2016",
        scope="uninstall_keys:HKLM32",
        seen_at="HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{90160000-…}",
        version="16.0.4266.1001",
        publisher="Microsoft Corporation",
        identifier="{90160000-0011-0000-1000-0000000FF1CE}",
        architecture="x86",
        language="zh-CN",
        installed_on="2023-08-17",
        location="C:\\Program Files\\Microsoft Office\\",
        size_bytes=2684354 * 1024,
        per_user=False,
        parent="Office16.PROPLUS",
        system_component=True,
        update=True,
    )


@pytest.mark.parametrize(
    ("written", "day", "raw"),
    [
        ("20231219", "2023-12-19", None),
        (20231219, "2023-12-19", None),
        ("1703030400", "2023-12-20", "1703030400"),
        (1703030400, "2023-12-20", "1703030400"),
        ("2023/9/4", "2023-09-04", "2023/9/4"),
        ("20231345", None, "20231345"),
        ("20240230", None, "20240230"),
        ("00000000", None, "00000000"),
        ("03/04/2024", None, "03/04/2024"),
        ("yesterday", None, "yesterday"),
        ("", None, None),
        (0, None, "0"),
        (b"\x20\x23", None, None),
        (None, None, None),
    ],
)
def test_a_day_is_read_or_kept_as_it_was_written(
    written: str | int | bytes | None, day: str | None, raw: str | None
) -> None:
    values: dict[str, str | int | bytes | tuple[str, ...]] = {"DisplayName": "WinRAR 6.24 (64-位)"}
    if written is not None:
        values["InstallDate"] = written
    found = read_entry(**values)

    assert (found.installed_on, found.install_date_raw) == (day, raw)


def test_a_field_of_the_wrong_type_costs_the_field() -> None:
    found = read_entry(
        DisplayName="WinRAR",
        DisplayVersion=b"\1\2",
        Publisher=7,
        EstimatedSize="12x",
        Language="zh",
        SystemComponent="1",
    )

    assert (found.version, found.publisher, found.size_bytes, found.language) == (None, None, None, None)
    assert found.system_component is True
    assert read_entry(DisplayName="WinRAR", EstimatedSize="12").size_bytes == 12 * 1024


@pytest.mark.parametrize("name", [7, b"\1\2\3\4", ("WinRAR", "x")])
def test_a_name_that_is_no_text_costs_the_record(name: int | bytes | tuple[str, ...]) -> None:
    assert entry(DisplayName=name, DisplayVersion="1") == Problem("HKLM\\…", "DisplayName is no text")


def test_a_key_without_a_name_is_hidden_or_a_place_holder() -> None:
    hidden = entry(NoRemove=1, NoModify=1)
    assert isinstance(hidden, Software)
    assert (hidden.name, hidden.system_component) == ("WinRAR archiver", True)
    assert entry(NoRemove=1) is None
    assert entry() is None
    blank = entry(DisplayName="  ", Publisher="Microsoft")
    assert isinstance(blank, Software)
    assert (blank.name, blank.system_component) == ("WinRAR archiver", True)


@pytest.mark.parametrize(
    ("values", "is_update"),
    [
        ({"ReleaseType": "Security Update"}, True),
        ({"ReleaseType": "Hotfix", "ParentKeyName": "OperatingSystem"}, True),
        ({"ParentKeyName": "Office16.PROPLUS"}, True),
        ({"ReleaseType": ""}, None),
        ({}, None),
    ],
)
def test_updates_are_what_windows_shows_as_updates(values: dict[str, str], is_update: bool | None) -> None:
    assert read_entry(DisplayName="x", **values).update is is_update


def test_an_office_pc_on_a_mounted_disk() -> None:
    found = collected("windows-10-office")
    by_name = {item.name: item for item in software(found)}

    assert [item.name for item in found if isinstance(item, Scope)] == [
        "uninstall_keys:HKLM64",
        "uninstall_keys:HKLM32",
        "uninstall_keys:user:S-1-12-1-3105678490-1182342417-2774120358-913020455",
        "uninstall_keys:user:S-1-5-21-1004336348-1177238915-682003330-1001",
        "uninstall_keys:user:S-1-5-21-1004336348-1177238915-682003330-1002",
    ]
    assert len(software(found)) == 63
    assert [item for item in found if isinstance(item, Problem)] == [
        Problem(f"HKLM\\SOFTWARE\\{UNINSTALL}\\{{0DB93AFB-9C7E-4A0B-8CFB-5B53B5E6B4F1}}", "DisplayName is no text")
    ]
    navicat = by_name["PremiumSoft Navicat Premium 16.3"]
    assert (navicat.version, navicat.per_user) == ("16.3.3", True)
    assert navicat.scope.endswith("913020455")
    assert navicat.seen_at == f"HKU\\{navicat.scope[20:]}\\Software\\{UNINSTALL}\\PremiumSoft Navicat Premium_is1"
    cad = by_name["AutoCAD 2020 - 简体中文 (Simplified Chinese)"]
    assert (cad.installed_on, cad.install_date_raw, cad.architecture) == (None, "20231345", "x86")
    assert by_name["搜狗输入法 14.4.0正式版"].publisher == "Sogou.com"
    assert by_name["Update for Microsoft Office 2016 (KB3141456) 64-Bit Edition"].update is True
    assert by_name["Microsoft Office Proof (English) 2016"].language == "en-US"
    assert sum(item.system_component is True for item in software(found)) == 29


def test_a_finance_pc_from_exports_with_a_damaged_profile() -> None:
    found = collected("windows-7-finance")
    by_name = {item.name: item for item in software(found)}

    assert [item for item in found if isinstance(item, ScopeFailed)] == [
        ScopeFailed(
            "uninstall_keys:user:S-1-5-21-2052111302-1960408961-725345543-1004",
            "C:\\Users\\user03\\NTUSER.DAT: base block: the file ends after 3000 bytes",
        )
    ]
    assert by_name["自然人电子税务局(扣缴端)"].version == "V3.1.249"
    assert by_name["物资条码打印 V2.3"].installed_on == "2023-09-04"
    assert by_name["Adobe Flash Player 34 ActiveX"].install_date_raw == "20221308"
    assert by_name["TIM"].scope == "uninstall_keys:user:S-1-5-21-2052111302-1960408961-725345543-1000"
    assert by_name["钉钉"].scope == "uninstall_keys:user:S-1-5-21-2052111302-1960408961-725345543-1003"
    assert by_name["{92FB6C44-E685-45AD-9B20-CADF4CABA132}.KB4532938"].system_component is True
    assert len(software(found)) == 48


def test_a_notebook_from_one_export_in_gbk() -> None:
    found = collected("windows-10-home")
    by_name = {item.name: item for item in software(found)}

    assert [item for item in found if not isinstance(item, Software)] == [
        Scope("uninstall_keys:HKLM64"),
        ScopeAbsent("uninstall_keys:HKLM32"),
        Scope("uninstall_keys:user:S-1-5-21-3120418270-1904402165-2219874461-1001"),
    ]
    assert len(by_name) == len(software(found)) == 23
    assert (by_name["中望CAD个人版 简体中文版"].publisher, by_name["驱动精灵"].publisher) == ("ZWSOFT", "驱动之家")
    assert by_name["仓库出入库登记 V1.0.6"].location == "D:\\CKDJ\\"
    assert by_name["酷狗音乐"].per_user is True


def test_a_windows_of_32_bits_has_no_second_view(tmp_path: Path) -> None:
    root = Key()
    root.at(UNINSTALL + "\\7-Zip").values["DisplayName"] = "7-Zip 9.20"
    config = tmp_path / "WINDOWS" / "system32" / "config"
    config.mkdir(parents=True)
    (config / "software").write_bytes(write_hive(root))
    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [item.name for item in software(found)] == ["7-Zip 9.20"]
    assert [item for item in found if not isinstance(item, Software)] == [
        Scope("uninstall_keys:HKLM64"),
        ScopeAbsent("uninstall_keys:HKLM32"),
    ]


def test_a_damaged_hive_fails_every_scope_and_is_never_empty(tmp_path: Path) -> None:
    config = tmp_path / "Windows" / "System32" / "config"
    config.mkdir(parents=True)
    (config / "SOFTWARE").write_bytes(b"regf" + b"\0" * 5000)
    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [type(item) for item in found] == [ScopeFailed, ScopeFailed, ScopeFailed]
    (config / "SOFTWARE").unlink()
    found = list(collect(OfflineMachine(str(tmp_path))))
    assert [type(item) for item in found] == [ScopeFailed, ScopeFailed, ScopeFailed]


def test_a_damaged_sub_key_makes_a_problem_and_its_neighbours_are_read() -> None:
    root = Key()
    for name in ("Alpha", "Beta", "Gamma"):
        root.at(f"{UNINSTALL}\\{name}").values["DisplayName"] = name
    data = bytearray(write_hive(root))
    at = data.index(b"Beta") - 76
    data[at : at + 2] = b"xx"
    found = list(parse_file(bytes(data), "SOFTWARE"))

    assert [item.name for item in software(found)] == ["Alpha", "Gamma"]
    problems = [item for item in found if isinstance(item, Problem)]
    assert [item.where for item in problems] == [UNINSTALL]
    assert problems[0].what.startswith("sub-key at 0x")


def test_a_hive_in_use_says_so_once_for_each_scope() -> None:
    root = Key()
    root.at(UNINSTALL + "\\A").values["DisplayName"] = "A"
    found = list(parse_file(write_hive(root, is_dirty=True), "SOFTWARE"))

    assert found[0] == Scope("uninstall_keys:HKLM64")
    assert [item.name for item in software(found)] == ["A"]
    assert [item.what for item in found if isinstance(item, Problem)] == [
        "the hive was in use and its transaction logs were not read: newest changes are missing"
    ]


def test_reads_one_file_of_every_form() -> None:
    root = Key()
    root.at("Software\\" + UNINSTALL + "\\Zoom").values["DisplayName"] = "Zoom"
    user = list(parse_file(write_hive(root), "D:\\backup\\NTUSER.DAT"))
    assert user[0] == Scope("uninstall_keys:user:NTUSER.DAT")
    assert [(item.name, item.per_user) for item in software(user)] == [("Zoom", True)]

    export = list(parse_file(write_export("HKEY_USERS\\S-1-12-1-7-8-9-10", root), "all.reg"))
    assert export[0] == Scope("uninstall_keys:user:S-1-12-1-7-8-9-10")
    assert [(item.name, item.per_user) for item in software(export)] == [("Zoom", True)]

    wide = Key(values={"DisplayName": Typed(2, "%X% 网\0".encode("utf-16-le"))})
    path = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\" + UNINSTALL + "\\{A}"
    one = list(parse_file(write_export(path, wide), "one.reg"))
    assert one[0] == Scope("uninstall_keys:HKLM32")
    assert [(item.name, item.identifier, item.architecture) for item in software(one)] == [("%X% 网", "{A}", "x86")]


@pytest.mark.parametrize("data", [b"", b"DisplayName\tVersion\r\n", b"\xfd7zXZ\0", b"regf"])
def test_what_is_neither_hive_nor_export_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="list"):
        list(parse_file(data, "list.txt"))


def test_a_file_without_the_key_is_absent() -> None:
    with pytest.raises(Absent):
        list(parse_file(write_hive(Key()), "SYSTEM"))
    with pytest.raises(Absent):
        list(parse_file(write_export("HKEY_LOCAL_MACHINE\\SYSTEM", Key()), "x.reg"))


def test_the_collector_is_for_windows() -> None:
    assert UNINSTALL_KEYS.name == "uninstall_keys"
    assert UNINSTALL_KEYS.platforms == frozenset({"windows"})


@pytest.mark.skipif(GLPI is None, reason="no corpus beside this checkout")
def test_reads_a_windows_xp_as_a_mature_agent_does() -> None:
    assert GLPI is not None
    answer = json.loads((GLPI / "expected" / "windows-installed-software.xp.json").read_text("utf-8"))
    data = (GLPI / "raw" / "win32" / "registry" / "xp-Uninstall.reg").read_bytes()
    ours = {
        item.identifier: (item.name, item.version, item.publisher, item.installed_on, item.per_user)
        for item in software(list(parse_file(data, "xp-Uninstall.reg")))
    }
    theirs = {
        item["guid"]: (item["name"], item.get("version"), item.get("publisher"), item.get("install_date"), False)
        for item in answer["expected"]
    }

    assert len(theirs) == 453
    assert ours == theirs


@pytest.mark.skipif(HIVES is None, reason="no corpus beside this checkout")
@pytest.mark.parametrize(
    "name", ["regipy_NTUSER-WSL.DAT.xz", "regipy_NTUSER_BAGMRU.DAT.xz", "regipy_ntuser_software_partial.xz"]
)
def test_reads_real_user_hives_as_another_reader_does(name: str) -> None:
    assert HIVES is not None
    answer = json.loads((HIVES / "expected" / (name + ".json")).read_text("utf-8"))
    found = software(list(parse_file(lzma.decompress((HIVES / "raw" / name).read_bytes()), name)))
    ours = {(item.identifier, item.name, item.version, item.publisher, item.location) for item in found}
    theirs = {
        (
            item["registry_key"],
            item["name"],
            item.get("version"),
            item.get("publisher"),
            item.get("install_location"),
        )
        for item in answer["expected"]
    }

    assert ours == theirs


def test_updates_bear_what_they_are() -> None:
    key = HiveKey(
        "KB958644", {"DisplayName": "Security Update for Windows XP (KB958644)", "ReleaseType": "Security Update"}
    )
    found = parse_entry(key, "KB958644", "x", "uninstall_keys:HKLM64")
    assert isinstance(found, Software) and (found.update, found.release_type) == (True, "Security Update")
    bare = parse_entry(
        HiveKey("KB2079403", {"DisplayName": "更新", "X": "y"}), "KB2079403", "x", "uninstall_keys:HKLM64"
    )
    assert isinstance(bare, Software) and (bare.update, bare.release_type) == (True, None)
    plain = parse_entry(HiveKey("7-Zip", {"DisplayName": "7-Zip"}), "7-Zip", "x", "uninstall_keys:HKLM64")
    assert isinstance(plain, Software) and (plain.update, plain.upgrade_code) == (None, None)


def test_the_first_message_of_an_agent_of_another_tool() -> None:
    def item(name: str, kind: str, architecture: str) -> dict[str, object]:
        package = {
            "name": name,
            "type": kind,
            "architecture": architecture,
            "version": "1",
            "vendor": "示例",
            "installed": "2026-05-21T14:56:33.000Z",
        }
        return {"index": "wazuh-states-inventory-packages", "operation": "Upsert", "data": {"package": package}}

    items = [
        item("甲", "win", "x86_64"),
        item("乙", "win", "i686"),
        item("丙", "pypi", "x86_64"),
        {"index": 7},
        "noise",
    ]
    message = json.dumps({"items": items}).encode()
    found = [each for each in parse_file(message, "x.json") if isinstance(each, Software)]
    assert [(each.name, each.scope, each.architecture, each.installed_on) for each in found] == [
        ("甲", "uninstall_keys:HKLM64", None, "2026-05-21"),
        ("乙", "uninstall_keys:HKLM32", "x86", "2026-05-21"),
    ]
    with pytest.raises(Absent):
        list(parse_file(b'{"items": [], "x": "wazuh-states-inventory-packages"}', "x.json"))

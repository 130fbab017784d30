"""Licence files, the variables that lead to them, licences of databases, dongles: words kept, keys never."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations
from recorded_machine import scan_with

from agent.collectors.anywhere.database_licences import DATABASE_LICENCES
from agent.collectors.anywhere.dongles import DONGLES, maker_of
from agent.collectors.anywhere.licence_files import LICENCE_FILES, words_of
from agent.collectors.anywhere.licence_variables import LICENCE_VARIABLES, names_licences
from agent.collectors.anywhere.named_places import is_open_to_us
from agent.collectors.base import Absent, Collector
from agent.collectors.roster import readers
from agent.formats.database_licence import parse_dm_log, parse_kingbase_licence
from agent.formats.flexnet_licence import parse_licence_file
from agent.inventory.document import Inventory
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine
from agent.reading import best_reading

SECRET = "0123456789ABCDEF0123"
LICENCE = f"""\
SERVER lic01 001122334455 27005
VENDOR cadd C:\\cad\\cadd.exe PORT=27006
USE_SERVER
# a comment
FEATURE DRAFT cadd 2024.0 31-dec-2024 10 {SECRET} HOSTID=ANY \\
    VENDOR_STRING="{SECRET}" ISSUED=2-jan-2024 START=1-jan-2024 SN=ABC-998877 \\
    NOTICE="Licensed to 示例集团有限公司 [renewal]" SIGN="{SECRET} {SECRET}
      {SECRET}" SIGN2="{SECRET}"
INCREMENT SIM simd 5.1 permanent uncounted HOSTID=0011 AUTH={{ simd=( LK={SECRET} \\
    SIGN="{SECRET}" ) HOSTID=9999 }}
INCREMENT NAMED cadd 1.0 1-jan-0 3 {SECRET} USER_BASED
UPGRADE DRAFT cadd 2023.0 2024.0 31-dec-2025 5 {SECRET}
PACKAGE SUITE cadd 2024.0 {SECRET} COMPONENTS="DRAFT:2024 SIM" OPTIONS=SUITE
INCREMENT CUT cadd 1.0
"""
RLM_LICENCE = f"""\
HOST lic09 001122334455 5053
ISV acme /opt/acme/acme port=5054
LICENSE acme mesh 2.0 31-dec-2024 10 start=1-jan-2024 customer="示例集团" contract=C-10020 sig="{SECRET}"
LICENSE acme view 1.0 permanent single hostid=001122 sig={SECRET}
"""
KINGBASE = """\
-------------------BEGIN LICENSE-------------------
bdc044e2ad46b47b63266d20b1a52c69
-------------------END LICENSE---------------------
License序列号 --- 启用 --- 11111111-2222-3333-4444-55555ABCDEF0
生产日期 --- 启用 --- 2024-03-01
产品名称 --- 启用 --- KingbaseES V9
细分版本模板名 --- 启用 --- SALES-企业版 V9R1
产品版本号 --- 启用 --- V009R001C
浮动基准日期 ------ 禁用
有效期间 --- 启用 --- 366
用户名称 --- 启用 --- 示例集团有限公司
项目名称 --- 启用 --- 财务系统
CPU检查 --- 启用 --- 4
容器名称 --- 禁用 --- 0
MAC地址 --- 启用 --- 00:00:00:00:00:00
最大连接数 --- 启用 --- 200
"""
DM_LOG = """\
2024-05-01 08:00:00.001 [INFO] database P001 T001 version: 03134284094-20240703-234765-20119
2024-05-01 08:00:00.010 [INFO] database P001 T001 file dm.key not found, use default license!
2024-05-01 08:00:00.020 [INFO] database P001 T001 License will expire on 2025-07-03
"""


def features(inventory: Inventory) -> dict[str, dict[str, object]]:
    return {f"{each.feature} {each.version}": dict(vars(each)) for each in inventory.licence_features}


def test_a_flexnet_licence_file() -> None:
    inventory = best_reading(readers("licence_files"), LICENCE.encode(), "cad.lic")
    found = {each.feature + str(each.total): each for each in inventory.licence_features}

    draft = found["DRAFT10"]
    assert (draft.version, draft.expires_on, draft.issued_on, draft.starts_on) == (
        "2024.0", "2024-12-31", "2024-01-02", "2024-01-01")  # fmt: skip
    assert (draft.host_id, draft.kind, draft.serial_tail) == ("ANY", "node_locked", "98877")
    assert draft.licensee == "示例集团有限公司"
    assert (draft.server, draft.port) == ("lic01", 27005)
    sim = found["SIMNone"]
    assert (sim.kind, sim.permanent, sim.host_id) == ("uncounted", True, "0011")
    assert (found["NAMED3"].kind, found["NAMED3"].permanent) == ("named_user", True)
    assert (found["DRAFT5"].version, found["DRAFT5"].expires_on) == ("2024.0", "2025-12-31")
    assert (found["SUITENone"].kind, found["SUITENone"].components) == ("package", ("DRAFT", "SIM"))
    assert [(each.name, each.value) for each in inventory.traces] == [
        ("SERVER", "lic01 001122334455 27005"), ("VENDOR", "cadd C:\\cad\\cadd.exe 27006")]  # fmt: skip
    assert [fault.what for fault in inventory.coverage[0].faults] == ["a statement INCREMENT that breaks off"]
    assert SECRET not in repr(inventory)


def test_an_rlm_licence_file() -> None:
    inventory = best_reading(readers("licence_files"), RLM_LICENCE.encode(), "acme.lic")
    mesh, view = inventory.licence_features
    assert (mesh.technology, mesh.vendor, mesh.total, mesh.licensee, mesh.serial_tail) == (
        "rlm", "acme", 10, "示例集团", "10020")  # fmt: skip
    assert (view.kind, view.permanent, view.host_id) == ("node_locked", True, "001122")
    assert SECRET not in repr(inventory)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('INCREMENT A v 1.0 1-jan-2025 1 KEY SIGN="00\n', "a statement that breaks off inside quotation marks"),
        ("INCREMENT A v 1.0 1-jan-2025 1 KEY START=2-feb-2025\n", "A starts on 2025-02-02, after its end 2025-01-01"),
        ("SERVER a b\nVENDOR\n", "a statement VENDOR that breaks off"),
        ("INCREMENT A v 1.0 1-jan-2025 many KEY\n", "a statement INCREMENT that breaks off"),
    ],
)
def test_damaged_statements_are_told(text: str, problem: str) -> None:
    assert [what for _, what in parse_licence_file(text).told.problems] == [problem]


def test_a_statement_ends_where_the_next_begins() -> None:
    told = parse_licence_file('INCREMENT A v 1 1-jan-2025 1 K NOTICE="open\nINCREMENT B v 1 1-jan-2025 2 K\n').told
    assert [feature.feature for feature in told.features] == ["A", "B"]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("LM_LICENSE_FILE", True),
        ("ADSKFLEX_LICENSE_FILE", True),
        ("CDS_LIC_FILE", True),
        ("SPLM_LICENSE_SERVER", True),
        ("LSTC_LICENSE", True),
        ("IDEA_VM_OPTIONS", True),
        ("PATH", False),
        ("MYAPP_LICENSE_KEY", False),
        ("LICENSE_CODE_FILE", False),
    ],
)
def test_which_variables_are_shown(name: str, is_one: bool) -> None:
    assert names_licences(name) is is_one


def test_the_places_that_a_variable_names() -> None:
    assert words_of("27000@lic01:/opt/cad/a.lic:@lic02:/home/li/Documents/b.lic", "linux") == ["/opt/cad/a.lic"]
    assert words_of(r"C:\cad\a.lic;27000@lic01;\\share\b.lic", "windows") == [r"C:\cad\a.lic"]


@pytest.mark.parametrize(
    "path",
    [
        "//server/x",
        "\\\\server\\x",
        "/mnt/usb/a.lic",
        "/media/u/a",
        "C:\\Users\\a\\Desktop\\x.lic",
        "C:\\Users\\a\\下载\\x",
        "a.lic",
    ],
)
def test_places_that_are_not_looked_at(path: str) -> None:
    assert not is_open_to_us(path)


def made(folder: Path, files: dict[str, str]) -> OfflineMachine:
    (folder / "etc").mkdir(exist_ok=True)
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def test_files_that_variables_name_and_files_in_named_places(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/etc/profile.d/cad.sh": "export CADD_LICENSE_FILE=/data/lic/cad.lic:27000@other\nexport PASSWORD=x\n",
            "/etc/environment": 'LM_LICENSE_FILE="/data/folder"\n',
            "/data/lic/cad.lic": LICENCE,
            "/data/folder/one.lic": "INCREMENT ONE v 1.0 1-jan-2025 1 KEY\n",
            "/data/folder/notes.txt": "INCREMENT TWO v 1.0 1-jan-2025 1 KEY\n",
            "/usr/local/flexlm/licenses/license.dat": "INCREMENT THREE v 1.0 1-jan-2025 1 KEY\n",
            "/home/li/Documents/x.lic": "INCREMENT FOUR v 1.0 1-jan-2025 1 KEY\n",
            "/usr/local/flexlm/licenses/readme.txt": "hello\n",
            "/home/li/.flexlmrc": "ACME_LICENSE_FILE=5053@lic09\n",
        },
    )
    inventory = scan_with(machine, LICENCE_VARIABLES, LICENCE_FILES)
    names = {each.feature for each in inventory.licence_features}
    assert {"DRAFT", "ONE", "THREE"} <= names and not {"TWO", "FOUR"} & names
    files = [(each.name, each.size_bytes) for each in inventory.traces if each.kind == "file"]
    assert ("cad.lic", len(LICENCE.encode())) in files and "readme.txt" not in dict(files)
    variables = {each.name: each.value for each in inventory.traces if each.kind == "variable"}
    assert variables["ACME_LICENSE_FILE"] == "5053@lic09" and "PASSWORD" not in variables
    assert "/home/li" not in repr(inventory)


def test_no_licence_file_is_absent(tmp_path: Path) -> None:
    assert [run.outcome.value for run in scan_with(made(tmp_path, {}), LICENCE_FILES).coverage] == ["absent"]


def test_the_licence_of_kingbase() -> None:
    told = parse_kingbase_licence(KINGBASE)
    assert told is not None
    assert (told.edition, told.version, told.licensee, told.total) == ("企业版", "V009R001C", "示例集团有限公司", 200)
    assert (told.issued_on, told.expires_on, told.serial_tail) == ("2024-03-01", "2025-03-02", "CDEF0")
    assert told.components == ("CPU检查=4", "最大连接数=200") and told.kind is None and told.host_id is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("有效期间 --- 启用 --- 366", "有效期间 --- 启用 --- 0"), (None, True, None)),
        (("浮动基准日期 ------ 禁用", "浮动基准日期 ------ 启用"), (None, None, "366 天，自首次启动起")),
    ],
)
def test_terms_of_kingbase(change: tuple[str, str], expected: tuple[object, ...]) -> None:
    told = parse_kingbase_licence(KINGBASE.replace(*change))
    assert told is not None and (told.expires_on, told.permanent, told.expires_raw) == expected


def test_a_trial_of_kingbase_is_a_trial() -> None:
    told = parse_kingbase_licence(KINGBASE.replace("示例集团有限公司", "官方网站试用授权"))
    assert told is not None and told.kind == "trial"


def test_what_a_log_of_dm_says() -> None:
    told = parse_dm_log(DM_LOG)
    assert told is not None and (told.expires_on, told.is_default, told.expired) == ("2025-07-03", True, False)
    with_key = parse_dm_log(DM_LOG + "x" * 3000 + "\nLicense will expire on 2030-01-01\n")
    assert with_key is not None and (with_key.expires_on, with_key.is_default) == ("2030-01-01", False)
    assert parse_dm_log("nothing") is None


def test_databases_of_a_machine(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/opt/Kingbase/ES/V9/Server/bin/license.dat": KINGBASE,
            "/opt/dmdbms/bin/dmserver": "",
            "/opt/dmdbms/bin/dm.key": "sealed",
            "/opt/dmdbms/log/dm_DMSERVER_202405.log": DM_LOG,
        },
    )
    inventory = scan_with(machine, DATABASE_LICENCES)
    assert [(each.technology, each.kind) for each in inventory.licence_features] == [
        ("kingbase", None),
        ("dameng", "trial"),
    ]
    assert [each.name for each in inventory.traces] == ["license.dat", "dm.key"]
    assert "sealed" not in repr(inventory) and "11111111" not in repr(inventory)


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("hasplmd_x86_64", "SafeNet Sentinel HASP"),
        ("aksusbd", "SafeNet Sentinel HASP"),
        ("CodeMeterLin", "WIBU-SYSTEMS CodeMeter"),
        ("usbdongle.ko", ""),
        ("sshd", None),
    ],
)
def test_whose_driver_it_is(name: str, maker: str | None) -> None:
    assert maker_of(name) == maker


def test_dongles_of_a_linux_machine(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/sys/bus/usb/devices/1-2/idVendor": "064f\n",
            "/sys/bus/usb/devices/1-2/idProduct": "2af9\n",
            "/sys/bus/usb/devices/1-2/product": "CodeMeter-Stick\n",
            "/sys/bus/usb/devices/1-2/serial": "3-1234567\n",
            "/sys/bus/usb/devices/1-3/idVendor": "046d\n",
            "/usr/sbin/hasplmd_x86_64": "",
        },
    )
    inventory = scan_with(machine, DONGLES)
    assert [(each.name, each.publisher, each.state) for each in inventory.traces] == [
        ("VID_064F&PID_2AF9", "WIBU-SYSTEMS CodeMeter", "present"),
        ("hasplmd_x86_64", "SafeNet Sentinel HASP", "driver"),
    ]
    assert "1234567" not in repr(inventory)


REG = """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment]
"ADSKFLEX_LICENSE_FILE"="27000@localhost"
"Path"="C:\\\\Windows"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\FLEXlm License Manager]
"SW_D_LICENSE_FILE"="25734@lic01"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\FLEXlm License Manager\\Cad Server]
"License"="C:\\\\SolidSQUAD_License_Servers\\\\Licenses\\\\lmgrd_SSQ.lic"
"Lmgrd"="C:\\\\SolidSQUAD_License_Servers\\\\lmgrd.exe"
"""


def test_variables_of_a_windows_registry() -> None:
    variables = best_reading(readers("licence_variables"), REG.encode("utf-16"), "x.reg").traces
    assert {(each.kind, each.name): each.value for each in variables} == {
        ("variable", "ADSKFLEX_LICENSE_FILE"): "27000@localhost",
        ("variable", "SW_D_LICENSE_FILE"): "25734@lic01",
        ("setting", "License"): r"C:\SolidSQUAD_License_Servers\Licenses\lmgrd_SSQ.lic",
        ("setting", "Lmgrd"): r"C:\SolidSQUAD_License_Servers\lmgrd.exe",
    }


def test_what_lsusb_prints() -> None:
    text = "Bus 001 Device 004: ID 096e:0006 Feitian Technologies, Inc. HID Dongle\n"
    text += "Bus 001 Device 002: ID 046d:c52b Mouse\n"
    (found,) = best_reading(readers("dongles"), text.encode(), "lsusb.txt").traces
    assert (found.name, found.publisher, found.product) == (
        "VID_096E&PID_0006", "飞天 Feitian", "Feitian Technologies, Inc. HID Dongle")  # fmt: skip


SAMPLES: list[tuple[Collector, bytes]] = [
    (LICENCE_FILES, LICENCE.encode()),
    (LICENCE_FILES, RLM_LICENCE.encode()),
    (DATABASE_LICENCES, KINGBASE.encode("gb18030")),
    (DATABASE_LICENCES, DM_LOG.encode()),
    (LICENCE_VARIABLES, REG.encode("utf-16")),
]
CORPUS = corpus_folder("flexlm-license-files")
if CORPUS is not None:
    SAMPLES += [(LICENCE_FILES, path.read_bytes()) for path in sorted((CORPUS / "raw").iterdir())]


@pytest.mark.parametrize(("collector", "data"), SAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_every_mutation_ends_soon_and_gives_no_key_away(collector: Collector, data: bytes) -> None:
    assert collector.parse_file is not None
    started = time.monotonic()
    for damaged in mutations(data, 200):
        try:
            list(collector.parse_file(damaged, "x.lic"))
        except (Absent, Unreadable):
            continue
    assert time.monotonic() - started < 20

"""Forms of one fact that differ by tool, release and language: licence states, licence servers, databases, reports."""

from __future__ import annotations

import pytest
from printed_forms import LISTINGS, PROGRAMS, ROW

from agent.collectors.linux.processors import parse_cpuinfo
from agent.collectors.roster import readers
from agent.formats.antivirus_text import parse_antivirus_text
from agent.formats.cim_table import parse_cim_table
from agent.formats.database_text import DatabaseTold, parse_database_text
from agent.formats.query_answer import plain_answer
from agent.inventory.document import Inventory
from agent.reading import best_reading


def read(source: str, text: str, name: str = "x") -> Inventory:
    return best_reading(readers(source), text.encode(), name)


@pytest.mark.parametrize("how", sorted(LISTINGS))
def test_a_row_of_the_licensing_service_in_every_form(how: str) -> None:
    (found,) = read("activation", LISTINGS[how]).activations
    assert (found.product, found.channel, found.state, found.key_last5) == (ROW[0], "OEM_DM", "licensed", "ABCDE")


def test_columns_below_ideographs_are_cut_by_cells() -> None:
    rows = parse_cim_table(
        "displayName  productState\n火绒安全     266240\n360          1\n", frozenset({"displayName", "productState"})
    )
    assert rows == [
        {"displayName": "火绒安全", "productState": "266240"},
        {"displayName": "360", "productState": "1"},
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "a,b\n1,2\n", "LicenseStatus\n1\n", "Name and LicenseStatus: prose.\n"]
)
def test_other_texts_are_no_table(text: str) -> None:
    assert parse_cim_table(text, frozenset({"Name", "LicenseStatus"})) == []


def test_the_key_in_the_firmware_is_cut() -> None:
    text = "%-41sOA3xOriginalProductKeyDescription\n" % "OA3xOriginalProductKey"
    text += "%-41sPro OEM:DM\n" % "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"
    (found,) = read("activation", text).activations
    assert (found.kind, found.key_last5, found.product) == ("firmware", "EEEEE", "Pro OEM:DM")


@pytest.mark.parametrize(
    ("text", "state", "product"),
    [
        ("LICENSE NAME: Office 16, X edition\nLICENSE STATUS:  ---OOB_GRACE---\n", "grace", "Office 16, X edition"),
        (
            "名称: Windows(R), Professional edition\n许可证状态: 已授权\n",
            "licensed",
            "Windows(R), Professional edition",
        ),
        ("计算机已永久激活。\n", "licensed", None),
        ("Name : Windows\nLicenseStatus : Licensed\n", "licensed", "Windows"),
    ],
)
def test_what_somebody_copied_without_the_description(text: str, state: str, product: str | None) -> None:
    (found,) = read("activation", text).activations
    assert (found.state, found.product) == (state, product)


def test_a_name_without_a_state_is_no_licence() -> None:
    assert read("activation", "Name: my computer\nOther: words\n").activations == ()


def test_more_lines_of_licence_servers() -> None:
    head = "lmstat - Copyright (C) 1989\nFeature     Version   #licenses    Expires      Vendor\n"
    (found,) = read("flexlm", head + "f  1.0  1  permanent(no expiration date)  V\n").licence_features
    assert (found.permanent, found.vendor) == (True, "V")
    text = (
        "Using default server 31010@lic1\n    User  Host  Program  Started  # procs\n"
        "  ann  1234@n1   MPPDYNA   Wed Sep  7 10:10   80\n  bob  5@n2   MPPDYNA   Wed Sep  7 11:10   8\n"
    )
    (program,) = read("lsdyna", text).licence_features
    assert (program.feature, program.used, program.total, program.server) == ("MPPDYNA", 88, None, "lic1")
    assert [(use.host, use.count) for use in program.uses] == [("n1", 80), ("n2", 8)]


def database(text: str, name: str = "") -> DatabaseTold:
    (found,) = parse_database_text(text, name)
    return found


SQL = "Microsoft SQL Server {} - {} (X64) \n\tAug 19 2014 12:21:34 \n\tCopyright (c)\n\t{} on Windows NT 6.1\n"


@pytest.mark.parametrize(
    ("text", "kind", "version", "edition"),
    [
        (SQL.format("2008 R2 (SP3)", "10.50.6000.34", "Express Edition with Advanced Services (64-bit)"), "sql_server",
         "10.50.6000.34", "Express Edition with Advanced Services"),
        (SQL.format(" 2000", "8.00.2039", "Desktop Engine"), "sql_server", "8.00.2039", "Desktop Engine"),
        ("Microsoft SQL Azure (RTM) - 12.0.2000.8 \n", "sql_server", "12.0.2000.8", None),
        ("mysql  Ver 8.0.26-0ubuntu0.20.04.2 for Linux on x86_64 ((Ubuntu))\n", "mysql", "8.0.26", None),
        ("mysql  Ver 14.14 Distrib 5.7.38, for Linux (x86_64) using  EditLine wrapper\n", "mysql", "5.7.38", None),
        ("mysqld  Ver 5.7.38 for Linux on x86_64 (MySQL Enterprise Server - Advanced Edition (Commercial))\n", "mysql",
         "5.7.38", "MySQL Enterprise Server - Advanced Edition (Commercial)"),
        ("SQL*Plus: Release 19.0.0.0.0 - Production\nVersion 19.3.0.0.0\n", "oracle", "19.3.0.0.0", None),
        ("ksql (Kingbase) V008R006C008B0014\n", "kingbase", "V008R006C008B0014", None),
        ("03134283904-20220630-163817-20005\n", "dameng", "03134283904-20220630-163817-20005", None),
        ("(openGauss 3.0.0 build 02c14696) compiled at 2022-04-01\n", "opengauss", "3.0.0", None),
        ("OceanBase_CE 4.2.1.0 (r100)\n", "oceanbase", "4.2.1.0", "Community Edition"),
        ("5.7.25-TiDB-v7.1.0\n", "tidb", "v7.1.0", None),
        ("GBase 8a MPP Cluster 9.5.3.27.14\n", "gbase", "9.5.3.27.14", None),
        ("Vastbase G100 V2.2\n", "vastbase", "V2.2", None),
        ("MongoDB shell version v4.4.6\nBuild Info: {\n \"modules\": [ \"enterprise\" ]\n}\n", "mongodb", "4.4.6",
         "Enterprise"),
    ],
)  # fmt: skip
def test_version_lines_of_databases(text: str, kind: str, version: str, edition: str | None) -> None:
    found = database(text)
    assert (found.kind, found.version, found.edition) == (kind, version, edition)


@pytest.mark.parametrize(
    "text",
    [
        "13.3\n",
        "13.3 (Debian 13.3-1.pgdg100+1)\n",
        " server_version \n----------------\n 13.3\n(1 row)\n",
        "13.3\n\n(1 行受影响)\n",
        "+---+\n| v |\n+---+\n| 13.3 |\n+---+\n",
    ],
)
def test_one_number_in_the_frames_of_many_clients(text: str) -> None:
    assert database(text, "postgresql-x-show-server_version").version == "13.3"


def test_more_answers_of_queries() -> None:
    moment = "2021-07-23 19:10:05.123456+05:30\n"
    assert database(moment, "postgresql-pg_postmaster_start_time").started_at == "2021-07-23T19:10:05"
    assert database("postgres|14401\n", "postgresql-datname").databases == ("postgres",)
    table = "+----------+\n| Database |\n+----------+\n| a |\n| b |\n+----------+\n2 rows in set (0.00 sec)\n"
    assert database(table, "mysql-x-show-databases").databases == ("a", "b")
    shell = "[\n  { name: 'admin', sizeOnDisk: Long(\"40960\") },\n  { name: 'b', sizeOnDisk: 1 }\n]\n"
    assert database(shell, "mongodb-listdatabases").databases == ("admin", "b")
    assert database('NumberLong("1629999999999")\n', "mongodb-uptimemillis").started_at == "2021-08-26T17:46:39Z"
    home = '<HOME_LIST>\n<HOME NAME="a" LOC="/u/19c" TYPE="O" IDX="1"/>\n'
    home += '<HOME NAME="b" LOC="/u/x" TYPE="O" REMOVED="T"/>\n'
    assert database(home).location == "/u/19c"
    assert database("MSSQLSERVER\n", "sql-server-x-select-servicename").name == "MSSQLSERVER"
    assert plain_answer("plain words\nmore\n") == "plain words\nmore\n"


@pytest.mark.parametrize("how", sorted(PROGRAMS))
def test_reports_of_applications(how: str) -> None:
    (found,) = read("system_profiler", PROGRAMS[how]).software
    assert (found.name, found.version, found.publisher, found.location) == (
        "Safari", "15.1", "Apple", "/Applications/Safari.app",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpu\t\t: sw_64\ncpu model\t: SW3231\nprocessor\t: 0\nphysical id\t: 0\ncore id\t: 0\n", ("SW3231", 1, 1)),
        ("cpu\t\t: TI UltraSparc IIi\nncpus probed\t: 2\nncpus active\t: 2\n", ("TI UltraSparc IIi", None, 2)),
        ("cpu\t: Alpha\ncpu model\t: EV67\ncpus detected\t: 1\n", ("EV67", None, 1)),
        ("vendor_id : IBM/S390\nprocessor 0: version = FF,  machine = 1\nprocessor 1: version = FF,  machine = 1\n",
         ("IBM/S390", None, 2)),
    ],
)  # fmt: skip
def test_processors_of_more_architectures(text: str, expected: tuple[str, int | None, int]) -> None:
    (found,) = parse_cpuinfo(text)
    assert (found.name, found.cores, found.threads) == expected


def test_lsb_release() -> None:
    text = (
        'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=20.04\nDISTRIB_CODENAME=focal\nDISTRIB_DESCRIPTION="Ubuntu 20.04.3 LTS"\n'
    )
    system = read("host", text, "lsb-release").host.operating_system
    assert (system.name, system.version, system.release) == ("Ubuntu 20.04.3 LTS", "20.04", "focal")


@pytest.mark.parametrize(
    ("text", "name", "version", "on", "day"),
    [
        ('app_version : "101.23"\nreal_time_protection_enabled : true\ndefinitions_updated : Aug 09, 2023 at 06:33\n'
         'definitions_status : "up_to_date"\n', "Microsoft Defender", "101.23", True, "2023-08-09"),
        ("Name: Kaspersky Endpoint Security 11.1.0 for Linux\nVersion: 11.1.0.3013\n"
         "File Threat Protection: Available and running\nLast release date of databases: 2023-01-10 16:51:00\n",
         "Kaspersky Endpoint Security 11.1.0 for Linux", "11.1.0.3013", True, "2023-01-10"),
        ("Core engine version: 7.00.59\nVirus database timestamp: 2023-Jun-23 08:54:00\n", "Dr.Web", "7.00.59", None,
         "2023-06-23"),
        ("version = 6.47.14408.0\nrfm-state=true.\n", "CrowdStrike Falcon Sensor", "6.47.14408.0", False, None),
        ("ClamAV 0.103.8/26868/Tue Apr 11 15:20:00 2023\n", "ClamAV", "0.103.8", None, "2023-04-11"),
    ],
)  # fmt: skip
def test_antivirus_programs_of_linux(text: str, name: str, version: str, on: bool | None, day: str | None) -> None:
    found = parse_antivirus_text(text)
    assert found is not None
    assert (found.name, found.version, found.on, found.day) == (name, version, on, day)
    (trace,) = read("antivirus", text).traces
    assert trace.name == name

"""Database instances: version lines, logs and answers of every server; machines that are not signed in to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations
from recorded_machine import scan_with

from agent.collectors.anywhere.databases import DATABASES
from agent.collectors.base import Absent
from agent.collectors.roster import readers
from agent.formats.database_text import parse_database_text
from agent.inventory.databases import DatabaseInstance
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine
from agent.reading import best_reading

ERRORLOG = """\
2024-05-01 08:00:00.00 Server Microsoft SQL Server 2022 (RTM-CU12) (KB5033663) - 16.0.4115.5 (X64)
	Mar  4 2024 08:56:10
	Copyright (C) 2022 Microsoft Corporation
	Standard Edition (64-bit) on Linux (Ubuntu 22.04.3 LTS) <X64>
2024-05-01 08:00:00.01 Server SQL Server detected 2 sockets with 12 cores per socket and 24 logical processors per \
socket, 48 total logical processors; using 48 logical processors based on SQL Server licensing. This is informational
"""
DB2LICM = """\
Product name:                     "DB2 Enterprise Server Edition"
License type:                     "CPU Option"
Expiry date:                      "Permanent"
Product identifier:               "db2ese"
Version information:              "11.5"
Max number of CPUs:               "8"
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ERRORLOG, ("sql_server", "16.0.4115.5", "Standard Edition", 24)),
        ("mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Enterprise Server - Commercial)",
         ("mysql", "8.0.36", "MySQL Enterprise Server - Commercial", None)),
        ("mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)",
         ("mariadb", "10.11.6", None, None)),
        ("version\t5.7.44-log\n", ("mysql", "5.7.44", None, None)),
        ("postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)", ("postgresql", "15.6", None, None)),
        ("PostgreSQL 16.2 on x86_64-pc-linux-gnu, compiled by gcc", ("postgresql", "16.2", None, None)),
        ('db version v7.0.5\nBuild Info: {\n "modules": [\n "enterprise"\n ]\n}',
         ("mongodb", "7.0.5", "Enterprise", None)),
        ('db version v6.0.14\nBuild Info: {\n "modules": [],\n}', ("mongodb", "6.0.14", "Community", None)),
        ("Oracle Database 19c Enterprise Edition Release 19.0.0.0.0 - Production\nVersion 19.22.0.0.0\n",
         ("oracle", "19.22.0.0.0", "Enterprise Edition", None)),
        ("Oracle Database 11g Express Edition Release 11.2.0.2.0 - 64bit Production",
         ("oracle", "11.2.0.2.0", "Express Edition", None)),
        (DB2LICM, ("db2", "11.5", "DB2 Enterprise Server Edition", 8)),
        ("KingbaseES V008R006C005B0023 on x86_64-pc-linux-gnu", ("kingbase", "V008R006C005B0023", None, None)),
        ("DM Database Server 64 V8\nversion: 03134284094-20240703-234765-20119",
         ("dameng", "03134284094-20240703-234765-20119", None, None)),
    ],
)  # fmt: skip
def test_version_lines(text: str, expected: tuple[object, ...]) -> None:
    (told,) = parse_database_text(text, "answer")
    assert (told.kind, told.version, told.edition, told.cores_used) == expected


def test_a_bare_number_speaks_of_the_server_that_the_name_says() -> None:
    assert [each.kind for each in parse_database_text("12.7\n", "postgresql-show-server_version")] == ["postgresql"]
    assert parse_database_text("12.7\n", "answer") == ()


def test_licence_of_db2_is_told() -> None:
    (told,) = parse_database_text(DB2LICM, "db2licm")
    assert told.licence_model == "CPU Option; Permanent"


def test_an_answer_without_a_word_is_empty_and_another_text_is_refused() -> None:
    inventory = best_reading(readers("databases"), b"1\n", "mongodb-ping")
    assert (inventory.databases, [run.outcome.value for run in inventory.coverage]) == ((), ["complete"])
    assert DATABASES.parse_file is not None
    with pytest.raises(Unreadable):
        list(DATABASES.parse_file(b"hello", "notes.txt"))


def made(folder: Path, files: dict[str, str]) -> OfflineMachine:
    (folder / "etc").mkdir(exist_ok=True)
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def test_servers_of_a_linux_machine(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/etc/oratab": "# a comment\nORCL:/u01/app/oracle/product/19/db:Y\n+ASM:/u01/grid:N\n",
            "/u01/app/oracle/product/19/db/inventory/ContentsXML/comps.xml":
                '<COMP NAME="oracle.server" VER="19.0.0.0.0" BUILD_NUMBER="0">',
            "/u01/app/oracle/product/19/db/inventory/globalvariables/oracle.server/globalvariables.xml":
                '<VAR NAME="oracle_install_InstallType" TYPE="String" VAL="EE"/>',
            "/var/opt/mssql/log/errorlog": ERRORLOG,
            "/var/lib/postgresql/15/main/PG_VERSION": "15\n",
            "/etc/postgresql/15/main/postgresql.conf": "port = 5433\t# (change requires restart)\n",
            "/opt/dmdbms/data/DAMENG/dm.ini": "INSTANCE_NAME = DMSERVER\nPORT_NUM = 5236 #port\n",
            "/commands/mysqld_--version.txt": "mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)\n",
            "/commands/processes.txt":
                "/usr/sbin/mysqld\n/opt/mssql/bin/sqlservr\n/usr/lib/postgresql/15/bin/postgres\n",
        },
    )  # fmt: skip
    inventory = scan_with(machine, DATABASES)
    found = {each.kind: each for each in inventory.databases}
    assert {kind: (each.name, each.version, each.edition, each.state, each.port) for kind, each in found.items()} == {
        "sql_server": ("default", "16.0.4115.5", "Standard Edition", "running", None),
        "oracle": ("ORCL", "19.0.0.0.0", "Enterprise Edition", "stopped", None),
        "postgresql": ("main", "15", None, "running", 5433),
        "mysql": ("default", "8.0.36", "MySQL Community Server - GPL", "running", None),
        "dameng": ("DMSERVER", None, None, "stopped", 5236),
    }
    outcomes = {run.scope: run.outcome.value for run in inventory.coverage}
    assert outcomes["databases:kingbase"] == outcomes["databases:mongodb"] == outcomes["databases:db2"] == "absent"


def samples() -> list[tuple[str, bytes]]:
    found = [("errorlog", ERRORLOG.encode()), ("db2licm", DB2LICM.encode()), ("oratab", b"ORCL:/u01/x:Y\n")]
    corpus = corpus_folder("glpi-agent")
    folder = None if corpus is None else corpus / "raw" / "generic" / "databases"
    return found + [(path.name, path.read_bytes()) for path in ([] if folder is None else sorted(folder.iterdir()))]


def test_every_mutation_ends_soon() -> None:
    assert DATABASES.parse_file is not None
    started = time.monotonic()
    for name, data in samples():
        for damaged in mutations(data, 20):
            try:
                assert all(
                    not isinstance(each, DatabaseInstance) or each.name for each in DATABASES.parse_file(damaged, name)
                )
            except (Absent, Unreadable):
                continue
    assert time.monotonic() - started < 40
    list(DATABASES.parse_file(b"a" * 2_000_000, "db2ls"))
    list(DATABASES.parse_file(b" = " * 500_000, "db2"))
    assert time.monotonic() - started < 60

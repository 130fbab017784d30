"""Damage done to printed lists, tables and answers: a reader tells what it could, in bounded time, and never raises."""

from __future__ import annotations

import time

import pytest
from mutation import mutations
from printed_forms import AIX, DPKG_LIST, LISTINGS, PROGRAMS, RPM_INFO, RPM_INFO_OLD

from agent.collectors.roster import readable_sources, readers
from agent.formats.database_text import parse_database_text
from agent.formats.query_answer import json_of_mongo, plain_answer
from agent.inventory.coverage import Outcome
from agent.reading import best_reading

TEXTS = {
    "dpkg": (DPKG_LIST, "adduser/stable,now 3.118 all [installed]\n" * 9),
    "rpm": (RPM_INFO, RPM_INFO_OLD, "bash-5.1.8-6.el9.x86_64      Wed 22 Mar 2023 10:00:00 AM CST\n" * 9),
    "pacman": ("Nom : bash\nVersion : 5.1-1\n\n" * 5, "bash 5.1-1\n" * 9),
    "aix_filesets": (AIX,),
    "solaris_packages": ("NAME (PUBLISHER)    VERSION      IFO\nweb/curl (x.org)       7.1-2     i--\n" * 5,),
    "hpux_software": ("bundle\ntag A\nrevision B.11.31\nproduct\ntag PHKL_1\nrevision 1.0\n" * 3,),
    "bsd_packages": (
        "Name           : bash\nVersion        : 5.2\nInstalled on   : Mon Oct  2 10:00:00 2023 CST\n" * 3,
    ),
    "activation": (*LISTINGS.values(), "LICENSE NAME: Office 16, X edition\nLICENSE STATUS:  ---OOB_GRACE---\n" * 3),
    "system_profiler": tuple(PROGRAMS.values()),
    "antivirus": (
        'app_version : "101.23"\nreal_time_protection_enabled : true\n',
        "ClamAV 0.1/2/Tue Apr 11 15:20:00 2023\n",
    ),
    "lsdyna": ("Using default server 31010@lic1\n  ann  1234@n1   MPPDYNA   Wed Sep  7 10:10   80\n" * 3,),
    "host": ("cpu\t: x\nncpus active\t: 2\n", "processor 0: version = FF\nprocessor 1: version = FF\n"),
}
ANSWERS = (
    "+----------+\n| Database |\n+----------+\n| a |\n+----------+\n2 rows in set (0.00 sec)\n",
    " server_version \n----------------\n 13.3\n(1 row)\n",
    "[\n  { name: 'admin', sizeOnDisk: Long(\"40960\") }\n]\n",
    "(openGauss 3.0.0 build 02c14696) compiled\n",
    '<HOME_LIST>\n<HOME NAME="a" LOC="/u/19c" TYPE="O" IDX="1"/>\n',
)
NAMES = ("mysql-show-databases", "postgresql-version", "mongodb-listdatabases", "oracle-name", "sql-server-spaceused")


@pytest.mark.parametrize("source", sorted(TEXTS))
def test_printed_forms_of_a_source(source: str) -> None:
    for text in TEXTS[source]:
        for number, damaged in enumerate(mutations(text.encode(), 60)):
            began = time.process_time()
            inventory = best_reading(readers(source), damaged, "list.txt")
            assert time.process_time() - began < 1.0, (source, number)
            faults = [fault.what for run in inventory.coverage for fault in run.faults]
            assert not [what for what in faults if "Error" in what.split(":")[0]], (source, number, faults)
            assert {run.outcome for run in inventory.coverage} <= set(Outcome)


@pytest.mark.parametrize("name", NAMES)
def test_answers_of_databases(name: str) -> None:
    for text in ANSWERS:
        for damaged in mutations(text.encode(), 100):
            written = damaged.decode("utf-8", "replace")
            parse_database_text(written, name)
            plain_answer(written)
            json_of_mongo(written)


PIECES = (" ", "\n", "-", "=", "|", "a", "A ", "0", ":", " :\n", "a-1-", "+-", "\t", "{", "名", "1.", "a=", '"')


def seconds(source: str, text: str) -> float:
    """Return how long a source takes over a text: a pattern that runs holds up the whole scan, whose time is over."""
    began = time.process_time()
    best_reading(readers(source), text.encode(), "list.txt")
    return time.process_time() - began


@pytest.mark.parametrize("piece", PIECES)
def test_one_piece_again_and_again_takes_no_time(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    assert [source for source in sorted(TEXTS) if seconds(source, text) > 2.0] == []
    began = time.process_time()
    parse_database_text(text, "postgresql-version")
    assert time.process_time() - began < 2.0


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_one_piece_again_and_again_holds_no_source_up(piece: str) -> None:
    text = (piece * 60_000)[:60_000]
    assert [source for source in readable_sources() if seconds(source, text) > 4.0] == []

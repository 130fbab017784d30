"""Licence servers: what lmstat, rlmutil, lmxendutil, lstc_qrun, olixtool and DSLicSrv print; asking a live server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations
from recorded_machine import scan_with

from agent.collectors.anywhere.dsls import DSLS
from agent.collectors.anywhere.flexlm import FLEXLM
from agent.collectors.anywhere.lmx import LMX
from agent.collectors.anywhere.lsdyna import LSDYNA
from agent.collectors.anywhere.olicense import OLICENSE
from agent.collectors.anywhere.rlm import RLM
from agent.collectors.base import Absent, Collector
from agent.collectors.roster import readers
from agent.formats.flexnet_status import parse_lmstat
from agent.formats.licence_told import term_of
from agent.inventory.licence_servers import LicenceFeature
from agent.machine.base import Machine, Unreadable
from agent.machine.offline import OfflineMachine, command_slug
from agent.machine.posix import PosixMachine
from agent.reading import best_reading

STATUS = """\
lmutil - Copyright (c) 1989-2023 Flexera. All Rights Reserved.
Flexible License Manager status on Tue 5/7/2024 10:11

License server status: 27000@lic01,27000@lic02,27000@lic03
    License file(s) on lic01: C:\\licences\\cad.lic:

     lic01: license server UP v11.19
     lic02: license server UP (MASTER) v11.19
     lic03: Cannot connect to license server system. (-15,578)

Vendor daemon status (on lic02):

     cadd: UP v11.19
     simd: The desired vendor daemon is down. Check the lmgrd log file, or try lmreread. (-97,121)
Feature usage info:

Users of DRAFT:  (Total of 3 licenses issued;  Total of 3 licenses in use)

  "DRAFT" v2024.1, vendor: cadd, expiry: 31-dec-2024
  vendor_string: secret
  floating license

    Zhang San WS-17 WS-17 (v2024.1) (lic02/27000 101), start Tue 5/7 8:05
    li.si ws-18 /dev/pts/1 (v2024.1) (lic02/27000 102), start Mon 5/6 17:59, 2 licenses
    wang ws-19 ws-19:0.0 (v2024.1) (lic02/27000 103) queued for 1 license
      2 RESERVATIONs for HOST_GROUP drawing (lic02/27000)

Users of VIEW:  (Uncounted, node-locked)

Users of SOLVE:  (Error: 5 licenses, unsupported by licensed server)
"""
RLM_TEXT = """\
rlmutil v15.1
    acme license pool status on lic09 (port 5054)

    mesh v2.0
        count: 10, # reservations: 2, inuse: 4, exp: permanent
        obsolete: 0, min_remove: 120, total checkouts: 7
    acme license usage status on lic09 (port 5054)

    mesh v2.0: li@ws-2 4/0 at 05/07 08:15  (handle: 1a)
"""
LMX_TEXT = """\
LM-X End-user Utility v5.1
LM-X License Server on 6200@lic07:
Feature: MeshWorks Version: 23.0 Vendor: EXAMPLE
Start date: 2024-01-01 Expire date: 2024-12-31
Key type: EXCLUSIVE License sharing: NONE
2 of 8 license(s) used:

2 license(s) used by li@ws-2 [10.0.0.2]
Login time: 2024-05-07 08:00   Checkout time: 2024-05-07 08:01
"""
LSDYNA_TEXT = """\
Using user specified server 31010@lic05
PROGRAM          EXPIRATION CPUS  USED   FREE    MAX | QUEUE
---------------- ----------      ----- ------ ------ | -----
LS-DYNA          06/30/2025         16     48     64 |     3
  li     4711@node1  16
"""
OLICENSE_TEXT = """\
olixtool 4.8.0 - OLicense XML Status Application
Server: <lic06:31212:0> (Proxy: <>)
Application:	tyre
VersionRange:	0-20241
Licenser:	Example GmbH
Licensee:	Erika Mustermann
License-ID:	tyre-1234@abc56789
Modules:
  tyre_basic;         	FreeFloating;	5;	2024-12-31 23:59:59;
    1 FloatsLockedBy:
      li@ws-2 #1
"""
DSLS_TEXT = """\
License Administration Tool Version 6.425.4 Built on May 2, 2023, 6:45:36 PM.
	Server name: lic08   Server id: ABC-1234
Editor,EditorId,Feature,Model,Commercial Type,Max Release Number,Expiration Date,Customer ID,Count,Inuse,\
Tokens,Host,User,Granted Since
Dassault Systemes,5E756A80,HD2,ConcurrentUser,STD,9,2025-03-31 00:59:00,2000012345,4,2,\
,"ws-2 (1.0)/10.0.0.2",li,2024-05-07 08:00:00
Dassault Systemes,5E756A80,HD2,ConcurrentUser,STD,9,2025-03-31 00:59:00,2000012345,4,2,\
,"ws-3 (1.0)/10.0.0.3",wang,2024-05-07 08:10:00
Dassault Systemes,5E756A80,broken,ConcurrentUser
"""
TEXTS = {
    "flexlm": STATUS,
    "rlm": RLM_TEXT,
    "lmx": LMX_TEXT,
    "lsdyna": LSDYNA_TEXT,
    "olicense": OLICENSE_TEXT,
    "dsls": DSLS_TEXT,
}
COLLECTORS = {each.name: each for each in (FLEXLM, RLM, LMX, LSDYNA, OLICENSE, DSLS)}


def read(source: str, text: str, name: str = "recorded.txt") -> dict[str, LicenceFeature]:
    inventory = best_reading(readers(source), text.encode(), name)
    return {feature.feature: feature for feature in inventory.licence_features}


def test_lmstat_in_full() -> None:
    inventory = best_reading(readers("flexlm"), STATUS.encode(), "status.txt")
    draft, view, solve = inventory.licence_features

    assert (draft.total, draft.used, draft.reserved, draft.queued) == (3, 3, 2, 1)
    assert (draft.server, draft.port, draft.vendor, draft.version) == ("lic02", 27000, "cadd", "2024.1")
    assert (draft.expires_on, draft.server_status, draft.kind) == ("2024-12-31", "up", "floating")
    assert [(use.host, use.count, use.queued) for use in draft.uses] == [
        ("WS-17", 1, False), ("ws-18", 2, False), ("ws-19", 1, True)]  # fmt: skip
    assert [(use.since, use.display) for use in draft.uses] == [
        ("05-07T08:05", "WS-17"), ("05-06T17:59", "/dev/pts/1"), (None, "ws-19:0.0")]  # fmt: skip
    assert all(use.user is not None and use.user.startswith("~") for use in draft.uses)
    assert (view.kind, view.total, view.used) == ("uncounted", None, None)
    assert (solve.total, solve.server_status) == (5, "unsupported by licensed server")
    assert [fault.what.split(": ", 1)[0] for fault in inventory.coverage[0].faults] == ["lic03", "simd"]
    assert "secret" not in repr(inventory)


def test_the_accounts_with_blanks_stay_one_person() -> None:
    told = parse_lmstat(STATUS).features[0].uses
    assert [use.user for use in told] == ["Zhang San", "li.si", "wang"]


def test_other_servers() -> None:
    mesh = read("rlm", RLM_TEXT)["mesh"]
    assert (mesh.total, mesh.used, mesh.reserved, mesh.permanent, mesh.vendor) == (10, 4, 2, True, "acme")
    assert [(use.host, use.count, use.since) for use in mesh.uses] == [("ws-2", 4, "05-07T08:15")]
    works = read("lmx", LMX_TEXT)["MeshWorks"]
    assert (works.total, works.used, works.starts_on, works.expires_on) == (8, 2, "2024-01-01", "2024-12-31")
    assert [(use.host, use.since) for use in works.uses] == [("ws-2", "2024-05-07T08:01")]
    dyna = read("lsdyna", LSDYNA_TEXT)["LS-DYNA"]
    assert (dyna.total, dyna.used, dyna.queued, dyna.expires_on, dyna.port) == (64, 16, 3, "2025-06-30", 31010)
    tyre = read("olicense", OLICENSE_TEXT)["tyre_basic"]
    assert (tyre.total, tyre.used, tyre.vendor, tyre.licensee) == (5, 1, "Example GmbH", None)
    hd2 = read("dsls", DSLS_TEXT)["HD2"]
    assert (hd2.total, hd2.used, hd2.expires_on, hd2.serial_tail) == (4, 2, "2025-03-31", "12345")
    assert [(use.host, use.count) for use in hd2.uses] == [("ws-2", 1), ("ws-3", 1)]


@pytest.mark.parametrize("source", sorted(TEXTS))
def test_no_account_leaves_the_machine(source: str) -> None:
    shown = repr(best_reading(readers(source), TEXTS[source].encode(), "x.txt"))
    for name in ("'li'", "wang", "Zhang San", "li.si", "Mustermann"):
        assert name not in shown


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("flexlm", "lmutil - Copyright (c) 1989\nError getting status: Cannot connect to license server (-15)\n"),
        ("rlm", 'rlmutil v12.2\nError connecting to "rlm" server\n'),
        ("lmx", "LM-X End-user Utility v3.32\nThere are no license server(s) available.\n"),
        ("lsdyna", "Using default server 31010@localhost\n*** ERROR failed to open server localhost\n"),
        ("olicense", "olixtool 4.8.0 - OLicense XML Status Application\nOlComm 454 Request cannot connect to target\n"),
    ],
)
def test_a_server_that_does_not_answer_failed_and_is_not_empty(source: str, text: str) -> None:
    inventory = best_reading(readers(source), text.encode(), "x.txt")
    assert [run.outcome.value for run in inventory.coverage] == ["failed"]
    assert inventory.coverage[0].faults[0].what


@pytest.mark.parametrize("source", sorted(TEXTS))
def test_another_text_is_refused(source: str) -> None:
    parse = COLLECTORS[source].parse_file
    assert parse is not None
    with pytest.raises(Unreadable):
        list(parse(b"nothing of the kind\n", "x.txt"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("31-dec-2018", ("2018-12-31", None)),
        ("1-JAN-2024", ("2024-01-01", None)),
        ("1-jan-0", (None, True)),
        ("01-jan-0000", (None, True)),
        ("permanent(no expiration date)", (None, True)),
        ("12/30/2022", ("2022-12-30", None)),
        ("31-feb-2022", (None, None)),
        ("5-jun-24", ("2024-06-05", None)),
        ("5-jun-98", ("1998-06-05", None)),
        ("", (None, None)),
    ],
)
def test_terms(written: str, expected: tuple[str | None, bool | None]) -> None:
    assert term_of(written)[:2] == expected


def recorded(folder: Path, *, processes: str, answers: dict[tuple[str, ...], str]) -> OfflineMachine:
    (folder / "etc").mkdir()
    (folder / "commands").mkdir()
    (folder / "commands/processes.txt").write_text(processes, encoding="utf-8")
    for command, text in answers.items():
        tool = folder / command[0].lstrip("/")
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.touch()
        (folder / "commands" / (command_slug(command) + ".txt")).write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def test_a_server_that_runs_here_is_asked_with_the_tool_beside_it(tmp_path: Path) -> None:
    command = ("/opt/cad/lm/lmutil", "lmstat", "-a", "-c", "@localhost")
    machine = recorded(tmp_path, processes="/opt/cad/lm/lmgrd\n", answers={command: STATUS})
    inventory = scan_with(machine, FLEXLM)
    assert [feature.feature for feature in inventory.licence_features] == ["DRAFT", "VIEW", "SOLVE"]
    assert inventory.licence_features[0].seen_at == "/opt/cad/lm/lmutil line 17"


def test_no_server_no_question(tmp_path: Path) -> None:
    command = ("/usr/local/flexlm/lmutil", "lmstat", "-a", "-c", "@localhost")
    machine = recorded(tmp_path, processes="/usr/bin/vi\n", answers={command: STATUS})
    assert [run.outcome.value for run in scan_with(machine, FLEXLM).coverage] == ["absent"]


def test_a_server_without_its_tool_is_told(tmp_path: Path) -> None:
    machine = recorded(tmp_path, processes="/opt/cad/lm/lmgrd\n", answers={})
    run = scan_with(machine, FLEXLM).coverage[0]
    assert (run.outcome.value, run.faults[0].what) == ("failed", "a server runs here, its status tool was not found")


def test_a_tool_that_others_can_change_is_not_run(tmp_path: Path) -> None:
    tool = tmp_path / "lmutil"
    tool.write_text("#!/bin/sh\necho ran\n")
    tool.chmod(0o755)
    tmp_path.chmod(0o777)
    assert not PosixMachine().may_be_run(str(tool))
    assert PosixMachine().may_be_run("/bin/sh")
    assert not Machine().may_be_run("/bin/sh")


def samples() -> list[tuple[str, bytes]]:
    """Return our own texts and, where it is there, every recording of the corpus."""
    found = [(source, text.encode()) for source, text in TEXTS.items()]
    for folder in ("flexlm-exporter", "license-manager"):
        corpus = corpus_folder(folder)
        for path in () if corpus is None else sorted((corpus / "raw").rglob("*.txt")):
            source = path.parent.name if path.parent.name in COLLECTORS else "flexlm"
            found.append((source, path.read_bytes()[:30_000]))
    return found


@pytest.mark.parametrize(("source", "data"), samples(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_mutation_ends_soon_in_records_or_in_our_own_error(source: str, data: bytes) -> None:
    collector: Collector = COLLECTORS[source]
    assert collector.parse_file is not None
    started = time.monotonic()
    for damaged in mutations(data, 60):
        try:
            list(collector.parse_file(damaged, "x.txt"))
        except (Absent, Unreadable):
            continue
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("source", sorted(TEXTS))
def test_long_lines_do_not_hang(source: str) -> None:
    collector = COLLECTORS[source]
    assert collector.parse_file is not None
    text = TEXTS[source] + "    " + "a (v" * 200_000 + "\n" + "Users of " + ": (" * 100_000 + "\n" + '"' * 100_000
    started = time.monotonic()
    list(collector.parse_file(text.encode(), "x.txt"))
    assert time.monotonic() - started < 5

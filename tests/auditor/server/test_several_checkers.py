"""Three checkers, each a process of its own with a port of its own, on one store: the same machines and the same new
names come to all of them at once. No deadlock, nothing lost, nothing doubled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleet import Member, enrolled_fleet, request_of
from inventories import debian, document, package
from light_store import KEY
from load import Outcome, put_load
from sqlalchemy import text

from agent.inventory.document import Scanner
from auditor.core.days import utc_text
from auditor.intake.receiving import receive
from auditor.store.database import Connection, Store, address_of, open_store
from auditor.store.machines import load_machines
from auditor.store.titles import load_all_titles, load_title_sets
from auditor.store.trail import first_broken_entry
from auditor.store.upkeep.checking import check

ROOT = Path(__file__).resolve().parents[3]
CHECKERS, MACHINES, SCANS, NAMES = 3, 24, 3, 60
SOON = 60
NOW = datetime.now(UTC).replace(microsecond=0)
pytestmark = pytest.mark.slow


def port_in(log: Path) -> int:
    """Wait until a checker says where it listens."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        if found := re.search(r"127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8")):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


@contextmanager
def checker(url: str, folder: Path, number: int) -> Iterator[int]:
    """Run one checker of one process; yield its port."""
    log = folder / f"log{number}"
    command = [sys.executable, "-m", "auditor", "--database", url, "serve", "--listen", "127.0.0.1:0"]
    environment = os.environ | {"ZHENGBAN_SEALING_KEY": KEY}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    try:
        yield port_in(log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert "Traceback" not in log.read_text(encoding="utf-8")
    finally:
        process.kill()
        process.wait()


def scan_of(number: int, scan: int) -> bytes:
    """All machines have the same sixty new names, and others with each scan."""
    software = [package(f"name{n}", f"1.{scan}" if n % 10 == number % 10 else "1") for n in range(NAMES)]
    return document(
        software, at=utc_text(NOW - timedelta(hours=SCANS - scan)), name=f"pc-{number}", serial=f"SN{number:08d}",
        mac_addresses=(f"3c:52:00:00:00:{number:02x}",), system=debian(f"{number + 1:032x}"),
        scanner=Scanner("zhengban-agent", "1"),
    )  # fmt: skip


def requests_of(fleet: list[Member], scans: range) -> list[bytes]:
    return [request_of(member, scan_of(member.number, scan), now=NOW) for scan in scans for member in fleet]


def at_once(ports: list[int], wanted: list[list[bytes]]) -> list[Outcome]:
    """Put each list on its checker, all at the same time."""
    outcomes: dict[int, Outcome] = {}

    def put(at: int) -> None:
        outcomes[at] = put_load(ports[at], wanted[at], connections=8)

    threads = [threading.Thread(target=put, args=(at,)) for at in range(len(ports))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[at] for at in range(len(ports))]


def what_stands(connection: Connection) -> list[tuple[object, ...]]:
    """Every machine by its name, with what it bears in words: ids differ with the order of arrival."""
    words = {id: (title.name, title.version) for id, title in load_all_titles(connection).items()}
    return sorted(
        (m.host_name, m.serial, tuple(sorted(words[each.title] for each in m.installations)), m.document)
        for m in load_machines(connection)
    )


def journal_of(connection: Connection) -> list[tuple[object, ...]]:
    asked = (
        "SELECT m.host_name, j.kind, t.name, t.version, j.happened_on, j.document FROM journal j"
        " JOIN machines m ON m.id = j.machine JOIN titles t ON t.id = j.title"
    )
    return sorted(tuple(row) for row in connection.execute(text(asked)))


def expected(store: Store) -> None:
    """The same documents one after another."""
    for scan in range(SCANS):
        for number in range(MACHINES):
            receive(store, scan_of(number, scan), origin="file", now=NOW)


def test_the_same_machines_and_names_come_to_three_checkers_at_once(
    url: str, new_url: Callable[[], str], tmp_path: Path
) -> None:
    store = open_store(url, sealing_key=KEY)
    fleet = enrolled_fleet(store, MACHINES, now=NOW)
    with ExitStack() as stack:
        ports = [stack.enter_context(checker(url, tmp_path, number)) for number in range(CHECKERS)]
        for scan in range(SCANS):  # each document comes to every checker, from another machine on
            wanted = requests_of(fleet, range(scan, scan + 1))
            turned = [wanted[at * 7 :] + wanted[: at * 7] for at in range(CHECKERS)]
            for outcome in at_once(ports, turned):
                assert outcome.statuses == {200: MACHINES}
    alone = open_store(new_url(), sealing_key=KEY)
    expected(alone)
    with store.read() as one, alone.read() as other:
        counts = {
            name: one.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("machines", "documents")
        }
        assert counts == {"machines": MACHINES, "documents": MACHINES * SCANS}
        assert what_stands(one) == what_stands(other)
        assert journal_of(one) == journal_of(other)
        assert len(load_all_titles(one)) == len(load_all_titles(other))
        assert len(load_title_sets(one)) == len(load_title_sets(other))
        assert first_broken_entry(one) is None
    assert list(check(address_of(url))) == []
    if url.startswith("postgresql"):
        from postgres import shared_server

        assert "deadlock detected" not in (shared_server().folder / "log").read_text("utf-8", "replace")
    store.close()
    alone.close()


def test_documents_of_one_machine_out_of_order_to_several_checkers(url: str, tmp_path: Path) -> None:
    """The third scan of a machine may come before its first: the newest stands, the others are history."""
    store = open_store(url, sealing_key=KEY)
    fleet = enrolled_fleet(store, MACHINES, now=NOW)
    with ExitStack() as stack:
        ports = [stack.enter_context(checker(url, tmp_path, number)) for number in range(CHECKERS)]
        for outcome in at_once(ports, [requests_of(fleet, range(scan, scan + 1)) for scan in reversed(range(SCANS))]):
            assert outcome.statuses == {200: MACHINES}
    alone = open_store(f"sqlite:///{tmp_path}/alone.db", sealing_key=KEY)
    expected(alone)
    with store.read() as one, alone.read() as other:
        assert what_stands(one) == what_stands(other)
        rows = one.execute(text("SELECT machine, count(*) FROM documents GROUP BY machine")).all()
    assert [row[1] for row in rows] == [SCANS] * MACHINES
    assert list(check(address_of(url))) == []
    store.close()
    alone.close()

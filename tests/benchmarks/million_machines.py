"""What a fleet costs on PostgreSQL: python tests/benchmarks/million_machines.py [--machines 1000000] [--intake 1000]

A server of its own is made in --folder. Some machines are taken in as an agent's documents are, two scans each, the
second unchanged; then their rows are multiplied inside the server, every machine, document, content, set and opening
under a number and digest of its own. The bytes of a content repeat those of the machine that it was multiplied from:
rows and sizes are those of real intake, and it is not intake that is timed there. After that a checker of two processes
is started on the full store and really takes in machines that are new, then the same unchanged; so the speed of intake
at that size is measured, not worked out. Printed: rows and bytes by table, bytes a machine by part, minutes, machines
a second, the checker's memory, what is sent over the wire.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "benchmarks")]

import random  # noqa: E402

from fleet import enrolled_fleet, request_of  # noqa: E402
from intake_speed import checker, peak_mib, told  # type: ignore[import-not-found]  # noqa: E402
from inventories import debian, document, package  # noqa: E402
from load import put_load  # noqa: E402
from postgres import new_server  # noqa: E402
from sqlalchemy import text  # noqa: E402

from agent.inventory.document import Scanner  # noqa: E402
from auditor.core.days import utc_text  # noqa: E402
from auditor.intake.receiving import receive  # noqa: E402
from auditor.store.database import Store, open_store  # noqa: E402
from auditor.store.engines.roster import ENGINES  # noqa: E402
from auditor.store.tables import metadata  # noqa: E402
from auditor.store.upkeep.forecast import measure  # noqa: E402

SEED, TEMPLATES, TITLES, POOL = 20260701, 500, 125, 20_000
NOW = datetime.now(UTC).replace(microsecond=0)
_DIGEST = "encode(sha256(convert_to({} || ':' || k, 'UTF8')), 'hex')"
_AT_ONCE = 50
"""Multiples written in one transaction."""


def machine_document(number: int, at: datetime) -> bytes:
    """Return the document of one machine: 125 titles of a pool that all share."""
    chance = random.Random(SEED + number)
    software = [
        package(f"lib{n}", f"1.{n % 9}", publisher=f"Team {n % 400}", installed_on="2026-02-03")
        for n in chance.sample(range(POOL), TITLES)
    ]
    return document(
        software, at=utc_text(at), name=f"pc-{number}", serial=f"SN{number:08d}",
        mac_addresses=(f"3c:52:{number:08x}"[:17],),
        system=debian(f"{number + 1:032x}"), scanner=Scanner("zhengban-agent", "1"),
    )  # fmt: skip


def take_templates_in(store: Store) -> None:
    """Take the machines in that the others are multiplied from, two scans each."""
    enrolled_fleet(store, TEMPLATES, now=NOW - timedelta(days=2))
    for scan in (2, 1):
        for number in range(TEMPLATES):
            receive(
                store,
                machine_document(number, NOW - timedelta(days=scan)),
                origin="file",
                now=NOW - timedelta(days=scan),
            )


def statements(multiples: str) -> list[str]:
    """Return what writes some multiples of every row."""
    series = f"generate_series({multiples}) AS k"
    new = {
        name: _DIGEST.format(f"t.{name}") for name in ("digest", "state", "content", "last_document", "content_digest")
    }
    of_set = f"t.title_set + k * {TEMPLATES}"
    machine = f"t.machine + k * {TEMPLATES}"
    kinds = "('document', 'state', 'opening')"
    return [
        f"INSERT INTO blobs (digest, media, size_bytes, packed) SELECT {new['digest']}, media, size_bytes, packed"
        f" FROM template_blobs t, {series} WHERE media IN {kinds}",
        f"INSERT INTO title_sets (id, digest, size, members) SELECT t.id + k * {TEMPLATES}, {new['digest']}, size, members"
        f" FROM template_title_sets t, {series}",
        "INSERT INTO machines (id, first_seen_at, last_collected_at, last_received_at, last_document, content_digest, state,"
        " title_set, host_name, serial, os_family, os_name, unit, agent, origin) SELECT"
        f" t.id + k * {TEMPLATES}, first_seen_at, last_collected_at, last_received_at, {new['last_document']},"
        f" {new['content_digest']}, {new['state']}, {of_set}, host_name || '-' || k, serial || '-' || k, os_family, os_name,"
        f" unit, agent, origin FROM template_machines t, {series}",
        "INSERT INTO machine_evidence (machine, kind, value, first_seen_at, last_seen_at) SELECT"
        f" {machine}, kind, value || '-' || k, first_seen_at, last_seen_at FROM template_machine_evidence t, {series}",
        "INSERT INTO documents (digest, machine, collected_at, received_at, ahead_seconds, origin, agent, state, programs,"
        f" facts, standing, identified_by) SELECT {new['digest']}, {machine}, collected_at, received_at, ahead_seconds,"
        f" origin, agent, {new['state']}, programs, facts, standing, identified_by FROM template_documents t, {series}"
        " ORDER BY k, t.id",
        "INSERT INTO journal_openings (machine, system, scope, content, happened_on, recorded_at, document) SELECT"
        f" {machine}, system, scope, {new['content']}, happened_on, recorded_at, {_DIGEST.format('t.document')}"
        f" FROM template_journal_openings t, {series}",
        "INSERT INTO agents (id, name, unit, sealed_key, enrolled_at, version, token) SELECT"
        f" left({_DIGEST.format('t.id')}, 32), name || '-' || k, unit, sealed_key, enrolled_at, version, token"
        f" FROM template_agents t, {series}",
    ]


TABLES = ("blobs", "title_sets", "machines", "machine_evidence", "documents", "journal_openings", "agents")


def multiply(store: Store, machines: int) -> float:
    """Write the other machines and return the seconds."""
    began = time.perf_counter()
    last = machines // TEMPLATES - 1
    with store.begin() as connection:
        for name in TABLES:
            connection.execute(text(f"CREATE UNLOGGED TABLE template_{name} AS SELECT * FROM {name}"))
    for start in range(1, last + 1, _AT_ONCE):
        multiples = f"{start}, {min(start + _AT_ONCE - 1, last)}"
        with store.begin() as connection:
            for statement in statements(multiples):
                connection.execute(text(statement))
        if start % (_AT_ONCE * 4) == 1:
            print(f"{start * TEMPLATES:10d} machines, {time.perf_counter() - began:7.0f} s", flush=True)
    with store.begin() as connection:
        for name in TABLES:
            connection.execute(text(f"DROP TABLE template_{name}"))
        ENGINES["postgresql"].rows_added(connection, metadata.sorted_tables)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return time.perf_counter() - began


def print_sizes(store: Store) -> None:
    """Print rows and bytes of every table, then the bytes of a machine by part."""
    with store.read() as connection:
        sizes = ENGINES["postgresql"].sizes(connection)
        for name in sorted(metadata.tables, key=lambda each: -sizes[each]):
            rows = connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            if rows:
                print(f"  {name:20s} {rows:12d} rows {sizes[name]:15d} bytes")
        found = measure(connection)
        whole = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    print(f"  database {whole} bytes; {found.machines} machines, {found.scans} documents")
    print(f"  bytes of a machine once {found.each('machine'):.0f}, of each scan {found.each('scan'):.0f}")


def processor_seconds(parent: int) -> float:
    """Return the processor time of a process with all that it started and still runs, and of those it waited for."""
    fields = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    return own + sum(processor_seconds(int(child)) for child in children)


def take_in(url: str, store: Store, count: int, server: int) -> None:
    """Really take in so many new machines on the full store, then the same unchanged, and print."""
    first_number = 50_000_000
    fleet = enrolled_fleet(store, count, now=NOW)
    for name, ago in (("first-time intake", 2), ("unchanged machines", 1)):
        documents = [machine_document(first_number + n, NOW - timedelta(hours=ago)) for n in range(count)]
        wanted = [
            request_of(member, each, now=datetime.now(UTC)) for member, each in zip(fleet, documents, strict=True)
        ]
        with checker(url, 2) as (port, pid):
            before = processor_seconds(pid), processor_seconds(server)
            outcome = put_load(port, wanted, connections=32)
            after = processor_seconds(pid), processor_seconds(server)
            memory = peak_mib(pid)
        assert outcome.statuses == {200: count}, outcome.statuses
        ours, theirs = ((then - first) / count * 1000 for then, first in zip(after, before, strict=True))
        print(f"{name}: {ours:.1f} ms of processor a machine in the checker, {theirs:.1f} ms in the server")
        print(
            told(name, outcome, count), f"  memory {memory:.0f} MiB, {sum(map(len, wanted)) // count} bytes a request"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=1_000_000)
    parser.add_argument("--intake", type=int, default=1_000)
    options = parser.parse_args()
    wal = ("-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=4GB", "-c", "shared_buffers=512MB")
    server = new_server(options=(*wal, "-c", "max_connections=200", "-c", "work_mem=64MB"))
    try:
        url = server.new_database()
        store = open_store(url, sealing_key="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        os.environ["ZHENGBAN_SEALING_KEY"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        take_templates_in(store)
        print(f"{TEMPLATES} machines taken in, {TITLES} titles each of {POOL}, two scans", flush=True)
        print(f"multiplied to {options.machines} machines in {multiply(store, options.machines) / 60:.1f} minutes")
        print_sizes(store)
        assert server.pid is not None
        take_in(url, store, options.intake, server.pid)
        store.close()
    finally:
        server.remove()
    print(json.dumps({"machines": options.machines, "seed": SEED}))


if __name__ == "__main__":
    main()

"""How fast inventories are taken in: python tests/benchmarks/intake_speed.py [--machines 1000] [--connections 32]

A checker is started as a process of its own on a new store, and the requests, ready and signed, are put on it over
HTTP by this process: so the load generator takes its part of the same processors. First every machine is new and has
150 titles, nine in ten of them shared with others; then each sends what it sent, collected later, with nothing changed.
After that machines, sets, openings and documents are read back and compared with what was acknowledged.

The yardstick beside it writes the same rows, as they stand in the store afterwards, bare with sqlite3: one transaction
a machine, WAL, full sync, no HTTP, no check, no identity, no journal rules. Printed: machines a second of all three,
the ratio, times of answers, memory of the checker, the seed, the digest and the shares of the data.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from fleet import POOL, SHARED, TITLES, enrolled_fleet, inventories_of, request_of  # noqa: E402
from load import Outcome, put_load  # noqa: E402

from auditor.store.database import open_store  # noqa: E402

SEED = 20260601
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@contextmanager
def checker(url: str, processes: int = 1) -> Iterator[tuple[int, int]]:
    """Run `zhengban serve` on a free port; yield the port and the process."""
    environment = os.environ | {"ZHENGBAN_SERVE_PROCESSES": str(processes)}
    with tempfile.NamedTemporaryFile(mode="w+", suffix=".log") as log:
        command = [sys.executable, "-m", "auditor", "--database", url, "serve", "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, text=True, env=environment)
        try:
            yield _port(process, Path(log.name)), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _port(process: subprocess.Popen[str], log: Path) -> int:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"the checker did not start: {log.read_text(encoding='utf-8')}")


def peak_mib(pid: int) -> float:
    """Return the most memory that a process and those that it started have held, added up."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return (int(found[1]) / 1024 if found else 0.0) + sum(peak_mib(int(child)) for child in children)


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of those that it started and that still run."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in children)


def bare(source: Path, machines: int) -> float:
    """Write the rows of the store that was made, bare, one transaction a machine, and return the seconds."""
    made = sqlite3.connect(source)
    target = sqlite3.connect(source.with_name("bare.db"), isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=FULL")
    rows: list[tuple[str, list[tuple[object, ...]]]] = []
    for name, text in made.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ):
        target.execute(text)
        found = made.execute(f"SELECT * FROM {name}").fetchall()
        if found:
            rows.append((f"INSERT INTO {name} VALUES ({','.join('?' * len(found[0]))})", found))
    for (text,) in made.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"):
        target.execute(text)
    began = time.perf_counter()
    for number in range(machines):
        target.execute("BEGIN IMMEDIATE")
        for insert, found in rows:
            target.executemany(insert, found[len(found) * number // machines : len(found) * (number + 1) // machines])
        target.execute("COMMIT")
    return time.perf_counter() - began


def kept(database: Path) -> dict[str, int]:
    """Return how many rows of each kind can be read back."""
    counts = sqlite3.connect(database)
    tables = ("machines", "title_sets", "journal_openings", "journal", "documents")
    return {name: counts.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def told(name: str, outcome: Outcome, count: int) -> str:
    """Return one line of figures."""
    return (
        f"{name:28s} {count / outcome.took:8.1f} machines/s   answers: median {outcome.quantile(0.5) * 1000:.0f} ms, "
        f"95 % {outcome.quantile(0.95) * 1000:.0f} ms, longest {max(outcome.seconds) * 1000:.0f} ms, "
        f"'not now' {outcome.retried}, statuses {dict(outcome.statuses)}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    count = options.machines
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        database = Path(folder) / "intake.db"
        store = open_store(f"sqlite:///{database}")
        fleet = enrolled_fleet(store, count, now=now)
        store.close()
        first = list(inventories_of(count, seed=SEED, at=now - timedelta(hours=2)))
        again = inventories_of(count, seed=SEED, at=now - timedelta(hours=1))
        digest = hashlib.sha256(b"".join(first)).hexdigest()[:16]
        new = [request_of(member, each, now=now) for member, each in zip(fleet, first, strict=True)]
        same = [request_of(member, each, now=now) for member, each in zip(fleet, again, strict=True)]
        size = sum(map(len, first)) // count
        del first
        with checker(f"sqlite:///{database}", options.processes) as (port, pid):
            spent = [processor_seconds(pid)]
            taken = put_load(port, new, connections=options.connections)
            spent.append(processor_seconds(pid))
            counts = kept(database)
            spent.append(processor_seconds(pid))
            unchanged = put_load(port, same, connections=options.connections)
            spent.append(processor_seconds(pid))
            memory = peak_mib(pid)
        assert taken.statuses == unchanged.statuses == {200: count}, (taken.statuses, unchanged.statuses)
        assert counts["machines"] == counts["title_sets"] == counts["documents"] == count, counts
        assert kept(database) == counts | {"documents": 2 * count}, kept(database)
        theirs = bare(database, count)
    print(told("first-time intake", taken, count))
    print(told("unchanged machines", unchanged, count))
    print(
        f"{'processor time a document':28s} first {(spent[1] - spent[0]) / count * 1000:.2f} ms, unchanged "
        f"{(spent[3] - spent[2]) / count * 1000:.2f} ms; of the load {taken.processor_seconds / count * 1000:.2f} ms, "
        f"{unchanged.processor_seconds / count * 1000:.2f} ms"
    )
    print(f"{'bare SQLite, the same rows':28s} {count / theirs:8.1f} machines/s")
    print(
        f"ratio of first-time intake to bare SQLite {theirs / taken.took:.3f}; checker's peak memory {memory:.0f} MiB"
    )
    print(
        f"{count} machines, {TITLES} titles each ({SHARED} of a pool of {POOL}), {size} bytes a document, "
        f"{options.connections} connections, {options.processes} processes, seed {SEED}, digest {digest}"
    )
    print(f"read back: {json.dumps(counts)}")


if __name__ == "__main__":
    main()

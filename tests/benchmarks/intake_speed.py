"""How fast new machines are taken in: python tests/benchmarks/intake_speed.py [--machines 60] [--profile]

Each machine is new and has 150 titles; nine in ten of them are shared with others, as in an organisation. Every receipt
means a commit with full sync. The yardstick beside it writes the same rows, as they stand in the store afterwards, bare
with sqlite3: one transaction a machine, WAL, full sync, no check, no identity, no journal rules. Printed: machines a
second of both, their ratio, the seed, the digest and the shares of the data.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import pstats
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from inventories import debian, document, package  # noqa: E402

from auditor.intake.receiving import receive  # noqa: E402
from auditor.settings import load_settings  # noqa: E402
from auditor.store.database import open_store  # noqa: E402

SEED = 20260601
TITLES, SHARED = 150, 135
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def made(count: int) -> list[bytes]:
    """Return documents of `count` machines that nobody has seen."""
    chance = random.Random(SEED)
    pool = [package(f"lib{n}", f"1.{n % 9}", publisher=f"Team {n % 40}") for n in range(400)]
    documents = []
    for number in range(count):
        shared = chance.sample(pool, SHARED)
        own = [package(f"own{number}-{n}", "2.0", publisher="House") for n in range(TITLES - SHARED)]
        mac = f"3c:52:{number >> 24 & 255:02x}:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
        documents.append(
            document(
                [*shared, *own],
                name=f"pc-{number}",
                serial=f"SN{number:08d}",
                mac_addresses=(mac,),
                system=debian(f"{number + 1:032x}"),
            )
        )
    return documents


def intake(folder: Path, documents: list[bytes], *, profile: bool) -> float:
    """Take every document and return the seconds; the store stays for the yardstick."""
    store = open_store(f"sqlite:///{folder}/intake.db")
    settings = load_settings()
    receive(store, made_warm(), now=NOW, settings=settings)
    profiler = cProfile.Profile() if profile else None
    began = time.perf_counter()
    if profiler is not None:
        profiler.enable()
    for each in documents:
        receive(store, each, now=NOW, settings=settings)
    if profiler is not None:
        profiler.disable()
    took = time.perf_counter() - began
    store.close()
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
        pstats.Stats(profiler).sort_stats("cumtime").print_stats(45)
    return took


def made_warm() -> bytes:
    """Return a document that makes the store compile its statements once, as a running checker has long done."""
    return document([package("warm")], name="warm", serial="WARM0001", system=debian("f" * 32))


def bare(folder: Path, machines: int) -> float:
    """Write the rows of the store that was made, bare, one transaction a machine, and return the seconds."""
    source = sqlite3.connect(folder / "intake.db")
    target = sqlite3.connect(folder / "bare.db", isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=FULL")
    rows: list[tuple[str, list[tuple[object, ...]]]] = []
    for name, text in source.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ):
        target.execute(text)
        found = source.execute(f"SELECT * FROM {name}").fetchall()
        if found:
            rows.append((f"INSERT INTO {name} VALUES ({','.join('?' * len(found[0]))})", found))
    for (text,) in source.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"):
        target.execute(text)
    began = time.perf_counter()
    for number in range(machines):
        target.execute("BEGIN IMMEDIATE")
        for insert, found in rows:
            target.executemany(insert, found[len(found) * number // machines : len(found) * (number + 1) // machines])
        target.execute("COMMIT")
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=60)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    documents = made(options.machines)
    digest = hashlib.sha256(b"".join(documents)).hexdigest()[:16]
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        ours = options.machines / intake(Path(folder), documents, profile=options.profile)
        theirs = options.machines / bare(Path(folder), options.machines)
    print(f"first-time intake  {ours:8.1f} machines/s ({options.machines} machines, {TITLES} titles each, full sync)")
    print(f"bare SQLite        {theirs:8.1f} machines/s (the same rows)")
    print(f"ratio              {ours / theirs:8.3f}")
    print(f"seed {SEED}, digest {digest}, titles of one machine alone {1 - SHARED / TITLES:.0%}, sets all distinct")


if __name__ == "__main__":
    main()

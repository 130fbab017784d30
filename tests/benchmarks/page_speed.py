"""How long the console's pages take: python tests/benchmarks/page_speed.py [--machines N] [--requests N] [--keep DIR].

Makes a store as an audit of that many machines leaves it (units four deep, Zipf demand; the index of the run, findings,
ledger), starts the application anew, and asks each of twelve pages, filtered by unit and by text, that many times. The
first request of each is cold. Prints median, 95th percentile and largest of each page, the weight of its answer, and a
yardstick beside it: reading the same number of rows of the same table bare. The store is made from a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from console_readers import session_for
from litestar.testing import TestClient

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import (
    Assignment,
    Copy,
    Evidence,
    Failing,
    Finding,
    ProductId,
    Reason,
    Right,
    Severity,
    SoftwareCode,
    UnitCode,
    Verdict,
)
from auditor.server.app import make_app
from auditor.settings import load_settings
from auditor.store.database import Store, open_store
from auditor.store.dated_rows import LICENCES, UNITS, apply
from auditor.store.entitlements import entitlement_row
from auditor.store.run_index import Bearer, MachineEntry, UnitSpan, save_index
from auditor.store.runs import save_run
from rules.product import Category, Kind, LicenceClass

SEED = 20261127
DAY = date(2026, 11, 27)
RUN = "b" * 64
UNIT_COUNT, PRODUCTS, COPIES = 200, 4_000, 20
GATE_MS = 500
PAGES = (
    "/", "/units?q=017", "/machines?q=PC-0", "/machines?order=last_scan_on&verdict=short&unit=U017",
    "/positions?only=short&unit=U017", "/positions?q=win", "/positions/why?product=p/0001&unit=U001",
    "/findings?severity=high&unit=U017", "/ledger?q=S-000&unit=U017", "/recognition?unit=U017", "/products?only=seen",
    "/machines/m00000042",
)  # fmt: skip


def spans(machines: int) -> list[UnitSpan]:
    """Two hundred units: a group, nineteen companies, nine departments each."""
    each = machines // UNIT_COUNT
    coverage = {"in_scope": each, "scanned": each - 1, "fully_scanned": each - 2}
    rate = {"numerator": each, "denominator": 2 * each, "short": each // 2, "to_verify": each // 2}
    names = ("operating_system", "office", "antivirus", "other", "three_classes", "whole_machine")
    content = {"coverage": coverage, "rates": dict.fromkeys(names, rate)}
    made = []
    for at in range(1, UNIT_COUNT + 1):
        company = at == 1 or at % 10 == 1
        last = UNIT_COUNT if at == 1 else min(at + 9, UNIT_COUNT) if company else at
        parent = None if at == 1 else "U001" if company or at < 11 else f"U{(at - 1) // 10 * 10 + 1:03d}"
        first_machine, last_machine = (at - 1) * each + 1, last * each
        kind = "legal_entity" if company else "department"
        depth = 0 if at == 1 else 1 if parent == "U001" else 2
        made.append(
            UnitSpan(at, last, f"U{at:03d}", f"部门 {at}", parent, kind, depth, first_machine, last_machine, content)
        )
    return made


def assignment(machine: str, unit: str, product: int, short: bool) -> Assignment:
    """One copy, covered or not."""
    id = ProductId(f"p/{product:04d}")
    copy = Copy(
        machine, UnitCode(unit), UnitCode(unit), None, id, f"软件 {product}", Category.UTILITY, Kind.APPLICATION,
        LicenceClass.COMMERCIAL, None, None, "1.0", DAY, (), "software[1]", "per_device",
    )  # fmt: skip
    return Assignment(
        copy=copy,
        code=SoftwareCode(f"S-{product:05d}"),
        entitlement=product + 1,
        right=Right.SHORT if short else Right.COVERED,
        reason=None if short else Reason.EXACT,
        failing=Failing.EXHAUSTED if short else None,
        evidence=Evidence.NONE,
        verdict=Verdict.SHORT if short else Verdict.GENUINE,
    )


def filled(folder: Path, machines: int) -> Store:
    """Return the store."""
    chance = random.Random(SEED)
    store = open_store(f"sqlite:///{folder}/zhengban.db")
    weights = [1 / (n + 1) for n in range(PRODUCTS)]
    units = spans(machines)
    bearers: list[list[int]] = [[] for _ in range(PRODUCTS)]

    def computers() -> Iterator[tuple[MachineEntry, list[Assignment]]]:
        each = machines // UNIT_COUNT
        for number in range(1, each * UNIT_COUNT + 1):
            unit, key = units[(number - 1) // each].code, f"m{number:08d}"
            held = sorted(set(chance.choices(range(PRODUCTS), weights, k=COPIES)))
            for product in held:
                bearers[product].append(number)
            own = [assignment(key, unit, product, product % 7 == 0) for product in held]
            gravity = 2 if any(product % 7 == 0 for product in held) else 6
            entry = MachineEntry(
                number, key, None, f"PC-{number:06d}", f"host-{number}", unit, "desktop", "in_use", "windows",
                f"2026-11-{number % 27 + 1:02d}", "partial" if number % 10 == 0 else "", len(own), gravity,
            )  # fmt: skip
            yield entry, own

    def lines() -> Iterator[dict[str, Any]]:
        number = 0
        for span in units:
            for product in range(0, PRODUCTS, 1 if span.at % 10 == 1 else 20):
                number += 1
                short = chance.randrange(50) if product % 7 == 0 else 0
                content = f'{{"required": {short + 5}, "covered": 5, "shortage": {short}, "owned": 5}}'
                yield {
                    "number": number, "unit_at": span.at, "product": f"p/{product:04d}", "metric": "per_device",
                    "category": "utility", "shortage": float(short), "surplus": 0.0, "raw": short + 5,
                    "content": content,
                }  # fmt: skip

    findings = [
        Finding(
            "licence.shortfall", Severity.HIGH if n % 3 else Severity.LOW, UnitCode(f"U{n % 20 * 10 + 1:03d}"),
            ProductId(f"p/{n % PRODUCTS:04d}"), facts=(("which", n), ("product", "x"), ("required", 2), ("covered", 1)),
        )
        for n in range(20_000)
    ]  # fmt: skip
    with store.begin() as connection:
        rows = [{"code": s.code, "name": s.name, "parent": s.parent, "kind": s.kind, "headcount": None} for s in units]
        apply(connection, UNITS, rows, DAY, now="2026-11-27T00:00:00Z", file_name="u", file_digest="u")
        rights = [
            entitlement_row(
                Entitlement(
                    0, UnitCode(f"U{n % UNIT_COUNT + 1:03d}"), SoftwareCode(f"S-{n:05d}"), f"软件 {n}",
                    ProductId(f"p/{n % PRODUCTS:04d}"), SoftwareType.COMMERCIAL, "per_device", 5,
                    ends_on=date(2027, 1 + n % 12, 1),
                ),
                line=1, serials=(), sealer=store.sealer,
            )
            for n in range(8_000)
        ]  # fmt: skip
        apply(connection, LICENCES, rights, DAY, now="2026-11-27T00:00:00Z", file_name="l", file_digest="l")
        save_run(
            connection, run=RUN, as_of=DAY, now="2026-11-27T12:00:00Z", release="x", manifest=b"{}", result=[b"{}"],
            counts={"findings": len(findings)}, findings=findings,
        )  # fmt: skip

        def borne() -> Iterator[tuple[str, Bearer]]:
            for product, numbers in enumerate(bearers):
                yield "product", Bearer(f"p/{product:04d}", tuple(numbers), {})
                yield "right", Bearer(str(product + 1), tuple(numbers), {})
            for group in range(20_000):
                numbers = sorted(chance.sample(range(1, machines), min(machines - 1, 1 + 2_000 // (group + 1))))
                told = {"name": f"未知软件 {group}", "publisher": None, "source": "uninstall_keys", "versions": 1}
                yield "unknown", Bearer(f"unknown:{group}", tuple(numbers), told)

        save_index(connection, RUN, units=units, machines=computers(), positions=lines(), bearers=borne())
    return store


def main() -> int:
    """Make the store, ask the pages, print a table; 1 when a 95th percentile is beyond the gate."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--machines", type=int, default=100_000)
    reader.add_argument("--requests", type=int, default=20)
    reader.add_argument("--keep", type=Path)
    asked = reader.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    url = f"sqlite:///{folder}/zhengban.db"
    if not (folder / "zhengban.db").exists():
        filled(folder, asked.machines).close()
    print(f"seed {SEED}, {asked.machines:,} machines, {UNIT_COUNT} units, {PRODUCTS:,} products; "
          f"store in {time.perf_counter() - began:.1f} s", flush=True)  # fmt: skip
    settings, store = load_settings(flags={"database": url}), open_store(url)
    cookie, _ = session_for(store, settings, roles=("group_auditor",), units=("*",))
    worst = 0.0
    with TestClient(make_app(settings, store)) as client:
        client.cookies.set("zhengban", cookie)
        print(f"{'page':62} {'median':>8} {'p95':>8} {'most':>8} {'kB':>6}   ms")
        for page in PAGES:
            times = []
            for _ in range(asked.requests):
                start = time.perf_counter()
                answer = client.get(page)
                times.append((time.perf_counter() - start) * 1000)
                assert answer.status_code == 200, (page, answer.status_code)
            p95 = sorted(times)[max(0, round(0.95 * len(times)) - 1)]
            worst = max(worst, p95)
            size = len(answer.content) / 1000
            print(f"{page:62} {statistics.median(times):8.1f} {p95:8.1f} {max(times):8.1f} {size:6.1f}", flush=True)
    start = time.perf_counter()
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*), sum(length(code)) FROM run_machines").one()
    print(f"yardstick: reading {rows[0]:,} rows of run_machines bare {(time.perf_counter() - start) * 1000:.1f} ms")
    print(f"worst 95th percentile {worst:.1f} ms; gate {GATE_MS} ms; {datetime.now(UTC):%Y-%m-%d}")
    return int(worst > GATE_MS)


if __name__ == "__main__":
    sys.exit(main())

"""100,000 open findings: listed, filtered, assigned at once; 300 units handing in, over HTTP.

The yardstick of the assignment is one bare UPDATE of the same rows in the same process; of a page, the budget of DESIGN
(95th percentile 500 ms). Findings: seed 20261127, 200 units, 40 products, every tenth with a deadline. Hand-ins: 300
units with 40 products each, one after the other, to a server of one process.
"""

from __future__ import annotations

import base64
import json
import queue
import random
import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

from auditor.core.case import CaseState
from auditor.core.model import EvidenceLine, Finding, ProductId, Severity, UnitCode
from auditor.proof.signing import SigningKey
from auditor.readmodels.cases import case_rows
from auditor.server.app import Serving, serve
from auditor.settings import load_settings
from auditor.store.cases import Case, Filter, count_cases, list_cases, open_cases
from auditor.store.database import Store, open_store
from auditor.store.handed_in import UnitKey, add_key
from auditor.store.runs import finding_text
from auditor.supervision.handing_up import EntityTold, HandInBody, PositionTold, hand_in, roll_up, totals
from auditor.supervision.rectification import Actor, assign
from rules.compiled import shipped_catalogue

FINDINGS, UNITS, PRODUCTS, SEED = 100_000, 200, 40, 20261127
HANDING_IN = 300
AT = "2026-11-27T02:00:00Z"
PAGE, ROUNDS = 200, 20


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        findings(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        handing_in(Path(folder))


def findings(folder: Path) -> None:
    """Time the pages and the assignment."""
    store = open_store(f"sqlite:///{folder}/a.db")
    fresh: list[tuple[Case, dict[str, object]]] = [(case, {}) for case in made()]
    began, worked = time.perf_counter(), time.process_time()
    with store.begin() as connection:
        open_cases(connection, fresh, at=AT, by=None)
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    print(f"opened {FINDINGS} findings in {took:.1f} s, {cpu:.1f} s of processor")
    catalogue, on = shipped_catalogue(None), date(2026, 11, 27)
    chance = random.Random(SEED)

    def page(wanted: Callable[[], Filter]) -> Callable[[], None]:
        def ask() -> None:
            with store.read() as connection:
                case_rows(list_cases(connection, wanted(), limit=PAGE), catalogue, "zh_CN", on=on)

        return ask

    def unit() -> str:
        return f"U{chance.randrange(UNITS):03d}"

    pages: dict[str, Callable[[], None]] = {
        "all": page(Filter),
        "one unit": page(lambda: Filter(units=(unit(),))),
        "one unit, one code, open": page(
            lambda: Filter(units=(unit(),), code="copy.suspected", states=(CaseState.TO_CONFIRM.value,))
        ),
        "overdue": page(lambda: Filter(overdue_on=on)),
        "by text": page(lambda: Filter(text=f"PC-{chance.randrange(FINDINGS):06d}")),
        "counts": lambda: counts(store),
    }
    for name, ask in pages.items():
        times = sorted(timed(ask) for _ in range(ROUNDS))
        median, late = statistics.median(times) * 1000, times[int(ROUNDS * 0.95) - 1] * 1000
        print(f"{name}: median {median:.0f} ms, 95th {late:.0f} ms")
    began, worked = time.perf_counter(), time.process_time()
    with store.begin() as connection:
        done = assign(connection, list_cases(connection, Filter()), actor=Actor("bench"), at=AT, owner="钱",
                      due_on=date(2026, 12, 27), today=on)  # fmt: skip
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    with store.begin() as connection:
        bare = timed(lambda: connection.exec_driver_sql("UPDATE cases SET owner = 'x', version = version + 1"))
    print(f"assigned {len(done)} findings at once in {took:.1f} s, {cpu:.1f} s of processor")
    print(f"one bare UPDATE of all rows: {bare:.2f} s")
    store.close()


def counts(store: Store) -> None:
    """Count by unit and state."""
    with store.read() as connection:
        count_cases(connection, Filter())


def made() -> list[Case]:
    """Findings by chance."""
    chance, cases = random.Random(SEED), []
    for number in range(FINDINGS):
        code = chance.choice(("copy.suspected", "licence.version_not_allowed", "machine.no_antivirus"))
        unit, product = f"U{chance.randrange(UNITS):03d}", f"maker/tool-{chance.randrange(PRODUCTS)}"
        machine = f"PC-{number:06d}"
        evidence = EvidenceLine(f"m{number:08d}", f"{number:064x}", "traces[3]", "AutoKMS.exe", "autokms")
        facts = (("product", product), ("machine", machine), ("sign", "AutoKMS.exe"), ("version", "9"), ("code", "C1"))
        finding = Finding(code, Severity.HIGH, UnitCode(unit), ProductId(product), evidence.machine, facts, (evidence,))
        cases.append(
            Case(
                key=f"{code}|{number}", origin="audit", code=code, severity="high", unit=unit, product=product,
                machine=evidence.machine, state=CaseState.TO_CONFIRM.value, opened_at=AT, changed_at=AT,
                seen_on="2026-11-27", content=finding_text(finding),
                due_on="2026-10-01" if number % 10 == 0 else None,
            )
        )  # fmt: skip
    return cases


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def handing_in(folder: Path) -> None:
    """Time 300 units."""
    keys = {f"U{n:03d}": SigningKey(f"U{n:03d}".encode().ljust(32, b"-")) for n in range(HANDING_IN)}
    url = f"sqlite:///{folder}/b.db"
    store = open_store(url)
    with store.begin() as connection:
        for unit, key in keys.items():
            add_key(connection, UnitKey(unit, base64.b64encode(key.public).decode(), AT))
    files = [signed(unit, key) for unit, key in keys.items()]
    ready: queue.Queue[Serving] = queue.Queue()
    settings = load_settings(flags={"database": url})
    thread = threading.Thread(target=serve, args=(settings,), kwargs={"port": 0, "ready": ready.put})
    thread.start()
    serving = ready.get(timeout=30)
    began = time.perf_counter()
    for data in files:
        request = urllib.request.Request(f"{serving.url}/api/v1/hand-ins", data=data, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.loads(answer.read())["document"]
    took = time.perf_counter() - began
    serving.stop()
    thread.join()
    began = time.perf_counter()
    with store.read() as connection:
        told = roll_up(connection, "summary", "2026", on=date(2026, 12, 1), expected=keys)
    rolled, size = f"{len(told.units)} units, {len(totals(told.units))} products", sum(map(len, files)) >> 10
    print(f"{HANDING_IN} units handed in ({size} KiB) in {took:.1f} s")
    print(f"rolled up: {rolled} in {time.perf_counter() - began:.2f} s")


def signed(unit: str, key: SigningKey) -> bytes:
    """A unit's file."""
    chance = random.Random(unit)
    positions = []
    for number in range(PRODUCTS):
        raw, short = chance.randrange(500), chance.randrange(20)
        whole, lacking = Fraction(raw), Fraction(short)
        positions.append(
            PositionTold(f"maker/tool-{number}", "per_device", f"tool {number}", "office", raw, whole, whole - lacking,
                         Fraction(0), lacking, Fraction(0), whole, short, False)
        )  # fmt: skip
    entity = EntityTold(unit, unit, None, 300, 290, 200, 250, tuple(positions), (), (), 3)
    body = HandInBody(unit, "summary", "2026", date(2026, 11, 27), "r" * 64, "bench", AT, (entity,))
    return hand_in(body, key)


if __name__ == "__main__":
    main()

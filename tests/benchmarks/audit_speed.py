"""How long an audit of a large organisation takes, from freezing to the commit.

    python tests/benchmarks/audit_speed.py [MACHINES [SETS [PRODUCTS]]] [--profile]

The budget is 100,000 machines, 12.5 million installations, 20,000 distinct sets, 4,000 licensed products with Zipf
demand, 200 units four deep, 10 % partial scans. The generator writes straight into the tables of the store what
intake would have written (documents, states, sets, titles, registers, ledger); that is outside the timed region.
Timed: `make_run`, that is freezing by digest, recognition, copies, allocation, positions, explanations, findings and
the commit; then the same again with a catalogue that names 1 % of the titles otherwise. The yardstick beside it packs
and digests the states of the machines and does nothing else.
"""

from __future__ import annotations

import cProfile
import hashlib
import json
import pstats
import random
import resource
import sys
import tempfile
import time
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from builders import product  # noqa: E402

from auditor.audit.run import make_run  # noqa: E402
from auditor.core.entitlement import Entitlement, Sharing, SoftwareType  # noqa: E402
from auditor.core.model import ProductId, RegisteredMachine, SoftwareCode, Unit, UnitCode, UnitKind  # noqa: E402
from auditor.settings import load_settings  # noqa: E402
from auditor.store.blobs import put_blob  # noqa: E402
from auditor.store.database import Store, open_store  # noqa: E402
from auditor.store.entitlements import entitlement_row  # noqa: E402
from auditor.store.machine_register import machine_row  # noqa: E402
from auditor.store.tables import blobs, documents, entitlements, machine_register, machines, units  # noqa: E402
from auditor.store.titles import keep_title_set, keep_titles  # noqa: E402
from auditor.store.units import unit_row  # noqa: E402
from rules.catalogue import Catalogue  # noqa: E402
from rules.product import Product, Rule  # noqa: E402

SEED, DAY, MOMENT = 20_265, date(2026, 6, 30), "2026-06-30T02:00:00Z"
UNITS, TITLES_A_MACHINE = 200, 125
SHARE_LICENSED = 0.1
"""Of the titles of a machine."""
GATE, GOAL, GATE_MEMORY = 20.0, 10.0, 2.0
SCOPE = "uninstall_keys:HKLM64"


def units_of() -> list[Unit]:
    """Return 200 units four deep: one group, 9 companies, 38 below them, departments below these."""
    made = [Unit(UnitCode("U000"), "U000", None, UnitKind.LEGAL_ENTITY)]
    for n in range(1, UNITS):
        parent = 0 if n < 10 else 1 + n % 9 if n < 48 else 10 + n % 38
        kind = UnitKind.LEGAL_ENTITY if n < 48 else UnitKind.DEPARTMENT
        made.append(Unit(UnitCode(f"U{n:03d}"), f"U{n:03d}", UnitCode(f"U{parent:03d}"), kind))
    return made


def catalogue_of(count: int, *, renamed: float = 0.0) -> Catalogue:
    """Return a catalogue of licensed products by exact names; `renamed`: share that is an edition instead."""
    products: dict[str, Product] = {}
    for n in range(count):
        made = product(f"maker{n}/tool{n}", lines=("1", "2"))
        edition = "pro" if n < count * renamed else None
        rules = tuple(Rule(f"r{line}", name=f"tool{n} release {line}", line=line, edition=edition) for line in "12")
        products[made.id] = replace(made, rules=rules)
    return Catalogue(f"{count}/{renamed}", products, {}, {})


def fill(store: Store, count: int, sets: int, licensed: int) -> tuple[int, str]:
    """Write the organisation into the store; return the installations and the digest of what was drawn."""
    chance, seal = random.Random(SEED), hashlib.sha256()
    with store.begin() as connection:
        names = [(f"Tool{n} Release {line}", f"{line}.0") for n in range(licensed) for line in "12"]
        names += [(f"Free Thing {n}", f"{n % 9}.{n % 7}") for n in range(licensed * 5)]
        words = [_words(name, version) for name, version in names]
        ids = list(keep_titles(connection, words, now=MOMENT).values())
        weights = [1 / (1 + n) for n in range(licensed)]
        drawn = []
        for _ in range(sets):
            tools = chance.choices(range(licensed), weights, k=round(TITLES_A_MACHINE * SHARE_LICENSED))
            chosen = {ids[2 * n + chance.randrange(2)] for n in set(tools)}
            while len(chosen) < TITLES_A_MACHINE:
                chosen.add(ids[2 * licensed + int(chance.random() ** 2 * licensed * 5)])
            drawn.append(sorted(chosen))
            seal.update(repr(drawn[-1]).encode())
        numbers = [keep_title_set(connection, one) for one in drawn]
        systems = [(_systems(one, partial=False), _systems(one, partial=True)) for one in drawn]
        programs = put_blob(connection, "programs", b"[]")
        _machines(connection, chance, count, numbers, systems, programs)
        day = {"valid_from": "2020-01-01", "batch": 1}
        connection.execute(units.insert(), [dict(unit_row(unit)) | day for unit in units_of()])
        connection.execute(
            machine_register.insert(),
            [
                dict(machine_row(RegisteredMachine(f"PC{n:06d}", UnitCode(f"U{n % UNITS:03d}"), serial=f"SN{n:06d}X")))
                | day
                for n in range(count)
            ],
        )
        rows = []
        for n in range(licensed):
            share = count * SHARE_LICENSED * TITLES_A_MACHINE / (1 + n) / sum(weights)
            for k in range(2):
                right = Entitlement(
                    0, UnitCode(f"U{(n * 7 + k) % 48:03d}" if k else "U000"), SoftwareCode(f"S{n:05d}{k}"),
                    f"tool{n}", ProductId(f"maker{n}/tool{n}"), software_type=SoftwareType.COMMERCIAL, metric="per_device", quantity=int(share * 0.4),
                    sharing=Sharing.DESCENDANTS, line="2" if k else None,
                )  # fmt: skip
                rows.append(dict(entitlement_row(right, line=1, serials=(), sealer=store.sealer)) | day)
        connection.execute(entitlements.insert(), rows)
    return count * TITLES_A_MACHINE, seal.hexdigest()[:16]


def _words(name: str, version: str) -> tuple[str | None, ...]:
    from rules.title import Title, words_of_title

    return words_of_title(Title("windows", "uninstall_keys", name, publisher="Maker", version=version))


def _systems(titles: list[int], *, partial: bool) -> bytes:
    outcome = "partial" if partial else "complete"
    told = [
        {
            "installation": "guid",
            "key": "windows",
            "scanned": 0,
            "scopes": [["uninstall_keys", SCOPE, outcome, 0, 0, 1, None, None]],
            "seen": {SCOPE: [[title, f"software[{n}]", None, 0] for n, title in enumerate(titles)]},
        }
    ]
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def _machines(
    connection: object,
    chance: random.Random,
    count: int,
    numbers: list[int],
    systems: list[tuple[bytes, bytes]],
    programs: str,
) -> None:
    for start in range(0, count, 2_000):
        states, seen, papers = [], [], []
        for n in range(start, min(count, start + 2_000)):
            which = min(int(chance.random() ** 1.5 * len(numbers)), len(numbers) - 1)
            host = json.dumps({"name": f"pc-{n}", "os_family": "windows", "serial": f"SN{n:06d}X"}, sort_keys=True)
            told = systems[which][chance.random() < 0.1]
            content = b'{"current":0,"form":1,"host":' + host.encode() + b',"systems":' + told + b"}"
            digest = hashlib.sha256(content).hexdigest()
            states.append({"digest": digest, "media": "state", "size_bytes": len(content),
                           "packed": zlib.compress(content, 1)})  # fmt: skip
            paper = hashlib.sha256(b"%d" % n).hexdigest()
            seen.append({"id": n + 1, "first_seen_at": MOMENT, "last_collected_at": MOMENT, "last_received_at": MOMENT,
                         "last_document": paper, "content_digest": digest, "state": digest,
                         "title_set": numbers[which], "origin": "file"})  # fmt: skip
            papers.append({"digest": paper, "machine": n + 1, "collected_at": MOMENT, "received_at": MOMENT,
                           "origin": "file", "state": digest, "programs": programs, "standing": "current",
                           "identified_by": "new"})  # fmt: skip
        connection.execute(blobs.insert(), states)  # type: ignore[attr-defined]
        connection.execute(machines.insert(), seen)  # type: ignore[attr-defined]
        connection.execute(documents.insert(), papers)  # type: ignore[attr-defined]


def yardstick(store: Store) -> float:
    """Return the seconds that reading, unpacking and digesting every state takes."""
    from sqlalchemy import select

    began = time.perf_counter()
    with store.read() as connection:
        for packed in connection.execute(select(blobs.c.packed).where(blobs.c.media == "state")).scalars():
            hashlib.sha256(zlib.decompress(packed)).digest()
    return time.perf_counter() - began


def main(count: int, sets: int, licensed: int, *, profile: bool) -> int:
    """Print the figures against the budget; return 1 when the gate does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/zhengban.db")
        began = time.perf_counter()
        installations, digest = fill(store, count, sets, licensed)
        print(f"{count} machines, {installations} installations, {sets} sets, {licensed} products, {UNITS} units")
        print(f"seed {SEED}, digest {digest}, generated in {time.perf_counter() - began:.0f} s (not timed)")
        unit = yardstick(store)
        seconds = []
        for renamed in (0.0, 0.01):
            catalogue = catalogue_of(licensed, renamed=renamed)
            watch = cProfile.Profile() if profile and not renamed else None
            began = time.perf_counter()
            if watch is not None:
                watch.enable()
            run, _ = make_run(store, load_settings(), catalogue, on=DAY, made_at="2026-06-30T12:00:00Z", release="b")
            if watch is not None:
                watch.disable()
                pstats.Stats(watch).sort_stats("tottime").print_stats(25)
            seconds.append(time.perf_counter() - began)
            what = "audit" if not renamed else "after a catalogue change of 1 %"
            told = f"{len(run.result.assignments)} copies, {len(run.result.findings)} findings"
            print(f"{what}: {seconds[-1]:.1f} s, {seconds[-1] / unit:.1f} × the yardstick; {told}")
            del run
        store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"yardstick {unit:.2f} s; peak memory {memory:.2f} GiB; gate {GATE} s and {GATE_MEMORY} GiB, goal {GOAL} s")
    return int(seconds[0] > GATE or memory > GATE_MEMORY)


if __name__ == "__main__":
    figures = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    machines_asked, sets_asked, products_asked = (*figures, *(100_000, 20_000, 4_000)[len(figures) :])
    sys.exit(main(machines_asked, sets_asked, products_asked, profile="--profile" in sys.argv))

"""How long an audit of a large organisation takes, from freezing to the commit.

    python tests/benchmarks/audit_speed.py [MACHINES [SETS [PRODUCTS]]] [--profile]

The budget is 100,000 machines, 12.5 million installations, 20,000 distinct sets, 4,000 licensed products with Zipf
demand, 200 units four deep, 10 % partial scans. `tests/support/large_store.py` writes what intake would have written;
that is outside the timed region. Timed: `make_run`, that is freezing by digest, recognition, copies, allocation,
positions, explanations, findings and the commit; then the same again with a catalogue that names 1 % of the products
otherwise, and the codes of the first run before it. The yardstick beside it reads, unpacks and digests the states of
the machines and does nothing else.
"""

from __future__ import annotations

import cProfile
import hashlib
import pstats
import resource
import sys
import tempfile
import time
import zlib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from large_store import SEED, Size, catalogue_of, fill  # noqa: E402
from sqlalchemy import select  # noqa: E402

from auditor.audit.run import make_run  # noqa: E402
from auditor.settings import load_settings  # noqa: E402
from auditor.store.database import Store, open_store  # noqa: E402
from auditor.store.tables import blobs  # noqa: E402

DAY, MADE = date(2026, 6, 30), "2026-06-30T12:00:00Z"
GATE, GOAL, GATE_MEMORY = 20.0, 10.0, 2.0
GATE_CHANGED, GOAL_CHANGED = 60.0, 30.0


def yardstick(store: Store) -> float:
    """Return the seconds that reading, unpacking and digesting every state takes."""
    began = time.perf_counter()
    with store.read() as connection:
        for packed in connection.execute(select(blobs.c.packed).where(blobs.c.media == "state")).scalars():
            hashlib.sha256(zlib.decompress(packed)).digest()
    return time.perf_counter() - began


def audit(store: Store, size: Size, renamed: float, *, profile: bool) -> float:
    """Make one run, print its figures, return its seconds."""
    catalogue, watch = catalogue_of(size.products, renamed=renamed), cProfile.Profile()
    began, worked = time.perf_counter(), time.process_time()
    if profile:
        watch.enable()
    run, _ = make_run(store, load_settings(), catalogue, on=DAY, made_at=MADE, release="b")
    watch.disable()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    what = "audit" if not renamed else "after a catalogue change of 1 %"
    result = run.result
    print(f"{what}: {seconds:.1f} s ({worked:.1f} s of the processor); {len(result.assignments)} copies, "
          f"{len(result.unit_positions)} positions of units, {len(result.positions)} of legal entities, "
          f"{len(result.findings)} findings", flush=True)  # fmt: skip
    if profile:
        pstats.Stats(watch).sort_stats("tottime").print_stats(45)
    return seconds


def main(size: Size, *, profile: bool) -> int:
    """Print the figures against the budget; return 1 when a gate does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/zhengban.db")
        began = time.perf_counter()
        made = fill(store, size)
        print(f"{size.machines} machines, {made.installations} installations of {made.distinct_titles} titles, "
              f"{made.distinct_sets} distinct sets, {size.products} products, {size.units} units")  # fmt: skip
        print(f"seed {SEED}, digest {made.digest}; {made.licensed_copies / made.installations:.1%} licensed, "
              f"{size.partial:.0%} partial; written in {time.perf_counter() - began:.0f} s (not timed)")  # fmt: skip
        unit = yardstick(store)
        seconds = [audit(store, size, renamed, profile=profile) for renamed in (0.0, 0.01)]
        store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    told = " and ".join(f"{one / unit:.1f}" for one in seconds)
    print(f"yardstick {unit:.2f} s, the audits {told} × it; peak memory {memory:.2f} GiB")
    print(f"gates {GATE} s, {GATE_CHANGED} s, {GATE_MEMORY} GiB; goals {GOAL} s, {GOAL_CHANGED} s")
    return int(seconds[0] > GATE or seconds[1] > GATE_CHANGED or memory > GATE_MEMORY)


if __name__ == "__main__":
    figures = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    asked = (*figures, *(100_000, 20_000, 4_000)[len(figures) :])
    sys.exit(main(Size(asked[0], asked[1], asked[2]), profile="--profile" in sys.argv))

"""The allocation against brute force and a plain rule in many small worlds (up to 8 copies, 8 rows of the ledger).

    python tests/benchmarks/allocation_laws.py [WORLDS]

Prints how many worlds differ (none may) and how often each kind of right stood in them (each at least 500 times).
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from small_worlds import brute_force, greedy, small_world  # noqa: E402

from auditor.core.reconcile import reconcile  # noqa: E402
from auditor.scenario.building import facts_of  # noqa: E402

LEAST = 500


def main(worlds: int) -> int:
    """Compare so many worlds; return 1 when one differs or a kind of right stood too rarely."""
    kinds: Counter[str] = Counter()
    better, wrong = 0, []
    began = time.perf_counter()
    for seed in range(worlds):
        world = small_world(seed)
        kinds += world.kinds
        positions = reconcile(facts_of(world.file).facts).unit_positions
        short, later = sum(p.shortage for p in positions), sum(p.to_order for p in positions)
        plain = greedy(world.file)
        if (short, later) != brute_force(world.file)[1:] or short > plain:
            wrong.append(seed)
        better += short < plain
    print(f"{worlds} worlds in {time.perf_counter() - began:.0f} s; {len(wrong)} differ from brute force: {wrong[:10]}")
    print(f"shorter than the plain rule in {better} worlds, never longer")
    for kind, count in sorted(kinds.items()):
        print(f"  {kind:14} {count}")
    return int(bool(wrong) or min(kinds.values()) < LEAST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_000))

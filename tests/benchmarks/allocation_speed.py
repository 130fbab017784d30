"""How long the allocation of a large group takes: 200,000 machines, 40 licensed products, downgrade chains, pools.

    python tests/benchmarks/allocation_speed.py [MACHINES]

Timed from the rows of machines (unit, set of products, evidence, codes of the last run) to the answer of every group
with its right or the condition that fails. The yardstick beside it sorts and counts the same (machine, product) pairs
by their situation in plain Python and does nothing else.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from builders import product  # noqa: E402

from auditor.core.entitlement import Downgrade, Entitlement, Reservation, Sharing, SoftwareType  # noqa: E402
from auditor.core.family import Context  # noqa: E402
from auditor.core.grouped import Group, allocate_groups  # noqa: E402
from auditor.core.holdings import Holding  # noqa: E402
from auditor.core.model import (  # noqa: E402
    Copy,
    Machine,
    MachineId,
    ProductId,
    SoftwareCode,
    Unit,
    UnitCode,
    UnitKind,
)
from auditor.core.organisation import UnitTree  # noqa: E402
from rules.product import Category, Kind, LicenceClass  # noqa: E402

SEED, MACHINES, PRODUCTS, UNITS, SETS = 20_261, 200_000, 40, 200, 4_000
LINES = ("1", "2", "3", "4", "5", "6")
DAY = date(2026, 6, 30)
GATE, GOAL = 60.0, 30.0


@dataclass(frozen=True)
class Row:
    """What the store keeps of one machine for the count."""

    unit: int
    titles: int
    adverse: bool
    codes: int
    """Which of some ways in which the last run gave codes."""


@dataclass(frozen=True)
class Case:
    """The generated organisation."""

    rows: list[Row]
    sets: list[tuple[tuple[int, int], ...]]
    """Set of titles: (product, line) pairs."""
    units: list[Unit]
    rights: list[Entitlement]
    previous: list[list[dict[int, str]]]
    """[way][unit] → product → code."""


def generate(machines: int) -> Case:
    """Return an organisation of units four deep; demand by Zipf, rights for about nine tenths of it."""
    chance = random.Random(SEED)
    units = [Unit(UnitCode("U000"), "U000", None, UnitKind.LEGAL_ENTITY)]
    for number in range(1, UNITS):
        above = 0 if number < 8 else chance.randrange(1 if number < 40 else 8, min(number, 8 if number < 40 else 40))
        kind = UnitKind.LEGAL_ENTITY if number < 40 else UnitKind.DEPARTMENT
        units.append(Unit(UnitCode(f"U{number:03d}"), f"U{number:03d}", units[above].code, kind))
    weights = [1 / (n + 1) ** 0.7 for n in range(PRODUCTS)]
    sets = []
    for _ in range(SETS):
        chosen = sorted(set(chance.choices(range(PRODUCTS), weights, k=14)))
        sets.append(tuple((one, min(5, int(chance.triangular(0, 6, 5)))) for one in chosen))
    popularity = [1 / (n + 1) ** 0.8 for n in range(SETS)]
    drawn = chance.choices(range(SETS), popularity, k=machines)
    rows = [Row(chance.randrange(UNITS), one, chance.random() < 0.02, 0) for one in drawn]
    demand = Counter(pair for row in rows for pair in sets[row.titles])
    rights, codes = _rights(demand, units, chance)
    previous = [[{p: chance.choice(codes[p]) for p in range(PRODUCTS)} for _ in range(UNITS)]]
    return Case(rows, sets, units, rights, previous)


def _rights(
    demand: Counter[tuple[int, int]], units: list[Unit], chance: random.Random
) -> tuple[list[Entitlement], dict[int, list[str]]]:
    rights: list[Entitlement] = []
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for one in range(PRODUCTS):
        total = sum(count for (p, _), count in demand.items() if p == one)
        for number in range(30):
            unit = units[0] if number < 18 else units[chance.randrange(1, 40 if number < 26 else UNITS)]
            quantity = int(total * 0.9 / 30 * chance.uniform(0.4, 1.6))
            code = SoftwareCode(f"P{one:02d}-{number:02d}")
            codes[one].append(code)
            kept = (Reservation(units[chance.randrange(1, UNITS)].code, quantity // 3),) if number % 5 == 0 else ()
            rights.append(
                Entitlement(
                    id=len(rights) + 1,
                    unit=unit.code,
                    code=code,
                    name=f"p{one}",
                    product=ProductId(f"maker/p{one:02d}"),
                    software_type=SoftwareType.COMMERCIAL,
                    metric="per_device",
                    quantity=quantity,
                    line=LINES[min(5, int(chance.triangular(0, 6, 5)))],
                    downgrade=Downgrade(steps=chance.randrange(1, 4)) if number % 3 else None,
                    sharing=Sharing.DESCENDANTS if number % 4 else Sharing.OWN,
                    reservations=kept,
                    ends_on=chance.choice((None, date(2027, 1, 1), date(2026, 12, 31), date(2025, 1, 1))),
                )
            )
    return rights, codes


def run(case: Case) -> tuple[int, int, int, int]:
    """Group, allocate, explain. Return signatures, copies, covered, short."""
    tree = UnitTree(case.units)
    products = {f"maker/p{n:02d}": product(f"maker/p{n:02d}", lines=LINES) for n in range(PRODUCTS)}
    kinds: Counter[Row] = Counter(case.rows)
    lowest: dict[Row, int] = {}
    for number, row in enumerate(case.rows):
        lowest.setdefault(row, number)
    counts: Counter[tuple[int, int, int, bool, str]] = Counter()
    first: dict[tuple[int, int, int, bool, str], int] = {}
    for row, count in kinds.items():
        codes = case.previous[row.codes][row.unit]
        for one, line in case.sets[row.titles]:
            key = (one, line, row.unit, row.adverse, codes[one])
            counts[key] += count
            first[key] = min(first.get(key, lowest[row]), lowest[row])
    groups: defaultdict[int, list[Group]] = defaultdict(list)
    previous: dict[str, str] = {}
    adverse: set[str] = set()
    machines: dict[str, Machine] = {}
    for (one, line, unit, bad, code), count in counts.items():
        machine = Machine(MachineId(first[(one, line, unit, bad, code)] + 1), None, case.units[unit].code)
        machines.setdefault(machine.key, machine)
        copy = Copy(
            machine.key, tree.legal_entity_of(machine.unit), machine.unit, None, ProductId(f"maker/p{one:02d}"),
            f"p{one}", Category.UTILITY, Kind.APPLICATION, LicenceClass.COMMERCIAL, None, LINES[line], None, None,
            (), "", ordinal=int(bad),
        )  # fmt: skip
        groups[one].append(Group(copy, count))
        previous[copy.key] = code
        if bad:
            adverse.add(copy.key)
    context = Context(DAY, tree, machines, products, previous, frozenset(adverse))
    holdings: defaultdict[str, list[Holding]] = defaultdict(list)
    for right in case.rights:
        holdings[str(right.product)].append(Holding(right, right.unit, right.rights))
    covered = short = 0
    for one in sorted(groups):
        for answer in allocate_groups(context, groups[one], holdings[f"maker/p{one:02d}"]):
            covered += sum(count for _, count in answer.covered)
            short += answer.short
    return len(counts), sum(counts.values()), covered, short


def yardstick(case: Case) -> float:
    """Return the seconds that counting every (machine, product) pair by situation takes in plain Python."""
    began = time.perf_counter()
    pairs = [(one, line, row.unit, row.adverse) for row in case.rows for one, line in case.sets[row.titles]]
    Counter(sorted(pairs))
    return time.perf_counter() - began


def main(machines: int) -> int:
    """Print the figures; return 1 when the gate is missed."""
    case = generate(machines)
    told = repr((case.rows[:1000], case.sets[:100], case.rights[:50])).encode()
    print(f"seed {SEED}, digest {hashlib.sha256(told).hexdigest()[:16]}, {machines} machines, {PRODUCTS} products, ")
    print(f"{UNITS} units, {SETS} sets, {len(case.rights)} rows of the ledger")
    beside = yardstick(case)
    began, busy = time.perf_counter(), time.process_time()
    signatures, copies, covered, short = run(case)
    took, busy = time.perf_counter() - began, time.process_time() - busy
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{signatures} signatures, {copies} copies, {covered} covered, {short} short")
    print(f"{took:.1f} s (gate {GATE:.0f}, goal {GOAL:.0f}), {busy:.1f} s of processor time, {memory} MiB")
    print(f"yardstick {beside:.1f} s, ratio {took / beside:.1f}")
    return int(took > GATE or signatures < 30_000)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MACHINES))

"""How long one reconciliation takes on a generated organisation. Prints the figures; run it by hand.

    python tests/benchmarks/reconcile_speed.py [MACHINES [PRODUCTS [SEED]]]

The yardstick is plain Python work of the same size (making and sorting one tuple a copy), so that figures of
noisy machines can be compared.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "support")]

from builders import World, product  # noqa: E402

from auditor.core.entitlement import AllowedVersion, SoftwareType  # noqa: E402
from auditor.core.model import TitleId, Unit, UnitCode, UnitKind  # noqa: E402

LINES = ("1", "2", "3")


def generated_world(machines: int, products: int, seed: int) -> World:
    """Return 20 legal entities under one group; Zipf demand; OEM serials, shared, personal and expired rights."""
    chance = random.Random(seed)
    root = UnitCode("U00")
    units = [Unit(root, "集团", None, UnitKind.LEGAL_ENTITY)]
    units += [Unit(UnitCode(f"U{n:02d}"), f"公司{n}", root, UnitKind.LEGAL_ENTITY) for n in range(1, 20)]
    world = World(units=units)
    made = [
        product(f"maker{n}/tool{n}", lines=LINES, metric="per_user" if n % 10 == 3 else "per_device")
        for n in range(products)
    ]
    titles: list[list[TitleId]] = [[world.title(one, line=line, version=f"{line}.0") for line in LINES] for one in made]
    for number in range(machines):
        mine = [
            chance.choice(titles[n]) for n in range(products) if chance.random() < (0.95 if n < 3 else 2.0 / (n + 1))
        ]
        unit = chance.choice(units).code
        world.machine(
            *mine, unit=unit, person=f"p{number // 2}" if chance.random() < 0.9 else None, serial=f"SN{number}"
        )
    for n, one in enumerate(made):
        share = machines * (0.95 if n < 3 else 2.0 / (n + 1))
        lower = tuple(AllowedVersion(line, line=line, basis="降级权") for line in LINES[:2])
        by_user = one.licensing.metric == "per_user"
        for k in range(6):
            owner = root if k == 0 else chance.choice(units).code
            world.right(
                one,
                int(share / 7),
                f"C{n:02d}{k}",
                unit=owner,
                shared=k == 0,
                line=chance.choice(LINES) if k else "3",
                allowed=lower if k % 2 == 0 else (),
                metric="per_user" if by_user else "per_device",
            )
        if n == 0:
            for k in range(10):
                serials = tuple(f"SN{m}" for m in range(machines) if m % 20 == k)
                world.right(
                    one,
                    len(serials),
                    f"O{k}",
                    unit=root,
                    shared=True,
                    software_type=SoftwareType.OEM,
                    metric="oem",
                    bound_serials=serials,
                )
    return world


def main(machines: int = 3000, products: int = 40, seed: int = 1) -> None:
    """Print seconds, copies and the ratio to the yardstick."""
    facts = generated_world(machines, products, seed).facts()
    from auditor.core.reconcile import reconcile

    started = time.perf_counter()
    result = reconcile(facts)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    sorted((a.copy.machine, a.copy.product, str(a.code)) for a in result.assignments)
    yardstick = time.perf_counter() - started
    short = sum(int(position.shortage) for position in result.positions)
    print(f"machines {machines}  products {products}  seed {seed}  rights {len(facts.entitlements)}")
    print(f"copies {len(result.assignments)}  positions {len(result.positions)}  shortage {short}")
    print(f"seconds {seconds:.2f}  yardstick {yardstick:.4f}  ratio {seconds / yardstick:.0f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

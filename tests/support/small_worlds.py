"""Small licence worlds by chance, with a brute force and a plain rule that know nothing of the core.

A world has up to 8 copies and up to 8 rows of the ledger. The brute force tries every way to put copies into units of
rights or into units that would have to be bought, and returns the best of what METRICS §4 puts first: most copies
covered by bound rights, least shortage in rights, least to order.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

DAY = date(2026, 6, 30)
LINES = ("v1", "v2", "v3")
UNITS = {"CO": None, "A": "CO", "B": "CO"}
KINDS = (
    "plain", "exact", "downgrade", "allowed", "maintenance", "bound", "named_user", "per_user", "devices", "second_use",
    "multi_version", "installs", "reserve", "site", "upgrade", "suite", "true_up", "unlimited", "expired", "department",
)  # fmt: skip


@dataclass
class SmallWorld:
    """One world; `kinds` counts the rows of each kind."""

    file: dict[str, Any]
    kinds: Counter[str] = field(default_factory=Counter)


def small_world(seed: int, *, copies: int = 8, rows: int = 8) -> SmallWorld:
    """Return a world; every choice follows from the seed."""
    chance = random.Random(seed)
    machines = [_machine(number, chance) for number in range(chance.randrange(1, 6))]
    count = chance.randrange(0, copies + 1)
    for _ in range(count):
        machine = chance.choice(machines)
        product = chance.choice(("a", "a", "a", "b"))
        item = {"product": product, "line": chance.choice(LINES)} if product == "a" else {"product": "b"}
        if item not in machine["installed"] or product == "a":
            machine["installed"].append(item)
    world = SmallWorld({})
    ledger: list[dict[str, Any]] = []
    for _ in range(chance.randrange(0, rows + 1)):
        kind = chance.choice(KINDS)
        made = _rows(kind, len(ledger), machines, chance)
        if len(ledger) + len(made) <= rows:
            ledger += made
            world.kinds[kind] += 1
    lines = [{"id": line, "released_on": date(2020 + n, 1, 1)} for n, line in enumerate(LINES)]
    world.file = {
        "as_of": DAY,
        "products": [{"id": "a", "lines": lines}, {"id": "b"}, {"id": "s"}],
        "units": [{"code": code, "parent": up} if up else {"code": code} for code, up in UNITS.items()],
        "people": [{"id": "p1"}, {"id": "p2"}],
        "machines": machines,
        "entitlements": ledger,
        "seed": chance.randrange(1000),
    }
    return world


def _machine(number: int, chance: random.Random) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": f"M{number}",
        "unit": chance.choice(("CO", "A", "B")),
        "class": chance.choice(("desktop", "portable", "virtual")),
        "place": chance.choice(("L1", "L2")),
        "serial": f"SN-{1000 + number}",
        "installed": [],
    }
    person = chance.choice((None, "p1", "p1", "p2"))
    return {**told, "person": person} if person else told


def _rows(  # noqa: PLR0912  one branch a kind
    kind: str, number: int, machines: list[dict[str, Any]], chance: random.Random
) -> list[dict[str, Any]]:
    quantity = chance.choice((0, 1, 1, 2, 2, 3))
    row: dict[str, Any] = {"code": f"R{number}", "product": "a", "unit": "CO", "quantity": quantity}
    line = chance.choice(LINES)
    match kind:
        case "exact":
            row |= {"line": line}
        case "downgrade":
            row |= {"line": line, "downgrade": chance.choice(({}, {"steps": 1}))}
        case "allowed":
            row |= {"line": line, "allowed": [{"line": chance.choice(LINES), "basis": "x"}]}
        case "maintenance":
            row |= {"line": "v1", "maintenance": [{"starts_on": date(2020, 6, 1), "ends_on": date(2021, 6, 1)}]}
        case "bound":
            serials = [m["serial"] for m in chance.sample(machines, k=chance.randrange(1, len(machines) + 1))]
            row |= {"metric": "oem", "quantity": len(serials), "serials": serials}
        case "named_user":
            row |= {"metric": "named_user", "people": ["p1"], "quantity": 1}
        case "per_user":
            row |= {"metric": "per_user", "line": line, "downgrade": {}}
        case "devices":
            row |= {"metric": "per_user", "counting": {"installs_per_right": 2}}
        case "second_use":
            row |= {"second_use": True}
        case "multi_version":
            row |= {"multi_version": True, "line": "v3", "downgrade": chance.choice(({}, {"steps": 1}))}
        case "installs":
            row |= {"metric": "installs_per_right", "counting": {"installs_per_right": 2}}
        case "reserve":
            row |= {"reservations": [{"unit": "A", "quantity": quantity // 2}]}
        case "site":
            row |= {"places": ["L1"]}
        case "upgrade":
            base = {**row, "line": "v1"}
            up = {**row, "code": f"R{number + 1}", "line": "v2", "quantity": chance.randrange(3)}
            return [base, {**up, "upgrade_from": [{"line": "v1"}], "downgrade": {"steps": 0}}]
        case "suite":
            parts = [{"product": "a", "role": chance.choice(("mandatory", "optional", "primary"))}, {"product": "b"}]
            row |= {"product": "s", "suite": {"parts": parts, "minimum_percent": chance.choice((0, 60, 100))}}
        case "true_up":
            row |= {"true_up": True}
        case "unlimited":
            row |= {"unlimited": True, "line": line}
        case "expired":
            row |= {"ends_on": date(2026, 6, 29)}
        case "department":
            row |= {"unit": chance.choice(("A", "B"))}
        case _:
            pass
    return [row]


# --- what the world says, read without the core ----------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """One copy."""

    machine: int
    product: str
    line: str | None
    unit: str
    person: str | None
    portable: bool
    place: str
    serial: str


def things_of(file: dict[str, Any]) -> list[Thing]:
    """Return the copies in the order of machines."""
    return [
        Thing(n, item["product"], item.get("line"), m["unit"], m.get("person"), m["class"] == "portable", m["place"],
              m["serial"])
        for n, m in enumerate(file["machines"])
        for item in m["installed"]
    ]  # fmt: skip


def is_within(unit: str | None, above: str) -> bool:
    """Whether a unit is another one or lies below it."""
    while unit is not None:
        if unit == above:
            return True
        unit = UNITS[unit]
    return False


def version_fits(thing: Thing, row: dict[str, Any]) -> bool:
    """Whether the edition and version of a copy fit a row."""
    bought, there = row.get("line"), thing.line
    if bought is None or there == bought:
        return True
    order = LINES.index(bought) - LINES.index(there or "v1")
    if any(entry["line"] == there for entry in row.get("allowed", ())):
        return True
    if "downgrade" in row and 0 < order <= row["downgrade"].get("steps", 99):
        return True
    day = date(2020 + LINES.index(there or "v1"), 1, 1)
    return order < 0 and any(p["starts_on"] <= day <= p["ends_on"] for p in row.get("maintenance", ()))


def is_reachable(thing: Thing, row: dict[str, Any]) -> bool:
    """Whether the copy's unit may use the row, and its version fits."""
    return thing.product == row["product"] and is_within(thing.unit, row["unit"]) and version_fits(thing, row)


def has_suite(things: list[Thing], machine: int, row: dict[str, Any]) -> bool:
    """Whether a device has what makes the suite."""
    there = {thing.product for thing in things if thing.machine == machine}
    parts = row["suite"]["parts"]
    found = [part for part in parts if part["product"] in there]
    primary = [part for part in parts if part.get("role") == "primary"]
    return (
        bool(found)
        and all(part in found for part in parts if part.get("role") == "mandatory")
        and (not primary or any(part in found for part in primary))
        and len(found) * 100 >= row["suite"].get("minimum_percent", 0) * len(parts)
    )


def may_share(block: list[Thing], row: dict[str, Any]) -> bool:
    """Whether one unit of a row may cover these copies together."""
    machines = {thing.machine for thing in block}
    people = {thing.person for thing in block}
    is_one_person = len(people) == 1 and (None not in people or len(machines) == 1)
    shared = row.get("counting", {}).get("installs_per_right")
    if row.get("metric") in ("per_user", "named_user"):
        return is_one_person and len(machines) <= (shared or 99)
    if row.get("second_use"):
        fixed = sum(not thing.portable for thing in block)
        return is_one_person and len(block) <= 2 and fixed <= 1
    if row.get("multi_version") or "suite" in row:
        return len(machines) == 1
    if shared:
        return len(machines) == 1 and len(block) <= shared
    return len(block) == 1


@dataclass(frozen=True)
class Source:
    """What units can be taken from: a row or a part of one. `base`: the index of the source that it uses up as well."""

    row: int
    capacity: int
    bound: bool = False
    later: bool = False
    bases: tuple[int, ...] = ()


def sources_of(file: dict[str, Any], things: list[Thing]) -> tuple[list[Source], list[list[list[bool]]]]:
    """Return the sources and, for each and each copy, whether it fits."""
    sources: list[Source] = []
    fits: list[list[bool]] = []
    rows = file["entitlements"]
    taken: set[str] = set()

    def add(number: int, capacity: int, test: Any, **more: Any) -> None:
        sources.append(Source(number, capacity, **more))
        fits.append([bool(test(thing)) for thing in things])

    for number, row in enumerate(rows):
        if row.get("ends_on", DAY) < DAY:
            continue
        later = row.get("true_up", False)

        def fit(thing: Thing, row: dict[str, Any] = row) -> bool:
            if "suite" in row:
                parts = {part["product"] for part in row["suite"]["parts"]}
                return (
                    thing.product in parts
                    and has_suite(things, thing.machine, row)
                    and is_within(thing.unit, row["unit"])
                )
            return is_reachable(thing, row) and ("places" not in row or thing.place in row["places"])

        if "serials" in row:
            for serial in row["serials"]:
                if serial not in taken:
                    add(number, 1, lambda t, s=serial, f=fit: f(t) and t.serial == s, bound=True)
                taken.add(serial)
        elif "people" in row:
            add(number, 1, lambda t, f=fit: f(t) and t.person == "p1", bound=True)
        elif "reservations" in row:
            kept = row["reservations"][0]["quantity"]
            add(number, kept, lambda t, f=fit: f(t) and is_within(t.unit, "A"))
            add(number, row["quantity"] - kept, fit)
        elif "upgrade_from" in row:
            add(number, row["quantity"], fit)
        else:
            add(number, 99 if row.get("unlimited") else row["quantity"], fit, later=later)
    return [_with_bases(source, sources, rows) for source in sources], [fits]


def _with_bases(source: Source, sources: list[Source], rows: list[dict[str, Any]]) -> Source:
    """An upgrade may be put on any open right of v1; without one it is worth nothing."""
    if "upgrade_from" not in rows[source.row]:
        return source
    bases = tuple(
        n
        for n, other in enumerate(sources)
        if rows[other.row].get("line") == "v1"
        and rows[other.row]["product"] == "a"
        and not (other.bound or other.later or "upgrade_from" in rows[other.row] or rows[other.row].get("unlimited"))
    )
    return replace(source, capacity=source.capacity if bases else 0, bases=bases)


def brute_force(file: dict[str, Any]) -> tuple[int, int, int]:
    """Return (copies covered by bound rights, shortage, to order) of the best of all assignments."""
    things = things_of(file)
    sources, [fits] = sources_of(file, things)
    rows = file["entitlements"]
    everything = tuple(range(len(things)))

    def blocks(first: int, rest: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [(first, *more) for size in range(len(rest) + 1) for more in combinations(rest, size)]

    def is_buyable(block: tuple[int, ...]) -> bool:
        told = [things[i] for i in block]
        return len(block) == 1 or any(
            "suite" not in row and may_share(told, row) and all(is_reachable(t, row) for t in told) for row in rows
        )

    @cache
    def best(left: tuple[int, ...], room: tuple[int, ...]) -> tuple[int, int, int]:
        if not left:
            return (0, 0, 0)
        first, rest = left[0], left[1:]
        found = (0, 99, 99)
        for block in blocks(first, rest):
            after = tuple(i for i in left if i not in block)
            told = [things[i] for i in block]
            if is_buyable(block):
                bound, short, later = best(after, room)
                found = min(found, (bound, short + 1, later))
            for n, source in enumerate(sources):
                if not room[n] or not all(fits[n][i] for i in block) or not may_share(told, rows[source.row]):
                    continue
                for base in source.bases or (None,):
                    if base is not None and not room[base]:
                        continue
                    gone = [n] if base is None else [n, base]
                    less = tuple(r - (k in gone) for k, r in enumerate(room))
                    bound, short, later = best(after, less)
                    found = min(found, (bound - len(block) * source.bound, short, later + source.later))
        return found

    bound, short, later = best(everything, tuple(source.capacity for source in sources))
    return -bound, short, later


def greedy(file: dict[str, Any]) -> int:
    """Return the shortage of a plain rule: newest copies first, each from the first right that has some left."""
    things = things_of(file)
    sources, [fits] = sources_of(file, things)
    rows = file["entitlements"]
    room = [source.capacity for source in sources]
    open_blocks: list[tuple[int, list[Thing]]] = []
    short = 0
    for i, thing in sorted(enumerate(things), key=lambda pair: pair[1].line or "", reverse=True):
        joined = next(
            (block for n, block in open_blocks if fits[n][i] and may_share([*block, thing], rows[sources[n].row])), None
        )
        if joined is not None:
            joined.append(thing)
            continue
        for n, source in enumerate(sources):
            base = next((b for b in source.bases if room[b]), None)
            if room[n] and fits[n][i] and (not source.bases or base is not None):
                room[n] -= 1
                if base is not None:
                    room[base] -= 1
                open_blocks.append((n, [thing]))
                break
        else:
            short += 1
    return short

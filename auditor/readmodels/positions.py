"""Positions of a day, rolled up the tree of units, copy by copy where asked; and those of a changed world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from auditor.core.counting import Counting, count
from auditor.core.model import Assignment, Position, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.position import positions_of
from auditor.core.reconcile import Facts, counting_of
from auditor.core.rollup import RolledUp, rolled_up
from auditor.core.whatif import Changes, changed
from auditor.readmodels.walk import position_id


@dataclass(frozen=True)
class Counted:
    """What one count of a world says: positions of units with all below them, and every copy."""

    lines: tuple[RolledUp, ...]
    own: tuple[Position, ...]
    assignments: tuple[Assignment, ...]
    world: Counting


def counted(facts: Facts, changes: Changes | None = None) -> Counted:
    """Count the facts of a day, changed where asked."""
    world = counting_of(facts)
    if changes is not None:
        world = changed(world, changes)
    tree = UnitTree(world.units)
    found = count(world, tree)
    own = positions_of(found, world.machines, world.products, tree, world.people, on=world.on)
    return Counted(rolled_up(own, tree), own, tuple(found.assignments), world)


def position_rows(
    result: Counted, *, unit: str | None, product: str | None, before: Counted | None = None
) -> list[dict[str, Any]]:
    """Return a row for each unit, product and way of counting, in their order; with `before`, what changes.

    Figures are whole numbers, or fractions as texts (`1/2`). `net` is surplus less shortage over all units below.
    """
    then = {_key(line): line for line in before.lines} if before is not None else {}
    now = {_key(line): line for line in result.lines}
    rows = []
    for key in sorted({*then, *now}):
        if unit not in (None, key[0]) or product not in (None, key[1]):
            continue
        line = now.get(key)
        row: dict[str, Any] = {"unit": key[0], "product": key[1], "metric": key[2]}
        if line is not None:
            row = _figures(line)
        if before is not None:
            earlier = then.get(key)
            row["shortage_before"] = number(earlier.position.shortage) if earlier is not None else 0
            row["surplus_before"] = number(earlier.position.surplus) if earlier is not None else 0
        rows.append(row)
    return rows


def copy_rows(result: Counted, *, unit: str | None, product: str | None) -> list[dict[str, Any]]:
    """Return a row for each copy: its machine, its code, the right and why, or the one condition that fails."""
    tree = UnitTree(result.world.units)
    rights = {right.id: right for right in result.world.entitlements}
    rows = []
    for one in result.assignments:
        copy = one.copy
        here = tree.unit_of(copy.department, copy.unit)
        if product not in (None, copy.product) or (unit is not None and not _is_below(here, unit, tree)):
            continue
        machine = result.world.machines[copy.machine]
        right = rights.get(one.entitlement or 0)
        rows.append(
            {
                "unit": here,
                "machine": machine.code or machine.host_name or machine.key,
                "product": copy.product,
                "edition": copy.edition,
                "line": copy.line,
                "version": copy.version,
                "code": one.code,
                "entitlement": one.entitlement,
                "paper": right.paper if right is not None else None,
                "right": one.right.value,
                "reason": one.reason.value if one.reason is not None else None,
                "failing": one.failing.value if one.failing is not None else None,
                "verdict": one.verdict.value,
                "evidence": one.evidence.value,
                "document": machine.document,
                "record": copy.record,
            }
        )
    return rows


def products_named(facts: Facts, name: str) -> Sequence[str]:
    """Return the ids of products of that id or official name."""
    wanted = name.strip().casefold()
    return sorted(
        id
        for id, product in facts.products.items()
        if wanted in (id.casefold(), product.zh.casefold(), product.en.casefold())
    )


def number(value: Fraction | None) -> int | str | None:
    """Return a whole number as such, a fraction as a text."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else str(value)


def _key(line: RolledUp) -> tuple[str, str, str]:
    kind = line.position.metric if line.position.metric not in ("per_device", "per_user") else ""
    return (line.position.unit, line.position.product, kind)


def _figures(line: RolledUp) -> dict[str, Any]:
    position = line.position
    return {
        "id": position_id(position.unit, position.product, position.metric),
        "unit": position.unit,
        "product": position.product,
        "name": position.name,
        "metric": position.metric,
        "raw": position.raw,
        "required": number(position.required),
        "covered": number(position.covered),
        "to_order": number(position.to_order),
        "shortage": number(position.shortage),
        "to_buy": position.to_buy,
        "owned": "unlimited" if position.owned is None else number(position.owned),
        "surplus": number(position.surplus),
        "idle_reserve": number(position.idle_reserve),
        "net": number(line.net),
        "exempt": position.exempt,
        "dead_oem": position.dead_oem,
        "to_verify": position.to_verify,
        "at_least": position.is_lower_bound,
    }


def _is_below(unit: UnitCode, above: str, tree: UnitTree) -> bool:
    return tree.distance(unit, UnitCode(above)) is not None

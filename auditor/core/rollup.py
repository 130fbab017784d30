"""Positions up the tree of units: gross (every shortage counts) and net (surplus of one unit set against another's)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from auditor.core.model import Position, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.position import added


@dataclass(frozen=True)
class RolledUp:
    """One unit with all below it, one product and way of counting.

    `position` is the plain sum: its shortage is the gross one. `net` is surplus less shortage: what would be left, or
    lacking, if rights could move freely; whether they may is another question.
    """

    position: Position
    net: Fraction


def rolled_up(positions: Iterable[Position], tree: UnitTree) -> tuple[RolledUp, ...]:
    """Return a line for every unit that has a position at or below it, ordered by unit, product, metric."""
    groups: defaultdict[tuple[UnitCode, str, str], list[Position]] = defaultdict(list)
    for position in positions:
        kind = position.metric if position.metric not in ("per_device", "per_user") else ""
        for unit in tree.way_up(position.unit) or (position.unit,):
            groups[(unit, position.product, kind)].append(position)
    lines = [added(groups[key], key[0]) for key in sorted(groups)]
    return tuple(RolledUp(line, line.surplus - line.shortage) for line in lines)

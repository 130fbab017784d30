"""The tree of units as of a day: who is above whom, and which legal entity answers for whom."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.core.model import Unit, UnitCode, UnitKind

NO_UNIT = UnitCode("-")
"""Stands for the legal entity of machines that no unit claims, when the register has no unit at all."""


class UnitTree:
    """Units by code with their ways to the root. A circle is cut where it closes; an unknown parent is a root."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = {unit.code: unit for unit in sorted(units)}
        self._up = {code: self._way_up(code) for code in self.units}

    def way_up(self, code: UnitCode | None) -> tuple[UnitCode, ...]:
        """Return the unit and all above it, nearest first; empty for an unknown unit."""
        return self._up.get(code, ()) if code is not None else ()

    def distance(self, below: UnitCode, above: UnitCode) -> int | None:
        """Return the number of steps from `below` up to `above`, 0 for the same unit, `None` if not above it."""
        way = self._up.get(below, (below,))
        return way.index(above) if above in way else None

    def legal_entity_of(self, code: UnitCode | None) -> UnitCode:
        """Return the nearest legal entity at or above the unit.

        A way without one ends at its root. A machine without a known unit belongs to the first legal entity
        without a parent, in the order of codes, or to `NO_UNIT` when there is none.
        """
        way = self.way_up(code)
        for above in way:
            if self.units[above].kind is UnitKind.LEGAL_ENTITY:
                return above
        return way[-1] if way else self._first_root()

    def legal_entities(self) -> tuple[UnitCode, ...]:
        """Return every legal entity in the order of codes; the roots when no unit is marked as one."""
        marked = tuple(code for code, unit in self.units.items() if unit.kind is UnitKind.LEGAL_ENTITY)
        return marked or tuple(code for code, way in self._up.items() if len(way) == 1)

    def name(self, code: UnitCode | None) -> str | None:
        """Return a unit's name, `None` for an unknown one."""
        unit = self.units.get(code) if code is not None else None
        return unit.name if unit is not None else None

    def _first_root(self) -> UnitCode:
        roots = [code for code in self.legal_entities() if len(self._up[code]) == 1]
        return roots[0] if roots else (self.legal_entities() or (NO_UNIT,))[0]

    def _way_up(self, code: UnitCode) -> tuple[UnitCode, ...]:
        way: list[UnitCode] = []
        here: UnitCode | None = code
        while here is not None and here in self.units and here not in way:
            way.append(here)
            here = self.units[here].parent
        return tuple(way)

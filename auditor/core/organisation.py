"""The tree of units as of a day: who is above whom, and which legal entity answers for whom."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.core.model import Unit, UnitCode, UnitKind

NO_UNIT = UnitCode("-")
"""Stands for the legal entity of machines that no unit claims, when the register has no unit at all."""


class UnitTree:
    """Units by code with their ways to the root. A circle is cut above its lowest code; an unknown parent is a root.

    Every copy belongs to one of `legal_entities()`, so that no machine falls between the forms.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = {unit.code: unit for unit in sorted(units, key=lambda unit: unit.code)}
        self._up = {code: self._way_up(code) for code in self.units}
        self._distance = {code: {above: n for n, above in enumerate(way)} for code, way in self._up.items()}
        self._entity = {code: self._entity_on(way) for code, way in self._up.items()}
        self._first = self._first_root()

    def way_up(self, code: UnitCode | None) -> tuple[UnitCode, ...]:
        """Return the unit and all above it, nearest first; empty for an unknown unit."""
        return self._up.get(code, ()) if code is not None else ()

    def distance(self, below: UnitCode, above: UnitCode) -> int | None:
        """Return the number of steps from `below` up to `above`, 0 for the same unit, `None` if not above it."""
        if below == above:
            return 0
        return self._distance.get(below, {}).get(above)

    def legal_entity_of(self, code: UnitCode | None) -> UnitCode:
        """Return the nearest legal entity at or above the unit.

        A way without one ends at its root. A machine without a known unit belongs to the first legal entity
        without a parent, in the order of codes, or to `NO_UNIT` when there is none.
        """
        return self._entity.get(code, self._first) if code is not None else self._first

    def unit_of(self, department: UnitCode | None, entity: UnitCode) -> UnitCode:
        """Return where a copy stands in the tree: its department when the register knows it, else its legal entity."""
        return department if department is not None and department in self.units else entity

    def legal_entities(self) -> tuple[UnitCode, ...]:
        """Return every unit that answers for machines, in the order of codes.

        These are the legal entities, and the roots of units that have none above them.
        """
        marked = {code for code, unit in self.units.items() if unit.kind is UnitKind.LEGAL_ENTITY}
        return tuple(sorted(marked | set(self._entity.values())))

    def name(self, code: UnitCode | None) -> str | None:
        """Return a unit's name, `None` for an unknown one."""
        unit = self.units.get(code) if code is not None else None
        return unit.name if unit is not None else None

    def _entity_on(self, way: tuple[UnitCode, ...]) -> UnitCode:
        return next((above for above in way if self.units[above].kind is UnitKind.LEGAL_ENTITY), way[-1])

    def _first_root(self) -> UnitCode:
        entities = self.legal_entities()
        marked = [code for code in entities if self.units[code].kind is UnitKind.LEGAL_ENTITY]
        roots = [code for code in marked or entities if len(self._up[code]) == 1]
        return (roots or marked or list(entities) or [NO_UNIT])[0]

    def _way_up(self, code: UnitCode) -> tuple[UnitCode, ...]:
        way: list[UnitCode] = []
        here: UnitCode | None = code
        while here is not None and here in self.units and here not in way:
            way.append(here)
            here = self.units[here].parent
        if here is None or here not in way:
            return tuple(way)
        root = min(way[way.index(here) :])
        return tuple(way[: way.index(root) + 1])

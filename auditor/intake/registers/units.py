"""单位: the tree of units. Circles and parents that nobody knows are faults."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.core.model import Unit, UnitCode, UnitKind
from auditor.errors import both
from auditor.intake.registers.cells import code, one_of, text, whole
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit

KINDS = {
    "独立法人": UnitKind.LEGAL_ENTITY,
    "法人单位": UnitKind.LEGAL_ENTITY,
    "单位": UnitKind.LEGAL_ENTITY,
    "legal_entity": UnitKind.LEGAL_ENTITY,
    "部门": UnitKind.DEPARTMENT,
    "department": UnitKind.DEPARTMENT,
}
FIELDS = (
    Field("code", ("单位编码", "部门编码", "编码"), code, required=True),
    Field("name", ("单位名称", "部门名称", "名称"), text, required=True),
    Field("parent", ("上级单位编码", "上级编码", "上级"), code),
    Field("kind", ("单位性质", "性质", "类型"), one_of(KINDS)),
    Field("headcount", ("总人数", "人数"), whole),
)


def units_from(reading: Reading, known: Sequence[Unit]) -> list[tuple[RegisterRow, Unit]]:
    """Return the units of a reading; adds a fault for each unknown parent and each circle.

    `known`: the units of the day that stay, so that a file may name a parent that is registered already.
    """
    made = [
        (
            row,
            Unit(
                code=UnitCode(row.values["code"]),
                name=row.values["name"],
                parent=UnitCode(row.values["parent"]) if row.values.get("parent") else None,
                kind=row.values.get("kind") or UnitKind.DEPARTMENT,
                headcount=row.values.get("headcount"),
            ),
        )
        for row in reading.rows
    ]
    above = {unit.code: unit.parent for unit in known} | {unit.code: unit.parent for _, unit in made}
    for row, unit in made:
        if unit.parent is not None and unit.parent not in above:
            reading.faults.append(Fault(row.at("parent"), "上级单位编码", no_such_unit(unit.parent)))
        elif _closes_a_circle(unit.code, above):
            told = both(f"“{unit.code}”将成为自己的上级", f"{unit.code!r} would be above itself")
            reading.faults.append(Fault(row.at("parent"), "上级单位编码", told))
    _check_below(made, reading)
    return made


def _check_below(made: Sequence[tuple[RegisterRow, Unit]], reading: Reading) -> None:
    """What stands below a unit that is not taken cannot be taken either."""
    bad = {(fault.place.sheet, fault.place.row) for fault in reading.faults}
    left_out = {unit.code for row, unit in made if (row.place.sheet, row.place.row) in bad}
    open_rows = [(row, unit) for row, unit in made if (row.place.sheet, row.place.row) not in bad]
    while found := [(row, unit) for row, unit in open_rows if unit.parent in left_out]:
        for row, unit in found:
            told = both(f"上级“{unit.parent}”所在的行有误", f"the row of its parent {unit.parent!r} has a fault")
            reading.faults.append(Fault(row.at("parent"), "上级单位编码", told))
        left_out |= {unit.code for _, unit in found}
        open_rows = [pair for pair in open_rows if pair not in found]


def _closes_a_circle(start: UnitCode, above: dict[UnitCode, UnitCode | None]) -> bool:
    here, steps = above.get(start), 0
    while here is not None and steps <= len(above):
        if here == start:
            return True
        here, steps = above.get(here), steps + 1
    return False

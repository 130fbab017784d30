"""单位: the tree of units. Circles and parents that nobody knows are faults."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.core.model import Unit, UnitCode, UnitKind
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, code, one_of, text, whole

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
            reading.faults.append(Fault(row.place, "上级单位编码", f"no unit has the code {unit.parent!r}"))
        elif _closes_a_circle(unit.code, above):
            reading.faults.append(Fault(row.place, "上级单位编码", f"{unit.code!r} would be above itself"))
    return made


def _closes_a_circle(start: UnitCode, above: dict[UnitCode, UnitCode | None]) -> bool:
    here, steps = above.get(start), 0
    while here is not None and steps <= len(above):
        if here == start:
            return True
        here, steps = above.get(here), steps + 1
    return False

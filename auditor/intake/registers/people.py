"""人员: who belongs to which unit. A leaver is ended, not deleted."""

from __future__ import annotations

from auditor.core.model import Person, PersonId, UnitCode
from auditor.intake.registers.cells import code, text
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit

FIELDS = (
    Field("id", ("工号", "人员编号", "员工编号"), code, required=True),
    Field("name", ("姓名",), text, required=True),
    Field("unit", ("部门编码", "单位编码", "部门"), code, required=True),
)


def people_from(reading: Reading, units: set[UnitCode]) -> list[tuple[RegisterRow, Person]]:
    """Return the people of a reading; adds a fault for each unknown unit."""
    made = []
    for row in reading.rows:
        unit = UnitCode(row.values["unit"])
        if unit not in units:
            reading.faults.append(Fault(row.at("unit"), "部门编码", no_such_unit(unit)))
        made.append((row, Person(PersonId(row.values["id"]), row.values["name"], unit)))
    return made

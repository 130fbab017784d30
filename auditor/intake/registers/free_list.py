"""可使用免费软件清单 as the form prints it, with the unit and the basis of the right beside it."""

from __future__ import annotations

from auditor.core.entitlement import FreeSoftware
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.intake.registers.cells import code, text
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit
from rules.ledger_names import LedgerNames

FIELDS = (
    Field("code", ("软件编号", "Software code"), code, required=True),
    Field("name", ("软件名称", "Software name"), text, required=True),
    Field("unit", ("单位编码",), code),
    Field("version", ("软件版本", "Software version"), text),
    Field("source", ("软件来源", "Software source"), text),
    Field("vendor", ("软件厂商", "Software vendor"), text),
    Field("contact", ("软件厂商客服联系方式", "客服联系方式", "Vendor support contact"), text),
    Field("department", ("使用部门", "Department"), text),
    Field("reason", ("使用原因", "Reason for use"), text),
    Field("basis", ("授权依据", "可商用依据", "依据"), text),
)


def free_list_from(
    reading: Reading, units: set[UnitCode], names: LedgerNames, unit: UnitCode | None
) -> list[tuple[RegisterRow, FreeSoftware]]:
    """Return the lines of a reading; `unit` stands for a column that the printed form does not have."""
    made = []
    for row in reading.rows:
        values = row.values
        owner = UnitCode(values.get("unit") or unit or "")
        if owner not in units:
            reading.faults.append(Fault(row.at("unit"), "单位编码", no_such_unit(owner)))
        known = names.find(values["name"], values.get("version"))
        made.append(
            (
                row,
                FreeSoftware(
                    unit=owner,
                    code=SoftwareCode(values["code"]),
                    name=values["name"],
                    product=ProductId(known.product) if known is not None else None,
                    version=values.get("version"),
                    source=values.get("source"),
                    vendor=values.get("vendor"),
                    contact=values.get("contact"),
                    department=values.get("department"),
                    reason=values.get("reason"),
                    basis=values.get("basis"),
                ),
            )
        )
    return made

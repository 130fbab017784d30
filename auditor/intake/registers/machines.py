"""计算机: what the unit has on its books, seen by an agent or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from auditor.core.model import Hardware, MachineClass, MachineState, PersonId, RegisteredMachine, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import Unreadable, code, day, listed, one_of, text, whole, yes_no
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit
from auditor.intake.tables import Value

CLASSES = {
    "服务器": MachineClass.SERVER,
    "台式机": MachineClass.DESKTOP,
    "台式": MachineClass.DESKTOP,
    "一体机": MachineClass.DESKTOP,
    "便携机": MachineClass.PORTABLE,
    "笔记本": MachineClass.PORTABLE,
    "笔记本电脑": MachineClass.PORTABLE,
    "虚拟机": MachineClass.VIRTUAL,
    "server": MachineClass.SERVER,
    "desktop": MachineClass.DESKTOP,
    "portable": MachineClass.PORTABLE,
    "virtual": MachineClass.VIRTUAL,
}
STATES = {
    "在用": MachineState.IN_USE,
    "闲置": MachineState.IDLE,
    "维修": MachineState.IN_REPAIR,
    "停用": MachineState.OUT_OF_SERVICE,
    "报废": MachineState.SCRAPPED,
    "调出": MachineState.TRANSFERRED_OUT,
    "涉密不扫描": MachineState.CLASSIFIED,
    "涉密": MachineState.CLASSIFIED,
    "个人所有不扫描": MachineState.PRIVATE,
    "个人所有": MachineState.PRIVATE,
    **{state.value: state for state in MachineState},
}


def mac(cell: Value) -> str:
    """A MAC address in lower case with colons."""
    digits = re.sub(r"[^0-9a-f]", "", text(cell).casefold())
    if len(digits) != 12:
        raise Unreadable("MAC 地址，如 3c:7c:3f:00:11:22", "a MAC address such as 3c:7c:3f:00:11:22")
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


def cores(cell: Value) -> tuple[int, ...]:
    """The cores of each processor: `8、8`, `8,8`, `2×8`."""
    told = unicodedata.normalize("NFKC", text(cell)).replace("核", "")
    many = re.fullmatch(r"(\d{1,3})\s*(?:颗|路)?\s*[x×X*]\s*(\d{1,4})", told)
    numbers = [int(many[2])] * int(many[1]) if many else [whole(one) for one in listed(told)]
    if not 0 < len(numbers) <= 1_000 or not all(0 < one <= 10_000 for one in numbers):
        raise Unreadable("每颗处理器的核数，如 8、8 或 2×8", "the cores of each processor such as 8、8 or 2×8")
    return tuple(numbers)


def factor(cell: Value) -> Fraction:
    """A core factor: `0.5`, `3/4`."""
    told = unicodedata.normalize("NFKC", text(cell))
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?|\d{1,3}/[1-9]\d{0,2}", told) or not 0 < Fraction(told) <= 100:
        raise Unreadable("核心系数，如 0.5", "a core factor such as 0.5")
    return Fraction(told)


FIELDS = (
    Field("code", ("计算机编号", "资产编号", "设备编号"), code, required=True),
    Field("unit", ("部门编码", "单位编码"), code, required=True),
    Field("person", ("使用人工号", "工号", "责任人工号"), code),
    Field("brand", ("计算机品牌", "品牌型号", "品牌"), text),
    Field("serial", ("序列号", "出厂序列号", "SN"), text),
    Field("mac", ("MAC地址", "MAC", "物理地址"), mac),
    Field("host_name", ("主机名", "计算机名"), text),
    Field("machine_class", ("设备类型", "类型", "设备类别"), one_of(CLASSES)),
    Field("state", ("状态", "使用状态"), one_of(STATES)),
    Field("place", ("地点", "存放地点", "位置"), text),
    Field("purchased_on", ("购置日期", "采购日期"), day),
    Field("cores", ("处理器核数", "每颗处理器核数"), cores),
    Field("vcpus", ("虚拟处理器数", "vCPU数", "vCPU"), whole),
    Field("host", ("宿主机编号", "物理主机编号"), code),
    Field("cluster", ("集群", "集群名称"), text),
    Field("factor", ("核心系数", "核心因子"), factor),
    Field("points", ("每核PVU", "PVU"), whole),
    Field("runs_workload", ("主机承担业务",), yes_no),
)
HARDWARE = ("cores", "vcpus", "host", "cluster", "factor", "points", "runs_workload")


def machines_from(
    reading: Reading, units: set[UnitCode], people: set[PersonId]
) -> list[tuple[RegisterRow, RegisteredMachine]]:
    """Return the machines of a reading; adds a fault for each unknown unit and person."""
    made = []
    for row in reading.rows:
        values = row.values
        unit, person = UnitCode(values["unit"]), values.get("person")
        if unit not in units:
            reading.faults.append(Fault(row.at("unit"), "部门编码", no_such_unit(unit)))
        if person is not None and person not in people:
            told = both(f"人员登记中没有工号“{person}”", f"nobody has the number {person!r}")
            reading.faults.append(Fault(row.at("person"), "使用人工号", told))
        made.append(
            (
                row,
                RegisteredMachine(
                    code=values["code"],
                    unit=unit,
                    person=PersonId(person) if person is not None else None,
                    brand=values.get("brand"),
                    serial=values.get("serial"),
                    mac=values.get("mac"),
                    host_name=values.get("host_name"),
                    machine_class=values.get("machine_class") or MachineClass.UNKNOWN,
                    state=values.get("state") or MachineState.IN_USE,
                    place=values.get("place"),
                    purchased_on=values.get("purchased_on"),
                    hardware=_hardware(values),
                ),
            )
        )
    return made


def _hardware(values: Mapping[str, Any]) -> Hardware | None:
    told = {name: values[name] for name in HARDWARE if name in values}
    return Hardware(**told) if told else None

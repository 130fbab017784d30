"""软件使用情况明细表: every person, every computer, and what is installed on it."""

from __future__ import annotations

from collections import defaultdict

from auditor.core.entitlement import SoftwareType
from auditor.core.model import Assignment, Machine, UnitCode
from auditor.core.reconcile import NOT_COUNTED
from auditor.readmodels.context import RunView
from reports.model import DetailForm, DetailLine, DetailMachine, Name

TYPE_ORDER = ("commercial", "oem", "free", "unclassified")


def detail_form(view: RunView, unit: UnitCode) -> DetailForm:
    """Return the detail of one legal entity, sorted by department, person, computer; software by type and name."""
    copies: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in view.by_unit.get(unit, []):
        copies[assignment.copy.machine].append(assignment)
    machines = [
        machine
        for machine in view.machines_by_unit.get(unit, [])
        if machine.id is not None and machine.state not in NOT_COUNTED
    ]
    blocks = [_block(view, machine, copies[machine.key]) for machine in machines]
    seen = {machine.key for machine in machines}
    feet = [foot for foot in view.result.feet if foot.machine in seen]
    return DetailForm(
        head=view.head(unit, "detail"),
        machines=tuple(sorted(blocks, key=_order)),
        components=sum(foot.components for foot in feet),
        drivers=sum(foot.drivers for foot in feet),
        system_parts=sum(foot.system_parts for foot in feet),
        unrecognised=sum(foot.unrecognised for foot in feet),
        coverage=view.coverage(unit),
        proof=view.proof,
    )


def _order(block: DetailMachine) -> tuple[bool, str, str, str, str]:
    """Registered computers first, by department, person, computer."""
    return (
        block.computer_code is None,
        block.department or "",
        block.person or "",
        block.computer_code or "",
        block.host_name or "",
    )


def _block(view: RunView, machine: Machine, copies: list[Assignment]) -> DetailMachine:
    lines = [_line(view, assignment) for assignment in copies]
    return DetailMachine(
        department=view.department(machine),
        person=view.person(machine),
        computer_code=machine.code,
        host_name=machine.host_name,
        brand=machine.brand,
        lines=tuple(
            sorted(lines, key=lambda line: (TYPE_ORDER.index(line.software_type), _zh(line.name), str(line.version)))
        ),
        last_scan_on=machine.last_scan_on,
    )


def _zh(name: str | Name) -> str:
    return name.zh if isinstance(name, Name) else name


def _line(view: RunView, assignment: Assignment) -> DetailLine:
    right = view.carried(assignment)
    return DetailLine(
        code=assignment.code,
        name=view.copy_name(assignment.copy),
        version=assignment.copy.version,
        term=right.term if right is not None and right.software_type is not SoftwareType.FREE else None,
        software_type=view.software_type(assignment),
        installed_on=assignment.copy.installed_on,
        over=assignment.over,
        verdict=assignment.verdict.value,
    )

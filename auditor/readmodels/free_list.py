"""可使用免费软件清单: the decisions of the unit, and what is seen and not yet decided."""

from __future__ import annotations

from collections import defaultdict

from auditor.core.model import Right, UnitCode
from auditor.readmodels.context import RunView
from reports.model import FreeForm, FreeLine, Name


def free_form(view: RunView, unit: UnitCode) -> FreeForm:
    """Return the allow-list of one legal entity; candidates are free software seen and not on it, by machines."""
    lines = [line for line in view.facts.free_list if view.tree.legal_entity_of(line.unit) == unit]
    bearers: defaultdict[Name, set[str]] = defaultdict(set)
    for assignment in view.by_unit.get(unit, []):
        free = assignment.right is Right.NOT_NEEDED or assignment.copy.licence_class.value == "personal_free"
        if assignment.code is None and free and assignment.copy.kind.value != "operating_system":
            bearers[view.product_name(assignment.copy.product)].add(assignment.copy.machine)
    candidates = [(name, len(machines)) for name, machines in bearers.items()]
    return FreeForm(
        head=view.head(unit, "free_software"),
        lines=tuple(
            FreeLine(
                line.code,
                line.name,
                line.version,
                line.source,
                line.vendor,
                line.contact,
                line.department,
                line.reason,
            )
            for line in sorted(lines, key=lambda line: line.code)
        ),
        candidates=tuple(sorted(candidates, key=lambda item: (-item[1], item[0]))),
        coverage=view.coverage(unit),
        proof=view.proof,
    )

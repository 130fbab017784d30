"""软件使用情况汇总表: people, machines, and every 软件编号 with the number installed now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import Assignment, MachineClass, UnitCode
from auditor.core.reconcile import NOT_COUNTED
from auditor.readmodels.context import RunView
from reports.model import Purchase, SummaryForm, TermLine, VersionLines

TYPE_ORDER = (SoftwareType.COMMERCIAL, SoftwareType.OEM, SoftwareType.FREE)


def summary_form(view: RunView, unit: UnitCode) -> SummaryForm:
    """Return the annual summary of one legal entity: commercial rows first, then OEM, then free."""
    assignments = view.by_unit.get(unit, [])
    machines = [m for m in view.machines_by_unit.get(unit, []) if m.state not in NOT_COUNTED]
    classes = Counter(machine.machine_class for machine in machines)
    by_code: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        if assignment.code is not None:
            by_code[assignment.code].append(assignment)
    nameless = Counter(view.product_name(a.copy.product) for a in assignments if a.code is None)
    return SummaryForm(
        head=view.head(unit, "summary"),
        headcount=_headcount(view, unit),
        computer_users=len({machine.person for machine in machines if machine.person is not None}),
        servers=classes[MachineClass.SERVER],
        desktops=classes[MachineClass.DESKTOP],
        portables=classes[MachineClass.PORTABLE],
        others=classes[MachineClass.VIRTUAL] + classes[MachineClass.UNKNOWN],
        purchases=tuple(_purchases(view, unit, by_code)),
        unregistered=tuple(sorted(nameless.items(), key=lambda item: (-item[1], item[0]))),
        coverage=view.coverage(unit),
        proof=view.proof,
    )


def rows_of_unit(view: RunView, unit: UnitCode) -> dict[str, list[Entitlement]]:
    """Return the ledger rows that stand on the unit's forms by code: its own, and shared ones whose code it bears."""
    carried = [view.carried(assignment) for assignment in view.by_unit.get(unit, [])]
    used = {right.id for right in carried if right is not None}
    rows: defaultdict[str, list[Entitlement]] = defaultdict(list)
    for right in sorted(view.facts.entitlements, key=lambda right: right.id):
        own = view.tree.legal_entity_of(right.unit) == unit
        if own or (right.shared and right.id in used):
            rows[right.code].append(right)
    return dict(rows)


def _headcount(view: RunView, unit: UnitCode) -> int | None:
    """Return 总人数: as the unit states it, else the people registered in it."""
    stated = view.tree.units[unit].headcount if unit in view.tree.units else None
    if stated is not None:
        return stated
    return sum(view.tree.legal_entity_of(person.unit) == unit for person in view.facts.people) or None


def _purchases(view: RunView, unit: UnitCode, by_code: dict[str, list[Assignment]]) -> list[Purchase]:
    rows = rows_of_unit(view, unit)
    made = [_purchase(view, code, rights, by_code.get(code, [])) for code, rights in rows.items()]
    made += _free_purchases(view, unit, by_code, set(rows))
    order = [kind.value for kind in TYPE_ORDER]
    return sorted(made, key=lambda purchase: (order.index(purchase.software_type), purchase.code))


def _free_purchases(
    view: RunView, unit: UnitCode, by_code: dict[str, list[Assignment]], taken: set[str]
) -> list[Purchase]:
    """Return the rows of the allow-list: no purchase facts, only what is installed."""
    made = []
    for line in sorted(view.facts.free_list, key=lambda line: line.code):
        if view.tree.legal_entity_of(line.unit) == unit and line.code not in taken:
            installed = len(by_code.get(line.code, []))
            versions = (VersionLines(None, (TermLine(None, None, installed),)),)
            taken = taken | {line.code}
            made.append(
                Purchase(line.code, line.name, line.version, SoftwareType.FREE.value, None, None, None, None, versions)
            )
    return made


def _purchase(view: RunView, code: str, rights: Sequence[Entitlement], mine: Sequence[Assignment]) -> Purchase:
    """Return one 软件编号 with a line for each 可使用版本 and term; each copy is counted on one line."""
    first = rights[0]
    lines: dict[tuple[str | None, int], list[Assignment]] = {}
    for right in rights:
        for text in _allowed_texts(right):
            lines[(text, right.id)] = []
    for assignment in mine:
        lines[_line_of(assignment, rights)].append(assignment)
    versions: dict[str | None, list[TermLine]] = {}
    for (text, right_id), members in lines.items():
        right = next(right for right in rights if right.id == right_id)
        serials = "、".join(view.serials.get(right.id) or right.serials) or None
        over = sum(assignment.over for assignment in members)
        versions.setdefault(text, []).append(TermLine(right.term, serials, len(members), over))
    return Purchase(
        code=code,
        name=first.name,
        version=first.version,
        software_type=first.software_type.value,
        purchased_on=first.purchased_on,
        amount=_amount(rights),
        licence_type=first.licence_type,
        quantity=quantity_text(rights),
        versions=tuple(VersionLines(text, tuple(terms)) for text, terms in versions.items()),
    )


def _amount(rights: Sequence[Entitlement]) -> Decimal | None:
    """Return 采购金额: the sum over the rows of a code, as 许可数量 is; `None` when no row states one."""
    told = [right.amount for right in rights if right.amount is not None]
    return sum(told, Decimal(0)) if told else None


def quantity_text(rights: Sequence[Entitlement]) -> str | None:
    """Return 许可数量: the sum over the rows of a code, 不限 when one of them is unlimited, 场地 for a site licence."""
    if any(right.unlimited for right in rights):
        return "场地" if any("场地" in (right.licence_type or "") for right in rights) else "不限"
    return str(sum(right.quantity for right in rights))


def _allowed_texts(right: Entitlement) -> list[str | None]:
    return [allowed.text for allowed in right.allowed] or [right.version]


def _line_of(assignment: Assignment, rights: Sequence[Entitlement]) -> tuple[str | None, int]:
    """Return the line on which a copy is counted: the row of its right, the 可使用版本 that names its version."""
    mine = [right for right in rights if right.id == assignment.entitlement]
    right = (mine or [right for right in rights if right.product == assignment.copy.product] or rights)[0]
    texts = _allowed_texts(right)
    for allowed in right.allowed:
        if allowed.line is not None and allowed.line == assignment.copy.line:
            return allowed.text, right.id
    return texts[0], right.id

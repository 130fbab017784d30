"""软件安装维护情况明细表: one sheet a 软件编号, from the journal, with a running total.

Every appearance and removal of a copy stands on the sheet of the code that it carries or carried. Where the
code of a copy changed without a change on the machine (a ledger row came later, a right was moved), or the
computer itself went (报废, 调出), an accounting line (调整) closes the gap, so the last running total is the
安装数量 of the summary.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from auditor.core.copies import copies_of
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import Assignment, Copy, JournalLine, Machine, UnitCode
from auditor.core.timeline import CopyEvent, copy_events
from auditor.readmodels.context import GONE, RunView
from auditor.readmodels.summary import quantity_text, rows_of_unit
from reports.model import JournalEntry, JournalForm, JournalSheet


def journal_form(view: RunView, unit: UnitCode) -> JournalForm:
    """Return the sheets of one legal entity: commercial and OEM codes, in the order of codes."""
    rows = {
        code: rights
        for code, rights in rows_of_unit(view, unit).items()
        if rights[0].software_type is not SoftwareType.FREE
    }
    events = _events_by_code(view, unit, rows)
    sheets = [_sheet(view, code, rights, events.get(code, [])) for code, rights in sorted(rows.items())]
    return JournalForm(view.head(unit, "journal"), tuple(sheets), view.coverage(unit), view.proof)


def _events_by_code(
    view: RunView, unit: UnitCode, rows: dict[str, list[Entitlement]]
) -> dict[str, list[tuple[CopyEvent, str]]]:
    """Return for each code its events with the act to print, oldest first."""
    lines: defaultdict[int, list[JournalLine]] = defaultdict(list)
    for line in view.journal:
        lines[line.machine].append(line)
    now = {assignment.copy.key: assignment for assignment in view.by_unit.get(unit, [])}
    events: defaultdict[str, list[tuple[CopyEvent, str]]] = defaultdict(list)
    for machine in view.machines_ever.get(unit, []):
        if machine.id is not None:
            for event in copy_events(machine, lines[machine.id], lambda state: _copies(view, state)):
                code = _code(view, event.copy, now, rows)
                if code is not None:
                    events[code].append((event, _act(event)))
    for code, gaps in _adjustments(view, now, events).items():
        events[code] += gaps
    for told in events.values():
        told.sort(key=lambda item: (item[0].happened_on, item[0].order, item[0].appeared, item[0].copy.key))
    return dict(events)


def _copies(view: RunView, machine: Machine) -> tuple[Copy, ...]:
    facts = view.facts
    return copies_of(machine, facts.titles, facts.recognitions, facts.products, view.tree)[0]


def _act(event: CopyEvent) -> str:
    if event.opening:
        return "opening"
    return "installed" if event.appeared else "removed"


def _code(view: RunView, copy: Copy, now: dict[str, Assignment], rows: dict[str, list[Entitlement]]) -> str | None:
    """Return the code of a copy: today's, else the last that it had, else the unit's lowest for the product."""
    if copy.key in now:
        return now[copy.key].code
    if copy.key in view.facts.previous:
        return view.facts.previous[copy.key]
    fitting = [code for code, rights in rows.items() for right in rights if right.product == copy.product]
    exact = [
        code
        for code, rights in rows.items()
        for right in rights
        if right.product == copy.product and right.line == copy.line
    ]
    return min(exact or fitting, default=None)


def _adjustments(
    view: RunView, now: dict[str, Assignment], events: dict[str, list[tuple[CopyEvent, str]]]
) -> dict[str, list[tuple[CopyEvent, str]]]:
    """Return an accounting line for each copy that a code counts and no event shows, and the other way round."""
    shown: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for code, told in events.items():
        for event, _ in told:
            shown[code][event.copy.key] += 1 if event.appeared else -1
    counted: defaultdict[str, set[str]] = defaultdict(set)
    copies = {key: assignment.copy for key, assignment in now.items()}
    for key, assignment in now.items():
        if assignment.code is not None:
            counted[assignment.code].add(key)
    copies |= {
        event.copy.key: event.copy for told in events.values() for event, _ in told if event.copy.key not in copies
    }
    gaps: defaultdict[str, list[tuple[CopyEvent, str]]] = defaultdict(list)
    last = 1 << 60
    for code in sorted(set(shown) | set(counted)):
        for key in sorted(counted[code] | set(shown[code])):
            gap = int(key in counted[code]) - shown[code][key]
            act = "adjusted_in" if gap > 0 else "adjusted_out"
            line = CopyEvent(copies[key], gap > 0, False, _accounted_on(view, copies[key]), None, last)
            gaps[code] += [(line, act)] * abs(gap)
    return dict(gaps)


def _accounted_on(view: RunView, copy: Copy) -> date:
    """Return the day of an accounting line: when the register says that the machine went, else the as-of day."""
    machine = view.machines[copy.machine]
    since = machine.registered_since if machine.state in GONE else None
    return min(since, view.facts.on) if since is not None else view.facts.on


def _sheet(view: RunView, code: str, rights: list[Entitlement], events: list[tuple[CopyEvent, str]]) -> JournalSheet:
    first = rights[0]
    texts = [allowed.text for right in rights for allowed in right.allowed]
    terms = [right.term for right in rights if right.term is not None]
    return JournalSheet(
        code=code,
        name=first.name,
        version=first.version,
        software_type=first.software_type.value,
        quantity=quantity_text(rights),
        allowed_versions="、".join(dict.fromkeys(texts)) or first.version,
        term="、".join(dict.fromkeys(terms)) or None,
        entries=tuple(_entries(view, events)),
    )


def _entries(view: RunView, events: list[tuple[CopyEvent, str]]) -> Iterator[JournalEntry]:
    total = 0
    for event, act in events:
        machine = view.machines[event.copy.machine]
        total += 1 if event.appeared else -1
        yield JournalEntry(
            act=act,
            computer_code=machine.code,
            host_name=machine.host_name,
            brand=machine.brand,
            person=view.person(machine),
            department=view.department(machine),
            version=event.copy.version,
            happened_on=event.happened_on,
            happened_after=event.happened_after,
            total=total,
        )

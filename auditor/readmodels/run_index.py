"""A run → what screens read of it, worked out once: units in order, machines numbered, positions, who bears what.

Everything here follows from the run's frozen inputs and its result; the figures are those of the forms and the report
(`RunView.coverage_of`, `rates`, `rolled_up`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from auditor.core.model import Assignment, Machine, Right, Unit, UnitCode, UnitKind
from auditor.core.organisation import UnitTree
from auditor.core.rollup import RolledUp, rolled_up
from auditor.readmodels.audit_report import GRAVITY, rates
from auditor.readmodels.context import GONE, RunView, missing_scopes
from auditor.readmodels.positions import number
from auditor.store.database import Store
from auditor.store.run_index import Bearer, MachineEntry, UnitSpan, is_indexed, save_index

NO_VERDICT = len(GRAVITY)
"""Gravity of a machine without a copy that counts."""


def index_run(store: Store, view: RunView) -> None:
    """Keep what screens read of a run, unless it is there."""
    with store.read() as connection:
        if is_indexed(connection, view.proof.run):
            return
    index = _Index(view)
    with store.begin() as connection:
        if not is_indexed(connection, view.proof.run):
            save_index(
                connection,
                view.proof.run,
                units=index.spans,
                machines=index.machines(),
                positions=index.positions(),
                bearers=index.bearers(),
            )


@dataclass(frozen=True)
class _Place:
    at: int
    last: int
    unit: Unit
    depth: int


class _Index:
    """The parts of the index of one run."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._tree = view.tree
        self._places = _places(view.tree, view.facts.units)
        by_code = {place.unit.code: place.at for place in self._places}
        fallback = view.tree.legal_entity_of(None)
        if fallback not in by_code:  # the register has no unit at all
            at = len(self._places) + 1
            self._places.append(_Place(at, at, Unit(fallback, fallback, None, UnitKind.LEGAL_ENTITY), 0))
            by_code[fallback] = at
        self._at = by_code
        self._machines = sorted(
            (machine for machine in view.machines.values() if machine.state not in GONE),
            key=lambda machine: (by_code[self._unit(machine)], machine.code is None, machine.code or "", machine.key),
        )
        self._number = {machine.key: n for n, machine in enumerate(self._machines, start=1)}
        self._of_machine: defaultdict[str, list[Assignment]] = defaultdict(list)
        for assignment in view.result.assignments:
            self._of_machine[assignment.copy.machine].append(assignment)
        self.spans = self._spans()

    def _unit(self, machine: Machine) -> UnitCode:
        return self._tree.unit_of(machine.unit, self._tree.legal_entity_of(machine.unit))

    def _spans(self) -> list[UnitSpan]:
        own: defaultdict[int, list[Machine]] = defaultdict(list)
        for machine in self._machines:
            own[self._at[self._unit(machine)]].append(machine)
        spans = []
        before = 0
        first = {}
        for place in self._places:
            first[place.at] = before + 1
            before += len(own[place.at])
        ends = {at: first.get(at + 1, len(self._machines) + 1) - 1 for at in first}
        for place in self._places:
            unit = place.unit
            spans.append(
                UnitSpan(
                    at=place.at,
                    last=place.last,
                    code=unit.code,
                    name=unit.name,
                    parent=unit.parent if unit.parent in self._tree.units else None,
                    kind=unit.kind.value,
                    depth=place.depth,
                    first_machine=first[place.at],
                    last_machine=ends[place.last],
                    content=self._content(own[place.at]),
                )
            )
        return spans

    def _content(self, machines: Sequence[Machine]) -> Mapping[str, Any]:
        coverage = asdict(self._view.coverage_of(machines))
        coverage.pop("unscanned")
        mine = [assignment for machine in machines for assignment in self._of_machine.get(machine.key, ())]
        return {"coverage": coverage, "rates": {rate.what: _figures(asdict(rate)) for rate in rates(mine)}}

    def machines(self) -> Iterator[tuple[MachineEntry, Sequence[Assignment]]]:
        """Yield every machine with what became of its copies."""
        for machine in self._machines:
            own = self._of_machine.get(machine.key, [])
            scopes = missing_scopes(machine)
            yield (
                MachineEntry(
                    number=self._number[machine.key],
                    key=machine.key,
                    machine=machine.id,
                    code=machine.code,
                    host_name=machine.host_name,
                    unit=self._unit(machine),
                    machine_class=machine.machine_class.value,
                    state=machine.state.value,
                    os_family=machine.os_family,
                    last_scan_on=machine.last_scan_on.isoformat() if machine.last_scan_on else "",
                    unseen=self._view.why_not_scanned(machine, scopes) or "",
                    copies=len(own),
                    gravity=min((GRAVITY.index(a.verdict) for a in own), default=NO_VERDICT),
                ),
                own,
            )

    def positions(self) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each unit with all below it, product and way of counting."""
        for n, line in enumerate(rolled_up(self._view.result.unit_positions, self._tree), start=1):
            position = line.position
            if position.unit in self._at:
                yield {
                    "number": n,
                    "unit_at": self._at[position.unit],
                    "product": position.product,
                    "metric": position.metric,
                    "category": position.category.value,
                    "shortage": float(position.shortage),
                    "surplus": float(position.surplus),
                    "raw": position.raw,
                    "content": _told(line),
                }

    def bearers(self) -> Iterator[tuple[str, Bearer]]:
        """Yield which machines bear each product, use each right, bear each group of unknown titles."""
        products: defaultdict[str, set[int]] = defaultdict(set)
        rights: defaultdict[str, set[int]] = defaultdict(set)
        for key, assignments in self._of_machine.items():
            at = self._number.get(key)
            for one in assignments if at is not None else ():
                products[one.copy.product].add(at)  # type: ignore[arg-type]
                if one.entitlement is not None and one.right is Right.COVERED:
                    rights[str(one.entitlement)].add(at)  # type: ignore[arg-type]
        for kind, found in (("product", products), ("right", rights)):
            for name, numbers in sorted(found.items()):
                yield kind, Bearer(name, tuple(sorted(numbers)), {})
        for line in self._view.result.unrecognised:
            numbers = {self._number[key] for key in line.machines if key in self._number}
            told = {"name": line.name, "publisher": line.publisher, "source": line.source, "versions": line.versions}
            yield "unknown", Bearer(line.group, tuple(sorted(numbers)), told)


def _places(tree: UnitTree, units: Sequence[Unit]) -> list[_Place]:
    """Return the units from 1 on, each before those below it; siblings in the order of codes."""
    below: defaultdict[UnitCode | None, list[Unit]] = defaultdict(list)
    for unit in sorted(units, key=lambda unit: unit.code):
        way = tree.way_up(unit.code)
        below[way[1] if len(way) > 1 else None].append(unit)
    order: list[tuple[Unit, int]] = []
    waiting = [(unit, 0) for unit in reversed(below[None])]
    while waiting:
        unit, depth = waiting.pop()
        order.append((unit, depth))
        waiting += [(child, depth + 1) for child in reversed(below[unit.code])]
    last: dict[int, int] = {}
    open_at: list[tuple[int, int]] = []
    for at, (_, depth) in enumerate(order, start=1):
        while open_at and open_at[-1][1] >= depth:
            last[open_at.pop()[0]] = at - 1
        open_at.append((at, depth))
    last |= {at: len(order) for at, _ in open_at}
    return [_Place(at, last[at], unit, depth) for at, (unit, depth) in enumerate(order, start=1)]


def _figures(rate: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in rate.items() if name != "what" and value}


def _told(line: RolledUp) -> str:
    p = line.position
    told = {
        "name": p.name,
        "required": number(p.required),
        "covered": number(p.covered),
        "to_order": number(p.to_order),
        "shortage": number(p.shortage),
        "owned": number(p.owned),
        "surplus": number(p.surplus),
        "idle_reserve": number(p.idle_reserve),
        "by_unlimited": number(p.by_unlimited),
        "net": number(line.net),
        "to_buy": p.to_buy,
        "exempt": p.exempt,
        "in_trial": p.in_trial,
        "dead_oem": p.dead_oem,
        "to_verify": p.to_verify,
        "orphan_upgrades": p.orphan_upgrades,
        "at_least": p.is_lower_bound,
    }
    return json.dumps({name: value for name, value in told.items() if value not in (0, False)}, ensure_ascii=False)

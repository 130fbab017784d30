"""The one counting function: facts of a day → copies, assignments, positions, findings.

Every screen, form and command calls it; it takes the as-of day as an argument and has no other source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from auditor.core.bearing import Assignments, Bearers, CopyKind, grouped
from auditor.core.copies import CopyReader
from auditor.core.counting import SHANGHAI, Counting, count
from auditor.core.entitlement import Entitlement, FreeSoftware
from auditor.core.evidence import SignSeen, Watched
from auditor.core.findings import findings_of
from auditor.core.holdings import price_faults
from auditor.core.ledger_acts import AccessPair, Disposal, Exemption, Measured, PriceLine, Session, Transfer
from auditor.core.model import (
    AuditResult,
    Copy,
    Machine,
    MachineState,
    Person,
    TitleId,
    Unit,
)
from auditor.core.organisation import UnitTree
from auditor.core.position import positions_of, to_legal_entities
from auditor.core.whole_machine import whole_machines
from rules.product import Product
from rules.recognised import Recognition
from rules.title import Title

NOT_COUNTED = frozenset(
    {MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT, MachineState.CLASSIFIED, MachineState.PRIVATE}
)
"""States of machines whose copies no form lists: gone, or not to be scanned."""


@dataclass(frozen=True)
class Facts:
    """All that one audit rests on. Sequences may come in any order; the result does not depend on it."""

    on: date
    units: Sequence[Unit]
    people: Sequence[Person]
    machines: Sequence[Machine]
    titles: Mapping[TitleId, Title]
    recognitions: Mapping[TitleId, Recognition]
    products: Mapping[str, Product]
    entitlements: Sequence[Entitlement]
    free_list: Sequence[FreeSoftware] = ()
    signs: Mapping[str, Sequence[SignSeen]] = field(default_factory=dict)
    """Machine key → the indicators that it shows."""
    watched: Watched = frozenset()
    """Products that some indicator by running program concerns."""
    previous: Mapping[str, str] = field(default_factory=dict)
    """Copy key → 软件编号 of the previous run."""
    stale_after_days: int = 30
    expiring_within_days: int = 90
    seed: int = 0
    transfers: Sequence[Transfer] = ()
    disposals: Sequence[Disposal] = ()
    exemptions: Sequence[Exemption] = ()
    sessions: Sequence[Session] = ()
    pairs: Sequence[AccessPair] = ()
    measured: Sequence[Measured] = ()
    prices: Sequence[PriceLine] = ()
    zone: tzinfo = SHANGHAI
    window_days: int = 30
    """Days before the as-of moment in which the peak of check-outs is looked for."""
    as_of_moment: datetime | None = None
    """`None` = the end of the as-of day."""
    copies: Sequence[Copy] = ()
    """Copies that are known as such, beside those that the titles of machines show."""


def reconcile(facts: Facts) -> AuditResult:
    """Return every assignment, position and finding of the day, in a fixed order.

    Raises nothing for odd data: what cannot be counted becomes a finding. `NotSolved` is a bug.
    """
    tree = UnitTree(facts.units)
    machines = {machine.key: machine for machine in sorted(facts.machines, key=lambda machine: machine.key)}
    reader = CopyReader(facts.titles, facts.recognitions, facts.products, tree)
    bearers = _bearers(facts, machines, reader, tree)
    seen = [machine for machine in machines.values() if machine.state not in NOT_COUNTED and machine.id is not None]
    shown = {machine.key for machine in seen}
    groups = grouped(bearers, lambda machine: reader.kinds(machine) if machine.key in shown else ())
    counted = count(replace(_counting(facts, machines, _told(facts, machines)), groups=groups, bearers=bearers), tree)
    assignments = Assignments(counted.assignments, counted.parts, bearers)
    left_out = tuple(sorted({*counted.ledger.left_out, *price_faults(facts.prices)}))
    by_unit = positions_of(counted, machines, facts.products, tree, facts.people, on=facts.on)
    positions = to_legal_entities(by_unit, tree)
    in_scope = [machine for machine in machines.values() if machine.state not in NOT_COUNTED]
    unknown = reader.unrecognised(in_scope)
    findings = findings_of(
        assignments,
        positions,
        machines,
        facts.entitlements,
        unknown,
        facts.signs,
        facts.products,
        tree,
        on=facts.on,
        stale_after_days=facts.stale_after_days,
        expiring_within_days=facts.expiring_within_days,
        left_out=left_out,
        people=facts.people,
    )
    return AuditResult(
        assignments,
        positions,
        findings,
        tuple([reader.foot(machine) for machine in seen]),
        unknown,
        by_unit,
        whole_machines(assignments, counted.interchangeable, tree, seed=facts.seed),
        left_out,
        tuple(line for access in counted.access for line in access.lines),
    )


def counting_of(facts: Facts) -> Counting:
    """Return what `reconcile` counts: the copies that the titles show, and the ledger; for plans and what-if."""
    machines = {machine.key: machine for machine in sorted(facts.machines, key=lambda machine: machine.key)}
    reader = CopyReader(facts.titles, facts.recognitions, facts.products, UnitTree(facts.units))
    return _counting(facts, machines, _all_copies(facts, machines, reader))


def _counting(facts: Facts, machines: Mapping[str, Machine], copies: Sequence[Copy]) -> Counting:
    return Counting(
        facts.on,
        facts.units,
        facts.people,
        machines,
        copies,
        facts.products,
        facts.entitlements,
        facts.free_list,
        facts.transfers,
        facts.disposals,
        facts.exemptions,
        facts.sessions,
        facts.pairs,
        facts.measured,
        facts.signs,
        facts.watched,
        facts.previous,
        facts.seed,
        facts.zone,
        facts.window_days,
        facts.as_of_moment,
    )


def _bearers(facts: Facts, machines: Mapping[str, Machine], reader: CopyReader, tree: UnitTree) -> Bearers:
    """Number the machines; a person whom the register does not know answers for nothing."""
    known = {person.id for person in facts.people}

    def read(machine: Machine, kind: CopyKind) -> Copy:
        copy = reader.copy(machine, kind)
        return replace(copy, person=None) if known and copy.person not in known else copy

    return Bearers(machines.values(), tree.legal_entity_of, read, reader.record)


def _told(facts: Facts, machines: Mapping[str, Machine]) -> list[Copy]:
    return [copy for copy in facts.copies if machines[copy.machine].state not in NOT_COUNTED]


def _all_copies(facts: Facts, machines: Mapping[str, Machine], reader: CopyReader) -> list[Copy]:
    copies = _told(facts, machines)
    for machine in machines.values():
        if machine.state not in NOT_COUNTED and machine.id is not None:
            copies += reader.copies(machine)[0]
    return copies

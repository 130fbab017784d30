"""Machines of a scope, filtered and ordered, a page by key."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auditor.core.model import Verdict
from auditor.readmodels.audit_report import GRAVITY
from auditor.readmodels.screens.scope import PAGE, Scope, verdict_of
from auditor.store.database import Connection
from auditor.store.run_index import (
    MACHINE_ORDERS,
    MachineEntry,
    bearer,
    count_machines,
    machines_by_numbers,
    page_of_machines,
)

FALLING = frozenset({"copies", "last_scan_on"})
"""Orders whose largest value stands first."""


@dataclass(frozen=True)
class MachineWish:
    """What somebody wants to see of the machines; empty: all."""

    text: str = ""
    machine_class: str = ""
    os_family: str = ""
    verdict: str = ""
    unseen: str = ""
    order: str = "number"


@dataclass(frozen=True)
class MachineRow:
    """One machine in a list."""

    entry: MachineEntry
    label: str | None
    """`None`: not registered, and its host name may not be shown."""
    unit_name: str
    verdict: Verdict | None


@dataclass(frozen=True)
class MachinePage:
    """One page of machines. `after`: value of the order and number of the last row, when more follow."""

    rows: tuple[MachineRow, ...]
    total: int
    after: tuple[str | int, int] | None


def machine_page(
    connection: Connection, scope: Scope, wish: MachineWish, *, after: tuple[str | int, int] | None = None
) -> MachinePage:
    """Return a page of machines."""
    names = scope.units <= scope.personal
    verdicts = frozenset(n for n, verdict in enumerate(GRAVITY) if verdict.value == wish.verdict)
    wanted = replace(
        scope.machines,
        text=wish.text,
        with_host_name=names,
        machine_class=wish.machine_class or None,
        os_family=wish.os_family or None,
        gravity=verdicts,
        unseen=wish.unseen or None,
    )
    order = wish.order if wish.order in MACHINE_ORDERS and (names or wish.order != "host_name") else "number"
    found = page_of_machines(
        connection, scope.run.id, wanted, order=order, falling=order in FALLING, after=after, limit=PAGE + 1
    )
    rows = tuple(machine_row(scope, entry) for entry in found[:PAGE])
    more = (getattr(rows[-1].entry, order) or "", rows[-1].entry.number) if len(found) > PAGE else None
    return MachinePage(rows, count_machines(connection, scope.run.id, wanted), more)


def bearing_page(connection: Connection, scope: Scope, kind: str, name: str, *, after: int = 0) -> MachinePage:
    """Return the machines of a scope that bear a product, use a right, or bear a group of unknown titles."""
    found = bearer(connection, scope.run.id, kind, name)
    mine = [number for number in (found.numbers if found is not None else ()) if scope.holds(number)]
    left = [number for number in mine if number > after]
    rows = tuple(machine_row(scope, e) for e in machines_by_numbers(connection, scope.run.id, left[:PAGE]))
    return MachinePage(rows, len(mine), ("", left[PAGE - 1]) if len(left) > PAGE else None)


def machine_row(scope: Scope, entry: MachineEntry) -> MachineRow:
    """Return one machine as a list shows it."""
    return MachineRow(entry, scope.label(entry), scope.name(entry.unit), verdict_of(entry.gravity))

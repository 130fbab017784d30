"""Scan: run each collector once, account for each scope, return an Inventory."""

from __future__ import annotations

import dataclasses
import time
from datetime import datetime, timezone
from typing import Any, Callable, Sequence

from agent.accounting import Account
from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.discretion import discreet, discreet_record
from agent.inventory.coverage import ScopeRun
from agent.inventory.document import CONTRACT_VERSION, SECTIONS, Inventory, Record, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from agent.limits import Limits, cut_to_size
from agent.machine.base import Machine, Unreadable


class _Scan:
    """What one scan gathered from all collectors."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.clock = clock
        self.began = clock()
        self.host: Host | None = None
        self.records: dict[str, list[Record]] = {name: [] for name in SECTIONS.values()}
        self.taken = 0
        self.coverage: list[ScopeRun] = []

    def run(self, collector: Collector, machine: Machine) -> None:
        """Run one collector to its end, its fault or its limit."""
        gathering = _Gathering(self, collector)
        if self.clock() - self.began > self.limits.scan_seconds:
            gathering.stop("scan limited to %g seconds: not begun" % self.limits.scan_seconds)
        else:
            gathering.follow(machine)
        self.coverage.extend(gathering.runs())

    def is_full(self) -> bool:
        """Tell whether no record may be added any more."""
        return self.taken >= self.limits.max_records

    def add(self, record: Record) -> None:
        """Keep one record in the list of its class."""
        self.records[SECTIONS[type(record)]].append(record)
        self.taken += 1


class _Gathering:
    """One collector at work: the scope that is open and the accounts of all its scopes."""

    def __init__(self, scan: _Scan, collector: Collector) -> None:
        self.scan = scan
        self.collector = collector
        self.open = collector.name
        self.accounts: dict[str, Account] = {}
        self.began = self.since = scan.clock()
        limits = scan.limits
        self.deadline = min(self.began + limits.collector_seconds, scan.began + limits.scan_seconds)

    def follow(self, machine: Machine) -> None:
        """Take what the collector yields. Whatever it raises becomes an account, never an end of the scan."""
        try:
            for found in self.collector.collect(machine):
                if self.limit_reached(found):
                    break
                self.take(found)
        except Absent:
            self.account(self.open).absent = True
        except Unreadable as unreadable:
            self.fail(self.open, unreadable.where, unreadable.why)
        except Exception as error:  # the agent's only one: a broken collector costs its scope, not the scan
            self.fail(self.open, self.collector.name, "%s: %s" % (type(error).__name__, error))
            if self.open != self.collector.name:
                self.fail(self.collector.name, self.open, "the scopes after this one were not read")
        self.spend()

    def take(self, found: Found) -> None:
        """Put one thing that the collector found where it belongs."""
        if isinstance(found, Scope):
            self.spend()
            self.open = discreet(found.name)
            self.account(self.open)
        elif isinstance(found, Problem):
            self.blame(self.open, found.where, found.what)
        elif isinstance(found, ScopeFailed):
            self.fail(discreet(found.scope), found.scope, found.why)
        elif isinstance(found, ScopeAbsent):
            self.account(discreet(found.scope)).absent = True
        elif isinstance(found, Host):
            self.take_host(found)
        else:
            self.take_record(found)

    def take_record(self, record: Record) -> None:
        """Keep one record, in words that name no person; software without a name is a fault of its scope."""
        if isinstance(record, Software) and (not record.name or record.name.isspace()):
            self.blame(self.open, record.seen_at or self.open, "a record without a name")
        else:
            self.scan.add(self.in_scope(discreet_record(record)))

    def take_host(self, host: Host) -> None:
        """Keep the host's identity; there is one."""
        if self.scan.host is not None:
            self.blame(self.open, self.open, "a second identity of the host")
            return
        self.account(self.open).found += 1
        self.scan.host = host

    def in_scope(self, record: Record) -> Record:
        """Count the record in its scope: its own, when the collector opened that, else the one that is open."""
        scope = record.scope if record.scope in self.accounts else self.open
        self.account(scope).found += 1
        return record if record.scope == scope else dataclasses.replace(record, scope=scope)

    def account(self, scope: str) -> Account:
        """Return the account of a scope, opened when it is new."""
        found = self.accounts.get(scope)
        if found is None:
            found = self.accounts[scope] = Account()
        return found

    def fail(self, scope: str, where: str, what: str) -> None:
        """Note that a scope could not be read."""
        self.account(scope).broken = True
        self.blame(scope, where, what)

    def blame(self, scope: str, where: str, what: str) -> None:
        """Note a fault of a scope, in words that name no person."""
        self.account(scope).blame(discreet(where), discreet(what))

    def limit_reached(self, found: Found) -> bool:
        """Tell whether time or records are used up, so that `found` is not taken; the cut is declared."""
        limits = self.scan.limits
        if self.scan.clock() > self.deadline:
            self.stop("limited to %g seconds" % (self.deadline - self.began))
        elif self.scan.is_full() and type(found) in SECTIONS:
            self.stop("scan limited to %d records" % limits.max_records)
        else:
            return False
        return True

    def stop(self, cut: str) -> None:
        """Declare a cut in the open scope, and in the collector's own for the scopes that were not reached."""
        for scope in {self.open: 1, self.collector.name: 1}:
            account = self.account(scope)
            account.cut = cut
            account.broken = True
            account.blame(scope, cut)

    def spend(self) -> None:
        """Charge the time since the last call to the scope that is open."""
        now = self.scan.clock()
        if self.open in self.accounts:
            self.accounts[self.open].took_seconds += now - self.since
        self.since = now

    def runs(self) -> list[ScopeRun]:
        """Return the accounts in the order in which the scopes came up; without any, the collector's own."""
        if not self.accounts:
            self.account(self.collector.name)
        return [account.scope_run(self.collector.name, scope) for scope, account in self.accounts.items()]


def scan(
    machine: Machine,
    collectors: Sequence[Collector],
    *,
    scanner: Scanner,
    now: datetime,
    limits: Limits,
    clock: Callable[[], float] = time.monotonic,
) -> Inventory:
    """Run every collector that suits the machine's family once, in order, and return the document.

    `now` is aware; it becomes `collected_at` in UTC. `clock` gives seconds for the limits. Raises nothing
    that a collector raises: it stands in `coverage` instead. Without a host collector the host is what
    the machine says of itself: family and name.
    """
    gathered = _Scan(limits, clock)
    for collector in collectors:
        if machine.family in collector.platforms:
            gathered.run(collector, machine)
    host = gathered.host or Host(OperatingSystem(machine.family), name=_name_of(machine))
    lists: dict[str, Any] = {name: tuple(records) for name, records in gathered.records.items()}
    document = Inventory(
        contract=CONTRACT_VERSION,
        collected_at=now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        scanner=scanner,
        host=host,
        coverage=tuple(gathered.coverage),
        **lists,
    )
    return cut_to_size(document, limits.max_output_bytes)


def _name_of(machine: Machine) -> str | None:
    """Return the machine's own name, `None` when it has none or it cannot be read."""
    try:
        return machine.host_name()
    except Unreadable:
        return None

"""Scan: run each collector once, account for each scope, return an Inventory.

Collectors run on a thread of their own. One that hangs (a network drive that does not answer, an endless loop) is
left behind when its time is over: what it found until then stays, its scope says so, and the scan goes on.
"""

from __future__ import annotations

import _thread
import contextlib
import dataclasses
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence

from agent.accounting import Account
from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.discretion import discreet, discreet_records
from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, SECTIONS, Inventory, Record, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from agent.limits import Limits, cut_to_size
from agent.machine.base import Machine, Unreadable

if TYPE_CHECKING:
    from agent.deep import Reading, Readings

GRACE_SECONDS = 3.0
"""How much longer than its time a collector may take over one record before it is left behind."""
BATCH = 256
"""Records that are looked through for names of persons at once."""
STACK_BYTES = 16 * 1024 * 1024
_SLICE_SECONDS = 0.5
_NO_RECORD = (Scope, Problem, ScopeFailed, ScopeAbsent, Host)


class _LeftBehind(BaseException):
    """Ends a collector that came back after it was left behind. No `Exception`: no collector may catch it."""


class _Scan:
    """What one scan gathered from all collectors."""

    def __init__(
        self, limits: Limits, clock: Callable[[], float], done: Callable[[str, float], None], grace_seconds: float
    ) -> None:
        self.limits = limits
        self.clock = clock
        self.done = done
        self.grace_seconds = grace_seconds
        self.began = clock()
        self.host: Host | None = None
        self.records: dict[str, list[Record]] = {name: [] for name in SECTIONS.values()}
        self.taken = 0
        self.coverage: list[ScopeRun] = []
        self.lock = _thread.allocate_lock()
        self.basis: str | None = None

    def run(self, collector: Collector, machine: Machine, readings: Readings | None) -> None:
        """Run one collector, or repeat what a deep one said the last time while that stands."""
        if readings is None or not collector.deep:
            self.run_now(collector, machine)
            return
        if self.basis is None:  # what the base sources found, and not what the deep ones before this one did
            from agent.deep import basis_of

            self.basis = basis_of(self.records["software"])
        basis = self.basis
        last = readings.recall(collector.name, basis)
        if last is not None:
            self.repeat(last)
            return
        runs, counts = len(self.coverage), {name: len(records) for name, records in self.records.items()}
        self.run_now(collector, machine)
        new = [record for name, count in counts.items() for record in self.records[name][count:]]
        readings.keep(collector.name, basis, self.coverage[runs:], new)

    def repeat(self, last: Reading) -> None:
        """Take the records of an earlier scan, as far as there is room; a scope that loses some says so."""
        room = max(self.limits.max_records - self.taken, 0)
        for record in last.records[:room]:
            self.add(record)
            self.taken += 1
        lost: dict[str, int] = {}
        for record in last.records[room:]:
            lost[record.scope] = lost.get(record.scope, 0) + 1
        cut = "scan limited to %d records" % self.limits.max_records
        for run in last.runs:
            missing = lost.get(run.scope, 0)
            cut_run = dataclasses.replace(run, outcome=Outcome.PARTIAL, found=run.found - missing, cut=cut)
            self.coverage.append(cut_run if missing else run)

    def run_now(self, collector: Collector, machine: Machine) -> None:
        """Run one collector to its end, its fault or its limit."""
        gathering = _Gathering(self, collector)
        if self.clock() - self.began > self.limits.scan_seconds:
            gathering.stop("scan limited to %g seconds: not begun" % self.limits.scan_seconds)
        else:
            self.watch(gathering, machine)
        self.coverage.extend(gathering.runs())
        self.done(collector.name, self.clock() - gathering.began)

    def watch(self, gathering: _Gathering, machine: Machine) -> None:
        """Let the collector run on a thread; when it is over its time and does not come back, leave it behind."""
        ended = _thread.allocate_lock()
        ended.acquire()
        try:
            _thread.start_new_thread(gathering.follow_and_release, (machine, ended))
        except RuntimeError as error:  # no room for its stack: the limit of memory is too low for anything
            raise MemoryError(str(error))
        until = time.monotonic() + gathering.deadline - gathering.began + self.grace_seconds
        while not ended.acquire(timeout=_SLICE_SECONDS):  # in slices, so that Ctrl-C gets through on Windows too
            if time.monotonic() > until:
                gathering.leave_behind()
                return

    def is_full(self) -> bool:
        """Tell whether no record may be added any more."""
        return self.taken >= self.limits.max_records

    def add(self, record: Record) -> None:
        """Keep one record in the list of its class."""
        self.records[SECTIONS[type(record)]].append(record)


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
        self.left_behind = False
        self.batch: list[Record] = []

    def follow_and_release(self, machine: Machine, ended: Any) -> None:
        """Follow the collector and say that it ended; nobody listens when it was left behind."""
        try:
            with contextlib.suppress(_LeftBehind):
                self.follow(machine)
        finally:
            ended.release()

    def leave_behind(self) -> None:
        """Close the accounts of a collector that does not come back; whatever it yields later is not taken."""
        with self.scan.lock:
            self.left_behind = True
            self.stop("left behind: no answer within %g seconds" % (self.deadline - self.began))
            self.flush()
            self.spend()

    def follow(self, machine: Machine) -> None:
        """Take what the collector yields. Whatever it raises becomes an account, never an end of the scan."""
        try:
            for found in self.collector.collect(machine):
                with self.scan.lock:  # a `turn`, written out: it comes once a record
                    if self.left_behind:
                        raise _LeftBehind
                    if self.limit_reached(found):
                        break
                    self.take(found)
                    self.take_passed_over(machine)
        except Absent:
            with self.turn():
                self.account(self.open).absent = True
        except Unreadable as unreadable:
            with self.turn():
                self.fail(self.open, unreadable.where, unreadable.why)
        except Exception as error:  # a broken collector costs its scope, not the scan
            with self.turn():
                self.break_off(error)
        try:
            with self.turn():
                self.flush()
        except Exception as error:  # memory is used up, most likely: what waits is lost, and that is said
            with self.turn():
                self.drop()
                self.break_off(error)
        with self.turn():
            self.take_passed_over(machine)
            self.spend()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the accounts. Raises `_LeftBehind` when they were closed without us."""
        with self.scan.lock:
            if self.left_behind:
                raise _LeftBehind
            yield

    def break_off(self, error: Exception) -> None:
        """Note that the collector broke; the scopes that it had not come to are lost with it."""
        self.fail(self.open, self.collector.name, "%s: %s" % (type(error).__name__, error))
        if self.open != self.collector.name:
            self.fail(self.collector.name, self.open, "the scopes after this one were not read")

    def take(self, found: Found) -> None:
        """Put one thing that the collector found where it belongs."""
        if not isinstance(found, _NO_RECORD):
            self.take_record(found)
        elif isinstance(found, Scope):
            self.spend()
            self.open = discreet(found.name)
            self.account(self.open)
        elif isinstance(found, Problem):
            self.blame(self.open, found.where, found.what)
        elif isinstance(found, ScopeFailed):
            self.fail(discreet(found.scope), found.scope, found.why)
        elif isinstance(found, ScopeAbsent):
            self.account(discreet(found.scope)).absent = True
        else:
            self.take_host(found)

    def take_passed_over(self, machine: Machine) -> None:
        """Blame the open scope for what a listing of it held and nobody can read."""
        for where, why in machine.passed_over():
            self.blame(self.open, where, why)

    def take_record(self, record: Record) -> None:
        """Count one record in its scope and keep it for the next `flush`; software without a name is a fault."""
        if isinstance(record, Software) and (not record.name or record.name.isspace()):
            self.blame(self.open, record.seen_at or self.open, "a record without a name")
            return
        scope = record.scope
        if scope not in self.accounts:  # the record's own when the collector opened that, else the one that is open
            own = discreet(scope)
            scope = own if own in self.accounts else self.open
            record = dataclasses.replace(record, scope=scope)
        self.account(scope).found += 1
        self.batch.append(record)
        self.scan.taken += 1
        if len(self.batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand the records to the scan, in words that name no person."""
        for record in discreet_records(self.batch):
            self.scan.add(record)
        self.batch = []

    def drop(self) -> None:
        """Forget the records that could not be handed over; they were not found then."""
        for record in self.batch:
            self.account(record.scope).found -= 1
        self.scan.taken -= len(self.batch)
        self.batch = []

    def take_host(self, host: Host) -> None:
        """Keep the host's identity; there is one."""
        if self.scan.host is not None:
            self.blame(self.open, self.open, "a second identity of the host")
            return
        self.account(self.open).found += 1
        self.scan.host = host

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
    done: Callable[[str, float], None] = lambda collector, seconds: None,
    grace_seconds: float = GRACE_SECONDS,
    readings: Readings | None = None,
) -> Inventory:
    """Run every collector that suits the machine's family once, in order, and return the document.

    `now` is aware; it becomes `collected_at` in UTC. `clock` gives seconds for the limits, `done` hears how many each
    collector took. Raises nothing that a collector raises: it stands in `coverage` instead. Without a host collector
    the host is what the machine says of itself: family and name. With `readings` a deep collector is not run
    while what it said the last time stands.
    """
    gathered = _Scan(limits, clock, done, grace_seconds)
    _thread.stack_size(STACK_BYTES)
    for collector in collectors:
        if machine.family in collector.platforms:
            gathered.run(collector, machine, readings)
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

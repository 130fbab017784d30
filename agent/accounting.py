"""Accounting: what happened in one scope while it was scanned, and the outcome that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.inventory.coverage import Fault, Outcome, ScopeRun

MAX_FAULTS = 50


@dataclass
class Account:
    """What happened in one scope so far."""

    found: int = 0
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    took_seconds: float = 0.0
    absent: bool = False
    broken: bool = False
    cut: str | None = None

    def blame(self, where: str, what: str) -> None:
        """Note one fault; above `MAX_FAULTS` they are only counted. The same of the same place is one fault."""
        fault = Fault(where, what)
        if fault in self.faults:
            return
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)
        else:
            self.more_faults += 1

    def outcome(self) -> Outcome:
        """Return how far the scope was read: one that broke after some records is partial."""
        if self.broken:
            return Outcome.PARTIAL if self.found else Outcome.FAILED
        if self.faults or self.cut:
            return Outcome.PARTIAL
        return Outcome.ABSENT if self.absent and not self.found else Outcome.COMPLETE

    def scope_run(self, source: str, scope: str) -> ScopeRun:
        """Return the account as the document states it."""
        return ScopeRun(
            source=source,
            scope=scope,
            outcome=self.outcome(),
            found=self.found,
            faults=tuple(self.faults),
            more_faults=self.more_faults,
            took_ms=int(self.took_seconds * 1000),
            cut=self.cut,
        )

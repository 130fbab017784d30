"""Coverage: how the scan of one scope went. Nothing found by a failed scope is not "nothing installed"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(str, Enum):
    """How far a scope was read.

    complete: everything was read.  partial: some records are missing or unreadable; it adds, never removes.
    absent: this machine has no such source.  failed: it is there and could not be read.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True)
class Fault:
    """One thing that could not be read: where, and what was wrong."""

    where: str
    what: str


@dataclass(frozen=True)
class ScopeRun:
    """The account of one scope: a source × hive, profile, root or database."""

    source: str
    """Name of the collector."""
    scope: str
    """Stable across scans: `dpkg:/var/lib/dpkg/status`, `uninstall_keys:HKLM64`."""
    outcome: Outcome
    found: int = 0
    """Records taken from this scope."""
    faults: tuple[Fault, ...] = ()
    """At most 50; the rest are counted in `more_faults`."""
    more_faults: int = 0
    took_ms: int | None = None
    cut: str | None = None
    """The limit that cut the scope short, in words; a cut scope is partial or failed."""
    read_at: str | None = None
    """When the scope was read, UTC as `YYYY-MM-DDTHH:MM:SSZ`, when its records are those of an earlier scan: a deep
    source that was not due again. `None`: in this scan."""

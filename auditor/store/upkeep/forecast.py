"""Forecast: how large the store becomes, from the bytes that its own machines take today.

What lies on the disk is measured table by table, contents by what they are. Three parts grow by three rules: what a
machine costs once, what each of its scans costs while evidence is kept, and what a run costs. No figure is assumed: a
store without machines, scans or runs has no forecast for that part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from auditor.store.engines.roster import ENGINES
from auditor.store.tables import blobs, documents, journal, machines, runs

ONCE, SCANS, CHANGES, RUNS, REST = "machine", "scan", "change", "run", "rest"
_PART_OF_TABLE: Mapping[str, str] = {
    "machines": ONCE,
    "machine_evidence": ONCE,
    "title_sets": ONCE,
    "titles": ONCE,
    "journal_openings": ONCE,
    "agents": ONCE,
    "machine_register": ONCE,
    "documents": SCANS,
    "journal": CHANGES,
    "runs": RUNS,
    "findings": RUNS,
    "run_units": RUNS,
    "run_machines": RUNS,
    "run_positions": RUNS,
    "run_bearers": RUNS,
}
_PART_OF_CONTENT: Mapping[str, str] = {
    "opening": ONCE,
    "document": SCANS,
    "state": SCANS,
    "programs": SCANS,
    "facts": SCANS,
    "part": RUNS,
    "catalogue": RUNS,
    "manifest": RUNS,
    "result": RUNS,
}


@dataclass(frozen=True)
class Measured:
    """What stands in the store, in bytes on the disk by part, and how many there are of what it grows with."""

    part_bytes: Mapping[str, int]
    machines: int
    scans: int
    changes: int
    runs: int
    scans_a_day: float
    """Of one machine, over the days between the first document and the last; 0 while all came on one day."""
    changes_a_scan: float

    @property
    def total_bytes(self) -> int:
        """Everything."""
        return sum(self.part_bytes.values())

    def each(self, part: str) -> float:
        """Bytes of one machine, scan, change or run; 0 where there is none."""
        many = {ONCE: self.machines, SCANS: self.scans, CHANGES: self.changes, RUNS: self.runs}[part]
        return self.part_bytes.get(part, 0) / many if many else 0.0


@dataclass(frozen=True)
class Forecast:
    """The store after some months, in bytes by part."""

    part_bytes: Mapping[str, int]
    scans: int
    """Kept at that time."""

    @property
    def total_bytes(self) -> int:
        """Everything."""
        return sum(self.part_bytes.values())


def measure(connection: Connection) -> Measured:
    """Measure the store as it stands."""
    counts = {
        name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in (("machines", machines), ("scans", documents), ("changes", journal), ("runs", runs))
    }
    first, last = connection.execute(select(func.min(documents.c.received_at), func.max(documents.c.received_at))).one()
    days = _days_between(first, last) if first else 0.0
    a_day = counts["scans"] / counts["machines"] / days if days >= 1 and counts["machines"] else 0.0
    changes = counts["changes"] / counts["scans"] if counts["scans"] else 0.0
    return Measured(_part_bytes(connection), **counts, scans_a_day=a_day, changes_a_scan=changes)


def forecast(
    now: Measured, *, machines: int, months: int, scans_a_day: float, runs_a_month: float, evidence_months: int
) -> Forecast:
    """Return what so many machines take after so many months, with room for what a database keeps free left out."""
    days = 365.25 / 12
    kept = round(machines * scans_a_day * min(months, evidence_months) * days)
    all_scans = machines * scans_a_day * months * days
    runs = now.runs + runs_a_month * months
    share = machines / now.machines if now.machines else 0.0
    parts = {
        ONCE: round(now.each(ONCE) * machines),
        SCANS: round(now.each(SCANS) * max(kept, machines)),
        CHANGES: round(now.each(CHANGES) * now.changes_a_scan * all_scans),
        RUNS: round(now.each(RUNS) * runs * share),
        REST: now.part_bytes.get(REST, 0),
    }
    return Forecast(parts, max(kept, machines))


def _part_bytes(connection: Connection) -> dict[str, int]:
    parts: Counter[str] = Counter()
    sizes = ENGINES[connection.dialect.name].sizes(connection)
    for table, size in sizes.items():
        if table != "blobs":
            parts[_PART_OF_TABLE.get(table, REST)] += size
    kinds = connection.execute(
        select(blobs.c.media, func.sum(func.length(blobs.c.packed))).group_by(blobs.c.media)
    ).all()
    inside = sum(int(size) for _, size in kinds)
    for media, size in kinds:  # the room that rows, pages and the index take is shared out by size
        parts[_PART_OF_CONTENT.get(media, REST)] += round(sizes.get("blobs", 0) * int(size) / inside) if inside else 0
    return dict(parts)


def _days_between(first: str, last: str) -> float:
    from auditor.core.days import parse_utc

    return (parse_utc(last) - parse_utc(first)).total_seconds() / 86_400

"""What a run leaves behind: its result, and the 软件编号 of every copy for the run after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from auditor.core.model import Assignment, AuditResult
from auditor.proof.values import value_from
from auditor.store.database import Connection
from auditor.store.runs import list_runs, run_result


@dataclass(frozen=True)
class Kept:
    """The content of the blob `result` of a run."""

    result: AuditResult
    codes: dict[str, str]
    """Copy key → 软件编号; a copy that is gone keeps the last one that it had."""


@dataclass(frozen=True)
class _Codes:
    """The part of `Kept` that the next run needs."""

    codes: dict[str, str]


def codes_of(assignments: Iterable[Assignment], previous: Mapping[str, str]) -> dict[str, str]:
    """Return the codes after a run: today's, and the last of what is gone."""
    now = {assignment.copy.key: assignment.code for assignment in assignments}
    gone = {key: code for key, code in previous.items() if key not in now}
    return dict(sorted((gone | {key: code for key, code in now.items() if code is not None}).items()))


def codes_before(connection: Connection, on: date) -> dict[str, str]:
    """Return the codes of the newest run as of the day or before; none when there is no such run."""
    earlier = [row for row in list_runs(connection) if row.as_of <= on]
    if not earlier:
        return {}
    newest = max(earlier, key=lambda row: (row.as_of, row.sequence))
    return value_from(run_result(connection, newest), _Codes).codes

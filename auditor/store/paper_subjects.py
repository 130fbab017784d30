"""Whether what a paper is said to prove is registered."""

from __future__ import annotations

from sqlalchemy import Connection

from auditor.core.entitlement import Entitlement
from auditor.store.dated_rows import REGISTERS, rows_as_of
from auditor.store.entitlements import list_entitlements
from auditor.store.papers import Subject


def is_registered(connection: Connection, subject: Subject) -> bool:
    """Return whether the ledger has the right, the contract or the act; a finding comes and goes, and always passes."""
    if subject.kind in ("right", "contract"):
        return any(_names(subject, right) for right in list_entitlements(connection))
    if subject.kind == "finding":
        return True
    rows = rows_as_of(connection, REGISTERS[f"{subject.kind}s"], None)
    return any(row["code"] == subject.code for row in rows)


def _names(subject: Subject, right: Entitlement) -> bool:
    if subject.unit not in (None, right.unit):
        return False
    return bool(subject.code == (right.code if subject.kind == "right" else right.contract))

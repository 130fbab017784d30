"""Exports: which files of closed networks were taken, so that each is taken once."""

from __future__ import annotations

from sqlalchemy import Connection, select

from auditor.store.tables import taken_exports


def export_taken_at(connection: Connection, export: str) -> str | None:
    """Return when an export was taken, `None` when it was not."""
    chosen = select(taken_exports.c.taken_at).where(taken_exports.c.id == export)
    found: str | None = connection.execute(chosen).scalar()
    return found


def add_taken_export(connection: Connection, export: str, *, agent: str, at: str, documents: int) -> None:
    """Note that an export was taken whole."""
    connection.execute(taken_exports.insert().values(id=export, agent=agent, taken_at=at, documents=documents))

"""Figures: how much the store holds, for monitoring. Counts alone."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from auditor.store.tables import accounts, agents, due_jobs, machines, refused_documents, runs, sessions, trail


def store_figures(connection: Connection, *, quick: bool = False) -> dict[str, int]:
    """Return counts by name; `quick` only asks whether the store answers."""
    if quick:
        connection.execute(select(runs.c.id).limit(1)).first()
        return {}
    asked = {
        "machines": select(func.count()).select_from(machines).where(machines.c.merged_into.is_(None)),
        "agents": select(func.count()).select_from(agents).where(agents.c.revoked_at.is_(None)),
        "refused_documents": select(func.count()).select_from(refused_documents),
        "runs": select(func.count()).select_from(runs),
        "accounts": select(func.count()).select_from(accounts).where(accounts.c.ended_at.is_(None)),
        "sessions": select(func.count()).select_from(sessions),
        "trail_entries": select(func.coalesce(func.max(trail.c.id), 0)),
        "jobs_failed": select(func.count()).select_from(due_jobs).where(due_jobs.c.outcome == "failed"),
    }
    return {name: int(connection.execute(chosen).scalar_one()) for name, chosen in asked.items()}

"""Every subcommand, in the order of a newcomer's first hour."""

from __future__ import annotations

import typer

from auditor.commands import (
    agents,
    audit,
    catalogue,
    findings,
    import_documents,
    papers,
    plan,
    position,
    prices,
    recognise,
    reconcile,
    registers,
    report,
    runs,
    serve,
    titles,
    trail,
    users,
)

ROSTER = (
    serve,
    users,
    agents,
    import_documents,
    registers,
    papers,
    prices,
    titles,
    recognise,
    catalogue,
    audit,
    runs,
    findings,
    report,
    position,
    plan,
    reconcile,
    trail,
)


def add_commands(app: typer.Typer) -> None:
    """Add every command of the roster to the command line."""
    for room in ROSTER:
        room.add_to(app)

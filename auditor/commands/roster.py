"""Every subcommand, in the order of a newcomer's first hour."""

from __future__ import annotations

import typer

from auditor.commands import (
    agents,
    audit,
    catalogue,
    check,
    database,
    findings,
    hand_in,
    import_documents,
    messages,
    papers,
    plan,
    position,
    prices,
    recognise,
    reconcile,
    registers,
    report,
    requests,
    runs,
    serve,
    templates,
    titles,
    trail,
    users,
    verify,
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
    check,
    report,
    templates,
    verify,
    position,
    plan,
    reconcile,
    requests,
    hand_in,
    messages,
    trail,
    database,
)


def add_commands(app: typer.Typer) -> None:
    """Add every command of the roster to the command line."""
    for room in ROSTER:
        room.add_to(app)

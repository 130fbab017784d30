"""Every subcommand, in the order of a newcomer's first hour.

A command's module is imported, and its options read, when that command is asked for: the others cost its start nothing.
The help of the whole program, and a word that is no command, take them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

ROSTER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("serve", ("serve",)),
    ("users", ("users",)),
    ("agents", ("agents",)),
    ("import_documents", ("import",)),
    ("registers", ("units", "people", "machines", "licences")),
    ("papers", ("papers",)),
    ("prices", ("prices",)),
    ("titles", ("titles",)),
    ("recognise", ("recognise",)),
    ("catalogue", ("catalogue",)),
    ("audit", ("audit",)),
    ("runs", ("runs",)),
    ("findings", ("findings",)),
    ("check", ("check",)),
    ("report", ("report",)),
    ("templates", ("templates",)),
    ("verify", ("verify",)),
    ("position", ("position",)),
    ("plan", ("plan",)),
    ("reconcile", ("reconcile",)),
    ("requests", ("requests",)),
    ("hand_in", ("hand-in",)),
    ("messages", ("messages",)),
    ("trail", ("trail",)),
    ("database", ("database",)),
)
"""Module of `auditor.commands`, and the commands that its `add_to` adds."""

_WITH_VALUE = ("--settings", "--database")
"""Options before the command that take a value."""


def add_commands(app: typer.Typer, asked: str | None = None) -> None:
    """Add the commands to the command line: the module of the one that is asked for, or all of them."""
    rooms = [module for module, commands in ROSTER if asked in commands]
    for module in rooms or [module for module, _ in ROSTER]:
        import_module(f"auditor.commands.{module}").add_to(app)


def asked_command(arguments: Sequence[str]) -> str | None:
    """Return the command that the words ask for; `None` where that is left to the parser, which sees all commands."""
    words = iter(arguments)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
        elif not word.startswith(tuple(f"{option}=" for option in _WITH_VALUE)):
            return None
    return None

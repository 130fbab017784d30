"""What stays provable when old entries of the trail are removed: acts that something in the store still rests on.

Sign-ins and notes of routine go; of every other act number, act, subject and link stay, in one list by digest which an
entry of the trail names. Entries before the store was emptied of a demonstration prove nothing that is still there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from auditor.proof.digest import canonical_json
from auditor.store.blobs import get_blob, put_blob
from auditor.store.trail import SHORTENED, TrailEntry, all_trail, last_entry, shorten_trail, shortened_to

EMPTIED = "database.emptied"
_ROUTINE = ("session.", "sessions.", "retention.", "trail.", "machines.silent", "account.locked")
"""How acts begin that nothing in the store rests on."""


class ProofEntry(NamedTuple):
    """One act as far as proofs need it."""

    id: int
    act: str
    subject: str
    link: str


def proof_entries(connection: Connection) -> list[ProofEntry]:
    """Return the acts that proofs may rest on, oldest first. Raises `StoreError` when their list is not whole."""
    found = [*_listed(connection), *_of_proof(all_trail(connection))]
    emptied = last_entry(connection, EMPTIED)
    return [entry for entry in found if emptied is None or entry.id > emptied.id]


def entries_to_remove(connection: Connection, before: str) -> tuple[int, int]:
    """Return the number up to which entries are older than a moment, and how many of them there are; 0, 0 for none.

    The newest entry always stays, and so does the last that tells of removed ones.
    """
    last = many = 0
    held: TrailEntry | None = None
    for entry in all_trail(connection):
        if held is None:
            held = entry
            continue
        if held.at >= before:
            break
        last, many, held = held.id, many + 1, entry
    return last, many


def remove_entries(connection: Connection, *, to: int, at: str) -> None:
    """Remove the entries up to a number, keeping the list of what proofs need."""
    going = (entry for entry in all_trail(connection) if entry.id <= to)
    kept = [*_listed(connection), *_of_proof(going)]
    digest = put_blob(connection, "trail", canonical_json([list(entry) for entry in kept]))
    shorten_trail(connection, to=to, kept=digest, at=at)


def _listed(connection: Connection) -> list[ProofEntry]:
    shortened = shortened_to(connection)
    if shortened is None:
        return []
    return [ProofEntry(*row) for row in json.loads(get_blob(connection, shortened[1]))]


def _of_proof(entries: Iterable[TrailEntry]) -> list[ProofEntry]:
    return [
        ProofEntry(entry.id, entry.act, entry.subject, entry.link)
        for entry in entries
        if entry.act == SHORTENED or not entry.act.startswith(_ROUTINE)
    ]

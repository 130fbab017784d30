"""Receiving: redact → check → identify → keep; a receipt only after the commit.

Documents that wait together are kept in one transaction, each behind a savepoint of its own: one flush to the disk
serves them all, and what is wrong with one costs that one alone. What is refused is recorded with the reason.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.core.days import utc_text
from auditor.core.identity import STRONG
from auditor.core.model import TitleId
from auditor.errors import Busy, Refused
from auditor.intake.arrival import BY_FILE, Arrival, Receipt
from auditor.intake.checking import Checked, check
from auditor.intake.sighting import identity_of
from auditor.intake.unpacking import bounds_of, unpack
from auditor.proof.digest import sha256_hex
from auditor.settings import Settings, load_settings
from auditor.store.bulk import bulk
from auditor.store.database import Connection, Store, hold
from auditor.store.inventories import RefusedDocument, add_refused, is_refused
from auditor.store.machines import bearers
from rules.title import Words

_ATTEMPTS = 3


@dataclass(frozen=True)
class Offered:
    """One document that was checked and waits to be kept."""

    checked: Checked
    sent: str
    """Digest of the document as it was sent, unpacked."""
    origin: str
    agent: str | None
    unit: str | None
    now: datetime


def receive(
    store: Store,
    data: bytes,
    *,
    encoding: str = "identity",
    origin: str = BY_FILE,
    agent: str | None = None,
    unit: str | None = None,
    now: datetime,
    settings: Settings | None = None,
) -> Receipt:
    """Take one document and return its receipt when it is on the disk.

    `origin` is `agent` when a signature was checked, and `agent` then names who signed; else `file`. Raises
    `Refused` with the path of the fault; the refusal is recorded.
    """
    settings = settings or load_settings()
    offered = offer(store, data, encoding=encoding, origin=origin, agent=agent, unit=unit, now=now, settings=settings)
    (kept,) = keep_all(store, [offered], settings)
    if isinstance(kept, Exception):
        raise kept
    return kept


def offer(
    store: Store,
    data: bytes,
    *,
    encoding: str,
    origin: str,
    agent: str | None,
    unit: str | None,
    now: datetime,
    settings: Settings,
    sent: str | None = None,
) -> Offered:
    """Unpack and check one document; nothing of it is kept yet. Raises `Refused`; the refusal is recorded.

    `sent` is the digest of what was sent where that is another tool's document, which this one was made from.
    """
    bounds = bounds_of(settings)
    try:
        document = unpack(data, encoding, bounds)
        checked = check(document, bounds)
    except Refused as refusal:
        _record_refusal(store, data, refusal, origin=origin, now=now)
        raise
    return Offered(checked, sent or sha256_hex(document), origin, agent, unit, now)


def keep_all(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception]:
    """Keep documents in their order in one transaction, and return the receipt of each, or what went wrong with it.

    Nothing is on the disk before this returns. Raises `Busy` and `StoreError` for all of them together; a
    transaction that lost to another one is tried again before that.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _keep_once(store, offered, settings)
        except Busy:
            time.sleep(random.uniform(0.01, 0.1))
    return _keep_once(store, offered, settings)


def _keep_once(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception]:
    kept: list[Receipt | Exception] = []
    new_titles: dict[Words, TitleId] = {}
    with store.take_in() as connection:
        _hold_machines(connection, offered)
        statements = bulk(connection)
        for each in offered:
            arrival = _arrival(connection, each, settings, (store.title_ids, new_titles))
            statements.savepoint()
            try:
                kept.append(arrival.keep())
            except Exception as error:  # handed to whoever sent this document; the others are kept
                statements.undo()
                kept.append(error)
            else:
                statements.release()
                new_titles.update(arrival.new_titles)
    store.remember_titles(new_titles)
    return kept


def _hold_machines(connection: Connection, offered: Sequence[Offered]) -> None:
    """Keep documents that may speak of the same machines out until these are kept, where several write at once.

    First all that could tell the machines, then the machines that are known by it: two documents may reach one
    machine by clues that they do not share.
    """
    said = [identity_of(each.checked.inventory.host, each.agent) for each in offered]
    names = {f"{clue.value} {value}" for evidence in said for clue in STRONG for value in evidence.of(clue)}
    if hold(connection, names | {f"document {each.checked.digest}" for each in offered}):
        statements = bulk(connection)
        hold(connection, {f"machine {number}" for evidence in said for number in bearers(statements, evidence)})


def _arrival(
    connection: Connection, offered: Offered, settings: Settings, known: tuple[Mapping[Words, TitleId], ...]
) -> Arrival:
    return Arrival(
        connection,
        offered.checked,
        offered.sent,
        offered.origin,
        offered.agent,
        offered.unit,
        offered.now,
        settings,
        known,
    )


def _record_refusal(store: Store, data: bytes, refusal: Refused, *, origin: str, now: datetime) -> None:
    refused = RefusedDocument(sha256_hex(data), utc_text(now), origin, str(refusal), len(data))
    with store.begin() as connection:
        if not is_refused(connection, refused):
            add_refused(connection, refused)

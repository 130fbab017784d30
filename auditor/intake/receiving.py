"""Receiving: redact → check → identify → keep; a receipt only after the commit.

Documents that wait together are kept in one transaction, each behind a savepoint of its own: one flush to the disk
serves them all, and what is wrong with one costs that one alone. What is refused is recorded with the reason.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from auditor.core.days import utc_text
from auditor.core.identity import STRONG, Clue
from auditor.core.model import TitleId
from auditor.core.other_tools import BY_AGENT, BY_FILE
from auditor.errors import Busy, Refused
from auditor.intake.arrival import Arrival
from auditor.intake.checking import Checked, check
from auditor.intake.receipt import Receipt
from auditor.intake.same import Same, keep_same, same_as_last
from auditor.intake.sighting import identity_of, words_in
from auditor.intake.unpacking import Bounds, bounds_of, packed_for_store, unpack
from auditor.proof.digest import sha256_hex
from auditor.settings import Settings, load_settings
from auditor.store.bulk import bulk
from auditor.store.database import Connection, Store, hold, may_write_beside
from auditor.store.inventories import RefusedDocument, add_refused, is_refused
from auditor.store.machines import bearers, joined_into
from auditor.store.titles import keep_titles
from rules.title import Words

_ATTEMPTS = 3


@dataclass(frozen=True)
class Offered:
    """One document that waits to be kept: checked, or known by its outline to say what was checked before."""

    document: bytes
    """As it was sent, unpacked."""
    sent: str
    """Digest of what was sent, unpacked: of the document, or of another tool's that it was made from."""
    origin: str
    agent: str | None
    unit: str | None
    now: datetime
    bounds: Bounds
    packed: bytes | None = None
    """The document as zlib, where it was sent so."""
    same: Same | None = None

    @cached_property
    def checked(self) -> Checked:
        """What the document says. Raises `Refused`."""
        return check(self.document, self.bounds)

    @cached_property
    def words(self) -> list[Words]:
        """The words of the titles in it. Raises `Refused`."""
        return words_in(self.checked.inventory)

    @property
    def names(self) -> Iterator[str]:
        """What others that may speak of the same machine, or are the same document, would name as well."""
        if self.same is not None:
            yield from (f"document {self.sent}", f"{Clue.AGENT.value} {self.agent}")
            return
        yield f"document {self.checked.digest}"
        evidence = identity_of(self.checked.inventory.host, self.agent)
        yield from (f"{clue.value} {value}" for clue in STRONG for value in evidence.of(clue))


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
        packed = packed_for_store(data, encoding, document)
        digest = sent or sha256_hex(document)
        offered = Offered(document, digest, origin, agent, unit, now, bounds, packed)
        same = same_as_last(store, document, agent) if origin == BY_AGENT and agent is not None else None
        if same is not None:
            return replace(offered, same=same)
        _ = offered.checked
    except Refused as refusal:
        _record_refusal(store, data, refusal, origin=origin, now=now)
        raise
    return offered


def keep_all(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception]:
    """Keep documents in their order in one transaction, and return the receipt of each, or what went wrong with it.

    Nothing is on the disk before this returns. Raises `Busy` and `StoreError` for all of them together; a
    transaction that lost to another one is tried again before that. What turns out not to say the same as the last
    document of its machine is checked and kept in a transaction after that.
    """
    kept = _kept_in_time(store, offered, settings)
    left = [place for place, outcome in enumerate(kept) if outcome is None]
    for place, outcome in zip(left, _kept_whole(store, [offered[place] for place in left], settings), strict=True):
        kept[place] = outcome
    return [outcome for outcome in kept if outcome is not None]


def _kept_whole(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception | None]:
    outcomes: list[Receipt | Exception | None] = []
    for each in offered:
        whole = replace(each, same=None)
        try:
            _ = whole.checked
        except Refused as refusal:
            _record_refusal(store, each.document, refusal, origin=each.origin, now=each.now)
            outcomes.append(refusal)
        else:
            outcomes += _kept_in_time(store, [whole], settings)
    return outcomes


def _kept_in_time(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception | None]:
    for _ in range(_ATTEMPTS - 1):
        try:
            return _keep_once(store, offered, settings)
        except Busy:
            time.sleep(random.uniform(0.01, 0.1))
    return _keep_once(store, offered, settings)


def _keep_once(store: Store, offered: Sequence[Offered], settings: Settings) -> list[Receipt | Exception | None]:
    kept: list[Receipt | Exception | None] = []
    new_titles: dict[Words, TitleId] = {}
    with store.take_in() as connection:
        _hold_machines(connection, offered)
        new_titles.update(_titles_of(connection, store, offered))
        known = (store.title_ids, new_titles)
        for each in offered:
            same = each.same is not None
            kept.append(keep_same(connection, each) if same else _keep_one(connection, each, settings, known))
        if all(isinstance(outcome, Exception) for outcome in kept):
            connection.rollback()  # titles that nothing bears
            return kept
    store.remember_titles(new_titles)
    return kept


def _keep_one(
    connection: Connection, offered: Offered, settings: Settings, known: tuple[Mapping[Words, TitleId], ...]
) -> Receipt | Exception:
    statements = bulk(connection)
    statements.savepoint()
    try:
        receipt = _arrival(connection, offered, settings, known).keep()
    except Exception as error:  # handed to whoever sent this document; the others are kept
        statements.undo()
        return error
    statements.release()
    return receipt


def _titles_of(connection: Connection, store: Store, offered: Sequence[Offered]) -> dict[Words, TitleId]:
    """Return the ids of the titles of all documents that are not in memory; those that nobody knows are added."""
    asked: dict[Words, str] = {}
    for each in offered:
        if each.same is None:
            new = (words for words in each.words if words not in store.title_ids)
            asked.update(dict.fromkeys(new, utc_text(each.now)))
    return keep_titles(connection, asked, now=min(asked.values())) if asked else {}


def _hold_machines(connection: Connection, offered: Sequence[Offered]) -> None:
    """Keep documents that may speak of the same machines out until these are kept, where several write at once.

    First all that could tell the machines, then the machines that are known by it: two documents may reach one
    machine by clues that they do not share.
    """
    if not may_write_beside(connection):
        return
    hold(connection, {name for each in offered for name in each.names})
    statements, machines = bulk(connection), set[int]()
    for each in offered:
        if each.same is not None:
            machines.add(each.same.machine)
        else:
            machines.update(bearers(statements, identity_of(each.checked.inventory.host, each.agent)))
    hold(connection, {f"machine {number}" for number in joined_into(statements, machines)})


def _arrival(
    connection: Connection, offered: Offered, settings: Settings, known: tuple[Mapping[Words, TitleId], ...]
) -> Arrival:
    return Arrival(
        connection,
        offered.checked,
        offered.words,
        offered.packed if offered.checked.kept == offered.document else None,
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

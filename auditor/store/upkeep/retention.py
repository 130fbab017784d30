"""Retention: documents older than evidence is kept, and entries older than the trail is kept.

A document stays, however old, while it is the newest of its machine, waits for a second scan, or is what a signed-off
run stood on: a run with a reviewed or submitted report, or with a signed spot check. Forms that were issued, papers,
runs, the journal and the ledger stay for good. What is removed is told in the trail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnCollection,
    ColumnElement,
    Connection,
    Select,
    and_,
    except_,
    exists,
    func,
    or_,
    select,
)

from auditor.core.days import last_moment, utc_text
from auditor.store.blobs import get_blob
from auditor.store.database import Store
from auditor.store.tables import blobs, documents, machines, refused_documents, runs, spot_checks, submissions
from auditor.store.trail import append_trail
from auditor.store.upkeep.trail_kept import entries_to_remove, remove_entries

Columns: TypeAlias = ColumnCollection[str, Any]
_BATCH = 500
"""Documents removed in one transaction: others wait no longer than that takes."""
_IN_FLIGHT = 10_000
"""Documents with a lower number may be committed after one with a higher, of several checkers."""
_OF_DOCUMENTS = ("document", "state", "programs", "facts")
_SIGNED_OFF = ("reviewed", "submitted", "corrected")


@dataclass(frozen=True)
class Removal:
    """What is removed, or would be."""

    documents: int
    document_bytes: int
    refused: int
    trail_entries: int
    trail_to: int
    kept_for_runs: int
    """Documents that are old enough and stay, since a signed-off run stood on them."""


def months_before(now: datetime, months: int) -> str:
    """Return the moment so many calendar months ago, the last day of a shorter month for one that it lacks."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, 0, -1):
        try:
            return utc_text(now.replace(year=years, month=month + 1, day=day))
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def look(connection: Connection, *, now: datetime, evidence_months: int, trail_months: int, zone: ZoneInfo) -> Removal:
    """Return what would be removed now, and remove nothing."""
    before = months_before(now, evidence_months)
    many, size, waiting = _of_documents(connection, before, zone)
    refused = select(func.count()).select_from(refused_documents).where(refused_documents.c.received_at < before)
    to, entries = entries_to_remove(connection, months_before(now, trail_months))
    return Removal(many, size, int(connection.execute(refused).scalar_one()), entries, to, waiting)


def remove(store: Store, *, now: datetime, evidence_months: int, trail_months: int, zone: ZoneInfo) -> Removal:
    """Remove what is too old and return what that was. Doing it twice, or half, does no harm."""
    at, before = utc_text(now), months_before(now, evidence_months)
    with store.read() as connection:
        found = look(connection, now=now, evidence_months=evidence_months, trail_months=trail_months, zone=zone)
    if found.documents:
        _remove_documents(store, before, zone)
        _remove_loose(store)
    with store.begin() as connection:
        connection.execute(refused_documents.delete().where(refused_documents.c.received_at < before))
        to, entries = entries_to_remove(connection, months_before(now, trail_months))
        if entries:
            remove_entries(connection, to=to, at=at)
        if found.documents or found.refused:
            told = f"documents {found.documents} bytes {found.document_bytes} refused {found.refused} before {before}"
            append_trail(connection, at=at, act="evidence.removed", subject=told)
    return found


def _remove_documents(store: Store, before: str, zone: ZoneInfo) -> None:
    """Look for them once, and ask of each batch again before it goes: a run may be signed off meanwhile."""
    with store.read() as connection:
        numbers = connection.execute(_too_old(connection, before, zone)).scalars().all()
    for start in range(0, len(numbers), _BATCH):
        batch = documents.c.id.in_(numbers[start : start + _BATCH])
        with store.begin() as connection:
            still = connection.execute(_too_old(connection, before, zone).where(batch)).scalars().all()
            connection.execute(documents.delete().where(documents.c.id.in_(still)))


def _remove_loose(store: Store) -> None:
    """Remove contents that no document and no machine points to any more. Found without keeping others waiting; before
    each removal the documents that came meanwhile are asked."""
    here = documents.c
    with store.read() as connection:
        newest = connection.execute(select(func.max(here.id))).scalar() or 0
        used = (select(each) for each in (here.digest, here.state, here.programs, here.facts, machines.c.state))
        loose = sorted(
            connection.execute(except_(select(blobs.c.digest).where(blobs.c.media.in_(_OF_DOCUMENTS)), *used)).scalars()
        )
    for start in range(0, len(loose), _BATCH):
        going = set(loose[start : start + _BATCH])
        with store.begin() as connection:
            came = select(here.digest, here.state, here.programs, here.facts).where(here.id > newest - _IN_FLIGHT)
            for row in connection.execute(came):
                going -= set(row)
            connection.execute(blobs.delete().where(blobs.c.digest.in_(sorted(going))))


def _of_documents(connection: Connection, before: str, zone: ZoneInfo) -> tuple[int, int, int]:
    """Return how many documents go, the bytes of them, and how many stay for a run alone."""
    going = _too_old(connection, before, zone).subquery()
    size = func.coalesce(func.sum(func.length(blobs.c.packed)), 0)
    joined = select(func.count(), size).select_from(going.outerjoin(blobs, blobs.c.digest == going.c.digest))
    many, size_bytes = connection.execute(joined).one()
    all_old = select(func.count()).select_from(documents).where(_is_replaced(before))
    return int(many), int(size_bytes), int(connection.execute(all_old).scalar_one()) - int(many)


def _too_old(connection: Connection, before: str, zone: ZoneInfo) -> Select[tuple[int, str]]:
    chosen = select(documents.c.id, documents.c.digest).where(_is_replaced(before))
    for moment, made_at in signed_off(connection, zone):
        chosen = chosen.where(~_stood_in(moment, made_at))
    return chosen.order_by(documents.c.id)


def _is_replaced(before: str) -> ColumnElement[bool]:
    """Old, not held, and not the newest of its machine."""
    newer = documents.alias("newer")
    later = exists().where(
        newer.c.machine == documents.c.machine, _after(newer.c, documents.c), newer.c.standing == "current"
    )
    is_last = exists().where(machines.c.last_document == documents.c.digest)
    return and_(documents.c.received_at < before, documents.c.standing != "held", later, ~is_last)


def _stood_in(moment: str, made_at: str) -> ColumnElement[bool]:
    """Was the newest document of its machine for a run of that moment, by what had arrived when the run was made."""
    newer = documents.alias("of_run")
    here = documents.c
    better = exists().where(
        newer.c.machine == here.machine, _after(newer.c, here),
        newer.c.collected_at <= moment, newer.c.received_at <= made_at,
    )  # fmt: skip
    return and_(here.collected_at <= moment, here.received_at <= made_at, ~better)


def _after(one: Columns, other: Columns) -> ColumnElement[bool]:
    return or_(one.collected_at > other.collected_at, and_(one.collected_at == other.collected_at, one.id > other.id))


def signed_off(connection: Connection, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the last moment of the day of every signed-off run, and when it was made."""
    wanted = set(_signed_off_runs(connection))
    chosen = select(runs.c.id, runs.c.as_of, runs.c.made_at).order_by(runs.c.sequence)
    found = [
        (last_moment(date.fromisoformat(row.as_of), zone), row.made_at)
        for row in connection.execute(chosen)
        if row.id in wanted
    ]
    return sorted(set(found))


def _signed_off_runs(connection: Connection) -> Iterator[str]:
    chosen = select(submissions.c.run).where(submissions.c.state.in_(_SIGNED_OFF))
    yield from connection.execute(chosen).scalars()
    drawn = select(spot_checks.c.drawn).where(spot_checks.c.state == "signed")
    for digest in connection.execute(drawn).scalars():
        run = json.loads(get_blob(connection, digest)).get("run")
        if run:
            yield str(run)

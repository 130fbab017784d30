"""Titles: distinct words of software, each kept once, and the sets of them that machines bear."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, select

from auditor.core.model import TitleId
from auditor.proof.digest import canonical_json, digest_of
from auditor.store.database import insert_missing
from auditor.store.tables import title_set_members, title_sets
from auditor.store.tables import titles as table
from rules.title import Title, title_digest

_CHUNK = 500


def keep_titles(connection: Connection, titles: Iterable[Title], *, now: str) -> dict[Title, TitleId]:
    """Return the id of every title; those never seen are added, seen first at `now`."""
    digests = {title: title_digest(title) for title in titles}
    ids = _ids(connection, digests.values())
    new = {digest: title for title, digest in digests.items() if digest not in ids}
    insert_missing(connection, table, [_row(digest, new[digest], now) for digest in sorted(new)])
    ids |= _ids(connection, new)
    return {title: ids[digest] for title, digest in digests.items()}


def load_titles(connection: Connection, ids: Iterable[TitleId]) -> dict[TitleId, Title]:
    """Return the titles of some ids; an id that is not there is left out."""
    wanted = sorted(set(ids))
    found: dict[TitleId, Title] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = connection.execute(select(table.c.id, table.c.words).where(table.c.id.in_(chunk)))
        found.update((TitleId(number), _title(words)) for number, words in rows)
    return found


def load_all_titles(connection: Connection) -> dict[TitleId, Title]:
    """Return every title, in the order of ids."""
    rows = connection.execute(select(table.c.id, table.c.words).order_by(table.c.id))
    return {TitleId(number): _title(words) for number, words in rows}


def title_rows(connection: Connection) -> Sequence[RowMapping]:
    """Return id, digest and first_seen_at of every title, in the order of ids."""
    chosen = select(table.c.id, table.c.digest, table.c.first_seen_at).order_by(table.c.id)
    return connection.execute(chosen).mappings().all()


def keep_title_set(connection: Connection, ids: Iterable[TitleId]) -> int:
    """Return the id of a set of titles; a set never seen is added with its members."""
    members = sorted(set(ids))
    digest = digest_of(members)
    chosen = select(title_sets.c.id).where(title_sets.c.digest == digest)
    known = connection.execute(chosen).scalar()
    if known is None:
        insert_missing(connection, title_sets, [{"digest": digest, "size": len(members)}])
        known = connection.execute(chosen).scalar_one()
        insert_missing(connection, title_set_members, [{"title_set": known, "title": title} for title in members])
    return int(known)


def _ids(connection: Connection, digests: Iterable[str]) -> dict[str, TitleId]:
    wanted, found = sorted(set(digests)), dict[str, TitleId]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = connection.execute(select(table.c.digest, table.c.id).where(table.c.digest.in_(chunk)))
        found.update((digest, TitleId(number)) for digest, number in rows)
    return found


def _row(digest: str, title: Title, now: str) -> dict[str, str | None]:
    words = {name: value for name, value in vars(title).items() if value is not None}
    shown = ("platform", "source", "name", "publisher", "version", "identifier")
    row: dict[str, str | None] = {name: getattr(title, name) for name in shown}
    return row | {"digest": digest, "words": canonical_json(words).decode("utf-8"), "first_seen_at": now}


def _title(words: str) -> Title:
    return Title(**json.loads(words))

"""Journal: append-only lines of what changed on machines, and the opening balance of each scope."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, overload

from sqlalchemy import Connection, select

from auditor.core.model import JournalKind, JournalLine, MachineId, TitleId
from auditor.core.picture import Change, Opening
from auditor.proof.digest import canonical_json
from auditor.store.blobs import each_blob, get_blobs, packed_blobs, put_blob, unpack_blob
from auditor.store.bulk import bulk, insertion, insertion_of_missing
from auditor.store.tables import journal, journal_openings

# fmt: off
_ADD = insertion(
    journal, "machine", "kind", "title", "previous_title", "scope", "happened_after", "happened_on", "day_is_exact",
    "recorded_at", "document",
)
# fmt: on
_OPEN = insertion_of_missing(
    journal_openings, "machine", "system", "scope", "content", "happened_on", "recorded_at", "document"
)


def add_changes(
    connection: Connection, machine: int, changes: Iterable[Change], *, recorded_at: str, document: str
) -> None:
    """Append the lines that one document made."""
    rows = [
        (
            machine,
            change.kind.value,
            change.title,
            change.previous_title,
            change.scope,
            change.happened_after.isoformat() if change.happened_after else None,
            change.happened_on.isoformat(),
            int(change.day_is_exact),
            recorded_at,
            document,
        )
        for change in changes
    ]
    bulk(connection).many(_ADD, rows)


def add_openings(
    connection: Connection,
    machine: int,
    openings: Iterable[Opening],
    *,
    happened_on: date,
    recorded_at: str,
    document: str,
) -> None:
    """Record the opening balance of scopes; a scope that has one keeps it."""
    rows = []
    for opening in openings:
        lines = [[title, day.isoformat() if day else None] for title, day in opening.titles]
        content = put_blob(connection, "opening", canonical_json(lines))
        rows.append((machine, opening.system, opening.scope, content, happened_on.isoformat(), recorded_at, document))
    bulk(connection).many(_OPEN, rows)


def list_changes(
    connection: Connection, *, machine: int | None = None, first: date | None = None, last: date | None = None
) -> Sequence[JournalLine]:
    """Return the lines that happened within [first, last], by day, machine and number; openings apart."""
    chosen = select(journal).order_by(journal.c.happened_on, journal.c.machine, journal.c.id)
    if machine is not None:
        chosen = chosen.where(journal.c.machine == machine)
    if first is not None:
        chosen = chosen.where(journal.c.happened_on >= first.isoformat())
    if last is not None:
        chosen = chosen.where(journal.c.happened_on <= last.isoformat())
    return [
        JournalLine(
            id=row["id"],
            machine=MachineId(row["machine"]),
            kind=JournalKind(row["kind"]),
            title=TitleId(row["title"]),
            previous_title=TitleId(row["previous_title"]) if row["previous_title"] is not None else None,
            scope=row["scope"],
            happened_after=date.fromisoformat(row["happened_after"]) if row["happened_after"] else None,
            happened_on=date.fromisoformat(row["happened_on"]),
            day_is_exact=bool(row["day_is_exact"]),
            recorded_at=row["recorded_at"],
            document=row["document"],
        )
        for row in connection.execute(chosen).mappings()
    ]


def list_openings(
    connection: Connection, *, machine: int | None = None, last: date | None = None
) -> Sequence[JournalLine]:
    """Return 期初登记 as lines of their own, one a title, by machine, scope and title.

    `id` is the number of the opening: its lines share it. `happened_on` is the source's own day of
    installation where it has one (`day_is_exact`), else the day of the opening; `last` bounds the latter.
    """
    chosen = select(journal_openings).order_by(
        journal_openings.c.machine, journal_openings.c.scope, journal_openings.c.id
    )
    if machine is not None:
        chosen = chosen.where(journal_openings.c.machine == machine)
    if last is not None:
        chosen = chosen.where(journal_openings.c.happened_on <= last.isoformat())
    rows = connection.execute(chosen).mappings().all()
    contents = get_blobs(connection, (row["content"] for row in rows))
    return [line for row in rows for line in _opening_lines(dict(row), contents[row["content"]])]


@dataclass(frozen=True)
class OpeningRow:
    """The opening balance of one scope; `content` is the digest of its titles."""

    id: int
    machine: MachineId
    scope: str
    content: str
    happened_on: str
    recorded_at: str
    document: str


def list_opening_rows(connection: Connection) -> list[OpeningRow]:
    """Return every opening balance without its titles, by machine, scope and number."""
    names = ("id", "machine", "scope", "content", "happened_on", "recorded_at", "document")
    table = journal_openings.c
    chosen = select(*(table[name] for name in names)).order_by(table.machine, table.scope, table.id)
    return [OpeningRow(*row) for row in connection.execute(chosen)]


class JournalLines(Sequence[JournalLine]):
    """Openings, each unpacked when it is read, then changes: a journal of millions of lines."""

    def __init__(self, openings: Sequence[tuple[OpeningRow, bytes]], changes: Sequence[JournalLine]) -> None:
        """Openings come with their packed contents."""
        self._openings, self._changes = openings, changes

    def __iter__(self) -> Iterator[JournalLine]:
        for row, packed in self._openings:
            yield from _opening_lines(vars(row), unpack_blob(row.content, packed))
        yield from self._changes

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, index: int) -> JournalLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[JournalLine]: ...
    def __getitem__(self, index: int | slice) -> JournalLine | Sequence[JournalLine]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def read_journal(
    connection: Connection, openings: Sequence[OpeningRow], changes: Sequence[JournalLine]
) -> JournalLines:
    """Return the lines of some openings and changes. Raises `StoreError` when a content is not there."""
    packed = packed_blobs(connection, {row.content for row in openings})
    return JournalLines([(row, packed[row.content]) for row in openings], changes)


def titles_of_openings(connection: Connection, openings: Iterable[OpeningRow]) -> set[TitleId]:
    """Return the titles that some openings name."""
    found: set[TitleId] = set()
    for _, content in each_blob(connection, {row.content for row in openings}):
        found.update(TitleId(title) for title, _ in json.loads(content))
    return found


def _opening_lines(row: Mapping[str, Any], content: bytes) -> Iterator[JournalLine]:
    for title, day in json.loads(content):
        yield JournalLine(
            id=int(row["id"]),
            machine=MachineId(int(row["machine"])),
            kind=JournalKind.OPENING,
            title=TitleId(title),
            previous_title=None,
            scope=str(row["scope"]),
            happened_after=None,
            happened_on=date.fromisoformat(day or str(row["happened_on"])),
            day_is_exact=day is not None,
            recorded_at=str(row["recorded_at"]),
            document=str(row["document"]),
        )

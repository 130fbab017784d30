"""Titles: distinct words of software, each kept once, and the sets of them that machines bear."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, bindparam, func, or_, select

from auditor.core.model import TitleId
from auditor.proof.digest import digest_of
from auditor.store.bulk import Bulk, apart, insertion_of_missing, query
from auditor.store.tables import machines, title_sets
from auditor.store.tables import titles as table
from rules.title import Title, Words, digest_of_text, title_text

_CHUNK = 500
_ID_OF = query(select(table.c.id).where(table.c.digest == bindparam("digest")), "digest")
_ASKED = 64
_IDS_OF = query(
    select(table.c.digest, table.c.id).where(table.c.digest.in_([bindparam(f"digest_{n}") for n in range(_ASKED)])),
    *(f"digest_{n}" for n in range(_ASKED)),
)
_ADD = insertion_of_missing(
    table, "digest", "platform", "source", "name", "publisher", "version", "identifier", "words", "first_seen_at"
)
_SET_OF = query(select(title_sets.c.id).where(title_sets.c.digest == bindparam("digest")), "digest")
_ADD_SET = insertion_of_missing(title_sets, "digest", "size", "members")


def keep_titles(connection: Connection, words: Iterable[Words], *, now: str) -> dict[Words, TitleId]:
    """Return the id of the title of every tuple of words; those never seen are added, seen first at `now`.

    Many at once: a look-up for each is what they would cost most.
    """
    texts = {each: title_text(each) for each in words}
    digests = {each: digest_of_text(text) for each, text in texts.items()}
    statements = apart(connection)
    known = _ids_of(statements, digests.values())
    rows = [_row(digests[each], each, texts[each], now) for each in texts if digests[each] not in known]
    if rows:
        rows.sort()  # several processes that add the same titles then take them in one order
        statements.many(_ADD, rows)
        known |= _ids_of(statements, [str(row[0]) for row in rows])
    return {each: TitleId(known[digests[each]]) for each in texts}


def _ids_of(statements: Bulk, digests: Iterable[str]) -> dict[str, int]:
    """Return the ids of those titles that are there, some at a time; the last digest fills up."""
    wanted, found = list(digests), dict[str, int]()
    for start in range(0, len(wanted), _ASKED):
        chunk = wanted[start : start + _ASKED]
        if len(chunk) > 1:
            found.update(statements.rows(_IDS_OF, *chunk, *chunk[-1:] * (_ASKED - len(chunk))))
        else:
            found.update((chunk[0], number) for (number,) in statements.rows(_ID_OF, chunk[0]))
    return found


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


def page_of_titles(connection: Connection, *, text: str = "", after: int = 0, limit: int = 50) -> dict[TitleId, Title]:
    """Return titles after an id, in the order of ids; `text` is looked for in name and publisher."""
    chosen = select(table.c.id, table.c.words).where(table.c.id > after)
    if text:
        found = (column.icontains(text, autoescape=True) for column in (table.c.name, table.c.publisher))
        chosen = chosen.where(or_(*found))
    rows = connection.execute(chosen.order_by(table.c.id).limit(limit))
    return {TitleId(number): _title(words) for number, words in rows}


def bearers_of_titles(connection: Connection) -> Counter[TitleId]:
    """Return how many machines bear each title now, by the sets that they hold."""
    held = select(machines.c.title_set, func.count()).where(machines.c.merged_into.is_(None))
    sets = {int(number): int(many) for number, many in connection.execute(held.group_by(machines.c.title_set))}
    counted: Counter[TitleId] = Counter()
    for number, members in load_title_sets(connection).items():
        if (machines_of_set := sets.get(number)) is not None:
            counted.update(dict.fromkeys(members, machines_of_set))
    return counted


def title_rows(connection: Connection) -> Sequence[RowMapping]:
    """Return id, digest and first_seen_at of every title, in the order of ids."""
    chosen = select(table.c.id, table.c.digest, table.c.first_seen_at).order_by(table.c.id)
    return connection.execute(chosen).mappings().all()


def keep_title_set(connection: Connection, ids: Iterable[TitleId]) -> int:
    """Return the id of a set of titles; a set never seen is added with its members.

    They stand packed in its row: a machine has hundreds, and a row each would be most of what it costs to take it in.
    """
    members = sorted(set(ids))
    digest = digest_of(members)
    statements = apart(connection)
    known = statements.one(_SET_OF, digest)
    if known is None:
        statements.many(_ADD_SET, [(digest, len(members), struct.pack(f"<{len(members)}I", *members))])
        known = statements.one(_SET_OF, digest)
    assert known is not None
    return int(known[0])


def load_title_sets(connection: Connection) -> dict[int, tuple[TitleId, ...]]:
    """Return the titles of every set, rising, by the number of the set."""
    rows = connection.execute(select(title_sets.c.id, title_sets.c.size, title_sets.c.members))
    return {number: struct.unpack(f"<{size}I", members) for number, size, members in rows}


def _row(digest: str, words: Words, text: str, now: str) -> tuple[str | None, ...]:
    """In the order of `_ADD`: the digest, then platform, source, name, publisher, version and identifier."""
    return (digest, *words[:6], text, now)


def _title(words: str) -> Title:
    return Title(**json.loads(words))

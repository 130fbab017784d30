"""Titles and the queue of what is not recognised, ranked by machines; what a rule of the house would change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.core.model import TitleId
from auditor.readmodels.screens.machines import MachinePage, bearing_page
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.database import Connection
from auditor.store.run_index import bearers_within, count_bearers, list_bearers, page_of_bearers
from auditor.store.titles import bearers_of_titles, load_titles, page_of_titles
from rules.catalogue import Catalogue
from rules.difference import title_changes
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.title import Title

MOST = 5_000
"""Groups that a text may leave."""


@dataclass(frozen=True)
class UnknownRow:
    """One piece of unknown software in all its versions and spellings."""

    group: str
    name: str
    publisher: str | None
    source: str
    versions: int
    machines: int
    order: int
    """Machines of the whole run, for the key of the page."""


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue."""

    rows: tuple[UnknownRow, ...]
    total: int
    after: tuple[int, str] | None


@dataclass(frozen=True)
class TitleRow:
    """One title and what the catalogue says of it."""

    id: TitleId
    title: Title
    recognition: Recognition


@dataclass(frozen=True)
class TitlePage:
    """One page of titles, by number."""

    rows: tuple[TitleRow, ...]
    after: int | None


@dataclass(frozen=True)
class UnknownPage:
    """One group of the queue with its titles and machines."""

    row: UnknownRow
    titles: tuple[TitleRow, ...]
    machines: MachinePage


@dataclass(frozen=True)
class RulePreview:
    """What rules would change: titles, the machines that bear them, and what was told of them before."""

    changes: tuple[tuple[Title, Recognition, Recognition, int], ...]
    titles: int
    installations: int


def queue_page(
    connection: Connection, scope: Scope, *, text: str = "", after: tuple[int, str] | None = None
) -> QueuePage:
    """Return a page of unknown software, what most machines bear first; of a part, what its own machines bear."""
    if scope.is_whole:
        ranked = page_of_bearers(connection, scope.run.id, "unknown", after=after, text=text, limit=PAGE + 1)
        rows = [_row(b.name, b.content, len(b.numbers)) for b in ranked]
        total = count_bearers(connection, scope.run.id, "unknown", text)
    else:
        span = scope.span
        mine = bearers_within(connection, scope.run.id, "unknown", span.first_machine, span.last_machine)
        if text:
            named = {
                b.name for b in page_of_bearers(connection, scope.run.id, "unknown", after=None, text=text, limit=MOST)
            }
            mine = [row for row in mine if row[1] in named]
        total = len(mine)
        left = [row for row in mine if after is None or (-row[0], row[1]) > (-after[0], after[1])][: PAGE + 1]
        told = {b.name: b.content for b in list_bearers(connection, scope.run.id, "unknown", [g for _, g in left])}
        rows = [_row(group, told[group], machines) for machines, group in left]
    shown = tuple(rows[:PAGE])
    return QueuePage(shown, total, (shown[-1].order, shown[-1].group) if len(rows) > PAGE else None)


def unknown_page(
    connection: Connection, scope: Scope, catalogue: Catalogue, group: str, *, after: int = 0
) -> UnknownPage | None:
    """Return one group of the queue; `None` when no machine of the scope bears it."""
    found = list_bearers(connection, scope.run.id, "unknown", [group])
    if not found:
        return None
    row = _row(group, found[0].content, _within(found[0].numbers, scope))
    if not row.machines:
        return None
    recogniser = Recogniser(catalogue)
    titles = page_of_titles(connection, text=row.name, limit=500)
    mine = [TitleRow(id, title, recogniser.recognise(title)) for id, title in titles.items()]
    of_group = tuple(each for each in mine if each.recognition.group == group)
    return UnknownPage(row, of_group[:PAGE], bearing_page(connection, scope, "unknown", group, after=after))


def title_page(connection: Connection, catalogue: Catalogue, *, text: str = "", after: int = 0) -> TitlePage:
    """Return a page of all titles of the store."""
    found = page_of_titles(connection, text=text, after=after, limit=PAGE + 1)
    recogniser = Recogniser(catalogue)
    rows = tuple(TitleRow(id, title, recogniser.recognise(title)) for id, title in list(found.items())[:PAGE])
    return TitlePage(rows, int(rows[-1].id) if len(found) > PAGE else None)


def one_title(connection: Connection, catalogue: Catalogue, id: int) -> TitleRow | None:
    """Return one title."""
    found = load_titles(connection, [TitleId(id)])
    title = found.get(TitleId(id))
    return TitleRow(TitleId(id), title, Recogniser(catalogue).recognise(title)) if title is not None else None


def rule_preview(connection: Connection, before: Catalogue, after: Catalogue, *, shown: int = PAGE) -> RulePreview:
    """Return what another catalogue would tell otherwise of the titles that machines bear now."""
    bearers: Counter[TitleId] = bearers_of_titles(connection)
    titles = load_titles(connection, bearers)
    ids: dict[Title, list[TitleId]] = {}
    for id, title in titles.items():
        ids.setdefault(title, []).append(id)
    changes = [
        (change.title, change.before, change.after, sum(bearers[id] for id in ids[change.title]))
        for change in title_changes(ids, before, after)
    ]
    changes.sort(key=lambda change: (-change[3], change[0].name))
    return RulePreview(tuple(changes[:shown]), len(changes), sum(change[3] for change in changes))


def _row(group: str, content: Mapping[str, object], machines: int) -> UnknownRow:
    publisher = content.get("publisher")
    return UnknownRow(
        group=group,
        name=str(content.get("name", group)),
        publisher=str(publisher) if publisher else None,
        source=str(content.get("source", "")),
        versions=int(str(content.get("versions", 0))),
        machines=machines,
        order=machines,
    )


def _within(numbers: Sequence[int], scope: Scope) -> int:
    return bisect_right(numbers, scope.span.last_machine) - bisect_left(numbers, scope.span.first_machine)

"""Changes: the last picture of a machine and one document give the next picture and the journal's lines.

A complete scope replaces. A partial one adds, never removes; but another version under the same identifier of
the same source stands in the place of the old one, which cannot be there beside it. A failed one changes
nothing. One that is gone, by its own account or because its source was read without it, is a loss like any
other. The first complete sight of a scope opens its account (期初登记): what is there was not installed today. A
loss of more than a share of a scope, or of a whole scope, waits for a second scan, unless the operating system
itself was installed anew. What scans that might have shown it no longer show becomes 'last seen on'.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from agent.inventory.coverage import Outcome
from auditor.core.model import JournalKind, TitleId
from auditor.core.picture import (
    LAST_SCAN,
    Change,
    Item,
    Opening,
    Picture,
    ScopePicture,
    ScopeSight,
    Sight,
    Sighting,
    SystemPicture,
)
from auditor.core.upgrades import Succession, successions
from rules.title import Title

_SIGHTING_OF: Callable[[tuple[TitleId, str, date | None, date, date, str, int, bool]], Sighting] = partial(
    tuple.__new__, Sighting
)
"""A sighting out of its fields, several times as fast as by their names: each document makes hundreds."""


@dataclass(frozen=True)
class Limits:
    """What counts as a large loss, and as too long unseen."""

    held_loss_share: float = 0.5
    held_loss_minimum: int = 5
    stale_after_days: int = 30
    partial_scans_before_last_seen: int = 3


@dataclass(frozen=True)
class Outlook:
    """What a document makes of a machine."""

    picture: Picture
    changes: tuple[Change, ...]
    openings: tuple[Opening, ...]
    held_now: tuple[str, ...]
    """Scopes whose loss this document was the first to show."""


def apply_sight(last: Picture | None, sight: Sight, titles: Mapping[TitleId, Title], limits: Limits) -> Outlook:
    """Return the picture after `sight`; `last` is pinned to the day of the document behind it.

    `titles` holds at least the titles of `titles_in_question`. Changes are in the order of scopes, then
    removed, upgraded, installed, then title.
    """
    before = last.systems if last is not None else ()
    mine = next((system for system in before if system.key == sight.system), None)
    system = mine or SystemPicture(sight.system, sight.installation_id, sight.day)
    work = _Work(sight, limits, titles, reinstalled=_is_reinstalled(system, sight))
    after = work.system(system)
    others = [other for other in before if other.key != sight.system]
    if sight.may_remove:
        others = [_unseen_system(other, sight.day, limits) for other in others]
    systems = tuple(sorted((after, *others), key=lambda one: one.key))
    return Outlook(Picture(sight.system, systems), tuple(work.changes), tuple(work.openings), tuple(work.held_now))


def titles_in_question(last: Picture | None, sight: Sight) -> frozenset[TitleId]:
    """Return the titles that either the last picture or the document has and the other has not.

    Nothing when nothing was lost: then no title can have taken another's place.
    """
    systems = last.systems if last is not None else ()
    before = {(s.scope, s.title) for system in systems if system.key == sight.system for s in system.sightings}
    now = {(item.scope, item.title) for item in sight.items}
    return frozenset(title for _, title in before ^ now) if before - now else frozenset()


def late_changes(outlook: Outlook, day: date, following: Picture, following_day: date) -> tuple[Change, ...]:
    """Return what a document that arrived late adds to the journal: only what came and went unrecorded.

    `outlook` is what it made of the picture before it, `following` the picture after it, known already.
    A change that both show is in the journal, with a wider interval, and stays as it was written.
    """
    here = {(s.scope, s.title) for system in following.systems for s in system.sightings}
    added: list[Change] = []
    for change in outlook.changes:
        again = (change.scope, change.title) in here
        if change.kind is JournalKind.INSTALLED and not again:
            added += [change, _undone(change, JournalKind.REMOVED, day, following_day)]
        if change.kind is JournalKind.REMOVED and again:
            added += [change, _undone(change, JournalKind.INSTALLED, day, following_day)]
    return tuple(added)


def _undone(change: Change, kind: JournalKind, day: date, following_day: date) -> Change:
    return Change(kind, change.title, None, change.scope, day, following_day, False)


def _is_reinstalled(system: SystemPicture, sight: Sight) -> bool:
    known = system.installation_id, sight.installation_id
    return None not in known and known[0] != known[1]


def _unseen_system(system: SystemPicture, day: date, limits: Limits) -> SystemPicture:
    return replace(system, sightings=tuple(_missed(sighting, day, limits) for sighting in system.sightings))


def _missed(sighting: Sighting, day: date, limits: Limits) -> Sighting:
    """Count one more scan that might have shown it and did not."""
    missed = min(sighting.missed + 1, limits.partial_scans_before_last_seen)
    long_ago = (day - sighting.last_seen_on).days >= limits.stale_after_days
    return sighting._replace(
        missed=missed, stale=sighting.stale or (long_ago and missed >= limits.partial_scans_before_last_seen)
    )


@dataclass
class _Work:
    """One application of one sight: collects the changes while it walks the scopes."""

    sight: Sight
    limits: Limits
    titles: Mapping[TitleId, Title]
    reinstalled: bool
    changes: list[Change] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    held_now: list[str] = field(default_factory=list)

    def system(self, system: SystemPicture) -> SystemPicture:
        """Return the system after the sight."""
        old = {scope.scope: scope for scope in system.scopes}
        there: dict[str, dict[TitleId, Sighting]] = defaultdict(dict)
        for sighting in system.sightings:
            there[sighting.scope][sighting.title] = sighting
        shown: dict[str, dict[TitleId, Item]] = defaultdict(dict)
        for item in self.sight.items:
            shown[item.scope].setdefault(item.title, item)
        for run in sorted(_all_runs(self.sight, system.scopes), key=lambda run: run.scope):
            was = old.get(run.scope)
            old[run.scope], there[run.scope] = self._scope(run, was, there[run.scope], shown[run.scope])
        self._age_superseded(system, there)
        return SystemPicture(
            key=system.key,
            installation_id=self.sight.installation_id or system.installation_id,
            scanned_on=LAST_SCAN,
            scopes=tuple(old[name] for name in sorted(old)),
            sightings=tuple(sight for name in sorted(there) for sight in _in_order(there[name])),
        )

    def _age_superseded(self, system: SystemPicture, there: dict[str, dict[TitleId, Sighting]]) -> None:
        """What only another tool saw, and this document does not speak of, was missed once more."""
        told = {run.source for run in self.sight.scopes}
        for scope in system.scopes if self.sight.may_remove else ():
            if scope.source in self.sight.supersedes - told:
                aged = {title: _missed(s, self.sight.day, self.limits) for title, s in there[scope.scope].items()}
                there[scope.scope] = aged

    def _scope(
        self, run: ScopeSight, was: ScopePicture | None, there: dict[TitleId, Sighting], shown: dict[TitleId, Item]
    ) -> tuple[ScopePicture, dict[TitleId, Sighting]]:
        scope = was or ScopePicture(run.source, run.scope, run.outcome, LAST_SCAN)
        scope = replace(scope, source=run.source, outcome=run.outcome, scanned_on=LAST_SCAN, why=run.why)
        match run.outcome:
            case Outcome.FAILED:
                return scope, there
            case Outcome.PARTIAL:
                return self._partial(scope, there, shown)
            case Outcome.COMPLETE if self.sight.may_remove:
                return self._complete(scope, there, shown)
            case Outcome.COMPLETE:
                return self._partial(scope, there, shown)
            case Outcome.ABSENT:
                return self._complete(scope, there, {}) if there and self.sight.may_remove else (scope, there)

    def _partial(
        self, scope: ScopePicture, there: dict[TitleId, Sighting], shown: dict[TitleId, Item]
    ) -> tuple[ScopePicture, dict[TitleId, Sighting]]:
        pairs = self._replaced(there, shown) if self.sight.may_remove else ()
        heirs = {pair.after: there[pair.before] for pair in pairs}
        gone = {pair.before for pair in pairs}
        unseen = {title: sighting for title, sighting in there.items() if title not in shown and title not in gone}
        if self.sight.may_remove:
            unseen = {title: _missed(s, self.sight.day, self.limits) for title, s in unseen.items()}
        self._note_upgraded(pairs, there, shown)
        fresh = shown.keys() - there.keys() - heirs.keys()
        self._note_installed(scope, (shown[title] for title in sorted(fresh)))
        return replace(scope, read_on=LAST_SCAN), unseen | self._seen(there | heirs, shown)

    def _replaced(self, there: Mapping[TitleId, Sighting], shown: Mapping[TitleId, Item]) -> tuple[Succession, ...]:
        """Pair the one unseen with the one new title of an identifier; a name alone proves nothing here."""
        lost, fresh = there.keys() - shown.keys(), shown.keys() - there.keys()
        if not lost:
            return ()
        left, came = (Counter(_bearer(self.titles[title]) for title in group) for group in (lost, fresh))
        alone = {bearer for bearer in left if bearer[1] and left[bearer] == came[bearer] == 1}
        return successions(
            (title for title in lost if _bearer(self.titles[title]) in alone),
            (title for title in fresh if _bearer(self.titles[title]) in alone),
            self.titles,
        )

    def _complete(
        self, scope: ScopePicture, there: dict[TitleId, Sighting], shown: dict[TitleId, Item]
    ) -> tuple[ScopePicture, dict[TitleId, Sighting]]:
        pairs = successions(there.keys() - shown.keys(), shown.keys() - there.keys(), self.titles)
        lost = there.keys() - shown.keys() - {pair.before for pair in pairs}
        kept: dict[TitleId, Sighting] = {}
        if self._must_wait(scope, lost, there):
            self.held_now += [scope.scope]
            kept = {title: there[title]._replace(missed=1) for title in lost}
            held_since: date | None = self.sight.day
        else:
            self._note_removed(scope, [there[title] for title in sorted(lost)])
            held_since = None
        self._note_upgraded(pairs if scope.opened else (), there, shown)
        fresh = shown.keys() - there.keys() - {pair.after for pair in pairs}
        self._note_installed(scope, (shown[title] for title in sorted(fresh)))
        heirs = {pair.after: there[pair.before] for pair in pairs}
        after = kept | self._seen(there | heirs, shown)
        absent = scope.outcome is Outcome.ABSENT
        if not scope.opened and not absent:
            opened = tuple((sighting.title, sighting.installed_on) for sighting in _in_order(after))
            self.openings.append(Opening(self.sight.system, scope.scope, opened))
        read_on = scope.read_on if absent else LAST_SCAN
        return replace(scope, read_on=read_on, opened=scope.opened or not absent, held_since=held_since), after

    def _must_wait(self, scope: ScopePicture, lost: Iterable[TitleId], there: Mapping[TitleId, Sighting]) -> bool:
        count = len(list(lost))
        if not count or self.reinstalled or scope.held_since is not None:
            return False
        if scope.outcome is Outcome.ABSENT:
            return True
        return (
            scope.opened and count >= self.limits.held_loss_minimum and count > self.limits.held_loss_share * len(there)
        )

    def _seen(self, there: Mapping[TitleId, Sighting], shown: Mapping[TitleId, Item]) -> dict[TitleId, Sighting]:
        day = self.sight.day
        return {
            title: _SIGHTING_OF(
                (
                    title,
                    scope,
                    installed_on,
                    there[title].first_seen_on if title in there else day,
                    LAST_SCAN,
                    record,
                    0,
                    False,
                )
            )
            for title, (_, scope, installed_on, record) in shown.items()
        }

    def _note_removed(self, scope: ScopePicture, lost: Iterable[Sighting]) -> None:
        """A loss that had to wait happened before the scan that first showed it."""
        for sighting in lost if scope.opened else ():
            waited = scope.held_since is not None and sighting.missed > 0
            happened_on = scope.held_since if waited and scope.held_since else self.sight.day
            self.changes.append(
                Change(
                    JournalKind.REMOVED, sighting.title, None, scope.scope, sighting.last_seen_on, happened_on, False
                )
            )

    def _note_upgraded(
        self, pairs: Iterable[Succession], there: Mapping[TitleId, Sighting], shown: Mapping[TitleId, Item]
    ) -> None:
        for pair in pairs:
            if pair.upgrade:
                item, last_seen_on = shown[pair.after], there[pair.before].last_seen_on
                self.changes.append(self._dated(JournalKind.UPGRADED, item, pair.before, last_seen_on))

    def _note_installed(self, scope: ScopePicture, items: Iterable[Item]) -> None:
        for item in items if scope.opened else ():
            self.changes.append(self._dated(JournalKind.INSTALLED, item, None, scope.read_on))

    def _dated(self, kind: JournalKind, item: Item, previous: TitleId | None, after: date | None) -> Change:
        """The source's own day counts when it lies between the last scan and this one, else the interval does."""
        own = item.installed_on
        if own is not None and (after is None or after <= own) and own <= self.sight.day:
            return Change(kind, item.title, previous, item.scope, None, own, True)
        return Change(kind, item.title, previous, item.scope, after, self.sight.day, False)


def _in_order(sightings: Mapping[TitleId, Sighting]) -> Iterable[Sighting]:
    return map(sightings.__getitem__, sorted(sightings))


def _bearer(title: Title) -> tuple[str, str | None, str | None]:
    return title.source, title.identifier, title.architecture


def _all_runs(sight: Sight, known: Iterable[ScopePicture]) -> Iterator[ScopeSight]:
    """Yield the document's accounts, then an absence for each known scope that its source was read without.

    A source of which any scope failed or was read in part may have missed the rest of its scopes.
    """
    yield from sight.scopes
    named = {run.scope for run in sight.scopes}
    sources = {run.source for run in sight.scopes}
    unsure = {run.source for run in sight.scopes if run.outcome in (Outcome.FAILED, Outcome.PARTIAL)}
    for scope in known:
        if scope.scope not in named and scope.source in sources - unsure:
            yield ScopeSight(scope.source, scope.scope, Outcome.ABSENT)

"""Two catalogues → what differs in them, and the titles that would be told otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.title import Title


@dataclass(frozen=True)
class EntryChange:
    """One entry that was added, removed or changed."""

    noun: str
    """`product`, `publisher` or `indicator`."""
    id: str
    what: str
    """`added`, `removed` or `changed`."""


@dataclass(frozen=True)
class TitleChange:
    """One title that the new catalogue tells otherwise."""

    title: Title
    before: Recognition
    after: Recognition


def entry_changes(old: Catalogue, new: Catalogue) -> Iterator[EntryChange]:
    """Yield every entry that differs, by noun and id. Both must come from sources: a compiled one has no examples."""
    for noun, here, there in (
        ("product", old.products, new.products),
        ("publisher", old.publishers, new.publishers),
        ("indicator", old.indicators, new.indicators),
    ):
        before: dict[str, object] = dict(here)
        after: dict[str, object] = dict(there)
        for id in sorted(before.keys() | after.keys()):
            if id not in before:
                yield EntryChange(noun, id, "added")
            elif id not in after:
                yield EntryChange(noun, id, "removed")
            elif before[id] != after[id]:
                yield EntryChange(noun, id, "changed")


def title_changes(titles: Iterable[Title], old: Catalogue, new: Catalogue) -> Iterator[TitleChange]:
    """Yield every title whose product, edition, line, class or kind changes, in the order of the titles."""
    before, after = Recogniser(old), Recogniser(new)
    for title in titles:
        was, becomes = before.recognise(title), after.recognise(title)
        if _counted(was) != _counted(becomes):
            yield TitleChange(title, was, becomes)


def _counted(found: Recognition) -> tuple[object, ...]:
    return found.product, found.edition, found.line, found.licence_class, found.kind, found.category

"""Installations of one machine, packed: what machines share is kept once, the rest as a few texts.

A machine has hundreds of installations and an organisation a hundred thousand machines. Which titles stand in which
scopes is a *shape*; machines of one image share it, and what follows from titles alone is worked out once a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import overload

from auditor.core.model import Installation, TitleId


@dataclass(frozen=True, eq=False)
class Shape:
    """Which titles stand in which scopes, in the order of the installations."""

    titles: tuple[TitleId, ...]
    scopes: tuple[str, ...]
    stale: frozenset[int] = frozenset()
    """Places of what was unseen in many partial scans."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells shapes apart."""
        return (self.titles, self.scopes, self.stale)


@dataclass(frozen=True)
class Columns:
    """What machines of one shape differ in, entry by entry of the shape."""

    records: tuple[str, ...]
    """Where each one stands in the document."""
    installed: tuple[str, ...]
    """The source's own day of each, empty where it has none."""
    first: tuple[str, ...]
    last: tuple[str, ...]


class Installations(Sequence[Installation]):
    """The installations of one machine, in their order; equal to the tuple of the same ones.

    Columns are read when they are asked for: an audit asks the shape of every machine, and the rest of few.
    """

    __slots__ = ("_read", "shape")

    def __init__(self, shape: Shape, read: Callable[[], Columns]) -> None:
        self.shape, self._read = shape, read

    @property
    def records(self) -> Sequence[str]:
        """Where each one stands in the document."""
        return self._read().records

    @property
    def installed(self) -> Sequence[str]:
        """The source's own day of each, empty where it has none."""
        return self._read().installed

    def _all(self) -> Iterator[Installation]:
        shape, told = self.shape, self._read()
        columns = (told.records, told.installed, told.first, told.last)
        for n, (record, installed, first, last) in enumerate(zip(*columns, strict=True)):
            day = date.fromisoformat(installed) if installed else None
            yield Installation(shape.titles[n], shape.scopes[n], day, date.fromisoformat(first),
                               date.fromisoformat(last), record, n in shape.stale)  # fmt: skip

    def __len__(self) -> int:
        return len(self.shape.titles)

    @overload
    def __getitem__(self, index: int) -> Installation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Installation]: ...
    def __getitem__(self, index: int | slice) -> Installation | Sequence[Installation]:
        return tuple(self._all())[index]

    def __iter__(self) -> Iterator[Installation]:
        return self._all()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Installations({len(self)})"


class Shapes:
    """Keeps each shape once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Shape] = {}

    def of(self, titles: Sequence[TitleId], scopes: Sequence[str], stale: Iterable[int] = ()) -> Shape:
        """Return the shape of these titles and scopes."""
        shape = Shape(tuple(titles), tuple(scopes), frozenset(stale))
        return self._known.setdefault(shape.key, shape)

    def packed(self, installations: Sequence[Installation]) -> Installations:
        """Return installations packed; those that are packed already as they are."""
        if isinstance(installations, Installations):
            return installations
        items = list(installations)
        shape = self.of([i.title for i in items], [i.scope for i in items], (n for n, i in enumerate(items) if i.stale))
        columns = Columns(
            tuple([item.record for item in items]),
            tuple([item.installed_on.isoformat() if item.installed_on else "" for item in items]),
            tuple([item.first_seen_on.isoformat() for item in items]),
            tuple([item.last_seen_on.isoformat() for item in items]),
        )
        return Installations(shape, lambda: columns)


def distinct_titles(machines: Iterable[Sequence[Installation]]) -> Iterator[Iterable[TitleId]]:
    """Yield the titles of some machines, those of one shape once."""
    shapes: set[Shape] = set()
    for installations in machines:
        if isinstance(installations, Installations):
            shapes.add(installations.shape)
        else:
            yield [item.title for item in installations]
    for shape in shapes:
        yield shape.titles


def titles_on(installations: Sequence[Installation]) -> Set[TitleId]:
    """Return the titles of a machine, each once."""
    return frozenset().union(*distinct_titles([installations]))


def picked(installations: Sequence[Installation], wanted: Set[TitleId]) -> list[Installation]:
    """Return the installations of some titles, in their order."""
    if not wanted:
        return []
    if isinstance(installations, Installations) and wanted.isdisjoint(installations.shape.titles):
        return []
    return [item for item in installations if item.title in wanted]

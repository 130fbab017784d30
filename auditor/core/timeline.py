"""Journal lines of one machine → when each copy appeared and disappeared.

The journal speaks of titles; a form speaks of copies. The state after each document is worked out by the
same rule as today's copies (`copies_of`), and the difference of two states is what happened. So a patch of
the same release line is no line, an upgrade to another line is a removal and an installation, and the last
state is exactly what the other forms count.

A source that was never read whole has no opening balance yet. What it shows is there and counted all the same:
it stands as 期初登记 with its own day, else the day on which it was first seen, until the balance is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from auditor.core.model import Copy, Installation, JournalKind, JournalLine, Machine, MachineId, TitleId

CopiesOf = Callable[[Machine], tuple[Copy, ...]]
"""The rule that today's copies follow, with titles and catalogue bound."""


@dataclass(frozen=True)
class CopyEvent:
    """A copy appeared on a machine or left it."""

    copy: Copy
    appeared: bool
    opening: bool
    """期初登记: it was there when the source was first read; not an installation."""
    happened_on: date
    happened_after: date | None
    """Not `None`: some day after this one and up to `happened_on`."""
    order: int
    """Id of the journal line that shows it, for a stable order within a day."""


def copy_events(machine: Machine, lines: Iterable[JournalLine], copies_of: CopiesOf) -> tuple[CopyEvent, ...]:
    """Return what happened to the copies of one machine, oldest first.

    `lines`: all journal lines of the machine up to the day, openings included, in any order.
    """
    ordered = sorted(lines, key=lambda line: (line.recorded_at, line.document, line.id))
    unopened = _unopened(machine, ordered)
    present: dict[tuple[TitleId, str], Installation] = {}
    for line in unopened:
        _apply(present, line)
    before: dict[str, Copy] = {}
    events: list[CopyEvent] = []
    steps = [list(group) for _, group in groupby(ordered, key=lambda line: (line.recorded_at, line.document))]
    for step in steps or [unopened]:
        for line in step:
            _apply(present, line)
        state = replace(machine, installations=tuple(present.values()))
        after = {copy.key: copy for copy in copies_of(state)}
        events += [_event(before[key], step, appeared=False) for key in sorted(before.keys() - after.keys())]
        shown = [*step, *unopened]
        events += [_event(after[key], shown, appeared=True) for key in sorted(after.keys() - before.keys())]
        before = after
    return tuple(sorted(events, key=lambda event: (event.happened_on, event.order, event.appeared, event.copy.key)))


def _unopened(machine: Machine, lines: Sequence[JournalLine]) -> list[JournalLine]:
    """Return an opening line for each installation, or forerunner of one, of which no line says how it came."""
    told = {(line.title, line.scope) for line in lines}
    here = {(item.title, item.scope): item for item in machine.installations}
    made = [_opening(machine, item) for key, item in here.items() if key not in told]
    for line in lines:
        if line.previous_title is not None and (line.previous_title, line.scope) not in told:
            heir = here.get((line.title, line.scope))
            day = heir.first_seen_on if heir is not None else line.happened_after or line.happened_on
            made.append(_opening(machine, Installation(line.previous_title, line.scope, None, day, day)))
    return made


def _opening(machine: Machine, item: Installation) -> JournalLine:
    return JournalLine(
        id=0,
        machine=machine.id or MachineId(0),
        kind=JournalKind.OPENING,
        title=item.title,
        previous_title=None,
        scope=item.scope,
        happened_after=None,
        happened_on=item.installed_on or item.first_seen_on,
        day_is_exact=item.installed_on is not None,
        recorded_at="",
        document="",
    )


def _apply(present: dict[tuple[TitleId, str], Installation], line: JournalLine) -> None:
    """Bring the set of installations to the state after one line."""
    if line.kind in (JournalKind.OPENING, JournalKind.INSTALLED, JournalKind.UPGRADED):
        if line.previous_title is not None:
            present.pop((line.previous_title, line.scope), None)
        installed_on = line.happened_on if line.day_is_exact else None
        present[(line.title, line.scope)] = Installation(
            line.title, line.scope, installed_on, line.happened_on, line.happened_on
        )
    elif line.kind is JournalKind.REMOVED:
        present.pop((line.title, line.scope), None)


def _event(copy: Copy, step: Sequence[JournalLine], *, appeared: bool) -> CopyEvent:
    """Date the event by the line that speaks of one of the copy's titles, the earliest of them."""
    told = [line for line in step if line.title in copy.titles or line.previous_title in copy.titles] or list(step)
    first = min(told, key=lambda line: (line.happened_on, line.id))
    opening = appeared and all(line.kind is JournalKind.OPENING for line in told)
    return CopyEvent(copy, appeared, opening, first.happened_on, first.happened_after, first.id)

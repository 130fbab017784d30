"""What a host told of a guest → a record of the contract."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Iterator, Union

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Problem
from agent.formats.console_text import decode_text
from agent.inventory.guests import Guest
from agent.machine.base import Machine, Unreadable

if TYPE_CHECKING:
    from agent.formats.guest_text import GuestTold

MAX_BYTES = 4 << 20
Seen = Iterator[Union[Guest, Problem]]


def record_of(told: GuestTold, scope: str, seen_at: str) -> Guest:
    """Return the record of one guest."""
    return Guest(scope=scope, seen_at=seen_at, **vars(told))


def guests_told(text: str, name: str) -> tuple[GuestTold, ...]:
    """Return the guests that a text tells of. Its reader is loaded here: nearly no machine has guests."""
    from agent.formats.guest_text import parse_guest_text

    return parse_guest_text(text, name)


def guests_of_file(machine: Machine, path: str, scope: str) -> Seen:
    """Yield the guests that a definition tells of; one that tells of none is a problem."""
    try:
        data = machine.read_bytes(path, MAX_BYTES)
    except Unreadable as error:
        yield Problem(path, error.why)
        return
    if data is None:
        return
    found = guests_told(decode_text(data)[0], path)
    if not found:
        yield Problem(path, "no definition of a guest")
    for told in found:
        yield record_of(told, scope, path)


def guests_in(machine: Machine, patterns: tuple[str, ...], scope: str) -> Seen:
    """Yield the guests whose definitions lie in named places of this system."""
    for pattern in patterns:
        if pattern.startswith("/") == (machine.family == "windows"):
            continue
        for entry in expand(machine, pattern):
            if entry.is_file:
                yield from guests_of_file(machine, entry.path, scope)


def with_states(found: Seen, states: dict[str, str]) -> Seen:
    """Say of each guest whether it runs, where something knows it by name."""
    for each in found:
        if isinstance(each, Guest) and each.state is None and each.name in states:
            yield dataclasses.replace(each, state=states[each.name])
        else:
            yield each

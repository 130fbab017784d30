"""Joining by hand: two seen machines that are one, where the evidence did not say so; and taking that back.

Nothing of either is lost: the joined one is counted no more, its later documents go to the other. Taken back, it stands
for itself again, as of its last own document; what came meanwhile stays with the machine that it came to.
"""

from __future__ import annotations

from datetime import datetime

from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.store.database import Connection, Store
from auditor.store.machines import MachineRow, find_machine, mark_joined
from auditor.store.trail import append_trail

MOST_STEPS = 1_000


def join(store: Store, number: int, into: int, *, now: datetime) -> None:
    """Join a machine into another one. Raises `AuditorError`."""
    with store.begin() as connection:
        one, other = _the(connection, number), _the(connection, into)
        if one.merged_into is not None:
            told = both(f"已并入 {one.merged_into}", f"was joined into {one.merged_into} already")
            raise AuditorError(f"machine {number}: {told}")
        if standing_for(connection, other).id == number:
            raise AuditorError(f"machine {number}: {both('不能并入自身', 'cannot be joined into itself')}")
        mark_joined(connection, number, into)
        append_trail(connection, at=utc_text(now), act="machine.joined", subject=f"{number} into {into}")


def part(store: Store, number: int, *, now: datetime) -> None:
    """Let a joined machine stand for itself again. Raises `AuditorError`."""
    with store.begin() as connection:
        one = _the(connection, number)
        if one.merged_into is None:
            raise AuditorError(f"machine {number}: {both('没有并入其他计算机', 'was not joined into another one')}")
        mark_joined(connection, number, None)
        append_trail(connection, at=utc_text(now), act="machine.parted", subject=f"{number} from {one.merged_into}")


def standing_for(connection: Connection, machine: MachineRow) -> MachineRow:
    """Return the machine that documents of this one go to: itself, or what it was joined into in the end."""
    for _ in range(MOST_STEPS):
        if machine.merged_into is None:
            return machine
        machine = _the(connection, machine.merged_into)
    raise AssertionError(f"machines are joined in a circle: {machine.id}")


def _the(connection: Connection, number: int) -> MachineRow:
    found = find_machine(connection, number) if 0 < number < 2**31 else None
    if found is None:
        raise AuditorError(f"machine {number}: {both('没有这台计算机', 'no such machine was seen')}")
    return found

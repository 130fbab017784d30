"""Why no right covers a copy: the right it would use first, and the one condition that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.core.model import Copy, Entitlement, Failing

EASE = {
    Failing.EXHAUSTED: 0,
    Failing.NOT_BOUND: 1,
    Failing.BOUND_ELSEWHERE: 2,
    Failing.VERSION: 3,
    Failing.EDITION: 4,
    Failing.EXPIRED: 5,
    Failing.NOT_YET_VALID: 6,
    Failing.UNIT: 7,
}
"""The order in which a condition is named when several rights fail on one condition each."""


def first_right(
    copy: Copy,
    rights: Sequence[Entitlement],
    failing: Mapping[int, Sequence[Failing]],
    distance: Mapping[int, int],
) -> tuple[Entitlement | None, Failing]:
    """Return the right that the copy would use first and the condition that fails.

    `failing`: right id → the conditions that fail, none when the right fits and is used up. Rights that fail
    on fewest conditions come first, then by `EASE`, the least distance in release lines, the lowest id.
    No right at all: `(None, Failing.NO_RIGHT)`.
    """
    if not rights:
        return None, Failing.NO_RIGHT

    def rank(right: Entitlement) -> tuple[int, int, int, int]:
        conditions = failing[right.id]
        return (len(conditions), EASE[_named(conditions)], distance.get(right.id, 0), right.id)

    best = min(rights, key=rank)
    return best, _named(failing[best.id])


def code_of_uncovered(
    copy: Copy, rights: Sequence[Entitlement], best: Entitlement | None, previous: str | None
) -> Entitlement | None:
    """Return the right whose 软件编号 an uncovered copy carries.

    It keeps the code it had while a right of that code is still there; else the code of the right it would
    use first; none when the unit holds nothing for the product.
    """
    kept = [right for right in rights if right.code == previous]
    return min(kept, key=lambda right: right.id) if kept else best


def _named(conditions: Sequence[Failing]) -> Failing:
    return conditions[0] if conditions else Failing.EXHAUSTED

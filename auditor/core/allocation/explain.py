"""Why no right covers a copy: the right it would use first, and the one condition that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.core.entitlement import Entitlement
from auditor.core.model import Failing

EASE = {
    failing: n
    for n, failing in enumerate(
        (
            Failing.EXHAUSTED,
            Failing.RESERVED,
            Failing.NOT_BOUND,
            Failing.BOUND_ELSEWHERE,
            Failing.NO_PERSON,
            Failing.NO_BASE,
            Failing.VERSION,
            Failing.EDITION,
            Failing.PLACE_UNKNOWN,
            Failing.PLACE,
            Failing.NOT_CERTIFIED,
            Failing.EXPIRED,
            Failing.NOT_YET_VALID,
            Failing.UNIT,
            Failing.SUITE_INCOMPLETE,
            Failing.RIGHT_IS_TRIAL,
            Failing.RIGHT_IS_PERSONAL,
        )
    )
}
"""The order in which a condition is named when several rights fail on one condition each."""


def first_right(
    rights: Sequence[Entitlement],
    failing: Mapping[int, Sequence[Failing]],
    distance: Mapping[int, int],
    needs: Mapping[int, int] | None = None,
) -> tuple[Entitlement | None, Failing]:
    """Return the right that a copy would use first and the one condition that fails.

    `failing`: right id → the conditions that fail; none when the right fits, which then has nothing left.
    `needs`: right id → units of it that are asked for, one where it is not told. Rights that fail on fewest
    conditions come first, then those of which one unit is enough, then by `EASE`, the least distance in release
    lines, the lowest id. Where every right fails on more than one, none of them is the reason: `Failing.NO_RIGHT`, and
    the right is only the nearest. No right at all: `(None, Failing.NO_RIGHT)`.
    """
    if not rights:
        return None, Failing.NO_RIGHT

    def conditions(right: Entitlement) -> Sequence[Failing]:
        return failing[right.id] or (Failing.EXHAUSTED,)

    def rank(right: Entitlement) -> tuple[int, int, int, int, int]:
        fail = conditions(right)
        need = needs[right.id] if needs is not None else 1
        return (len(fail), need, EASE[fail[0]], distance.get(right.id, 0), right.id)

    best = min(rights, key=rank)
    fail = conditions(best)
    return best, fail[0] if len(fail) == 1 else Failing.NO_RIGHT


def code_of_uncovered(
    own: Sequence[Entitlement], nearest: Entitlement | None, previous: str | None
) -> Entitlement | None:
    """Return the right whose 软件编号 an uncovered copy carries.

    `own`: rights that may stand on the forms of its legal entity. It keeps the code it had while a right of
    that code is still there; else the code of `nearest`, the one of them that it would use first; none when
    the unit holds nothing for the product.
    """
    kept = [right for right in own if right.code == previous]
    return min(kept, key=lambda right: right.id) if kept else nearest

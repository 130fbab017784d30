"""What differs between two audits of one unit: figures of positions, findings that are new or gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.core.case import case_key
from auditor.core.model import Finding, Position, UnitCode

FIGURES = ("raw", "required", "covered", "to_order", "shortage", "owned", "surplus")


@dataclass(frozen=True, order=True)
class Difference:
    """One figure or finding: before and after, as text; empty = not there."""

    what: str
    """`position` or `finding`."""
    subject: str
    figure: str
    before: str
    after: str


def differences(
    unit: UnitCode,
    before: tuple[Iterable[Position], Iterable[Finding]],
    after: tuple[Iterable[Position], Iterable[Finding]],
) -> list[Difference]:
    """Return every difference of a unit, in order; empty when the two say the same."""
    found = []
    mine, theirs = _positions(before[0], unit), _positions(after[0], unit)
    for key in sorted(mine.keys() | theirs.keys()):
        was, now = mine.get(key), theirs.get(key)
        name = (now or was).name  # type: ignore[union-attr]
        for figure in FIGURES:
            told = tuple("" if p is None else str(getattr(p, figure)) for p in (was, now))
            if told[0] != told[1]:
                found.append(Difference("position", f"{name} ({key[1]})", figure, *told))
    old, new = _findings(before[1], unit), _findings(after[1], unit)
    found += [Difference("finding", key, old[key].code, "1", "") for key in sorted(old.keys() - new.keys())]
    found += [Difference("finding", key, new[key].code, "", "1") for key in sorted(new.keys() - old.keys())]
    return found


def _positions(positions: Iterable[Position], unit: UnitCode) -> dict[tuple[str, str], Position]:
    return {(p.product, p.metric): p for p in positions if p.unit == unit}


def _findings(findings: Iterable[Finding], unit: UnitCode) -> dict[str, Finding]:
    return {case_key(f): f for f in findings if f.unit == unit}

"""正版率 of copies: numerator, denominator, and how the percentage is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.core.model import Assignment, Verdict
from auditor.core.verdict import is_counted


@dataclass(frozen=True)
class CopyRate:
    """Genuine copies with a right ÷ all copies but those that need none."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> str:
        """Return the percentage as printed."""
        return percent(self.numerator, self.denominator)


def rate_of(assignments: Iterable[Assignment]) -> CopyRate:
    """Return the rate of some assignments."""
    counted = [assignment for assignment in assignments if is_counted(assignment.right)]
    return CopyRate(sum(a.verdict is Verdict.GENUINE for a in counted), len(counted))


def percent(numerator: int, denominator: int) -> str:
    """Return a percentage with two digits, rounded half up. 100.00 and 0.00 are printed only when they are exact.

    Nothing of nothing is `-`.
    """
    if denominator == 0:
        return "-"
    hundredths = (numerator * 20_000 + denominator) // (2 * denominator)
    if numerator < denominator:
        hundredths = min(hundredths, 9_999)
    if numerator > 0:
        hundredths = max(hundredths, 1)
    return f"{hundredths // 100}.{hundredths % 100:02d}"

"""Right × evidence → verdict: the table of METRICS §6, and which copies a rate counts."""

from __future__ import annotations

from auditor.core.model import Evidence, Right, Verdict
from rules.product import LicenceClass

NEEDS_NO_RIGHT = frozenset({LicenceClass.FREE, LicenceClass.OPEN_SOURCE, LicenceClass.BUNDLED})
MUST_BE_COVERED = frozenset({LicenceClass.COMMERCIAL, LicenceClass.OEM, LicenceClass.TRIAL})
"""Classes whose copies are demand. What is free for persons, or of an unknown class, is verified, not counted."""

TABLE: dict[Right, dict[Evidence, Verdict]] = {
    Right.COVERED: {
        Evidence.NONE: Verdict.GENUINE,
        Evidence.ONE_STRONG: Verdict.TO_VERIFY,
        Evidence.CONCLUSIVE: Verdict.SUSPECTED_THOUGH_COVERED,
        Evidence.SOURCE_FAILED: Verdict.UNDETERMINED,
    },
    Right.NOT_NEEDED: {
        Evidence.NONE: Verdict.GENUINE_NOT_COUNTED,
        Evidence.ONE_STRONG: Verdict.TO_VERIFY,
        Evidence.CONCLUSIVE: Verdict.SUSPECTED,
        Evidence.SOURCE_FAILED: Verdict.UNDETERMINED,
    },
    Right.SHORT: {
        Evidence.NONE: Verdict.SHORT,
        Evidence.ONE_STRONG: Verdict.TO_VERIFY,
        Evidence.CONCLUSIVE: Verdict.SUSPECTED,
        Evidence.SOURCE_FAILED: Verdict.SHORT_EVIDENCE_MISSING,
    },
    Right.TO_VERIFY: {
        Evidence.NONE: Verdict.TO_VERIFY,
        Evidence.ONE_STRONG: Verdict.TO_VERIFY,
        Evidence.CONCLUSIVE: Verdict.SUSPECTED,
        Evidence.SOURCE_FAILED: Verdict.UNDETERMINED,
    },
    Right.NOT_VISIBLE: {
        Evidence.NONE: Verdict.UNDETERMINED,
        Evidence.ONE_STRONG: Verdict.UNDETERMINED,
        Evidence.CONCLUSIVE: Verdict.SUSPECTED,
        Evidence.SOURCE_FAILED: Verdict.UNDETERMINED,
    },
}


def verdict(right: Right, evidence: Evidence) -> Verdict:
    """Return the verdict of a machine; every 疑似 waits for a person."""
    return TABLE[right][evidence]


def is_counted(right: Right) -> bool:
    """Return whether the copy stands in the denominator of 正版率: all but 无需授权."""
    return right is not Right.NOT_NEEDED

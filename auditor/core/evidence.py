"""Signs on a machine → the class of evidence against each copy (METRICS §6).

One conclusive sign, or two strong ones of different indicators, is conclusive; one strong sign asks for
verification; a hint adds no weight of its own. Whatever it says, the verdict is 疑似 until a person confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.model import Copy, Evidence, EvidenceLine, Machine
from auditor.core.verdict import MUST_BE_COVERED

CONCLUSIVE, STRONG = "conclusive", "strong"
PROGRAM_SOURCE = "processes"


@dataclass(frozen=True)
class SignSeen:
    """One indicator that a machine shows, with the strength that holds there."""

    indicator: str
    strength: str
    """`conclusive`, `strong` or `hint`, after leftovers and missing facts have weakened it."""
    affects: tuple[str, ...]
    """Product ids, or `publisher/*` for all of a publisher."""
    line: EvidenceLine


def signs_against(copy: Copy, signs: Sequence[SignSeen]) -> tuple[SignSeen, ...]:
    """Return the signs on the copy's machine that concern its product."""
    publisher = copy.product.split("/")[0] + "/*"
    return tuple(sign for sign in signs if copy.product in sign.affects or publisher in sign.affects)


def evidence_class(copy: Copy, machine: Machine, signs: Sequence[SignSeen], *, watched: frozenset[str]) -> Evidence:
    """Return the class of evidence against a copy.

    `watched`: products that some indicator by running program concerns; for these a machine whose processes
    could not be read shows nothing, which is not the same as showing none.
    """
    if any(sign.strength == CONCLUSIVE for sign in signs):
        return Evidence.CONCLUSIVE
    strong = {sign.indicator for sign in signs if sign.strength == STRONG}
    if len(strong) >= 2:
        return Evidence.CONCLUSIVE
    if strong:
        return Evidence.ONE_STRONG
    needs_source = copy.product in watched and copy.licence_class in MUST_BE_COVERED
    failed = any(scope.outcome == "failed" and scope.source == PROGRAM_SOURCE for scope in machine.scopes)
    return Evidence.SOURCE_FAILED if needs_source and failed else Evidence.NONE

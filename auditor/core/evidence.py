"""Signs on a machine → the class of evidence against each copy (METRICS §6).

One conclusive sign, or two strong ones of different type, is conclusive; one strong sign asks for verification; a
hint adds no weight of its own. How a copy is activated is one type, whatever tells it: the address of a KMS and the
channel that it serves are one observation made twice. Whatever it says, the verdict is 疑似 until a person confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.model import Copy, Evidence, EvidenceLine, Machine
from auditor.core.verdict import MUST_BE_COVERED

CONCLUSIVE, STRONG = "conclusive", "strong"
Watched = frozenset[tuple[str, str]]
"""(source or scope of a document, product): where the one failed, nothing is known against the other."""


@dataclass(frozen=True)
class SignSeen:
    """One indicator that a machine shows, with the strength that holds there."""

    indicator: str
    strength: str
    """`conclusive`, `strong` or `hint`, after leftovers and missing facts have weakened it."""
    affects: tuple[str, ...]
    """Product ids, or `publisher/*` for all of a publisher."""
    line: EvidenceLine
    type: str = ""
    """What it is evidence of, `activation` …; empty: of what its indicator alone is about."""

    @property
    def weighs_as(self) -> str:
        """Signs that weigh as the same do not support each other."""
        return self.type or self.indicator


def signs_against(copy: Copy, signs: Sequence[SignSeen]) -> tuple[SignSeen, ...]:
    """Return the signs on the copy's machine that concern its product."""
    publisher = copy.product.split("/")[0] + "/*"
    return tuple(sign for sign in signs if copy.product in sign.affects or publisher in sign.affects)


def evidence_class(copy: Copy, machine: Machine, signs: Sequence[SignSeen], *, watched: Watched) -> Evidence:
    """Return the class of evidence against a copy.

    `watched`: for these products a machine whose source could not be read shows nothing, which is not the same as
    showing none.
    """
    if any(sign.strength == CONCLUSIVE for sign in signs):
        return Evidence.CONCLUSIVE
    strong = {sign.weighs_as for sign in signs if sign.strength == STRONG}
    if len(strong) >= 2:
        return Evidence.CONCLUSIVE
    if strong:
        return Evidence.ONE_STRONG
    if copy.licence_class not in MUST_BE_COVERED:
        return Evidence.NONE
    is_blind = any((name, copy.product) in watched for name in failed(machine))
    return Evidence.SOURCE_FAILED if is_blind else Evidence.NONE


def failed(machine: Machine) -> set[str]:
    """Return the sources and scopes of a machine that could not be read."""
    return {name for scope in machine.scopes if scope.outcome == "failed" for name in (scope.source, scope.scope)}

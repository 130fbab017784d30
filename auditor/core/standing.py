"""Units of rights → what became of each copy: code, right, reason or failing condition, evidence, verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.core.allocation.edges import Match
from auditor.core.allocation.explain import code_of_uncovered
from auditor.core.allocation.slots import Slot
from auditor.core.entitlement import Entitlement, FreeSoftware
from auditor.core.evidence import SignSeen
from auditor.core.explaining import Explainer
from auditor.core.family import SUITE_MATCH, Context, FamilyCase, Unit
from auditor.core.ledger_acts import Exemption
from auditor.core.model import Assignment, Copy, Evidence, Failing, Reason, Right, SoftwareCode
from auditor.core.trial import last_day_of_trial
from auditor.core.verdict import NEEDS_NO_RIGHT, verdict
from rules.product import LicenceClass

RIDERS = frozenset({Reason.RIDE_ALONG, Reason.SAME_USER, Reason.SECOND_USE, Reason.SAME_RIGHT})
"""Copies that need no right of their own beside another one."""


NOTHING: tuple[Evidence, tuple[SignSeen, ...]] = (Evidence.NONE, ())
"""What speaks against most copies."""


@dataclass(frozen=True)
class Standing:
    """How a copy stands to the ledger."""

    code: SoftwareCode | None
    entitlement: int | None
    right: Right
    reason: Reason | None = None
    failing: Failing | None = None
    over: bool = False
    basis_missing: bool = False
    note: str | None = None


class Bench:
    """Makes assignments of copies; knows their evidence."""

    def __init__(
        self,
        context: Context,
        evidence: Mapping[str, tuple[Evidence, tuple[SignSeen, ...]]],
        free_rows: Sequence[Entitlement],
        free_list: Sequence[FreeSoftware],
    ) -> None:
        self.context, self.evidence = context, evidence
        self.free_rows, self.free_list = free_rows, free_list

    def assignment(self, copy: Copy, standing: Standing) -> Assignment:
        """Return the assignment of a copy."""
        evidence, signs = self.evidence.get(copy.key, NOTHING)
        return Assignment(
            copy=copy,
            code=standing.code,
            entitlement=standing.entitlement,
            right=standing.right,
            reason=standing.reason,
            failing=standing.failing,
            evidence=evidence,
            verdict=verdict(standing.right, evidence),
            signs=tuple(sign.line for sign in signs),
            over=standing.over,
            basis_missing=standing.basis_missing,
            note=standing.note,
        )

    def of_unit(self, unit: Unit, case: FamilyCase, explainer: Explainer) -> list[Assignment]:
        """Return the assignments of the copies that one unit of a right covers, or that one is lacking for."""
        if unit.slot is None:
            told = explainer.of_unit(unit)
            before = self.context.previous
            standings = [
                self.uncovered(copy, case, explainer, why, unit.terms.rider if n else None, before.get(copy.key))
                for n, (copy, why) in enumerate(zip(unit.copies, told, strict=True))
            ]
            return [self.assignment(copy, told) for copy, told in zip(unit.copies, standings, strict=True)]
        slot, made = unit.slot, []
        own = (n for n, copy in enumerate(unit.copies) if copy.product == slot.right.product)
        lead = next(own, 0) if slot.right.suite is not None else 0
        for n, copy in enumerate(unit.copies):
            match = case.of_copy[copy.key].matches.get(slot.right.id, SUITE_MATCH)
            reason = match.reason
            if slot.right.suite is not None and copy.product != slot.right.product:
                reason = Reason.SUITE
            elif n != lead:
                reason = unit.terms.rider
            elif slot.bound_to is not None:
                reason = Reason.BOUND
            elif slot.right.true_up:
                reason = Reason.TRUE_UP
            made.append(self.assignment(copy, self._covered(copy, slot, match, reason)))
        return made

    def alone(self, copy: Copy, slot: Slot | None, case: FamilyCase, explainer: Explainer, previous: str) -> Standing:
        """Return how a copy stands that no other one shares a unit with, covered by an open slot or by none."""
        if slot is None:
            return self.uncovered(copy, case, explainer, explainer.first(copy), None, previous)
        match = case.of_copy[copy.key].matches[slot.right.id]
        return self._covered(copy, slot, match, Reason.TRUE_UP if slot.right.true_up else match.reason)

    def _covered(self, copy: Copy, slot: Slot, match: Match, reason: Reason) -> Standing:
        unsure = Failing.NOT_FOR_ORGANISATIONS if self._is_home(copy) else match.unsure
        held = Right.TO_VERIFY if match.basis_missing or unsure is not None else Right.COVERED
        right = slot.right
        return Standing(right.code, right.id, held, reason, unsure, basis_missing=match.basis_missing)

    def uncovered(
        self,
        copy: Copy,
        case: FamilyCase,
        explainer: Explainer,
        why: tuple[Entitlement | None, Failing],
        rider: Reason | None,
        previous: str | None,
    ) -> Standing:
        """Name the right that it would use first, and carry the code of the nearest that the unit's forms show.

        `previous`: the code that the copy had.
        """
        best, failing = why
        own = [right for right in explainer.rights_of(copy.product) if self._on_forms(copy, right, case)]
        nearest = best if best in own else self._nearest(copy, own, explainer)
        carried = code_of_uncovered(own, nearest, previous)
        code = carried.code if carried is not None else None
        named = best if failing is not Failing.NO_RIGHT else carried
        entitlement = named.id if named is not None else None
        if failing is Failing.PLACE_UNKNOWN:
            return Standing(code, entitlement, Right.TO_VERIFY, rider, failing, over=code is not None)
        if self.in_trial(copy):
            return Standing(code, entitlement, Right.TO_VERIFY, rider, Failing.TRIAL, over=code is not None)
        return Standing(code, entitlement, Right.SHORT, rider, failing, over=code is not None)

    def _nearest(self, copy: Copy, own: Sequence[Entitlement], explainer: Explainer) -> Entitlement | None:
        """Return the row of the unit's own forms that the copy would use first."""
        return explainer.nearest(copy, own) if own else None

    def _on_forms(self, copy: Copy, right: Entitlement, case: FamilyCase) -> bool:
        """Whether a row may stand on the forms of the copy's legal entity: what it may use."""
        return right.product == copy.product and case.may_use(copy, right)

    def _is_home(self, copy: Copy) -> bool:
        """An edition that is outside the genuine range of a unit, even when it is activated (DOMAIN 3.3)."""
        editions = self.context.products[copy.product].editions
        return any(edition.id == copy.edition and edition.for_organisations is False for edition in editions)

    def in_trial(self, copy: Copy) -> bool:
        """Within the days of trial, the last one included."""
        last = last_day_of_trial(copy, self.context.machines[copy.machine], self.context.products[copy.product])
        return last is not None and self.context.on <= last

    def exempt(self, copy: Copy, exemption: Exemption) -> Assignment:
        """Return the assignment of a copy that an exemption frees."""
        return self.assignment(copy, Standing(None, None, Right.NOT_NEEDED, Reason.EXEMPT, note=exemption.reason))

    def without_right(self, copy: Copy) -> Assignment:
        """Free, open-source, personal-free and unknown classes: the allow-list gives the code."""
        listed = self._listed(copy)
        code = listed.code if listed is not None else self._free_code(copy)
        if copy.licence_class in NEEDS_NO_RIGHT:
            standing = Standing(code, None, Right.NOT_NEEDED, Reason.FREE_LIST if listed else None)
        elif copy.licence_class is LicenceClass.PERSONAL_FREE and listed is not None and listed.basis:
            standing = Standing(code, None, Right.NOT_NEEDED, Reason.FREE_LIST)
        elif copy.licence_class is LicenceClass.PERSONAL_FREE:
            standing = Standing(code, None, Right.TO_VERIFY, failing=Failing.PERSONAL_ONLY)
        else:
            standing = Standing(code, None, Right.TO_VERIFY, failing=Failing.CLASS_UNKNOWN)
        return self.assignment(copy, standing)

    def _free_code(self, copy: Copy) -> SoftwareCode | None:
        """Return the code of a 免费软件 row of the unit's own ledger, which carries a code and no right."""
        rows = [
            row
            for row in self.free_rows
            if row.product == copy.product
            and self.context.tree.legal_entity_of(row.unit) == copy.unit
            and row.edition in (None, copy.edition)
        ]
        return min((row.code for row in rows), default=None)

    def _listed(self, copy: Copy) -> FreeSoftware | None:
        lines = [
            line
            for line in self.free_list
            if line.product == copy.product and self.context.tree.legal_entity_of(line.unit) == copy.unit
        ]
        return min(lines, key=lambda line: (not line.basis, line.code), default=None)

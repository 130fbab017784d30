"""Case: one finding from run to run. Its name, where it stands, and what a later scan must show before it is cured.

A machine's absence of evidence is evidence of absence only where every scope that the evidence came from was read
wholly by a later scan (DESIGN 2): whatever is less leaves the case open and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from auditor.core.model import EvidenceLine, Finding, Machine, Position

ScopeOf = Callable[[str, str], str | None]
"""Digest of a document, record in it → the scope that the record is of."""
CarriedOver = Callable[[str, str, str], bool]
"""Digest of a later document, scope, digest of the earlier one → whether the later one only repeats what a deep source
said before."""
WHOLE = frozenset({"complete", "absent"})
"""Outcomes that say all there is to say of a scope: read to its end, or not there."""
OF_HOST = "operating_system"
"""Scope of what the document says of the system itself: every scan says it."""
EVERY_SCOPE = "*"
"""In `Ground.scope`: the source is not known, so all of the machine must have been read."""
OF_LEDGER = frozenset({
    "licence.surplus", "licence.unknown_product", "licence.expired", "licence.expiring", "licence.not_yet_valid",
    "licence.dead_oem", "licence.no_paper", "licence.contention",
})  # fmt: skip
"""Findings that rest on registers alone: these are always seen whole."""
OF_REGISTER = frozenset({
    "machine.never_seen", "machine.not_registered", "machine.stale", "machine.source_failed", "machine.held_loss",
    "machine.nobody_answers", "machine.no_antivirus", "software.unrecognised",
})  # fmt: skip
"""Findings of something that lacks: that they are gone means that it was seen."""


class CaseState(StrEnum):
    """待确认, 已确认, 误报, 整改中, 待复查, 已关闭, 例外."""

    TO_CONFIRM = "to_confirm"
    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false_positive"
    RECTIFYING = "rectifying"
    TO_RECHECK = "to_recheck"
    CLOSED = "closed"
    EXCEPTED = "excepted"


OPEN = frozenset({CaseState.TO_CONFIRM, CaseState.CONFIRMED, CaseState.RECTIFYING, CaseState.TO_RECHECK})
"""States in which somebody must still act."""


@dataclass(frozen=True, order=True)
class Ground:
    """One source that evidence came from: it must be read wholly, by a later document that is trusted as much."""

    machine: str
    """`Machine.key`."""
    scope: str
    """A scope or a source of the machine's documents, or `EVERY_SCOPE`."""
    document: str | None
    """Digest of the document that held the evidence."""
    scanned_on: date | None


class Unproved(StrEnum):
    """Why a finding that is no longer seen stays open."""

    MACHINE_GONE = "machine_gone"
    """The machine left the register or the store."""
    NO_LATER_SCAN = "no_later_scan"
    NOT_WHOLE = "not_whole"
    """A scope that the evidence came from was read in part, or not at all."""
    LESS_TRUSTED = "less_trusted"
    """An enrolled agent saw it; what says otherwise is not authenticated (DESIGN 11)."""
    LOSS_HELD = "loss_held"
    """A large loss in one scan waits for a second one."""
    SIGN_LEFT = "sign_left"
    """Another finding still rests on a sign that this one rested on: less is seen, not nothing."""
    LOWER_BOUND = "lower_bound"
    """A machine of the unit that could hold the product was not fully seen."""


@dataclass(frozen=True)
class Cure:
    """Whether a later run proves the cure: the documents that show it, or why not."""

    documents: tuple[str, ...] = ()
    unproved: Unproved | None = None
    machine: str | None = None
    scope: str | None = None


def case_key(finding: Finding) -> str:
    """Return the name of a case from run to run. What is bound to a machine keeps its name when units are
    re-organised."""
    told = ",".join(f"{name}={value}" for name, value in finding.facts if name.startswith("which"))
    unit = "" if finding.machine is not None else finding.unit or ""
    return "|".join((finding.code, unit, finding.product or "", finding.machine or "", told))


def signature(evidence: Iterable[EvidenceLine]) -> frozenset[tuple[str, str]]:
    """Return what the evidence says, wherever it stands in a document: rule and words."""
    return frozenset((line.rule, line.words) for line in evidence)


def signs_of(finding: Finding) -> frozenset[tuple[str, str]]:
    """Return machine and indicator of each sign that a finding rests on; the copy itself is no sign."""
    return frozenset((line.machine, line.rule) for line in finding.evidence if line.rule != finding.code)


def grounds_of(finding: Finding, machines: Mapping[str, Machine], scope_of: ScopeOf) -> tuple[Ground, ...]:
    """Return the sources of a finding's evidence, in order. `scope_of` says in which scope a record of a document
    stands, where that is known."""
    if finding.code in OF_LEDGER or finding.code in OF_REGISTER:
        return ()
    lines = finding.evidence
    found = {_ground(line.machine, line.record, machines, scope_of) for line in lines}
    if not lines and finding.machine is not None:
        found = {_ground(finding.machine, "", machines, scope_of)}
    return tuple(sorted(found, key=lambda ground: (ground.machine, ground.scope)))


def _ground(key: str, record: str, machines: Mapping[str, Machine], scope_of: ScopeOf) -> Ground:
    machine = machines.get(key)
    if machine is None or machine.document is None:
        return Ground(key, EVERY_SCOPE, None, None)
    scope = next((item.scope for item in machine.installations if record and item.record == record), None)
    scope = scope or (scope_of(machine.document, record) if record else None)
    return Ground(key, scope or EVERY_SCOPE, machine.document, machine.last_scan_on)


def seen_on(finding: Finding, machines: Mapping[str, Machine], on: date) -> date:
    """Return the day of the newest scan that the evidence is from; the day of the run for what rests on registers."""
    keys = {line.machine for line in finding.evidence} | ({finding.machine} if finding.machine is not None else set())
    days = [machines[key].last_scan_on for key in keys if key in machines]
    return max((day for day in days if day is not None), default=on)


def cure_of(
    code: str,
    grounds: Sequence[Ground],
    machines: Mapping[str, Machine],
    position: Position | None,
    trusted: frozenset[str],
    carried_over: CarriedOver,
) -> Cure:
    """Return whether a run in which the finding is not seen proves that it is cured.

    `position`: of the product in the unit, for a shortage. `trusted`: digests of documents that an enrolled agent
    signed.
    """
    if code == "licence.shortfall" and position is not None:
        return Cure(unproved=Unproved.LOWER_BOUND) if position.is_lower_bound else Cure()
    documents = set()
    for ground in grounds:
        machine = machines.get(ground.machine)
        if machine is None or machine.document is None:
            return Cure(unproved=Unproved.MACHINE_GONE, machine=ground.machine)
        fault = _unproved(ground, machine, trusted, carried_over)
        if fault is not None:
            return Cure(unproved=fault, machine=ground.machine, scope=ground.scope)
        documents.add(machine.document)
    return Cure(documents=tuple(sorted(documents)))


def _unproved(ground: Ground, machine: Machine, trusted: frozenset[str], carried_over: CarriedOver) -> Unproved | None:
    if machine.document is None or machine.document == ground.document or machine.last_scan_on is None:
        return Unproved.NO_LATER_SCAN
    if ground.scanned_on is not None and machine.last_scan_on < ground.scanned_on:
        return Unproved.NO_LATER_SCAN
    if ground.document in trusted and machine.document not in trusted:
        return Unproved.LESS_TRUSTED
    if ground.scope == OF_HOST:
        return None
    scopes = [s for s in machine.scopes if ground.scope in (EVERY_SCOPE, s.scope, s.source)]
    if any(scope.held_since is not None for scope in scopes):
        return Unproved.LOSS_HELD
    stands = [scope for scope in scopes if scope.scanned_on == machine.last_scan_on]
    if not stands or len(stands) < len(scopes) or any(scope.outcome not in WHOLE for scope in scopes):
        return Unproved.NOT_WHOLE
    if ground.document is not None and carried_over(machine.document, ground.scope, ground.document):
        return Unproved.NO_LATER_SCAN
    return None

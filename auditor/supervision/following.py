"""An audit run → what it says of the findings that are known: new ones, ones seen again, cured ones, ones come back.

Runs are followed in the order of their days; a run of an earlier day changes nothing. Following the same run again
changes nothing either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from auditor.core.case import (
    OPEN,
    CaseState,
    Cure,
    Ground,
    Unproved,
    case_key,
    cure_of,
    grounds_of,
    seen_on,
    signature,
    signs_of,
)
from auditor.core.days import day_of
from auditor.core.model import Finding, Machine, Position, Severity
from auditor.errors import StoreError
from auditor.proof.digest import sha256_hex
from auditor.store.cases import (
    Act,
    Case,
    cases_by_key,
    grounds_text,
    keep_acts,
    last_facts,
    note_sightings,
    open_cases,
)
from auditor.store.database import Connection
from auditor.store.inventories import document_content, trusted_documents
from auditor.store.runs import finding_text
from auditor.store.trail import append_trail, last_entry
from auditor.supervision.states import Doing, state_after

AUDIT = "audit"
FOLLOWED = "run.followed"
SIGNED = ("copy.suspected", "copy.to_verify", "sign.seen")
"""Beginnings of the codes of findings that rest on signs."""
NOT_SUPERVISED = frozenset({Severity.NOTE})


class RunSettings(Protocol):
    """The settings of a run that matter here."""

    @property
    def time_zone(self) -> str: ...


class Frozen(Protocol):
    """What a run rests on."""

    @property
    def on(self) -> date: ...
    @property
    def machines(self) -> tuple[Machine, ...]: ...
    @property
    def settings(self) -> RunSettings: ...


class Result(Protocol):
    """What came out of it."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def positions(self) -> tuple[Position, ...]: ...


class Run(Protocol):
    """An audit run as this room sees it; `auditor.audit.run.Run` is one."""

    @property
    def id(self) -> str: ...
    @property
    def frozen(self) -> Frozen: ...
    @property
    def result(self) -> Result: ...


@dataclass(frozen=True)
class Followed:
    """What a run changed: keys of cases. `unproved`: no longer seen, still open, and why."""

    run: str
    new: tuple[str, ...] = ()
    came_back: tuple[str, ...] = ()
    cured: tuple[str, ...] = ()
    not_cured: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    unproved: tuple[tuple[str, Cure], ...] = ()
    conclusive: tuple[str, ...] = ()
    """New or come back, and of the gravest sort."""
    skipped: bool = False


@dataclass
class _Documents:
    """Kept documents, read once each: in which scope a record stands, when a deep scope was read."""

    connection: Connection
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def scope_of(self, digest: str, record: str) -> str | None:
        """Return the scope of a record such as `traces[3]`; `None` where the document does not say."""
        kind, _, number = record.rstrip("]").partition("[")
        if kind == "programs":
            return "processes"
        rows = self._content(digest).get(kind)
        if not isinstance(rows, list) or not number.isdecimal() or int(number) >= len(rows):
            return None
        scope = rows[int(number)].get("scope") if isinstance(rows[int(number)], dict) else None
        return scope if isinstance(scope, str) else None

    def carried_over(self, later: str, scope: str, earlier: str) -> bool:
        """Whether the later document's account of the scope is not younger than the earlier document."""
        then = str(self._content(earlier).get("collected_at") or "")
        for told in self._content(later).get("coverage") or ():
            read_at = told.get("read_at")
            if scope in ("*", told.get("scope"), told.get("source")) and read_at and str(read_at) <= then:
                return True
        return False

    def _content(self, digest: str) -> Mapping[str, Any]:
        if digest not in self.known:
            try:
                found = json.loads(document_content(self.connection, digest))
            except (StoreError, ValueError):
                found = {}
            self.known[digest] = found if isinstance(found, dict) else {}
        return self.known[digest]


def follow_run(connection: Connection, run: Run, *, at: str) -> Followed:
    """Bring every case up to what the run saw. In a transaction that writes."""
    return _Following(connection, run, at).follow()


class _Following:
    def __init__(self, connection: Connection, run: Run, at: str) -> None:
        self.connection, self.run, self.at = connection, run, at
        self.on: date = run.frozen.on
        self.zone = ZoneInfo(run.frozen.settings.time_zone)
        self.machines: dict[str, Machine] = {machine.key: machine for machine in run.frozen.machines}
        self.documents = _Documents(connection)
        self.signs = {sign for f in run.result.findings if f.code.startswith(SIGNED) for sign in signs_of(f)}
        self.positions: dict[tuple[str | None, str], Position] = {
            (position.unit, position.product): position for position in run.result.positions
        }

    def follow(self) -> Followed:
        last = last_entry(self.connection, FOLLOWED)
        subject = f"run {self.run.id} as of {self.on}"
        if last is not None and (last.subject == subject or last.subject.rpartition(" ")[2] > self.on.isoformat()):
            return Followed(self.run.id, skipped=True)
        known = cases_by_key(self.connection, origin=AUDIT)
        found = {case_key(f): f for f in self.run.result.findings if f.severity not in NOT_SUPERVISED}
        acts: list[Act] = []
        new = [(self._new(key, found[key]), self._told(found[key])) for key in found if key not in known]
        sightings = [self._sighting(known[key], found[key]) for key in found if key in known]
        self._note(sightings)
        dismissed = self._dismissed([known[key] for key in found if key in known])
        done = self._done_on([known[key] for key in found if key in known])
        for key in found.keys() & known.keys():
            acts += self._seen_again(known[key], found[key], dismissed, done)
        cures = self._cures([case for key, case in known.items() if key not in found])
        acts += [self._proved(case, cure) for case, cure in cures if cure.unproved is None]
        open_cases(self.connection, new, at=self.at, by=None)
        keep_acts(self.connection, sorted(acts, key=lambda act: act.case.id), at=self.at, name="finding.followed")
        append_trail(self.connection, at=self.at, act=FOLLOWED, subject=subject)
        return self._result([case for case, _ in new], acts, cures, found)

    def _new(self, key: str, finding: Finding) -> Case:
        return Case(
            key=key,
            origin=AUDIT,
            code=finding.code,
            severity=finding.severity.value,
            unit=finding.unit,
            product=finding.product,
            machine=finding.machine,
            state=CaseState.TO_CONFIRM.value,
            opened_at=self.at,
            changed_at=self.at,
            seen_on=seen_on(finding, self.machines, self.on).isoformat(),
            content=finding_text(finding),
            grounds=self._grounds(finding),
            first_run=self.run.id,
            last_run=self.run.id,
        )

    def _grounds(self, finding: Finding) -> str:
        return grounds_text(grounds_of(finding, self.machines, self.documents.scope_of))

    def _told(self, finding: Finding) -> dict[str, Any]:
        return {"run": self.run.id, "finding": sha256_hex(finding_text(finding).encode())}

    def _sighting(self, case: Case, finding: Finding) -> dict[str, Any]:
        return {
            "id": case.id,
            "content": finding_text(finding),
            "grounds": self._grounds(finding),
            "last_run": self.run.id,
            "seen_on": seen_on(finding, self.machines, self.on).isoformat(),
            "severity": finding.severity.value,
        }

    def _note(self, sightings: list[dict[str, Any]]) -> None:
        note_sightings(self.connection, sightings)

    def _dismissed(self, cases: list[Case]) -> dict[int, frozenset[tuple[str, str]]]:
        ids = [case.id for case in cases if case.state == CaseState.FALSE_POSITIVE]
        events = last_facts(self.connection, ids, Doing.DISMISS.value)
        return {id: frozenset((rule, words) for rule, words in e.facts["evidence"]) for id, e in events.items()}

    def _done_on(self, cases: list[Case]) -> dict[int, date]:
        ids = [case.id for case in cases if case.state == CaseState.TO_RECHECK]
        events = last_facts(self.connection, ids, Doing.DONE.value)
        return {id: day_of(event.at, self.zone) for id, event in events.items()}

    def _seen_again(
        self,
        case: Case,
        finding: Finding,
        dismissed: Mapping[int, frozenset[tuple[str, str]]],
        done: Mapping[int, date],
    ) -> list[Act]:
        """At most one act on a case a run, and the unit that it now belongs to in it."""
        state = CaseState(case.state)
        changes: dict[str, Any] = {"unit": finding.unit} if finding.unit != case.unit else {}
        facts = self._told(finding) | ({"from": case.unit, "to": finding.unit} if changes else {})
        seen = signature(finding.evidence)
        is_new = state is CaseState.FALSE_POSITIVE and bool(seen - dismissed.get(case.id, frozenset()))
        if state is CaseState.CLOSED or is_new:
            after = state_after(Doing.COME_BACK, state, told=case.key)
            reset = {"notice": None, "noticed_on": None, "due_on": None, "escalated": 0}
            return [
                Act(case, Doing.COME_BACK, changes | reset | {"state": after, "reopened": case.reopened + 1}, facts)
            ]
        if case.id in done and seen_on(finding, self.machines, self.on) > done[case.id]:
            return [Act(case, Doing.NOT_CURED, changes | {"state": CaseState.RECTIFYING.value}, facts)]
        return [Act(case, Doing.MOVE, changes | {"state": case.state}, facts)] if changes else []

    def _cures(self, gone: list[Case]) -> list[tuple[Case, Cure]]:
        live = [case for case in gone if case.state in OPEN or case.state == CaseState.EXCEPTED]
        needs = {case.id: case.needs for case in live}
        trusted = self._trusted([ground for grounds in needs.values() for ground in grounds])
        return [(case, self._cure(case, needs[case.id], trusted)) for case in live]

    def _cure(self, case: Case, needs: tuple[Ground, ...], trusted: frozenset[str]) -> Cure:
        left = signs_of(case.finding) & self.signs if case.code.startswith(SIGNED) else frozenset()
        if left:
            return Cure(unproved=Unproved.SIGN_LEFT, machine=min(left)[0])
        position = self.positions.get((case.unit, case.product or ""))
        return cure_of(case.code, needs, self.machines, position, trusted, self.documents.carried_over)

    def _trusted(self, grounds: list[Ground]) -> frozenset[str]:
        now = {self.machines[ground.machine].document for ground in grounds if ground.machine in self.machines}
        return trusted_documents(self.connection, {d for d in now | {g.document for g in grounds} if d is not None})

    def _proved(self, case: Case, cure: Cure) -> Act:
        after = state_after(Doing.PROVE, CaseState(case.state), told=case.key)
        facts = {"run": self.run.id, "documents": list(cure.documents)}
        return Act(case, Doing.PROVE, {"state": after.value, "excepted_until": None}, facts)

    def _result(
        self, new: list[Case], acts: list[Act], cures: list[tuple[Case, Cure]], found: Mapping[str, Finding]
    ) -> Followed:
        def of(doing: Doing) -> tuple[str, ...]:
            return tuple(sorted(act.case.key for act in acts if act.act == doing))

        fresh = (*(case.key for case in new), *of(Doing.COME_BACK))
        grave = tuple(
            sorted(key for key in fresh if found[key].code in ("copy.suspected", "copy.suspected_though_covered"))
        )
        return replace(
            Followed(self.run.id),
            new=tuple(sorted(case.key for case in new)),
            came_back=of(Doing.COME_BACK),
            cured=of(Doing.PROVE),
            not_cured=of(Doing.NOT_CURED),
            moved=of(Doing.MOVE),
            unproved=tuple(sorted(((c.key, cure) for c, cure in cures if cure.unproved is not None),
                                  key=lambda pair: pair[0])),
            conclusive=grave,
        )  # fmt: skip

"""Arrival: one checked document on its way into the store, within one transaction.

The same document again doubles nothing. A document older than the machine's last one enters history and leaves
the present alone. One with the content of the last costs a digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.inventory.document import Inventory
from auditor.core.changes import Limits, Outlook, apply_sight, late_changes, titles_in_question
from auditor.core.days import day_of, parse_utc, utc_text
from auditor.core.identity import Decision, identify
from auditor.core.model import TitleId
from auditor.core.picture import Change, Picture, pinned
from auditor.intake.checking import Checked
from auditor.intake.sighting import host_facts, identity_of, sight_of, words_in
from auditor.proof.digest import canonical_json, digest_of
from auditor.settings import Settings
from auditor.store.agents import note_agent_seen
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection
from auditor.store.facts import encode_facts
from auditor.store.inventories import (
    CURRENT,
    HELD,
    HISTORY,
    DocumentRow,
    add_document,
    document_after,
    document_before,
    find_document,
)
from auditor.store.journal import add_changes, add_openings
from auditor.store.machines import MachineRow, find_candidates, find_machine, note_evidence, save_machine
from auditor.store.pictures import decode_picture, encode_picture
from auditor.store.titles import keep_title_set, keep_titles, load_titles
from rules.fact import facts_of, facts_worth_keeping
from rules.title import Words

KNOWN = "known"
KEPT = "kept"
BY_AGENT = "agent"
BY_FILE = "file"


@dataclass(frozen=True)
class Receipt:
    """The document is on the disk. `status`: kept, known (it was there), history (it came late), held (a large
    loss in it waits for a second scan)."""

    status: str
    machine: int
    document: str
    """Digest of the document as kept."""
    number: int
    sent: str
    """Digest of the document as it was sent, unpacked: what the sender can compare."""

    @property
    def text(self) -> str:
        """The receipt as it is handed out; the same for the same document, always."""
        return f"{self.number:08d}-{self.document[:16]}"


@dataclass(frozen=True)
class Arrival:
    """One document on its way into the store, within one transaction.

    `sent`: digest of the document as it was sent, unpacked. `origin` is `agent` when a signature was checked, and
    `agent` then names who signed; else `file`. `known_titles`: ids of titles that are in the store
    for good, then of those that came in this transaction.
    """

    connection: Connection
    checked: Checked
    sent: str
    origin: str
    agent: str | None
    unit: str | None
    now: datetime
    settings: Settings
    known_titles: tuple[Mapping[Words, TitleId], ...]
    new_titles: dict[Words, TitleId] = field(default_factory=dict)
    """Ids that this document had to ask for: in the store for good once the transaction is committed."""

    @property
    def inventory(self) -> Inventory:
        return self.checked.inventory

    @property
    def received_at(self) -> str:
        return utc_text(self.now)

    @property
    def collected_at(self) -> str:
        """The machine's word, but no later than now: a clock that runs ahead must not outrun later scans."""
        return min(self.inventory.collected_at, self.received_at)

    def keep(self) -> Receipt:
        """Keep the document and return its receipt."""
        known = find_document(self.connection, self.checked.digest)
        if known is not None and known.id is not None:
            return self._receipt(KNOWN, known.machine, known.id)
        evidence = identity_of(self.inventory.host, self.agent)
        decision = identify(evidence, find_candidates(self.connection, evidence))
        machine = find_machine(self.connection, decision.machine) if decision.machine is not None else None
        put_blob(self.connection, "document", self.checked.kept)
        if self.agent is not None:
            version = self.inventory.scanner.version
            note_agent_seen(self.connection, self.agent, at=self.received_at, version=version)
        number, document, status = self._keep(machine, decision)
        note_evidence(self.connection, number, evidence, at=self.collected_at)
        return self._receipt(KEPT if status == CURRENT else status, number, document)

    def _keep(self, machine: MachineRow | None, decision: Decision) -> tuple[int, int, str]:
        """Return the number of the machine, that of the document, and where the document stands."""
        if machine is None:
            return self._keep_present(None, decision)
        if self.collected_at < machine.last_collected_at:
            return self._keep_late(machine, decision)
        if machine.content_digest == self._content_digest(machine):
            return self._keep_unchanged(machine, decision)
        return self._keep_present(machine, decision)

    def _keep_unchanged(self, machine: MachineRow, decision: Decision) -> tuple[int, int, str]:
        number = save_machine(self.connection, self._row(machine, machine.state, machine.title_set, settled=True))
        return number, self._add_document(number, machine.state, CURRENT, decision), CURRENT

    def _keep_present(self, machine: MachineRow | None, decision: Decision) -> tuple[int, int, str]:
        last = self._picture(machine.last_document) if machine is not None else None
        outlook = self._outlook(last, may_remove=self._may_remove(machine))
        state = self._put_state(outlook.picture)
        titles = keep_title_set(self.connection, _titles(outlook.picture))
        row = self._row(machine, state, titles, settled=outlook.picture.settled)
        number = save_machine(self.connection, row)
        standing = HELD if outlook.held_now else CURRENT
        document = self._add_document(number, state, standing, decision)
        add_openings(
            self.connection,
            number,
            outlook.openings,
            happened_on=day_of(self.collected_at, self.settings.zone),
            recorded_at=self.received_at,
            document=self.checked.digest,
        )
        self._add_changes(number, outlook.changes)
        return number, document, standing

    def _keep_late(self, machine: MachineRow, decision: Decision) -> tuple[int, int, str]:
        """Keep what a late document says of its own day, and what came and went unrecorded."""
        assert machine.id is not None
        before = document_before(self.connection, machine.id, self.collected_at)
        after = document_after(self.connection, machine.id, self.collected_at)
        last = self._picture(before.digest) if before is not None else None
        outlook = self._outlook(last, may_remove=self._may_remove(machine))
        document = self._add_document(machine.id, self._put_state(outlook.picture), HISTORY, decision)
        if before is not None and after is not None:
            day = day_of(self.collected_at, self.settings.zone)
            following = self._picture(after.digest)
            following_day = day_of(after.collected_at, self.settings.zone)
            self._add_changes(machine.id, late_changes(outlook, day, following, following_day))
        return machine.id, document, HISTORY

    def _outlook(self, last: Picture | None, *, may_remove: bool) -> Outlook:
        day = day_of(self.collected_at, self.settings.zone)
        sight = sight_of(self.inventory, self._title_ids(), day=day, may_remove=may_remove)
        titles = load_titles(self.connection, titles_in_question(last, sight))
        return apply_sight(last, sight, titles, _limits(self.settings))

    def _title_ids(self) -> list[TitleId]:
        """Return the ids of the document's titles in their order; those that nobody knows are added."""
        words = words_in(self.inventory)
        ids = list(map(self.known_titles[0].get, words))
        for known in self.known_titles[1:]:
            ids = [number or known.get(each) for number, each in zip(ids, words, strict=True)]
        asked = dict.fromkeys(each for number, each in zip(ids, words, strict=True) if number is None)
        self.new_titles.update(keep_titles(self.connection, asked, now=self.received_at))
        return [number or self.new_titles[each] for number, each in zip(ids, words, strict=True)]

    def _picture(self, document: str) -> Picture:
        """Return the picture after a document, its days pinned."""
        row = find_document(self.connection, document)
        assert row is not None
        picture, _ = decode_picture(get_blob(self.connection, row.state))
        return pinned(picture, day_of(row.collected_at, self.settings.zone), row.digest)

    def _put_state(self, picture: Picture) -> str:
        return put_blob(self.connection, "state", encode_picture(picture, host_facts(self.inventory.host)))

    def _row(self, machine: MachineRow | None, state: str, title_set: int, *, settled: bool) -> MachineRow:
        host = self.inventory.host
        row = MachineRow(
            first_seen_at=self.received_at,
            last_collected_at=self.collected_at,
            last_received_at=self.received_at,
            last_document=self.checked.digest,
            content_digest=self._content_digest(machine) if settled else "",
            state=state,
            title_set=title_set,
            host_name=host.name,
            serial=host.serial,
            os_family=host.operating_system.family,
            os_name=host.operating_system.name,
            unit=self.unit,
            agent=self.agent,
            origin=self.origin,
        )
        if machine is None:
            return row
        return replace(
            row,
            id=machine.id,
            first_seen_at=machine.first_seen_at,
            unit=self.unit or machine.unit,
            agent=self.agent or machine.agent,
            origin=BY_AGENT if BY_AGENT in (self.origin, machine.origin) else self.origin,
            merged_into=machine.merged_into,
        )

    def _add_document(self, machine: int, state: str, standing: str, decision: Decision) -> int:
        ahead = int((parse_utc(self.inventory.collected_at) - parse_utc(self.received_at)).total_seconds())
        programs = sorted({program.name for program in self.inventory.programs})
        row = DocumentRow(
            digest=self.checked.digest,
            machine=machine,
            collected_at=self.collected_at,
            received_at=self.received_at,
            ahead_seconds=ahead if ahead > 0 else None,
            origin=self.origin,
            agent=self.agent,
            state=state,
            programs=put_blob(self.connection, "programs", canonical_json(programs)),
            standing=standing,
            identified_by=decision.because,
            facts=self._put_facts(),
        )
        return add_document(self.connection, row)

    def _put_facts(self) -> str | None:
        """Keep what signs may be read from; a machine that told nothing of the kind costs no blob."""
        facts = tuple(facts_worth_keeping(facts_of(self.inventory)))
        return put_blob(self.connection, "facts", encode_facts(facts)) if facts else None

    def _add_changes(self, machine: int, changes: Iterable[Change]) -> None:
        digest = self.checked.digest
        add_changes(self.connection, machine, changes, recorded_at=self.received_at, document=digest)

    def _may_remove(self, machine: MachineRow | None) -> bool:
        """What came unauthenticated never removes what an enrolled agent saw."""
        return self.origin == BY_AGENT or machine is None or machine.origin != BY_AGENT

    def _content_digest(self, machine: MachineRow | None) -> str:
        return digest_of([self.checked.content_digest, self._may_remove(machine)])

    def _receipt(self, status: str, machine: int, document: int) -> Receipt:
        return Receipt(status, machine, self.checked.digest, document, self.sent)


def _titles(picture: Picture) -> set[TitleId]:
    return {sighting.title for system in picture.systems for sighting in system.sightings}


def _limits(settings: Settings) -> Limits:
    return Limits(
        held_loss_share=settings.number("held_loss_share"),
        held_loss_minimum=settings.whole("held_loss_minimum"),
        stale_after_days=settings.whole("stale_after_days"),
        partial_scans_before_last_seen=settings.whole("partial_scans_before_last_seen"),
    )

"""Arrival: one checked document on its way into the store, within one transaction.

The same document again doubles nothing. A document older than the machine's last one enters history and leaves
the present alone. One with the content of the last costs a digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import cast

from agent.inventory.document import Inventory
from auditor.core.changes import Limits, Outlook, apply_sight, late_changes, titles_in_question
from auditor.core.days import day_of, parse_utc, utc_text
from auditor.core.identity import Decision, identify
from auditor.core.model import TitleId
from auditor.core.other_tools import BY_AGENT, BY_FILE, outranks
from auditor.core.picture import Change, Picture, Sight, SystemPicture, pinned
from auditor.intake.carrying import carried_facts, carried_host, carried_programs
from auditor.intake.checking import Checked
from auditor.intake.joining import standing_for
from auditor.intake.receipt import KEPT, KNOWN, Receipt
from auditor.intake.same import last_content
from auditor.intake.sighting import claimed_device, identity_of, is_part, sight_of, tells_system
from auditor.proof.digest import canonical_json
from auditor.settings import Settings
from auditor.store.agents import note_agent_seen
from auditor.store.blobs import add_blob, get_blob, put_blob
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
from auditor.store.machines import (
    MachineRow,
    find_candidates,
    find_machine,
    forget_evidence,
    note_evidence,
    save_machine,
)
from auditor.store.pictures import decode_picture, encode_picture
from auditor.store.titles import keep_title_set, keep_titles, load_titles
from rules.fact import facts_of, facts_worth_keeping
from rules.title import OPERATING_SYSTEM, Words

__all__ = ["BY_AGENT", "BY_FILE", "KEPT", "KNOWN", "Arrival", "Receipt"]


@dataclass(frozen=True)
class Arrival:
    """One document on its way into the store, within one transaction.

    `words`: of its titles, as `words_in` gives them. `packed`: what is kept as zlib, where it was sent so.
    `sent`: digest of the document as it was sent, unpacked. `origin` is `agent` when a signature was checked, and
    `agent` then names who signed; else one of `auditor.core.other_tools`. `known_titles`: ids of titles that are in
    the store for good, then of those that came in this transaction.
    """

    connection: Connection
    checked: Checked
    words: Sequence[Words]
    packed: bytes | None
    sent: str
    origin: str
    agent: str | None
    unit: str | None
    now: datetime
    settings: Settings
    known_titles: tuple[Mapping[Words, TitleId], ...]

    @property
    def inventory(self) -> Inventory:
        return self.checked.inventory

    @cached_property
    def received_at(self) -> str:
        return utc_text(self.now)

    @cached_property
    def collected_at(self) -> str:
        """The machine's word, but no later than now: a clock that runs ahead must not outrun later scans."""
        return min(self.inventory.collected_at, self.received_at)

    def keep(self) -> Receipt:
        """Keep the document and return its receipt."""
        known = find_document(self.connection, self.checked.digest)
        if known is not None and known.id is not None:
            return self._receipt(KNOWN, known.machine, known.id)
        evidence = identity_of(self.inventory.host, self.agent or claimed_device(self.inventory))
        decision = identify(evidence, find_candidates(self.connection, evidence))
        machine = find_machine(self.connection, decision.machine) if decision.machine is not None else None
        if machine is not None and machine.merged_into is not None:
            told = f"{decision.because}; {machine.id} was joined into it by hand"
            machine, decision = standing_for(self.connection, machine), replace(decision, because=told)
        add_blob(self.connection, "document", self.checked.kept, self.checked.digest, self.packed)
        if self.agent is not None:
            version = self.inventory.scanner.version
            note_agent_seen(self.connection, self.agent, at=self.received_at, version=version)
        number, document, status = self._keep(machine, decision)
        if machine is not None and outranks(self.origin, machine.origin):
            forget_evidence(self.connection, number)  # nobody vouched for it, and other machines may be named in it
        if not self._is_outranked(machine):
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
        last = find_document(self.connection, machine.last_document)
        return number, self._add_document(number, machine.state, CURRENT, decision, machine, last), CURRENT

    def _keep_present(self, machine: MachineRow | None, decision: Decision) -> tuple[int, int, str]:
        last = find_document(self.connection, machine.last_document) if machine is not None else None
        outlook = self._outlook(last, machine)
        state = self._put_state(outlook.picture, machine, last)
        titles = keep_title_set(self.connection, _titles(outlook.picture))
        row = self._row(machine, state, titles, settled=outlook.picture.settled)
        number = save_machine(self.connection, row)
        standing = HELD if outlook.held_now else CURRENT
        document = self._add_document(number, state, standing, decision, machine, last)
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
        outlook = self._outlook(before, machine)
        state = self._put_state(outlook.picture, machine, before)
        document = self._add_document(machine.id, state, HISTORY, decision, machine, before)
        if before is not None and after is not None:
            day = day_of(self.collected_at, self.settings.zone)
            following = self._picture(after)
            following_day = day_of(after.collected_at, self.settings.zone)
            self._add_changes(machine.id, late_changes(outlook, day, following, following_day))
        return machine.id, document, HISTORY

    def _outlook(self, last_document: DocumentRow | None, machine: MachineRow | None) -> Outlook:
        last = self._picture(last_document) if last_document is not None else None
        day = day_of(self.collected_at, self.settings.zone)
        sight = sight_of(self.inventory, self._title_ids(), day=day, may_remove=self._may_remove(machine))
        if last is not None:
            sight = self._placed(sight, last, machine)
        titles = load_titles(self.connection, titles_in_question(last, sight))
        return apply_sight(last, sight, titles, _limits(self.settings))

    def _placed(self, sight: Sight, last: Picture, machine: MachineRow | None) -> Sight:
        """Say which of the machine's systems is meant: a document that is silent about it means the last one, and one
        that is outranked means the one that is known, whatever it calls it."""
        if not tells_system(self.inventory):
            return replace(sight, system=last.current)
        if not self._is_outranked(machine):
            return sight
        family = self.inventory.host.operating_system.family
        known = next((one.key for one in last.systems if one.key.partition("/")[0] == family), sight.system)
        placed = replace(sight, system=known, installation_id=None)
        if not any(one.key == known and _has_system_title(one) for one in last.systems):
            return placed
        return replace(
            placed,
            scopes=tuple(scope for scope in placed.scopes if scope.source != OPERATING_SYSTEM),
            items=tuple(item for item in placed.items if item.scope != OPERATING_SYSTEM),
        )

    def _title_ids(self) -> list[TitleId]:
        """Return the ids of the document's titles in their order; those that nobody knows are added."""
        words = self.words
        ids = list(map(self.known_titles[0].get, words))
        for known in self.known_titles[1:]:
            if None in ids:
                ids = [number or known.get(each) for number, each in zip(ids, words, strict=True)]
        if None not in ids:
            return cast(list[TitleId], ids)
        asked = (each for number, each in zip(ids, words, strict=True) if number is None)
        added = keep_titles(self.connection, asked, now=self.received_at)  # the memory was emptied meanwhile
        return [number or added[each] for number, each in zip(ids, words, strict=True)]

    def _picture(self, row: DocumentRow) -> Picture:
        """Return the picture after a document, its days pinned."""
        picture, _ = decode_picture(get_blob(self.connection, row.state))
        return pinned(picture, day_of(row.collected_at, self.settings.zone), row.digest)

    def _put_state(self, picture: Picture, machine: MachineRow | None, last: DocumentRow | None) -> str:
        told = carried_host(self.connection, self.inventory, last, outranked=self._is_outranked(machine))
        return put_blob(self.connection, "state", encode_picture(picture, told))

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
        if self._is_outranked(machine):
            return replace(
                machine,
                last_collected_at=row.last_collected_at,
                last_received_at=row.last_received_at,
                last_document=row.last_document,
                content_digest=row.content_digest,
                state=row.state,
                title_set=row.title_set,
            )
        silent = not tells_system(self.inventory)
        return replace(
            row,
            id=machine.id,
            first_seen_at=machine.first_seen_at,
            host_name=row.host_name or machine.host_name,
            serial=row.serial or machine.serial,
            os_family=machine.os_family if silent else row.os_family,
            os_name=machine.os_name if silent else row.os_name,
            unit=self.unit or machine.unit,
            agent=self.agent or machine.agent,
            merged_into=machine.merged_into,
        )

    def _add_document(
        self,
        number: int,
        state: str,
        standing: str,
        decision: Decision,
        machine: MachineRow | None,
        last: DocumentRow | None,
    ) -> int:
        ahead = int((parse_utc(self.inventory.collected_at) - parse_utc(self.received_at)).total_seconds())
        carries = last if self._is_outranked(machine) or is_part(self.inventory) else None
        programs = {program.name for program in self.inventory.programs}
        programs |= carried_programs(self.connection, carries)
        row = DocumentRow(
            digest=self.checked.digest,
            machine=number,
            collected_at=self.collected_at,
            received_at=self.received_at,
            ahead_seconds=ahead if ahead > 0 else None,
            origin=self.origin,
            agent=self.agent,
            state=state,
            programs=put_blob(self.connection, "programs", canonical_json(sorted(programs))),
            standing=standing,
            identified_by=decision.because,
            facts=self._put_facts(carries),
        )
        return add_document(self.connection, row)

    def _put_facts(self, carries: DocumentRow | None) -> str | None:
        """Keep what signs may be read from; a machine that told nothing of the kind costs no blob."""
        own = tuple(facts_worth_keeping(facts_of(self.inventory)))
        facts = (*carried_facts(self.connection, carries, own), *own)
        return put_blob(self.connection, "facts", encode_facts(facts)) if facts else None

    def _add_changes(self, machine: int, changes: Iterable[Change]) -> None:
        digest = self.checked.digest
        add_changes(self.connection, machine, changes, recorded_at=self.received_at, document=digest)

    def _may_remove(self, machine: MachineRow | None) -> bool:
        """What came unauthenticated never removes what an enrolled agent saw."""
        return not self._is_outranked(machine)

    def _is_outranked(self, machine: MachineRow | None) -> bool:
        return machine is not None and outranks(machine.origin, self.origin)

    def _content_digest(self, machine: MachineRow | None) -> str:
        return last_content(self.checked.content_digest, may_remove=self._may_remove(machine))

    def _receipt(self, status: str, machine: int, document: int) -> Receipt:
        return Receipt(status, machine, self.checked.digest, document, self.sent)


def _has_system_title(system: SystemPicture) -> bool:
    return any(sighting.scope == OPERATING_SYSTEM for sighting in system.sightings)


def _titles(picture: Picture) -> set[TitleId]:
    return {sighting.title for system in picture.systems for sighting in system.sightings}


def _limits(settings: Settings) -> Limits:
    return Limits(
        held_loss_share=settings.number("held_loss_share"),
        held_loss_minimum=settings.whole("held_loss_minimum"),
        stale_after_days=settings.whole("stale_after_days"),
        partial_scans_before_last_seen=settings.whole("partial_scans_before_last_seen"),
    )

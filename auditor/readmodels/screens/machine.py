"""One machine: what the register says, what was seen, by which evidence, what changed, and what became of each copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.core.days import day_of
from auditor.core.entitlement import Entitlement
from auditor.core.model import Assignment, JournalLine, RegisteredMachine, TitleId
from auditor.core.picture import Picture, ScopePicture, pinned
from auditor.readmodels.screens.findings import FindingPage, finding_page, without_user
from auditor.readmodels.screens.machines import MachineRow, machine_row
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.blobs import get_blob
from auditor.store.database import Connection
from auditor.store.entitlements import entitlements_of_rows
from auditor.store.inventories import DocumentRow, document_content, find_document, list_documents
from auditor.store.journal import list_changes, list_openings
from auditor.store.machine_register import registered_machine
from auditor.store.machines import MachineRow as SeenRow
from auditor.store.machines import clues_of, find_machine
from auditor.store.papers import papers_of_rights
from auditor.store.people import find_person
from auditor.store.pictures import HostFacts, decode_picture
from auditor.store.run_index import FindingFilter, assignments_of, machine_entry
from auditor.store.titles import load_titles
from rules.catalogue import Catalogue
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.title import Title

DOCUMENTS_SHOWN = 20
_MAX_TEXT = 4_000


@dataclass(frozen=True)
class MachineHead:
    """What stands at the head of every page of a machine."""

    row: MachineRow
    register: RegisteredMachine | None
    person: str | None
    """`None` also where it may not be shown."""
    seen: SeenRow | None
    host: HostFacts | None
    picture: Picture | None
    shows_person: bool


@dataclass(frozen=True)
class MachineOverview:
    """The first page of a machine: every copy that counts, and the findings."""

    head: MachineHead
    assignments: tuple[Assignment, ...]
    rights: Mapping[int, Entitlement]
    findings: FindingPage


@dataclass(frozen=True)
class InstalledRow:
    """One title on the machine."""

    id: TitleId
    title: Title
    recognition: Recognition
    scope: str
    record: str
    installed_on: date | None
    first_seen_on: date
    last_seen_on: date
    stale: bool


@dataclass(frozen=True)
class SoftwarePage:
    """One page of what is installed, by name."""

    head: MachineHead
    rows: tuple[InstalledRow, ...]
    total: int
    after: tuple[str, int] | None


@dataclass(frozen=True)
class JournalPage:
    """One page of what changed, the newest first."""

    head: MachineHead
    rows: tuple[tuple[JournalLine, Title | None, Title | None], ...]
    openings: tuple[tuple[str, date, int], ...]
    """期初登记: scope, day, number of titles."""
    after: tuple[str, int] | None


@dataclass(frozen=True)
class IdentityPage:
    """Why documents were taken for this machine."""

    head: MachineHead
    clues: tuple[tuple[str, str, str, str], ...]
    documents: tuple[DocumentRow, ...]
    more: int


@dataclass(frozen=True)
class CopyEvidence:
    """From one copy back to the machine's own words, and on to the rule, the right and the paper."""

    head: MachineHead
    assignment: Assignment
    right: Entitlement | None
    papers: tuple[str, ...]
    titles: tuple[tuple[TitleId, Title, Recognition], ...]
    record: tuple[tuple[str, str], ...]
    """The record of the document, field by field, as the machine wrote it; empty when it is gone."""
    document: str | None


def machine_head(connection: Connection, scope: Scope, key: str) -> MachineHead | None:
    """Return the head of a machine; `None` when the run has none, or it may not be seen."""
    entry = machine_entry(connection, scope.run.id, key)
    if entry is None or not scope.may_see(entry.unit):
        return None
    shows = scope.shows_person(entry.unit)
    register = registered_machine(connection, entry.code, scope.run.as_of) if entry.code else None
    seen = find_machine(connection, entry.machine) if entry.machine is not None else None
    picture, host = None, None
    if seen is not None:
        picture, host = decode_picture(get_blob(connection, seen.state))
        picture = pinned(picture, day_of(seen.last_collected_at, scope.zone))
    person = None
    if shows and register is not None and register.person is not None:
        found = find_person(connection, register.person, scope.run.as_of)
        person = found.name if found is not None else register.person
    return MachineHead(machine_row(scope, entry), register, person, seen, host, picture, shows)


def overview(connection: Connection, scope: Scope, catalogue: Catalogue, key: str) -> MachineOverview | None:
    """Return the first page of a machine."""
    head = machine_head(connection, scope, key)
    if head is None:
        return None
    found = assignments_of(connection, scope.run.id, [head.row.entry.number])
    assignments = found[0][1] if found else ()
    wanted = {a.entitlement for a in assignments if a.entitlement is not None}
    rights = {right.id: right for right in entitlements_of_rows(connection, wanted)}
    findings = finding_page(connection, scope, catalogue, FindingFilter(machine=key))
    return MachineOverview(head, assignments, rights, findings)


def software_page(
    connection: Connection,
    scope: Scope,
    catalogue: Catalogue,
    key: str,
    *,
    text: str = "",
    after: tuple[str, int] | None = None,
) -> SoftwarePage | None:
    """Return a page of what is installed, ordered by name and number of the title."""
    head = machine_head(connection, scope, key)
    if head is None:
        return None
    sightings = [s for system in head.picture.systems for s in system.sightings] if head.picture is not None else []
    titles = load_titles(connection, {s.title for s in sightings})
    rows = sorted(
        ((titles[s.title].name.casefold(), int(s.title), s) for s in sightings if s.title in titles),
        key=lambda row: (row[0], row[1], row[2].scope),
    )
    if text:
        rows = [row for row in rows if text.casefold() in row[0]]
    left = [row for row in rows if after is None or (row[0], row[1]) > after]
    recogniser = Recogniser(catalogue)
    shown = [
        InstalledRow(
            id=s.title,
            title=titles[s.title],
            recognition=recogniser.recognise(titles[s.title]),
            scope=s.scope,
            record=s.record,
            installed_on=s.installed_on,
            first_seen_on=s.first_seen_on,
            last_seen_on=s.last_seen_on,
            stale=s.stale,
        )
        for _, _, s in left[:PAGE]
    ]
    more = (left[PAGE - 1][0], left[PAGE - 1][1]) if len(left) > PAGE else None
    return SoftwarePage(head, tuple(shown), len(rows), more)


def journal_page(
    connection: Connection, scope: Scope, key: str, *, after: tuple[str, int] | None = None
) -> JournalPage | None:
    """Return a page of what changed on the machine."""
    head = machine_head(connection, scope, key)
    if head is None:
        return None
    machine = head.row.entry.machine
    lines = list(reversed(list_changes(connection, machine=machine))) if machine is not None else []
    left = [line for line in lines if after is None or (line.happened_on.isoformat(), line.id) < after]
    shown = left[:PAGE]
    wanted = {line.title for line in shown} | {t for line in shown if (t := line.previous_title) is not None}
    titles = load_titles(connection, wanted)
    rows = tuple(
        (line, titles.get(line.title), titles.get(line.previous_title) if line.previous_title is not None else None)
        for line in shown
    )
    more = (shown[-1].happened_on.isoformat(), shown[-1].id) if len(left) > PAGE else None
    return JournalPage(head, rows, _openings(connection, machine), more)


def _openings(connection: Connection, machine: int | None) -> tuple[tuple[str, date, int], ...]:
    if machine is None:
        return ()
    counted: dict[tuple[str, str], int] = {}
    for line in list_openings(connection, machine=machine):
        key = (line.scope, line.recorded_at[:10])
        counted[key] = counted.get(key, 0) + 1
    return tuple((scope, date.fromisoformat(day), number) for (scope, day), number in sorted(counted.items()))


def coverage_scopes(head: MachineHead) -> tuple[ScopePicture, ...]:
    """Return every scope of the machine with how its last reading went."""
    if head.picture is None:
        return ()
    return tuple(scope for system in head.picture.systems for scope in system.scopes)


def identity_page(connection: Connection, scope: Scope, key: str) -> IdentityPage | None:
    """Return by which evidence documents were joined to the machine."""
    head = machine_head(connection, scope, key)
    if head is None:
        return None
    machine = head.row.entry.machine
    if machine is None:
        return IdentityPage(head, (), (), 0)
    documents = list(reversed(list_documents(connection, machine)))
    clues = clues_of(connection, machine)
    return IdentityPage(
        head, tuple(clues), tuple(documents[:DOCUMENTS_SHOWN]), max(0, len(documents) - DOCUMENTS_SHOWN)
    )


def copy_evidence(
    connection: Connection, scope: Scope, catalogue: Catalogue, key: str, number: int
) -> CopyEvidence | None:
    """Return what one copy of a machine (by its place in the list, from 0) rests on."""
    head = machine_head(connection, scope, key)
    if head is None:
        return None
    found = assignments_of(connection, scope.run.id, [head.row.entry.number])
    assignments = found[0][1] if found else ()
    if not 0 <= number < len(assignments):
        return None
    assignment = assignments[number]
    found_rights = entitlements_of_rows(connection, [assignment.entitlement or 0])
    right = found_rights[0] if found_rights else None
    papers = papers_of_rights(connection, [right]).get(right.id, ()) if right is not None else ()
    titles = load_titles(connection, assignment.copy.titles)
    recogniser = Recogniser(catalogue)
    document = head.seen.last_document if head.seen is not None else None
    return CopyEvidence(
        head=head,
        assignment=assignment,
        right=right,
        papers=papers,
        titles=tuple((id, title, recogniser.recognise(title)) for id, title in titles.items()),
        record=record_of(connection, document, assignment.copy.record, shows_person=head.shows_person),
        document=document,
    )


def record_of(
    connection: Connection, document: str | None, record: str, *, shows_person: bool
) -> tuple[tuple[str, str], ...]:
    """Return a record such as `software[12]` of a kept document, field by field; empty when it has none."""
    if document is None or find_document(connection, document) is None:
        return ()
    plain: Any = json.loads(document_content(connection, document))
    for step in record.replace("]", "").replace("[", ".").split("."):
        if isinstance(plain, dict):
            plain = plain.get(step)
        elif isinstance(plain, list) and step.isdecimal() and int(step) < len(plain):
            plain = plain[int(step)]
        else:
            plain = None
    if not isinstance(plain, dict):
        return ()
    told = [(str(name), str(value)[:_MAX_TEXT]) for name, value in plain.items() if value is not None]
    return tuple((name, value if shows_person else without_user(value)) for name, value in told)

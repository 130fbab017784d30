"""What supervision keeps, held against the trail: one changed byte is found and named.

The trail itself is a hash chain. Each act on a finding stands under one of its entries, by digest; each state of a spot
check, submission or request, and each file that a unit handed in, is named there as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from auditor.errors import StoreError, both
from auditor.proof.digest import sha256_hex
from auditor.store.blobs import get_blob
from auditor.store.cases import Filter, all_events, event_digest, events_subject, list_cases
from auditor.store.database import Connection
from auditor.store.dossiers import SPOT_CHECKS, SUBMISSIONS, dossier_subject, kinds, list_dossiers
from auditor.store.handed_in import list_hand_ins, list_questions
from auditor.store.runs import finding_contents
from auditor.store.upkeep.trail_kept import ProofEntry, proof_entries
from auditor.supervision.kept_forms import digests_kept


def supervision_faults(connection: Connection) -> list[str]:
    """Return everything that does not fit, in both languages; empty when all holds. The chain itself is held elsewhere
    (`store.trail.first_broken_entry`)."""
    try:
        entries = proof_entries(connection)
    except StoreError as error:
        return [str(error)]
    subjects = {(entry.link, entry.subject) for entry in entries}
    return [
        *_events(connection, subjects),
        *_cases(connection),
        *_dossiers(connection, entries),
        *_files(connection, entries),
    ]


def _events(connection: Connection, subjects: set[tuple[str, str]]) -> Iterator[str]:
    """Every act has the digest that it says, and all acts of one entry are there."""
    by_link: defaultdict[str, list[str]] = defaultdict(list)
    numbers: defaultdict[int, int] = defaultdict(int)
    for event in all_events(connection):
        numbers[event.case] += 1
        if event_digest(event) != event.digest or event.number != numbers[event.case]:
            told = both("经过记录被改动", "what was done was changed")
            yield f"finding {event.case} act {event.number}: {told}"
        by_link[event.link].append(event.digest)
    for link, digests in by_link.items():
        if (link, events_subject(digests)) not in subjects:
            yield f"trail {link[:16]}: {both('经过有缺失或增添', 'acts are missing, or were added')}"
    covered = {link for link, subject in subjects if subject.startswith("events ")}
    for link in sorted(covered - by_link.keys()):
        yield f"trail {link[:16]}: {both('经过记录被删除', 'acts were removed')}"


def _cases(connection: Connection) -> Iterator[str]:
    """A finding stands where its last act left it, and shows what the run that saw it last had found."""
    last = {event.case: event.state for event in all_events(connection)}
    cases = list_cases(connection, Filter())
    found = finding_contents(connection, {case.last_run for case in cases if case.last_run is not None})
    for case in cases:
        if last.get(case.id) != case.state:
            yield f"finding {case.id}: {both('状态与经过不符', 'it does not stand where its acts left it')}"
        if case.origin == "audit" and case.content not in found.get(case.last_run or "", frozenset()):
            yield f"finding {case.id}: {both('证据与稽核不符', 'its evidence is not what the audit found')}"


def _dossiers(connection: Connection, entries: Sequence[ProofEntry]) -> Iterator[str]:
    subjects = {entry.subject for entry in entries}
    for kind in kinds():
        for row in list_dossiers(connection, kind):
            if dossier_subject(kind, row) not in subjects:
                yield f"{row['number']}: {both('内容被改动', 'it was changed')}"


def _files(connection: Connection, entries: Sequence[ProofEntry]) -> Iterator[str]:
    """Files by digest: what was drawn and found, what was submitted, what units handed in and answered."""
    digests = {(check["number"], d) for check in list_dossiers(connection, SPOT_CHECKS)
               for d in (check["drawn"], check["result"]) if d}  # fmt: skip
    digests |= set(_forms_of_checks(connection))
    digests |= {(s["number"], d) for s in list_dossiers(connection, SUBMISSIONS) for d in s["files"].values()}
    digests |= {(f"{row.unit} {row.duty} {row.period}", row.digest) for row in list_hand_ins(connection)}
    digests |= {(q.id, d) for q in list_questions(connection) for d in (q.request, q.answer) if d}
    named = " ".join(entry.subject for entry in entries if entry.act == "hand_in.received")
    for name, digest in sorted(digests):
        try:
            if sha256_hex(get_blob(connection, digest)) != digest:
                yield f"{name} {digest[:16]}: {both('文件被改动', 'the file was changed')}"
        except StoreError as error:
            yield f"{name}: {error}"
    for row in list_hand_ins(connection):
        if row.digest not in named:
            told = both("操作日志中没有这次报送", "the trail knows nothing of it")
            yield f"{row.unit} {row.duty} {row.period}: {told}"


def _forms_of_checks(connection: Connection) -> Iterator[tuple[str, str]]:
    """The forms of checks, which the trail knows by the digest of the whole; a broken list is told of by itself."""
    for check in list_dossiers(connection, SPOT_CHECKS):
        if check["result"]:
            try:
                yield from ((check["number"], digest) for digest in digests_kept(connection, check["result"]))
            except StoreError:
                continue

"""Same: a document of an enrolled agent that says what its machine's last one said. It costs a digest.

It is known by its outline and kept as it was sent; what stands of the machine stays, but the moments. Whether that is
so is asked twice: before a transaction, to spare the check, and within it, where nobody can change it any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auditor.core.days import parse_utc, utc_text
from auditor.core.identity import SAME_AGENT_AND_CONTENT
from auditor.core.other_tools import BY_AGENT
from auditor.intake.outline import Outline, outline_of
from auditor.intake.receipt import KEPT, KNOWN, Receipt
from auditor.proof.digest import canonical_json, digest_of
from auditor.store.agents import note_agent_delivered
from auditor.store.blobs import add_blob, put_blob
from auditor.store.bulk import asking
from auditor.store.database import Connection, Store
from auditor.store.inventories import CURRENT, DocumentRow, add_document, find_document
from auditor.store.machines import LastSaid, contents_said, last_said, note_seen_again


@dataclass(frozen=True)
class Same:
    """A document by its outline, and the machine whose last one had the same."""

    machine: int
    outline: Outline


class Waiting(Protocol):
    """What is asked of a document that waits to be kept."""

    @property
    def document(self) -> bytes: ...
    @property
    def sent(self) -> str: ...
    @property
    def agent(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def now(self) -> datetime: ...
    @property
    def packed(self) -> bytes | None: ...
    @property
    def same(self) -> Same | None: ...


def last_content(content_digest: str, *, may_remove: bool) -> str:
    """Return what a machine's row says of the content of its last document."""
    return digest_of([content_digest, may_remove])


def same_as_last(store: Store, document: bytes, agent: str) -> Same | None:
    """Return the machine whose last document by the same agent had this outline; `None` when it has to be checked.

    Raises `Busy`, `StoreError`.
    """
    said = contents_said(asking(store), agent)
    outline = outline_of(document) if said else None
    if outline is None or not _is_moment(outline.collected_at):
        return None
    machine = said.get(last_content(outline.content_digest, may_remove=True))
    return Same(machine, outline) if machine is not None else None


def keep_same(connection: Connection, offered: Waiting) -> Receipt | None:
    """Keep a document that says what the machine's last one said; `None` when that is so no longer, or never was."""
    if offered.same is None or offered.agent is None:
        return None
    known = find_document(connection, offered.sent)
    if known is not None and known.id is not None:
        return Receipt(KNOWN, known.machine, offered.sent, known.id, offered.sent)
    last = last_said(connection, offered.same.machine)
    received_at = utc_text(offered.now)
    collected_at = min(offered.same.outline.collected_at, received_at)
    if last is None or not _still(last, offered) or collected_at < last.last_collected_at:
        return None
    add_blob(connection, "document", offered.document, offered.sent, offered.packed)
    note_agent_delivered(connection, offered.agent, at=received_at)
    number = add_document(connection, _row(connection, offered, offered.same, last, collected_at, received_at))
    note_seen_again(
        connection,
        offered.same.machine,
        last,
        document=offered.sent,
        collected_at=collected_at,
        received_at=received_at,
    )
    return Receipt(KEPT, offered.same.machine, offered.sent, number, offered.sent)


def _still(last: LastSaid, offered: Waiting) -> bool:
    assert offered.same is not None
    content = last_content(offered.same.outline.content_digest, may_remove=True)
    told = last.content_digest, last.agent, last.origin, last.merged_into
    return told == (content, offered.agent, BY_AGENT, None) and offered.unit in (None, last.unit)


def _row(
    connection: Connection, offered: Waiting, same: Same, last: LastSaid, collected_at: str, received_at: str
) -> DocumentRow:
    ahead = int((parse_utc(same.outline.collected_at) - parse_utc(received_at)).total_seconds())
    names = sorted({program.name for program in same.outline.programs})
    return DocumentRow(
        digest=offered.sent,
        machine=same.machine,
        collected_at=collected_at,
        received_at=received_at,
        ahead_seconds=ahead if ahead > 0 else None,
        origin=BY_AGENT,
        agent=offered.agent,
        state=last.state,
        programs=put_blob(connection, "programs", canonical_json(names)),
        standing=CURRENT,
        identified_by=SAME_AGENT_AND_CONTENT,
        facts=last.facts,
    )


def _is_moment(text: str) -> bool:
    try:
        parse_utc(text)
    except ValueError:
        return False
    return True

"""Documents: every inventory as it was kept, where it stands, and every one that was refused, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from auditor.store.blobs import get_blob
from auditor.store.bulk import bulk, insertion_with_id, query
from auditor.store.tables import documents, refused_documents

CURRENT, HISTORY, HELD = "current", "history", "held"
BY_AGENT = "agent"
"""Origin of what an enrolled agent signed."""
_CHUNK = 400


@dataclass(frozen=True)
class DocumentRow:
    """One kept document without its content; `id` is `None` before it is kept."""

    digest: str
    machine: int
    collected_at: str
    received_at: str
    ahead_seconds: int | None
    origin: str
    agent: str | None
    state: str
    programs: str
    standing: str
    identified_by: str
    facts: str | None = None
    id: int | None = None


_COLUMNS = tuple(field.name for field in fields(DocumentRow))  # the number last
_OF_DIGEST = query(
    select(*(documents.c[name] for name in _COLUMNS)).where(documents.c.digest == bindparam("wanted")), "wanted"
)
_ADD = insertion_with_id(documents, *_COLUMNS[:-1])


@dataclass(frozen=True)
class RefusedDocument:
    """One document that was not taken, and why."""

    digest: str
    received_at: str
    origin: str
    why: str
    size_bytes: int


def find_document(connection: Connection, digest: str) -> DocumentRow | None:
    """Return the document of a digest, `None` when it was never kept."""
    row = bulk(connection).one(_OF_DIGEST, digest)
    return DocumentRow(*row) if row is not None else None


def document_before(connection: Connection, machine: int, collected_at: str) -> DocumentRow | None:
    """Return the machine's last document collected at or before a moment."""
    chosen = select(documents).where(documents.c.machine == machine, documents.c.collected_at <= collected_at)
    return _one(connection, chosen.order_by(documents.c.collected_at.desc(), documents.c.id.desc()).limit(1))


def document_after(connection: Connection, machine: int, collected_at: str) -> DocumentRow | None:
    """Return the machine's first document collected after a moment."""
    chosen = select(documents).where(documents.c.machine == machine, documents.c.collected_at > collected_at)
    return _one(connection, chosen.order_by(documents.c.collected_at, documents.c.id).limit(1))


def list_documents(connection: Connection, machine: int | None = None) -> Sequence[DocumentRow]:
    """Return the documents of one machine or of all, by machine and collected_at."""
    chosen = select(documents).order_by(documents.c.machine, documents.c.collected_at, documents.c.id)
    if machine is not None:
        chosen = chosen.where(documents.c.machine == machine)
    return [DocumentRow(**row) for row in connection.execute(chosen).mappings()]


def documents_until(connection: Connection, moment: str) -> frozenset[str]:
    """Return the digests of the documents collected up to a moment."""
    chosen = select(documents.c.digest).where(documents.c.collected_at <= moment)
    return frozenset(connection.execute(chosen).scalars())


def count_documents(connection: Connection) -> int:
    """Return how many documents are kept."""
    return int(connection.execute(select(func.count()).select_from(documents)).scalar_one())


def add_document(connection: Connection, row: DocumentRow) -> int:
    """Keep a document and return its number; its content is a blob of the same digest."""
    (added,) = bulk(connection).rows(_ADD, *(getattr(row, name) for name in _COLUMNS[:-1]))
    return int(added[0])


def document_content(connection: Connection, digest: str) -> bytes:
    """Return the JSON of a kept document. Raises `StoreError`."""
    return get_blob(connection, digest)


def trusted_documents(connection: Connection, digests: Iterable[str]) -> frozenset[str]:
    """Return those of the documents that an enrolled agent signed."""
    wanted, found = sorted(digests), set[str]()
    for start in range(0, len(wanted), _CHUNK):
        chosen = select(documents.c.digest).where(
            documents.c.digest.in_(wanted[start : start + _CHUNK]), documents.c.origin == BY_AGENT
        )
        found |= set(connection.execute(chosen).scalars())
    return frozenset(found)


def add_refused(connection: Connection, refused: RefusedDocument) -> None:
    """Record a refusal."""
    connection.execute(refused_documents.insert().values(asdict(refused)))


def is_refused(connection: Connection, refused: RefusedDocument) -> bool:
    """Whether the same bytes were refused for the same reason before: sent again, they need no second line."""
    table = refused_documents
    same = select(table.c.id).where(table.c.digest == refused.digest, table.c.why == refused.why)
    return connection.execute(same.limit(1)).first() is not None


def list_refused(connection: Connection) -> Sequence[RefusedDocument]:
    """Return every refusal, oldest first."""
    names = ("digest", "received_at", "origin", "why", "size_bytes")
    chosen = select(*(refused_documents.c[name] for name in names)).order_by(refused_documents.c.id)
    return [RefusedDocument(**row) for row in connection.execute(chosen).mappings()]


def _one(connection: Connection, chosen: Select[Any]) -> DocumentRow | None:
    row = connection.execute(chosen).mappings().first()
    return DocumentRow(**row) if row is not None else None

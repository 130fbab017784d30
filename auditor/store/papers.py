"""Papers: contracts, certificates, invoices, kept by digest and linked to what they prove.

A file is kept once, whatever its name. A link that is taken away stays with the moment, so history forgets nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, select

from auditor.core.entitlement import Entitlement
from auditor.errors import AuditorError, both
from auditor.store.blobs import get_blob, put_blob
from auditor.store.tables import paper_links, papers
from auditor.store.trail import append_trail

SUBJECTS = ("right", "contract", "transfer", "disposal", "exemption", "finding")
SHOWN_DIGITS = 12


@dataclass(frozen=True)
class Subject:
    """What a paper proves: a right by unit and 软件编号, a contract by its number, an act by its number, a finding."""

    kind: str
    code: str
    unit: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.unit}/{self.code}" if self.unit else f"{self.kind} {self.code}"


@dataclass(frozen=True)
class Paper:
    """One file."""

    digest: str
    media_type: str
    size_bytes: int
    file_name: str
    kind: str
    number: str | None
    remarks: str | None
    added_at: str
    added_by: str | None


@dataclass(frozen=True)
class PaperLink:
    """One paper that proves one thing; `unlinked_at` when it does no longer."""

    paper: str
    subject: Subject
    linked_at: str
    linked_by: str | None = None
    unlinked_at: str | None = None
    unlinked_by: str | None = None


def add_paper(
    connection: Connection,
    content: bytes,
    *,
    media_type: str,
    file_name: str,
    kind: str,
    number: str | None,
    remarks: str | None,
    now: str,
    by: str | None,
) -> tuple[Paper, bool]:
    """Keep a file that was checked; return it, and whether it is new. A file that is there keeps its first name."""
    digest = put_blob(connection, "paper", content)
    found = connection.execute(select(papers).where(papers.c.digest == digest)).mappings().first()
    if found is not None:
        return Paper(**found), False
    paper = Paper(digest, media_type, len(content), file_name, kind, number, remarks, now, by)
    connection.execute(papers.insert().values(vars(paper)))
    append_trail(connection, at=now, act="paper.added", subject=digest)
    return paper, True


def find_paper(connection: Connection, beginning: str) -> Paper:
    """Return the paper whose digest begins so, or that bears the number. Raises `AuditorError` for none or several."""
    chosen = select(papers).where(papers.c.digest.startswith(beginning.casefold(), autoescape=True))
    found = [Paper(**row) for row in connection.execute(chosen.limit(2)).mappings()] if len(beginning) >= 4 else []
    if not found:
        found = [Paper(**r) for r in connection.execute(select(papers).where(papers.c.number == beginning)).mappings()]
    if len(found) == 1:
        return found[0]
    zh = "没有这份凭证" if not found else "有多份凭证，请多写几位摘要"
    en = "no such paper; expected the beginning of a digest, or a number" if not found else "more than one paper"
    raise AuditorError(f"{beginning}: {both(zh, en)}")


def list_papers(connection: Connection) -> list[Paper]:
    """Return every paper, oldest first."""
    chosen = select(papers).order_by(papers.c.added_at, papers.c.digest)
    return [Paper(**row) for row in connection.execute(chosen).mappings()]


def paper_content(connection: Connection, digest: str) -> bytes:
    """Return the file itself. Raises `StoreError` when it is damaged."""
    return get_blob(connection, digest)


def link_paper(connection: Connection, digest: str, subject: Subject, *, now: str, by: str | None) -> bool:
    """Let a paper prove something; return whether it did not before."""
    if any(link.subject == subject for link in links_of(connection, paper=digest)):
        return False
    row = {"paper": digest, "subject": subject.kind, "unit": subject.unit, "code": subject.code, "linked_at": now,
           "linked_by": by}  # fmt: skip
    connection.execute(paper_links.insert().values(row))
    append_trail(connection, at=now, act="paper.linked", subject=f"{digest} {subject.kind}")
    return True


def unlink_paper(connection: Connection, digest: str, subject: Subject, *, now: str, by: str | None) -> None:
    """Let a paper no longer prove something. Raises `AuditorError` when it does not."""
    chosen = paper_links.update().where(_standing(), paper_links.c.paper == digest, _is(subject))
    if connection.execute(chosen.values(unlinked_at=now, unlinked_by=by)).rowcount == 0:
        told = both("没有关联到该凭证", "the paper is not linked to it")
        raise AuditorError(f"{digest[:SHOWN_DIGITS]} {subject}: {told}")
    append_trail(connection, at=now, act="paper.unlinked", subject=f"{digest} {subject.kind}")


def links_of(
    connection: Connection, *, paper: str | None = None, subject: Subject | None = None, with_ended: bool = False
) -> list[PaperLink]:
    """Return the links of a paper, to a subject, or all, in the order in which they were made."""
    chosen = select(paper_links).order_by(paper_links.c.id)
    if not with_ended:
        chosen = chosen.where(_standing())
    if paper is not None:
        chosen = chosen.where(paper_links.c.paper == paper)
    if subject is not None:
        chosen = chosen.where(_is(subject))
    return [
        PaperLink(
            row["paper"],
            Subject(row["subject"], row["code"], row["unit"]),
            row["linked_at"],
            row["linked_by"],
            row["unlinked_at"],
            row["unlinked_by"],
        )
        for row in connection.execute(chosen).mappings()
    ]


def papers_of_rights(connection: Connection, rights: Iterable[Entitlement]) -> dict[int, tuple[str, ...]]:
    """Return the digests of the papers that prove each right: linked to its 软件编号, or to its contract."""
    by_subject: defaultdict[Subject, list[str]] = defaultdict(list)
    for link in links_of(connection):
        by_subject[link.subject].append(link.paper)
    found = {}
    for right in rights:
        subjects = [Subject("right", right.code, right.unit)]
        if right.contract:
            subjects += [Subject("contract", right.contract, right.unit), Subject("contract", right.contract)]
        proved = dict.fromkeys(digest for subject in subjects for digest in by_subject.get(subject, ()))
        if proved:
            found[right.id] = tuple(proved)
    return found


def with_papers(connection: Connection, rights: Sequence[Entitlement]) -> list[Entitlement]:
    """Return the rights, a kept file in the place of the 授权凭证编号 that the ledger lacks."""
    proved = papers_of_rights(connection, rights)
    return [
        right if right.paper or right.id not in proved else replace(right, paper=_told(proved[right.id]))
        for right in rights
    ]


def _told(digests: Sequence[str]) -> str:
    return "、".join(digest[:SHOWN_DIGITS] for digest in digests)


def _standing() -> Any:
    return paper_links.c.unlinked_at.is_(None)


def _is(subject: Subject) -> Any:
    unit = paper_links.c.unit.is_(None) if subject.unit is None else paper_links.c.unit == subject.unit
    return and_(paper_links.c.subject == subject.kind, paper_links.c.code == subject.code, unit)

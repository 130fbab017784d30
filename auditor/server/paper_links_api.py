"""Papers for programmes: what is kept, what each proves, the rights that none proves.

They do what `zhengban papers` does, by the same functions, within the units of the account.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody

from auditor.console.viewer import Act, Viewer
from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.server.console_state import Console
from auditor.server.in_sight import seen_by
from auditor.server.public_api import store_of
from auditor.server.signin import requires
from auditor.store.database import Connection
from auditor.store.entitlements import list_entitlements
from auditor.store.paper_subjects import is_registered
from auditor.store.papers import (
    Subject,
    find_paper,
    link_paper,
    links_of,
    list_papers,
    paper_content,
    unlink_paper,
    with_papers,
)

AnyRequest = Request[Any, Any, Any]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Kind = Literal["right", "contract", "transfer", "disposal", "exemption", "finding"]
_MEDIA = "application/octet-stream"


class LinkAsked(msgspec.Struct):
    """What a paper proves: a right by unit and 软件编号, a contract by its number, an act or a finding by its own."""

    kind: Kind
    code: Name
    unit: Name | None = None


class PaperTold(msgspec.Struct):
    """A paper that is kept, and what it proves."""

    digest: str
    kind: str
    number: str | None
    file_name: str
    media_type: str
    size_bytes: int
    added_at: str
    links: list[str]


@get("/api/v1/papers", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def papers(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[PaperTold]:
    """Papers that prove something of the account's units; to whoever sees everything also those that prove nothing."""
    with store_of(request).read() as connection:
        seen = seen_by(connection, viewer)
        links: dict[str, list[Subject]] = {}
        for link in links_of(connection):
            links.setdefault(link.paper, []).append(link.subject)
        kept = list_papers(connection)
    return [
        PaperTold(
            paper.digest, paper.kind, paper.number, paper.file_name, paper.media_type, paper.size_bytes,
            paper.added_at, [str(one) for one in links.get(paper.digest, ())],
        )
        for paper in kept
        if seen is None or {one.unit for one in links.get(paper.digest, ())} & seen
    ]  # fmt: skip


@get("/api/v1/papers/missing", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def papers_missing(
    request: AnyRequest, viewer: NamedDependency[Viewer], as_of: FromQuery[date | None] = None
) -> list[dict[str, str | None]]:
    """有授权无凭证: rights that no paper proves, neither a number in the ledger nor a file."""
    console: Console = request.app.state.console
    with store_of(request).read() as connection:
        seen = seen_by(connection, viewer)
        rights = with_papers(connection, list_entitlements(connection, as_of or console.today()))
    return [
        {"unit": right.unit, "code": right.code, "name": right.name, "contract": right.contract}
        for right in rights
        if right.lacks_paper and (seen is None or right.unit in seen)
    ]


@get("/api/v1/papers/{digest:str}/file", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def paper_file(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Response[bytes]:
    """The file as it came."""
    with store_of(request).read() as connection:
        _must_see_paper(viewer, connection, digest)
        found = find_paper(connection, digest)
        content = paper_content(connection, found.digest)
    return Response(content, media_type=_MEDIA, headers={"Content-Disposition": "attachment"})


@post("/api/v1/papers/{digest:str}/link", guards=[requires(Act.EDIT_LEDGER)], status_code=204, sync_to_thread=True)
def link(
    request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str], data: JSONBody[LinkAsked]
) -> None:
    """Let a paper prove something of the account's units."""
    with store_of(request).begin() as connection:
        _must_see_paper(viewer, connection, digest)
        subject = _subject(viewer, connection, data)
        link_paper(connection, digest, subject, now=utc_text(datetime.now(UTC)), by=viewer.name)


@post("/api/v1/papers/{digest:str}/unlink", guards=[requires(Act.EDIT_LEDGER)], status_code=204, sync_to_thread=True)
def unlink(
    request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str], data: JSONBody[LinkAsked]
) -> None:
    """Let a paper no longer prove something; that it did stays in the history."""
    with store_of(request).begin() as connection:
        _must_see_paper(viewer, connection, digest)
        subject = _subject(viewer, connection, data)
        unlink_paper(connection, digest, subject, now=utc_text(datetime.now(UTC)), by=viewer.name)


PAPER_LINK_API = (papers, papers_missing, paper_file, link, unlink)


def _must_see_paper(viewer: Viewer, connection: Connection, digest: str) -> None:
    """A paper is fetched by its whole digest; one that proves nothing yet only by whoever sees everything."""
    seen = seen_by(connection, viewer)
    is_there = any(paper.digest == digest for paper in list_papers(connection))
    units = {one.subject.unit for one in links_of(connection, paper=digest)} if is_there else set()
    if not is_there or (seen is not None and not units & seen):
        raise NotFoundException(both("没有这份凭证", "no such paper"))


def _subject(viewer: Viewer, connection: Connection, asked: LinkAsked) -> Subject:
    seen = seen_by(connection, viewer)
    if seen is not None and (asked.unit is None or asked.unit not in seen):
        raise PermissionDeniedException(both("不在本账号的单位范围内", "expected a unit that the account may edit"))
    subject = Subject(asked.kind, asked.code, asked.unit)
    if not is_registered(connection, subject):
        raise AuditorError(f"{subject}: {both('没有登记', 'is not registered')}")
    return subject

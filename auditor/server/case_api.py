"""Findings from audit to audit, for programmes: listed, looked at, acted on as in the console."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.keys import key_parts, key_text
from auditor.console.viewer import Act, Viewer, sees_person, sees_unit
from auditor.core.case import CaseState
from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.intake.registers.papers import check_paper
from auditor.letters.notice import release_overdue_list
from auditor.readmodels.cases import history_rows
from auditor.readmodels.screens.findings import without_user
from auditor.server.in_sight import sees_of
from auditor.server.public_api import parents_of, store_of, units_seen
from auditor.server.signin import requires
from auditor.store.cases import Case, Filter, events_of, find_case, list_cases, urgency_key
from auditor.store.database import Connection
from auditor.store.papers import Subject, add_paper, links_of
from auditor.supervision.acting import BY_PERSONS, Said, act_on, possible, unchanged
from auditor.supervision.bulk_acts import find_bulk, list_bulk, undo_bulk
from auditor.supervision.escalation import overdue_units
from auditor.supervision.rectification import Actor, attach
from auditor.supervision.states import Doing
from reports.clean_text import clean

AnyRequest = Request[Any, Any, Any]
MOST_AT_ONCE = 10_000
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_PAPER = 32 * 1024 * 1024
"""A paper of the largest size as base64, in bytes."""
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Parents = dict[str, str | None]


class CaseTold(msgspec.Struct):
    """A finding as it stands: a suspicion that a person has to confirm. `after` leads to the rest of the list."""

    id: int
    code: str
    severity: str
    state: str
    unit: str | None
    product: str | None
    machine: str | None
    owner: str | None
    due_on: str | None
    notice: str | None
    excepted_until: str | None
    seen_on: str
    version: int
    after: str


class EvidenceTold(msgspec.Struct):
    """One line of a machine's own words; the name of a person's folder only to whom it is shown."""

    machine: str
    words: str
    record: str
    document: str | None
    rule: str


class EventTold(msgspec.Struct):
    """One act."""

    number: int
    at: str
    by: str
    act: str
    state: str
    told: str


class OneCaseTold(msgspec.Struct):
    """A finding with its evidence, papers by digest, history, and the acts that are possible now."""

    case: CaseTold
    evidence: list[EvidenceTold]
    papers: list[str]
    history: list[EventTold]
    possible: list[str]


class CaseActAsked(msgspec.Struct):
    """Findings by number with the version that was looked at, an act, and what is said of it."""

    act: str
    cases: Annotated[dict[str, int], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
    """Number → version."""
    text: Text = ""
    owner: Short | None = None
    due_on: date | None = None
    paper: Short | None = None
    approver: Short = ""
    until: date | None = None


class BulkTold(msgspec.Struct):
    """An act on several findings at once. `digest` is its name."""

    digest: str
    act: str
    at: str
    by: str | None
    count: int
    undone_at: str | None


class LateTold(msgspec.Struct):
    """How late a unit is."""

    unit: str
    overdue: int
    open: int
    oldest: date


class UndoAsked(msgspec.Struct):
    """How many findings the act was on: said again, so that nobody takes back what was not looked at."""

    count: int


class PaperAsked(msgspec.Struct):
    """A paper to lay beside a finding: PDF, JPEG or OFD of at most 20 MB. `content`: base64."""

    file_name: Short
    content: bytes
    version: int


@get("/api/v1/cases", guards=[requires(Act.READ)], sync_to_thread=True)
def cases(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    standing: FromQuery[Annotated[str, Parameter(max_length=40, description="state of a finding")]] = "",
    severity: FromQuery[Annotated[str, Parameter(max_length=20)]] = "",
    text: FromQuery[Annotated[str, Parameter(max_length=100)]] = "",
    after: FromQuery[Annotated[str, Parameter(max_length=60)]] = "",
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=500)]] = 100,
) -> list[CaseTold]:
    """Findings of the units that the account sees, the gravest and most urgent first."""
    with store_of(request).read() as connection:
        parents = parents_of(connection)
        seen = units_seen(viewer, parents)
        units = tuple(sorted(seen)) if seen is not None else None
        wanted = Filter(
            states=(standing,) if standing else (), units=units, severity=severity or None, text=text.strip() or None
        )
        place: Any = key_parts(after, (int, str, int))
        found = list_cases(connection, wanted, limit=limit, after=place)
    return [_told(case) for case in found]


@get("/api/v1/cases/{number:int}", guards=[requires(Act.READ)], sync_to_thread=True)
def case(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> OneCaseTold:
    """One finding."""
    with store_of(request).read() as connection:
        parents = parents_of(connection)
        found = _case(connection, viewer, parents, number)
        events = history_rows(events_of(connection, found.id), viewer.language)
        papers = [link.paper for link in links_of(connection, subject=Subject("finding", found.key))]
    personal = sees_person(viewer, found.unit, parents)
    lines = found.finding.evidence
    evidence = [
        EvidenceTold(e.machine, e.words if personal else without_user(e.words), e.record, e.document, e.rule)
        for e in lines[:500]
    ]
    history = [EventTold(e["number"], e["at"], e["by"], e["doing"], e["state"], e["told"]) for e in events]
    return OneCaseTold(
        _told(found), evidence, papers, history, [doing.value for doing in possible(CaseState(found.state))]
    )


@post("/api/v1/cases/acts", guards=[requires(Act.DECIDE_FINDINGS)], status_code=200, sync_to_thread=True)
def act(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[CaseActAsked]) -> list[CaseTold]:
    """Carry one act out on findings, all or none. 409 when somebody else acted on one since it was looked at."""
    if data.act not in {doing.value for doing in BY_PERSONS}:
        told = ", ".join(doing.value for doing in BY_PERSONS)
        raise AuditorError(f"act: {both(f'应为 {told} 之一', f'expected one of {told}')}")
    settings = request.app.state.console.settings
    now = datetime.now(UTC)
    said = Said(data.text, data.owner, data.due_on, data.paper, data.approver, data.until)
    with store_of(request).begin() as connection:
        parents = parents_of(connection)
        chosen = [_case(connection, viewer, parents, int(n) if n.isdecimal() else 0) for n in data.cases]
        try:
            chosen = [unchanged(each, version) for each, version in zip(chosen, data.cases.values(), strict=True)]
        except AuditorError as error:
            raise HTTPException(status_code=409, detail=str(error)) from error
        done = act_on(
            connection, Doing(data.act), chosen, said, actor=Actor(viewer.name), at=utc_text(now),
            today=now.astimezone(settings.zone).date(), longest_days=settings.whole("exception_days"),
        )  # fmt: skip
    return [_told(each) for each in done]


@get("/api/v1/cases/bulk-acts", guards=[requires(Act.DECIDE_FINDINGS)], sync_to_thread=True)
def bulk_acts(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[BulkTold]:
    """Acts on several findings at once, the newest first; each can be taken back whole."""
    with store_of(request).read() as connection:
        found = list_bulk(connection, sees_of(connection, viewer))
    return [BulkTold(row.digest, row.act, row.at, row.by, row.count, row.undone_at) for row in found]


@post(
    "/api/v1/cases/bulk-acts/{digest:str}/undo", guards=[requires(Act.DECIDE_FINDINGS)], status_code=200,
    sync_to_thread=True,
)  # fmt: skip
def undo(
    request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str], data: JSONBody[UndoAsked]
) -> list[CaseTold]:
    """Take an act on many back, for all findings or for none. 409 when their number is not the one that is told."""
    with store_of(request).begin() as connection:
        sees = sees_of(connection, viewer)
        try:
            found = find_bulk(connection, digest, sees)
        except AuditorError as error:
            raise NotFoundException(str(error)) from error
        if found.count != data.count:
            told = both(f"共 {found.count} 项", f"it was an act on {found.count}")
            raise HTTPException(status_code=409, detail=told)
        done = undo_bulk(connection, found, sees, actor=Actor(viewer.name), at=utc_text(datetime.now(UTC)))
    return [_told(each) for each in done]


@post(
    "/api/v1/cases/{number:int}/papers", guards=[requires(Act.DECIDE_FINDINGS)], status_code=201, sync_to_thread=True,
    request_max_body_size=MOST_PAPER,
)  # fmt: skip
def keep_paper(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int], data: JSONBody[PaperAsked]
) -> dict[str, str]:
    """Keep a paper and lay it beside a finding: `{"digest"}`, by which `closed` names it. 409 for another version."""
    name = clean(data.file_name).replace("\\", "/").rpartition("/")[2]
    media, at = check_paper(data.content, name).media_type, utc_text(datetime.now(UTC))
    with store_of(request).begin() as connection:
        found = _case(connection, viewer, parents_of(connection), number)
        try:
            unchanged(found, data.version)
        except AuditorError as error:
            raise HTTPException(status_code=409, detail=str(error)) from error
        kept, _ = add_paper(
            connection, data.content, media_type=media, file_name=name, kind="finding", number=None, remarks=None,
            now=at, by=viewer.name,
        )  # fmt: skip
        attach(connection, [found], actor=Actor(viewer.name), at=at, paper=kept.digest)
    return {"digest": kept.digest}


@get("/api/v1/cases/overdue-units", guards=[requires(Act.READ)], sync_to_thread=True)
def late_units(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[LateTold]:
    """Units in sight that are late with findings, the most first: counts alone."""
    on = request.app.state.console.today()
    with store_of(request).read() as connection:
        sees = sees_of(connection, viewer)
        found = [row for row in overdue_units(connection, on) if sees(row.unit)]
    return [LateTold(row.unit, row.overdue, row.open, row.oldest) for row in found]


@post("/api/v1/cases/overdue-list", guards=[requires(Act.DECIDE_FINDINGS)], status_code=200, sync_to_thread=True)
def release(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    language: FromQuery[Annotated[str, Parameter(pattern="^(zh_CN|en)$")]] = "zh_CN",
) -> Response[bytes]:
    """Release 未按期整改单位名单 of the units in sight, in the name of the account: a DOCX."""
    console = request.app.state.console
    with store_of(request).begin() as connection:
        content = release_overdue_list(
            connection, console.settings, on=console.today(), released_by=viewer.name, language=language,
            at=utc_text(datetime.now(UTC)), sees=sees_of(connection, viewer),
        )  # fmt: skip
    return Response(content, media_type=DOCX, headers={"Content-Disposition": "attachment"})


CASE_API = (cases, case, act, bulk_acts, undo, keep_paper, late_units, release)


def _case(connection: Connection, viewer: Viewer, parents: Parents, number: int) -> Case:
    """Raises `NotFoundException` for one that is not there, or not for this account: which of both is not told."""
    missing = NotFoundException(both("没有这个问题项", "no such finding"))
    if not 0 < number < 2**53:
        raise missing
    try:
        found = find_case(connection, str(number))
    except AuditorError as error:
        raise missing from error
    if not sees_unit(viewer, found.unit, parents):
        raise missing
    return found


def _told(case: Case) -> CaseTold:
    return CaseTold(
        case.id, case.code, case.severity, case.state, case.unit, case.product, case.machine, case.owner, case.due_on,
        case.notice, case.excepted_until, case.seen_on, case.version, key_text(urgency_key(case)) or "",
    )  # fmt: skip

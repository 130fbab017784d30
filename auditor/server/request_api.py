"""Requests for programmes: asked, taken step by step, tied to the journal, printed as their forms."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.viewer import Act, Viewer, sees_person
from auditor.errors import AuditorError, both
from auditor.server.console_state import Console
from auditor.server.in_sight import must_be_as_seen, sees_of, there
from auditor.server.public_api import parents_of, store_of
from auditor.server.request_acts import request_seen, requests_seen, seen_in_journal
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_request_forms
from auditor.store.dossiers import Dossier
from auditor.store.run_index import is_indexed
from auditor.store.runs import get_run, newest_run
from auditor.supervision.rectification import Actor
from auditor.supervision.requests import DEMAND, INSTALLATION, REJECTED, advance, apply, next_step

AnyRequest = Request[Any, Any, Any]
READS = [requires(Act.READ)]
ASKS = [requires(Act.REQUEST)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Format = Literal["xlsx", "docx", "pdf", "html", "csv", "json"]


class LineAsked(msgspec.Struct):
    """One piece of software of a demand. `domestic`: 是否国产, `null` as the catalogue has it."""

    name: Short
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    type: Short = ""
    purpose: Short = ""
    functions: Short = ""
    domestic: bool | None = None
    remarks: Short = ""


class DemandAsked(msgspec.Struct):
    """A demand of a department. `applicant`: the account's name unless told."""

    unit: Short
    department: Short
    lines: Annotated[list[LineAsked], msgspec.Meta(min_length=1, max_length=200)]
    applicant: Short = ""
    phone: Short = ""


class InstallationAsked(msgspec.Struct):
    """An installation, removal or upgrade on one computer."""

    unit: Short
    department: Short
    computer: Short
    software: Short
    reason: Text
    kind: Literal["install", "remove", "upgrade"] = "install"
    applicant: Short = ""
    existing: Short = ""
    person: Short = ""


class StepAsked(msgspec.Struct):
    """The step that is due, or `rejected`; who does it, and the version that was looked at."""

    step: Short
    version: int
    name: Short = ""
    on: date | None = None
    opinion: Text = ""
    codes: Annotated[list[Short], msgspec.Meta(max_length=100)] = []


class RequestTold(msgspec.Struct):
    """A request. `due` is the next step, `null` for a settled one; names of users only to whom they are shown."""

    number: str
    kind: str
    unit: str
    state: str
    due: str | None
    content: dict[str, Any]
    steps: list[dict[str, Any]]
    version: int


class SeenTold(msgspec.Struct):
    """The line of the journal that shows it carried out."""

    on: date
    kind: str
    product: str
    document: str
    machine: str


class OneRequestTold(msgspec.Struct):
    """A request with the line of the journal that it is tied to."""

    request: RequestTold
    seen: SeenTold | None


class PrintAsked(msgspec.Struct):
    """Formats of the forms; none: DOCX."""

    formats: Annotated[list[Format], msgspec.Meta(max_length=6)] = []
    run: Short = "latest"
    language: Literal["zh_CN", "en"] = "zh_CN"


class PrintTold(msgspec.Struct):
    """The task that prints; ask for it at `tasks/{id}`."""

    id: int


@get("/api/v1/requests", guards=READS, sync_to_thread=True)
def requests(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    kind: FromQuery[Annotated[str, Parameter(max_length=20)]] = "",
    standing: FromQuery[Annotated[str, Parameter(max_length=20, description="a state, or `open`")]] = "",
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=500)]] = 100,
) -> list[RequestTold]:
    """Requests of the units in sight, the newest first."""
    with store_of(request).read() as connection:
        parents = parents_of(connection)
        found = requests_seen(connection, sees_of(connection, viewer), kind=kind, state=standing)[:limit]
    return [_told(row, sees_person(viewer, row["unit"], parents)) for row in found]


@post("/api/v1/requests/demands", guards=ASKS, status_code=201, sync_to_thread=True)
def demand(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[DemandAsked]) -> RequestTold:
    """Ask for software."""
    return _apply(request, viewer, DEMAND, data)


@post("/api/v1/requests/installations", guards=ASKS, status_code=201, sync_to_thread=True)
def installation(
    request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[InstallationAsked]
) -> RequestTold:
    """Ask for an installation, removal or upgrade."""
    return _apply(request, viewer, INSTALLATION, data)


@get("/api/v1/requests/{number:str}", guards=READS, sync_to_thread=True)
def one_request(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> OneRequestTold:
    """One request."""
    console: Console = request.app.state.console
    catalogue = console.catalogue()
    with store_of(request).read() as connection, there():
        row = request_seen(connection, number, sees_of(connection, viewer))
        run = newest_run(connection)
        known = run is not None and is_indexed(connection, run.id)
        seen = seen_in_journal(connection, row, catalogue, run.id) if run is not None and known else None
        told = _told(row, sees_person(viewer, row["unit"], parents_of(connection)))
    return OneRequestTold(
        told, SeenTold(seen.on, seen.kind, seen.product, seen.document, seen.machine) if seen is not None else None
    )


@post("/api/v1/requests/{number:str}/steps", guards=ASKS, status_code=200, sync_to_thread=True)
def step_on(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[StepAsked]
) -> RequestTold:
    """Take a request one step on, or refuse it with the reason. 409 for another version."""
    console: Console = request.app.state.console
    name, on = data.name.strip() or viewer.name, data.on or console.today()
    told: dict[str, Any] = {"opinion": data.opinion} if data.opinion.strip() else {}
    told |= {"codes": data.codes} if data.codes else {}
    told |= {"entered_by": viewer.name} if name != viewer.name else {}
    if data.step == REJECTED and "opinion" not in told:
        raise AuditorError(both("不同意应说明理由", "a refusal says why"))
    if on > console.today():
        raise AuditorError(f"{on}: {both('不能晚于今天', 'expected a day not after today')}")
    with store_of(request).begin() as connection, there():
        row = request_seen(connection, number, sees_of(connection, viewer))
        must_be_as_seen(row, data.version)
        after = advance(connection, row, data.step, name=name, on=on, at=console.now(), told=told)
        return _told(after, sees_person(viewer, after["unit"], parents_of(connection)))


@post("/api/v1/requests/{number:str}/print", guards=[requires(Act.PRINT)], status_code=202, sync_to_thread=True)
def print_request(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[PrintAsked]
) -> PrintTold:
    """Begin to print a request as its forms; the files are told by the task."""
    with store_of(request).read() as connection, there():
        request_seen(connection, number, sees_of(connection, viewer))
        run = get_run(connection, data.run).id
    job = begin_request_forms(
        request.app.state.console_jobs, request.app.state.console, viewer, number, run=run,
        formats=data.formats or ("docx",), language=data.language,
    )  # fmt: skip
    return PrintTold(job)


REQUEST_API = (requests, demand, installation, one_request, step_on, print_request)


def _apply(request: AnyRequest, viewer: Viewer, kind: str, data: DemandAsked | InstallationAsked) -> RequestTold:
    console: Console = request.app.state.console
    content: dict[str, Any] = msgspec.to_builtins(data)
    content["applicant"] = content["applicant"].strip() or viewer.name
    with store_of(request).begin() as connection:
        if not sees_of(connection, viewer)(data.unit):
            raise NotFoundException(both("没有这个单位", "no such unit"))
        done = apply(connection, kind, content, on=console.today(), actor=Actor(content["applicant"]), at=console.now())
        return _told(done, sees_person(viewer, done["unit"], parents_of(connection)))


def _told(row: Dossier, shows: bool) -> RequestTold:
    content = dict(row["content"])
    if not shows:
        content.pop("person", None)
    return RequestTold(
        row["number"], row["kind"], row["unit"], row["state"], next_step(row), content, list(row["steps"]),
        row["version"],
    )  # fmt: skip

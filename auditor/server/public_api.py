"""The interface for programmes: what the command line reads of the store, and the acts that a token may do.

Every address lies under /api/v1, takes the token of an account (or a session with its CSRF word) and answers JSON.
Lists are pages: `after` of one answer is asked for the next. What an account may not see is not listed; a name of a
person is told to whom the console tells it. The description in OpenAPI 3.1 is at /api/v1/openapi/openapi.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.viewer import EVERYWHERE, Act, Viewer, sees_person, sees_unit, visible_units
from auditor.core.days import utc_text
from auditor.errors import both
from auditor.intake.enrolment import issue_token
from auditor.intake.enrolment import revoke as revoke_agent
from auditor.server.console_jobs import Jobs
from auditor.server.signin import requires
from auditor.store.accounts import list_accounts
from auditor.store.agents import list_agents
from auditor.store.console_jobs import find_job
from auditor.store.database import Connection, Store
from auditor.store.entitlements import LedgerFilter, entitlements_after
from auditor.store.machine_register import registered_after
from auditor.store.run_index import FindingFilter, page_of_findings
from auditor.store.runs import get_run, list_issued, list_runs, run_manifest
from auditor.store.trail import list_trail
from auditor.store.units import list_units

AnyRequest = Request[Any, Any, Any]
MOST = 500
After = Annotated[int, Parameter(ge=0, le=2**53, description="go on after this number")]
Limit = Annotated[int, Parameter(ge=1, le=MOST, description="most entries of one answer")]
Text = Annotated[str, msgspec.Meta(max_length=200)]


class UnitTold(msgspec.Struct):
    """A unit in force today."""

    code: str
    name: str
    parent: str | None
    kind: str
    headcount: int | None


class MachineTold(msgspec.Struct):
    """A registered machine in force today; the host name only to whoever may see names of people."""

    code: str
    unit: str
    machine_class: str
    state: str
    brand: str | None
    host_name: str | None


class LicenceTold(msgspec.Struct):
    """A row of the ledger in force today; serial numbers are masked and not told here."""

    row: int
    unit: str
    code: str
    name: str
    product: str | None
    metric: str
    quantity: int | None


class RunTold(msgspec.Struct):
    """An audit run."""

    id: str
    as_of: date
    made_at: str
    release: str
    counts: dict[str, int]


class RunShown(msgspec.Struct):
    """An audit run with the digests of what it was made from and the files that were issued."""

    run: RunTold
    manifest: dict[str, Any]
    issued: list[dict[str, str]]


class FindingTold(msgspec.Struct):
    """A finding of a run: a suspicion that a person has to confirm."""

    number: int
    key: str
    code: str
    severity: str
    unit: str | None
    product: str | None


class AgentTold(msgspec.Struct):
    """An agent that enrolled."""

    id: str
    unit: str | None
    version: str | None
    enrolled_at: str
    last_seen_at: str | None
    revoked_at: str | None


class UserTold(msgspec.Struct):
    """An account."""

    id: str
    login: str | None
    name: str
    roles: list[str]
    units: list[str]
    source: str
    second_factor: bool
    last_signed_in_at: str | None
    ended_at: str | None
    erased_at: str | None


class TrailTold(msgspec.Struct):
    """An entry of the trail."""

    id: int
    at: str
    act: str
    subject: str
    account: str | None
    link: str


class AuditAsked(msgspec.Struct):
    """An audit to run, as of today when no day is told."""

    as_of: date | None = None


class TaskTold(msgspec.Struct):
    """A task that takes longer: ask for it again until it has ended."""

    id: int
    ended_at: str | None = None
    run: str | None = None
    fault: str | None = None
    done: int = 0
    total: int = 1
    files: list[dict[str, str | int]] = []
    made: str | None = None
    """Number of the check or submission that it made."""
    """Name, SHA-256 digest and size of each file that was issued."""


class TokenAsked(msgspec.Struct):
    """An enrolment token to issue."""

    unit: Text | None = None
    uses: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7


class TokenTold(msgspec.Struct):
    """The token; it is shown this once."""

    token: str


@get("/api/v1/units", guards=[requires(Act.READ)], sync_to_thread=True)
def units(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[UnitTold]:
    """Units that the account sees, by code."""
    with store_of(request).read() as connection:
        rows = list_units(connection)
    parents: dict[str, str | None] = {unit.code: unit.parent for unit in rows}
    return [
        UnitTold(unit.code, unit.name, unit.parent, unit.kind.value, unit.headcount)
        for unit in rows
        if sees_unit(viewer, unit.code, parents)
    ]


@get("/api/v1/machines", guards=[requires(Act.READ)], sync_to_thread=True)
def machines(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    after: FromQuery[Annotated[str, Parameter(max_length=200)]] = "",
    limit: FromQuery[Limit] = 100,
) -> list[MachineTold]:
    """Registered machines by code, after one."""
    with store_of(request).read() as connection:
        parents = parents_of(connection)
        seen = registered_after(connection, after, units=units_seen(viewer, parents), limit=limit)
    return [
        MachineTold(
            row.code, row.unit, row.machine_class.value, row.state.value, row.brand,
            row.host_name if sees_person(viewer, row.unit, parents) else None,
        )
        for row in seen
    ]  # fmt: skip


@get("/api/v1/licences", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def licences(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    after: FromQuery[After] = 0,
    limit: FromQuery[Limit] = 100,
    text: FromQuery[Annotated[str, Parameter(max_length=100)]] = "",
) -> list[LicenceTold]:
    """Rows of the ledger by number, after one."""
    with store_of(request).read() as connection:
        wanted = LedgerFilter(units=units_seen(viewer, parents_of(connection)), text=text)
        rows = entitlements_after(connection, None, wanted, row=after, limit=limit)
    return [
        LicenceTold(row.id, row.unit, row.code, row.name, row.product, str(row.metric), row.quantity) for row in rows
    ]


@get("/api/v1/runs", guards=[requires(Act.READ)], sync_to_thread=True)
def runs(request: AnyRequest) -> list[RunTold]:
    """Audit runs, oldest first."""
    with store_of(request).read() as connection:
        return [RunTold(r.id, r.as_of, r.made_at, r.release, dict(r.counts)) for r in list_runs(connection)]


@get("/api/v1/runs/{run:str}", guards=[requires(Act.READ)], sync_to_thread=True)
def one_run(request: AnyRequest, viewer: NamedDependency[Viewer], run: FromPath[str]) -> RunShown:
    """One run: its inputs by digest and what was issued. `run` is an id, its first signs, or `latest`."""
    with store_of(request).read() as connection:
        r = get_run(connection, run)
        manifest = json.loads(run_manifest(connection, r))
        issued = list_issued(connection, r.id) if EVERYWHERE in viewer.units else []
    files = [{"file_name": file.file_name, "digest": file.digest, "issued_at": file.issued_at} for file in issued]
    return RunShown(RunTold(r.id, r.as_of, r.made_at, r.release, dict(r.counts)), manifest, files)


@get("/api/v1/runs/{run:str}/findings", guards=[requires(Act.READ)], sync_to_thread=True)
def findings(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    run: FromPath[str],
    after: FromQuery[After] = 0,
    limit: FromQuery[Limit] = 100,
) -> list[FindingTold]:
    """Findings of a run by number, after one. `run` is an id, its first signs, or `latest`."""
    with store_of(request).read() as connection:
        units = None if EVERYWHERE in viewer.units else units_seen(viewer, parents_of(connection))
        row = get_run(connection, run)
        rows = page_of_findings(connection, row.id, FindingFilter(units=units), after=after, limit=limit)
    return [_finding(number, json.loads(content)) for number, content in rows]


@post("/api/v1/audits", guards=[requires(Act.RUN_AUDIT)], status_code=202)
async def audit(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[AuditAsked]) -> TaskTold:
    """Begin an audit of the whole store, as of a day; by whoever sees all of it."""
    if EVERYWHERE not in viewer.units:
        from litestar.exceptions import PermissionDeniedException

        raise PermissionDeniedException(both("须有全部单位的权限", "expected an account that sees every unit"))
    jobs: Jobs = request.app.state.console_jobs
    day = data.as_of or request.app.state.console.today()
    return TaskTold(jobs.audit(viewer.account, day))


@get("/api/v1/tasks/{number:int}", sync_to_thread=True)
def task(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> TaskTold:
    """A task of the account's own."""
    with store_of(request).read() as connection:
        found = find_job(connection, number, viewer.account) if 0 < number < 2**53 else None
    if found is None:
        raise NotFoundException(both("没有这项任务", "no such task"))
    files = [dict(file) for file in found.files]
    return TaskTold(found.id, found.ended_at, found.run, found.fault, found.done, found.total, files, found.made)


@get("/api/v1/agents", guards=[requires(Act.READ_AGENTS)], sync_to_thread=True)
def agents(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[AgentTold]:
    """Agents of the units that the account sees, in the order of enrolment."""
    with store_of(request).read() as connection:
        parents, rows = parents_of(connection), list_agents(connection)
    return [
        AgentTold(row.id, row.unit, row.version, row.enrolled_at, row.last_seen_at, row.revoked_at)
        for row in rows
        if sees_unit(viewer, row.unit, parents)
    ]


@post("/api/v1/agents/{agent:str}/revoke", guards=[requires(Act.MANAGE_AGENTS)], status_code=204, sync_to_thread=True)
def end_agent(request: AnyRequest, viewer: NamedDependency[Viewer], agent: FromPath[str]) -> None:
    """Refuse whatever the agent sends from now on."""
    with store_of(request).read() as connection:
        parents, rows = parents_of(connection), list_agents(connection)
    if not any(row.id == agent and sees_unit(viewer, row.unit, parents) for row in rows):
        raise NotFoundException(both("没有这个采集端", "no such agent"))
    revoke_agent(store_of(request), agent, now=datetime.now(UTC))


@post("/api/v1/agent-tokens", guards=[requires(Act.MANAGE_AGENTS)], status_code=201, sync_to_thread=True)
def agent_token(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[TokenAsked]) -> TokenTold:
    """Issue an enrolment token for a unit; for no unit only by whoever sees all."""
    store = store_of(request)
    with store.read() as connection:
        parents = parents_of(connection)
    if not sees_unit(viewer, data.unit, parents) or (data.unit is not None and data.unit not in parents):
        raise NotFoundException(both("没有这个单位", "no such unit"))
    valid = timedelta(days=data.days)
    return TokenTold(issue_token(store, unit=data.unit, uses=data.uses, valid_for=valid, now=datetime.now(UTC)))


@get("/api/v1/users", guards=[requires(Act.MANAGE_USERS)], sync_to_thread=True)
def users(request: AnyRequest) -> list[UserTold]:
    """Every account, in the order in which they were made."""
    with store_of(request).read() as connection:
        rows = list_accounts(connection)
    return [
        UserTold(
            row.id, row.login, row.name, sorted(row.roles), list(row.units), row.source, row.totp_confirmed,
            row.last_signed_in_at, row.ended_at, row.erased_at,
        )
        for row in rows
    ]  # fmt: skip


@get("/api/v1/trail", guards=[requires(Act.READ_TRAIL)], sync_to_thread=True)
def trail(request: AnyRequest, after: FromQuery[After] = 0, limit: FromQuery[Limit] = 100) -> list[TrailTold]:
    """Entries of the trail by number, after one."""
    with store_of(request).read() as connection:
        rows = list_trail(connection, after=after, most=limit)
    return [TrailTold(row.id, row.at, row.act, row.subject, row.account, row.link) for row in rows]


@get("/api/v1/time", sync_to_thread=False)
def server_time(viewer: NamedDependency[Viewer]) -> dict[str, str]:
    """The checker's time and the account that asks: the smallest way to try a token."""
    return {"time": utc_text(datetime.now(UTC)), "account": viewer.account}


PUBLIC_API = (
    units, machines, licences, runs, one_run, findings, audit, task, agents, end_agent, agent_token, users, trail,
    server_time,
)  # fmt: skip


def store_of(request: AnyRequest) -> Store:
    """Return the store that the checker serves."""
    store: Store = request.app.state.door.store
    return store


def parents_of(connection: Connection) -> dict[str, str | None]:
    """Return the tree of units in force today: code → code above."""
    return {unit.code: unit.parent for unit in list_units(connection)}


def units_seen(viewer: Viewer, parents: Mapping[str, str | None]) -> frozenset[str] | None:
    """Return the units that the account sees, `None` for all."""
    return None if EVERYWHERE in viewer.units else visible_units(viewer, parents)


def _finding(number: int, told: Mapping[str, Any]) -> FindingTold:
    return FindingTold(
        number, str(told.get("key", "")), str(told.get("code", "")), str(told.get("severity", "")), told.get("unit"),
        told.get("product"),
    )  # fmt: skip

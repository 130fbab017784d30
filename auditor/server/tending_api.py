"""What keeps a checker running, for programmes: messages that wait, the schedule, the trail's chain, the store's size.

They do what `zhengban messages`, `trail check`, `database forecast` and `titles list` do. What needs the files of the
host (backup, restore, check, move of the database) stays on its command line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, Parameter

from auditor.console.viewer import EVERYWHERE, Act, Viewer
from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.readmodels.titles import title_rows
from auditor.scheduling.jobs import timetable
from auditor.server.console_state import Console
from auditor.server.public_api import MOST, store_of
from auditor.server.signin import requires
from auditor.store.outbox import UNDELIVERED, list_outbox, try_again
from auditor.store.trail import first_broken_entry
from auditor.store.upkeep import forecast as figures

AnyRequest = Request[Any, Any, Any]


class MessageTold(msgspec.Struct):
    """One message to one channel."""

    message: str
    channel: str
    state: str
    attempts: int
    made_at: str
    next_at: str
    sent_at: str | None
    fault: str | None
    subject: str


class JobTold(msgspec.Struct):
    """What runs by itself: the setting that holds its cron expression, when it was last due, when it is next."""

    name: str
    setting: str
    expression: str
    last_due_at: str | None
    next_due_at: str | None


class ChainTold(msgspec.Struct):
    """Whether the chain of the trail holds, else the first entry that does not fit."""

    holds: bool
    first_broken: int | None


class ForecastTold(msgspec.Struct):
    """Bytes by part of the store: measured now, and worked out for then."""

    machines: int
    months: int
    now_bytes: dict[str, int]
    then_bytes: dict[str, int]


@get("/api/v1/messages", guards=[requires(Act.MANAGE_SCHEDULE)], sync_to_thread=True)
def messages(request: AnyRequest, undelivered: FromQuery[bool] = False) -> list[MessageTold]:
    """Messages, oldest first; only those that were not delivered when asked so."""
    with store_of(request).read() as connection:
        rows = list_outbox(connection, UNDELIVERED if undelivered else ())
    return [
        MessageTold(
            row.message, row.channel, row.state, row.attempts, row.made_at, row.next_at, row.sent_at, row.fault,
            row.content.subject,
        )
        for row in rows
    ]  # fmt: skip


@post(
    "/api/v1/messages/{message:str}/retry",
    guards=[requires(Act.MANAGE_SCHEDULE)],
    status_code=204,
    sync_to_thread=True,
)
def retry(request: AnyRequest, message: FromPath[str]) -> None:
    """Send again what was given up or is unclear."""
    with store_of(request).begin() as connection:
        if not try_again(connection, message, at=utc_text(datetime.now(UTC))):
            raise NotFoundException(both("没有可重发的这条消息", "no such message that could be sent again"))


@get("/api/v1/schedule", guards=[requires(Act.MANAGE_SCHEDULE)], sync_to_thread=True)
def schedule(request: AnyRequest) -> list[JobTold]:
    """What runs by itself, and when."""
    console: Console = request.app.state.console
    with store_of(request).read() as connection:
        found = timetable(connection, console.settings, datetime.now(UTC))
    return [JobTold(row.name, row.setting, row.expression, row.last, row.next) for row in found]


@get("/api/v1/trail/check", guards=[requires(Act.READ_TRAIL)], sync_to_thread=True)
def trail_check(request: AnyRequest) -> ChainTold:
    """Whether the whole chain of the trail holds."""
    with store_of(request).read() as connection:
        broken = first_broken_entry(connection)
    return ChainTold(broken is None, broken)


@get("/api/v1/database/forecast", guards=[requires(Act.MANAGE_SETTINGS)], sync_to_thread=True)
def database_forecast(
    request: AnyRequest,
    machines: FromQuery[Annotated[int | None, Parameter(ge=1, le=10**9)]] = None,
    months: FromQuery[Annotated[int, Parameter(ge=1, le=1200)]] = 24,
    scans_a_day: FromQuery[Annotated[float | None, Parameter(gt=0, le=1000)]] = None,
    runs_a_month: FromQuery[Annotated[float, Parameter(ge=0, le=10_000)]] = 1.0,
) -> ForecastTold:
    """How large the store becomes, worked out from what stands in it."""
    console: Console = request.app.state.console
    with store_of(request).read() as connection:
        measured = figures.measure(connection)
    a_day = scans_a_day if scans_a_day is not None else measured.scans_a_day
    if not measured.machines or not a_day:
        told = both("尚无可据以推算的实测数据，请给出 scans_a_day", "nothing to measure yet; expected scans_a_day")
        raise AuditorError(told)
    wanted = machines if machines is not None else measured.machines
    then = figures.forecast(
        measured, machines=wanted, months=months, scans_a_day=a_day, runs_a_month=runs_a_month,
        evidence_months=console.settings.whole("evidence_months"),
    )  # fmt: skip
    return ForecastTold(wanted, months, dict(measured.part_bytes), dict(then.part_bytes))


@get("/api/v1/titles", guards=[requires(Act.READ)], sync_to_thread=True)
def titles(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    unknown: FromQuery[bool] = False,
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=MOST)]] = 200,
) -> list[dict[str, Any]]:
    """Titles that machines bear, most machines first; `unknown`: the queue for recognition, one row a group."""
    if EVERYWHERE not in viewer.units:
        raise PermissionDeniedException(both("须有全部单位的权限", "expected an account that sees every unit"))
    console: Console = request.app.state.console
    with store_of(request).read() as connection:
        return title_rows(connection, console.catalogue(), unknown=unknown)[:limit]


TENDING_API = (messages, retry, schedule, trail_check, database_forecast, titles)

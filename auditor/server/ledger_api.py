"""The ledger for programmes: its registers, its history, what contradicts itself, acts on rights.

They do what `zhengban licences` and `prices` do, by the same functions, within the units of the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.viewer import Act, Viewer
from auditor.core.days import utc_text
from auditor.errors import both
from auditor.intake.ledger_check import contradictions
from auditor.intake.one_act import read_act
from auditor.intake.register_import import apply_file, preview_file
from auditor.intake.row_words import columns_of
from auditor.server.console_state import Console
from auditor.server.in_sight import seen_by
from auditor.server.public_api import MOST, store_of
from auditor.server.signin import requires
from auditor.store.database import Connection
from auditor.store.dated_rows import REGISTERS, rows_as_of
from auditor.store.ledger_history import history_of

AnyRequest = Request[Any, Any, Any]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Held = Literal[
    "licences", "free_list", "transfers", "disposals", "exemptions", "prices", "check_outs", "access", "quantities"
]
Acting = Literal["transfers", "disposals", "exemptions"]


class ActAsked(msgspec.Struct):
    """One 划转, 处置 or 豁免. `cells`: what a row of its table would say, by field; days as ISO text."""

    register: Acting
    cells: dict[Annotated[str, msgspec.Meta(max_length=40)], str | int | None]
    number: Name | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    apply: bool = False


class ActTold(msgspec.Struct):
    """The number of the act, what it does to the register, and the batch when it was written."""

    number: str
    counts: dict[str, int]
    batch: int | None = None


class EventTold(msgspec.Struct):
    """One change of a 软件编号. `changes`: column, what it said, what it says since."""

    at: str
    act: str
    right: str
    by: str | None
    holds: str | None
    what: str
    why: str | None
    changes: list[tuple[str, Any, Any]]


@get("/api/v1/registers/{register:str}", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def register_rows(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    register: FromPath[str],
    as_of: FromQuery[date | None] = None,
    after: FromQuery[Annotated[str, Parameter(max_length=600, description="go on after this key")]] = "",
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=MOST)]] = 100,
) -> list[dict[str, Any]]:
    """Rows of a register in force on a day, in the order of keys, after one; serial numbers are masked."""
    if register not in msgspec.json.schema(Held)["enum"]:
        raise NotFoundException(both("没有这个登记簿", "no such register"))
    with store_of(request).read() as connection:
        seen = seen_by(connection, viewer)
        rows = rows_as_of(connection, REGISTERS[register], as_of)
    told = [{"key": "/".join(map(str, REGISTERS[register].key_of(row))), **_row(row)} for row in rows]
    mine = [row for row in told if seen is None or _units_of(row) & seen or not _units_of(row)]
    places = {row["key"]: place for place, row in enumerate(mine, start=1)}
    if after and after not in places:
        raise NotFoundException(both("没有这一行", "no such row"))
    first = places.get(after, 0)
    return mine[first : first + limit]


@get("/api/v1/licences/{code:str}/history", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def right_history(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    code: FromPath[str],
    unit: FromQuery[Annotated[str, Parameter(max_length=100)]],
) -> list[EventTold]:
    """Everything that became of a 软件编号 of one unit, oldest first."""
    with store_of(request).read() as connection:
        seen = seen_by(connection, viewer)
        events = history_of(connection, code, unit) if seen is None or unit in seen else []
    if not events:
        raise NotFoundException(both("台账中没有这个软件编号", "the ledger never had this code"))
    return [EventTold(e.at, e.act, e.key, e.by, e.holds, e.what, e.why, list(e.changes)) for e in events]


@get("/api/v1/ledger/contradictions", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def ledger_check(
    request: AnyRequest, viewer: NamedDependency[Viewer], as_of: FromQuery[date | None] = None
) -> list[dict[str, str]]:
    """What in the ledger of a day contradicts itself: which right (unit/软件编号), which column, what."""
    console: Console = request.app.state.console
    store = store_of(request)
    with store.read() as connection:
        seen = seen_by(connection, viewer)
        found = contradictions(connection, as_of or console.today(), catalogue=console.catalogue(), sealer=store.sealer)
    return [asdict(one) for one in found if seen is None or one.where.partition("/")[0] in seen]


@post("/api/v1/ledger/acts", guards=[requires(Act.EDIT_LEDGER)], status_code=200, sync_to_thread=True)
def ledger_act(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[ActAsked]) -> ActTold:
    """Check one transfer, disposal or exemption, and write it when asked to. 400 with all that is wrong with it."""
    console: Console = request.app.state.console
    store, on = store_of(request), console.today()
    with store.begin() as connection:
        _must_own(viewer, connection, data)
        number, file = read_act(
            connection, data.register, data.cells, number=data.number, on=on, catalogue=console.catalogue(),
            sealer=store.sealer,
        )  # fmt: skip
        counts = preview_file(connection, file, on).counts
        if not data.apply:
            return ActTold(number, counts)
        now = utc_text(datetime.now(UTC))
        batch = apply_file(connection, file, on, now=now, made_by=viewer.name, reason=data.reason)
    return ActTold(number, counts, batch.id)


LEDGER_API = (register_rows, right_history, ledger_check, ledger_act)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    inner = ("row", "batch", "ended_by", "sealed_serials")
    return {name: value for name, value in columns_of(row).items() if name not in inner}


def _units_of(told: Mapping[str, Any]) -> set[str]:
    """The units that a row speaks of; none for what holds for all, such as a price."""
    right = told.get("right") or {}
    named = {told.get("unit"), told.get("to_unit"), told.get("from_unit"), right.get("unit")}
    return {unit for unit in named if unit}


def _must_own(viewer: Viewer, connection: Connection, asked: ActAsked) -> None:
    seen = seen_by(connection, viewer)
    named = {str(value) for name, value in asked.cells.items() if name in ("unit", "from_unit") and value}
    if seen is not None and (not named or not named <= seen):
        raise PermissionDeniedException(both("不在本账号的单位范围内", "expected units that the account may edit"))

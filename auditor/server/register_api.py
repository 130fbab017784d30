"""Registers for programmes: files previewed, applied as batches and taken back, the ledger and the position of a day.

They do what `zhengban import`, `batches` and `position` do, by the same functions, within the units of the account.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.viewer import Act, Viewer, may, sees_unit
from auditor.core.days import utc_text
from auditor.core.model import UnitCode
from auditor.errors import AuditorError, both
from auditor.intake.joining import join, part
from auditor.intake.register_import import RegisterFile, apply_file, preview_file, read_register_file
from auditor.server.console_state import Console
from auditor.server.in_sight import seen_by
from auditor.server.public_api import parents_of, store_of
from auditor.server.signin import requires
from auditor.store.batches import Batch, find_batch, page_of_batches
from auditor.store.database import Connection
from auditor.store.dated_rows import REGISTERS, take_back, units_of_batch
from auditor.store.machines import find_machine, machines_after

AnyRequest = Request[Any, Any, Any]
MOST_FILE = 24 * 1024 * 1024
MOST_BODY = MOST_FILE * 4 // 3 + 16_384
_MOST_BATCHES = 200
_OF_REGISTERS = ("units", "people", "machines")


class FileAsked(msgspec.Struct):
    """A file for a register: what it is called, what it holds (base64), and from which day its rows hold."""

    register: Annotated[str, msgspec.Meta(max_length=40)]
    file_name: Annotated[str, msgspec.Meta(max_length=200)]
    content: Annotated[str, msgspec.Meta(max_length=MOST_BODY)]
    valid_from: date
    unit: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] | None = None


class PreviewTold(msgspec.Struct):
    """What applying the file would do: how many rows of each sort, and what somebody should know."""

    digest: str
    counts: dict[str, int]
    notes: list[str]
    unknown_products: list[str]


class SeenTold(msgspec.Struct):
    """A machine that was seen; `joined_into` is the one that it is a part of."""

    number: int
    serial: str | None
    system: str | None
    unit: str | None
    last_collected_at: str
    joined_into: int | None


class BatchTold(msgspec.Struct):
    """An import that was applied."""

    id: int
    register: str
    file_name: str
    file_digest: str
    valid_from: date
    applied_at: str
    taken_back_at: str | None
    counts: dict[str, int]
    reason: str | None


@get("/api/v1/batches", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def batches(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    before: FromQuery[Annotated[int | None, Parameter(ge=1, le=2**53, description="older than this one")]] = None,
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=_MOST_BATCHES)]] = 50,
) -> list[BatchTold]:
    """Batches that hold rows of the account's units, the newest first."""
    found: list[BatchTold] = []
    with store_of(request).read() as connection:
        visible = seen_by(connection, viewer)
        while len(found) < limit:
            rows = page_of_batches(connection, before=before, limit=_MOST_BATCHES)
            found += [_told(row) for row in rows if _touches(connection, row, visible)]
            if len(rows) < _MOST_BATCHES:
                break
            before = rows[-1].id
    return found[:limit]


@post(
    "/api/v1/batches/preview",
    guards=[requires(Act.READ_LEDGER)],
    status_code=200,
    sync_to_thread=True,
    request_max_body_size=MOST_BODY,
)
def preview_batch(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[FileAsked]) -> PreviewTold:
    """Say what a file would change; nothing is written. 400 with all its faults, each with sheet, row and column."""
    with store_of(request).read() as connection:
        file = _read(request, viewer, connection, data)
        counts = preview_file(connection, file, data.valid_from).counts
    return PreviewTold(file.digest, counts, [str(note) for note in file.notes], list(file.unknown_products[:100]))


@post(
    "/api/v1/batches",
    guards=[requires(Act.READ_LEDGER)],
    status_code=201,
    sync_to_thread=True,
    request_max_body_size=MOST_BODY,
)
def apply_batch(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[FileAsked]) -> BatchTold:
    """Apply a file as one batch that can be taken back."""
    with store_of(request).begin() as connection:
        file = _read(request, viewer, connection, data)
        now = utc_text(datetime.now(UTC))
        batch = apply_file(connection, file, data.valid_from, now=now, made_by=viewer.name, reason=data.reason)
    return _told(batch)


@post(
    "/api/v1/batches/{number:int}/take-back",
    guards=[requires(Act.READ_LEDGER)],
    status_code=200,
    sync_to_thread=True,
)
def take_batch_back(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> BatchTold:
    """Undo a batch exactly; by whoever may edit its register and sees every unit of its rows."""
    with store_of(request).begin() as connection:
        batch = find_batch(connection, number) if 0 < number < 2**53 else None
        visible = seen_by(connection, viewer)
        if batch is None or not _touches(connection, batch, visible):
            raise NotFoundException(both("没有这个批次", "no such batch"))
        _must_edit(viewer, batch.register)
        units = units_of_batch(connection, batch)
        if visible is not None and (units is None or not units <= visible):
            raise PermissionDeniedException(both("批次含有不在范围内的单位", "rows of units that are not yours"))
        take_back(connection, number, now=utc_text(datetime.now(UTC)), by=viewer.name)
        after = find_batch(connection, number)
    assert after is not None
    return _told(after)


@get("/api/v1/positions", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def positions(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    as_of: FromQuery[date | None] = None,
    unit: FromQuery[Annotated[str | None, Parameter(max_length=100)]] = None,
    product: FromQuery[Annotated[str | None, Parameter(max_length=200)]] = None,
) -> list[dict[str, Any]]:
    """The licence position of a day, each unit with all below it: what `zhengban position --format json` prints."""
    from auditor.audit.run import facts_of_day  # the solver behind it takes a second to load
    from auditor.readmodels.positions import counted, position_rows

    console: Console = request.app.state.console
    facts = facts_of_day(store_of(request), console.settings, console.catalogue(), on=as_of or console.today())
    with store_of(request).read() as connection:
        parents = parents_of(connection)
    rows = position_rows(counted(facts), unit=unit, product=product)
    return [row for row in rows if sees_unit(viewer, row["unit"], parents)]


@get("/api/v1/seen-machines", guards=[requires(Act.READ)], sync_to_thread=True)
def seen_machines(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    after: FromQuery[Annotated[int, Parameter(ge=0, le=2**53)]] = 0,
    limit: FromQuery[Annotated[int, Parameter(ge=1, le=500)]] = 100,
) -> list[SeenTold]:
    """Machines of the account's units that were seen, by number, after one."""
    with store_of(request).read() as connection:
        rows = machines_after(connection, after, units=seen_by(connection, viewer), limit=limit)
    return [
        SeenTold(row.id or 0, row.serial, row.os_name, row.unit, row.last_collected_at, row.merged_into) for row in rows
    ]


@post(
    "/api/v1/seen-machines/{number:int}/join/{into:int}",
    guards=[requires(Act.EDIT_REGISTERS)],
    status_code=204,
    sync_to_thread=True,
)
def join_machines(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int], into: FromPath[int]
) -> None:
    """Join one seen machine into another: they are one. `part` takes it back."""
    _must_see(request, viewer, number, into)
    join(store_of(request), number, into, now=datetime.now(UTC))


@post(
    "/api/v1/seen-machines/{number:int}/part",
    guards=[requires(Act.EDIT_REGISTERS)],
    status_code=204,
    sync_to_thread=True,
)
def part_machine(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> None:
    """Let a joined machine stand for itself again."""
    _must_see(request, viewer, number)
    part(store_of(request), number, now=datetime.now(UTC))


REGISTER_API = (
    batches, preview_batch, apply_batch, take_batch_back, positions, seen_machines, join_machines, part_machine,
)  # fmt: skip


def _must_see(request: AnyRequest, viewer: Viewer, *numbers: int) -> None:
    with store_of(request).read() as connection:
        visible = seen_by(connection, viewer)
        rows = [find_machine(connection, number) if 0 < number < 2**31 else None for number in numbers]
    if any(row is None or (visible is not None and row.unit not in visible) for row in rows):
        raise NotFoundException(both("没有这台计算机", "no such machine"))


def _read(request: AnyRequest, viewer: Viewer, connection: Connection, asked: FileAsked) -> RegisterFile:
    """Read a file. Raises `AuditorError` with all its faults, and for units that the account may not edit."""
    _must_edit(viewer, asked.register)
    try:
        data = base64.b64decode(asked.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AuditorError(both("content 应为 base64", "content: expected base64")) from error
    if len(data) > MOST_FILE:
        raise AuditorError(both(f"文件应不超过 {MOST_FILE} 字节", f"content: expected at most {MOST_FILE} bytes"))
    console: Console = request.app.state.console
    file = read_register_file(
        connection,
        asked.register,
        data,
        asked.file_name,
        on=asked.valid_from,
        catalogue=console.catalogue(),
        sealer=store_of(request).sealer,
        unit=UnitCode(asked.unit) if asked.unit else None,
    )
    _check_units(file, seen_by(connection, viewer))
    return file


def _must_edit(viewer: Viewer, register: str) -> None:
    if register not in REGISTERS:
        raise AuditorError(f"register: {both('应为', 'expected one of')} {', '.join(sorted(REGISTERS))}")
    if not may(viewer, Act.EDIT_REGISTERS if register in _OF_REGISTERS else Act.EDIT_LEDGER):
        raise PermissionDeniedException(both("没有这项权限", "this is not among the rights of the account"))


def _check_units(file: RegisterFile, visible: frozenset[str] | None) -> None:
    if visible is None:
        return
    name = "code" if file.register == "units" else "unit"
    strange = sorted({str(row.get(name)) for row in file.rows if row.get(name) not in visible})
    if strange:
        shown = ", ".join(strange[:10])
        zh, en = f"含有不在范围内的单位：{shown}", f"rows of units that are not yours: {shown}"
        raise AuditorError(f"{file.file_name}: {both(zh, en)}")


def _touches(connection: Connection, batch: Batch, visible: frozenset[str] | None) -> bool:
    if visible is None:
        return True
    units = units_of_batch(connection, batch)
    return units is not None and bool(units & visible)


def _told(batch: Batch) -> BatchTold:
    return BatchTold(
        batch.id, batch.register, batch.file_name, batch.file_digest, batch.valid_from, batch.applied_at,
        batch.taken_back_at, dict(batch.counts), batch.reason,
    )  # fmt: skip

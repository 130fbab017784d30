"""Spot checks and stocktakes for programmes: drawn, filled in form by form, signed, drawn again, compared."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody

from auditor.console.viewer import Act, Viewer, sees_person
from auditor.core.days import utc_text
from auditor.errors import AuditorError, both
from auditor.letters.checks import begin_stocktake
from auditor.readmodels.screens.checks import CheckRow
from auditor.server.check_acts import check_seen, checks_seen, form_of, keep_signature, part_rows, row_of
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console, NotThere
from auditor.server.in_sight import must_be_as_seen, sees_of, there
from auditor.server.public_api import parents_of, store_of, units_seen
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_draw
from auditor.store.database import Connection
from auditor.store.runs import get_run
from auditor.store.units import list_units
from auditor.supervision.on_the_spot import as_found, note
from auditor.supervision.spot_checks import MACHINES, compare, digest_of_check, draw_again, drawn_of, sign

AnyRequest = Request[Any, Any, Any]
MOST_LINES = 5_000
MOST_SIGN = 2 * 1024 * 1024
Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
CHECKS = [requires(Act.SPOT_CHECK)]
READS = [requires(Act.READ)]


class SignTold(msgspec.Struct):
    """One signature. `paper`: digest of its picture."""

    side: str
    name: str
    on: date
    paper: str | None


class CheckTold(msgspec.Struct):
    """One check: `machines` or `papers`; `drawn`, `filled` or `signed`. `version` is told when it is signed."""

    number: str
    kind: str
    state: str
    as_of: date
    units: list[str]
    lines: int
    filled: int
    signed: list[SignTold]
    version: int


class PartTold(msgspec.Struct):
    """One form. `code`: 计算机编号, or the unit whose certificates are looked for."""

    number: int
    unit: str
    code: str
    lines: int
    left: int
    amiss: int


class OneCheckTold(msgspec.Struct):
    """A check with seed, rule, algorithm, sample and forms. `digest`: of what was drawn and found."""

    check: CheckTold
    run: str | None
    seed: str | None
    algorithm: str | None
    rule: dict[str, Any] | None
    population: int
    sample: list[list[str]]
    forms: list[PartTold]
    digest: str


class LineTold(msgspec.Struct):
    """One line of a form: what is known, and what was found so far."""

    number: int
    name: str
    version: str | None
    software_code: str | None
    verdict: str | None
    scanned: bool
    person: str | None
    paper: str | None
    present: bool | None
    judged: str | None
    told: str


class ExtraTold(msgspec.Struct):
    """Software on no list."""

    name: str
    judged: str | None
    told: str


class FormTold(msgspec.Struct):
    """One form; `seen` names its state, and is repeated by whoever fills it in."""

    form: PartTold
    lines: list[LineTold]
    extra: list[ExtraTold]
    seen: str


class FoundAsked(msgspec.Struct):
    """What was found of one line; `number` 0 and a name: software on no list."""

    number: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    present: bool = True
    judged: Short | None = None
    told: Text = ""
    name: Short = ""
    code: str = ""


class FillAsked(msgspec.Struct):
    """A form as filled in: what is not named is left open."""

    seen: Short
    lines: Annotated[list[FoundAsked], msgspec.Meta(max_length=MOST_LINES)]


class DrawAsked(msgspec.Struct):
    """A sample to draw: of the newest run unless one is named, by the settings unless told, of all units in sight."""

    run: Short = "latest"
    units: Annotated[list[Short], msgspec.Meta(max_length=1000)] = []
    seed: Short | None = None
    percent: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    minimum: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    all_servers: bool | None = None


class StocktakeAsked(msgspec.Struct):
    """Units whose certificates are looked for; none: all in sight."""

    units: Annotated[list[Short], msgspec.Meta(max_length=1000)] = []


class DrawTold(msgspec.Struct):
    """The task that draws; ask for it at `tasks/{id}`: `made` is the number of the check."""

    id: int


class SignAsked(msgspec.Struct):
    """A signature: `inspector` or `inspected`, the name, the version that is signed; a JPEG of it as base64."""

    side: Short
    name: Short
    version: int
    picture: bytes | None = None


class CompareTold(msgspec.Struct):
    """Declared, scanned, found: one line. `differs`: not_scanned, not_declared, not_found, irregular."""

    number: int
    machine: str
    name: str
    declared: bool
    scanned: bool
    found: bool | None
    judged: str | None
    told: str
    differs: list[str]


@get("/api/v1/checks", guards=READS, sync_to_thread=True)
def checks(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[CheckTold]:
    """Checks all of whose units the account sees, the newest first."""
    with store_of(request).read() as connection:
        sees = sees_of(connection, viewer)
        rows = checks_seen(connection, sees)
        return [_told(row, check_seen(connection, row.number, sees)["version"]) for row in rows]


@post("/api/v1/checks", guards=CHECKS, status_code=202, sync_to_thread=True)
def draw(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[DrawAsked]) -> DrawTold:
    """Begin to draw computers of a run by chance."""
    console: Console = request.app.state.console
    jobs: Jobs = request.app.state.console_jobs
    with store_of(request).read() as connection:
        run = get_run(connection, data.run).id
        units = _units(connection, viewer, data.units)
    job = begin_draw(
        jobs, console, viewer, run=run, units=units, seed=data.seed, percent=data.percent, minimum=data.minimum,
        all_servers=data.all_servers,
    )  # fmt: skip
    return DrawTold(job)


@post("/api/v1/stocktakes", guards=CHECKS, status_code=201, sync_to_thread=True)
def stocktake(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[StocktakeAsked]) -> CheckTold:
    """Begin a stocktake of the certificates of today's ledger."""
    console: Console = request.app.state.console
    with store_of(request).begin() as connection:
        units = _units(connection, viewer, data.units)
        check = begin_stocktake(connection, on=console.today(), units=units, by=viewer.name, at=console.now())
        return _told(row_of(connection, check), check["version"])


@get("/api/v1/checks/{number:str}", guards=READS, sync_to_thread=True)
def one_check(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> OneCheckTold:
    """One check with its forms."""
    with store_of(request).read() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        drawn = drawn_of(connection, check)
        _, rows = part_rows(connection, check, drawn, _shows(connection, viewer))
        forms = [PartTold(p.number, p.unit, p.code, p.lines, p.left, p.amiss) for p in rows]
        return OneCheckTold(
            _told(row_of(connection, check), check["version"]), drawn.get("run"), drawn.get("seed"),
            drawn.get("algorithm"), drawn.get("rule"), len(drawn.get("population", ())), drawn.get("sample", []),
            forms, digest_of_check(check),
        )  # fmt: skip


@get("/api/v1/checks/{number:str}/forms/{part:int}", guards=READS, sync_to_thread=True)
def one_form(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], part: FromPath[int]
) -> FormTold:
    """One form as it stands."""
    with store_of(request).read() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        return _form(connection, viewer, check, part)


@post("/api/v1/checks/{number:str}/forms/{part:int}", guards=CHECKS, status_code=200, sync_to_thread=True,
      request_max_body_size=MOST_SIGN)  # fmt: skip
def fill(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], part: FromPath[int],
    data: JSONBody[FillAsked],
) -> FormTold:  # fmt: skip
    """Keep what was found of one form. 409 when somebody else filled it in since `seen`."""
    with store_of(request).begin() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        form, mine, parts = form_of(connection, check, part, _shows(connection, viewer))
        if form.seen != data.seen:
            told = both("其他人刚刚填写过这张表", "somebody else has just filled this form in")
            raise HTTPException(status_code=409, detail=told)
        for line in data.lines:
            line.code = "" if line.number else mine.code
        note(connection, check, parts, mine, as_found(data.lines), seen=data.seen, at=utc_text(datetime.now(UTC)))
        after = check_seen(connection, number, sees_of(connection, viewer))
        return _form(connection, viewer, after, part)


@post("/api/v1/checks/{number:str}/sign", guards=CHECKS, status_code=200, sync_to_thread=True,
      request_max_body_size=MOST_SIGN)  # fmt: skip
def sign_check(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[SignAsked]
) -> CheckTold:
    """Sign for one side; with both signatures what differs becomes findings. 409 for another version."""
    console: Console = request.app.state.console
    at = console.now()
    with store_of(request).begin() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        must_be_as_seen(check, data.version)
        paper = None
        if data.picture:
            paper = keep_signature(connection, data.picture, number=number, side=data.side, by=viewer.name, at=at)
        after = sign(connection, check, data.side, data.name, on=console.today(), at=at, paper=paper)
        return _told(row_of(connection, after), after["version"])


@get("/api/v1/checks/{number:str}/comparison", guards=READS, sync_to_thread=True)
def comparison(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> list[CompareTold]:
    """Declared, scanned and found, line by line."""
    with store_of(request).read() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        if check["kind"] != MACHINES:
            raise NotThere(number)
        return [
            CompareTold(
                each.line.number, each.line.code, each.line.name, each.declared, each.scanned, each.found,
                each.judged.value if each.judged else None, each.told, list(each.differs),
            )
            for each in compare(connection, check)
        ]  # fmt: skip


@get("/api/v1/checks/{number:str}/redraw", guards=READS, sync_to_thread=True)
def redraw(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> dict[str, bool]:
    """Draw again from seed, rule and population: `{"same": true}` when the same computers come out."""
    with store_of(request).read() as connection, _there():
        check = check_seen(connection, number, sees_of(connection, viewer))
        if check["kind"] != MACHINES:
            raise NotThere(number)
        drawn = drawn_of(connection, check)
    return {"same": draw_again(drawn) == drawn["sample"]}


CHECK_API = (checks, draw, stocktake, one_check, one_form, fill, sign_check, comparison, redraw)


def _there() -> AbstractContextManager[None]:
    return there("没有这次抽查", "no such check")


def _shows(connection: Connection, viewer: Viewer) -> Callable[[str], bool]:
    parents = parents_of(connection)
    return lambda unit: sees_person(viewer, unit, parents)


def _units(connection: Connection, viewer: Viewer, asked: list[str]) -> frozenset[str] | None:
    """Return the legal entities that are asked for, all in sight for none. Raises `AuditorError` for others."""
    seen = units_seen(viewer, parents_of(connection))
    known = {str(u.code) for u in list_units(connection) if seen is None or u.code in seen}
    strange = sorted(set(asked) - known)
    if strange:
        raise AuditorError(
            f"{both('没有这些单位，或不在范围内', 'no such units, or not yours')}: {', '.join(strange[:10])}"
        )
    return frozenset(asked) if asked else (None if seen is None else frozenset(known))


def _form(connection: Connection, viewer: Viewer, check: dict[str, Any], part: int) -> FormTold:
    form, _, _ = form_of(connection, check, part, _shows(connection, viewer))
    p = form.part
    lines = [
        LineTold(
            line.told["number"], line.told["name"], line.told.get("version"),
            line.told.get("software_code", line.told["code"] if check["kind"] != MACHINES else None),
            line.told.get("verdict"), line.told.get("scanned", False), line.told.get("person"), line.told.get("paper"),
            line.present, line.judged, line.said,
        )
        for line in form.lines
    ]  # fmt: skip
    extra = [ExtraTold(row.name, row.judged, row.said) for row in form.extra]
    return FormTold(PartTold(p.number, p.unit, p.code, p.lines, p.left, p.amiss), lines, extra, form.seen)


def _told(row: CheckRow, version: int) -> CheckTold:
    signed = [SignTold(s["side"], s["name"], date.fromisoformat(s["on"]), s.get("paper")) for s in row.sign_offs]
    return CheckTold(
        row.number, row.kind, row.state, date.fromisoformat(row.as_of), list(row.units), row.total, row.done, signed,
        version,
    )  # fmt: skip

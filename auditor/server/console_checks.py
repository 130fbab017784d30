"""Spot checks and stocktakes in the console: drawn, filled in on a tablet form by form, signed, compared.

Whoever may check on the spot acts on checks all of whose units they see. A form names what stood on it when it was
opened; a signature names the version that was signed.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.console.pages import checks as pages
from auditor.console.pages.runs import JOB_NAMES
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, both
from auditor.intake.registers.check_form import read_check_form
from auditor.letters.checks import begin_stocktake, check_workbook
from auditor.readmodels.screens.checks import OneCheck
from auditor.readmodels.spot_checks import comparison_rows
from auditor.server.check_acts import (
    check_seen,
    checks_seen,
    form_of,
    keep_signature,
    part_rows,
    row_of,
)
from auditor.server.console_acts import MOST_UPLOAD, done_then, fault_page, field_of, upload_of
from auditor.server.console_lists import download_of, legal_entities
from auditor.server.console_pages import AnyRequest, Html, see_other, show, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.in_sight import as_seen
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_draw
from auditor.store.blobs import get_blob
from auditor.store.cases import cases_by_key
from auditor.store.console_jobs import jobs_of
from auditor.store.dossiers import Dossier
from auditor.supervision.on_the_spot import Part, as_found, note
from auditor.supervision.rectification import Actor
from auditor.supervision.spot_checks import (
    FILLED,
    MACHINES,
    PAPERS,
    SIDES,
    SIGNED,
    SPOT_CHECK,
    Found,
    Judged,
    check_key,
    compare,
    digest_of_check,
    draw_again,
    drawn_of,
    fill,
    findings_of_check,
    sign,
)
from reports.wording import wording

READS = [requires(Act.READ)]
CHECKS = [requires(Act.SPOT_CHECK)]
MOST_SPOT_FORM = 2 * 1024 * 1024
MOST_EXTRA = 200
MOST_COMPARED = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/checks", guards=READS)
async def check_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Checks all of whose units the reader sees, the newest first."""

    def make(look: Look) -> str:
        settings = look.console.settings
        return pages.page(
            look.frame,
            checks_seen(look.connection, lambda unit: _sees(look, unit)),
            percent=settings.number("spot_check_percent"),
            minimum=settings.whole("spot_check_minimum"),
            all_servers=bool(settings.values["spot_check_all_servers"]),
            jobs=jobs_of(look.connection, viewer.account, "draw"),
            job_names={kind: look.frame.t(*pair) for kind, pair in JOB_NAMES.items()},
        )

    return await show_on_thread(request, viewer, make)


@post("/checks", guards=CHECKS)
async def begin_check(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Draw computers (a task, since the run is worked out again), or begin a stocktake."""
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        units = frozenset(span.code for span in legal_entities(look.scope))
        if not units:
            raise AuditorError(both("所看单位以下没有独立法人", "there is no legal entity at or below this unit"))
        if field_of(form, "kind", 20) == PAPERS:
            with look.console.store.begin() as connection:
                check = begin_stocktake(
                    connection, on=look.console.today(), units=units, by=viewer.name, at=look.console.now()
                )
            where.append(f"/checks/{check['number']}?done=noted")
            return
        job = begin_draw(
            request.app.state.console_jobs, look.console, viewer, run=look.scope.run.id, units=units,
            seed=field_of(form, "seed", 200) or None, percent=_figure(form, "percent"),
            minimum=int(_figure(form, "minimum")), all_servers=field_of(form, "all_servers", 2) == "1",
        )  # fmt: skip
        where.append(f"/jobs/{job}")

    answer = await done_then(request, viewer, "/checks", work)
    return see_other(where[0]) if where else answer


@get("/checks/{number:str}", guards=READS)
async def one_check(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """One check."""

    def make(look: Look) -> str:
        check = _check(look, number)
        waiting = [side for side in SIDES if side not in {sign["side"] for sign in check["sign_offs"]}]
        may_sign = waiting if check["state"] == FILLED and look.frame.may("SPOT_CHECK") else []
        return pages.one(look.frame, _model(look, check), may_sign=may_sign)

    return await show_on_thread(request, viewer, make)


def _model(look: Look, check: Dossier) -> OneCheck:
    drawn = drawn_of(look.connection, check)
    _, parts = part_rows(look.connection, check, drawn, look.scope.shows_person)
    compared: list[Any] = []
    if check["kind"] == MACHINES:
        differing = [line for line in compare(look.connection, check) if line.differs]
        compared = comparison_rows(differing[:MOST_COMPARED], look.frame.language)
    return OneCheck(
        row_of(look.connection, check), drawn, tuple(parts), tuple(compared), _findings(look, check), check["version"],
        digest_of_check(check),
    )  # fmt: skip


def _findings(look: Look, check: Dossier) -> tuple[tuple[int, str, str], ...]:
    if check["state"] != SIGNED:
        return ()
    known, words = cases_by_key(look.connection, origin=SPOT_CHECK), wording(look.frame.language)
    found = {}
    for finding in findings_of_check(look.connection, check):
        case = known.get(check_key(finding))
        if case is not None:
            found[case.id] = (case.id, words.finding(case.code, finding.facts).text, case.state)
    return tuple(found.values())


@get("/checks/{number:str}/forms/{part:int}", guards=READS)
async def one_form(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], part: FromPath[int]
) -> Html:
    """One form: of a drawn computer, or of certificates of a unit."""

    def make(look: Look) -> str:
        check = _check(look, number)
        form, _, _ = form_of(look.connection, check, part, look.scope.shows_person)
        return pages.form(look.frame, form, may_fill=look.frame.may("SPOT_CHECK") and check["state"] != SIGNED)

    return await show_on_thread(request, viewer, make)


@post("/checks/{number:str}/forms/{part:int}", guards=CHECKS, request_max_body_size=MOST_SPOT_FORM)
async def keep_form(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], part: FromPath[int]
) -> Html:
    """Keep what was found of one form."""
    form = await request.form()
    where = [f"/checks/{number}/forms/{part}?done=noted"]

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            check = check_seen(connection, number, lambda unit: _sees(look, unit))
            _, mine, parts = form_of(connection, check, part, look.scope.shows_person)
            lines = _lines_of(form, mine, papers=check["kind"] == PAPERS)
            note(connection, check, parts, mine, lines, seen=field_of(form, "seen", 64), at=look.console.now())
        if field_of(form, "then", 10) == "next":
            more = part < len(parts)
            where[0] = f"/checks/{number}/forms/{part + 1}" if more else f"/checks/{number}?done=noted"

    answer = await done_then(request, viewer, where[0], work)
    return see_other(where[0]) if answer.status_code == 303 else answer


def _lines_of(form: FormMultiDict, part: Part, *, papers: bool) -> list[Found]:
    """Return what a form says. A line that was not answered is left open; said of it without an answer is a fault."""
    found, faults = [], []
    for line in part.lines:
        number = line["number"]
        present, judged = field_of(form, f"present-{number}", 5), field_of(form, f"judged-{number}", 20)
        told = field_of(form, f"told-{number}", 4000)
        if present in ("yes", "no"):
            found.append(Found(number, present == "yes", _judged(judged), told))
        elif judged or told:
            zh, en = f"第 {number} 行写了内容，但未选有无", f"line {number} says something, and not whether it is there"
            faults.append(both(zh, en))
    if faults:
        raise AuditorError("\n".join(faults))
    for place in range(1, 0 if papers else MOST_EXTRA + 1):
        if name := field_of(form, f"extra-name-{place}", 200):
            opinion = _judged(field_of(form, f"extra-judged-{place}", 20))
            told = field_of(form, f"extra-told-{place}", 4000)
            found.append(Found(0, True, opinion, told, code=part.code, name=name))
    return found


def _judged(told: str) -> Judged | None:
    return Judged(told) if told in set(Judged) else None


@post("/checks/{number:str}/sign", guards=CHECKS, request_max_body_size=1024 * 1024)
async def sign_check(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Sign for one side: the name as typed, a picture of the signature where one was drawn."""
    form = await request.form()

    def work(look: Look) -> None:
        given, at = form.get("picture"), look.console.now()
        with look.console.store.begin() as connection:
            check = check_seen(connection, number, lambda unit: _sees(look, unit))
            as_seen(check, field_of(form, "version", 12), number)
            side, paper = field_of(form, "side", 20), None
            if isinstance(given, str) and given:
                picture = _picture(given)
                paper = keep_signature(connection, picture, number=number, side=side, by=viewer.name, at=at)
            sign(connection, check, side, field_of(form, "name", 100), on=look.console.today(), at=at, paper=paper)

    return await done_then(request, viewer, f"/checks/{number}?done=signed", work)


def _picture(told: str) -> bytes:
    try:
        return base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AuditorError(both("签名图像读不出", "the picture of the signature cannot be read")) from error


@get("/checks/{number:str}/signatures/{side:str}", guards=READS, sync_to_thread=True)
def signature(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], side: FromPath[str]
) -> Response[Any]:
    """Hand out the picture of a signature of a check."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        signs = [sign for sign in _check(look, number)["sign_offs"] if sign["side"] == side and sign.get("paper")]
        if not signs:
            return None
        found.append(Response(get_blob(look.connection, signs[0]["paper"]), media_type="image/jpeg"))
        return ""

    answer = show(request, viewer, make)
    return found[0] if found else answer


@get("/checks/{number:str}/workbook", guards=READS)
async def workbook(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Response[Any]:
    """Hand out the form as a workbook. It names persons, so it is for whoever is shown names of every unit in it."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        check = _check(look, number)
        data = check_workbook(look.connection, check, look.frame.language, look.scope.shows_person)
        found.append(download_of(data, f"{number}.xlsx", _XLSX))
        return ""

    answer = await show_on_thread(request, viewer, make)
    return found[0] if found else answer


@post("/checks/{number:str}/workbook", guards=CHECKS, request_max_body_size=MOST_UPLOAD)
async def take_workbook(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Keep what a filled workbook says."""
    form = await request.form()
    try:
        name, data = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            check = check_seen(connection, number, lambda unit: _sees(look, unit))
            lines = as_found(read_check_form(data, name, papers=check["kind"] == PAPERS))
            fill(connection, check, lines, actor=Actor(viewer.name), at=look.console.now())

    return await done_then(request, viewer, f"/checks/{number}?done=noted", work)


@post("/checks/{number:str}/redraw", guards=READS)
async def redraw(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Draw again from seed, rule and population, and say whether it comes out the same."""

    def work(look: Look) -> None:
        check = _check(look, number)
        if check["kind"] != MACHINES:
            raise NotThere(number)
        drawn = drawn_of(look.connection, check)
        if draw_again(drawn) != drawn["sample"]:
            raise AuditorError(f"{number}: {both('重新抽取的结果不同', 'it came out differently')}")

    return await done_then(request, viewer, f"/checks/{number}?done=same-draw", work)


CONSOLE_CHECKS = (
    check_list, begin_check, one_check, one_form, keep_form, sign_check, signature, workbook, take_workbook, redraw,
)  # fmt: skip


def _sees(look: Look, unit: str | None) -> bool:
    return look.scope.sees_all if not unit else look.scope.may_see(unit)


def _check(look: Look, number: str) -> Dossier:
    return check_seen(look.connection, number, lambda unit: _sees(look, unit))


def _figure(form: FormMultiDict, name: str) -> float:
    told = field_of(form, name, 20)
    try:
        return float(told)
    except ValueError as error:
        raise AuditorError(f"{name}: {both('应为数字', 'expected a number')}: {told}") from error

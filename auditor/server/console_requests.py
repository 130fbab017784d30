"""Requests in the console: asked, reviewed, planned, delivered, entered; reviewed, carried out, confirmed; printed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.console.pages import requests as pages
from auditor.console.pages.runs import JOB_NAMES
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, both
from auditor.issuing.roster import FORMATS
from auditor.server.console_acts import MOST_FORM, done_then, field_of
from auditor.server.console_pages import AnyRequest, Html, see_other, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.in_sight import as_seen
from auditor.server.request_acts import request_seen, requests_seen, seen_in_journal
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_request_forms
from auditor.store.console_jobs import jobs_of
from auditor.store.units import list_units
from auditor.supervision.bulk_acts import Sees
from auditor.supervision.rectification import Actor
from auditor.supervision.requests import DEMAND, INSTALLATION, REJECTED, STEP_WORDS, advance, apply, next_step

READS = [requires(Act.READ)]
ASKS = [requires(Act.REQUEST)]
PRINTS = [requires(Act.PRINT)]
SHOWN = 500
_LINE_FIELDS = ("type", "purpose", "functions", "remarks")


@get("/requests", guards=READS)
async def request_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Requests of the scope, the newest first."""

    def make(look: Look) -> str:
        query, here = look.frame.query, look.scope.units
        kind, standing = query.get("kind", ""), query.get("standing", "")
        found = requests_seen(
            look.connection, _sees(look), kind=kind if kind in pages.KINDS else "",
            state="open" if standing == "open" else "",
        )  # fmt: skip
        units = [(str(u.code), u.name) for u in list_units(look.connection) if u.code in here]
        return pages.page(
            look.frame,
            rows=[(row, next_step(row)) for row in found if row["unit"] in here][:SHOWN],
            units=[pair for pair in units if look.scope.may_see(pair[0])],
            names=dict(units),
            step_names=_step_names(look),
            jobs=jobs_of(look.connection, viewer.account, "request"),
            job_names={name: look.frame.t(*pair) for name, pair in JOB_NAMES.items()},
        )

    return await show_on_thread(request, viewer, make)


@post("/requests", guards=ASKS, request_max_body_size=MOST_FORM)
async def ask(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Take an application."""
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        unit = field_of(form, "of_unit", 100)
        if not unit or not look.scope.may_see(unit):
            raise NotThere(unit)
        kind = INSTALLATION if field_of(form, "kind", 20) == INSTALLATION else DEMAND
        content = _demand(form) if kind == DEMAND else _installation(form)
        content |= {"unit": unit, **{n: field_of(form, n, 100) for n in ("department", "applicant")}}
        actor = Actor(content["applicant"] or viewer.name)
        with look.console.store.begin() as connection:
            done = apply(connection, kind, content, on=look.console.today(), actor=actor, at=look.console.now())
        where.append(f"/requests/{done['number']}?done=noted")

    answer = await done_then(request, viewer, "/requests", work)
    return see_other(where[0]) if where else answer


def _demand(form: FormMultiDict) -> dict[str, Any]:
    lines = []
    for n in range(1, pages.LINES + 1):
        name, quantity = field_of(form, f"name-{n}", 200), field_of(form, f"quantity-{n}", 12)
        if not name and not quantity:
            continue
        domestic = {"yes": True, "no": False}.get(field_of(form, f"domestic-{n}", 3))
        lines.append(
            {"name": name, "quantity": int(quantity) if quantity.isdecimal() else 0, "domestic": domestic}
            | {field: field_of(form, f"{field}-{n}", 300) for field in _LINE_FIELDS}
        )
    return {"lines": lines, "phone": field_of(form, "phone", 40)}


def _installation(form: FormMultiDict) -> dict[str, Any]:
    told = {name: field_of(form, name, 500) for name in ("computer", "software", "reason", "existing", "person")}
    return told | {"kind": field_of(form, "act", 20)}


@get("/requests/{number:str}", guards=READS)
async def one_request(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """One request with its steps and what the journal has of it."""

    def make(look: Look) -> str:
        row = request_seen(look.connection, number, _sees(look))
        return pages.one(
            look.frame, number, row=row, due=next_step(row), unit_name=look.scope.name(row["unit"]),
            shows=look.scope.shows_person(row["unit"]), today=look.console.today(), step_names=_step_names(look),
            seen=seen_in_journal(look.connection, row, look.catalogue, look.scope.run.id), formats=FORMATS,
        )  # fmt: skip

    return await show_on_thread(request, viewer, make)


@post("/requests/{number:str}/steps", guards=ASKS)
async def step_on(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Take a request one step on, or refuse it."""
    form = await request.form()

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            row = as_seen(request_seen(connection, number, _sees(look)), field_of(form, "version", 12), number)
            name, step = field_of(form, "name", 100), field_of(form, "step", 20)
            told: dict[str, Any] = {}
            if opinion := field_of(form, "opinion", 500):
                told["opinion"] = opinion
            if codes := [code for code in re.split(r"[、,，;；\s]+", field_of(form, "codes", 500)) if code]:
                told["codes"] = codes
            if name != viewer.name:
                told["entered_by"] = viewer.name
            if step == REJECTED and not opinion:
                raise AuditorError(both("不同意应说明理由", "a refusal says why"))
            on = _day(field_of(form, "on", 10))
            if on > look.console.today():
                raise AuditorError(f"{on}: {both('不能晚于今天', 'expected a day not after today')}")
            advance(connection, row, step, name=name, on=on, at=look.console.now(), told=told)

    return await done_then(request, viewer, f"/requests/{number}?done=noted", work)


@post("/requests/{number:str}/print", guards=PRINTS)
async def print_request(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Begin to print a request as its forms."""
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        request_seen(look.connection, number, _sees(look))
        chosen = tuple(f for f in FORMATS if f in form.getall("format", []))
        job = begin_request_forms(
            request.app.state.console_jobs, look.console, viewer, number, run=look.scope.run.id,
            formats=chosen or ("docx",), language=look.frame.language,
        )  # fmt: skip
        where.append(f"/jobs/{job}")

    answer = await done_then(request, viewer, "/requests", work)
    return see_other(where[0]) if where else answer


CONSOLE_REQUESTS = (request_list, ask, one_request, step_on, print_request)


def _sees(look: Look) -> Sees:
    return lambda unit: look.scope.sees_all if not unit else look.scope.may_see(unit)


def _step_names(look: Look) -> dict[str, str]:
    names = {step: look.frame.t(*pair) for step, pair in STEP_WORDS.items()}
    return {step: name[:1].upper() + name[1:] for step, name in names.items()}


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise AuditorError(f"{told}: {both('应为日期，如 2026-12-31', 'expected a day such as 2026-12-31')}") from error

"""Handing in, in the console: calendar, drafts, review, submission, correction; files and answers of units below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.console.pages import hand_ins as pages
from auditor.console.pages.runs import JOB_NAMES
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError
from auditor.letters.procurement import joint_plan
from auditor.letters.sending_up import may_go_up, message_of
from auditor.letters.submissions import answer_question, signing_key
from auditor.readmodels.screens.scope import product_name
from auditor.server import submission_acts as acts
from auditor.server.console_acts import MOST_UPLOAD, done_then, fault_page, field_of, upload_of
from auditor.server.console_lists import download_of
from auditor.server.console_pages import AnyRequest, Html, language_of, see_other, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.in_sight import as_seen
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_draft, begin_sending, begin_signing
from auditor.store.blobs import get_blob
from auditor.store.console_jobs import jobs_of
from auditor.store.database import Connection
from auditor.store.units import list_units
from auditor.supervision.bulk_acts import Sees
from auditor.supervision.drill_down import take_answer
from auditor.supervision.handing_up import totals
from auditor.supervision.rectification import Actor
from auditor.supervision.submission import DRAFTED, review, send_back, submit

READS = [requires(Act.READ)]
HANDS = [requires(Act.HAND_IN)]
PRINTS = [requires(Act.PRINT)]
FILES_SHOWN = 200
_JSON = "application/json"


@get("/hand-ins", guards=READS)
async def hand_in_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Who has not handed in, and what was."""

    def make(look: Look) -> str:
        connection, on = look.connection, look.console.today()
        here = look.scope.units
        waiting = [w for w in acts.waiting_for(connection, look.console.settings, _sees(look), on) if w.unit in here]
        rows = acts.submissions_seen(connection, _sees(look))
        return pages.page(
            look.frame,
            waiting=waiting[: acts.MOST_WAITING],
            more_waiting=max(0, len(waiting) - acts.MOST_WAITING),
            rows=[pair for pair in rows if pair[0]["unit"] in here],
            sent_up=acts.sent_up(connection, [row for row, _ in rows]),
            entities=[pair for pair in acts.entities_seen(connection, _sees(look), on) if pair[0] in here],
            names=_names(connection),
            period=str(on.year),
            receives=bool(acts.received_seen(connection, _sees(look))) or look.frame.may("HAND_IN"),
            jobs=jobs_of(connection, viewer.account, "draft"),
            job_names={kind: look.frame.t(*pair) for kind, pair in JOB_NAMES.items()},
        )

    return await show_on_thread(request, viewer, make)


@post("/hand-ins", guards=HANDS)
async def draft(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Begin to draft a submission, or a correction, from the run looked at."""
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        unit = field_of(form, "entity", 100)
        if not look.scope.may_see(unit):
            raise NotThere(unit)
        run = field_of(form, "run", 64)
        language = field_of(form, "form_language", 10)
        job = begin_draft(
            request.app.state.console_jobs, look.console, viewer, duty=field_of(form, "duty", 40),
            period=field_of(form, "period", 10), unit=unit, run=run or look.scope.run.id,
            corrects=field_of(form, "corrects", 40) or None,
            language=language if language in ("zh_CN", "en") else language_of(request, viewer),
        )  # fmt: skip
        where.append(f"/jobs/{job}")

    answer = await done_then(request, viewer, "/hand-ins", work)
    return see_other(where[0]) if where else answer


@get("/hand-ins/{number:str}", guards=READS)
async def one_hand_in(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """One submission."""

    def make(look: Look) -> str:
        row = acts.submission_seen(look.connection, number, _sees(look))
        before, after = acts.corrected_by(look.connection, row)
        return pages.one(
            look.frame, number, row=row, before=before, after=after, unit_name=look.scope.name(row["unit"]),
            differences=acts.differences_of(look.connection, row), today=look.console.today(),
            may_sign=look.sees_all and bool(look.console.settings.text("submission_key")),
            may_send=look.sees_all and may_go_up(look.console.settings), sent_up=message_of(look.connection, row),
            is_own=row["state"] == DRAFTED and row["steps"][0]["name"] == viewer.name,
        )  # fmt: skip

    return await show_on_thread(request, viewer, make)


@get("/hand-ins/{number:str}/files/{digest:str}", guards=PRINTS)
async def hand_in_file(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], digest: FromPath[str]
) -> Response[Any]:
    """Hand out a file of a submission, as it was frozen."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str:
        row = acts.submission_seen(look.connection, number, _sees(look))
        name, content = acts.file_of(look.connection, row, digest)
        found.append(download_of(content, name, "application/octet-stream"))
        return ""

    answer = await show_on_thread(request, viewer, make)
    return found[0] if found else answer


@post("/hand-ins/{number:str}/{step:str}", guards=HANDS)
async def step_on(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], step: FromPath[str]
) -> Html:
    """Review, submit or send back, in the name of whoever is signed in."""
    form = await request.form()

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            row = as_seen(acts.submission_seen(connection, number, _sees(look)), field_of(form, "version", 12), number)
            at, opinion = look.console.now(), field_of(form, "opinion", 500)
            match step:
                case "review":
                    review(connection, row, name=viewer.name, at=at, opinion=opinion)
                case "submit":
                    submit(connection, row, actor=Actor(viewer.name), at=at)
                case "send-back":
                    send_back(connection, row, name=viewer.name, at=at, opinion=opinion)
                case _:
                    raise NotThere(step)

    return await done_then(request, viewer, f"/hand-ins/{number}?done=noted", work)


@post("/hand-ins/{number:str}/signed", guards=HANDS)
async def sign_figures(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Begin to sign the figures of a submitted report for the tier above: of this whole checker, so by who sees it."""
    return await _begin_up(request, viewer, number, begin_signing)


@post("/hand-ins/{number:str}/sent-up", guards=HANDS)
async def send_figures(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> Html:
    """Begin to send the signed figures of a submitted report to the tier above."""
    return await _begin_up(request, viewer, number, begin_sending)


async def _begin_up(request: AnyRequest, viewer: Viewer, number: str, begin: Callable[..., int]) -> Html:
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        row = acts.submission_seen(look.connection, number, _sees(look))
        if not look.sees_all:
            raise NotThere(number)
        acts.must_be_submitted(row)
        job = begin(
            request.app.state.console_jobs, look.console, viewer, row,
            with_received=field_of(form, "with_received", 2) == "1",
        )  # fmt: skip
        where.append(f"/jobs/{job}")

    answer = await done_then(request, viewer, "/hand-ins", work)
    return see_other(where[0]) if where else answer


@get("/hand-ins/received", guards=READS)
async def received(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What units below handed in, rolled up; questions to them."""

    def make(look: Look) -> str:
        connection, on, query = look.connection, look.console.today(), look.frame.query
        asked = query.get("duty", "")
        duty = asked if asked in pages.DUTIES else "summary"
        period = query.get("period", "")[:10] or str(on.year)
        rolled = acts.rolled_up(connection, duty, period, _sees(look), on)
        return pages.received(
            look.frame, duty=duty, period=period, rolled=rolled, totals=totals(rolled.units), names=_names(connection),
            files=acts.received_seen(connection, _sees(look))[:FILES_SHOWN],
            questions=acts.questions_seen(connection, _sees(look))[:FILES_SHOWN],
            may_ask=look.frame.may("HAND_IN") and bool(look.console.settings.text("submission_key")),
        )  # fmt: skip

    return await show_on_thread(request, viewer, make)


@get("/hand-ins/procurement", guards=READS)
async def procurement(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """The joint plan of the units in sight."""

    def make(look: Look) -> str:
        connection, on, query = look.connection, look.console.today(), look.frame.query
        entities = acts.entities_seen(connection, _sees(look), on)
        asked, buyer = query.get("duty", ""), query.get("buyer", "")
        duty, period = asked if asked in pages.DUTIES else "summary", query.get("period", "")[:10] or str(on.year)
        buyer = buyer if buyer in dict(entities) else entities[0][0] if entities else ""
        rows = joint_plan(connection, duty, period, buyer=buyer, on=on, sees=_sees(look)) if buyer else []
        return pages.procurement(
            look.frame, rows=rows, duty=duty, period=period, buyer=buyer, entities=entities, names=_names(connection),
            products=look.catalogue.products,
        )  # fmt: skip

    return await show_on_thread(request, viewer, make)


@post("/hand-ins/received", guards=HANDS, request_max_body_size=MOST_UPLOAD)
async def take(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Verify and keep a signed file of a unit below, or its answer to a question."""
    form = await request.form()
    try:
        _, data = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)
    where = ["/hand-ins/received?done=taken"]

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            if field_of(form, "kind", 10) == "answer":
                told = take_answer(connection, data, at=look.console.now())
                acts.question_seen(connection, told.id, _sees(look))
                where[0] = f"/hand-ins/questions/{told.id}?done=taken"
                return
            done = acts.take_file(connection, data, _sees(look), at=look.console.now())
            if not done.is_new:
                where[0] = "/hand-ins/received?done=there"

    answer = await done_then(request, viewer, where[0], work)
    return see_other(where[0]) if answer.status_code == 303 else answer


@post("/hand-ins/questions", guards=HANDS)
async def ask(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Ask a unit what stands behind a figure that it handed in."""
    form = await request.form()
    where: list[str] = []

    def work(look: Look) -> None:
        with look.console.store.begin() as connection:
            id = acts.ask_unit(
                connection, look.console.settings, _sees(look), unit=field_of(form, "of_unit", 100),
                product=field_of(form, "product", 200), duty=field_of(form, "duty", 40),
                period=field_of(form, "period", 10), by=viewer.name, at=look.console.now(),
            )  # fmt: skip
            where.append(f"/hand-ins/questions/{id}?done=noted")

    answer = await done_then(request, viewer, "/hand-ins/received", work)
    return see_other(where[0]) if where else answer


@get("/hand-ins/questions/{id:str}", guards=READS)
async def one_question(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> Html:
    """One question with its answer."""

    def make(look: Look) -> str:
        asked = acts.question_seen(look.connection, id, _sees(look))
        product = product_name(look.catalogue.products, asked.question["product"])
        return pages.question(look.frame, asked, acts.answer_told(look.connection, asked), product=product)

    return await show_on_thread(request, viewer, make)


@get("/hand-ins/questions/{id:str}/file", guards=HANDS)
async def question_file(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> Response[Any]:
    """Hand out the signed file of a question, for a unit that is not on the network."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str:
        asked = acts.question_seen(look.connection, id, _sees(look))
        found.append(download_of(get_blob(look.connection, asked.request), f"question-{id}.json", _JSON))
        return ""

    answer = await show_on_thread(request, viewer, make)
    return found[0] if found else answer


@post("/hand-ins/answers", guards=HANDS, status_code=200, request_max_body_size=MOST_UPLOAD)
async def answer(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Response[Any]:
    """Answer a question from above: the signed answer is handed out. By whoever sees the unit that is asked."""
    form = await request.form()
    try:
        _, data = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)
    found: list[Response[bytes]] = []

    def make(look: Look) -> str:
        id, reply = answer_question(
            look.console.store, signing_key(look.console.settings), data, at=look.console.now(), sees=_sees(look)
        )
        found.append(download_of(reply, f"answer-{id}.json", _JSON))
        return ""

    told = await show_on_thread(request, viewer, make)
    return found[0] if found else told


CONSOLE_HAND_INS = (
    hand_in_list, draft, one_hand_in, hand_in_file, sign_figures, send_figures, step_on, received, procurement, take,
    ask, one_question, question_file, answer,
)  # fmt: skip


def _sees(look: Look) -> Sees:
    return lambda unit: look.scope.sees_all if not unit else look.scope.may_see(unit)


def _names(connection: Connection) -> dict[str, str]:
    return {str(unit.code): unit.name for unit in list_units(connection)}

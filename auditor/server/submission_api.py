"""Handing in for programmes: calendar, drafts, review, submission, correction; figures and answers of units below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.console.viewer import EVERYWHERE, Act, Viewer
from auditor.errors import both
from auditor.letters.procurement import joint_plan
from auditor.letters.sending_up import message_of
from auditor.letters.submissions import answer_question, signing_key
from auditor.server import submission_acts as acts
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console, NotThere
from auditor.server.in_sight import must_be_as_seen, sees_of, there
from auditor.server.public_api import parents_of, store_of
from auditor.server.signin import requires
from auditor.server.supervision_jobs import begin_draft, begin_sending, begin_signing
from auditor.store.blobs import get_blob
from auditor.store.database import Connection
from auditor.store.dossiers import Dossier
from auditor.store.handed_in import DrillDown
from auditor.store.runs import get_run
from auditor.supervision.drill_down import take_answer
from auditor.supervision.handing_up import totals
from auditor.supervision.rectification import Actor
from auditor.supervision.submission import review, send_back, submit

AnyRequest = Request[Any, Any, Any]
READS = [requires(Act.READ)]
HANDS = [requires(Act.HAND_IN)]
MOST_BODY = 32 * 1024 * 1024
Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]


class WaitingTold(msgspec.Struct):
    """A duty that a unit has not handed in."""

    unit: str
    duty: str
    period: str
    due_on: date
    overdue: bool


class StepTold(msgspec.Struct):
    """One step of a submission."""

    step: str
    name: str | None
    at: str
    opinion: str | None


class SubmissionTold(msgspec.Struct):
    """A submission: `drafted`, `reviewed`, `submitted`, `corrected` or `returned`. `files`: name → SHA-256."""

    number: str
    duty: str
    period: str
    unit: str
    run: str
    state: str
    corrects: str | None
    corrected_by: str | None
    files: dict[str, str]
    steps: list[StepTold]
    version: int


class DifferenceTold(msgspec.Struct):
    """One figure or finding that a correction changes."""

    what: str
    subject: str
    figure: str
    before: str
    after: str


class SentUpTold(msgspec.Struct):
    """Signed figures on their way to the tier above: `waiting`, `sending`, `sent`, `unclear` or `given_up`.

    `fault`: why the last attempt did not deliver them. `files`: name → SHA-256.
    """

    state: str
    attempts: int
    next_at: str
    sent_at: str | None
    fault: str | None
    files: dict[str, str]


class OneSubmissionTold(msgspec.Struct):
    """A submission with what it changes in the one that it corrects, and how far its figures went up."""

    submission: SubmissionTold
    differences: list[DifferenceTold]
    sent_up: SentUpTold | None = None


class DraftAsked(msgspec.Struct):
    """A submission to draft: of the newest run unless one is named. `corrects`: the number of a submitted one."""

    duty: Short
    period: Short
    unit: Short
    run: Short = "latest"
    corrects: Short | None = None
    language: Annotated[str, msgspec.Meta(pattern="^(zh_CN|en)$")] = "zh_CN"


class DraftTold(msgspec.Struct):
    """The task that drafts; ask for it at `tasks/{id}`: `made` is the number of the submission."""

    id: int


class StepAsked(msgspec.Struct):
    """The version that was looked at, and what is said."""

    version: int
    opinion: Text = ""


class SignAsked(msgspec.Struct):
    """Whether the file carries what units below handed in for the period, as it came."""

    with_received: bool = True


class FileAsked(msgspec.Struct):
    """A signed file as base64."""

    content: bytes


class TakenTold(msgspec.Struct):
    """What became of a signed file. `is_new` is false for one that was there."""

    document: str
    unit: str
    duty: str
    period: str
    carried: int
    is_new: bool


class RolledTold(msgspec.Struct):
    """All units in sight, each once; the sums of each product; who is late or absent."""

    units: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    late: list[str]
    absent: list[str]


class QuestionAsked(msgspec.Struct):
    """What stands behind a product that a unit handed in?"""

    unit: Short
    product: Short
    duty: Short
    period: Short


class CopyAnswered(msgspec.Struct):
    """One copy: on which computer, under which code, with which verdict."""

    computer: str
    version: str | None
    edition: str | None
    code: str | None
    verdict: str
    reason: str | None
    document: str | None


class QuestionTold(msgspec.Struct):
    """A question. `file`: as it goes to the unit, base64; `copies` is `null` until it is answered."""

    id: str
    unit: str
    product: str
    period: str
    asked_at: str
    asked_by: str | None
    answered_at: str | None
    file: bytes
    copies: list[CopyAnswered] | None


class AnswerMade(msgspec.Struct):
    """A signed answer, base64, and the question that it answers."""

    id: str
    file: bytes


@get("/api/v1/duties", guards=READS, sync_to_thread=True)
def duties(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[WaitingTold]:
    """Who of the units in sight has not handed in what is due soon or overdue."""
    console = _console(request)
    with store_of(request).read() as connection:
        found = acts.waiting_for(connection, console.settings, sees_of(connection, viewer), console.today())
    return [WaitingTold(w.unit, w.due.duty, w.due.period, w.due.due_on, w.overdue) for w in found]


@get("/api/v1/submissions", guards=READS, sync_to_thread=True)
def submissions(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[SubmissionTold]:
    """Submissions of the units in sight, the newest first."""
    with store_of(request).read() as connection:
        found = acts.submissions_seen(connection, sees_of(connection, viewer))
        return [_told(connection, row) for row, _ in found]


@post("/api/v1/submissions", guards=HANDS, status_code=202, sync_to_thread=True)
def draft(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[DraftAsked]) -> DraftTold:
    """Begin to draft a submission, or a correction. What is not possible is refused at once."""
    jobs: Jobs = request.app.state.console_jobs
    with store_of(request).read() as connection:
        if not sees_of(connection, viewer)(data.unit):
            raise NotFoundException(both("没有这个单位", "no such unit"))
        run = get_run(connection, data.run).id
    job = begin_draft(
        jobs, _console(request), viewer, duty=data.duty, period=data.period, unit=data.unit, run=run,
        corrects=data.corrects, language=data.language,
    )  # fmt: skip
    return DraftTold(job)


@get("/api/v1/submissions/{number:str}", guards=READS, sync_to_thread=True)
def one_submission(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str]) -> OneSubmissionTold:
    """One submission."""
    with store_of(request).read() as connection, there():
        row = acts.submission_seen(connection, number, sees_of(connection, viewer))
        changed = [
            DifferenceTold(d.what, d.subject, d.figure, d.before, d.after) for d in acts.differences_of(connection, row)
        ]
        return OneSubmissionTold(_told(connection, row), changed, _sent_up(connection, row))


@get("/api/v1/submissions/{number:str}/files/{digest:str}", guards=[requires(Act.PRINT)], sync_to_thread=True)
def submission_file(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], digest: FromPath[str]
) -> Response[bytes]:
    """A file of a submission, byte for byte."""
    with store_of(request).read() as connection, there():
        row = acts.submission_seen(connection, number, sees_of(connection, viewer))
        _, content = acts.file_of(connection, row, digest)
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


@post("/api/v1/submissions/{number:str}/review", guards=HANDS, status_code=200, sync_to_thread=True)
def review_it(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[StepAsked]
) -> SubmissionTold:
    """Review, in the name of the account; not by who drafted it. 409 for another version."""
    return _step(request, viewer, number, "review", data)


@post("/api/v1/submissions/{number:str}/submit", guards=HANDS, status_code=200, sync_to_thread=True)
def submit_it(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[StepAsked]
) -> SubmissionTold:
    """Submit what was reviewed: its files are frozen. 409 for another version."""
    return _step(request, viewer, number, "submit", data)


@post("/api/v1/submissions/{number:str}/send-back", guards=HANDS, status_code=200, sync_to_thread=True)
def send_it_back(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[StepAsked]
) -> SubmissionTold:
    """Send a draft back, with the reason. 409 for another version."""
    return _step(request, viewer, number, "send-back", data)


@post("/api/v1/submissions/{number:str}/sign", guards=HANDS, status_code=202, sync_to_thread=True)
def sign_figures(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[SignAsked]
) -> DraftTold:
    """Begin to sign this checker's figures of a submitted report; the task tells the file. By whoever sees all."""
    return DraftTold(_begin_up(request, viewer, number, data, begin_signing))


@post("/api/v1/submissions/{number:str}/send", guards=HANDS, status_code=202, sync_to_thread=True)
def send_figures(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[str], data: JSONBody[SignAsked]
) -> DraftTold:
    """Begin to send the signed figures of a submitted report to the tier above that settings name.

    The task fails where they did not arrive; they are kept then, and go again by the schedule or by asking again. What
    arrived does not go twice.
    """
    return DraftTold(_begin_up(request, viewer, number, data, begin_sending))


def _begin_up(request: AnyRequest, viewer: Viewer, number: str, data: SignAsked, begin: Callable[..., int]) -> int:
    jobs: Jobs = request.app.state.console_jobs
    with store_of(request).read() as connection, there():
        row = acts.submission_seen(connection, number, sees_of(connection, viewer))
        if EVERYWHERE not in viewer.units:
            raise NotThere(number)
        acts.must_be_submitted(row)
    return begin(jobs, _console(request), viewer, row, with_received=data.with_received)


def _sent_up(connection: Connection, row: Dossier) -> SentUpTold | None:
    told = message_of(connection, row)
    if told is None:
        return None
    return SentUpTold(told.state, told.attempts, told.next_at, told.sent_at, told.fault, dict(told.content.files))


@post("/api/v1/received", guards=HANDS, status_code=201, sync_to_thread=True, request_max_body_size=MOST_BODY)
def take(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[FileAsked]) -> TakenTold:
    """Verify and keep a signed file of a unit below. The same file again changes nothing."""
    with store_of(request).begin() as connection, there():
        done = acts.take_file(connection, data.content, sees_of(connection, viewer), at=_console(request).now())
    return TakenTold(done.digest, done.body.unit, done.body.duty, done.body.period, len(done.carried), done.is_new)


@get("/api/v1/roll-ups", guards=READS, sync_to_thread=True)
def roll_ups(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    duty: FromQuery[Annotated[str, Parameter(max_length=40)]] = "summary",
    period: FromQuery[Annotated[str, Parameter(max_length=10)]] = "",
) -> RolledTold:
    """What units in sight handed in, each counted once."""
    on = _console(request).today()
    with store_of(request).read() as connection:
        told = acts.rolled_up(connection, duty, period or str(on.year), sees_of(connection, viewer), on)
    units = [
        {"unit": u.entity.unit, "as_of": u.as_of.isoformat(), "period": u.period, "late": u.is_late,
         "source": u.source, "machines": u.entity.machines, "genuine": u.entity.genuine,
         "counted": u.entity.counted, "overdue": u.entity.overdue}
        for u in told.units
    ]  # fmt: skip
    return RolledTold(units, totals(told.units), list(told.late), list(told.absent))


@get("/api/v1/joint-plans", guards=READS, sync_to_thread=True)
def joint_plans(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    buyer: FromQuery[Annotated[str, Parameter(max_length=100, description="unit that buys for all")]],
    duty: FromQuery[Annotated[str, Parameter(max_length=40)]] = "summary",
    period: FromQuery[Annotated[str, Parameter(max_length=10)]] = "",
) -> list[dict[str, str]]:
    """The joint plan of the units in sight: idle rights of others first, the rest bought at once at tier prices."""
    on = _console(request).today()
    with store_of(request).read() as connection:
        sees = sees_of(connection, viewer)
        if not sees(buyer) or buyer not in parents_of(connection):
            raise NotFoundException(both("没有这个单位", "no such unit"))
        rows = joint_plan(connection, duty, period or str(on.year), buyer=buyer, on=on, sees=sees)
    return [{name: str(value) for name, value in row.items()} for row in rows]


@get("/api/v1/drill-downs", guards=READS, sync_to_thread=True)
def questions(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[QuestionTold]:
    """Questions to the units in sight, the newest first."""
    with store_of(request).read() as connection:
        found = acts.questions_seen(connection, sees_of(connection, viewer))
        return [_question(connection, asked) for asked in found[:200]]


@post("/api/v1/drill-downs", guards=HANDS, status_code=201, sync_to_thread=True)
def ask(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[QuestionAsked]) -> QuestionTold:
    """Ask a unit; its checker fetches the question, or is handed the file."""
    console = _console(request)
    with store_of(request).begin() as connection:
        sees = sees_of(connection, viewer)
        id = acts.ask_unit(
            connection, console.settings, sees, unit=data.unit, product=data.product, duty=data.duty,
            period=data.period, by=viewer.name, at=console.now(),
        )  # fmt: skip
        return _question(connection, acts.question_seen(connection, id, sees))


@get("/api/v1/drill-downs/{id:str}", guards=READS, sync_to_thread=True)
def one_question(request: AnyRequest, viewer: NamedDependency[Viewer], id: FromPath[str]) -> QuestionTold:
    """One question with its answer."""
    with store_of(request).read() as connection, there():
        return _question(connection, acts.question_seen(connection, id, sees_of(connection, viewer)))


@post("/api/v1/drill-downs/answers", guards=HANDS, status_code=200, sync_to_thread=True,
      request_max_body_size=MOST_BODY)  # fmt: skip
def keep_answer(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[FileAsked]) -> QuestionTold:
    """Verify and keep a unit's answer that came as a file."""
    with store_of(request).begin() as connection, there():
        told = take_answer(connection, data.content, at=_console(request).now())
        return _question(connection, acts.question_seen(connection, told.id, sees_of(connection, viewer)))


@post("/api/v1/drill-downs/reply", guards=HANDS, status_code=200, sync_to_thread=True,
      request_max_body_size=MOST_BODY)  # fmt: skip
def reply(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[FileAsked]) -> AnswerMade:
    """Answer a question from above with the signed file that goes back."""
    console = _console(request)
    with store_of(request).read() as connection:
        sees = sees_of(connection, viewer)
    id, made = answer_question(
        store_of(request), signing_key(console.settings), data.content, at=console.now(), sees=sees
    )
    return AnswerMade(id, made)


SUBMISSION_API = (
    duties, submissions, draft, one_submission, submission_file, review_it, submit_it, send_it_back, sign_figures,
    send_figures, take,
    roll_ups,
    joint_plans,    questions, ask, one_question, keep_answer, reply,
)  # fmt: skip


def _step(request: AnyRequest, viewer: Viewer, number: str, step: str, data: StepAsked) -> SubmissionTold:
    at = _console(request).now()
    with store_of(request).begin() as connection, there():
        row = acts.submission_seen(connection, number, sees_of(connection, viewer))
        must_be_as_seen(row, data.version)
        if step == "review":
            row = review(connection, row, name=viewer.name, at=at, opinion=data.opinion)
        elif step == "submit":
            row = submit(connection, row, actor=Actor(viewer.name), at=at)
        else:
            row = send_back(connection, row, name=viewer.name, at=at, opinion=data.opinion)
        return _told(connection, row)


def _console(request: AnyRequest) -> Console:
    console: Console = request.app.state.console
    return console


def _told(connection: Connection, row: Dossier) -> SubmissionTold:
    before, after = acts.corrected_by(connection, row)
    steps = [StepTold(s["step"], s["name"], s["at"], s.get("opinion") or None) for s in row["steps"]]
    return SubmissionTold(
        row["number"], row["duty"], row["period"], row["unit"], row["run"], row["state"], before, after,
        dict(row["files"]), steps, row["version"],
    )  # fmt: skip


def _question(connection: Connection, asked: DrillDown) -> QuestionTold:
    answer = acts.answer_told(connection, asked)
    copies = None
    if answer is not None:
        copies = [
            CopyAnswered(c.computer, c.version, c.edition, c.code, c.verdict, c.reason, c.document)
            for c in answer.copies
        ]
    return QuestionTold(
        asked.id, asked.unit, str(asked.question["product"]), str(asked.question["period"]), asked.asked_at,
        asked.asked_by, asked.answered_at, get_blob(connection, asked.request), copies,
    )  # fmt: skip

"""The console's rectification: findings from audit to audit, every act on them, many at once.

Rights follow roles and subtree: whoever may decide acts on what they see. An act names the version of the finding that
its form showed; when somebody else was faster, nothing is done and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.console.keys import key_parts
from auditor.console.pages import cases as pages
from auditor.console.pages import confirm
from auditor.console.viewer import Act, Viewer
from auditor.core.case import OPEN, CaseState
from auditor.errors import AuditorError, both
from auditor.intake.registers.papers import check_paper
from auditor.letters.notice import issue_notices, release_overdue_list
from auditor.readmodels.screens import cases as screens
from auditor.server.console_acts import MOST_FORM, MOST_UPLOAD, done_then, fault_page, field_of, upload_of
from auditor.server.console_jobs import Jobs
from auditor.server.console_lists import download_of
from auditor.server.console_pages import AnyRequest, Html, see_other, show, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.signin import requires
from auditor.store.blobs import get_blob
from auditor.store.cases import Case, Filter, count_cases, find_case, last_facts, list_cases
from auditor.store.database import Connection
from auditor.store.papers import Subject, add_paper, find_paper, links_of, paper_content
from auditor.supervision.acting import Said, act_on, possible, unchanged
from auditor.supervision.bulk_acts import BulkAct, Sees, find_bulk, list_bulk, undo_bulk
from auditor.supervision.escalation import overdue_units
from auditor.supervision.false_positives import rule_previews
from auditor.supervision.rectification import Actor
from auditor.supervision.states import RULES, Doing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
READS = [requires(Act.READ)]
DECIDES = [requires(Act.DECIDE_FINDINGS)]
READS_PAPERS = [requires(Act.READ_LEDGER)]
MOST_ON_A_PAGE = 2_000
"""Findings that an act is done on while the page waits; on more it is a task."""


@get("/cases", guards=READS, sync_to_thread=True)
def case_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Findings under rectification, the gravest and most urgent first."""

    def make(look: Look) -> str:
        only, on = look.frame.query.get("only", ""), look.console.today()
        wanted = _wanted(look.frame.query, on)
        after: Any = key_parts(look.frame.query.get("after"), (int, str, int))
        model = screens.case_page(look.connection, look.scope, look.catalogue, wanted, on=on, after=after)
        return pages.page(look.frame, model, wanted, only=only, today=on)

    return show(request, viewer, make)


def _wanted(query: Any, on: date) -> Filter:
    state, only = query.get("state", ""), query.get("only", "")
    states: tuple[str, ...] = (state,) if state in set(CaseState) else ()
    if only == "open" and not states:
        states = tuple(sorted(OPEN))
    return Filter(
        states=states,
        code=query.get("code") or None,
        severity=query.get("severity") or None,
        overdue_on=on if only == "overdue" else None,
        text=query.get("q", "").strip()[:100] or None,
    )


@get("/cases/overdue", guards=READS)
async def overdue(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Units that are late with findings: counts alone, and the list to release."""

    def make(look: Look) -> str:
        on, here = look.console.today(), look.scope.units
        rows = [row for row in overdue_units(look.connection, on) if row.unit in here and look.scope.may_see(row.unit)]
        return pages.overdue(look.frame, rows, on=on)

    return await show_on_thread(request, viewer, make)


@post("/cases/overdue", guards=DECIDES, status_code=200)
async def release_overdue(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Response[Any]:
    """Release 未按期整改单位名单: internal, units and counts alone, in the name of whoever releases it."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str:
        here = look.scope.units
        with look.console.store.begin() as connection:
            content = release_overdue_list(
                connection, look.console.settings, on=look.console.today(), released_by=viewer.name,
                language=look.frame.language, at=look.console.now(),
                sees=lambda unit: unit in here and look.scope.may_see(unit),
            )  # fmt: skip
        found.append(download_of(content, f"未按期整改单位名单-{look.console.today()}.docx", DOCX))
        return ""

    answer = await show_on_thread(request, viewer, make)
    return found[0] if found else answer


@get("/cases/rules", guards=[requires(Act.EDIT_CATALOGUE)], sync_to_thread=True)
def false_positives(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What false positives say of the rules; of the whole store, so for whoever sees it all."""

    def make(look: Look) -> str | None:
        if not look.sees_all:
            return None
        return pages.rules(look.frame, rule_previews(look.connection, look.catalogue))

    return show(request, viewer, make)


@get("/cases/{number:int}", guards=READS, sync_to_thread=True)
def one_case(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """One finding with its evidence, statements, papers, acts and history."""

    def make(look: Look) -> str | None:
        case, on = _case(look, number), look.console.today()
        model = screens.one_case(look.connection, look.scope, look.catalogue, case, look.frame.language, on=on)
        if model is None:
            return None
        may = look.frame.may("DECIDE_FINDINGS")
        acts = [doing.value for doing in _possible(CaseState(case.state))] if may else []
        return pages.one(look.frame, model, acts, today=on, longest=on + timedelta(days=_longest(look)))

    return show(request, viewer, make)


def _possible(state: CaseState) -> list[Doing]:
    """What can be done now; the notice, which is a letter, behind the acts that come before it."""
    found = list(possible(state))
    if state in RULES[Doing.NOTICE].before:
        found.insert(found.index(Doing.STATE), Doing.NOTICE)
    return found


@get("/cases/{number:int}/notice", guards=READS, sync_to_thread=True)
def case_notice(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Response[Any]:
    """Hand out the last notice that names a finding, as it went out."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        case = _case(look, number)
        told = last_facts(look.connection, [case.id], Doing.NOTICE.value).get(case.id)
        if told is None or not look.scope.shows_person(case.unit):
            return None  # a letter names computers as the unit does
        content = get_blob(look.connection, str(told.facts["file"]))
        found.append(download_of(content, f"整改通知书-{told.facts['notice']}.docx", DOCX))
        return ""

    answer = show(request, viewer, make)
    return found[0] if found else answer


@get("/cases/{number:int}/papers/{digest:str}", guards=READS_PAPERS, sync_to_thread=True)
def case_paper(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int], digest: FromPath[str]
) -> Response[Any]:
    """Hand out a paper of a finding."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        case = _case(look, number)
        linked = {link.paper for link in links_of(look.connection, subject=Subject("finding", case.key))}
        if digest not in linked:
            return None
        paper = find_paper(look.connection, digest)
        found.append(download_of(paper_content(look.connection, digest), paper.file_name, paper.media_type))
        return ""

    answer = show(request, viewer, make)
    return found[0] if found else answer


@post("/cases/{number:int}/{doing:str}", guards=DECIDES, request_max_body_size=MOST_UPLOAD)
async def act_on_case(
    request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int], doing: FromPath[str]
) -> Html:
    """Do one act on one finding."""
    form = await request.form()
    upload: tuple[str, bytes] | None = None
    try:
        if any(part.startswith("paper") for part in pages.ASKS.get(doing, ())):
            upload = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)

    def work(look: Look) -> None:
        if doing not in pages.ASKS:
            raise NotThere(doing)
        version = field_of(form, "version", 12)
        case = unchanged(_case(look, number), int(version) if version.isdecimal() else -1)
        at = look.console.now()
        with look.console.store.begin() as connection:
            paper = None
            if upload is not None:
                name, data = upload
                kept, _ = add_paper(
                    connection, data, media_type=check_paper(data, name).media_type, file_name=name, kind="finding",
                    number=None, remarks=None, now=at, by=viewer.name,
                )  # fmt: skip
                paper = kept.digest
            _do(look, connection, Doing(doing), [case], _said(form, paper), at)

    return await done_then(request, viewer, f"/cases/{number}?done=noted", work)


@post("/cases/bulk", guards=DECIDES, status_code=200, request_max_body_size=MOST_FORM)
async def ask_bulk(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Say how many findings an act would touch, and in which states they are."""
    form = await request.form()

    def make(look: Look) -> str:
        doing, wanted = _bulk(look, form)
        counts = count_cases(look.connection, wanted)
        number = sum(counts.values())
        if not number:
            raise AuditorError(both("没有符合条件的问题项", "no finding meets the conditions"))
        head, units = look.frame.t(*pages.HEADS[doing.value]), len({unit for unit, _ in counts})
        hidden = {name: field_of(form, name) for name in _BULK_FIELDS if field_of(form, name)}
        return confirm.page(
            look.frame,
            title=head,
            text=look.frame.t(
                f"将对 {number:,} 项问题项办理“{head}”，涉及 {units} 个单位。要么全部办理，要么都不办，均记入经过。",
                f"{head}: {number:,} findings of {units} units. All or none, and each has it in its history.",
            ),
            action=look.frame.url("/cases/bulk/apply"),
            button=look.frame.t(f"办理 {number:,} 项", f"Do it for {number:,}"),
            back=look.frame.url("/cases"),
            hidden=hidden | {"count": str(number)},
        )

    return await show_on_thread(request, viewer, make)


@post("/cases/bulk/apply", guards=DECIDES, request_max_body_size=MOST_FORM)
async def apply_bulk(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Do an act on all findings that the form chose, when they are still as many as it said.

    On very many it is a task, so that the page answers at once; all or none is done either way.
    """
    form = await request.form()
    where = ["/cases?done=noted-many"]

    def work(look: Look) -> None:
        number = _counted(look, look.connection, form)
        if number <= MOST_ON_A_PAGE:
            _apply(look, form)
            return
        job = _later(request, look, "cases", lambda later: _apply(later, form))
        where[0] = f"/jobs/{job}"

    answer = await done_then(request, viewer, where[0], work)
    return see_other(where[0]) if answer.status_code == 303 else answer


def _apply(look: Look, form: FormMultiDict) -> None:
    doing, wanted = _bulk(look, form)
    with look.console.store.begin() as connection:
        _counted(look, connection, form)
        _do(look, connection, doing, list_cases(connection, wanted), _said(form, None), look.console.now())


def _counted(look: Look, connection: Connection, form: FormMultiDict) -> int:
    """Return how many findings a form chooses. Raises `AuditorError` when it said another number."""
    number = sum(count_cases(connection, _bulk(look, form)[1]).values())
    if str(number) != field_of(form, "count", 12):
        raise AuditorError(both("数量已变化，请重新查看后再办", "their number has changed; look again first"))
    return number


def _later(request: AnyRequest, look: Look, kind: str, work: Callable[[Look], None]) -> int:
    """Begin a task that looks at the store as the reader does now, and return its number."""
    jobs: Jobs = request.app.state.console_jobs
    frame, console = look.frame, look.console

    def run(_: int) -> Mapping[str, Any]:
        with console.look(frame.viewer, language=frame.language, path=frame.path, query=frame.query) as later:
            work(later)
        return {}

    return jobs.begin(kind, frame.viewer.account, {}, run)


@get("/cases/bulk-acts", guards=DECIDES, sync_to_thread=True)
def bulk_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Acts on many, the newest first: each can be taken back whole."""

    def make(look: Look) -> str:
        return pages.bulk(look.frame, list_bulk(look.connection, _sees(look)))

    return show(request, viewer, make)


@get("/cases/bulk-acts/{digest:str}", guards=DECIDES, sync_to_thread=True)
def ask_undo(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Html:
    """Say how many findings would stand as before."""

    def make(look: Look) -> str:
        act = _bulk_act(look, look.connection, digest)
        head, done_at = look.frame.t(*pages.HEADS[act.act]), f"{act.at[:10]} {act.at[11:16]} UTC"
        whose = look.frame.t(f"{act.by or ''}于 {done_at} 办理", f"by {act.by or '-'}, {done_at}")
        return confirm.page(
            look.frame,
            title=look.frame.t("撤销批量办理", "Take an act on many back"),
            text=look.frame.t(
                f"撤销{whose}的“{head}”：{act.count:,} 项问题项恢复到办理之前。"
                "其中任何一项之后又有办理的，整批都不撤销。",
                f"{head}, {whose}: {act.count:,} findings will stand as before. Where one was acted on since, none is "
                "touched.",
            ),
            action=look.frame.url(f"/cases/bulk-acts/{act.digest}/undo"),
            button=look.frame.t(f"撤销 {act.count:,} 项", f"Take back {act.count:,}"),
            back=look.frame.url("/cases/bulk-acts"),
        )

    return show(request, viewer, make)


@post("/cases/bulk-acts/{digest:str}/undo", guards=DECIDES)
async def undo(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Html:
    """Take an act on many back, for all findings or for none; on very many it is a task."""
    where = ["/cases/bulk-acts?done=taken-back"]

    def work(look: Look) -> None:
        if _bulk_act(look, look.connection, digest).count <= MOST_ON_A_PAGE:
            _undo(look, digest)
            return
        where[0] = f"/jobs/{_later(request, look, 'cases', lambda later: _undo(later, digest))}"

    answer = await done_then(request, viewer, where[0], work)
    return see_other(where[0]) if answer.status_code == 303 else answer


def _undo(look: Look, digest: str) -> None:
    actor = Actor(look.frame.viewer.name)
    with look.console.store.begin() as connection:
        act = _bulk_act(look, connection, digest)
        undo_bulk(connection, act, _sees(look), actor=actor, at=look.console.now())


def _bulk_act(look: Look, connection: Connection, digest: str) -> BulkAct:
    try:
        return find_bulk(connection, digest, _sees(look))
    except AuditorError as error:
        raise NotThere(digest) from error


def _sees(look: Look) -> Sees:
    return lambda unit: look.scope.sees_all if not unit else look.scope.may_see(unit)


def _do(look: Look, connection: Connection, doing: Doing, cases: Sequence[Case], said: Said, at: str) -> None:
    console, by, today = look.console, look.frame.viewer.name, look.console.today()
    if doing is Doing.NOTICE:
        for _ in issue_notices(
            connection, console.settings, look.catalogue, cases, noticed_on=today, due_on=said.due_on, number=None,
            language=look.frame.language, by=by, at=at,
        ):  # fmt: skip
            pass  # each letter is kept; the page of a finding hands it out
        return
    act_on(connection, doing, cases, said, actor=Actor(by), at=at, today=today, longest_days=_longest(look))


_BULK_FIELDS = ("act", "state", "severity", "code", "only", "q", "owner", "due_on", "text")


def _bulk(look: Look, form: FormMultiDict) -> tuple[Doing, Filter]:
    act = field_of(form, "act", 40)
    if act not in pages.IN_BULK:
        raise NotThere(act)
    query = {name: field_of(form, name) for name in ("state", "severity", "code", "only", "q")}
    return Doing(act), screens.within(look.scope, _wanted(query, look.console.today()))


def _case(look: Look, number: int) -> Case:
    """Raises `NotThere` for a finding that is not there, or not for this reader."""
    if not 0 < number < 2**53:
        raise NotThere(str(number))
    try:
        case = find_case(look.connection, str(number))
    except AuditorError as error:
        raise NotThere(str(number)) from error
    if not screens.may_see(look.scope, case):
        raise NotThere(str(number))
    return case


def _longest(look: Look) -> int:
    return look.console.settings.whole("exception_days")


def _said(form: FormMultiDict, paper: str | None) -> Said:
    return Said(
        text=field_of(form, "text", 4000),
        owner=field_of(form, "owner", 100) or None,
        due_on=_day(form, "due_on"),
        paper=paper,
        approver=field_of(form, "approver", 100),
        until=_day(form, "until"),
    )


def _day(form: FormMultiDict, name: str) -> date | None:
    given = field_of(form, name, 10)
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise AuditorError(
            f"{given}: {both('应为日期，如 2026-12-31', 'expected a day such as 2026-12-31')}"
        ) from error


CONSOLE_CASES = (
    case_list, overdue, release_overdue, false_positives, bulk_list, ask_undo, undo, one_case,
    case_notice, case_paper, act_on_case, ask_bulk, apply_bulk,
)  # fmt: skip

"""The console's further pages that are read: units, ledger, papers, recognition, products, runs, forms, agents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.audit.freeze import Manifest
from auditor.console.keys import key_parts
from auditor.console.pages import agents as agents_page
from auditor.console.pages import forms as forms_page
from auditor.console.pages import ledger as ledger_pages
from auditor.console.pages import products as product_pages
from auditor.console.pages import recognition as recognition_pages
from auditor.console.pages import runs as run_pages
from auditor.console.pages import schedules as schedules_page
from auditor.console.pages import settings as settings_page
from auditor.console.pages import units as units_page
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, both
from auditor.proof.values import value_from
from auditor.readmodels.screens import ledger, products, recognition, runs
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.readmodels.screens.units import units_page as units_model
from auditor.scheduling.jobs import timetable
from auditor.server.console_jobs import is_lost
from auditor.server.console_pages import AnyRequest, Html, console_of, show, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.signin import requires
from auditor.store.agents import agent_versions, list_tokens, page_of_agents
from auditor.store.blobs import get_blob
from auditor.store.console_jobs import find_job, jobs_of
from auditor.store.papers import find_paper, paper_content
from auditor.store.runs import RunRow, find_issued, get_run, list_runs, run_manifest
from auditor.store.units import list_units
from rules.overlay import in_force, layer_sources, revisions

READS = [requires(Act.READ)]
READS_LEDGER = [requires(Act.READ_LEDGER)]
PRINTS = [requires(Act.PRINT)]
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}


MOST_EARLIER = 50
"""As many runs are offered to compare with."""


def text_of(look: Look) -> str:
    """Return what is looked for."""
    return look.frame.query.get("q", "").strip()[:100]


def number_after(look: Look) -> int:
    """Return the number after which a list goes on, 0 for its beginning."""
    after: Any = key_parts(look.frame.query.get("after"), (int,))
    return int(after[0]) if after is not None else 0


@get("/units", guards=READS, sync_to_thread=True)
def unit_tree(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """The unit looked at, with those straight below it."""

    def make(look: Look) -> str:
        text = text_of(look)
        return units_page.page(look.frame, units_model(look.connection, look.scope, text), text=text)

    return show(request, viewer, make)


@get("/ledger", guards=READS_LEDGER, sync_to_thread=True)
def ledger_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """The licence ledger as it stands today."""

    def make(look: Look) -> str:
        on, text = look.console.today(), text_of(look)
        after: Any = key_parts(look.frame.query.get("after"), (str, str, int))
        model = ledger.ledger_page(look.connection, look.scope, on, text=text, after=after)
        return ledger_pages.page(look.frame, model, text=text, on=on)

    return show(request, viewer, make)


@get("/ledger/{row:int}", guards=READS_LEDGER, sync_to_thread=True)
def one_right(request: AnyRequest, viewer: NamedDependency[Viewer], row: FromPath[int]) -> Html:
    """One right with its papers and the computers that use it."""

    def make(look: Look) -> str | None:
        model = ledger.right_page(look.connection, look.scope, row, after=number_after(look))
        return ledger_pages.right(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/papers", guards=READS_LEDGER)
async def paper_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Papers with what they prove."""

    def make(look: Look) -> str:
        rows = ledger.paper_page(look.connection, look.scope).rows
        after = look.frame.query.get("after", "")
        at = next((n for n, (paper, _) in enumerate(rows, start=1) if paper.digest == after), 0)
        shown = rows[at : at + PAGE]
        more = shown[-1][0].digest if len(rows) > at + PAGE else None
        return ledger_pages.papers(look.frame, shown, after=more)

    return await show_on_thread(request, viewer, make)


@get("/papers/{digest:str}", guards=READS_LEDGER, sync_to_thread=True)
def one_paper(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Response[Any]:
    """Hand out the file of a paper, to be kept, never shown within the console."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        try:
            paper = find_paper(look.connection, digest)
        except AuditorError as error:
            raise NotThere(str(error)) from error
        if not ledger.may_see_paper(look.connection, look.scope, paper.digest):
            return None
        found.append(download_of(paper_content(look.connection, paper.digest), paper.file_name, paper.media_type))
        return ""

    answer = show(request, viewer, make)
    return found[0] if found else answer


@get("/recognition", guards=READS, sync_to_thread=True)
def queue(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What is not recognised, ranked by computers."""

    def make(look: Look) -> str:
        text = text_of(look)
        after: Any = key_parts(look.frame.query.get("after"), (int, str))
        model = recognition.queue_page(look.connection, look.scope, text=text, after=after)
        return recognition_pages.queue(look.frame, model, text=text)

    return show(request, viewer, make)


@get("/recognition/group", guards=READS, sync_to_thread=True)
def unknown_group(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """One piece of unknown software."""

    def make(look: Look) -> str | None:
        group = look.frame.query.get("name", "")
        model = recognition.unknown_page(look.connection, look.scope, look.catalogue, group, after=number_after(look))
        return recognition_pages.unknown(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/recognition/rules", guards=READS, sync_to_thread=True)
def house_rules(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """The rules of the house with their revisions."""

    def make(look: Look) -> str:
        folder = look.console.layer_folder
        files = [("/".join(source.inside), source.data.decode("utf-8")) for source in layer_sources(folder)]
        return recognition_pages.rules(look.frame, revisions(folder), in_force(folder), files)

    return show(request, viewer, make)


@get("/titles", guards=READS, sync_to_thread=True)
def title_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Every title of the store, with what the catalogue says of it."""

    def make(look: Look) -> str:
        text = text_of(look)
        model = recognition.title_page(look.connection, look.catalogue, text=text, after=number_after(look))
        return recognition_pages.titles(look.frame, model, look.catalogue.products, text=text)

    return show(request, viewer, make)


@get("/titles/{number:int}", guards=READS, sync_to_thread=True)
def one_title(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """One title."""

    def make(look: Look) -> str | None:
        row = recognition.one_title(look.connection, look.catalogue, number)
        return recognition_pages.title(look.frame, row, look.catalogue.products) if row is not None else None

    return show(request, viewer, make)


@get("/products", guards=READS, sync_to_thread=True)
def product_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Products of the catalogue."""

    def make(look: Look) -> str:
        q, text = look.frame.query, text_of(look)
        only = q.get("only", "")
        model = products.product_page(
            look.connection, look.scope, look.catalogue, text=text, only=only, after=q.get("after", "")
        )
        return product_pages.page(look.frame, model, text=text, only=only)

    return show(request, viewer, make)


@get("/products/{publisher:str}/{name:str}", guards=READS, sync_to_thread=True)
def one_product(
    request: AnyRequest, viewer: NamedDependency[Viewer], publisher: FromPath[str], name: FromPath[str]
) -> Html:
    """One product."""

    def make(look: Look) -> str | None:
        model = products.one_product(
            look.connection, look.scope, look.catalogue, f"{publisher}/{name}", after=number_after(look)
        )
        return product_pages.one(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/runs", guards=READS)
async def run_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Audit runs, the newest first."""

    def make(look: Look) -> str:
        model = runs.runs_page(look.connection, before=number_after(look) or None)
        jobs = jobs_of(look.connection, viewer.account, "audit")
        return run_pages.page(look.frame, model, today=look.console.today(), jobs=jobs)

    return await show_on_thread(request, viewer, make)


@get("/runs/compare", guards=READS, sync_to_thread=True)
def compare_runs(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What differs between two runs."""
    console = console_of(request)
    query = {name: value[:80] for name, value in request.query_params.items()}

    def make(look: Look) -> str:
        scopes, parts = [], []
        for which in ("earlier", "later"):
            run = get_run(look.connection, query.get(which, ""))
            named = {"run": run.id, "unit": look.scope.span.code}
            with console.look(viewer, language=look.frame.language, path=look.frame.path, query=named) as other:
                scopes.append(_same_unit(other.scope, look.scope))
                parts.append(_parts(look, run))
        model = runs.comparison(look.connection, scopes[0], scopes[1], look.catalogue.products, (parts[0], parts[1]))
        return run_pages.comparison(look.frame, model)

    return show(request, viewer, make)


def _same_unit(found: Scope, wanted: Scope) -> Scope:
    """Raises `AuditorError` where a run does not know the unit."""
    if found.span.code != wanted.span.code:
        zh, en = "这次核查中没有该单位", "the run does not know the unit"
        raise AuditorError(f"run {found.run.id[:12]}: {wanted.span.name}: {both(zh, en)}")
    return found


def _parts(look: Look, run: RunRow) -> dict[str, str]:
    return dict(value_from(run_manifest(look.connection, run), Manifest).parts)


@get("/runs/{run:str}", guards=READS, sync_to_thread=True)
def one_run(request: AnyRequest, viewer: NamedDependency[Viewer], run: FromPath[str]) -> Html:
    """One run: its result for the unit looked at, its inputs, the files issued from it."""
    console = console_of(request)

    def make(look: Look) -> str:
        named = {**look.frame.query, "run": run}
        with console.look(viewer, language=look.frame.language, path=look.frame.path, query=named) as other:
            parts = _parts(other, other.scope.run)
            model = runs.one_run(other.connection, other.scope, parts, before=_file_before(other))
            return run_pages.one(other.frame, model)

    return show(request, viewer, make)


@get("/jobs/{number:int}", guards=READS, sync_to_thread=True)
def one_job(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """How far a task of the reader is, or what came of it."""

    def make(look: Look) -> str | None:
        job = find_job(look.connection, number, viewer.account)
        return run_pages.job(look.frame, job, lost=is_lost(job)) if job is not None else None

    return show(request, viewer, make)


@get("/forms", guards=PRINTS)
async def form_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Forms and reports: what may be issued, what was."""

    def make(look: Look) -> str:
        scope = look.scope
        model = runs.one_run(look.connection, scope, {}, before=_file_before(look))
        jobs = jobs_of(look.connection, viewer.account, "print")
        earlier = [row for row in reversed(list_runs(look.connection)) if row.id != scope.run.id][:MOST_EARLIER]
        return forms_page.page(look.frame, entities=legal_entities(scope), model=model, jobs=jobs, earlier=earlier)

    return await show_on_thread(request, viewer, make)


def _file_before(look: Look) -> int | None:
    told = look.frame.query.get("after", "")
    return int(told) if told.isdecimal() and len(told) < 12 else None


def legal_entities(scope: Scope) -> list[Any]:
    """Return the legal entities at or below the unit looked at."""
    here = scope.spans[scope.span.at - 1 : scope.span.last]
    return [span for span in here if span.kind == "legal_entity" and scope.may_see(span.code)]


@get("/files/{digest:str}", guards=PRINTS, sync_to_thread=True)
def issued_file(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Response[Any]:
    """Hand out a file that was issued, as it was."""
    found: list[Response[bytes]] = []

    def make(look: Look) -> str | None:
        mine = [f for f in find_issued(look.connection, digest) if runs.may_see_file(look.scope, f.file_name)]
        if not mine:
            return None
        name = mine[0].file_name.rpartition("/")[2]
        media = _MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
        found.append(download_of(get_blob(look.connection, mine[0].digest), name, media))
        return ""

    answer = show(request, viewer, make)
    return found[0] if found else answer


def download_of(content: bytes, name: str, media: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return Response(content, media_type=media, headers=headers)


@get("/agents", guards=[requires(Act.READ_AGENTS)], sync_to_thread=True)
def agent_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Agents, their releases, tokens."""
    return show(request, viewer, lambda look: agents_of(look, None))


def agents_of(look: Look, token: str | None) -> str:
    """Return the page of agents; `token` is one that was just made."""
    scope, console = look.frame.scope, look.console
    units = None if scope is None or scope.sees_all else scope.visible
    after: Any = key_parts(look.frame.query.get("after"), (str, str))
    found = page_of_agents(look.connection, units=units, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    tokens = [t for t in list_tokens(look.connection) if units is None or t.unit in units]
    known = [(u.code, u.name) for u in list_units(look.connection) if units is None or u.code in units]
    return agents_page.page(
        look.frame,
        shown,
        versions=agent_versions(look.connection, units),
        tokens=tokens[:PAGE],
        units=known,
        personal=scope.personal if scope is not None else frozenset(),
        after=(shown[-1].enrolled_at, shown[-1].id) if len(found) > PAGE else None,
        now=console.now(),
        token=token,
    )


@get("/settings", guards=[requires(Act.MANAGE_SETTINGS)], sync_to_thread=True)
def setting_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Every setting in force and where it comes from."""
    return show(request, viewer, lambda look: settings_page.page(look.frame, look.console.settings))


@get("/schedules", guards=[requires(Act.MANAGE_SCHEDULE)], sync_to_thread=True)
def schedule_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What runs by itself."""

    def make(look: Look) -> str:
        settings = look.console.settings
        found = timetable(look.connection, settings, datetime.now(UTC))
        rows = [schedules_page.ScheduleRow(row.name, row.setting, row.expression, row.last, row.next) for row in found]
        return schedules_page.page(look.frame, rows, zone=settings.text("time_zone"))

    return show(request, viewer, make)


LISTS = (
    schedule_list,
    unit_tree,
    ledger_list,
    one_right,
    paper_list,
    one_paper,
    queue,
    unknown_group,
    house_rules,
    title_list,
    one_title,
    product_list,
    one_product,
    run_list,
    compare_runs,
    one_run,
    one_job,
    form_list,
    issued_file,
    agent_list,
    setting_list,
)

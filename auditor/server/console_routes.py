"""The console: pages that are read. Acts stand in `console_acts.py`.

Every page of a run is seen from one unit with all below it (`?unit=`), the newest run by default (`?run=`). Lists go on
by key (`?after=`).
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.console.keys import key_parts
from auditor.console.pages import dashboard as dashboard_page
from auditor.console.pages import findings as finding_pages
from auditor.console.pages import machine as machine_pages
from auditor.console.pages import machines as machines_page
from auditor.console.pages import positions as position_pages
from auditor.console.rendering import STATIC, static_file
from auditor.console.viewer import Act, Viewer
from auditor.readmodels.screens import findings, machine, machines, positions
from auditor.readmodels.screens.dashboard import coverage_of_scope, dashboard
from auditor.server.console_acts import CONSOLE_ACTS
from auditor.server.console_cases import CONSOLE_CASES
from auditor.server.console_checks import CONSOLE_CHECKS
from auditor.server.console_hand_ins import CONSOLE_HAND_INS
from auditor.server.console_lists import LISTS
from auditor.server.console_pages import AnyRequest, Html, show
from auditor.server.console_requests import CONSOLE_REQUESTS
from auditor.server.console_state import Look
from auditor.server.signin import requires
from auditor.store.cases import case_number
from auditor.store.entitlements import LedgerFilter, count_entitlements
from auditor.store.inventories import count_documents
from auditor.store.run_index import FindingFilter
from auditor.store.units import list_units

READS = [requires(Act.READ)]
_WEEK = "public, max-age=604800, immutable"


@get("/static/{name:str}", sync_to_thread=False, opt={"public": True})
def static(name: FromPath[str]) -> Response[bytes]:
    """Hand out a style sheet, script or picture of ours; its address changes with its content."""
    if name not in STATIC:
        return Response(b"", status_code=404, media_type="text/plain")
    content, digest = static_file(name)
    return Response(content, media_type=STATIC[name], headers={"ETag": f'"{digest}"', "Cache-Control": _WEEK})


@get("/", guards=READS, sync_to_thread=True)
def overview(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Coverage, rates, shortages, findings, units without a scan, rights that end."""
    return show(request, viewer, _overview)


def _overview(look: Look) -> str:
    if look.frame.scope is None:
        on = look.console.today()
        return dashboard_page.before_first_run(
            look.frame,
            documents=count_documents(look.connection),
            units=len(list_units(look.connection, on)),
            rights=count_entitlements(look.connection, on, LedgerFilter()),
        )
    days = look.console.settings.whole("expiring_within_days")
    model = dashboard(look.connection, look.scope, look.catalogue.products, expiring_within_days=days)
    return dashboard_page.page(look.frame, model)


@get("/machines", guards=READS, sync_to_thread=True)
def machine_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Computers, filtered and ordered."""

    def make(look: Look) -> str:
        q = look.frame.query
        wish = machines.MachineWish(
            text=q.get("q", "").strip()[:100],
            machine_class=q.get("machine_class", ""),
            os_family=q.get("os_family", ""),
            verdict=q.get("verdict", ""),
            unseen=q.get("unseen", ""),
            order=q.get("order", "number"),
        )
        kind = int if wish.order in ("number", "gravity", "copies") else str
        after: Any = key_parts(q.get("after"), (kind, int))
        return machines_page.page(
            look.frame, machines.machine_page(look.connection, look.scope, wish, after=after), wish
        )

    return show(request, viewer, make)


@get("/machines/{key:str}", guards=READS, sync_to_thread=True)
def one_machine(request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str]) -> Html:
    """One computer: register, hardware, the verdict on each copy, findings."""

    def make(look: Look) -> str | None:
        model = machine.overview(look.connection, look.scope, look.catalogue, key)
        return machine_pages.overview(look.frame, model, look.catalogue.products) if model is not None else None

    return show(request, viewer, make)


@get("/machines/{key:str}/software", guards=READS, sync_to_thread=True)
def machine_software(request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str]) -> Html:
    """What is installed on a computer."""

    def make(look: Look) -> str | None:
        text = look.frame.query.get("q", "").strip()[:100]
        after: Any = key_parts(look.frame.query.get("after"), (str, int))
        model = machine.software_page(look.connection, look.scope, look.catalogue, key, text=text, after=after)
        if model is None:
            return None
        return machine_pages.software(look.frame, model, look.catalogue.products, text=text)

    return show(request, viewer, make)


@get("/machines/{key:str}/journal", guards=READS, sync_to_thread=True)
def machine_journal(request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str]) -> Html:
    """What changed on a computer."""

    def make(look: Look) -> str | None:
        after: Any = key_parts(look.frame.query.get("after"), (str, int))
        model = machine.journal_page(look.connection, look.scope, key, after=after)
        return machine_pages.journal(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/machines/{key:str}/coverage", guards=READS, sync_to_thread=True)
def machine_coverage(request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str]) -> Html:
    """How each scope of a computer was read."""

    def make(look: Look) -> str | None:
        head = machine.machine_head(look.connection, look.scope, key)
        return machine_pages.coverage(look.frame, head) if head is not None else None

    return show(request, viewer, make)


@get("/machines/{key:str}/identity", guards=READS, sync_to_thread=True)
def machine_identity(request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str]) -> Html:
    """By which evidence documents were joined to a computer."""

    def make(look: Look) -> str | None:
        model = machine.identity_page(look.connection, look.scope, key)
        return machine_pages.identity(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/machines/{key:str}/copies/{number:int}", guards=READS, sync_to_thread=True)
def copy_evidence(
    request: AnyRequest, viewer: NamedDependency[Viewer], key: FromPath[str], number: FromPath[int]
) -> Html:
    """From a copy to the machine's own words, the rule, the right and the paper."""

    def make(look: Look) -> str | None:
        model = machine.copy_evidence(look.connection, look.scope, look.catalogue, key, number)
        return machine_pages.evidence(look.frame, model, look.catalogue.products) if model is not None else None

    return show(request, viewer, make)


@get("/positions", guards=READS, sync_to_thread=True)
def position_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Licence positions of a unit with all below it."""

    def make(look: Look) -> str:
        q = look.frame.query
        text, only, category = q.get("q", "").strip()[:100], q.get("only", "all") or "all", q.get("category", "")
        after: Any = key_parts(q.get("after"), (float, int))
        model = positions.position_page(
            look.connection, look.scope, look.catalogue.products, only=only, category=category or None, text=text,
            after=after,
        )  # fmt: skip
        coverage = coverage_of_scope(look.scope.spans, look.scope.span)
        return position_pages.page(look.frame, model, coverage, text=text, only=only, category=category)

    return show(request, viewer, make)


@get("/positions/why", guards=READS, sync_to_thread=True)
def why(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """What the position of one product rests on: units, rights, copies."""

    def make(look: Look) -> str | None:
        q = look.frame.query
        after: Any = key_parts(q.get("after"), (int,)) or (0,)
        model = positions.why(
            look.connection, look.scope, look.catalogue.products, q.get("product", ""), metric=q.get("metric", ""),
            after=after[0],
        )  # fmt: skip
        return position_pages.why(look.frame, model) if model is not None else None

    return show(request, viewer, make)


@get("/findings", guards=READS, sync_to_thread=True)
def finding_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Findings of a unit with all below it."""

    def make(look: Look) -> str:
        q = look.frame.query
        wanted = FindingFilter(
            severity=q.get("severity") or None, code=q.get("code") or None, product=q.get("product") or None
        )
        after: Any = key_parts(q.get("after"), (int,)) or (0,)
        model = findings.finding_page(look.connection, look.scope, look.catalogue, wanted, after=after[0])
        return finding_pages.page(look.frame, model, wanted)

    return show(request, viewer, make)


@get("/findings/{number:int}", guards=READS, sync_to_thread=True)
def one_finding(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """One finding with its evidence."""

    def make(look: Look) -> str | None:
        row = findings.one_finding(look.connection, look.scope, look.catalogue, number)
        return finding_pages.one(look.frame, row, case_number(look.connection, row.case)) if row is not None else None

    return show(request, viewer, make)


CONSOLE_ROUTES = (
    *LISTS,
    *CONSOLE_ACTS,
    *CONSOLE_CASES,
    *CONSOLE_CHECKS,
    *CONSOLE_HAND_INS,
    *CONSOLE_REQUESTS,
    static,
    overview,
    machine_list,
    one_machine,
    machine_software,
    machine_journal,
    machine_coverage,
    machine_identity,
    copy_evidence,
    position_list,
    why,
    finding_list,
    one_finding,
)

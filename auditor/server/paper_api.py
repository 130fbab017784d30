"""What the console does with forms, reports and rules of the house, for programmes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from auditor.audit.catalogue_in_force import cache_folder
from auditor.console.pages.ledger import PAPER_KINDS
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, both
from auditor.intake.registers.papers import check_paper
from auditor.issuing.roster import issuable, several_runs_fault
from auditor.readmodels.screens import recognition
from auditor.readmodels.screens.runs import may_see_file
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console, Look, NothingYet
from auditor.server.signin import requires
from auditor.store.agents import end_token, list_tokens
from auditor.store.blobs import get_blob
from auditor.store.entitlements import entitlements_of_rows
from auditor.store.papers import Subject, add_paper, link_paper
from auditor.store.runs import find_issued, get_run, list_issued
from auditor.store.trail import append_trail
from reports.clean_text import clean
from rules.compiled import shipped_catalogue
from rules.house_rule import FIELDS, house_files, layer_with
from rules.overlay import OverlayFault, apply_layer, in_force, layer_sources
from rules.overlay import take_back as take_rules_back
from rules.source_files import CatalogueFaults

AnyRequest = Request[Any, Any, Any]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Format = Literal["xlsx", "docx", "pdf", "html", "csv", "json"]
_Answer = TypeVar("_Answer")
MOST_FORMS = 60
MOST_PAPER = 32 * 1024 * 1024
"""A paper of the largest size as base64, in bytes."""


class FormTold(msgspec.Struct):
    """A form or report that can be issued."""

    key: str
    group: str
    title_zh: str
    title_en: str


class IssueAsked(msgspec.Struct):
    """Forms to issue. No unit: every legal entity that the account sees; no format: the usual one of each form."""

    forms: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=MOST_FORMS)]
    run: Name = ""
    units: Annotated[list[Name], msgspec.Meta(max_length=1000)] = []
    formats: Annotated[list[Format], msgspec.Meta(max_length=6)] = []
    edition: Literal["official", "internal"] = "official"
    language: Literal["zh_CN", "en"] = "zh_CN"
    csv_bom: bool = True
    against: Name | None = None


class IssueTold(msgspec.Struct):
    """The task that issues them; ask for it at `tasks/{id}`."""

    id: int


class FileTold(msgspec.Struct):
    """An issued file. `digest`: SHA-256, by which it is fetched."""

    name: str
    digest: str
    issued_at: str


class RuleAsked(msgspec.Struct):
    """A rule of the house: the fields of the console's form. `matches`, `rejects`: one example a line."""

    id: Name
    zh: Name
    en: Name
    pattern: Annotated[str, msgspec.Meta(max_length=500)]
    matches: Annotated[str, msgspec.Meta(max_length=10_000)]
    rejects: Annotated[str, msgspec.Meta(max_length=10_000)]
    publisher: Name = ""
    category: Name = "other"
    kind: Name = "application"
    licence_class: Name = "unknown"
    terms: Annotated[str, msgspec.Meta(max_length=500)] = ""


class RuleTold(msgspec.Struct):
    """What a rule would change: how many titles would be told otherwise; the files that it is written as."""

    titles: int
    files: dict[str, str]


class PaperAsked(msgspec.Struct):
    """A certificate, contract or invoice to keep and link to a row of the ledger. `content`: base64."""

    row: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    kind: Name
    file_name: Name
    content: bytes
    number: Name | None = None


class PaperKept(msgspec.Struct):
    """The paper as it was kept: the same content is kept once."""

    digest: str
    code: str
    unit: str


class RevisionTold(msgspec.Struct):
    """A revision of the rules of the house."""

    number: int
    digest: str


def _console(request: AnyRequest) -> Console:
    console: Console = request.app.state.console
    return console


def _looked(request: AnyRequest, viewer: Viewer, work: Callable[[Look], _Answer], *, run: str = "") -> _Answer:
    """Do something with the store as the account sees it. What is not there or not seen is 404, a fault is 400."""
    query = {"run": run} if run else {}
    try:
        with _console(request).look(viewer, language="zh_CN", path="/", query=query) as look:
            return work(look)
    except NothingYet as error:
        raise NotFoundException(str(error)) from error
    except (AuditorError, CatalogueFaults, OverlayFault) as error:
        raise ClientException(str(error)) from error


@get("/api/v1/forms", guards=[requires(Act.PRINT)], sync_to_thread=True)
def forms() -> list[FormTold]:
    """Forms and reports that can be issued from a run."""
    return [FormTold(each.key, each.group, each.title_zh, each.title_en) for each in issuable()]


@post("/api/v1/issues", guards=[requires(Act.PRINT)], status_code=202, sync_to_thread=True)
def issue(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[IssueAsked]) -> IssueTold:
    """Begin to write forms and reports of a run; each file is kept and signed as in the console."""
    jobs: Jobs = request.app.state.console_jobs

    def work(look: Look) -> IssueTold:
        seen = [s.code for s in look.scope.spans if s.kind == "legal_entity" and look.scope.may_see(s.code)]
        units = [code for code in seen if code in set(data.units)] if data.units else seen
        known = tuple(each.key for each in issuable() if each.key in set(data.forms))
        if len(known) != len(set(data.forms)) or not units or (data.units and len(units) != len(set(data.units))):
            raise AuditorError(both("没有这种表、单位，或不在范围内", "no such form or unit, or not among yours"))
        if (fault := several_runs_fault(known, data.against)) is not None:
            raise AuditorError(both(*fault))
        job = jobs.issue(
            viewer.account, look.scope.run.id, units, known, formats=data.formats, edition=data.edition,
            language=data.language, with_bom=data.csv_bom, against=data.against,
        )  # fmt: skip
        return IssueTold(job)

    return _looked(request, viewer, work, run=data.run)


@get("/api/v1/runs/{run:str}/files", guards=[requires(Act.PRINT)], sync_to_thread=True)
def files(request: AnyRequest, viewer: NamedDependency[Viewer], run: FromPath[str]) -> list[FileTold]:
    """Files that were issued from a run, of units that the account sees."""

    def work(look: Look) -> list[FileTold]:
        row = get_run(look.connection, run)
        rows = [file for file in list_issued(look.connection, row.id) if may_see_file(look.scope, file.file_name)]
        return [FileTold(file.file_name, file.digest, file.issued_at) for file in rows]

    return _looked(request, viewer, work)


@get("/api/v1/files/{digest:str}", guards=[requires(Act.PRINT)], sync_to_thread=True)
def one_file(request: AnyRequest, viewer: NamedDependency[Viewer], digest: FromPath[str]) -> Response[bytes]:
    """An issued file, byte for byte."""

    def work(look: Look) -> bytes | None:
        mine = [file for file in find_issued(look.connection, digest) if may_see_file(look.scope, file.file_name)]
        return get_blob(look.connection, mine[0].digest) if mine else None

    found = _looked(request, viewer, work)
    if found is None:
        raise NotFoundException(both("没有这份文件", "no such file"))
    return Response(found, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


@post("/api/v1/rules", guards=[requires(Act.EDIT_CATALOGUE)], status_code=200, sync_to_thread=True)
def rule(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    data: JSONBody[RuleAsked],
    apply: FromQuery[
        Annotated[bool, Parameter(description="put it in force; else only say what it would change")]
    ] = False,
) -> RuleTold:
    """Say what a rule of the house would change, and put it in force when asked to."""

    def work(look: Look) -> RuleTold:
        folder = look.console.layer_folder
        told = {name: str(getattr(data, name, "")) for name in FIELDS}
        made = house_files(told, look.catalogue.publishers, read_on=look.console.today().isoformat())
        layer = layer_with(layer_sources(folder), made)
        preview = recognition.rule_preview(
            look.connection, look.catalogue, shipped_catalogue(cache_folder(), layer)
        )  # what has faults raises here, and is never put in force
        if apply:
            revision, _ = apply_layer(folder, layer)
            _note(look, "rules.applied", f"revision {revision.number} {revision.digest}")
        return RuleTold(preview.titles, made)

    return _looked(request, viewer, work)


@post("/api/v1/rules/take-back", guards=[requires(Act.EDIT_CATALOGUE)], status_code=200, sync_to_thread=True)
def rules_back(
    request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[dict[str, int]]
) -> list[RevisionTold]:
    """Take the revision in force back: `{"revision": N}`. Answers what is in force then."""

    def work(look: Look) -> list[RevisionTold]:
        folder = look.console.layer_folder
        now = in_force(folder)
        if now is None or data.get("revision") != now.number:
            raise AuditorError(both("规则已被他人改变，请重新查看", "somebody changed the rules meanwhile; look again"))
        take_rules_back(folder)
        _note(look, "rules.taken_back", f"revision {now.number} {now.digest}")
        return _revision(folder)

    return _looked(request, viewer, work)


@get("/api/v1/rules", guards=[requires(Act.READ)], sync_to_thread=True)
def rules(request: AnyRequest, viewer: NamedDependency[Viewer]) -> list[RevisionTold]:
    """The revision of the rules of the house that is in force; none: the shipped catalogue alone."""
    return _looked(request, viewer, lambda look: _revision(look.console.layer_folder))


def _revision(folder: Any) -> list[RevisionTold]:
    now = in_force(folder)
    return [] if now is None else [RevisionTold(now.number, now.digest)]


@post(
    "/api/v1/agent-tokens/{number:int}/end", guards=[requires(Act.MANAGE_AGENTS)], status_code=204, sync_to_thread=True
)
def token_end(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> None:
    """Take what is left of an enrolment token away."""

    def work(look: Look) -> bool:
        token = next((token for token in list_tokens(look.connection) if token.id == number), None)
        if token is None or not (look.sees_all or token.unit in look.visible):
            return False
        with look.console.store.begin() as connection:
            if end_token(connection, number):
                append_trail(connection, at=look.console.now(), act="token.ended", subject=str(number))
        return True

    if not _looked(request, viewer, work):
        raise NotFoundException(both("没有这个登记码", "no such token"))


@post(
    "/api/v1/papers", guards=[requires(Act.EDIT_LEDGER)], status_code=201, sync_to_thread=True,
    request_max_body_size=MOST_PAPER,
)  # fmt: skip
def keep_paper(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[PaperAsked]) -> PaperKept:
    """Keep a paper and link it to the 软件编号 of a row of the ledger."""

    def work(look: Look) -> PaperKept | None:
        rights = entitlements_of_rows(look.connection, [data.row])
        if not rights or not look.scope.may_see(rights[0].unit):
            return None
        if data.kind not in PAPER_KINDS:
            raise AuditorError(both("凭证种类不成立", "no such kind of paper"))
        name = clean(data.file_name).replace("\\", "/").rpartition("/")[2]
        media = check_paper(data.content, name).media_type
        subject = Subject("right", rights[0].code, rights[0].unit)
        with look.console.store.begin() as connection:
            paper, _ = add_paper(
                connection, data.content, media_type=media, file_name=name, kind=data.kind, number=data.number,
                remarks=None, now=look.console.now(), by=viewer.name,
            )  # fmt: skip
            link_paper(connection, paper.digest, subject, now=look.console.now(), by=viewer.name)
        return PaperKept(paper.digest, rights[0].code, rights[0].unit)

    kept = _looked(request, viewer, work)
    if kept is None:
        raise NotFoundException(both("没有这一行台账", "no such row of the ledger"))
    return kept


def _note(look: Look, act: str, subject: str) -> None:
    with look.console.store.begin() as connection:
        append_trail(connection, at=look.console.now(), act=act, subject=subject)


PAPER_API = (forms, issue, files, one_file, rules, rule, rules_back, token_end, keep_paper)

"""What is done in the console: import, take back, papers, rules of the house, audits, forms, tokens.

Each act says its count first and is one entry that can be undone. It does what the command of the same name does, by
the same functions; the trail tells who.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from litestar import get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from auditor.audit.catalogue_in_force import cache_folder
from auditor.console.pages import confirm, told
from auditor.console.pages import ledger as ledger_pages
from auditor.console.pages import recognition as recognition_pages
from auditor.console.pages.recognition import Draft
from auditor.console.viewer import Act, Viewer
from auditor.errors import AuditorError, both
from auditor.intake.enrolment import issue_token, revoke
from auditor.intake.register_import import RegisterFile, apply_file, preview_file, read_register_file
from auditor.intake.registers.papers import MAX_BYTES, check_paper
from auditor.issuing.roster import FORMATS, issuable, several_runs_fault
from auditor.readmodels.screens import ledger, recognition
from auditor.readmodels.screens.scope import PAGE
from auditor.server.console_jobs import Jobs
from auditor.server.console_lists import agents_of, legal_entities
from auditor.server.console_pages import AnyRequest, Html, console_of, language_of, query_of, see_other, show_on_thread
from auditor.server.console_state import Look, NotThere
from auditor.server.signin import requires
from auditor.store.agents import end_token, find_agent
from auditor.store.batches import Batch, find_batch, page_of_batches
from auditor.store.blobs import get_blob, put_blob
from auditor.store.bulk import bulk
from auditor.store.dated_rows import REGISTERS, take_back, units_of_batch
from auditor.store.entitlements import entitlements_of_rows
from auditor.store.papers import Subject, add_paper, link_paper
from auditor.store.trail import append_trail
from auditor.store.units import list_units
from reports.clean_text import clean
from rules.compiled import shipped_catalogue
from rules.house_rule import FIELDS, house_files, layer_with, name_pattern
from rules.imports.draft import draft_id
from rules.overlay import OverlayFault, apply_layer, in_force, layer_sources
from rules.overlay import take_back as take_rules_back
from rules.source_files import CatalogueFaults, SourceFile

_Answer = TypeVar("_Answer")
MOST_UPLOAD = 24 * 1024 * 1024
MOST_FORM = 256 * 1024
LEDGER_EDIT = [requires(Act.EDIT_LEDGER)]
CATALOGUE_EDIT = [requires(Act.EDIT_CATALOGUE)]
AGENTS_MANAGE = [requires(Act.MANAGE_AGENTS)]
REGISTER_ACTS: Mapping[str, Act] = {
    name: Act.EDIT_REGISTERS if name in ("units", "people", "machines") else Act.EDIT_LEDGER for name in REGISTERS
}


def _jobs(request: AnyRequest) -> Jobs:
    found: Jobs = request.app.state.console_jobs
    return found


async def _thread(work: Callable[[], _Answer]) -> _Answer:
    return await asyncio.get_running_loop().run_in_executor(None, work)


def field_of(form: FormMultiDict, name: str, most: int = 500) -> str:
    value = form.get(name)
    return clean(value).strip()[:most] if isinstance(value, str) else ""


async def upload_of(form: FormMultiDict) -> tuple[str, bytes]:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise AuditorError(both("请选择文件", "choose a file"))
    data = await file.read()
    if not data or len(data) > MAX_BYTES:
        zh = f"文件应有内容，且不超过 {MAX_BYTES >> 20} MB"
        raise AuditorError(both(zh, f"expected a file of at most {MAX_BYTES} bytes, with something in it"))
    return clean(file.filename).replace("\\", "/").rpartition("/")[2][:200], data


async def done_then(request: AnyRequest, viewer: Viewer, where: str, work: Callable[[Look], None]) -> Html:
    """Do something, then send the browser on; a fault is told on a page of its own."""
    done: list[bool] = []

    def make(look: Look) -> str:
        work(look)
        done.append(True)
        return ""

    answer = await show_on_thread(request, viewer, make)
    return see_other(where) if done else answer


def fault_page(request: AnyRequest, viewer: Viewer, error: AuditorError) -> Html:
    from auditor.console.frame import Frame

    frame = Frame(viewer, language_of(request, viewer), request.url.path, query_of(request))
    return Html(told.fault(frame, str(error)), status_code=400, media_type="text/html")


# --- import batches -------------------------------------------------------------------------------------------------


@get("/batches", guards=[requires(Act.READ_LEDGER)])
async def batch_list(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Import batches, the newest first; whoever may import finds the form here."""

    def make(look: Look) -> str:
        before = look.frame.query.get("after", "")
        found = page_of_batches(
            look.connection, before=int(before) if before.isdecimal() and len(before) < 12 else None, limit=PAGE + 1
        )
        rows = [(batch, _may_undo(look, batch)) for batch in found[:PAGE] if _may_see_batch(look, batch)]
        return ledger_pages.batches(
            look.frame,
            rows,
            registers=[name for name in ledger.REGISTERS if look.frame.may(REGISTER_ACTS[name].name)],
            units=[u for u in list_units(look.connection) if look.sees_all or u.code in look.visible],
            today=look.console.today(),
            after=found[PAGE - 1].id if len(found) > PAGE else None,
        )

    return await show_on_thread(request, viewer, make)


def _may_see_batch(look: Look, batch: Batch) -> bool:
    if look.sees_all:
        return True
    units = units_of_batch(look.connection, batch)
    return units is not None and bool(units & look.visible)


def _may_undo(look: Look, batch: Batch) -> bool:
    """Whether the reader may take a batch back: it stands, and every row of it is of a unit that they see."""
    if batch.taken_back_at is not None or not look.frame.may(REGISTER_ACTS[batch.register].name):
        return False
    if look.sees_all:
        return True
    units = units_of_batch(look.connection, batch)
    return units is not None and units <= look.visible


@dataclass(frozen=True)
class _Import:
    """What a form says of a file to import."""

    register: str
    file_name: str
    valid_from: date
    unit: str | None
    reason: str | None

    def read(self, look: Look, data: bytes) -> RegisterFile:
        """Read the file. Raises `AuditorError` with all its faults, or for units that the reader may not see."""
        from auditor.core.model import UnitCode

        found = read_register_file(
            look.connection,
            self.register,
            data,
            self.file_name,
            on=self.valid_from,
            catalogue=look.catalogue,
            sealer=look.console.store.sealer,
            unit=UnitCode(self.unit) if self.unit else None,
        )
        _check_units(look, found)
        return found


def _import_of(look: Look, form: FormMultiDict, file_name: str) -> _Import:
    register = field_of(form, "register", 40)
    if register not in REGISTER_ACTS or not look.frame.may(REGISTER_ACTS[register].name):
        raise NotThere(register)
    try:
        valid_from = date.fromisoformat(field_of(form, "valid_from", 10))
    except ValueError as error:
        raise AuditorError(both("有效起日应为日期", "expected a day for valid from")) from error
    return _Import(
        register, file_name, valid_from, field_of(form, "unit_of_file", 100) or None, field_of(form, "reason") or None
    )


def _check_units(look: Look, found: RegisterFile) -> None:
    """Raises `AuditorError` when rows are of units that the reader may not see, or of none and they do not see all."""
    if look.sees_all:
        return
    name = "code" if found.register == "units" else "unit"
    strange = sorted({str(row.get(name)) for row in found.rows if row.get(name) not in look.visible})
    if strange:
        shown = ", ".join(strange[:10])
        zh, en = f"含有不在您范围内的单位：{shown}", f"rows of units that you may not edit: {shown}"
        raise AuditorError(f"{found.file_name}: {both(zh, en)}")


@post("/batches/preview", guards=LEDGER_EDIT, status_code=200, request_max_body_size=MOST_UPLOAD)
async def preview_import(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Say what a file would change; nothing is written but the file itself, by its digest."""
    form = await request.form()
    try:
        file_name, data = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)

    def make(look: Look) -> str:
        wanted = _import_of(look, form, file_name)
        try:
            found = wanted.read(look, data)
        except AuditorError as error:
            return ledger_pages.preview(
                look.frame, None, register=wanted.register, file_name=file_name, valid_from=wanted.valid_from,
                faults=str(error).splitlines(), unknown=(), hidden={},
            )  # fmt: skip
        with look.console.store.begin() as connection:
            digest = put_blob(connection, "upload", data)
        return ledger_pages.preview(
            look.frame,
            preview_file(look.connection, found, wanted.valid_from),
            register=wanted.register,
            file_name=file_name,
            valid_from=wanted.valid_from,
            faults=[str(note) for note in found.notes],
            unknown=found.unknown_products[:PAGE],
            hidden={
                "register": wanted.register,
                "file_name": file_name,
                "digest": digest,
                "valid_from": wanted.valid_from.isoformat(),
                "unit_of_file": wanted.unit or "",
                "reason": wanted.reason or "",
            },
        )

    return await show_on_thread(request, viewer, make)


@post("/batches", guards=LEDGER_EDIT, request_max_body_size=MOST_FORM)
async def apply_import(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Apply a file that was previewed, as one batch."""
    form = await request.form()

    def work(look: Look) -> None:
        wanted = _import_of(look, form, field_of(form, "file_name", 200))
        data = get_blob(look.connection, field_of(form, "digest", 64))
        found = wanted.read(look, data)
        with look.console.store.begin() as connection:
            apply_file(
                connection, found, wanted.valid_from, now=look.console.now(), made_by=viewer.name,
                reason=wanted.reason,
            )  # fmt: skip

    return await done_then(request, viewer, "/batches?done=applied", work)


@get("/batches/{number:int}/take-back", guards=LEDGER_EDIT)
async def ask_take_back(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """Ask once more before a batch is taken back."""

    def make(look: Look) -> str | None:
        batch = find_batch(look.connection, number)
        if batch is None or not _may_undo(look, batch):
            return None
        rows = sum(batch.counts.get(name, 0) for name in ("new", "changed", "ended"))
        name = look.frame.t(*ledger_pages.REGISTER_NAMES[batch.register])
        return confirm.page(
            look.frame,
            title=look.frame.t(f"撤回批次 {number}", f"Take batch {number} back"),
            text=look.frame.t(
                f"{name}：{batch.file_name}。将恢复导入前的状态，涉及 {rows} 行；批次和内容仍留在历史中。",
                f"{name}: {batch.file_name}. The register goes back to what it was, {rows} rows; history keeps all.",
            ),
            action=f"/batches/{number}/take-back",
            button=look.frame.t(f"撤回 {rows} 行", f"Take {rows} rows back"),
            back="/batches",
            danger=True,
        )

    return await show_on_thread(request, viewer, make)


@post("/batches/{number:int}/take-back", guards=LEDGER_EDIT, request_max_body_size=MOST_FORM)
async def undo_batch(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """Take a batch back."""

    def work(look: Look) -> None:
        batch = find_batch(look.connection, number)
        if batch is None or not _may_undo(look, batch):
            raise NotThere(str(number))
        with look.console.store.begin() as connection:
            take_back(connection, number, now=look.console.now(), by=viewer.name)

    return await done_then(request, viewer, "/batches?done=taken-back", work)


@post("/papers", guards=LEDGER_EDIT, request_max_body_size=MOST_UPLOAD)
async def keep_paper(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Keep a paper and link it to a row of the ledger."""
    form = await request.form()
    row = field_of(form, "row", 12)

    try:
        file_name, data = await upload_of(form)
    except AuditorError as error:
        return fault_page(request, viewer, error)

    def work(look: Look) -> None:
        rights = entitlements_of_rows(look.connection, [int(row)] if row.isdecimal() else [])
        if not rights or not look.scope.may_see(rights[0].unit):
            raise NotThere(row)
        kind = field_of(form, "kind", 40)
        if kind not in ledger_pages.PAPER_KINDS:
            raise AuditorError(both("凭证种类不成立", "no such kind of paper"))
        media = check_paper(data, file_name).media_type
        subject = Subject("right", rights[0].code, rights[0].unit)
        with look.console.store.begin() as connection:
            paper, _ = add_paper(
                connection, data, media_type=media, file_name=file_name, kind=kind,
                number=field_of(form, "number", 200) or None, remarks=None, now=look.console.now(), by=viewer.name,
            )  # fmt: skip
            link_paper(connection, paper.digest, subject, now=look.console.now(), by=viewer.name)

    return await done_then(request, viewer, f"/ledger/{row}?done=paper-added", work)


# --- rules of the house ---------------------------------------------------------------------------------------------


@get("/recognition/rule", guards=CATALOGUE_EDIT)
async def new_rule(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """A form for a rule, filled in from what the machines say."""

    def make(look: Look) -> str | None:
        group = look.frame.query.get("name", "")
        found = recognition.unknown_page(look.connection, look.scope, look.catalogue, group)
        if found is None:
            return None
        names = list(dict.fromkeys(row.title.name for row in found.titles)) or [found.row.name]
        publisher = next((row.title.publisher for row in found.titles if row.title.publisher), "") or ""
        draft = Draft(
            id=_drafted_id(publisher, found.row.name),
            zh=found.row.name[:200],
            en=found.row.name[:200],
            publisher=publisher,
            pattern="|".join(dict.fromkeys(name_pattern(name) for name in names[:5])),
            matches="\n".join(names[:20]),
            rejects=f"{names[0]} Plug-in",
        )
        return recognition_pages.rule(look.frame, draft, group=group, name=found.row.name)

    return await show_on_thread(request, viewer, make)


def _drafted_id(publisher: str, name: str) -> str:
    try:
        return draft_id(publisher or name, name)
    except ValueError:  # no Latin letter to make one of: the reader writes it
        return ""


@post("/recognition/rule/preview", guards=CATALOGUE_EDIT, status_code=200, request_max_body_size=MOST_FORM)
async def preview_rule(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Say which titles a rule would tell otherwise."""
    form = await request.form()

    def make(look: Look) -> str:
        draft = _draft(form)
        group = field_of(form, "group")
        try:
            layer, files = _layer(look, draft)
            after = shipped_catalogue(cache_folder(), layer)
        except (CatalogueFaults, OverlayFault) as error:
            faults = str(error).splitlines()
            return recognition_pages.rule(look.frame, draft, group=group, name=draft.zh, faults=faults)
        return recognition_pages.rule(
            look.frame,
            draft,
            group=group,
            name=draft.zh,
            preview=recognition.rule_preview(look.connection, look.catalogue, after),
            yaml="\n".join(f"# {path}\n{text}" for path, text in files.items()),
        )

    return await show_on_thread(request, viewer, make)


@post("/recognition/rule", guards=CATALOGUE_EDIT, request_max_body_size=MOST_FORM)
async def apply_rule(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Put a rule in force as one revision."""
    form = await request.form()

    def work(look: Look) -> None:
        draft = _draft(form)
        try:
            layer, _ = _layer(look, draft)
            shipped_catalogue(cache_folder(), layer)  # what has faults is never put in force
            revision, _ = apply_layer(look.console.layer_folder, layer)
        except (CatalogueFaults, OverlayFault) as error:
            raise AuditorError(str(error)) from error
        _note(look, "rules.applied", f"revision {revision.number} {revision.digest}")

    return await done_then(request, viewer, "/recognition/rules?done=rules-applied", work)


def _draft(form: FormMultiDict) -> Draft:
    long = {"matches": 10_000, "rejects": 10_000}
    return Draft(**{name: field_of(form, name, long.get(name, 500)) for name in FIELDS})


def _layer(look: Look, draft: Draft) -> tuple[tuple[SourceFile, ...], dict[str, str]]:
    files = house_files(vars(draft), look.catalogue.publishers, read_on=look.console.today().isoformat())
    return layer_with(layer_sources(look.console.layer_folder), files), files


@get("/recognition/rules/take-back", guards=CATALOGUE_EDIT)
async def ask_rules_back(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Ask once more before the rules in force are taken back; say how many titles that changes."""

    def make(look: Look) -> str | None:
        now = in_force(look.console.layer_folder)
        if now is None:
            return None
        return confirm.page(
            look.frame,
            title=look.frame.t(f"撤回第 {now.number} 版规则", f"Take revision {now.number} of the rules back"),
            text=look.frame.t(
                "上一版重新生效（没有上一版时只用随附目录）。以前的核查不变；撤回的一版仍保存。",
                "The revision before it holds again, or the shipped catalogue alone. Earlier runs stay as they are; "
                "the revision that is taken back is kept.",
            ),
            action="/recognition/rules/take-back",
            button=look.frame.t("撤回这一版", "Take it back"),
            back="/recognition/rules",
            hidden={"revision": str(now.number)},
            danger=True,
        )

    return await show_on_thread(request, viewer, make)


@post("/recognition/rules/take-back", guards=CATALOGUE_EDIT, request_max_body_size=MOST_FORM)
async def undo_rules(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Take the rules in force back, unless somebody changed them meanwhile."""
    form = await request.form()

    def work(look: Look) -> None:
        now = in_force(look.console.layer_folder)
        if now is None or str(now.number) != field_of(form, "revision", 12):
            told_of = both("规则已被他人改变，请重新查看", "somebody changed the rules meanwhile; look again")
            raise AuditorError(told_of)
        try:
            take_rules_back(look.console.layer_folder)
        except OverlayFault as error:
            raise AuditorError(str(error)) from error
        _note(look, "rules.taken_back", f"revision {now.number} {now.digest}")

    return await done_then(request, viewer, "/recognition/rules?done=rules-taken-back", work)


def _note(look: Look, act: str, subject: str) -> None:
    with look.console.store.begin() as connection:
        append_trail(connection, at=look.console.now(), act=act, subject=subject)


# --- audits, forms, agents ------------------------------------------------------------------------------------------


@post("/runs", guards=[requires(Act.RUN_AUDIT)], request_max_body_size=MOST_FORM)
async def begin_audit(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Begin an audit as of a day."""
    form = await request.form()
    try:
        on = date.fromisoformat(field_of(form, "as_of", 10))
        if on > console_of(request).today():
            raise ValueError
    except ValueError:
        fault = AuditorError(both("截至日期应为今天或以前的日期", "expected a day that has come"))
        return fault_page(request, viewer, fault)
    job = await _thread(lambda: _jobs(request).audit(viewer.account, on))
    return see_other(f"/jobs/{job}")


@post("/forms", guards=[requires(Act.PRINT)], request_max_body_size=MOST_FORM)
async def begin_issue(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Begin to write forms and reports."""
    form = await request.form()
    begun: list[int] = []

    def make(look: Look) -> str:
        entity, run = field_of(form, "entity", 100), field_of(form, "run", 64)
        known = [span.code for span in legal_entities(look.scope)]
        everywhere = [s.code for s in look.scope.spans if s.kind == "legal_entity" and look.scope.may_see(s.code)]
        units = known if entity == "*" else [code for code in everywhere if code == entity]
        wanted = set(form.getall("form", []))
        forms = tuple(each.key for each in issuable() if each.key in wanted)
        against = (field_of(form, "against", 64) or None) if "comparison" in forms else None
        edition, language = field_of(form, "edition", 20), field_of(form, "form_language", 10)
        if not units or not forms or edition not in ("official", "internal") or language not in ("zh_CN", "en"):
            raise AuditorError(both("请选择单位和至少一张表", "choose a unit and at least one form"))
        if (fault := several_runs_fault(forms, against)) is not None:
            raise AuditorError(both(*fault))
        begun.append(
            _jobs(request).issue(
                viewer.account,
                run or look.scope.run.id,
                units,
                forms,
                formats=[name for name in FORMATS if name in form.getall("format", [])],
                edition=edition,
                language=language,
                with_bom=field_of(form, "no_bom", 4) != "1",
                against=against,
            )
        )
        return ""

    answer = await show_on_thread(request, viewer, make)
    return see_other(f"/jobs/{begun[0]}") if begun else answer


@post("/agents/tokens", guards=AGENTS_MANAGE, status_code=200, request_max_body_size=MOST_FORM)
async def make_token(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Html:
    """Make an enrolment token; the page that answers shows it, and no page ever again."""
    form = await request.form()

    def make(look: Look) -> str:
        unit, uses, days = (field_of(form, name, 100) for name in ("unit_of_token", "uses", "days"))
        if not (uses.isdecimal() and 1 <= int(uses) <= 100_000 and days.isdecimal() and 1 <= int(days) <= 365):
            raise AuditorError(both("次数应为 1–100000，天数应为 1–365", "expected 1 to 100000 uses and 1 to 365 days"))
        if (not unit and not look.sees_all) or (unit and not look.sees_all and unit not in look.visible):
            raise NotThere(unit)
        made = issue_token(
            look.console.store, unit=unit or None, uses=int(uses), valid_for=timedelta(days=int(days)),
            now=datetime.now(UTC),
        )  # fmt: skip
        with look.console.look(
            viewer, language=look.frame.language, path="/agents", query={}
        ) as after:  # the new token is in its list
            return agents_of(after, made)

    return await show_on_thread(request, viewer, make)


@post("/agents/tokens/{number:int}/end", guards=AGENTS_MANAGE, request_max_body_size=MOST_FORM)
async def stop_token(request: AnyRequest, viewer: NamedDependency[Viewer], number: FromPath[int]) -> Html:
    """Take what is left of a token away."""

    def work(look: Look) -> None:
        from auditor.store.agents import list_tokens

        token = next((token for token in list_tokens(look.connection) if token.id == number), None)
        if token is None or not (look.sees_all or token.unit in look.visible):
            raise NotThere(str(number))
        with look.console.store.begin() as connection:
            if end_token(connection, number):
                append_trail(connection, at=look.console.now(), act="token.ended", subject=str(number))

    return await done_then(request, viewer, "/agents?done=revoked", work)


@get("/agents/{agent:str}/revoke", guards=AGENTS_MANAGE)
async def ask_revoke(request: AnyRequest, viewer: NamedDependency[Viewer], agent: FromPath[str]) -> Html:
    """Ask once more before an agent is revoked."""

    def make(look: Look) -> str | None:
        if not _may_revoke(look, agent):
            return None
        return confirm.page(
            look.frame,
            title=look.frame.t("停用采集端", "Revoke an agent"),
            text=look.frame.t(
                f"{agent} 今后上报的内容都会被拒绝；已收到的保留。重新使用须再次登记。",
                f"Whatever {agent} sends from now on is refused; what came is kept. It must enrol again to be used.",
            ),
            action=f"/agents/{agent}/revoke",
            button=look.frame.t("停用 1 个采集端", "Revoke 1 agent"),
            back="/agents",
            danger=True,
        )

    return await show_on_thread(request, viewer, make)


@post("/agents/{agent:str}/revoke", guards=AGENTS_MANAGE, request_max_body_size=MOST_FORM)
async def do_revoke(request: AnyRequest, viewer: NamedDependency[Viewer], agent: FromPath[str]) -> Html:
    """Refuse whatever an agent sends from now on."""

    def work(look: Look) -> None:
        if not _may_revoke(look, agent):
            raise NotThere(agent)
        revoke(look.console.store, agent, now=datetime.now(UTC))

    return await done_then(request, viewer, "/agents?done=revoked", work)


def _may_revoke(look: Look, agent: str) -> bool:
    found = find_agent(bulk(look.connection), agent)
    return found is not None and (look.sees_all or found.unit in look.visible)


CONSOLE_ACTS = (
    batch_list,
    preview_import,
    apply_import,
    ask_take_back,
    undo_batch,
    keep_paper,
    new_rule,
    preview_rule,
    apply_rule,
    ask_rules_back,
    undo_rules,
    begin_audit,
    begin_issue,
    make_token,
    stop_token,
    ask_revoke,
    do_revoke,
)

"""A run → the files of its forms and reports, each kept in the store by digest as it goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from auditor.issuing.roster import LEDGERS, REPORT, issuable_named

if TYPE_CHECKING:
    from auditor.audit.run import Run
    from auditor.core.ledger_acts import PriceLine
    from auditor.core.model import UnitCode
    from auditor.proof.signing import SigningKey
    from auditor.readmodels.context import RunView
    from auditor.settings import Settings
    from auditor.store.database import Store
    from reports.forms.roster import Form
    from reports.model import AuditReport
    from reports.printing import Printing

LETTERHEAD = "letterhead.docx"
LETTERS = ("rectification_notice.docx", "overdue_units.docx")
MOST_TEMPLATE = 16 * 1024 * 1024
"""The largest template that is read, in bytes."""
FORMS = (*LEDGERS, REPORT)
"""What an audit prints of itself."""


def view_of(store: Store, run: Run, release: str) -> RunView:
    """Return a run as the read-models see it, with the serial numbers that its summary prints."""
    from auditor.readmodels.context import FormSettings, RunView
    from reports.model import Proof

    frozen = run.frozen
    proof = Proof(run=run.id, as_of=frozen.on, catalogue=frozen.catalogue.digest, release=release)
    settings = FormSettings(
        frozen.settings.annex_labels, frozen.settings.filled_by or None, frozen.settings.phone or None
    )
    serials = _serials(store, run) if frozen.settings.print_serials else {}
    return RunView(
        run.facts,
        run.result,
        frozen.journal,
        proof,
        settings,
        serials,
        frozen.catalogue.indicators,
        frozen.catalogue.publishers,
        _prices(store, run),
    )


def _prices(store: Store, run: Run) -> list[PriceLine]:
    """Return the price lines of the run's day, as they are registered now: no run rests on them."""
    from auditor.store.ledger_acts import list_prices

    with store.read() as connection:
        return list_prices(connection, run.frozen.on)


def _serials(store: Store, run: Run) -> dict[int, tuple[str, ...]]:
    """Return the full serial numbers of the rights of a run; a row that was taken back since has none."""
    from auditor.store.entitlements import unsealed_serials

    with store.read() as connection:
        rows = [right.id for right in run.frozen.entitlements if right.serials]
        return {row: serials for row in rows if (serials := unsealed_serials(connection, row, store.sealer))}


def repeated(store: Store, name: str) -> tuple[Run, str]:
    """Return a run made again and the release that kept it. Raises `AuditorError` when it came out differently."""
    from auditor.audit.repeat import repeat_run
    from auditor.errors import AuditorError, both

    repetition = repeat_run(store, name)
    if not repetition.is_same:
        raise AuditorError(
            f"run {repetition.row.id[:16]}: "
            + both("重做结果与留存的不一致", f"came out differently from what release {repetition.row.release} kept")
        )
    return repetition.run, repetition.row.release


def units_of(view: RunView, unit: str | None) -> list[UnitCode]:
    """Return the legal entities to print: the one that is named, else each that has a form to hand in."""
    from auditor.core.model import UnitCode
    from auditor.errors import AuditorError, both

    known = {*view.tree.legal_entities(), *view.machines_by_unit}
    if unit is None:
        return sorted(known)
    if UnitCode(unit) not in known:
        raise AuditorError(
            f"--unit {unit}: {both('应为独立法人', 'expected a legal entity')}: {', '.join(sorted(known))}"
        )
    return [UnitCode(unit)]


def earlier_views(store: Store, view: RunView, *, most: int = 12) -> list[RunView]:
    """Return the last run of each month up to the view, worked out again, oldest first; the view is the last one."""
    from auditor.store.runs import list_runs

    with store.read() as connection:
        rows = [row for row in list_runs(connection) if row.as_of < view.facts.on]
    last = {(row.as_of.year, row.as_of.month): row for row in sorted(rows, key=lambda row: (row.as_of, row.made_at))}
    last.pop((view.facts.on.year, view.facts.on.month), None)
    chosen = sorted(last.values(), key=lambda row: row.as_of)[-(most - 1) :]
    return [*(view_of(store, *repeated(store, row.id)) for row in chosen), view]


def files_of(
    view: RunView,
    unit: UnitCode,
    forms: tuple[str, ...],
    printing: Printing,
    formats: tuple[str, ...] = (),
    others: Sequence[RunView] = (),
) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of each form of one legal entity, in each format; by default XLSX, the report HTML.

    `others`: the run that `comparison` compares with, or the runs of `trends` before this one. A format that a form or
    the report does not have is passed over. Raises `AuditorError` for a PDF without typeface.
    """
    from auditor.errors import AuditorError
    from auditor.readmodels.audit_report import audit_report
    from auditor.readmodels.detail import detail_form
    from auditor.readmodels.free_list import free_form
    from auditor.readmodels.journal import journal_form
    from auditor.readmodels.papers.comparison import comparison, trends
    from auditor.readmodels.papers.roster import PAPERS
    from auditor.readmodels.plan import own_plan_form
    from auditor.readmodels.summary import summary_form
    from reports.roster import format_named
    from reports.to_html import file_name as html_name
    from reports.to_xlsx import file_name

    builders: dict[str, Callable[[RunView, UnitCode], Form]] = {
        "summary": summary_form,
        "detail": detail_form,
        "journal": journal_form,
        "free_software": free_form,
        "plan": own_plan_form,
    }
    builders.update(PAPERS)
    builders["comparison"] = lambda after, each: comparison(after, others[-1], each)
    builders["trends"] = lambda last, each: trends((*others, last), each)
    for name in forms:
        made: Form | AuditReport = audit_report(view, unit) if name == "report" else builders[name](view, unit)
        for chosen in map(format_named, formats or _usual_formats(name)):
            write = chosen.report if name == "report" else chosen.form
            if write is None:
                continue
            title = (
                html_name(cast("AuditReport", made), printing.language)
                if name == "report"
                else file_name(cast("Form", made), printing.language, printing.edition)
            )
            try:
                yield f"{title.rpartition('.')[0]}.{chosen.name}", write(made, printing)
            except ValueError as error:
                raise AuditorError(f"{unit} {name}: {error}") from error


def _usual_formats(name: str) -> tuple[str, ...]:
    known = issuable_named(name)
    return known.usual_formats if known is not None else ("xlsx",)


def others_for(store: Store, view: RunView, forms: Sequence[str], against: str | None) -> list[RunView]:
    """Return the other runs that forms need: the one to compare with, or those of `trends` before the view."""
    if "comparison" in forms and against is not None:
        return [view_of(store, *repeated(store, against))]
    return earlier_views(store, view)[:-1] if "trends" in forms else []


def write_files(
    store: Store,
    view: RunView,
    folder: Path,
    *,
    units: list[UnitCode],
    forms: tuple[str, ...],
    printing: Printing,
    now: str,
    formats: tuple[str, ...] = (),
    signing: SigningKey | None = None,
    keep: bool = True,
    others: Sequence[RunView] = (),
) -> list[Path]:
    """Write the files, one folder a legal entity, and keep each by digest as issued at `now`. Return the paths.

    With a key, each file's signature lies beside it. `keep=False` (a repetition) leaves the store as it is.
    """
    from auditor.proof.file_signature import ENDING
    from auditor.store.runs import record_issued
    from auditor.store.trail import append_trail

    written = []
    for unit in units:
        place = folder / re.sub(r"[^\w.\-]", "_", unit)
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files_of(view, unit, forms, printing, formats, others):
            (place / name).write_bytes(content)
            written.append(place / name)
            if signing is not None:
                beside = place / (name + ENDING)
                beside.write_bytes(signature_of(view, unit, name, content, signing))
                written.append(beside)
            if keep:
                with store.begin() as connection:
                    record_issued(connection, run=view.proof.run, file_name=f"{unit}/{name}", content=content, now=now)
    if keep and view.serials and "summary" in forms:
        with store.begin() as connection:
            append_trail(connection, at=now, act="serials.printed", subject=f"run {view.proof.run}")
    return written


def signature_of(view: RunView, unit: UnitCode, file_name: str, content: bytes, signing: SigningKey) -> bytes:
    """Return the signature of a file, which lies beside it: what it is, of which run, and its digest."""
    from auditor.proof.file_signature import signed

    coverage = view.coverage(unit)
    proof = view.proof
    facts = {
        "file": file_name,
        "run": proof.run,
        "unit": str(unit),
        "as_of": proof.as_of.isoformat(),
        "catalogue": proof.catalogue,
        "release": proof.release,
        "coverage": f"{coverage.scanned}/{coverage.in_scope}",
    }
    return signed(content, facts, signing)


def printing_of(settings: Settings, *, language: str, edition: str = "official", with_bom: bool = True) -> Printing:
    """Return how forms are printed by the settings. Raises `AuditorError` when the letterhead cannot be read."""
    from auditor.errors import AuditorError, both
    from reports.printing import Printing

    own = own_templates(settings)
    ground, letterhead = own.get(LETTERHEAD), settings.text("letterhead")
    if letterhead:
        try:
            ground = Path(letterhead).read_bytes()
        except OSError as error:
            told = both("信头模板读不出", "the letterhead cannot be read")
            raise AuditorError(f"{letterhead}: {told}: {error.strerror}") from error
    return Printing(language, edition, settings.text("font_folder"), ground, with_bom, own)


def own_templates(settings: Settings) -> dict[str, bytes]:
    """Return the files of the unit's template folder by name. Raises `AuditorError` for one that nothing uses."""
    from auditor.errors import AuditorError, both
    from auditor.issuing.roster import issuable

    folder = settings.text("template_folder")
    if not folder:
        return {}
    known = {LETTERHEAD, *LETTERS, *(f"{each.key}.docx" for each in issuable())}
    found = {}
    try:
        for path in sorted(Path(folder).glob("*.docx")):
            if path.name.startswith("~$"):  # what Word leaves beside an open file
                continue
            if path.name not in known:
                told = both("没有这种表，应为", "no such form, expected one of")
                raise AuditorError(f"{path}: {told}: {', '.join(sorted(known))}")
            if path.stat().st_size > MOST_TEMPLATE:
                raise AuditorError(f"{path}: {both('超过', 'larger than')} {MOST_TEMPLATE >> 20} MiB")
            found[path.name] = path.read_bytes()
        if not Path(folder).is_dir():
            raise AuditorError(f"{folder}: {both('模板目录不存在', 'no such folder of templates')}")
    except OSError as error:
        raise AuditorError(f"{folder}: {both('模板目录读不出', 'cannot be read')}: {error.strerror}") from error
    return found


def signing_key_of(settings: Settings) -> SigningKey | None:
    """Return the key that issued files are signed with, `None` without one. Raises `AuditorError`."""
    from auditor.errors import AuditorError
    from auditor.proof.signing import SigningFault, SigningKey, read_key

    file = settings.text("report_signing_key")
    if not file:
        return None
    try:
        return SigningKey(read_key(Path(file)))
    except SigningFault as error:
        raise AuditorError(str(error)) from error

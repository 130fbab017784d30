"""A run → the files of its forms and reports, each kept in the store by digest as it goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.audit.run import Run
    from auditor.core.model import UnitCode
    from auditor.readmodels.context import RunView
    from auditor.store.database import Store
    from reports.forms.roster import Form

FORMS = ("summary", "detail", "journal", "free_software", "report")


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
    return RunView(run.facts, run.result, frozen.journal, proof, settings, serials, frozen.catalogue.indicators)


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


def files_of(
    view: RunView, unit: UnitCode, forms: tuple[str, ...], edition: str, language: str
) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of each form of one legal entity."""
    from auditor.readmodels.audit_report import audit_report
    from auditor.readmodels.detail import detail_form
    from auditor.readmodels.free_list import free_form
    from auditor.readmodels.journal import journal_form
    from auditor.readmodels.summary import summary_form
    from reports.to_html import file_name as html_name
    from reports.to_html import render_html
    from reports.to_xlsx import file_name, render_xlsx

    builders: dict[str, Callable[[RunView, UnitCode], Form]] = {
        "summary": summary_form,
        "detail": detail_form,
        "journal": journal_form,
        "free_software": free_form,
    }
    for name in forms:
        if name == "report":
            report = audit_report(view, unit)
            yield html_name(report, language), render_html(report, language=language)
        else:
            form = builders[name](view, unit)
            yield file_name(form, language, edition), render_xlsx(form, language=language, edition=edition)


def write_files(
    store: Store,
    view: RunView,
    folder: Path,
    *,
    units: list[UnitCode],
    forms: tuple[str, ...],
    edition: str,
    language: str,
    now: str,
    keep: bool = True,
) -> list[Path]:
    """Write the files, one folder a legal entity, and keep each by digest as issued at `now`. Return the paths.

    `keep=False` (a repetition) leaves the store as it is.
    """
    from auditor.store.runs import record_issued
    from auditor.store.trail import append_trail

    written = []
    for unit in units:
        place = folder / re.sub(r"[^\w.\-]", "_", unit)
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files_of(view, unit, forms, edition, language):
            (place / name).write_bytes(content)
            written.append(place / name)
            if keep:
                with store.begin() as connection:
                    record_issued(connection, run=view.proof.run, file_name=f"{unit}/{name}", content=content, now=now)
    if keep and view.serials and "summary" in forms:
        with store.begin() as connection:
            append_trail(connection, at=now, act="serials.printed", subject=f"run {view.proof.run}")
    return written

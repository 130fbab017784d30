"""报送 from a run: the files of a duty, drafted with the differences from what is corrected; answers to questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.core.differences import Difference
    from auditor.proof.signing import SigningKey
    from auditor.readmodels.context import RunView
    from auditor.settings import Settings
    from auditor.store.database import Connection, Store
    from auditor.store.dossiers import Dossier

PLAN = "plan"
FORMS_OF: Mapping[str, tuple[str, ...]] = {
    "annual_report": ("annual", "statistics", "summary"),
    "summary": ("summary",),
    "detail": ("detail",),
    "demand": ("demand_request",),
    "check": ("self_check", "inspection"),
}
"""What is handed in for each duty; the plan is worked out, not printed from a run alone."""


def draft_submission(
    store: Store,
    settings: Settings,
    *,
    duty: str,
    period: str,
    unit: str,
    run: str,
    by: str | None,
    at: str,
    language: str,
    corrects: str | None = None,
) -> tuple[Dossier, list[Difference]]:
    """Draft a submission with the files of a run; return it, with the differences from what it corrects.

    Raises `AuditorError` before anything is worked out where the draft is not possible, as `submission.draft` says.
    """
    from auditor.core.differences import differences
    from auditor.core.model import UnitCode
    from auditor.issuing.run_files import repeated, view_of
    from auditor.store.runs import get_run
    from auditor.supervision.rectification import Actor
    from auditor.supervision.submission import check_draft, draft

    with store.read() as connection:
        before = check_draft(
            connection, duty=duty, period=period, unit=unit, run=get_run(connection, run).id, corrects=corrects
        )
    made, release = repeated(store, run)
    files = _files(store, settings, view_of(store, made, release), duty, UnitCode(unit), language)
    changed: list[Difference] = []
    if before is not None:
        old, _ = repeated(store, before["run"])
        figures = [(each.result.positions, each.result.findings) for each in (old, made)]
        changed = differences(UnitCode(unit), *figures)
    with store.begin() as connection:
        done = draft(
            connection, duty=duty, period=period, unit=unit, run=made.id, files=files, actor=Actor(by), at=at,
            corrects=corrects, changed=changed,
        )  # fmt: skip
    return done, changed


def signing_key(settings: Settings, file: Path | None = None) -> SigningKey:
    """Return the key that signs what goes up or down. Raises `WrongUsage` where none is set, `AuditorError`."""
    from auditor.proof.signing import SigningFault, SigningKey, read_key

    path = file or (Path(told) if (told := settings.text("submission_key")) else None)
    if path is None:
        told = both("应设置 submission_key（签名私钥文件）", "expected the setting submission_key, the key that signs")
        raise WrongUsage(f"--key: {told}")
    try:
        return SigningKey(read_key(path))
    except SigningFault as error:
        raise AuditorError(str(error)) from error


def signed_figures(
    store: Store,
    key: SigningKey,
    *,
    unit: str,
    duty: str,
    period: str,
    run: str,
    with_received: bool,
    corrects: str | None,
    at: str,
) -> bytes:
    """Return the signed file of this checker's figures of a run: what goes up to the tier above.

    `with_received`: it carries the newest files that units below handed in for the period. `corrects`: digest of the
    file that it takes the place of.
    """
    from auditor.core.counting import count
    from auditor.core.organisation import UnitTree
    from auditor.core.reconcile import counting_of
    from auditor.issuing.run_files import repeated
    from auditor.store.blobs import get_blob
    from auditor.store.cases import Filter, list_cases
    from auditor.store.handed_in import list_hand_ins, list_keys
    from auditor.supervision.handing_up import HandInBody, entities_told, hand_in

    made, release = repeated(store, run)
    tree = UnitTree(made.frozen.units)
    counted = count(counting_of(made.facts), tree)
    with store.read() as connection:
        cases, forms = list_cases(connection, Filter()), _forms(connection, made.id)
        rows = list_hand_ins(connection, duty=duty, period=period) if with_received else []
        corrected = {row.corrects for row in rows}
        below = [r for r in rows if r.unit != unit and r.came_with is None and r.digest not in corrected]
        children = [get_blob(connection, row.digest) for row in below]
        known = [k for k in list_keys(connection) if k.unit in {row.unit for row in below}]
    entities = entities_told(made.result, counted, made.frozen.machines, tree, cases, on=made.frozen.on, forms=forms)
    body = HandInBody(unit, duty, period, made.frozen.on, made.id, release, at, entities, corrects)
    return hand_in(body, key, children, known)


def _forms(connection: Connection, run: str) -> dict[str, dict[str, str]]:
    """Forms of the run that were printed: unit → name → digest."""
    from auditor.store.runs import list_issued

    found: dict[str, dict[str, str]] = {}
    for issued in list_issued(connection, run):
        unit, _, name = issued.file_name.partition("/")
        found.setdefault(unit, {})[name] = issued.digest
    return found


def answer_question(
    store: Store, key: SigningKey, data: bytes, *, at: str, sees: Callable[[str], bool] = lambda _: True
) -> tuple[str, bytes]:
    """Return the id of a question from above, and the signed answer from the run that it is about.

    Raises `NotAuthentic` unless a registered key signed the question, `AuditorError` for a unit that is not to be
    told of by whoever answers (`sees`).
    """
    from auditor.core.organisation import UnitTree
    from auditor.issuing.run_files import repeated
    from auditor.store.trail import append_trail
    from auditor.supervision.drill_down import answer, read_question

    with store.read() as connection:
        asked = read_question(connection, data)
    if not sees(asked.unit):
        raise AuditorError(f"{asked.unit}: {both('不在范围内的单位', 'not among your units')}")
    made, _ = repeated(store, asked.run)
    reply = answer(asked, data, made.frozen, made.result, UnitTree(made.frozen.units), key, at=at)
    with store.begin() as connection:
        append_trail(connection, at=at, act="drill_down.answered", subject=f"question {asked.id}")
    return asked.id, reply


def _files(store: Store, settings: Settings, view: RunView, duty: str, unit: str, language: str) -> dict[str, bytes]:
    from auditor.core.model import UnitCode
    from auditor.issuing.run_files import files_of, printing_of

    if duty == PLAN:
        return dict([_plan(store, view, UnitCode(unit), language)])
    return dict(files_of(view, UnitCode(unit), FORMS_OF[duty], printing_of(settings, language=language)))


def _plan(store: Store, view: RunView, unit: str, language: str) -> tuple[str, bytes]:
    from auditor.core.model import UnitCode
    from auditor.core.planning.plan import EVERY_WAY
    from auditor.readmodels.plan import alternatives_of, plan_form, plan_of_run
    from auditor.store.ledger_acts import list_prices
    from reports.to_xlsx import file_name, render_xlsx

    with store.read() as connection:
        prices = list_prices(connection, view.facts.on)
    made = plan_of_run(view, prices, alternatives_of(view.facts.products), joint=False, ways=EVERY_WAY)
    form = plan_form(view, made, UnitCode(unit))
    return file_name(form, language, "official"), render_xlsx(form, language=language, edition="official")

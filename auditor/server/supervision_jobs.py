"""Tasks of supervision that take longer than a page, since a run is worked out again for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.console.viewer import Viewer
from auditor.letters.checks import draw_from_run
from auditor.letters.request_forms import request_files
from auditor.letters.submissions import draft_submission, signed_figures, signing_key
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console
from auditor.server.submission_acts import corrected_by
from auditor.store.database import Connection
from auditor.store.dossiers import SUBMISSIONS, Dossier, find_dossier
from auditor.store.runs import list_issued, record_issued
from auditor.supervision.submission import check_draft

SIGNED_NAME = "-signed.json"
"""Ending of the name of a signed file of figures, behind the number of its submission."""


def begin_draw(
    jobs: Jobs,
    console: Console,
    viewer: Viewer,
    *,
    run: str,
    units: frozenset[str] | None,
    seed: str | None,
    percent: float | None,
    minimum: int | None,
    all_servers: bool | None,
) -> int:
    """Begin to draw computers of a run and return the number of the task."""

    def work(_: int) -> Mapping[str, Any]:
        check = draw_from_run(
            console.store, console.settings, run=run, units=units, seed=seed, percent=percent, minimum=minimum,
            all_servers=all_servers, by=viewer.name, at=console.now(),
        )  # fmt: skip
        return {"made": check["number"]}

    return jobs.begin("draw", viewer.account, {"run": run}, work)


def begin_draft(
    jobs: Jobs,
    console: Console,
    viewer: Viewer,
    *,
    duty: str,
    period: str,
    unit: str,
    run: str,
    corrects: str | None,
    language: str,
) -> int:
    """Begin to draft a submission and return the number of the task.

    Raises `AuditorError` at once where the draft is not possible.
    """
    with console.store.read() as connection:
        check_draft(connection, duty=duty, period=period, unit=unit, run=run, corrects=corrects)

    def work(_: int) -> Mapping[str, Any]:
        done, _changed = draft_submission(
            console.store, console.settings, duty=duty, period=period, unit=unit, run=run, by=viewer.name,
            at=console.now(), language=language, corrects=corrects,
        )  # fmt: skip
        return {"made": done["number"]}

    return jobs.begin("draft", viewer.account, {"duty": duty, "period": period, "unit": unit}, work)


def begin_request_forms(
    jobs: Jobs, console: Console, viewer: Viewer, number: str, *, run: str, formats: Sequence[str], language: str
) -> int:
    """Begin to print a request as its forms; each file is kept as one that was issued from the run."""

    def work(job: int) -> Mapping[str, Any]:
        made, unit, files = request_files(
            console.store, console.settings, number, run=run, formats=formats, language=language
        )
        kept = []
        with console.store.begin() as connection:
            for name, content in files:
                digest = record_issued(
                    connection, run=made, file_name=f"{unit}/{name}", content=content, now=console.now()
                )
                kept.append({"name": name, "digest": digest, "size": len(content)})
        return {"files": kept}

    return jobs.begin("request", viewer.account, {"request": number}, work)


def begin_signing(jobs: Jobs, console: Console, viewer: Viewer, submission: Dossier, *, with_received: bool) -> int:
    """Begin to sign the figures of a submission for the tier above; the file is kept as one that was issued.

    One of a correction names the file that it takes the place of. Raises `WrongUsage` where no key is set.
    """
    key = signing_key(console.settings)
    with console.store.read() as connection:
        before, _ = corrected_by(connection, submission)
        corrects = _signed_before(connection, before) if before is not None else None

    def work(_: int) -> Mapping[str, Any]:
        data = signed_figures(
            console.store, key, unit=submission["unit"], duty=submission["duty"], period=submission["period"],
            run=submission["run"], with_received=with_received, corrects=corrects, at=console.now(),
        )  # fmt: skip
        name = f"{submission['unit']}/{submission['number']}{SIGNED_NAME}"
        with console.store.begin() as connection:
            digest = record_issued(connection, run=submission["run"], file_name=name, content=data, now=console.now())
        return {"files": [{"name": name.partition("/")[2], "digest": digest, "size": len(data)}]}

    return jobs.begin("sign", viewer.account, {"submission": submission["number"]}, work)


def _signed_before(connection: Connection, number: str) -> str | None:
    """Return the digest of the newest signed file of a submission, `None` when none was made here."""
    row = find_dossier(connection, SUBMISSIONS, number)
    wanted = f"{row['unit']}/{number}{SIGNED_NAME}"
    made = [file for file in list_issued(connection, row["run"]) if file.file_name == wanted]
    return max(made, key=lambda file: file.issued_at).digest if made else None

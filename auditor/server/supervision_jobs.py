"""Tasks of supervision that take longer than a page, since a run is worked out again for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.console.viewer import Viewer
from auditor.errors import AuditorError, both
from auditor.letters.checks import draw_from_run
from auditor.letters.request_forms import request_files
from auditor.letters.sending_up import must_name_tier_above, put_up, sign_submission
from auditor.letters.submissions import draft_submission, signing_key
from auditor.scheduling.supervising import worker_name
from auditor.server.console_jobs import Jobs
from auditor.server.console_state import Console
from auditor.store.dossiers import Dossier
from auditor.store.outbox import SENT, find_message
from auditor.store.runs import record_issued
from auditor.supervision.jobs import send_to_tier_above
from auditor.supervision.submission import check_draft


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

    def work(_: int) -> Mapping[str, Any]:
        name, digest, size = sign_submission(
            console.store, key, submission, with_received=with_received, at=console.now()
        )
        return {"files": [{"name": name, "digest": digest, "size": size}]}

    return jobs.begin("sign", viewer.account, {"submission": submission["number"]}, work)


def begin_sending(jobs: Jobs, console: Console, viewer: Viewer, submission: Dossier, *, with_received: bool) -> int:
    """Begin to send the figures of a submission to the tier above; the task tells whether they arrived.

    What did not arrive stays in the outbox. Raises `WrongUsage` where a setting is missing.
    """
    must_name_tier_above(console.settings)

    def work(_: int) -> Mapping[str, Any]:
        put = put_up(console.store, console.settings, submission, with_received=with_received, at=console.now())
        send_to_tier_above(console.store, console.settings, worker=worker_name())
        with console.store.read() as connection:
            row = find_message(connection, put.message) or put
        if row.state != SENT:
            told = both(
                "尚未送达，文件已留存，可再次上报或由计划任务重试", "not delivered; the file is kept, to be sent again"
            )
            raise AuditorError(f"{submission['number']}: {told}: {row.fault or row.state}")
        return {"made": submission["number"]}

    return jobs.begin("send", viewer.account, {"submission": submission["number"]}, work)

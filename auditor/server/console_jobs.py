"""Work that takes longer than a page: an audit, the files of forms and reports. One at a time in a process.

A task stands in the store with how far it is; a reader may leave and come back. What its process left behind when it
stopped is told as such after some minutes without a sign of life.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

from auditor.audit.repeat import repeat_run
from auditor.audit.run import make_run
from auditor.core.model import UnitCode
from auditor.errors import AuditorError, both
from auditor.issuing.run_files import files_of, others_for, printing_of, signature_of, signing_key_of, view_of
from auditor.proof.file_signature import ENDING
from auditor.readmodels.context import RunView
from auditor.readmodels.run_index import index_run
from auditor.release import release
from auditor.server.console_state import Console
from auditor.store.console_jobs import Job, add_job, end_job, move_job
from auditor.store.runs import record_issued
from auditor.store.trail import append_trail
from auditor.supervision.jobs import follow_audit

log = logging.getLogger("zhengban.server")
LOST_AFTER = timedelta(minutes=10)


class Jobs:
    """The tasks of this process."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="console-jobs")

    def audit(self, account: str, on: date) -> int:
        """Begin an audit as of a day and return the number of the task."""
        return self.begin("audit", account, {"as_of": on.isoformat()}, lambda job: self._audit(job, on))

    def issue(
        self,
        account: str,
        run: str,
        units: Sequence[str],
        forms: Sequence[str],
        *,
        formats: Sequence[str],
        edition: str,
        language: str,
        with_bom: bool = True,
        against: str | None = None,
    ) -> int:
        """Begin to write forms and reports of a run for legal entities, and return the number of the task."""
        task = {
            "run": run,
            "units": list(units),
            "forms": list(forms),
            "formats": list(formats),
            "edition": edition,
            "language": language,
            "with_bom": with_bom,
            "against": against,
        }
        return self.begin("print", account, task, lambda job: self._issue(job, task))

    def close(self) -> None:
        """Let the task that runs end; those that wait are not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def begin(self, kind: str, account: str, task: Mapping[str, Any], work: Callable[[int], Mapping[str, Any]]) -> int:
        """Begin a task and return its number. `work` gets the number, and returns what came of it."""
        with self._console.store.begin() as connection:
            job = add_job(connection, kind=kind, account=account, task=task, now=self._console.now())
        self._threads.submit(copy_context().run, self._run, job, work)  # entries of the trail bear the account
        return job

    def _run(self, job: int, work: Callable[[int], Mapping[str, Any]]) -> None:
        try:
            outcome = work(job)
        except AuditorError as error:
            outcome = {"fault": str(error)}
        except Exception:
            log.exception("task %d of the console failed", job)
            told = both("内部错误，详见核查端日志", "internal error; the log of the checker has the traceback")
            outcome = {"fault": told}
        with self._console.store.begin() as connection:
            end_job(connection, job, outcome, now=self._console.now())

    def _move(self, job: int, done: int, total: int) -> None:
        with self._console.store.begin() as connection:
            move_job(connection, job, done=done, total=total, now=self._console.now())

    def _audit(self, job: int, on: date) -> Mapping[str, Any]:
        console = self._console
        self._move(job, 0, 2)
        run, _ = make_run(
            console.store, console.settings, console.catalogue(), on=on, made_at=console.now(), release=release()
        )
        follow_audit(console.store, console.settings, run, at=console.now())
        self._move(job, 1, 2)
        index_run(console.store, view_of(console.store, run, release()))
        self._move(job, 2, 2)
        return {"run": run.id}

    def _issue(self, job: int, task: Mapping[str, Any]) -> Mapping[str, Any]:
        store, settings = self._console.store, self._console.settings
        units, forms, formats = task["units"], tuple(task["forms"]), tuple(task["formats"])
        total = 1 + len(units) * len(forms)
        self._move(job, 0, total)
        printing = printing_of(settings, language=task["language"], edition=task["edition"], with_bom=task["with_bom"])
        signing = signing_key_of(settings)
        repetition = repeat_run(store, task["run"])
        if not repetition.is_same:
            told = both("重做结果与留存的不一致", f"came out differently from what {repetition.row.release} kept")
            raise AuditorError(f"run {task['run'][:16]}: {told}")
        view = view_of(store, repetition.run, repetition.row.release)
        others = others_for(store, view, forms, task["against"])
        files: list[Mapping[str, Any]] = []
        for done, (unit, form) in enumerate(product(map(UnitCode, units), forms), start=1):
            self._move(job, done, total)
            for name, content in files_of(view, unit, (form,), printing, formats, others):
                files.append(self._keep(view, f"{unit}/{name}", content))
                if signing is not None:
                    signature = signature_of(view, unit, name, content, signing)
                    files.append(self._keep(view, f"{unit}/{name}{ENDING}", signature))
        if view.serials and "summary" in forms:
            with store.begin() as connection:
                append_trail(connection, at=self._console.now(), act="serials.printed", subject=f"run {view.proof.run}")
        return {"files": files}

    def _keep(self, view: RunView, name: str, content: bytes) -> Mapping[str, Any]:
        """Keep a file as it was issued, and return what the page of the task says of it."""
        with self._console.store.begin() as connection:
            digest = record_issued(
                connection, run=view.proof.run, file_name=name, content=content, now=self._console.now()
            )
        return {"name": name, "digest": digest, "size": len(content)}


def is_lost(job: Job) -> bool:
    """Whether whoever worked on a task has given no sign of life for long."""
    moved = datetime.strptime(job.moved_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return job.ended_at is None and datetime.now(UTC) - moved > LOST_AFTER

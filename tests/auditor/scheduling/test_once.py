"""Exactly one process does a due job: two of them, a hundred jobs, one killed in the middle, a hundred effects."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import due_worker
import pytest
from made_once import new_store

from auditor.scheduling.jobs import run_due
from auditor.scheduling.once import do_once
from auditor.settings import load_settings
from auditor.store.database import Connection, open_store
from auditor.store.due_jobs import list_due_jobs
from auditor.store.trail import append_trail, first_broken_entry, list_trail

DUE = datetime(2026, 6, 30, 3, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


def _effect(connection: Connection) -> None:
    append_trail(connection, at="2026-06-30T03:30:00Z", act="effect", subject="1")


def test_a_job_is_done_once_and_a_failed_one_is_told(tmp_path: Path) -> None:
    store = new_store(tmp_path / "a.db")
    assert do_once(store, "job", DUE, write=_effect)
    assert not do_once(store, "job", DUE, write=_effect)

    def fail(connection: Connection) -> None:
        _effect(connection)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        do_once(store, "job", DUE + timedelta(days=1), write=fail)
    with store.read() as connection:
        assert [entry.act for entry in list_trail(connection)] == ["effect"]
        assert [row.outcome for row in list_due_jobs(connection)] == ["failed", "done"]
    store.close()


def test_who_was_too_slow_leaves_no_trace(tmp_path: Path) -> None:
    store = new_store(tmp_path / "a.db")
    clock = [DUE]

    def slow() -> None:
        clock[0] += timedelta(hours=1)  # its time passed, and nobody was there to hold the job
        assert do_once(store, "job", DUE, write=_effect, now=lambda: clock[0])

    assert not do_once(store, "job", DUE, prepare=slow, write=_effect, now=lambda: clock[0])
    with store.read() as connection:
        assert [entry.act for entry in list_trail(connection)] == ["effect"]
    store.close()


def test_of_moments_that_passed_the_latest_is_made_up_for(tmp_path: Path) -> None:
    settings = load_settings(flags={"database": f"sqlite:///{tmp_path}/a.db", "schedule_overdue": "0 * * * *"})
    store = open_store(settings.text("database"))
    assert run_due(store, settings, DUE, DUE + timedelta(minutes=10)) == []
    assert run_due(store, settings, DUE, DUE + timedelta(hours=5)) == ["overdue"]
    assert run_due(store, settings, DUE, DUE + timedelta(hours=5)) == []
    assert run_due(store, settings, DUE, DUE + timedelta(days=1)) == ["overdue", "retention"]
    with store.read() as connection:
        due = [row.due_at for row in list_due_jobs(connection) if row.job == "overdue"]
    assert due == ["2026-07-01T03:00:00Z", "2026-06-30T08:00:00Z"]
    store.close()


@pytest.mark.slow
def test_a_hundred_jobs_have_a_hundred_effects_though_one_process_is_killed(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    command = [sys.executable, due_worker.__file__, url, "2"]
    workers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
        for _ in range(2)
    ]
    first, second = workers
    assert first.stdout is not None
    for _ in range(20):
        first.stdout.readline()
    first.kill()
    first.wait()
    told, _errors = second.communicate(timeout=300)
    assert second.returncode == 0
    with store.read() as connection:
        effects = sorted(int(entry.subject) for entry in list_trail(connection))
        assert first_broken_entry(connection) is None
    assert effects == list(range(due_worker.JOBS))
    assert 0 < len(told.split()) < due_worker.JOBS
    store.close()

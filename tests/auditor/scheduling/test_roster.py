"""The roster of jobs: each has a setting and a name on the console; supervision does an empty store no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_once import place_store

from auditor.console.pages.schedules import JOBS
from auditor.scheduling.jobs import ROSTER
from auditor.settings import SETTINGS, load_settings
from auditor.store.database import open_settings_store
from auditor.store.trail import first_broken_entry


def test_every_job_has_a_setting_and_a_name() -> None:
    assert [job.name for job in ROSTER] == list(JOBS)
    assert {job.setting for job in ROSTER} == {row.name for row in SETTINGS if row.name.startswith("schedule_")}


@pytest.mark.parametrize("name", ["supervision", "messages", "submissions"])
def test_supervision_does_no_harm_twice(tmp_path: Path, name: str) -> None:
    settings = load_settings(flags={"database": place_store(tmp_path / "a.db")})
    store = open_settings_store(settings)
    job = next(job for job in ROSTER if job.name == name)
    job.prepare(store, settings)
    job.prepare(store, settings)
    with store.read() as connection:
        assert first_broken_entry(connection) is None
    store.close()

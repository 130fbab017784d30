"""`kill -9` of the checker while agents report: every acknowledged document is there, none twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from faulty import Checker, Senders, assert_all_there_once, reporting, running

from auditor.store.database import open_store

MACHINES, KILLS, BETWEEN = 12, 4, 60
pytestmark = pytest.mark.slow


def killed_and_looked_at(url: str, folder: Path, *, kills: int) -> None:
    """Kill the checker so often under load, then look."""
    fleet, began = reporting(url, MACHINES)
    checker = Checker(url, folder)
    with running(checker), Senders(checker.port, fleet, began) as senders:
        for _ in range(kills):
            senders.wait_for(BETWEEN)
            checker.kill()
            checker.start()
        senders.wait_for(BETWEEN)
    assert senders.broken > 0  # it really was killed in the middle
    store = open_store(url)
    assert_all_there_once(store, senders)
    store.close()


def test_what_is_acknowledged_outlives_a_kill_on_sqlite(tmp_path: Path) -> None:
    killed_and_looked_at(f"sqlite:///{tmp_path}/z.db", tmp_path, kills=KILLS)
    with sqlite3.connect(tmp_path / "z.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_is_acknowledged_outlives_a_kill_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from postgres import shared_server

    monkeypatch.chdir(tmp_path)
    killed_and_looked_at(shared_server().new_database(), tmp_path, kills=KILLS)

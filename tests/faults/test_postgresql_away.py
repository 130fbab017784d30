"""PostgreSQL is restarted, in order and as by a crash, while agents report: nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from faulty import Checker, Senders, assert_all_there_once, reporting, running
from postgres import new_server

from auditor.store.database import open_store

MACHINES = 8
pytestmark = pytest.mark.slow


def test_a_restart_of_postgresql_costs_answers_and_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    server = new_server()  # every commit is flushed: what is acknowledged has to outlive a crash
    try:
        url = server.new_database()
        fleet, began = reporting(url, MACHINES)
        checker = Checker(url, tmp_path)
        with running(checker), Senders(checker.port, fleet, began) as senders:
            for how in ("fast", "immediate", "immediate"):
                senders.wait_for(30)
                server.stop(how)
                server.start()
            senders.wait_for(60)
            assert checker.stop() == 0
        assert senders.not_now[503] > 0, senders.not_now
        store = open_store(url)
        assert_all_there_once(store, senders)
        store.close()
    finally:
        server.remove()

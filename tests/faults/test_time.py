"""Clocks that jump, and an agent that was away for a month: history is right, nothing is lost, nothing is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from inventories import debian, document, package

from auditor.core.days import utc_text
from auditor.core.model import JournalKind
from auditor.errors import NotAuthentic
from auditor.intake.enrolment import authenticate, enrol, issue_token, sign
from auditor.intake.receipt import Receipt
from auditor.intake.receiving import receive
from auditor.store.database import Store, open_store
from auditor.store.inventories import list_documents
from auditor.store.journal import list_changes
from auditor.store.machines import list_machines, load_machines

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
PATH = "/api/v1/inventories"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/z.db")


def take(store: Store, at: datetime, *names: str, now: datetime) -> Receipt:
    told = document([package(name) for name in names], at=utc_text(at), system=debian(), serial="SN-1", name="pc-1")
    return receive(store, told, origin="agent", agent="a-1", now=now)


def test_an_agent_away_for_a_month_hands_in_all_it_kept_and_each_day_is_right(store: Store) -> None:
    first = NOW - timedelta(days=31)
    take(store, first, "bash", "gawk", now=first)
    scans = [("bash", "gawk"), ("bash", "gawk", "nano"), ("bash", "nano"), ("bash", "nano", "vim")]
    for week, names in enumerate(scans, start=1):  # collected week by week, all sent on one day, the oldest first
        assert take(store, first + timedelta(weeks=week), *names, now=NOW).status == "kept"
    with store.read() as connection:
        lines = [(line.kind, line.happened_on) for line in list_changes(connection)]
        (there,) = load_machines(connection, date(2026, 5, 16))
        assert len(there.installations) == 4  # bash, gawk, nano and the system
    day = (first + timedelta(hours=8)).date()
    assert lines == [
        (JournalKind.INSTALLED, day + timedelta(weeks=2)),
        (JournalKind.REMOVED, day + timedelta(weeks=3)),
        (JournalKind.INSTALLED, day + timedelta(weeks=4)),
    ]


def test_a_clock_that_jumped_ahead_and_back_outruns_nothing(store: Store) -> None:
    take(store, NOW - timedelta(days=3), "bash", now=NOW - timedelta(days=3))
    ahead = take(store, NOW + timedelta(days=400), "bash", "nano", now=NOW - timedelta(days=2))
    after = take(store, NOW - timedelta(days=1), "bash", "nano", "vim", now=NOW - timedelta(days=1))
    assert (ahead.status, after.status) == ("kept", "kept")
    with store.read() as connection:
        (row,) = list_machines(connection)
        noted = {document.digest: document.ahead_seconds for document in list_documents(connection)}
    assert row.last_collected_at == utc_text(NOW - timedelta(days=1))
    assert noted[ahead.document] == 402 * 86_400 and noted[after.document] is None


def test_a_clock_that_fell_back_years_enters_history_alone(store: Store) -> None:
    take(store, NOW - timedelta(days=3), "bash", "nano", now=NOW - timedelta(days=3))
    back = take(store, datetime(2009, 1, 1, tzinfo=UTC), "bash", now=NOW)
    assert back.status == "history"
    with store.read() as connection:
        assert list_changes(connection) == []
        (machine,) = load_machines(connection)
    assert len(machine.installations) == 3


def test_the_checkers_own_clock_that_jumped_back_loses_nothing(store: Store) -> None:
    """What was received before the jump looks as if it came from the future; the next scans are still taken in."""
    take(store, NOW, "bash", now=NOW)
    earlier = NOW - timedelta(days=2)
    receipts = [
        take(store, earlier + timedelta(hours=h), "bash", "nano", now=earlier + timedelta(hours=h)) for h in (1, 2)
    ]
    assert {receipt.status for receipt in receipts} == {"history"}
    assert take(store, NOW + timedelta(hours=1), "bash", "nano", now=NOW + timedelta(hours=1)).status == "kept"
    with store.read() as connection:
        assert len(list_documents(connection)) == 4
        assert [line.kind for line in list_changes(connection)] == [JournalKind.INSTALLED]


def test_a_signature_is_good_for_its_time_alone(store: Store) -> None:
    made = enrol(store, token=issue_token(store, now=NOW), name="pc-1", version="1", now=NOW)
    headers = sign(made.key, agent=made.agent, method="POST", path=PATH, body=b"x", now=NOW)
    for jump in (timedelta(days=-30), timedelta(hours=1), timedelta(days=4000)):
        with pytest.raises(NotAuthentic, match="the time here"):
            authenticate(store, headers, method="POST", path=PATH, body=b"x", now=NOW + jump)
    assert authenticate(store, headers, method="POST", path=PATH, body=b"x", now=NOW).id == made.agent

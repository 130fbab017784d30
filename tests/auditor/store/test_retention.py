"""What is kept, how long, and what never goes: the newest document, those of signed-off runs, issued forms, proofs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from inventories import document, package
from light_store import BEGUN, MACHINES, SCANS, light_store
from sqlalchemy import text

from auditor.core.model import Unit, UnitCode, UnitKind
from auditor.errors import WrongUsage
from auditor.intake.receiving import receive
from auditor.scheduling.jobs import run_due
from auditor.settings import load_settings
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection, Store, address_of
from auditor.store.dated_rows import UNITS, apply
from auditor.store.inventories import list_documents
from auditor.store.machines import load_machines
from auditor.store.runs import list_issued, record_issued, save_run
from auditor.store.trail import acting, append_trail, first_broken_entry, list_trail
from auditor.store.units import unit_row
from auditor.store.upkeep.checking import check
from auditor.store.upkeep.retention import Removal, look, months_before, remove
from auditor.supervision.proving import supervision_faults
from auditor.supervision.rectification import Actor
from auditor.supervision.submission import draft, review

ZONE = ZoneInfo("Asia/Shanghai")
YEARS_LATER = datetime(2029, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Four machines with a scan each on 1 June, 1 July and 31 July 2026."""
    made = light_store(url, days=30)
    yield made
    made.close()


def removed(store: Store, now: datetime = YEARS_LATER, *, evidence: int = 24, trail: int = 1200) -> Removal:
    return remove(store, now=now, evidence_months=evidence, trail_months=trail, zone=ZONE)


def previewed(store: Store, now: datetime = YEARS_LATER, *, evidence: int = 24, trail: int = 1200) -> Removal:
    with store.read() as connection:
        return look(connection, now=now, evidence_months=evidence, trail_months=trail, zone=ZONE)


def sign_off(store: Store, run: str, as_of: date, *, made_at: str, reviewed: bool = True) -> None:
    with store.begin() as connection:
        save_run(connection, run=run, as_of=as_of, now=made_at, release="t", manifest=b"m", result=[run.encode()],
                 counts={}, findings=())  # fmt: skip
        record_issued(connection, run=run, file_name="form.xlsx", content=b"the form " + run.encode(), now=made_at)
        unit = Unit(UnitCode(f"U{run[:8]}"), "某单位", None, UnitKind.LEGAL_ENTITY)
        apply(connection, UNITS, [unit_row(unit)], as_of, now=made_at, file_name="units.csv", file_digest=run)
        drafted = draft(connection, duty="detail", period="2026H1", unit=unit.code, run=run, files={"a": b"a"},
                        actor=Actor("张三"), at=made_at)  # fmt: skip
        if reviewed:
            review(connection, drafted, name="李四", at=made_at)


def days_of_documents(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted({row.collected_at[:10] for row in list_documents(connection)})


def test_documents_go_when_their_time_is_over_and_the_newest_stays(store: Store, url: str) -> None:
    shown = previewed(store)
    assert (shown.documents, shown.kept_for_runs, shown.trail_entries) == (MACHINES * (SCANS - 1), 0, 0)
    assert shown.document_bytes > 1000
    assert previewed(store, datetime(2028, 6, 15, tzinfo=UTC)).documents == MACHINES
    with store.read() as connection:
        before, contents = load_machines(connection, None), _count(connection, "blobs")
    assert removed(store) == shown
    assert days_of_documents(store) == ["2026-07-31"]
    with store.read() as connection:
        assert load_machines(connection, None) == before
        assert _count(connection, "blobs") < contents
        last = list_trail(connection)[-1]
    assert last.act == "evidence.removed"
    assert last.subject.startswith(
        f"documents {MACHINES * (SCANS - 1)} bytes {shown.document_bytes} refused 0 before 2027-"
    )
    assert list(check(address_of(url))) == []
    assert removed(store).documents == 0
    again = document([package("bash", "6")], at="2028-12-31T00:00:00Z", name="pc-0", serial="SERIAL0000",
                     mac_addresses=("3c:52:82:00:00:00",))  # fmt: skip
    assert receive(store, again, origin="file", now=YEARS_LATER).status == "kept"


def test_what_a_signed_off_run_stood_on_is_kept(store: Store, url: str) -> None:
    sign_off(store, "a" * 64, date(2026, 6, 10), made_at="2026-06-11T00:00:00Z")
    sign_off(store, "b" * 64, date(2026, 7, 10), made_at="2026-07-11T00:00:00Z", reviewed=False)
    assert (previewed(store).documents, previewed(store).kept_for_runs) == (MACHINES, MACHINES)
    removed(store)
    assert days_of_documents(store) == ["2026-06-01", "2026-07-31"]
    with store.read() as connection:
        assert all(get_blob(connection, issued.digest) for issued in list_issued(connection))
        assert len(list_issued(connection)) == 2
    assert list(check(address_of(url))) == []


def test_a_document_that_came_after_the_run_does_not_take_the_place_of_what_it_stood_on(store: Store) -> None:
    """Collected before the day of the run, and arrived years later."""
    sign_off(store, "a" * 64, date(2026, 6, 10), made_at="2026-06-11T00:00:00Z")
    late = document([package("late", "1")], at="2026-06-09T00:00:00Z", name="pc-0", serial="SERIAL0000",
                    mac_addresses=("3c:52:82:00:00:00",))  # fmt: skip
    receive(store, late, origin="file", now=datetime(2026, 8, 1, tzinfo=UTC))
    removed(store)
    assert days_of_documents(store) == ["2026-06-01", "2026-07-31"]


def test_entries_of_the_trail_go_and_the_chain_still_holds(store: Store) -> None:
    with store.begin() as connection:
        for number in range(20):
            with acting("someone"):
                append_trail(connection, at=f"2026-08-{number + 1:02d}T00:00:00Z", act="session.opened", subject="x")
    sign_off(store, "a" * 64, date(2026, 6, 10), made_at="2026-08-21T00:00:00Z")
    with store.begin() as connection:
        append_trail(connection, at="2028-12-30T00:00:00Z", act="session.opened", subject="new")
        last = list_trail(connection)[-1]
        entries = len(list_trail(connection))
    shown = previewed(store, evidence=1200, trail=6)
    assert shown.trail_entries == entries - 1
    assert removed(store, evidence=1200, trail=6) == shown
    with store.read() as connection:
        told = list_trail(connection)
        assert [entry.act for entry in told] == ["session.opened", "trail.shortened"]
        assert told[0] == last
        assert first_broken_entry(connection) is None
        assert supervision_faults(connection) == []
    with store.begin() as connection:  # again, so that there is a list already
        append_trail(connection, at="2030-01-01T00:00:00Z", act="session.opened", subject="newer")
    removed(store, datetime(2030, 2, 1, tzinfo=UTC), evidence=1200, trail=6)
    with store.begin() as connection:
        assert [entry.subject for entry in list_trail(connection)][:1] == ["newer"]
        assert first_broken_entry(connection) is None
        assert supervision_faults(connection) == []
        connection.execute(text("UPDATE submissions SET period = '2025H1'"))
        assert len(supervision_faults(connection)) == 1
        connection.execute(text("DELETE FROM trail WHERE act <> 'trail.shortened'"))
        assert first_broken_entry(connection) is not None


def test_entries_cut_off_without_a_word_are_found(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(text("DELETE FROM trail WHERE id < 3"))
        assert first_broken_entry(connection) == 3


def test_the_trail_is_never_kept_for_less_than_six_months() -> None:
    with pytest.raises(WrongUsage, match=r"trail_months: .*at least 6"):
        load_settings(flags={"trail_months": 5})
    assert load_settings().whole("evidence_months") == 24


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        ("2026-03-31T04:05:06", 1, "2026-02-28T04:05:06Z"),
        ("2024-03-31T04:05:06", 1, "2024-02-29T04:05:06Z"),
        ("2026-01-15T00:00:00", 24, "2024-01-15T00:00:00Z"),
        ("2026-06-30T00:00:00", 6, "2025-12-30T00:00:00Z"),
    ],
)
def test_months_are_months_of_the_calendar(now: str, months: int, before: str) -> None:
    assert months_before(datetime.fromisoformat(now).replace(tzinfo=UTC), months) == before


def test_it_runs_on_the_schedule(store: Store, url: str, tmp_path: Path) -> None:
    settings = load_settings(flags={"database": url, "schedule_audit": "", "schedule_overdue": "",
                                    "schedule_supervision": "", "schedule_messages": "",
                                    "evidence_months": 1})  # fmt: skip
    with store.begin() as connection:
        connection.execute(text("UPDATE documents SET received_at = '2020-01-01T00:00:00Z' WHERE id <= 4"))
    now = datetime.now(UTC)
    assert run_due(store, settings, now - timedelta(days=1, minutes=1), now) == ["retention"]
    assert BEGUN.strftime("%Y-%m-%d") not in days_of_documents(store)


def test_a_content_that_is_kept_for_another_reason_stays(store: Store) -> None:
    """A paper that is the very bytes of a document: equal contents are kept once."""
    with store.begin() as connection:
        first = list_documents(connection)[0].digest
        connection.execute(text("UPDATE blobs SET media = 'paper' WHERE digest = :d"), {"d": first})
        kept = put_blob(connection, "paper", get_blob(connection, first))
    removed(store)
    with store.read() as connection:
        assert get_blob(connection, kept)


def _count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

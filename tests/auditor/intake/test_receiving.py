"""Receiving: what is kept, what is known, what comes late, what waits."""

from __future__ import annotations

import dataclasses
import gzip
import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from inventories import DPKG, debian, document, package
from sqlalchemy import func, select

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.host import OperatingSystem
from auditor.core.model import JournalKind, Machine
from auditor.intake.arrival import Receipt
from auditor.intake.receiving import receive
from auditor.store.database import Store, open_store
from auditor.store.inventories import document_content, list_documents
from auditor.store.journal import list_changes, list_openings
from auditor.store.machines import list_machines, load_machines
from auditor.store.tables import blobs, journal, titles
from auditor.store.titles import load_all_titles

NOW = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def store(empty_store: Store) -> Store:
    return empty_store


def take(store: Store, data: bytes, **more: object) -> Receipt:
    return receive(store, data, **{"now": NOW} | more)  # type: ignore[arg-type]


def machine_of(store: Store, on: date | None = None) -> Machine:
    with store.read() as connection:
        (machine,) = load_machines(connection, on)
    return machine


def names(store: Store, machine: Machine) -> list[str]:
    with store.read() as connection:
        known = load_all_titles(connection)
    return sorted(f"{known[i.title].name} {known[i.title].version}" for i in machine.installations)


def lines(store: Store) -> list[tuple[str, str, str | None, str]]:
    with store.read() as connection:
        known = load_all_titles(connection)
        return [
            (line.kind.value, known[line.title].name, str(line.happened_after), str(line.happened_on))
            for line in list_changes(connection)
        ]


def test_the_first_document_opens_the_accounts_and_installs_nothing(store: Store) -> None:
    receipt = take(store, document([package("bash", "5.2"), package("gawk", "5.1")], programs=["sshd", "sshd"]))

    machine = machine_of(store)
    assert receipt.status == "kept"
    assert names(store, machine) == ["Debian GNU/Linux 12 12", "bash 5.2", "gawk 5.1"]
    assert (machine.host_name, machine.serial, machine.last_scan_on) == ("hq-015", "PF3ABCDE", date(2026, 3, 1))
    assert (machine.programs, machine.document) == (("sshd",), receipt.document)
    assert lines(store) == []
    with store.read() as connection:
        opened = [(line.scope, line.kind, str(line.happened_on)) for line in list_openings(connection)]
    assert opened == [
        (DPKG, JournalKind.OPENING, "2026-03-01"),
        (DPKG, JournalKind.OPENING, "2026-03-01"),
        ("operating_system", JournalKind.OPENING, "2026-03-01"),
    ]


def test_the_same_document_again_gives_the_same_receipt_and_doubles_nothing(store: Store) -> None:
    data = document([package("bash")])
    first = take(store, data)
    again = take(store, gzip.compress(data), encoding="gzip")

    assert (again.status, again.text, again.machine) == ("known", first.text, first.machine)
    with store.read() as connection:
        assert len(list_documents(connection)) == 1
        assert connection.execute(select(func.count()).select_from(titles)).scalar() == 2


def test_an_unchanged_machine_costs_no_new_state(store: Store) -> None:
    software = [package("bash"), package("gawk")]
    take(store, document(software))
    take(store, document(software, at="2026-03-09T02:00:00Z"))

    with store.read() as connection:
        kept = list_documents(connection)
        states = connection.execute(select(func.count()).where(blobs.c.media == "state")).scalar()
    assert (len(kept), states, kept[0].state) == (2, 1, kept[1].state)
    machine = machine_of(store)
    assert {(str(i.first_seen_on), str(i.last_seen_on)) for i in machine.installations} == {
        ("2026-03-01", "2026-03-09")
    }
    assert {str(scope.scanned_on) for scope in machine.scopes} == {"2026-03-09"}


def test_installs_removals_and_upgrades_are_one_line_each(store: Store) -> None:
    base = [package(f"lib{n}") for n in range(8)]
    take(store, document([*base, package("gawk", "5.1"), package("nano")]))
    own_day = package("curl", installed_on="2026-03-05")
    take(store, document([*base, package("gawk", "5.2"), own_day, package("vim")], at="2026-03-09T02:00:00Z"))

    assert lines(store) == [
        ("installed", "curl", "None", "2026-03-05"),
        ("removed", "nano", "2026-03-01", "2026-03-09"),
        ("upgraded", "gawk", "2026-03-01", "2026-03-09"),
        ("installed", "vim", "2026-03-01", "2026-03-09"),
    ]


def test_a_late_document_changes_history_and_not_the_present(store: Store) -> None:
    base = [package(f"lib{n}") for n in range(8)]
    take(store, document(base, at="2026-03-01T02:00:00Z"))
    take(store, document([*base, package("vim")], at="2026-03-20T02:00:00Z"))
    late = take(store, document([*base, package("nano")], at="2026-03-10T02:00:00Z"))

    assert late.status == "history"
    assert "nano 1.0" not in names(store, machine_of(store))
    assert "vim 1.0" in names(store, machine_of(store))
    assert "nano 1.0" in names(store, machine_of(store, date(2026, 3, 15)))
    assert "vim 1.0" not in names(store, machine_of(store, date(2026, 3, 15)))
    assert "nano 1.0" not in names(store, machine_of(store, date(2026, 3, 9)))
    assert lines(store) == [
        ("installed", "nano", "2026-03-01", "2026-03-10"),
        ("installed", "vim", "2026-03-01", "2026-03-20"),
        ("removed", "nano", "2026-03-10", "2026-03-20"),
    ]


def test_a_document_older_than_the_first_opens_no_account(store: Store) -> None:
    take(store, document([package("bash")], at="2026-03-10T02:00:00Z"))
    assert take(store, document([package("gawk")], at="2026-03-01T02:00:00Z")).status == "history"

    assert lines(store) == []
    assert "gawk 1.0" in names(store, machine_of(store, date(2026, 3, 5)))
    assert "bash 1.0" in names(store, machine_of(store))


def test_a_large_loss_waits_for_a_second_scan(store: Store) -> None:
    take(store, document([package(f"lib{n}") for n in range(10)]))
    few = [package("lib0")]
    held = take(store, document(few, at="2026-03-02T02:00:00Z"))
    assert (held.status, len(machine_of(store).installations)) == ("held", 11)
    assert lines(store) == []

    confirmed = take(store, document(few, at="2026-03-03T02:00:00Z"))
    assert (confirmed.status, len(machine_of(store).installations)) == ("kept", 2)
    assert {line[:1] + line[2:] for line in lines(store)} == {("removed", "2026-03-01", "2026-03-02")}
    assert len(lines(store)) == 9


def test_a_machine_installed_anew_loses_at_once(store: Store) -> None:
    take(store, document([package(f"lib{n}") for n in range(10)]))
    anew = take(store, document([package("lib0")], at="2026-03-02T02:00:00Z", system=debian("f" * 31 + "0")))
    assert (anew.status, len(machine_of(store).installations)) == ("kept", 2)


def test_one_board_with_two_systems_is_one_machine_and_both_are_counted(store: Store) -> None:
    uuid = "4c4c4544-0033-3510-8052-b4c04f564433"
    windows = OperatingSystem("windows", "Windows 10 Pro", "10.0.19045", "Professional", installation_id="8d3e-11")
    hklm = [package("WPS Office", "11.1", scope="uninstall_keys:HKLM64")]
    run = [ScopeRun("uninstall_keys", "uninstall_keys:HKLM64", Outcome.COMPLETE)]
    first = take(store, document(hklm, coverage=run, system=windows, uuid=uuid, name="pc-1"))
    second = take(store, document([package("wps-office")], at="2026-03-02T02:00:00Z", uuid=uuid, name="uos-1"))

    assert first.machine == second.machine
    assert names(store, machine_of(store)) == [
        "Debian GNU/Linux 12 12",
        "WPS Office 11.1",
        "Windows 10 Pro 10.0.19045",
        "wps-office 1.0",
    ]


def test_what_came_by_file_removes_nothing_that_an_agent_saw(store: Store) -> None:
    software = [package("bash"), package("gawk"), package("nano")]
    take(store, document(software), origin="agent", agent="a1")
    take(store, document(software[:1], at="2026-03-02T02:00:00Z"))
    assert len(machine_of(store).installations) == 4

    take(store, document(software[:1], at="2026-03-03T02:00:00Z"), origin="agent", agent="a1")
    assert len(machine_of(store).installations) == 2


def test_a_clock_that_runs_ahead_is_noted_and_bounded(store: Store) -> None:
    take(store, document([package("bash")], at="2031-01-01T00:00:00Z"))
    with store.read() as connection:
        (kept,) = list_documents(connection)
        (machine,) = list_machines(connection)
    assert kept.collected_at == "2026-06-01T00:00:00Z" == machine.last_collected_at
    assert kept.ahead_seconds == int((datetime(2031, 1, 1, tzinfo=UTC) - NOW).total_seconds())


def test_a_day_is_a_day_in_the_time_zone_of_the_setting(store: Store) -> None:
    take(store, document([package("bash")], at="2026-03-01T17:00:00Z"))
    assert machine_of(store).last_scan_on == date(2026, 3, 2)
    with store.read() as connection:
        assert load_machines(connection, date(2026, 3, 1)) == []


def test_product_keys_are_cut_wherever_they_stand(store: Store) -> None:
    key = "AAAAA-BBBBB-CCCCC-DDDDD-EEE12"
    title = package(f"Office {key}", identifier=f"x{key}", publisher=key.lower().replace("-", "\u2010"))
    data = document([dataclasses.replace(title, location=f"C:\\keys\n{key}\\x")], asset_tag=key)
    assert data.count(b"BBBBB") == 4
    receipt = take(store, data)

    with store.read() as connection:
        kept = document_content(connection, receipt.document)
        words = "".join(connection.execute(select(titles.c.words)).scalars()).encode()
    for held in (kept, words):
        assert b"BBBBB" not in held
        assert b"bbbbb" not in held
    assert (kept.count(b"EEE12"), kept.count(b"eee12")) == (4, 1)
    assert json.loads(kept)["software"][0]["location"] == "C:\\keys\nXXXXX-XXXXX-XXXXX-XXXXX-EEE12\\x"
    assert take(store, data).document == receipt.document


def test_odd_signs_are_kept_as_written_and_shown_safely(store: Store) -> None:
    data = document([package("A\x00B\x1b\tC\\u0000")]).replace(
        b'"version":"1.0"', b'"version":"1\\ud800.\\ud83d\\ude00"'
    )
    receipt = take(store, data)

    with store.read() as connection:
        kept = json.loads(document_content(connection, receipt.document))
    assert kept["software"][0]["name"] == "A\x00B\x1b\tC\\u0000"
    assert "A\ufffdB\ufffd C\\u0000 1\ufffd.\U0001f600" in names(store, machine_of(store))


def test_nothing_is_written_when_the_transaction_fails(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/zhengban.db")
    with store.begin() as connection:
        fail = "CREATE TRIGGER full BEFORE INSERT ON machine_evidence BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        connection.exec_driver_sql(fail)
    with pytest.raises(sqlite3.DatabaseError, match="disk full"):
        take(store, document([package("bash")]))
    with store.read() as connection:
        for table in (blobs, journal, titles):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0

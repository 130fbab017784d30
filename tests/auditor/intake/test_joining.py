"""Two seen machines that are one: joined by hand, counted once, their documents together; and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from inventories import debian, document, package
from typer.testing import CliRunner

from auditor.cli import build_app
from auditor.core.days import utc_text
from auditor.errors import AuditorError
from auditor.intake.joining import join, part
from auditor.intake.receipt import Receipt
from auditor.intake.receiving import receive
from auditor.store.database import Store, open_store
from auditor.store.inventories import list_documents
from auditor.store.machines import load_machines
from auditor.store.trail import list_trail

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url)


def scan(store: Store, which: str, hour: int, *names: str) -> Receipt:
    told = document(
        [package(name) for name in names],
        at=utc_text(NOW + timedelta(hours=hour)),
        serial=f"SN-{which}-1",
        name=f"pc-{which}",
        system=debian(which * 16),
    )
    return receive(store, told, origin="agent", agent=f"agent-{which}", now=NOW + timedelta(hours=hour))


def counted(store: Store) -> list[int]:
    with store.read() as connection:
        return [machine.id for machine in load_machines(connection) if machine.id is not None]


def test_later_scans_of_a_joined_machine_are_the_others(store: Store) -> None:
    one, other = scan(store, "ab", 1, "bash").machine, scan(store, "cd", 1, "gawk").machine
    join(store, one, other, now=NOW)
    assert counted(store) == [other]
    assert scan(store, "ab", 2, "bash", "gawk").machine == other
    assert scan(store, "ab", 3, "bash", "gawk").machine == other  # nothing changed: told by its outline
    with store.read() as connection:
        row = [row for row in list_documents(connection) if row.machine == other][1]
        assert "was joined into it by hand" in row.identified_by

    part(store, one, now=NOW)
    assert counted(store) == [one, other]
    with store.read() as connection:
        acts = [entry.act for entry in list_trail(connection)]
    assert acts == ["machine.joined", "machine.parted"]


def test_what_cannot_be_joined_is_refused_and_said(store: Store) -> None:
    one, other, third = (scan(store, name, 1, "bash").machine for name in ("ab", "cd", "ef"))
    join(store, one, other, now=NOW)
    for number, into in ((one, third), (other, one), (other, other), (one, 99), (10**12, one)):
        with pytest.raises(AuditorError, match="machine "):
            join(store, number, into, now=NOW)
    for number in (other, 99):
        with pytest.raises(AuditorError, match="machine "):
            part(store, number, now=NOW)
    join(store, other, third, now=NOW)  # step by step
    assert scan(store, "ab", 2, "bash", "nano").machine == third
    assert counted(store) == [third]


def test_the_commands_do_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/z.db"
    store = open_store(url)
    one, other = scan(store, "ab", 1, "bash").machine, scan(store, "cd", 1, "gawk").machine

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(build_app(), ["--database", url, "machines", *words])
        return done.exit_code, done.output

    assert run("join", str(one), str(other))[0] == 0
    code, told = run("seen", "--format", "json")
    assert code == 0 and '"merged_into"' in told and "SN-AB-1" in told.upper()
    assert counted(store) == [other]
    assert run("part", str(one))[0] == 0
    assert counted(store) == [one, other]
    assert run("part", str(one))[0] != 0

"""Machines of a day: registered, seen, or both; and quickly found among many."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from inventories import document, package

from agent.inventory.host import OperatingSystem
from auditor.core.identity import AGREES, ENOUGH, STRONG, Clue, evidence_of
from auditor.core.model import MachineClass, MachineState, PersonId, RegisteredMachine, UnitCode
from auditor.intake.receiving import receive
from auditor.store.database import Store, open_store
from auditor.store.dated_rows import MACHINES, apply
from auditor.store.machine_register import machine_row
from auditor.store.machines import find_candidates, load_machines

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HQ, FIN = UnitCode("hq"), UnitCode("fin")


@pytest.fixture
def store(empty_store: Store) -> Store:
    return empty_store


def register(store: Store, on: date, *machines: RegisteredMachine) -> None:
    with store.begin() as connection:
        rows = [machine_row(machine) for machine in machines]
        apply(connection, MACHINES, rows, on, now="2026-06-01T00:00:00Z", file_name="f", file_digest="d")


def test_register_and_sight_are_joined_and_the_rest_stands_alone(store: Store) -> None:
    receive(store, document([package("bash")], manufacturer="LENOVO", model="20XX", chassis="portable"), now=NOW)
    other = document([], serial="", name="lab-1", mac_addresses=("3c:52:82:44:55:66",), virtual=True)
    receive(store, other, now=NOW, unit="lab")
    register(
        store,
        date(2026, 1, 1),
        RegisteredMachine("PC-001", HQ, PersonId("p1"), serial="pf3abcde", machine_class=MachineClass.DESKTOP),
        RegisteredMachine("PC-002", FIN, brand="联想", state=MachineState.CLASSIFIED, serial="PF3NEVER"),
    )

    with store.read() as connection:
        machines = {machine.key: machine for machine in load_machines(connection)}
    assert list(machines) == ["m00000001", "m00000002", "rPC-002"]
    joined, seen, registered = machines.values()
    assert (joined.code, joined.unit, joined.person, joined.machine_class) == ("PC-001", HQ, "p1", MachineClass.DESKTOP)
    assert (joined.brand, joined.serial, len(joined.installations)) == ("LENOVO 20XX", "pf3abcde", 2)
    assert (seen.code, seen.unit, seen.machine_class) == (None, "lab", MachineClass.VIRTUAL)
    assert (registered.id, registered.unit, registered.brand) == (None, FIN, "联想")
    assert (registered.state, registered.installations, registered.last_scan_on) == (MachineState.CLASSIFIED, (), None)


def test_a_past_day_uses_the_register_and_the_state_of_that_day(store: Store) -> None:
    receive(store, document([package("bash")], at="2026-03-01T02:00:00Z"), now=NOW)
    receive(store, document([package("bash"), package("vim")], at="2026-04-10T02:00:00Z"), now=NOW)
    row = RegisteredMachine("PC-001", HQ, serial="PF3ABCDE")
    register(store, date(2026, 3, 15), row)
    register(store, date(2026, 4, 1), RegisteredMachine("PC-001", FIN, serial="PF3ABCDE"))

    told = {}
    with store.read() as connection:
        for day in ("2026-02-28", "2026-03-01", "2026-03-20", "2026-04-05", "2026-04-10"):
            machines = load_machines(connection, date.fromisoformat(day))
            told[day] = [(m.code, m.unit, len(m.installations), str(m.last_scan_on)) for m in machines]
    assert told == {
        "2026-02-28": [],
        "2026-03-01": [(None, None, 2, "2026-03-01")],
        "2026-03-20": [("PC-001", "hq", 2, "2026-03-01")],
        "2026-04-05": [("PC-001", "fin", 2, "2026-03-01")],
        "2026-04-10": [("PC-001", "fin", 3, "2026-04-10")],
    }


def test_two_pcs_with_a_placeholder_for_a_serial_stay_two(store: Store) -> None:
    for number in (1, 2):
        mac = (f"3c:52:82:11:22:0{number}",)
        system = OperatingSystem("windows", "Windows 10 Pro", installation_id=f"8d3e-{number}{number}")
        data = document([package("x")], serial="Default string", name=f"pc-{number}", mac_addresses=mac, system=system)
        receive(store, data, now=NOW)
    with store.read() as connection:
        assert len(load_machines(connection)) == 2


def test_candidates_are_looked_up_by_the_index(tmp_path: Path) -> None:
    """As SQLite tells; the index is the same on both engines."""
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    evidence = evidence_of(agent="a-1", serial="PF3ABCDE", macs=("3c:52:82:11:22:33",), host_name="hq-015")
    with store.read() as connection:
        asked: list[str] = []
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(asked.append)
        find_candidates(connection, evidence)
        driver.set_trace_callback(None)
        plan = [str(row[3]) for text in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert len(asked) == len(evidence.of(Clue.MAC)) + 2
    assert not [text for text in asked if "hq-015" in text]
    assert not [step for step in plan if step.startswith("SCAN")]
    assert [step for step in plan if "ix_machine_evidence_kind_value" in step]


def test_what_is_not_looked_up_could_not_decide() -> None:
    weak = [clue for clue in Clue if clue not in STRONG]
    assert sum(AGREES[clue] for clue in weak) < ENOUGH

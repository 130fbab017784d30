"""The example unit: its files read without a fault, and the committed ledger is what its script writes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from made_once import shipped
from make_example_ledger import LEDGER, write_ledger

from auditor.core.entitlement import SoftwareType
from auditor.core.model import MachineState, PersonId, UnitCode
from auditor.intake.registers import free_list, licence_fields, licences, machines, people, units
from auditor.intake.registers.reading import Reading, read_register
from auditor.intake.tables import read_tables
from rules.ledger_names import LedgerNames

DATA = LEDGER.parent
CAPTURES = Path(__file__).resolve().parents[2] / "captures"
FIELDS = {
    "units.csv": units.FIELDS,
    "people.csv": people.FIELDS,
    "machines.csv": machines.FIELDS,
    "licences.xlsx": licence_fields.FIELDS,
    "free-software.csv": free_list.FIELDS,
}


def reading_of(name: str) -> Reading:
    return read_register(read_tables((DATA / name).read_bytes(), name), FIELDS[name], name)


def unit_codes() -> set[UnitCode]:
    return {unit.code for _, unit in units.units_from(reading_of("units.csv"), ())}


def test_the_ledger_is_what_its_script_writes(tmp_path: Path) -> None:
    write_ledger(tmp_path / "licences.xlsx")
    assert (tmp_path / "licences.xlsx").read_bytes() == LEDGER.read_bytes()


@pytest.mark.parametrize("name", FIELDS)
def test_every_cell_reads(name: str) -> None:
    reading = reading_of(name)
    assert reading.rows
    assert reading.faults == []


def test_people_and_machines_belong_to_units_that_exist() -> None:
    reading = reading_of("people.csv")
    staff = {person.id for _, person in people.people_from(reading, unit_codes())}
    assert reading.faults == []
    reading = reading_of("machines.csv")
    found = [machine for _, machine in machines.machines_from(reading, unit_codes(), staff)]
    assert reading.faults == []
    states = Counter(machine.state for machine in found)
    assert states[MachineState.SCRAPPED] == states[MachineState.CLASSIFIED] == 1
    assert PersonId("1001") in staff


def test_headcounts_are_the_people() -> None:
    counts = Counter(row.values["unit"].split("-")[0] for row in reading_of("people.csv").rows)
    told = {row.values["code"]: row.values["headcount"] for row in reading_of("units.csv").rows}
    assert {code: told[code] for code in counts} == dict(counts)


def test_the_catalogue_knows_every_right_but_the_one_that_is_there_to_be_unknown() -> None:
    catalogue = shipped()
    reading = reading_of("licences.xlsx")
    ledger = licences.Ledger(unit_codes(), catalogue, LedgerNames(catalogue))
    rights = [entry.right for entry in licences.licences_from(reading, ledger)]
    assert reading.faults == []
    assert [right.code for right in rights if right.product is None] == ["JT-S-013"]
    assert {right.software_type for right in rights} == set(SoftwareType)
    assert {right.metric for right in rights} >= {"per_device", "per_user", "oem"}
    downgrade = next(right for right in rights if right.code == "JT-S-001")
    assert [(entry.line, entry.basis is not None) for entry in downgrade.allowed] == [("2016", False), ("2010", True)]


def test_every_bound_serial_is_on_the_register() -> None:
    registered = {row.values.get("serial") for row in reading_of("machines.csv").rows}
    bound = [serial for row in reading_of("licences.xlsx").rows for serial in row.values.get("bound_serials", ())]
    assert bound and set(bound) <= registered


def test_the_recorded_machines_with_a_serial_are_on_the_register() -> None:
    """The register was written from the captures: each serial stands somewhere in the capture it belongs to."""
    registered = {row.values["serial"] for row in reading_of("machines.csv").rows}
    never_recorded = {"PF3D0459", "4J1X0377", "PF3D0460"}
    texts = "".join(
        path.read_bytes().decode("utf-8", "replace").replace("\0", "")
        for path in sorted(CAPTURES.rglob("*"))
        if path.is_file() and (path.name == "product_serial" or path.parent.name == "commands")
    )
    assert {serial for serial in registered if serial not in texts} == never_recorded


def test_free_rows_have_units() -> None:
    reading = reading_of("free-software.csv")
    catalogue = shipped()
    lines = [line for _, line in free_list.free_list_from(reading, unit_codes(), LedgerNames(catalogue), None)]
    assert reading.faults == []
    assert [line.name for line in lines if line.product is None] == []
    assert json.dumps([line.code for line in lines if line.basis is None]) == '["SJ-M-003"]'

"""The queue for recognition over whole recorded machines: what waits there is the unit's own software, once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_once import new_store, shipped
from recorded_machine import CAPTURES, recorded_machine, scan_with

from agent.collectors.roster import collectors_for
from agent.inventory.document import encode
from auditor.intake.receiving import receive
from auditor.readmodels.titles import title_rows
from auditor.store.database import Store

LATER = datetime(2026, 6, 1, tzinfo=UTC)
OUR_OWN = {"物资条码打印": 2, "仓库出入库登记 V1.0.6": 1, "物资盘点": 1}
"""Programs that the made machines hold and no catalogue can know, with the number of machines."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "a.db")
    for folder in sorted(origin.parent for origin in CAPTURES.glob("*/ORIGIN.md")):
        machine = recorded_machine(folder.name)
        receive(opened, encode(scan_with(machine, *collectors_for(machine.family))), now=LATER)
    yield opened
    opened.close()


@pytest.mark.slow
def test_only_the_units_own_programs_wait_and_each_once(store: Store) -> None:
    catalogue = shipped()
    with store.read() as connection:
        queue = title_rows(connection, catalogue, unknown=True)
        every = title_rows(connection, catalogue, unknown=False)

    assert {row["name"]: row["machines"] for row in queue} == OUR_OWN
    assert len(queue) == len(OUR_OWN)
    assert [row["name"] for row in every].count("物资条码打印 V2.3") == 2
    assert len(every) > 300

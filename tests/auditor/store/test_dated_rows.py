"""Registers: rows as of a day, batches, and taking them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from auditor.core.entitlement import AllowedVersion, Entitlement, FreeSoftware, SoftwareType
from auditor.core.model import (
    MachineClass,
    MachineState,
    Person,
    PersonId,
    ProductId,
    RegisteredMachine,
    SoftwareCode,
    Unit,
    UnitCode,
    UnitKind,
)
from auditor.errors import AuditorError
from auditor.store.batches import Batch, list_batches
from auditor.store.database import Store, open_store
from auditor.store.dated_rows import FREE_LIST, LICENCES, MACHINES, PEOPLE, REGISTERS, UNITS, apply, preview, take_back
from auditor.store.entitlements import entitlement_row, list_entitlements, unsealed_serials
from auditor.store.free_list import free_software_row, list_free_software
from auditor.store.machine_register import list_registered_machines, machine_row
from auditor.store.people import list_people, person_row
from auditor.store.tables import metadata, people, row_endings
from auditor.store.units import list_units, unit_row

NOW = "2026-06-01T00:00:00Z"
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def connection(empty_store: Store) -> Iterator[Connection]:
    with empty_store.begin() as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which nothing is ever committed."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('shared')}/a.db")
    yield store
    store.close()


def person(number: int, name: str = "张三", unit: str = "hq") -> dict[str, str]:
    return person_row(Person(PersonId(f"p{number}"), name, UnitCode(unit)))


def put(connection: Connection, rows: list[dict[str, Any]], on: date, *, end_missing: bool = False) -> Batch:
    return apply(
        connection, PEOPLE, rows, on, now=NOW, file_name="people.xlsx", file_digest="d", end_missing=end_missing
    )


def told(connection: Connection, on: date | None) -> list[str]:
    return [f"{p.id} {p.name} {p.unit}" for p in list_people(connection, on)]


def test_a_batch_ends_what_it_changes_the_day_before(connection: Connection) -> None:
    put(connection, [person(1), person(2)], MARCH)
    batch = put(connection, [person(1, unit="fin"), person(3)], APRIL)

    assert told(connection, MARCH - timedelta(days=1)) == []
    assert told(connection, APRIL - timedelta(days=1)) == ["p1 张三 hq", "p2 张三 hq"]
    assert told(connection, APRIL) == told(connection, None) == ["p1 张三 fin", "p2 张三 hq", "p3 张三 hq"]
    assert batch.counts == {"new": 1, "changed": 1, "unchanged": 0, "missing": 1, "ended": 0}


def test_a_preview_says_what_applying_does_and_changes_nothing(connection: Connection) -> None:
    put(connection, [person(1), person(2), person(3)], MARCH)
    before = list(connection.execute(select(people)))
    shown = preview(connection, PEOPLE, [person(1, "李四"), person(2), person(4)], APRIL)

    assert [row["id"] for row in shown.new] == ["p4"]
    assert [(c.key, c.columns, c.before["name"], c.after["name"]) for c in shown.changed] == [
        (("p1",), ("name",), "张三", "李四")
    ]
    assert [row["id"] for row in shown.unchanged] == ["p2"]
    assert [row["id"] for row in shown.missing] == ["p3"]
    assert list(connection.execute(select(people))) == before


def test_missing_rows_end_only_when_asked(connection: Connection) -> None:
    put(connection, [person(1), person(2)], MARCH)
    put(connection, [person(1)], APRIL, end_missing=True)
    assert told(connection, APRIL) == ["p1 张三 hq"]
    assert told(connection, MARCH) == ["p1 张三 hq", "p2 张三 hq"]


def test_a_batch_dated_back_leaves_later_days_alone(connection: Connection) -> None:
    put(connection, [person(1, unit="hq")], MARCH)
    put(connection, [person(1, unit="fin"), person(2)], MAY)
    put(connection, [person(1, unit="it"), person(2, "早")], APRIL)

    assert told(connection, MARCH) == ["p1 张三 hq"]
    assert told(connection, APRIL) == ["p1 张三 it", "p2 早 hq"]
    assert told(connection, MAY) == ["p1 张三 fin", "p2 张三 hq"]


def test_two_batches_of_one_day_leave_the_last_word(connection: Connection) -> None:
    put(connection, [person(1, unit="hq")], MARCH)
    second = put(connection, [person(1, unit="fin")], MARCH)
    assert told(connection, MARCH) == ["p1 张三 fin"]
    take_back(connection, second.id, now=NOW)
    assert told(connection, MARCH) == ["p1 张三 hq"]


def test_only_what_nothing_later_touched_is_taken_back(connection: Connection) -> None:
    first = put(connection, [person(1), person(2)], MARCH)
    second = put(connection, [person(3)], APRIL)
    third = put(connection, [person(1, unit="fin")], MAY)

    zh = f'batch {first.id}: 其后的批次 {third.id} 改动了 "p1"，应先撤回该批次'
    with pytest.raises(AuditorError, match=f'^{zh} / batch {third.id} changed "p1" after it; take that back first$'):
        take_back(connection, first.id, now=NOW)
    take_back(connection, second.id, now=NOW)
    with pytest.raises(AuditorError, match=f"^batch {second.id}: 已于 {NOW} 撤回 / was taken back at {NOW}$"):
        take_back(connection, second.id, now=NOW)
    take_back(connection, third.id, now=NOW)
    take_back(connection, first.id, now=NOW)
    assert told(connection, None) == []
    assert [batch.taken_back_at for batch in list_batches(connection)] == [NOW, NOW, NOW]
    with pytest.raises(AuditorError, match=r"^batch 77: 没有这个已导入的批次 / expected a batch that was applied$"):
        take_back(connection, 77, now=NOW)


def test_a_row_twice_or_a_strange_column_is_an_error(connection: Connection) -> None:
    with pytest.raises(AuditorError, match=r'^people: "p1": 应只有一行，实有两行 / expected one row, got two$'):
        preview(connection, PEOPLE, [person(1), person(1, "李四")], MARCH)
    with pytest.raises(AuditorError, match=r"^people: age: 应为 id, name, unit 之一 / expected one of id, name, unit$"):
        preview(connection, PEOPLE, [person(1) | {"age": "7"}], MARCH)


Batches = list[tuple[dict[int, str], int, bool]]
BATCHES: st.SearchStrategy[Batches] = st.lists(
    st.tuples(
        st.dictionaries(st.integers(1, 5), st.sampled_from(["hq", "fin", "it"]), max_size=5),
        st.integers(0, 12),
        st.booleans(),
    ),
    max_size=6,
)


@given(BATCHES, st.tuples(st.dictionaries(st.integers(1, 6), st.sampled_from(["hq", "x"])), st.integers(0, 12)))
@settings(max_examples=60, deadline=None)
def test_taking_back_restores_every_row_exactly(
    shared_store: Store, before: Batches, last: tuple[dict[int, str], int]
) -> None:
    days = [MARCH + timedelta(n) for n in range(-1, 14)]
    with shared_store.engine.connect() as connection, connection.begin() as transaction:
        history = []
        for rows, day, end_missing in [*before, (*last, True)]:
            history.append((_snapshot(connection), [told(connection, on) for on in days]))
            on = MARCH + timedelta(days=day)
            batch = put(connection, [person(n, unit=u) for n, u in rows.items()], on, end_missing=end_missing)
            assert {f"p{n} 张三 {u}" for n, u in rows.items()} <= set(told(connection, on))
            for one in days:
                ids = [person.id for person in list_people(connection, one)]
                assert len(ids) == len(set(ids))
        for number in range(batch.id, 0, -1):
            take_back(connection, number, now=NOW)
            rows_before, days_before = history[number - 1]
            assert _snapshot(connection) == rows_before
            assert [told(connection, on) for on in days] == days_before
        transaction.rollback()


def _snapshot(connection: Connection) -> list[tuple[Any, ...]]:
    rows = [tuple(row) for row in connection.execute(select(people).order_by(people.c.row))]
    return rows + [tuple(row) for row in connection.execute(select(row_endings).order_by(row_endings.c.row))]


def test_every_register_names_columns_of_its_table() -> None:
    for name, register in REGISTERS.items():
        dated = {"row", "valid_from", "valid_to", "batch", "ended_by"}
        assert register.name == name
        named = {*register.key, *register.compared, *register.carried}
        assert named | dated == set(metadata.tables[register.table.name].columns.keys())


UNIT = Unit(UnitCode("hq"), "总部", None, UnitKind.LEGAL_ENTITY, 120)
MACHINE = RegisteredMachine(
    "PC-001", UnitCode("hq"), PersonId("p1"), "联想 M930", "PF3ABCDE", "3c:52:82:11:22:33", "hq-015",
    MachineClass.DESKTOP, MachineState.IDLE, "三楼", date(2024, 5, 6),
)  # fmt: skip
RIGHT = Entitlement(
    id=0,
    unit=UnitCode("hq"),
    code=SoftwareCode("RJ-001"),
    name="WPS Office 2019 专业版",
    product=ProductId("kingsoft/wps-office"),
    software_type=SoftwareType.COMMERCIAL,
    metric="per_device",
    quantity=100,
    allowed=(AllowedVersion("2016", line="2016", basis="合同第 3 条"),),
    ends_on=date(2027, 12, 31),
    purchased_on=date(2024, 1, 2),
    amount=Decimal("129000.50"),
    bound_serials=("PF3ABCDE",),
    bound_people=(PersonId("p1"),),
    shared=True,
)
FREE = FreeSoftware(UnitCode("hq"), SoftwareCode("MF-01"), "7-Zip", None, "23.01", basis="LGPL")


def test_registers_give_back_what_they_were_given(connection: Connection, tmp_path: Path) -> None:
    sealer = open_store(f"sqlite:///{tmp_path}/sealer.db").sealer
    key = "AAAAA-BBBBB-CCCCC-DDDDD-EEE12"
    right = entitlement_row(RIGHT, line=1, serials=[key, "SN20240001"], sealer=sealer)
    for register, row in (
        (UNITS, unit_row(UNIT)),
        (MACHINES, machine_row(MACHINE)),
        (LICENCES, right),
        (FREE_LIST, free_software_row(FREE)),
    ):
        apply(connection, register, [row], MARCH, now=NOW, file_name="f", file_digest="d")

    assert list_units(connection, MARCH) == [UNIT]
    assert list_registered_machines(connection, MARCH) == [replace(MACHINE, since=MARCH)]
    assert list_free_software(connection, MARCH) == [FREE]
    (kept,) = list_entitlements(connection, MARCH)
    assert kept.serials == ("XXXXX-XXXXX-XXXXX-XXXXX-EEE12", "*******001")
    same = [
        "product",
        "allowed",
        "amount",
        "ends_on",
        "purchased_on",
        "bound_serials",
        "bound_people",
        "shared",
        "quantity",
    ]
    assert [getattr(kept, name) for name in same] == [getattr(RIGHT, name) for name in same]
    assert unsealed_serials(connection, kept.id, sealer) == (key, "SN20240001")
    assert "BBBBB" not in str(right["facts"])

    again = entitlement_row(RIGHT, line=1, serials=[key, "SN20240001"], sealer=sealer)
    assert preview(connection, LICENCES, [again], APRIL).counts["unchanged"] == 1
    other = entitlement_row(RIGHT, line=1, serials=[key.replace("A", "Z"), "SN20240001"], sealer=sealer)
    assert preview(connection, LICENCES, [other], APRIL).counts["changed"] == 1

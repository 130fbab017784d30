"""划转, 处置, 豁免: what may be done with a right, and what is refused with its reason and the ledger unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registers import DAY, apply, read, small_store

from auditor.core.ledger_acts import DisposalKind
from auditor.core.model import SoftwareCode, UnitCode
from auditor.intake.registers.acts import Movement, overdrawn
from auditor.intake.registers.reading import RegisterFaults
from auditor.store.database import Store
from auditor.store.dated_rows import take_back
from auditor.store.entitlements import list_entitlements
from auditor.store.ledger_acts import (
    RightKey,
    list_disposals,
    list_exemptions,
    list_prices,
    list_transfers,
    registered_transfers,
)

JT, CW, GH = UnitCode("JT"), UnitCode("CW"), UnitCode("GH")
LEDGER = """软件编号,软件名称,软件类型,许可数量,来源类型,可否划转,保留数量,绑定人员工号,截止日期,起始日期,绑定设备序列号
A-1,WPS Office 专业版,商业软件,100,批量许可,,,,,,
A-2,Microsoft Office 2016 专业增强版,商业软件,10,批量许可,否,,,,,
A-3,Windows 10 专业版,OEM软件,2,,,,,,,"PF1、PF2"
A-4,AutoCAD,商业软件,不限,,,,,,,
A-5,WinRAR,商业软件,10,,,GH=4,001,,,
A-6,中望CAD,商业软件,场地,场地授权,,,,,,
A-7,Windows 10 专业版,商业软件,5,国内合法化,,,,,,
A-8,WinRAR,商业软件,5,,,,,2026-03-31,2024-01-01,
"""
HEAD = "划转单号,单位编码,软件编号,数量,转入单位编码,生效日期,转出单位编码,文件编号\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The small store with a ledger of eight rights."""
    with small_store(tmp_path) as opened:
        apply(opened, "licences", LEDGER, unit=JT)
        yield opened


def refused(store: Store, rows: str) -> list[str]:
    """The faults of a table of transfers, in Chinese."""
    with pytest.raises(RegisterFaults) as told:
        read(store, "transfers", HEAD + rows)
    with store.read() as connection:
        assert registered_transfers(connection) == []
    return [f"{fault.place.row} {fault.heading} {fault.what.split(' / ')[0]}" for fault in told.value.faults]


def test_a_transfer_holds_from_its_day_on_and_keeps_the_total(store: Store) -> None:
    """T28: 20 of 100 rights go from A to B on 2025-06-01; both days see the transfer, the core compares the day."""
    apply(store, "transfers", HEAD + "T1,JT,A-1,20,CW,2026-06-01,,划字〔2026〕1号\n")

    with store.read() as connection:
        (right,) = [r for r in list_entitlements(connection, DAY) if r.code == "A-1"]
        (transfer,) = list_transfers(connection, DAY)
    assert (transfer.entitlement, transfer.from_unit, transfer.to_unit, transfer.quantity) == (right.id, "JT", "CW", 20)
    assert (transfer.effective_on, transfer.document) == (date(2026, 6, 1), "划字〔2026〕1号")


def test_a_transfer_goes_on_with_the_right_when_a_later_import_changes_it(store: Store) -> None:
    apply(store, "transfers", HEAD + "T1,JT,A-1,20,CW,2026-02-01,,\n")
    apply(
        store,
        "licences",
        LEDGER.replace("A-1,WPS Office 专业版,商业软件,100", "A-1,WPS Office 专业版,商业软件,120"),
        unit=JT,
    )

    with store.read() as connection:
        (right,) = [r for r in list_entitlements(connection, DAY) if r.code == "A-1"]
        assert [t.entitlement for t in list_transfers(connection, DAY)] == [right.id]
    assert right.quantity == 120


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("T1,JT,A-2,1,CW,2026-06-01,,", "2 软件编号 JT/A-2: 合同约定不得转让，不得划转"),
        ("T1,JT,A-3,1,CW,2026-06-01,,", "2 软件编号 JT/A-3: OEM 授权随机器，不得划转"),
        ("T1,JT,A-4,1,CW,2026-06-01,,", "2 软件编号 JT/A-4: 不限数量的授权不能按数量划转"),
        ("T1,JT,A-6,1,CW,2026-06-01,,", "2 软件编号 JT/A-6: 场地授权随场地，不得划转"),
        ("T1,JT,A-7,1,CW,2026-06-01,,", "2 软件编号 JT/A-7: 国内合法化授权随机器，不得划转"),
        ("T1,JT,A-9,1,CW,2026-06-01,,", "2 软件编号 台账中没有 JT/A-9"),
        ("T1,JT,A-1,101,CW,2026-06-01,,", "2 数量 JT/A-1 在 2026-06-01 由 JT 持有 100（不含保留与绑定），少于 101"),
        ("T1,JT,A-5,6,CW,2026-06-01,,", "2 数量 JT/A-5 在 2026-06-01 由 JT 持有 5（不含保留与绑定），少于 6"),
        ("T1,JT,A-1,1,JT,2026-06-01,,", "2 转入单位编码 转入单位与转出单位相同"),
        ("T1,JT,A-1,1,XX,2026-06-01,,", "2 转入单位编码 单位登记中没有编码“XX”"),
        ("T1,JT,A-1,1,CW,2026-06-01,GH,", "2 数量 JT/A-1 在 2026-06-01 由 GH 持有 0（不含保留与绑定），少于 1"),
        ("T1,JT,A-8,1,CW,2026-04-01,,", "2 生效日期 授权已于 2026-03-31 到期"),
        ("T1,JT,A-8,1,CW,2023-12-31,,", "2 生效日期 早于授权起始 2024-01-01"),
        ("T1,JT,A-1,0,CW,2026-06-01,,", "2 数量 应为大于 0 的整数，实为“0”"),
        ("T1,JT,A-1,-5,CW,2026-06-01,,", "2 数量 应为整数，实为“-5”"),
        ("T1,JT,A-1,1000000000000,CW,2026-06-01,,", "2 数量 应为不超过 1000000000 的整数，实为“1000000000000”"),
    ],
)
def test_what_a_transfer_is_refused_for(store: Store, row: str, told: str) -> None:
    assert refused(store, row + "\n") == [told]


def test_rights_that_were_received_go_on_and_no_more_than_those(store: Store) -> None:
    rows = "T1,JT,A-1,20,CW,2026-06-01,,\nT2,JT,A-1,15,GH,2026-07-01,CW,\nT3,JT,A-1,6,GH,2026-08-01,CW,\n"

    assert refused(store, rows) == ["4 数量 JT/A-1 在 2026-08-01 由 CW 持有 5（不含保留与绑定），少于 6"]
    apply(store, "transfers", HEAD + rows, skip_bad_rows=True)
    with store.read() as connection:
        assert [t.quantity for t in list_transfers(connection, DAY)] == [20, 15]


def test_an_earlier_transfer_cannot_take_what_a_later_one_has_given_away(store: Store) -> None:
    """The whole line of days is looked at, not only the day of the new transfer."""
    apply(store, "transfers", HEAD + "T1,JT,A-1,90,CW,2026-07-01,,\n")
    with pytest.raises(RegisterFaults) as told:
        read(store, "transfers", HEAD + "T2,JT,A-1,20,GH,2026-06-01,,\n")

    assert [fault.heading for fault in told.value.faults] == ["数量"]


def test_a_transfer_is_taken_back_and_changed_as_any_import(store: Store) -> None:
    apply(store, "transfers", HEAD + "T1,JT,A-1,20,CW,2026-06-01,,\n")
    apply(store, "transfers", HEAD + "T1,JT,A-1,100,CW,2026-06-01,,\n")
    with store.begin() as connection:
        assert [t.quantity for t in list_transfers(connection, DAY)] == [100]
        batches = [
            row for row in connection.exec_driver_sql("SELECT id FROM import_batches WHERE register='transfers'")
        ]
        take_back(connection, batches[-1][0], now="2026-06-02T00:00:00Z")
        assert [t.quantity for t in list_transfers(connection, DAY)] == [20]
        take_back(connection, batches[0][0], now="2026-06-02T00:00:00Z")
        assert list_transfers(connection, DAY) == []


def test_disposals_count_against_what_is_held(store: Store) -> None:
    head = "处置单号,单位编码,软件编号,数量,处置方式,处置日期\n"
    apply(store, "transfers", HEAD + "T1,JT,A-1,90,CW,2026-03-01,,\n")
    apply(store, "disposals", head + "C1,JT,A-1,6,捐赠,2026-04-01\nC2,JT,A-3,1,报废,2026-04-01\n")
    with pytest.raises(RegisterFaults) as told:
        read(
            store,
            "disposals",
            head + "C3,JT,A-1,5,转让,2026-05-01\nC4,JT,A-3,1,转让,2026-05-01\nC5,JT,A-1,1,送人,2026-05-01\n",
        )

    assert [(fault.place.row, fault.heading) for fault in told.value.faults] == [
        (2, "数量"),
        (3, "软件编号"),
        (4, "处置方式"),
    ]
    with store.read() as connection:
        assert [(d.kind, d.quantity) for d in list_disposals(connection, DAY)] == [
            (DisposalKind.DONATED, 6),
            (DisposalKind.SCRAPPED, 1),
        ]


def test_an_exemption_has_a_reason_an_approver_and_an_end(store: Store) -> None:
    apply(store, "machines", "计算机编号,部门编码\nPC-1,CW\n")
    head = "豁免单号,豁免理由,批准人,计算机编号,软件名称,单位编码,起始日期,截止日期\n"
    found = apply(
        store, "exemptions", head + "H1,测试机,王敏,PC-1,,,,2026-06-30\nH2,试点,王敏,,WinRAR,CW,2026-04-01,\n"
    )
    with pytest.raises(RegisterFaults) as told:
        read(
            store,
            "exemptions",
            head
            + "H3,,王敏,PC-1,,,,\nH4,x,王敏,,,,,\nH5,x,王敏,PC-9,自研系统,XX,,\n"
            + "H6,x,王敏,PC-1,,,2026-06-01,2026-05-01\n",
        )

    with store.read() as connection:
        assert [(e.machine, e.product) for e in list_exemptions(connection, date(2026, 3, 31))] == [("PC-1", None)]
        assert [e.product for e in list_exemptions(connection, date(2026, 7, 1))] == ["rarlab/winrar"]
    assert [note.place.row for note in found.notes] == [3]
    assert [(fault.place.row, fault.heading) for fault in told.value.faults] == [
        (2, "豁免理由"), (3, "计算机编号"), (4, "计算机编号"), (4, "软件名称"), (4, "单位编码"),
        (5, "截止日期")]  # fmt: skip


def test_price_lines_have_tiers_and_an_unknown_name_is_kept(store: Store) -> None:
    text = "软件名称,单价,起订数量,供应商,截止日期\nWPS Office 专业版,398.00,1,甲,\nWPS Office 专业版,320,100,甲,\n"
    text += "自研系统,10,1,甲,\nWinRAR,99,1,乙,2026-01-31\nWinRAR,120,10,乙,\n"
    found = apply(store, "prices", text)
    again = read(store, "prices", text.replace("320", "310"))

    with store.read() as connection:
        lines = list_prices(connection, DAY)
    assert sorted((line.product, line.from_quantity, str(line.price)) for line in lines) == [
        ("kingsoft/wps-office", 1, "398.00"), ("kingsoft/wps-office", 100, "320.00"),
        ("rarlab/winrar", 10, "120.00")]  # fmt: skip
    assert [name.split(" ")[1] for name in found.unknown_products] == ["自研系统"]
    assert [(note.place.row, note.heading) for note in found.notes] == [(6, "单价")]
    assert {row["code"] for row in again.rows} == {row["code"] for row in found.rows}


MOVES = st.lists(
    st.builds(
        Movement,
        st.just(RightKey(JT, SoftwareCode("A-1"))),
        st.sampled_from([JT, CW, GH]),
        st.sampled_from([JT, CW, GH, None]),
        st.integers(1, 12),
        st.dates(date(2026, 1, 1), date(2026, 1, 5)),
        st.text("abc", min_size=1, max_size=2),
    ),
    max_size=7,
)


@given(rights=st.integers(0, 20), moves=MOVES)
def test_nothing_is_overdrawn_when_every_unit_holds_enough_at_the_end_of_every_day(
    rights: int, moves: list[Movement]
) -> None:
    """Judged by adding up, day by day: what comes in on a day may go out on it."""
    enough = all(
        (rights if unit == JT else 0)
        + sum(move.quantity for move in moves if move.to_unit == unit and move.effective_on <= day)
        - sum(move.quantity for move in moves if move.from_unit == unit and move.effective_on <= day)
        >= 0
        for unit in (JT, CW, GH)
        for day in {move.effective_on for move in moves}
    )

    assert (overdrawn(rights, JT, moves) is None) == enough

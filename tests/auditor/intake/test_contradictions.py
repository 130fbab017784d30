"""Ledgers that contradict themselves: named with the rows; what does not contradict is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from registers import DAY, apply, catalogue, read, rights, small_store

from auditor.core.model import UnitCode
from auditor.intake.ledger_check import contradictions
from auditor.intake.registers.reading import Fault, RegisterFaults
from auditor.store.database import Store
from auditor.store.entitlements import entitlement_row
from auditor.store.tables import entitlements

JT = UnitCode("JT")
HEAD = (
    "软件编号,软件名称,软件类型,许可数量,序列号,来源类型,起始日期,截止日期,采购时间,采购金额,升级自,"
    "保留数量,共享范围,共享单位编码\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with three units and two people."""
    with small_store(tmp_path) as opened:
        yield opened


def told(faults: tuple[Fault, ...]) -> list[str]:
    """Row, heading and the Chinese words."""
    return [f"{fault.place.row} {fault.heading} {fault.what.split(' / ')[0]}" for fault in faults]


def test_contradictions_are_named_with_their_rows_and_the_rest_is_kept(store: Store) -> None:
    text = HEAD + "\n".join(
        (
            "A-1,WinRAR,商业软件,3,SN-0001,零售,,,,,,,,",
            "A-2,AutoCAD,商业软件,1,SN-0001,零售,,,,,,,,",
            "A-3,WinRAR,商业软件,1000000000000,,,,,,,,,,",
            "A-4,WinRAR,商业软件,1,,,2026-02-01,2026-01-01,,,,,,",
            "A-5,WinRAR,商业软件,1,,,,,,-5,,,,",
            "A-6,WinRAR,商业软件,5,,,,,,,,CW=4；GH=2,,",
            "A-7,WinRAR,商业软件,5,,,,,,,,XX=1,指定单位,",
            "A-8,WinRAR,商业软件,5,,,,,,,,,,CW、YY",
            "A-9,Microsoft Office 2016 专业增强版,商业软件,5,,,,,,,Microsoft Office 2013,,,",
        )
    )
    with pytest.raises(RegisterFaults) as refused:
        apply(store, "licences", text, unit=JT)
    assert rights(store) == []
    found = apply(store, "licences", text, unit=JT, skip_bad_rows=True)

    assert told(refused.value.faults) == told(found.faults) == [
        "3 序列号 与 file.csv!2（A-1） 的序列号相同，请核对",
        "4 许可数量 应为不超过 1000000000 的整数，实为“1000000000000”",
        "5 截止日期 2026-01-01 早于起始日期 2026-02-01",
        "6 采购金额（单位：元） 应为0 至 1 万亿元的金额，实为“-5”",
        "7 保留数量 保留合计 6，多于许可数量 5",
        "8 保留数量 单位登记中没有编码“XX”",
        "8 共享范围 共享范围为指定单位，应填写共享单位编码",
        "9 共享单位编码 单位登记中没有编码“YY”",
    ]  # fmt: skip
    assert told(found.notes) == ["10 升级自 台账中没有可升级的基础授权，升级授权不单独覆盖"]
    assert [right.code for right in rights(store)] == ["A-1", "A-9"]


def test_an_upgrade_with_its_base_in_the_file_or_in_the_ledger_is_no_contradiction(store: Store) -> None:
    base = HEAD + "A-1,Microsoft Office 2013 专业增强版,商业软件,5,,,,,,,,,,\n"
    apply(store, "licences", base, unit=JT)
    upgrade = HEAD + "A-2,Microsoft Office 2016 专业增强版,商业软件,5,,,,,,,{},,,\n"

    for written in ("Microsoft Office 2013", "版本线=2013", "编号=A-1", "本机"):
        assert read(store, "licences", upgrade.format(written), unit=JT).notes == ()
    for written in ("版本线=2010", "编号=A-9", "WinRAR"):
        assert len(read(store, "licences", upgrade.format(written), unit=JT).notes) == 1


def test_a_number_that_serves_several_purchases_by_nature_is_only_told(store: Store) -> None:
    text = HEAD + "A-1,WinRAR,商业软件,3,SN-0001,批量许可,,,,,,,,\nA-2,WinRAR,商业软件,1,sn-0001,批量许可,,,,,,,,\n"
    found = apply(store, "licences", text, unit=JT)

    assert told(found.notes) == ["3 序列号 与 file.csv!2（A-1） 的序列号相同，请核对"]
    assert len(rights(store)) == 2


def test_a_number_that_another_right_of_the_ledger_bears_is_a_fault(store: Store) -> None:
    apply(store, "licences", HEAD + "A-1,WinRAR,商业软件,3,SN-0001,,,,,,,,,\n", unit=JT)
    with pytest.raises(RegisterFaults) as refused:
        read(store, "licences", HEAD + "A-2,WinRAR,商业软件,3,SN-0001,,,,,,,,,\n", unit=JT)

    assert told(refused.value.faults) == ["2 序列号 与 JT/A-1 的序列号相同，请核对"]
    assert "SN-0001" not in refused.value.faults[0].what


def test_the_standing_ledger_is_looked_over(store: Store) -> None:
    """What an older release let in, or a later change made wrong, is named by right."""
    rows = "A-1,WinRAR,商业软件,10,SN-1,,,,,,,,,\nA-2,AutoCAD,商业软件,1,SN-2,,,,,,,,,\n"
    apply(store, "licences", HEAD + rows, unit=JT)
    head = "划转单号,单位编码,软件编号,数量,转入单位编码,生效日期\n"
    apply(store, "transfers", head + "T1,JT,A-1,8,CW,2026-06-01\n")
    with store.read() as connection:
        assert contradictions(connection, DAY, catalogue=catalogue(), sealer=store.sealer) == []

    apply(store, "licences", HEAD + "A-1,WinRAR,商业软件,5,SN-1,,,,,,,,,\n", unit=JT)
    second = next(right for right in rights(store) if right.code == "A-2")
    with store.begin() as connection:
        same = entitlement_row(second, line=1, serials=["SN-1"], sealer=store.sealer)
        connection.execute(
            entitlements.update()
            .where(entitlements.c.code == "A-2")
            .values(facts=same["facts"], sealed_serials=same["sealed_serials"])
        )
        found = contradictions(connection, DAY, catalogue=catalogue(), sealer=store.sealer)

    assert [(one.where, one.heading, one.what.split(" / ")[0]) for one in found] == [
        ("JT/A-1", "数量", "T1 在 2026-06-01 自 JT 划出 8，多于当日持有"),
        ("JT/A-2", "序列号", "与 JT/A-1!1（A-1） 的序列号相同，请核对"),
    ]
